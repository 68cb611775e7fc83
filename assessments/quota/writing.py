"""A policy written back as a file: what was left to the defaults stays left out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from assessments.quota.packs import Pack, settings_to_json
from assessments.quota.rulebook import rule_to_json
from assessments.quota.rules import Rule

#: Keys of a rule that stand above its tables, in the order of the shipped files.
_HEAD = (
    *("key", "title", "clause", "phrase", "basis", "force", "measure", "having", "unit"),
    *("subjects", "period", "bound", "target", "tightens"),
)
_TABLES = ("records", "joining", "day", "complete", "due", "window", "part", "persons", "applies")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
#: Keys whose text is a date; everywhere else such a text is only a text.
_DATES = frozenset({"from", "until", "first", "last", "issued", "effective_from"})


def pack_to_toml(pack: Pack) -> str:
    """The file of a pack: ``load_pack`` of it gives an equal pack, with an equal checksum."""
    head = {
        "key": pack.key,
        "place": pack.place,
        "title": pack.title,
        "source": pack.source,
        "issued": _day(pack.issued, "none"),
        "status": pack.status.value,
        "legal_basis": list(pack.legal_basis),
        "effective_from": pack.effective_from.isoformat(),
    }
    settings = {
        key: "none" if value is None else value
        for key, value in settings_to_json(pack.settings).items()
    }
    blocks = [_table("[pack]", head), _table("[settings]", settings)]
    blocks += [block for rule in pack.rules for block in _rule(rule, pack)]
    return "\n\n".join(blocks) + "\n"


def _rule(rule: Rule, pack: Pack) -> Iterator[str]:
    words = _without_defaults(rule, pack)
    yield _table("[[rule]]", {key: words[key] for key in _HEAD if key in words})
    for name in _TABLES:
        table = dict(words.get(name, {}))
        rows = table.pop("phases") if table.get("phases") else []  # an empty list is a key
        if table:
            yield _table(f"[rule.{name}]", table)
        for row in rows:
            yield _table(f"[[rule.{name}.phases]]", row)


def _without_defaults(rule: Rule, pack: Pack) -> dict[str, Any]:
    """The rule's words without those that the defaults give back when it is read."""
    words = rule_to_json(rule)
    for dotted in words.pop("inherited"):
        name, _, key = dotted.partition(".")
        if not _is_lost(rule, dotted, pack):
            words[name].pop(key)
    return words


def _is_lost(rule: Rule, dotted: str, pack: Pack) -> bool:
    """Would ``pack`` now stand for something else than when the rule was read?"""
    if dotted == "applies.from":
        return rule.applies.start != pack.effective_from
    if dotted == "records.state" and rule.records and rule.records.unit != "filing":
        return rule.records.state != pack.settings.counting_state
    return False


def _table(header: str, values: Mapping[str, Any]) -> str:
    return "\n".join([header, *(f"{key} = {_value(key, value)}" for key, value in values.items())])


def _value(key: str, value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_value('', each) for each in value)}]"
    if key in _DATES and isinstance(value, str) and _DAY.fullmatch(value):
        return value
    return json.dumps(value, ensure_ascii=False)  # of texts, numbers and switches it is TOML


def _day(day: date | None, otherwise: str) -> str:
    return day.isoformat() if day else otherwise
