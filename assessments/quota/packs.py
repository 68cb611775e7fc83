"""A policy as a file: loading it strictly, and a rule as JSON for the database.

No switch has a default. The word ``pack`` takes over what the pack itself states
(counting state, first day in force); ``["any"]``, ``any`` and ``open`` say that
nothing is asked.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from dataclasses import asdict, dataclass, fields
from datetime import date
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Any

from assessments.quota.reading import PackError, Source, Table
from assessments.quota.rules import (
    CATEGORIES,
    FILINGS,
    LADDER,
    MATTERS,
    MODES,
    PURPOSES,
    UNITS,
    VILLAGE_KINDS,
    Applies,
    Basis,
    Bound,
    Filter,
    Force,
    Having,
    Join,
    Joining,
    Measure,
    Part,
    PartMode,
    Rule,
    SameDay,
    Subject,
    contradictions,
    needed_tables,
)
from lawadvisor.foundation.periods import PeriodKind

MAX_CHARACTERS = 200_000
LOG_FIELDS = (
    *("village_basics", "start_end", "client", "phone", "matter", "content", "method", "result"),
)


class PackStatus(StrEnum):
    DRAFT = "draft"
    IN_FORCE = "in_force"


@dataclass(frozen=True)
class Settings:
    """Numbers and switches of a policy that are not rules."""

    allowed_categories: tuple[str, ...]
    log_required_fields: tuple[str, ...]
    counting_state: str
    incident_recipients: tuple[str, ...]
    entry_warn_days: int  # from service to entry; the bureau's own number (A16)
    close_day: int  # of the next month; the bureau's own number (A16)


@dataclass(frozen=True)
class Pack:
    key: str
    place: str
    title: str
    source: str  # title of the document
    issued: date | None  # None: no date in the document
    status: PackStatus
    legal_basis: tuple[str, ...]
    effective_from: date
    settings: Settings
    rules: tuple[Rule, ...]

    @property
    def checksum(self) -> str:
        """SHA-256 of what the pack says; layout and comments do not matter."""
        text = json.dumps(pack_to_json(self), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class _Inherited:
    """What the word ``pack`` stands for."""

    counting_state: str | None
    effective_from: date | None


def load_pack(where: Path | str, *, file: str = "policy.toml") -> Pack:
    """Read a policy from a path, or from TOML text (``file`` is then its name).

    Raises PackError; nothing is ever half loaded.
    """
    if isinstance(where, Path):
        text, file = _read(where), where.name
    else:
        text = where
    source = Source(file, text)
    if len(text) > MAX_CHARACTERS:
        raise PackError(file, 0, "", f"政策文件应不超过{MAX_CHARACTERS}字", f"共{len(text)}字")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        line = int(at[1]) if at else len(text.splitlines())
        raise PackError(file, line, "TOML", "请核对引号、括号和半角数字", f"{error}") from None
    except RecursionError:
        raise PackError(file, 0, "TOML", "请减少括号层数", "嵌套过深") from None
    return _pack(Table(data, (), source))


def _read(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as handle:
            return handle.read(MAX_CHARACTERS + 1)
    except UnicodeDecodeError:
        raise PackError(path.name, 0, "", "应存为 UTF-8 文本", "编码不符") from None


def _pack(table: Table) -> Pack:
    head, settings = table.table("pack"), _settings(table.table("settings"))
    effective = head.day("effective_from", dict[str, date]())
    rules = _rules(table, _Inherited(settings.counting_state, effective))
    table.close()
    pack = Pack(
        key=head.text("key"),
        place=head.text("place"),
        title=head.text("title"),
        source=head.text("source"),
        issued=head.day("issued", {"none": None}),
        status=head.choice("status", PackStatus),
        legal_basis=head.listed("legal_basis"),
        effective_from=effective,
        settings=settings,
        rules=rules,
    )
    head.close()
    return pack


def _settings(table: Table) -> Settings:
    settings = Settings(
        allowed_categories=table.listed("allowed_categories", CATEGORIES),
        log_required_fields=table.listed("log_required_fields", LOG_FIELDS),
        counting_state=_one_of(table, "counting_state", LADDER),
        incident_recipients=table.listed(
            "incident_recipients", ("office", "bureau", "township", "village")
        ),
        entry_warn_days=table.number("entry_warn_days", 0, 366),
        close_day=table.number("close_day", 1, 28),
    )
    table.close()
    return settings


def _rules(table: Table, inherited: _Inherited) -> tuple[Rule, ...]:
    rows = table.data.pop("rule", None)
    if not isinstance(rows, list) or not rows:
        table.fail("rule", "应至少有一条 [[rule]]", "缺少规则")
    rules: list[Rule] = []
    for number, row in enumerate(rows):
        one = Table(row, ("rule", number), table.source)
        rule = _rule(one, inherited)
        if any(rule.key == other.key for other in rules):
            one.fail("key", "每条规则的 key 应不同", f"{rule.key} 重复")
        rules.append(rule)
    return tuple(rules)


def _rule(table: Table, inherited: _Inherited) -> Rule:
    measure = table.choice("measure", Measure)
    subjects = tuple(Subject(word) for word in table.listed("subjects", tuple(Subject)))
    having = table.choice("having", Having) if measure is Measure.SHARE else None
    present = needed_tables(measure, subjects, having)
    for key in ("records", "joining", "part", "having"):
        if key in table.data and key not in present:
            table.fail(key, f"measure = {measure.value} 与所列 subjects 不用此项", "自相矛盾")
    rule = Rule(
        key=table.text("key"),
        title=table.text("title"),
        clause=table.text("clause", "应写明所依据的条款，如 二（四）2"),
        phrase=table.text("phrase", "应摘录所依据的原文"),
        basis=table.choice("basis", Basis),
        force=table.choice("force", Force),
        measure=measure,
        unit=table.text("unit"),
        subjects=subjects,
        period=table.choice("period", PeriodKind),
        bound=table.choice("bound", Bound),
        target=table.number("target", 0, 100_000),
        applies=_applies(table.table("applies"), inherited),
        records=_filter(table.table("records"), inherited) if "records" in present else None,
        joining=_joining(table.table("joining")) if "joining" in present else None,
        part=_part(table.table("part")) if "part" in present else None,
        having=having,
    )
    table.close()
    for key, expected in contradictions(rule):
        table.fail(key, expected, "自相矛盾")
    return rule


def _filter(table: Table, inherited: _Inherited) -> Filter:
    unit = _one_of(table, "unit", UNITS)
    within = table.data.get("entered_within")
    wanted = Filter(
        unit=unit,
        kinds=table.some("kinds", FILINGS if unit == "filing" else MATTERS),
        modes=table.some("modes", MODES),
        purposes=table.some("purposes", PURPOSES),
        min_minutes=table.number("min_minutes", 0, 24 * 60),
        evidence=frozenset(table.listed("evidence")),
        state=_one_of(table, "state", LADDER, inherited.counting_state),
        entered_within=None if within == "any" else table.number("entered_within", 0, 366),
    )
    if within == "any":
        table.data.pop("entered_within")
    table.close()
    return wanted


def _joining(table: Table) -> Joining:
    joining = Joining(table.choice("join", Join), table.choice("same_day", SameDay))
    table.close()
    return joining


def _part(table: Table) -> Part:
    mode = table.choice("mode", PartMode)
    share = None
    if mode is PartMode.WAIVE:
        expected = '应为大于0、不超过1的分数，如 "2/3"'
        text = table.text("min_share", expected)
        if not re.fullmatch(r"[1-9]\d{0,3}(/[1-9]\d{0,3})?", text, re.ASCII) or Fraction(text) > 1:
            table.fail("min_share", expected, f"现为 {text!r}")
        share = Fraction(text)
    part = Part(mode, share, table.choice("basis", Basis))
    table.close()
    return part


def _applies(table: Table, inherited: _Inherited) -> Applies:
    starts = {} if inherited.effective_from is None else {"pack": inherited.effective_from}
    applies = Applies(
        categories=table.some("categories", CATEGORIES),
        village_kinds=table.some("village_kinds", VILLAGE_KINDS),
        classes=table.some("classes", None),
        terrains=table.some("terrains", None),
        start=table.day("from", starts),
        until=table.day("until", {"open": None}),
    )
    table.close()
    return applies


def _one_of(table: Table, key: str, words: tuple[str, ...], inherited: str | None = None) -> str:
    more = () if inherited is None else ("pack",)
    expected = f"应为 {'、'.join((*words, *more))} 之一"
    value = table.text(key, expected)
    if value == "pack" and inherited is not None:
        return inherited
    if value not in words:
        table.fail(key, expected, f"现为 {value!r}")
    return value


# JSON


def rule_to_json(rule: Rule) -> dict[str, Any]:
    """The rule's definition in the words of the file, everything inherited written out."""
    data: dict[str, Any] = _plain(asdict(rule))
    applies = data["applies"]
    applies["from"], applies["until"] = applies.pop("start"), applies["until"] or "open"
    _say_any(applies, ("categories", "village_kinds", "classes", "terrains"))
    if rule.records is not None:
        _say_any(data["records"], ("kinds", "modes", "purposes"))
        if rule.records.entered_within is None:
            data["records"]["entered_within"] = "any"
    if rule.part is not None and rule.part.min_share is None:
        del data["part"]["min_share"]
    return {key: value for key, value in data.items() if value is not None}


def rule_from_json(data: dict[str, Any]) -> Rule:
    """Raises PackError with line 0; a rule of a closed period is read back by this."""
    source = Source(str(data.get("key", "rule")), "")
    return _rule(Table(data, (), source), _Inherited(None, None))


def pack_to_json(pack: Pack) -> dict[str, Any]:
    data: dict[str, Any] = {f.name: _plain(getattr(pack, f.name)) for f in fields(pack)}
    data["settings"] = _plain(asdict(pack.settings))
    data["rules"] = [rule_to_json(rule) for rule in pack.rules]
    return data


def _say_any(data: dict[str, Any], keys: tuple[str, ...]) -> None:
    for key in keys:
        if data[key] is None:
            data[key] = ["any"]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Fraction) else value
