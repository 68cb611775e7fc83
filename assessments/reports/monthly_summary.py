"""R1 月度工作汇总表: a line per village and advisor; for the bureau a line per township.

Clause: 司法所汇总每月村（社区）法律顾问工作情况并报区司法局 (ZX-72).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from advisors.models import Appointment
from assessments.enums import ReportKey, SubjectKind, VerdictStatus
from assessments.models import MonthDesk, Verdict
from assessments.quota.rules import Having, Measure
from assessments.reports import columns
from assessments.reports.activity import Activity, activity_by_appointment, summed
from assessments.reports.desk import ReportDesk, join_names
from assessments.revisions import changes_since
from lawadvisor.foundation.periods import Period
from lawadvisor.foundation.tables import Column, Document, Kind, Pair, section
from villages.models import Village


@dataclass(frozen=True, slots=True)
class Line:
    """One row: a village and its advisor, or in the bureau's paper a whole township."""

    place: str
    who: str
    category: str
    organisation: str
    done: Activity
    counted_visits: int
    status: str
    remark: str


#: How wide a count is, and two in one cell.
_COUNT, _PAIR = 2.6, 4.3


def _activity_columns() -> tuple[Column, ...]:
    return (
        Column(
            "visits",
            "现场次数",
            Kind.PAIR,
            4.4,
            total=True,
            parts=("计入", "全部"),
            get=lambda line: Pair(line.counted_visits, line.done.onsite),
        ),
        columns.onsite_hours("hours", "现场时长", 4.4),
        columns.count("online", "线上次数", _COUNT),
        columns.count("consultations", "咨询", _COUNT),
        columns.count("documents", "文书与意见", _COUNT),
        columns.lectures(_PAIR),
        columns.count("trainings", "培训", _COUNT),
        columns.mediations(_PAIR),
        columns.count("legal_aid", "法援", _COUNT),
        columns.count("incidents", "重大事项", _COUNT),
        columns.pair("logs", "日志数", ("submitted", "confirmed"), ("提交", "确认"), _PAIR),
        columns.count("reviewed", "已核验", _COUNT),
    )


TOWNSHIP_COLUMNS = (
    Column("seq", "序号", Kind.SEQ, 2),
    Column("place", "村（社区）", width=9),
    Column("who", "法律顾问", width=4.2),
    Column("category", "类别", width=5.6),
    Column("organisation", "所属机构", width=9),
    *_activity_columns(),
    Column("status", "达标情况", Kind.STATUS, 3.4),
    Column("remark", "备注", width=7.5),
)
BUREAU_COLUMNS = (
    Column("seq", "序号", Kind.SEQ, 2),
    Column("place", "镇街", width=7),
    Column("who", "已聘村（社区）/顾问", width=6),
    *_activity_columns(),
    Column("status", "达标情况", Kind.STATUS, 6),
)


def collect(desk: ReportDesk) -> Document:
    """The month of one township, or for a bureau's desk of the bureau by township."""
    lines = _lines(desk)
    if desk.township is None:
        body = section(BUREAU_COLUMNS, _by_township(desk, lines))
    else:
        coded = [(a.village.code, line) for a, line in lines] + _vacant(desk, lines)
        coded.sort(key=lambda pair: pair[0])  # stable: a village's advisors stay in their order
        body = section(TOWNSHIP_COLUMNS, [line for _, line in coded])
    return desk.document(
        ReportKey.MONTHLY_SUMMARY,
        sections=(body,),
        lead=(*_unreviewed(desk), *_coverage(desk), *_short_villages(desk), *_changed(desk)),
        measure="单位：次、小时、件、场、人次、条",
        remarks=("司法所意见：",) if desk.township else (),  # written by hand on the paper
    )


def _lines(desk: ReportDesk) -> list[tuple[Appointment, Line]]:
    appointments = _appointments(desk)
    done = activity_by_appointment(appointments, desk.close.period, desk.close.opened_at)
    verdicts: dict[int, list[Verdict]] = {}
    for verdict in desk.of_kind(SubjectKind.APPOINTMENT):
        verdicts.setdefault(verdict.subject_id, []).append(verdict)
    return [
        (
            appointment,
            _line(
                desk,
                appointment,
                done.get(appointment.pk, Activity()),
                verdicts.get(appointment.pk, []),
            ),
        )
        for appointment in appointments
    ]


def _vacant(desk: ReportDesk, lines: list[tuple[Appointment, Line]]) -> list[tuple[str, Line]]:
    """A line, by its village's code, for each village that nobody served this month."""
    served = {appointment.village_id for appointment, _ in lines}
    statuses = _village_statuses(desk)
    vacant = Village.objects.active().filter(township=desk.township).exclude(pk__in=served)
    return [
        (
            village.code,
            Line(
                place=village.short_name,
                who="（空缺）",
                category="",
                organisation="",
                done=Activity(),
                counted_visits=0,
                status=_word(statuses.get(village.pk)),
                remark="",
            ),
        )
        for village in vacant
    ]


def _village_statuses(desk: ReportDesk) -> dict[int, VerdictStatus]:
    """How each village stands this month, all advisors together (A13)."""
    found: dict[int, list[Verdict]] = {}
    for verdict in desk.of_kind(SubjectKind.VILLAGE):
        found.setdefault(verdict.subject_id, []).append(verdict)
    return {
        village: status
        for village, verdicts in found.items()
        if (status := desk.status_in_month(verdicts)) is not None
    }


def _appointments(desk: ReportDesk) -> list[Appointment]:
    month = desk.close.period
    found = Appointment.objects.holding().overlapping(month.start, month.end)
    if desk.township is None:
        found = found.filter(village__township__bureau=desk.close.bureau)
    else:
        found = found.filter(village__township=desk.township)
    return list(
        found.select_related("village__township", "advisor__organisation").order_by(
            "village__code", "term"
        )
    )


def _line(
    desk: ReportDesk, appointment: Appointment, done: Activity, verdicts: list[Verdict]
) -> Line:
    advisor = appointment.advisor
    return Line(
        place=appointment.village.short_name,
        who=advisor.name,
        category=advisor.get_category_display(),
        organisation=advisor.organisation.name,
        done=done,
        counted_visits=_counted_visits(desk, verdicts, done),
        status=_word(desk.status_in_month(verdicts)),
        remark="；".join(_remarks(appointment, done, desk.close.period)),
    )


def _word(status: VerdictStatus | None) -> str:
    """As short as a column needs it: 不足期 for 不足期，不考核."""
    return status.label.partition("，")[0] if status else "—"


def _counted_visits(desk: ReportDesk, verdicts: Iterable[Verdict], done: Activity) -> int:
    """As the policy's rule on visits counts them; without such a rule every submitted one."""
    for verdict in verdicts:
        rule = desk.quota_rules[verdict.rule_id]
        if rule.measure is Measure.EVENTS and rule.records and rule.records.unit == "session":
            return int(verdict.actual)
    return done.onsite


def _remarks(appointment: Appointment, done: Activity, month: Period) -> Iterable[str]:
    if appointment.starts_on in month and appointment.starts_on != month.start:
        yield f"{appointment.starts_on:%-m月%-d日}到任"
    if appointment.ends_before is not None and month.start < appointment.ends_before <= month.end:
        yield f"任期至{appointment.ends_before - timedelta(days=1):%-m月%-d日}"
    if appointment.suspended_from is not None and appointment.suspended_from < month.end:
        yield f"{appointment.suspended_from:%-m月%-d日}起暂停"
    if done.supplements:
        yield f"补录{done.supplements}条"


def _by_township(desk: ReportDesk, lines: list[tuple[Appointment, Line]]) -> list[Line]:
    statuses = _village_statuses(desk)
    places = dict(Village.objects.filter(pk__in=statuses).values_list("pk", "township_id"))
    found = []
    for township in desk.close.bureau.townships.all():
        own = [(a, line) for a, line in lines if a.village.township_id == township.pk]
        villages = {appointment.village_id for appointment, _ in own}
        advisors = {appointment.advisor_id for appointment, _ in own}
        found.append(
            Line(
                place=township.name,
                who=f"{len(villages)}个/{len(advisors)}人",
                category="",
                organisation="",
                done=summed(line.done for _, line in own),
                counted_visits=sum(line.counted_visits for _, line in own),
                status=_township_word(
                    desk, [status for pk, status in statuses.items() if places[pk] == township.pk]
                ),
                remark="",
            )
        )
    return found


def _township_word(desk: ReportDesk, statuses: list[VerdictStatus]) -> str:
    """How many villages fell short; else the one word for all of them."""
    short = statuses.count(VerdictStatus.NOT_MET)
    if short:
        return f"{short}个村未达标"
    return _word(desk.word_for(statuses) if statuses else None)


def _unreviewed(desk: ReportDesk) -> Iterable[str]:
    """That the bureau acted for an office that had not handed the month in (A48)."""
    desks = MonthDesk.objects.filter(
        township__bureau=desk.close.bureau, month=desk.close.month, for_silent_office=True
    )
    if desk.township is None:
        names = list(desks.order_by("township__code").values_list("township__name", flat=True))
        if names:
            yield f"系统生成，未经司法所审核的镇街：{join_names(names)}。"
    elif desks.filter(township=desk.township).exists():
        yield "系统生成，未经司法所审核。"


#: How many changes a line names; the page of the changes has them all.
_NAMED = 6


def _changed(desk: ReportDesk) -> Iterable[str]:
    """What a revision says that the finished one before it did not."""
    found = changes_since(desk.close, township=desk.township)
    if found is None:
        return
    named = [
        f"{row.subject}“{row.rule}”{row.before or '未核算'}→{row.after or '未核算'}"
        for row in found.rows
    ]
    than = f"与第{found.earlier.revision}版相比"
    if named:
        rest = f"等{len(named)}项" if len(named) > _NAMED else ""
        yield f"{than}有变化的检查：{'；'.join(named[:_NAMED])}{rest}。"
    else:
        yield f"{than}，各项检查的结果没有变化。"


def _coverage(desk: ReportDesk) -> Iterable[str]:
    """The line on coverage, from the policy's own rule on it, if it has one (ZX-04)."""
    kind = SubjectKind.BUREAU if desk.township is None else SubjectKind.TOWNSHIP
    for verdict in desk.of_kind(kind):
        if desk.quota_rules[verdict.rule_id].having is Having.APPOINTMENT:
            covered = int(verdict.actual)
            open_ = sum(len(ids) for ids, _, _ in verdict.explanation["refused"])
            villages = covered + open_
            rate = covered * 100 / villages if villages else 0
            yield f"应配备法律顾问的村（社区）{villages}个，已配备{covered}个，覆盖率{rate:.1f}%。"


def _short_villages(desk: ReportDesk) -> Iterable[str]:
    """Villages that fell short; that all are well is said only where all were judged so."""
    statuses = _village_statuses(desk)
    short = [pk for pk, status in statuses.items() if status == VerdictStatus.NOT_MET]
    if short:
        names = [village.short_name for village in Village.objects.filter(pk__in=short)]
        yield f"本月服务未达标的村（社区）：{join_names(names)}。"
    elif statuses and set(statuses.values()) == {VerdictStatus.MET}:
        yield "本月各村（社区）服务均达标。"
