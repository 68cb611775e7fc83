"""R25 核查汇总表: the year's months by village, and what this month's checks found.

Clauses: 每月对辖区所有村（社区）开展工作情况进行至少一次核查 (DG-53), with advice (DG-55); every
advisor's work every month (JC-29).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from assessments.enums import CheckOutcome, ReportKey
from assessments.models import MonthlyCheck
from assessments.reports.desk import ReportDesk, join_names
from lawadvisor.foundation.periods import Period
from lawadvisor.foundation.tables import Column, Document, Kind, Pair, Value, section
from worklogs.enums import FilingKind, FilingState
from worklogs.models import Filing

_NOTHING = "—"


@dataclass(frozen=True, slots=True)
class Line:
    """A village, or in the bureau's paper a township; ``months`` by number, as they are shown."""

    name: str
    months: dict[int, Value]


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One check; ``records`` None and "" where nothing was told."""

    place: str
    advisor: str
    day: date | None
    method: str
    records: int | None
    outcome: str
    finding: str
    advice: str
    reply: str
    checked_by: str


CHECK_COLUMNS = (
    Column("seq", "序号", Kind.SEQ, 2),
    Column("place", "村（社区）", width=7),
    Column("advisor", "法律顾问", width=4),
    Column("day", "核查日期", Kind.DATE, 5),
    Column("method", "方式", width=4),
    Column("records", "查看记录", Kind.INT, 3, total=True),
    Column("outcome", "结果", Kind.STATUS, 4),
    Column("finding", "发现的情况", width=11),
    Column("advice", "意见和建议", width=11),
    Column("reply", "顾问答复", width=9),
    Column("checked_by", "核查人", width=4),
)


def collect(desk: ReportDesk) -> Document:
    """The checks of one township; the bureau's by township, with what was not all true."""
    year = desk.close.month.year
    checks = _checks(desk)
    this = [check for check in checks if check.period_start == desk.close.month]
    odd = [check for check in this if (told := _told(check)) and told.outcome != CheckOutcome.TRUE]
    whole = desk.township is None
    return desk.document(
        ReportKey.CHECKS,
        sections=(
            section(
                _month_columns(desk.close.month.month, whole=whole),
                _by_township(desk, checks) if whole else _by_village(desk, checks),
                title=f"一、{year}年各月核查情况",
                notes=(_meaning(whole=whole),),
            ),
            section(
                CHECK_COLUMNS,
                [_line(check) for check in (odd if whole else this)],
                title="二、本月核查发现的问题" if whole else "二、本月核查记录",
            ),
        ),
        lead=_lead(desk, this, odd),
        measure="单位：次、条",
        remarks=() if whole else ("核查意见：",),
    )


def _month_columns(last: int, *, whole: bool) -> tuple[Column, ...]:
    kind, parts = (Kind.PAIR, ("已核查", "应核查")) if whole else (Kind.STATUS, ("", ""))
    return (
        Column("seq", "序号", Kind.SEQ, 2),
        Column("name", "镇街" if whole else "村（社区）", width=8),
        *(
            Column(
                f"m{number}",
                f"{number}月",
                kind,
                4 if whole else 3,
                total=whole,
                parts=parts,
                get=partial(_in_month, number),
            )
            for number in range(1, last + 1)
        ),
    )


def _in_month(number: int, line: Line) -> Value:
    return line.months[number]


def _meaning(*, whole: bool) -> str:
    if whole:
        return "格中为已核查的村（社区）数和在册的村（社区）数。"
    return "格中为当月核查次数，“—”为没有核查。"


def _checks(desk: ReportDesk) -> list[Filing]:
    """The papers of the year's checks, up to this month, in the order of the villages."""
    period = desk.close.period
    found = Filing.objects.filter(
        kind=FilingKind.MONTHLY_CHECK,
        state__in=(FilingState.SUBMITTED, FilingState.RECEIVED),
        village__in=desk.villages(),
        period_start__gte=date(period.start.year, 1, 1),
        period_start__lte=period.start,
    )
    return list(
        found.select_related("village", "advisor", "check_told").order_by(
            "village__code", "filed_on", "pk"
        )
    )


def _told(check: Filing) -> MonthlyCheck | None:
    """What the office wrote on our page; None for a check that came as a paper alone."""
    return getattr(check, "check_told", None)


def _by_village(desk: ReportDesk, checks: Sequence[Filing]) -> Iterable[Line]:
    counted = Counter((check.village_id, check.period_start.month) for check in checks)
    for village in desk.villages().order_by("code"):
        months: dict[int, Value] = {
            number: f"{counted[village.pk, number]}次" if counted[village.pk, number] else _NOTHING
            for number in range(1, desk.close.month.month + 1)
        }
        yield Line(village.short_name, months)


def _by_township(desk: ReportDesk, checks: Sequence[Filing]) -> Iterable[Line]:
    seen: dict[tuple[int, int], set[int]] = {}
    for check in checks:
        if village := check.village:
            key = village.township_id, check.period_start.month
            seen.setdefault(key, set()).add(village.pk)
    expected = Counter(desk.villages().values_list("township", flat=True))
    for pk, name in desk.township_names.items():
        months: dict[int, Value] = {
            number: Pair(len(seen.get((pk, number), ())), expected[pk])
            for number in range(1, desk.close.month.month + 1)
        }
        yield Line(name, months)


def _line(check: Filing) -> CheckLine:
    told = _told(check)
    return CheckLine(
        place=check.village.short_name if check.village else "",
        advisor=check.advisor.name if check.advisor else "",
        day=check.filed_on,
        method=str(told.get_method_display()) if told else "",
        records=told.records if told else None,
        outcome=str(told.get_outcome_display()) if told else "",
        finding=told.finding if told else check.body,
        advice=told.advice if told else "",
        reply=told.reply if told else "",
        checked_by=told.checked_by if told else "",
    )


def _lead(desk: ReportDesk, this: Sequence[Filing], odd: Sequence[Filing]) -> Iterable[str]:
    period: Period = desk.close.period
    seen = {check.village_id for check in this}
    places = list(desk.villages().order_by("code"))
    missing = [village.short_name for village in places if village.pk not in seen]
    yield (
        f"{period.label}应核查村（社区）{len(places)}个，已核查{len(places) - len(missing)}个，"
        f"核查{len(this)}次" + (f"，不全属实{len(odd)}次。" if odd else "。")
    )
    if missing:
        yield f"没有核查的村（社区）：{join_names(missing)}。"
    elif places:
        yield "各村（社区）均已核查。"
