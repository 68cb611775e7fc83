"""Who serves which village, as a workbook: appointed and ended by the policy in force."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Max
from django.utils import timezone

from advisors.enums import AppointmentStatus
from advisors.importers import People, pair_columns
from advisors.models import Advisor, Appointment
from advisors.querysets import AppointmentQuerySet
from advisors.rules import (
    EARLIEST,
    LATEST,
    REASON_LENGTH,
    Term,
    check_cap,
    check_term,
)
from advisors.services import appoint, lock_of, names_for, reinstate, term_of
from assessments.appointing import allowed
from assessments.models import Policy
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.importing import rowwise
from lawadvisor.foundation.importing.columns import Column
from lawadvisor.foundation.importing.plans import (
    Action,
    Change,
    Desk,
    Entry,
    Importer,
    Line,
    Tell,
    Trace,
    register,
)
from lawadvisor.foundation.importing.values import day, text
from lawadvisor.foundation.locks import hold
from lawadvisor.foundation.viewer import Viewer
from villages.models import Village
from villages.roster import Places
from worklogs.enums import LogState
from worklogs.models import ServiceLog
from worklogs.services import end_service

ONE_DAY = timedelta(days=1)
UNTIL_FURTHER = "长期"
#: What an import writes of an appointment, and must find again to take it back.
WRITTEN = ("term", "status", "end_reason", "cap_exception")
#: Which column a service's refusal belongs to.
_FIELDS = {"advisor": "advisor", "village": "village", "end": "end", "reason": "reason"}


class Opening(NamedTuple):
    """What ``appoint`` is told; ``end`` is the first day no longer served, None for open."""

    advisor: Advisor
    village: Village
    start: date
    end: date | None
    limit: int | None
    exception: str


class Ending(NamedTuple):
    appointment: Appointment
    on: date
    reason: str


class AppointmentImporter(Importer):
    key = "appointments"
    title = "聘任"
    notes = (
        "村（社区）和法律顾问须先登记。同名的顾问请填写执业证号。",
        "同一顾问、同一村（社区）、同一起始日期，视为同一聘任；写有更早的止日的，按结束处理。",
        "每人可担任的村（社区）数、人员类别、学历和执业年限，按现行政策检查。",
        "文件里没有写到的聘任不会结束。",
    )

    def columns(self, desk: Desk) -> tuple[Column, ...]:
        return (*pair_columns(desk.bureau_id), *TERM_COLUMNS)

    def plan(self, desk: Desk, entries: Sequence[Entry], tell: Tell) -> Iterator[Line]:
        planning = _Planning(desk, entries)
        for number, entry in enumerate(entries, start=1):
            line = planning.line(entry)
            if line is not None:
                yield line
            if number % 100 == 0:
                tell(number, len(entries))

    def write(self, desk: Desk, lines: Sequence[Line], tell: Tell) -> list[Trace]:
        hold(*{lock_of(_advisor_of(line.data)) for line in lines})
        traces = []
        for number, line in enumerate(lines, start=1):
            traces.append(_written(desk, line.data))
            if number % 50 == 0:
                tell(number, len(lines))
        return traces

    def undo(self, desk: Desk, traces: Sequence[Trace], reason: str) -> None:
        ended = [trace for trace in traces if trace.before is not None]
        held = Appointment.objects.select_related("advisor", "village")
        rows = held.in_bulk([trace.pk for trace in ended])
        rowwise.refuse([*rowwise.altered(rows, ended)])
        made = [trace for trace in traces if trace.before is None]
        rowwise.take_back(desk, "appointment", made, reason)
        for trace in ended:
            before = trace.before or {}
            end = before["term"][1]
            reinstate(
                by=desk.by,
                appointment=rows[trace.pk],
                end=date.fromisoformat(end) if end else None,
                status=before["status"],
                reason=reason,
            )

    def rows(self, desk: Desk, viewer: Viewer) -> Iterator[Mapping[str, str]]:  # noqa: ARG002
        for each in _appointments(desk.bureau_id):
            end = each.ends_before
            yield {
                "township": each.village.township.name,
                "village": each.village.name,
                "code": each.village.code,
                "advisor": each.advisor.name,
                "licence": each.advisor.licence_no,
                "organisation": each.advisor.organisation.name,
                "start": each.starts_on.isoformat(),
                "end": (end - ONE_DAY).isoformat() if end else "",
                "end_reason": each.end_reason,
            }

    def absent(self, desk: Desk, lines: Sequence[Line]) -> list[str]:
        named = {line.data.pk for line in lines if isinstance(line.data, Appointment)}
        named |= {line.data.appointment.pk for line in lines if isinstance(line.data, Ending)}
        running = Appointment.objects.filter(village__township__bureau=desk.bureau_id).serving_on(
            timezone.localdate(desk.now)
        )
        return [
            f"{each.advisor.name}—{each.village.name}"
            for each in running.select_related("advisor", "village").exclude(pk__in=named)
        ]


TERM_COLUMNS = (
    Column(
        "start",
        "任期起",
        day("任期起", EARLIEST, LATEST),
        (
            *("起始日期", "开始日期", "聘期起", "聘任日期", "受聘日期", "聘任起始日期", "任期开始"),
            *("合同开始日期", "合同起始日期", "服务起始日期", "聘用日期", "起始时间", "开始时间"),
        ),
        needed=True,
        filled=True,
        hint="第一天。",
        example="2026-01-01",
    ),
    Column(
        "end",
        "任期止",
        day("任期止", EARLIEST, LATEST),
        (
            *("截止日期", "结束日期", "聘期止", "终止日期", "到期日期", "任期结束", "合同到期日期"),
            *("合同结束日期", "合同终止日期", "服务截止日期", "截止时间", "结束时间"),
        ),
        hint="最后一天（含当日）；不填为长期。",
        example="2026-12-31",
    ),
    Column(
        "end_reason",
        "结束事由",
        text("结束事由", REASON_LENGTH),
        ("终止原因", "结束原因", "解聘原因"),
        hint="结束已登记的聘任时必填。",
        width=20,
    ),
    Column(
        "reason",
        "超限事由",
        text("超限事由", 150),
        ("超额事由", "例外事由"),
        hint="只在政策允许批准例外时填写。",
        width=16,
    ),
    Column(
        "approved_by",
        "批准人",
        text("批准人", 40),
        ("例外批准人",),
        hint="与超限事由一并填写。",
        width=10,
    ),
)


class _Planning:
    """What the bureau has, read once, and what the file adds to it row by row."""

    def __init__(self, desk: Desk, entries: Sequence[Entry]) -> None:
        self.places = Places(desk.bureau_id)
        self.people = People(desk.bureau_id)
        self.people.welcome(entries)
        newest_first = Policy.objects.filter(bureau=desk.bureau_id).order_by("-effective_from")
        self.policies = list(newest_first.prefetch_related("rules"))
        self.known: dict[tuple[int, int], list[Appointment]] = defaultdict(list)
        for each in _appointments(desk.bureau_id):
            self.known[each.advisor_id, each.village_id].append(each)
        self.held: dict[int, list[Appointment]] = defaultdict(list)
        everywhere = Appointment.objects.filter(advisor__in=self.people.by_id).holding()
        for each in everywhere.select_related("village__township__bureau"):
            self.held[each.advisor_id].append(each)
        self.served = dict(
            ServiceLog.objects.filter(appointment__village__township__bureau=desk.bureau_id)
            .exclude(state__in=(LogState.DRAFT, LogState.RETURNED))
            .values_list("appointment")
            .annotate(Max("service_date"))
            .order_by()
        )
        self.seen: dict[tuple[int, int, date], Entry] = {}

    def line(self, entry: Entry) -> Line | None:
        """None where the row cannot be said to be about anything; then it was refused."""
        village, advisor = self.places.village(entry), self.people.advisor(entry)
        start, last = entry.get("start"), entry.get("end")
        if start is not None and last is not None and last < start:
            entry.refuse("end", f"任期止不应早于任期起{start.isoformat()}")
        if village is None or advisor is None or start is None:
            return None
        if (first := self.seen.setdefault((advisor.pk, village.pk, start), entry)) is not entry:
            entry.refuse("start", f"与第{first.row}行重复，同一聘任只能写一行")
            return None
        end = last + ONE_DAY if last is not None else None
        known = self.known[advisor.pk, village.pk]
        match = next((each for each in known if each.starts_on == start), None)
        if match is not None:
            return self._known(entry, match, end)
        return self._new(entry, advisor, village, Term(start, end))

    def _known(self, entry: Entry, match: Appointment, end: date | None) -> Line:
        label = f"{match.advisor.name}—{match.village.name}"
        if end is None or end == match.ends_before:
            return entry.line(Action.SAME, label, data=match)
        reason = entry.get("end_reason") or ""
        current = _said(match.ends_before)
        if match.status not in (AppointmentStatus.ACTIVE, AppointmentStatus.SUSPENDED):
            entry.refuse("end", f"该聘任{match.get_status_display()}，任期到{current}，不能再改")
        elif match.ends_before is not None and end > match.ends_before:
            entry.refuse("end", f"登记的任期到{current}，导入只能提前结束，不能延长")
        elif (served := self.served.get(match.pk)) is not None and served >= end:
            entry.refuse("end", f"{served.isoformat()}还有已提交的服务记录，止日应不早于这一天")
        elif not reason:
            entry.refuse("end_reason", "结束已登记的聘任须填写结束事由")
        change = Change("任期止", current, _said(end))
        return entry.line(Action.ENDED, label, [change], Ending(match, end, reason))

    def _new(self, entry: Entry, advisor: Advisor, village: Village, term: Term) -> Line:
        opening = None
        try:
            opening = self._opening(entry, advisor, village, term)
        except DomainError as refusal:
            key = _FIELDS.get(refusal.field, "start")
            entry.refuse(key, str(refusal).rstrip("。"))
        change = Change("任期", "", f"{term.start.isoformat()}至{_said(term.end)}")
        return entry.line(Action.NEW, f"{advisor.name}—{village.name}", [change], opening)

    def _opening(self, entry: Entry, advisor: Advisor, village: Village, term: Term) -> Opening:
        """The same rules as ``appoint_by_policy``, on what is held and what the file adds."""
        check_term(term)
        held = self.held[advisor.pk]
        wanted = DateRange(*term)
        for other in held:
            if other.village_id == village.pk and _overlap(other.term, wanted):
                raise DomainError(
                    f"该顾问已受聘于{village.name}，任期{other.starts_on.isoformat()}至"
                    f"{_said(other.ends_before)}",
                    field="start",
                )
        policies = (each for each in self.policies if each.effective_from <= term.start)
        limit, exception = allowed(
            advisor=advisor,
            start=term.start,
            policy=next(policies, None),
            reason=entry.get("reason") or "",
            approved_by=entry.get("approved_by") or "",
        )
        if limit is not None and not exception:
            check_cap(limit, map(term_of, held), names_for(village, held), term)
        held.append(Appointment(advisor=advisor, village=village, term=wanted))
        return Opening(advisor, village, term.start, term.end, limit, exception)


def _appointments(bureau_id: int) -> AppointmentQuerySet:
    return (
        Appointment.objects.filter(village__township__bureau=bureau_id)
        .exclude(status=AppointmentStatus.CANCELLED)
        .select_related("advisor__organisation", "village__township__bureau")
    )


def _advisor_of(data: Opening | Ending) -> Advisor:
    return data.advisor if isinstance(data, Opening) else data.appointment.advisor


def _written(desk: Desk, data: Opening | Ending) -> Trace:
    if isinstance(data, Opening):
        before = None
        row = appoint(by=desk.by, **data._asdict())
    else:
        before = _stored(data.appointment)
        row = end_service(by=desk.by, appointment=data.appointment, on=data.on, reason=data.reason)
    return Trace(Appointment._meta.label_lower, row.pk, before, _stored(row))


def _stored(row: Appointment) -> dict[str, object]:
    return {name: rowwise.stored(getattr(row, name)) for name in WRITTEN}


def _overlap(one: DateRange, other: DateRange) -> bool:
    return (other.upper is None or one.lower < other.upper) and (
        one.upper is None or other.lower < one.upper
    )


def _said(end: date | None) -> str:
    return (end - ONE_DAY).isoformat() if end else UNTIL_FURTHER


register(AppointmentImporter())
