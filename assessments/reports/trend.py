"""B1 近12个月报送和覆盖情况: expected, handed in, in time; covered, served, verified; drawn too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q
from django.db.models.functions import TruncMonth

from assessments.desk import covered_on, last_day_known
from assessments.enums import PaperKey
from assessments.models import Policy
from assessments.reports.activity import SUBMITTED
from assessments.reports.asked import AskedDesk
from assessments.review.grid import Reported, grid, policy_in_force
from lawadvisor.foundation.charts import Chart, ChartKind
from lawadvisor.foundation.periods import Period, local_date
from lawadvisor.foundation.tables import Column, Document, Kind, section
from worklogs.enums import LogState
from worklogs.models import ServiceLog


@dataclass(frozen=True, slots=True)
class Line:
    """One month; the rates in whole percent, None of nothing."""

    month: str
    reported: Reported
    villages: int
    covered: int
    served: int
    records: int
    reviewed: int

    @property
    def in_time_rate(self) -> int | None:
        return _percent(self.reported.in_time, self.reported.expected)

    @property
    def covered_rate(self) -> int | None:
        return _percent(self.covered, self.villages)

    @property
    def served_rate(self) -> int | None:
        return _percent(self.served, self.villages)

    @property
    def reviewed_rate(self) -> int | None:
        return _percent(self.reviewed, self.records)


def _percent(part: int, whole: int) -> int | None:
    return part * 100 // whole if whole else None


def _count(key: str, title: str, group: str) -> Column:
    return Column(key, title, Kind.INT, 4, group=group)


def _reported(key: str, title: str) -> Column:
    return Column(
        key,
        title,
        Kind.INT,
        4,
        group="镇街报送（个）",
        get=lambda line: getattr(line.reported, key),
    )


_VILLAGES, _RECORDS = "村（社区）（个）", "服务记录（条）"
COLUMNS = (
    Column("month", "月份", width=5),
    _reported("expected", "应报"),
    _reported("handed_in", "已报"),
    _reported("in_time", "按时"),
    Column("in_time_rate", "按时报送率%", Kind.INT, 5, group="镇街报送（个）"),
    _count("villages", "应配备", _VILLAGES),
    _count("covered", "已配备", _VILLAGES),
    Column("covered_rate", "覆盖率%", Kind.INT, 5, group=_VILLAGES),
    _count("served", "已服务", _VILLAGES),
    Column("served_rate", "服务率%", Kind.INT, 5, group=_VILLAGES),
    _count("records", "已提交", _RECORDS),
    _count("reviewed", "已核验", _RECORDS),
    Column("reviewed_rate", "核验率%", Kind.INT, 5, group=_RECORDS),
)


def collect(desk: AskedDesk) -> Document:
    """Twelve months up to ``desk.period``, a month, the oldest first; in a fixed number of
    queries. Villages are those on the books today."""
    today = local_date(desk.now)
    rows = grid(bureau=desk.bureau, until=desk.period, today=today, viewer=desk.viewer)
    months = rows.months[::-1]
    reported = dict(zip(rows.months, rows.reported_of(desk.townships), strict=True))
    covered = _covered(desk, months, today)
    done = _done(desk, months)
    villages = desk.villages().count()
    lines = [
        Line(
            f"{month.start:%y年%-m月}",
            reported[month],
            villages,
            covered[month],
            *done.get(month.start, (0, 0, 0)),
        )
        for month in months
    ]
    rates = Chart(
        ChartKind.LINE,
        "近12个月（%）",
        "month",
        ("in_time_rate", "covered_rate", "served_rate", "reviewed_rate"),
    )
    return desk.document(
        PaperKey.TREND,
        sections=(section(COLUMNS, lines, charts=(rates,)),),
        lead=(f"截至{today:%Y年%-m月%-d日}的情况；已关账的月份，报送情况不再变动。",),
    )


def _covered(desk: AskedDesk, months: tuple[Period, ...], today: date) -> dict[Period, int]:
    """How many villages had an advisor on each month's last day, in one query."""
    policies = list(Policy.objects.filter(bureau=desk.bureau).order_by("-effective_from"))
    counts = (
        desk.villages()
        .order_by()
        .aggregate(
            **{
                f"m{number}": Count(
                    "pk",
                    filter=Q(
                        covered_on(
                            last_day_known(month, today), policy_in_force(policies, month.start)
                        )
                    ),
                )
                for number, month in enumerate(months)
            }
        )
    )
    return {month: counts[f"m{number}"] for number, month in enumerate(months)}


def _done(desk: AskedDesk, months: tuple[Period, ...]) -> dict[date, tuple[int, int, int]]:
    """By month: villages served, records handed in, records verified."""
    logs = ServiceLog.objects.visible_to(desk.viewer).filter(
        state__in=SUBMITTED,
        service_date__gte=months[0].start,
        service_date__lt=months[-1].end,
        **desk.within("appointment__village__township"),
    )
    counted = (
        logs.order_by()
        .annotate(month=TruncMonth("service_date"))
        .values_list("month")
        .annotate(
            served=Count("appointment__village", distinct=True),
            told=Count("pk"),
            verified=Count("pk", filter=Q(state=LogState.REVIEWED)),
        )
    )
    return {month: (served, records, reviewed) for month, served, records, reviewed in counted}
