"""A policy as a file: loading it strictly.

The word ``pack`` takes over what the pack itself states (counting state, first day in
force); ``["any"]``, ``any``, ``none`` and ``open`` say that nothing is asked. What a rule
leaves out comes from ``defaults``; ``rulebook`` reads one rule.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from assessments.quota.reading import PackError, Source, Table
from assessments.quota.rulebook import Inherited, read_rule, rule_from_json, rule_to_json
from assessments.quota.rules import CATEGORIES, LADDER, Rule
from assessments.quota.sense import quarrels

__all__ = ["Pack", "Settings", "load_pack", "pack_to_json", "rule_from_json", "rule_to_json"]

MAX_CHARACTERS = 200_000
MAX_RULES = 200
#: From the lowest; a setting names the least that is asked.
EDUCATION = ("junior_college", "bachelor", "master")
LOG_FIELDS = (
    *("village_basics", "start_end", "client", "phone", "matter", "content", "method", "result"),
)


class PackStatus(StrEnum):
    DRAFT = "draft"
    IN_FORCE = "in_force"


@dataclass(frozen=True)
class Settings:
    """Numbers and switches of a policy that are not rules. None: the text asks nothing."""

    allowed_categories: tuple[str, ...]
    volunteer_categories: tuple[str, ...]  # may serve, and count for no quota (SH-12)
    min_practice_years: int | None  # on the appointment's first day (A43)
    min_education: str  # of EDUCATION, or none
    log_required_fields: tuple[str, ...]
    lecture_photo_required: bool
    counting_state: str
    incident_recipients: tuple[str, ...]
    entry_warn_days: int  # from service to entry; the bureau's own number (A16)
    close_day: int  # of the next month; the bureau's own number (A16)
    assessment_period: str  # half_year or year
    assessment_window_days: int  # from the first day after it; the bureau's own number
    training_is_renewal_condition: bool  # renewing without training needs a reason (A28)
    selection_actor: str  # bureau or office
    min_subsidy_yuan: int | None  # a village and year
    subsidy_counts: str  # whose money fills it: none, county, all (A34, A35)
    planned_grant_yuan: int | None  # planned, never tested (A34)


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
    rules = _rules(table, Inherited(settings.counting_state, effective))
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
        volunteer_categories=table.listed("volunteer_categories", CATEGORIES),
        min_practice_years=table.number_or("none", "min_practice_years", 1, 50),
        min_education=table.one_of("min_education", ("none", *EDUCATION)),
        log_required_fields=table.listed("log_required_fields", LOG_FIELDS),
        lecture_photo_required=table.flag("lecture_photo_required"),
        counting_state=table.one_of("counting_state", LADDER),
        incident_recipients=table.listed(
            "incident_recipients", ("office", "bureau", "township", "village")
        ),
        entry_warn_days=table.number("entry_warn_days", 0, 366),
        close_day=table.number("close_day", 1, 28),
        assessment_period=table.one_of("assessment_period", ("half_year", "year")),
        assessment_window_days=table.number("assessment_window_days", 1, 92),
        training_is_renewal_condition=table.flag("training_is_renewal_condition"),
        selection_actor=table.one_of("selection_actor", ("bureau", "office")),
        min_subsidy_yuan=table.number_or("none", "min_subsidy_yuan", 1, 10_000_000),
        subsidy_counts=table.one_of("subsidy_counts", ("none", "county", "all")),
        planned_grant_yuan=table.number_or("none", "planned_grant_yuan", 1, 10_000_000),
    )
    table.close()
    return settings


def _rules(table: Table, inherited: Inherited) -> tuple[Rule, ...]:
    rows = table.data.pop("rule", None)
    if not isinstance(rows, list) or not rows:
        table.fail("rule", "应至少有一条 [[rule]]", "缺少规则")
    if len(rows) > MAX_RULES:
        table.fail("rule", f"规则应不超过{MAX_RULES}条", f"共{len(rows)}条")
    rules: list[Rule] = []
    for number, row in enumerate(rows):
        one = Table(row, ("rule", number), table.source)
        rule = read_rule(one, inherited)
        if any(rule.key == other.key for other in rules):
            one.fail("key", "每条规则的 key 应不同", f"{rule.key} 重复")
        rules.append(rule)
    for number, rule in enumerate(rules):
        for key, expected in quarrels(rule, rules):
            table.source.fail(("rule", number, *key.split(".")), expected, "自相矛盾")
    return tuple(rules)


def pack_to_json(pack: Pack) -> dict[str, Any]:
    """What the pack says, in plain values; its checksum is made of this."""
    data: dict[str, Any] = {f.name: _plain(getattr(pack, f.name)) for f in fields(pack)}
    data["settings"] = settings_to_json(pack.settings)
    data["rules"] = [rule_to_json(rule) for rule in pack.rules]
    return data


def settings_to_json(settings: Settings) -> dict[str, Any]:
    return {f.name: _plain(getattr(settings, f.name)) for f in fields(settings)}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, StrEnum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value
