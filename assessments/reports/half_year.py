"""R24 半年工作报告: the tables filled from the records, the words left to who signs.

Clauses: 至少每半年书面报告一次 (DG-19), filed with the higher organ at the same time (DG-20).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from advisors.models import Appointment
from assessments.desk import covered_on
from assessments.enums import PaperKey
from assessments.models import MonthClose
from assessments.reports import columns
from assessments.reports.activity import Activity, activity_by_appointment, summed
from assessments.reports.asked import AskedDesk
from assessments.reports.coverage import rate
from assessments.reports.desk import NOT_CLOSED
from lawadvisor.foundation.periods import Period, PeriodKind, local_date
from lawadvisor.foundation.tables import Column, Document, Kind, section
from worklogs.enums import FilingKind, FilingState
from worklogs.models import Filing

#: What was held, by the papers that tell of it.
_HELD = (
    FilingKind.ADVISOR_TRAINING,
    FilingKind.LIAISON_TRAINING,
    FilingKind.JOINT_MEETING,
    FilingKind.ANNUAL_REVIEW,
    FilingKind.GUIDANCE_MEETING,
    FilingKind.INSPECTION,
    FilingKind.CAMPAIGN,
)


@dataclass(frozen=True, slots=True)
class Line:
    """One township in the half-year; ``checked`` counts monthly checks."""

    township: str
    villages: int
    covered: int
    advisors: int
    done: Activity
    checked: int


@dataclass(frozen=True, slots=True)
class Held:
    kind: str
    count: int
    titles: str


@dataclass(frozen=True, slots=True)
class Named:
    """A place to be filled in by hand."""

    name: str
    words: str = ""


#: How wide a count is, and two in one cell.
_COUNT, _PAIR = 3.5, 4.5
_PLACE = (Column("seq", "序号", Kind.SEQ, 2), Column("township", "镇街", width=7))
COVER_COLUMNS = (
    *_PLACE,
    Column("villages", "村（社区）", Kind.INT, 4, total=True),
    Column("covered", "已配备", Kind.INT, 4, total=True),
    Column("rate", "覆盖率", Kind.STATUS, 4, get=lambda line: rate(line.covered, line.villages)),
    Column("advisors", "法律顾问", Kind.INT, 4),
)
WORK_COLUMNS = (
    *_PLACE,
    columns.count("onsite", "现场次数", _COUNT),
    columns.onsite_hours("minutes", "现场时长（小时）", 5),
    columns.count("online", "线上次数", _COUNT),
    columns.count("consultations", "咨询", _COUNT),
    columns.count("documents", "文书与意见", _COUNT),
    columns.mediations(_PAIR),
    columns.count("legal_aid", "法律援助", _COUNT),
    columns.lectures(_PAIR),
    columns.count("trainings", "培训", _COUNT),
    columns.count("incidents", "重大事项", _COUNT),
    Column("checked", "核查次数", Kind.INT, 4, total=True),
)
HELD_COLUMNS = (
    Column("seq", "序号", Kind.SEQ, 2),
    Column("kind", "会议、培训、检查", width=8),
    Column("count", "次数", Kind.INT, 3, total=True),
    Column("titles", "名称和日期", width=26),
)
NAMED_COLUMNS = (Column("name", "项目", width=7), Column("words", "内容", Kind.BLANK, 32))
#: The portal knows of no money and thinks no thoughts: who reports writes them down.
_BY_HAND = (
    Named("经费安排和使用"),
    Named("存在的问题"),
    Named("下一步工作"),
    Named("主送"),
    Named("抄送（报上级司法行政机关备案）"),
)


def half_of(period: Period) -> Period:
    """The half-year that holds a month, or is one."""
    return Period.containing(PeriodKind.HALF_YEAR, period.start)


def collect(desk: AskedDesk) -> Document:
    """``desk.period`` is a half-year; a watermark says so while one of its months is not closed."""
    lines = list(_lines(desk))
    filed = _filing(desk)
    return desk.document(
        PaperKey.HALF_YEAR,
        sections=(
            section(COVER_COLUMNS, lines, title="一、配备和覆盖"),
            section(WORK_COLUMNS, lines, title="二、服务、调解、法律援助和核查"),
            section(HELD_COLUMNS, _held(desk), title="三、会议、培训和督导"),
            section(NAMED_COLUMNS, _BY_HAND, title="四、由报告单位填写"),
        ),
        lead=_lead(desk, lines, filed),
        measure="单位：个、次、小时、件、场、人次",
        signatures=("填报人", "审核人", "签发人", "报送日期", "盖章"),
        watermark="" if _is_closed(desk) else NOT_CLOSED,
    )


def _lines(desk: AskedDesk) -> Iterable[Line]:
    day = min(desk.period.last_day, local_date(desk.now))
    villages = desk.villages().annotate(is_covered=covered_on(day, desk.policy))
    places = list(villages.values_list("township", "is_covered"))
    terms = Appointment.objects.visible_to(desk.viewer).holding()
    terms = terms.overlapping(desk.period.start, desk.period.end)
    found = list(terms.filter(**desk.within("village__township")).select_related("village"))
    done = activity_by_appointment(found, desk.period, desk.now)
    checks = Filing.objects.visible_to(desk.viewer).filter(
        kind=FilingKind.MONTHLY_CHECK,
        state__in=(FilingState.SUBMITTED, FilingState.RECEIVED),
        period_start__gte=desk.period.start,
        period_start__lt=desk.period.end,
        **desk.within("village__township"),
    )
    checked = Counter(checks.values_list("village__township", flat=True))
    for pk, name in desk.townships.items():
        own = [term for term in found if term.village.township_id == pk]
        yield Line(
            township=name,
            villages=sum(township == pk for township, _ in places),
            covered=sum(township == pk and covered for township, covered in places),
            advisors=len({term.advisor_id for term in own}),
            done=summed(done.get(term.pk, Activity()) for term in own),
            checked=checked[pk],
        )


def _held(desk: AskedDesk) -> Iterable[Held]:
    rows = Filing.objects.visible_to(desk.viewer).filter(
        bureau=desk.bureau,
        kind__in=_HELD,
        filed_on__gte=desk.period.start,
        filed_on__lt=desk.period.end,
    )
    if desk.township is not None:
        rows = rows.filter(township=desk.township)
    found = list(rows.order_by("filed_on", "pk"))
    for kind in _HELD:
        own = [row for row in found if row.kind == kind]
        if own:
            told = (f"{row.title}（{row.filed_on:%-m月%-d日}）" for row in own if row.filed_on)
            yield Held(str(kind.label), len(own), "；".join(told))


def _filing(desk: AskedDesk) -> Filing | None:
    """The report as it was filed, None while it was not."""
    kept = Filing.objects.visible_to(desk.viewer).filter(
        kind=FilingKind.HALF_YEAR_REPORT,
        bureau=desk.bureau,
        township=desk.township,
        period_start=desk.period.start,
    )
    return kept.exclude(state__in=(FilingState.DRAFT, FilingState.WITHDRAWN)).first()


def _is_closed(desk: AskedDesk) -> bool:
    closed = MonthClose.objects.visible_to(desk.viewer).filter(
        bureau=desk.bureau,
        month__gte=desk.period.start,
        month__lt=desk.period.end,
        closed_at__isnull=False,
    )
    months = set(closed.order_by().values_list("month", flat=True))
    return len(months) == len(_months(desk.period))


def _months(half: Period) -> list[Period]:
    found = [Period.containing(PeriodKind.MONTH, half.start)]
    while found[-1].end < half.end:
        found.append(found[-1].next())
    return found


def _lead(desk: AskedDesk, lines: Sequence[Line], filed: Filing | None) -> Iterable[str]:
    villages, covered = (
        sum(line.villages for line in lines),
        sum(line.covered for line in lines),
    )
    whole = summed(line.done for line in lines)
    last = min(desk.period.end, local_date(desk.now) + timedelta(days=1)) - timedelta(days=1)
    yield (
        f"截至{last:%Y年%-m月%-d日}，应配备法律顾问的村（社区）{villages}个，已配备{covered}个，"
        f"覆盖率{rate(covered, villages)}。{desk.period.label}现场服务{whole.onsite}次，"
        f"线上服务{whole.online}次，解答咨询{whole.consultations}件，参与调解{whole.mediations}件，"
        f"法律援助{whole.legal_aid}件，法治讲座{whole.lectures}场、{whole.audience}人次。"
    )
    if filed and filed.filed_on:
        yield f"本报告已于{filed.filed_on:%Y年%-m月%-d日}报送。"
    else:
        yield "本报告尚未登记报送。"
