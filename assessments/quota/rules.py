"""What a clause asks for, as data.

A rule holds every switch its text leaves open; nothing here has a default.
``None`` in a set of choices means *any*; the pack must say so with ``["any"]``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from lawadvisor.foundation.periods import PeriodKind

UNITS = ("session", "matter", "filing")
MODES = ("on_site", "phone", "wechat", "qq", "app", "other_online")
PURPOSES = ("duty", "mediation", "lecture_only", "other")
MATTERS = (
    *(
        "consultation",
        "mediation",
        "lecture",
        "training",
        "opinion",
        "village_rules",
        "document",
    ),
    *("legal_aid", "petition", "publicity", "litigation", "election", "incident", "other"),
)
FILINGS = ("suggestion_report", "dossier", "journal")
LADDER = ("submitted", "confirmed", "reviewed")  # below it draft, beside it returned
RECEIVED = "received"  # the last step of a filing
CATEGORIES = (
    *("lawyer", "legal_worker", "bureau_staff", "retired_cadre", "retired_judge"),
    *("retired_prosecutor", "legal_scholar", "legal_aid_staff", "notary"),
)
VILLAGE_KINDS = ("village", "community")


class Measure(StrEnum):
    EVENTS = "events"
    MINUTES = "minutes"
    DISTINCT_DAYS = "distinct_days"
    DISTINCT_TOPICS = "distinct_topics"
    DOCUMENTS = "documents"
    SHARE = "share"  # villages that have something, of all villages
    CONCURRENT = "concurrent"  # villages one advisor holds on the same day


class Bound(StrEnum):
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    EXACTLY = "exactly"
    SHARE = "share"  # target in per cent of the whole, rounded up to a whole one


class Subject(StrEnum):
    APPOINTMENT = "appointment"
    ADVISOR = "advisor"
    VILLAGE = "village"
    TOWNSHIP = "township"
    BUREAU = "bureau"


class Force(StrEnum):
    HARD = "hard"
    SOFT = "soft"  # may be exceeded with a reason, and is listed
    WARNING = "warning"
    INFORMATION = "information"


class Join(StrEnum):
    """What is put together before the minimum length is asked; breaks are never counted."""

    EACH = "each"
    STAY = "stay"  # one advisor, one village, one day (A9)
    VILLAGE_DAY = "village_day"  # all advisors together; shared time counts once
    ADVISOR_DAY = "advisor_day"  # one advisor, one day, all villages


class SameDay(StrEnum):
    ONCE = "once"  # at most one a day and village
    EVERY = "every"


class PartMode(StrEnum):
    """A term that covers only part of the period (A12)."""

    FULL = "full"  # full quota, however short
    WAIVE = "waive"  # full quota from min_share on, below it not assessed
    PRORATE = "prorate"  # minutes only: ceiling of quota × active days ÷ days


class Having(StrEnum):
    APPOINTMENT = "effective_appointment"  # on the last day known (A24)
    RECORD = "record"  # at least one record that passes the filter


class Basis(StrEnum):
    TEXT = "text"
    BUREAU = "bureau"  # a number that no text gives


@dataclass(frozen=True)
class Filter:
    """Which records count."""

    unit: str
    kinds: frozenset[str] | None
    modes: frozenset[str] | None
    purposes: frozenset[str] | None
    min_minutes: int  # of each, after joining
    evidence: frozenset[str]  # all of these must be attached
    state: str  # counts from this step of LADDER on
    entered_within: int | None  # days from service to entry


@dataclass(frozen=True)
class Joining:
    join: Join
    same_day: SameDay


@dataclass(frozen=True)
class Part:
    mode: PartMode
    min_share: Fraction | None  # of the period's days; None unless mode is waive
    basis: Basis


@dataclass(frozen=True)
class Applies:
    categories: frozenset[str] | None
    village_kinds: frozenset[str] | None
    classes: frozenset[str] | None
    terrains: frozenset[str] | None
    start: date
    until: date | None  # half-open; None is open

    def in_force(self, day: date) -> bool:
        """A period is judged by the rules in force on its first day (A47)."""
        return self.start <= day and (self.until is None or day < self.until)


@dataclass(frozen=True)
class Rule:
    key: str
    title: str
    clause: str
    phrase: str  # the words of the text it rests on
    basis: Basis
    force: Force
    measure: Measure
    unit: str  # what one of it is called: 次, 分钟, 份, 个村
    subjects: tuple[Subject, ...]
    period: PeriodKind
    bound: Bound
    target: int
    applies: Applies
    records: Filter | None
    joining: Joining | None
    part: Part | None
    having: Having | None


def needed_tables(
    measure: Measure, subjects: tuple[Subject, ...], having: Having | None
) -> frozenset[str]:
    """Which of the optional tables this combination must state; the others make no sense."""
    tables = set()
    if measure is Measure.SHARE:
        tables.add("having")
    if measure is not Measure.CONCURRENT and (measure is not Measure.SHARE or having == "record"):
        tables |= {"records", "joining"}
    personal = Subject.APPOINTMENT in subjects or Subject.ADVISOR in subjects
    if personal and measure not in (Measure.SHARE, Measure.CONCURRENT):
        tables.add("part")
    return frozenset(tables)


def contradictions(rule: Rule) -> Iterator[tuple[str, str]]:
    """Switches that cannot stand together: (dotted key, what was expected, in Chinese)."""
    yield from _bound_contradictions(rule)
    yield from _subject_contradictions(rule)
    if rule.records is not None and rule.joining is not None:
        yield from _record_contradictions(rule, rule.records, rule.joining)
    if rule.part is not None:
        prorate = rule.part.mode is PartMode.PRORATE
        if prorate and rule.measure is not Measure.MINUTES:
            yield "part.mode", "按天折算（prorate）只适用于分钟数（measure = minutes）"
        if (rule.part.mode is PartMode.WAIVE) != (rule.part.min_share is not None):
            yield "part.min_share", "只有 mode = waive 时才写 min_share，且必须写"
    if rule.applies.until is not None and rule.applies.until <= rule.applies.start:
        yield "applies.until", "停止日期应晚于生效日期"


def _bound_contradictions(rule: Rule) -> Iterator[tuple[str, str]]:
    shares = (Measure.SHARE, Measure.DISTINCT_TOPICS)
    if rule.bound is Bound.SHARE and rule.measure not in shares:
        yield "bound", "比例（share）只用于 measure = share 或 distinct_topics"
    if rule.bound is not Bound.SHARE and rule.measure is Measure.SHARE:
        yield "bound", "measure = share 时应为 share"
    if rule.bound is Bound.SHARE and not 1 <= rule.target <= 100:
        yield "target", "比例的目标应为1至100的整数（百分比）"
    if rule.measure is Measure.CONCURRENT and rule.bound is not Bound.AT_MOST:
        yield "bound", "同时担任数（concurrent）是上限，应为 at_most"


def _subject_contradictions(rule: Rule) -> Iterator[tuple[str, str]]:
    wide = {Subject.TOWNSHIP, Subject.BUREAU}
    if len(set(rule.subjects)) != len(rule.subjects):
        yield "subjects", "每个考核对象只写一次"
    if rule.measure is Measure.CONCURRENT and set(rule.subjects) != {Subject.ADVISOR}:
        yield "subjects", '同时担任数按法律顾问计算，应为 ["advisor"]'
    if rule.measure is Measure.SHARE and not set(rule.subjects) <= wide:
        yield "subjects", "比例按镇街（township）或全局（bureau）计算"


def _record_contradictions(rule: Rule, f: Filter, joining: Joining) -> Iterator[tuple[str, str]]:
    if (rule.measure is Measure.DOCUMENTS) != (f.unit == "filing"):
        yield "records.unit", "材料份数（documents）只数 filing，其他计量不数 filing"
    if rule.measure is Measure.DISTINCT_TOPICS and f.unit != "matter":
        yield "records.unit", "不同法律重点（distinct_topics）应数 matter"
    if f.unit == "session" and f.kinds is not None:
        yield "records.kinds", '服务记录按 purposes 区分，kinds 应为 ["any"]'
    if f.unit == "filing" and (f.modes is not None or f.purposes is not None or f.min_minutes):
        yield (
            "records.unit",
            '材料没有方式、目的和时长：modes、purposes 应为 ["any"]，时长为0',
        )
    if joining.join is not Join.EACH and f.unit != "session":
        yield "joining.join", "只有服务记录（session）可以合并，应为 each"
    if rule.measure is Measure.MINUTES and joining.same_day is SameDay.ONCE:
        yield "joining.same_day", "累计分钟数不限同日次数，应为 every"
    if joining.join is Join.ADVISOR_DAY and joining.same_day is SameDay.ONCE:
        yield "joining.same_day", "跨村合并（advisor_day）后没有“同村同日”，应为 every"
