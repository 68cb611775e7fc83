"""A policy as a file: loading it strictly.

The word ``pack`` takes over what the pack itself states (counting state, first day in
force); ``["any"]``, ``any``, ``none`` and ``open`` say that nothing is asked. What a rule
leaves out comes from ``defaults``; ``rulebook`` reads one rule.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from assessments.quota.files import MAX_CHARACTERS, parse, read_file
from assessments.quota.reading import EARLIEST, PackError, Source, Table
from assessments.quota.rulebook import Inherited, read_rule, rule_from_json, rule_to_json
from assessments.quota.rules import CATEGORIES, LADDER, Rule
from assessments.quota.sense import quarrels

__all__ = [
    "MAX_CHARACTERS",
    "Errors",
    "Pack",
    "Settings",
    "all_errors",
    "load_pack",
    "pack_to_json",
    "rule_from_json",
    "rule_to_json",
]

T = TypeVar("T")

MAX_RULES = 200
PACK_KEY = r"[A-Za-z0-9\-]{1,10}"
#: From the lowest; a setting names the least that is asked.
EDUCATION = ("junior_college", "bachelor", "master")
LOG_FIELDS = (
    *("village_basics", "start_end", "client", "phone", "matter", "content", "method", "result"),
)
RECIPIENTS = ("office", "bureau", "township", "village")
ASSESSED_EVERY = ("half_year", "year")
SELECTORS = ("bureau", "office")
SUBSIDY_COUNTS = ("none", "county", "all")


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

    Raises PackError, the first of ``all_errors``; nothing is ever half loaded.
    """
    if isinstance(where, Path):
        text, file = read_file(where), where.name
    else:
        text = where
    pack, errors = _checked(text, file)
    if pack is None:
        raise errors[0]
    return pack


def all_errors(text: str, file: str = "policy.toml") -> list[PackError]:
    """What is wrong with a policy: the first error of its settings, of its head and of each
    rule, then what its rules have against each other; empty if it can be loaded.
    """
    return _checked(text, file)[1]


def _checked(text: str, file: str) -> tuple[Pack | None, list[PackError]]:
    """The pack, or None and at least one error."""
    errors = Errors()
    pack = errors.of(lambda: _pack(*parse(text, file), errors))
    return (None if errors else pack), errors


class Errors(list[PackError]):
    """What was refused so far; one refusal does not hide the next."""

    def of(self, read: Callable[..., T], *args: object) -> T | None:
        """What ``read`` makes of ``args``; None if it was refused, which is noted."""
        try:
            return read(*args)
        except PackError as error:
            self.append(error)
            return None


def _pack(data: dict[str, Any], source: Source, errors: Errors) -> Pack | None:
    """None where head, settings or rules were refused."""
    table = Table(data, (), source)
    settings = errors.of(lambda: _settings(table.table("settings")))
    head = errors.of(lambda: _head(table.table("pack")))
    # a rule that says "pack" is not wrong because the pack is
    inherited = Inherited(
        settings.counting_state if settings else LADDER[0],
        head["effective_from"] if head else EARLIEST,
    )
    rules = errors.of(_rules, table, inherited, errors)
    errors.of(table.close)
    if settings is None or head is None or rules is None:
        return None
    return Pack(**head, settings=settings, rules=rules)


def _head(table: Table) -> dict[str, Any]:
    """The fields of Pack that stand in its own table."""
    head = {
        "effective_from": table.day("effective_from", dict[str, date]()),
        "key": table.matching(
            "key", r"[A-Za-z0-9\-]{1,10}", "应为1至10个字母、数字或短横线，如 ZX"
        ),
        "place": table.text("place", most=50),
        "title": table.text("title", most=100),
        "source": table.text("source", "应写明所依据的文件名称", most=200),
        "issued": table.day("issued", {"none": None}),
        "status": table.choice("status", PackStatus),
        "legal_basis": table.listed("legal_basis"),
    }
    table.close()
    return head


def _settings(table: Table) -> Settings:
    settings = Settings(
        allowed_categories=table.listed("allowed_categories", CATEGORIES),
        volunteer_categories=table.listed("volunteer_categories", CATEGORIES),
        min_practice_years=table.number_or("none", "min_practice_years", 1, 50),
        min_education=table.one_of("min_education", ("none", *EDUCATION)),
        log_required_fields=table.listed("log_required_fields", LOG_FIELDS),
        lecture_photo_required=table.flag("lecture_photo_required"),
        counting_state=table.one_of("counting_state", LADDER),
        incident_recipients=table.listed("incident_recipients", RECIPIENTS),
        entry_warn_days=table.number("entry_warn_days", 0, 366),
        close_day=table.number("close_day", 1, 28),
        assessment_period=table.one_of("assessment_period", ASSESSED_EVERY),
        assessment_window_days=table.number("assessment_window_days", 1, 92),
        training_is_renewal_condition=table.flag("training_is_renewal_condition"),
        selection_actor=table.one_of("selection_actor", SELECTORS),
        min_subsidy_yuan=table.number_or("none", "min_subsidy_yuan", 1, 10_000_000),
        subsidy_counts=table.one_of("subsidy_counts", SUBSIDY_COUNTS),
        planned_grant_yuan=table.number_or("none", "planned_grant_yuan", 1, 10_000_000),
    )
    table.close()
    return settings


def _rules(table: Table, inherited: Inherited, errors: Errors) -> tuple[Rule, ...]:
    """The rules that could be read; the others are among the errors."""
    rows = table.data.pop("rule", None)
    if not isinstance(rows, list) or not rows:
        table.fail("rule", "应至少有一条 [[rule]]", "缺少规则")
    if len(rows) > MAX_RULES:
        table.fail("rule", f"规则应不超过{MAX_RULES}条", f"共{len(rows)}条")
    rules: list[Rule] = []
    for number, row in enumerate(rows):
        rule = errors.of(_rule, number, row, table.source, inherited, rules)
        if rule is not None:
            rules.append(rule)
    if len(rules) == len(rows):  # else what another rule tightens may just be unread
        for number, rule in enumerate(rules):
            errors.of(_agree, number, rule, rules, table.source)
    return tuple(rules)


def _rule(
    number: int, row: object, source: Source, inherited: Inherited, before: list[Rule]
) -> Rule:
    one = Table(row, ("rule", number), source)
    rule = read_rule(one, inherited)
    if any(rule.key == other.key for other in before):
        one.fail("key", "每条规则的 key 应不同", f"{rule.key} 重复")
    return rule


def _agree(number: int, rule: Rule, rules: list[Rule], source: Source) -> None:
    for key, expected in quarrels(rule, rules):
        source.fail(("rule", number, *key.split(".")), expected, "自相矛盾")


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
