"""R33 服务统计表: a month by kind, topic and place, beside last month and last year's, and a year.

Clauses: 统计制度 with fixed definitions (ZX-53, ZX-54), 统计分析制度 that sees rises early (SH-63),
摸查和分析 (DG-17). Counted is what was handed in and stands, as everywhere; all figures are as they
were known when this close began, so last month's may differ from its own, older paper.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import TruncMonth

from assessments.enums import ReportKey
from assessments.reports.activity import SUBMITTED
from assessments.reports.desk import ReportDesk
from lawadvisor.foundation.charts import Chart, ChartKind
from lawadvisor.foundation.periods import Period
from lawadvisor.foundation.tables import Column, Document, Kind, section
from worklogs.enums import LegalTopic, MatterKind, Mode
from worklogs.models import Matter, ServiceLog

#: Months of the last table, this one included.
MONTHS = 12
#: What grew by so much is named above the tables (SH-63 asks for a ratio and gives none).
RISE_PERCENT, RISE_LEAST = 50, 5
_NO_TOPIC = "未填写"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing counted in this month, the one before, and the same of last year."""

    name: str
    now: int
    before: int
    last_year: int

    @property
    def more(self) -> int:
        return self.now - self.before

    @property
    def more_in_a_year(self) -> int:
        return self.now - self.last_year

    @property
    def has_risen(self) -> bool:
        risen = self.more * 100 >= RISE_PERCENT * self.before
        return self.more >= RISE_LEAST and risen


@dataclass(frozen=True, slots=True)
class MonthLine:
    """One month of the year; ``minutes`` on site."""

    name: str
    sessions: int
    minutes: int
    consultations: int
    mediations: int
    lectures: int
    documents: int


def _columns(first: str) -> tuple[Column, ...]:
    return (
        Column("seq", "序号", Kind.SEQ, 2),
        Column("name", first, width=9),
        Column("now", "本月", Kind.INT, 4, total=True),
        Column("before", "上月", Kind.INT, 4, total=True),
        Column("more", "比上月增减", Kind.INT, 4, total=True),
        Column("last_year", "上年同月", Kind.INT, 4, total=True),
        Column("more_in_a_year", "比上年同月增减", Kind.INT, 5, total=True),
    )


MONTH_COLUMNS = (
    Column("name", "月份", width=6),
    Column("sessions", "服务次数", Kind.INT, 4, total=True),
    Column("minutes", "现场时长（小时）", Kind.HOURS, 5, total=True),
    Column("consultations", "咨询", Kind.INT, 4, total=True),
    Column("mediations", "调解", Kind.INT, 4, total=True),
    Column("lectures", "讲座和培训", Kind.INT, 4, total=True),
    Column("documents", "文书与意见", Kind.INT, 4, total=True),
)
_TAUGHT = (MatterKind.LECTURE, MatterKind.TRAINING)
_WRITTEN = (MatterKind.DOCUMENT, MatterKind.OPINION, MatterKind.VILLAGE_RULES)


def collect(desk: ReportDesk) -> Document:
    """The month of one township by village, or of the bureau by township."""
    read = _Reading(desk)
    kinds = read.lines(read.kinds, dict(MatterKind.choices))
    topics = read.lines(read.topics, {**dict(LegalTopic.choices), "": _NO_TOPIC})
    disputes = read.lines(read.disputes, {**dict(LegalTopic.choices), "": _NO_TOPIC})
    places = read.lines(read.places, read.place_names)
    bars = ("now", "before", "last_year")
    first = "镇街" if desk.township is None else "村（社区）"
    return desk.document(
        ReportKey.STATISTICS,
        sections=(
            section(
                _columns("事项"),
                kinds,
                title="一、按事项",
                charts=(Chart(ChartKind.BAR, "各类事项（件）", "name", bars),),
            ),
            section(
                _columns("领域"),
                topics,
                title="二、按法律领域（全部事项）",
                charts=(Chart(ChartKind.BAR, "各领域事项（件）", "name", bars),),
            ),
            section(_columns("纠纷领域"), disputes, title="三、参与调解的纠纷，按领域"),
            section(_columns(first), places, title=f"四、按{first}（服务次数）"),
            section(
                MONTH_COLUMNS,
                read.months(),
                title="五、近12个月",
                charts=(
                    Chart(
                        ChartKind.LINE,
                        "近12个月",
                        "name",
                        ("sessions", "consultations", "mediations", "lectures"),
                    ),
                ),
            ),
        ),
        lead=_lead(read, [*kinds, *topics]),
        measure="单位：件、次、小时",
        remarks=("问题分析：", "下一步措施："),
    )


class _Reading:
    """What the database counted, in four queries: each a count by month and name."""

    def __init__(self, desk: ReportDesk) -> None:
        self.desk, self.month = desk, desk.close.period
        months = [self.month]
        while len(months) <= MONTHS:
            months.append(months[-1].previous())
        self.year = months[MONTHS]
        self.shown = months[MONTHS - 1 :: -1]
        self.sessions = list(self._sessions())
        self.matters = list(self._matters())

    def _within(self, log: str) -> Q:
        """Handed in between the same month of last year and this one, and known at the close."""
        desk, village = self.desk, f"{log}appointment__village__township"
        place = (
            {village: desk.township} if desk.township else {f"{village}__bureau": desk.close.bureau}
        )
        return Q(
            **place,
            **{
                f"{log}state__in": SUBMITTED,
                f"{log}service_date__gte": self.year.start,
                f"{log}service_date__lt": self.month.end,
                f"{log}entered_at__lt": desk.close.opened_at,
            },
        )

    def _sessions(self) -> Any:
        where = "appointment__village"
        place = f"{where}__township" if self.desk.township is None else where
        return (
            ServiceLog.objects.filter(self._within(""))
            .order_by()
            .values(month=TruncMonth("service_date"), at=F(place))
            .annotate(n=Count("pk"), minutes=Sum("minutes", filter=Q(mode=Mode.ON_SITE), default=0))
        )

    def _matters(self) -> Any:
        return (
            Matter.objects.filter(self._within("log__"))
            .order_by()
            .values("kind", "topic", month=TruncMonth("log__service_date"))
            .annotate(n=Count("pk"))
        )

    @property
    def place_names(self) -> dict[int, str]:
        """The desk's places in the order of their codes."""
        if self.desk.township is None:
            return self.desk.township_names
        return {each.pk: each.short_name for each in self.desk.villages().order_by("code")}

    @property
    def kinds(self) -> Counter[tuple[date, Any]]:
        return _counted((row["month"], row["kind"], row["n"]) for row in self.matters)

    @property
    def topics(self) -> Counter[tuple[date, Any]]:
        return _counted((row["month"], row["topic"], row["n"]) for row in self.matters)

    @property
    def disputes(self) -> Counter[tuple[date, Any]]:
        return _counted(
            (row["month"], row["topic"], row["n"])
            for row in self.matters
            if row["kind"] == MatterKind.MEDIATION
        )

    @property
    def places(self) -> Counter[tuple[date, Any]]:
        return _counted((row["month"], row["at"], row["n"]) for row in self.sessions)

    def lines(
        self, counted: Mapping[tuple[date, Any], int], names: Mapping[Any, Any]
    ) -> list[Line]:
        """A line per name, in their order; places that are no longer on the books come last."""
        gone = {key for _, key in counted} - set(names)
        every = {**names, **dict.fromkeys(gone, "其他（已不在册）")}
        before, year = self.month.previous().start, self.year.start
        return [
            Line(
                str(name),
                counted.get((self.month.start, key), 0),
                counted.get((before, key), 0),
                counted.get((year, key), 0),
            )
            for key, name in every.items()
        ]

    def months(self) -> list[MonthLine]:
        return [self._month(month) for month in self.shown]

    def _month(self, month: Period) -> MonthLine:
        sessions = [row for row in self.sessions if row["month"] == month.start]
        kinds = Counter[str]()
        for row in self.matters:
            if row["month"] == month.start:
                kinds[row["kind"]] += row["n"]
        return MonthLine(
            name=f"{month.start:%y年%-m月}",
            sessions=sum(row["n"] for row in sessions),
            minutes=sum(row["minutes"] for row in sessions),
            consultations=kinds[MatterKind.CONSULTATION],
            mediations=kinds[MatterKind.MEDIATION],
            lectures=sum(kinds[kind] for kind in _TAUGHT),
            documents=sum(kinds[kind] for kind in _WRITTEN),
        )


def _counted(rows: Iterable[tuple[date, Any, int]]) -> Counter[tuple[date, Any]]:
    found: Counter[tuple[date, Any]] = Counter()
    for month, key, number in rows:
        found[month, key] += number
    return found


def _lead(read: _Reading, lines: Sequence[Line]) -> Iterable[str]:
    this = read.months()[-1]
    if not this.sessions:
        yield f"{read.month.label}没有服务记录。"
    else:
        matters = sum(row["n"] for row in read.matters if row["month"] == read.month.start)
        yield f"{read.month.label}共服务{this.sessions}次，办理事项{matters}件。"
    risen = [f"{line.name}（{line.before}→{line.now}）" for line in lines if line.has_risen]
    if risen:
        yield f"比上月上升{RISE_PERCENT}%以上且增加{RISE_LEAST}件以上的：{'、'.join(risen)}。"
    yield "上月和上年同月的数字为截至本次核算时已录入的记录。"
