"""What the phone's screens show: one's own villages, records and month."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import Count, Max, Q, QuerySet

from advisors.models import Advisor, Appointment
from assessments.left import Left
from assessments.mine import OwnVillage, own_villages
from assessments.models import Policy
from assessments.notes import notes_on
from assessments.phone.entry import late_days, number_for
from assessments.phone.pictures import Album, album_of
from assessments.phone.teaching import teaching_in
from assessments.reports.activity import Activity, activity_by_appointment
from lawadvisor.foundation.periods import Period
from lawadvisor.foundation.viewer import Viewer
from villages.models import short_village_name
from worklogs import rules
from worklogs.asking import OpenRequest, open_requests
from worklogs.entries import session_told
from worklogs.enums import FilingKind, FilingState, LogState
from worklogs.models import Filing, ServiceLog
from worklogs.querysets import ServiceLogQuerySet
from worklogs.revising import REVISABLE

#: What a record handed in still waits for, by the state that the policy counts.
_WAITS_FOR = {LogState.CONFIRMED.value: "待确认", LogState.REVIEWED.value: "待核验"}
_WORDS = {
    LogState.DRAFT: "草稿",
    LogState.CONFIRMED: "已确认",
    LogState.REVIEWED: "已核验",
    LogState.RETURNED: "退回",
    LogState.WITHDRAWN: "已撤回",
}
DELIVERED = "已送达"
#: What was told and not taken back: also what was returned.
HANDED_IN = tuple(state for state in LogState if state not in (LogState.DRAFT, LogState.WITHDRAWN))


@dataclass(frozen=True, slots=True)
class Record:
    """One own record as the phone shows it, without any client.

    ``tone`` names its colour. ``late`` is in days, 0 for what was written down in time.
    ``pictured``: it has photos, or may have some. ``note`` says why it does not count, "" for
    what does.
    """

    uuid: str
    day: date
    times: str
    village: str
    appointment: int
    kinds: str
    state: str
    tone: str
    reason: str
    late: int
    is_supplement: bool
    revisable: bool
    photos: Album
    pictured: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One village on the home screen: what is still owed, what is done, and the last visit.

    ``teaching`` says what was taught this year, "" where nothing was.
    """

    village: OwnVillage
    owed: tuple[Left, ...]
    done: tuple[Left, ...]
    last_visit: date | None
    waiting: int
    teaching: str


@dataclass(frozen=True, slots=True)
class Today:
    cards: tuple[Card, ...]
    returned: tuple[Record, ...]
    requests: tuple[OpenRequest, ...]


def today_page(*, month: Period, today: date, viewer: Viewer) -> Today:
    villages = own_villages(month=month, today=today, viewer=viewer)
    pks = [village.pk for village in villages]
    waiting = Q(logs__state=LogState.SUBMITTED)
    counts = Appointment.objects.filter(pk__in=pks).annotate(
        last=Max("logs__service_date", filter=Q(logs__state__in=HANDED_IN)),
        waiting=Count("logs", filter=waiting),
    )
    seen = {pk: (last, waits) for pk, last, waits in counts.values_list("pk", "last", "waiting")}
    words = _counted_states({village.bureau for village in villages}, today)
    rows = Appointment.objects.filter(pk__in=pks).select_related("village__township")
    teaching = teaching_in(list(rows), {}, today)
    returned = _own(viewer).filter(state=LogState.RETURNED).order_by("service_date", "pk")
    return Today(
        cards=tuple(
            Card(
                village=village,
                owed=tuple(left for left in village.left if left.missing),
                done=tuple(left for left in village.left if not left.missing),
                last_visit=seen[village.pk][0],
                waiting=seen[village.pk][1] if words.get(village.bureau) in _WAITS_FOR else 0,
                teaching=teaching[village.pk].sentence if teaching[village.pk].lessons else "",
            )
            for village in villages
        ),
        returned=records_of(returned, viewer, today),
        requests=open_requests(viewer, today=today),
    )


def records_of(
    logs: QuerySet[ServiceLog], viewer: Viewer, today: date, *, month: Period | None = None
) -> tuple[Record, ...]:
    """With ``month`` also why those of it do not count."""
    rows = list(
        logs.select_related("appointment__village__township__bureau").prefetch_related(
            "matters__attachments"
        )
    )
    words = _counted_states({row.appointment.village.township.bureau.code for row in rows}, today)
    notes = notes_on(rows, month, today) if month else {}
    return tuple(
        replace(
            _record(row, viewer, words.get(row.appointment.village.township.bureau.code, "")),
            note=notes.get(row.pk, ""),
        )
        for row in rows
    )


def record_of(log: ServiceLog, viewer: Viewer, today: date) -> Record:
    return records_of(ServiceLog.objects.filter(pk=log.pk), viewer, today)[0]


def month_records(*, month: Period, today: date, viewer: Viewer) -> tuple[Record, ...]:
    """All own records of a month, newest first."""
    logs = _own(viewer).within(month).exclude(state=LogState.DRAFT)
    return records_of(
        logs.order_by("-service_date", "-started_at", "-pk"), viewer, today, month=month
    )


def saved_with(first: uuid.UUID, viewer: Viewer, today: date) -> tuple[Record, ...]:
    """What one save wrote: the record of that number, and those at other villages beside it."""
    served = Appointment.objects.filter(advisor=viewer.advisor).values_list("pk", flat=True)
    numbers = [first, *(number_for(first, pk, 1) for pk in served)]
    logs = _own(viewer).filter(client_uuid__in=numbers)
    return records_of(logs.order_by("started_at"), viewer, today)


@dataclass(frozen=True, slots=True)
class VillageMonth:
    """``zero`` is what was stated where nothing was done, "" for no statement; ``may_state``: a
    statement would be taken. ``appointment`` None is a sum."""

    village: str
    activity: Activity
    appointment: int | None = None
    zero: str = ""

    @property
    def may_state(self) -> bool:
        return self.appointment is not None and not self.activity.submitted and not self.zero

    @property
    def hours(self) -> str:
        """Of service on the spot: ``3`` or ``3.5``."""
        return f"{self.activity.onsite_minutes / 60:.1f}".removesuffix(".0")


@dataclass(frozen=True, slots=True)
class Summary:
    """One month of one's own: a row for each village, their sum, and what is left of it."""

    rows: tuple[VillageMonth, ...]
    total: VillageMonth
    owed: tuple[tuple[str, Left], ...]


def month_summary(*, month: Period, today: date, now: datetime, viewer: Viewer) -> Summary:
    """``owed`` is of the running month; of earlier ones the verdicts tell."""
    served = (
        Appointment.objects.visible_to(viewer)
        .filter(advisor=viewer.advisor)
        .holding()
        .overlapping(month.start, month.end)
        .select_related("village")
        .order_by("village__code")
    )
    rows = list(served)
    counts = activity_by_appointment(rows, month, now)
    running = today in month
    stated = Filing.objects.visible_to(viewer).filter(
        kind=FilingKind.ZERO_REPORT, advisor=viewer.advisor, period_start=month.start
    )
    zeros = dict(stated.exclude(state=FilingState.WITHDRAWN).values_list("village", "body"))
    cards = own_villages(month=month, today=today, viewer=viewer) if running else ()
    return Summary(
        rows=tuple(
            VillageMonth(
                short_village_name(row.village.name),
                counts.get(row.pk, Activity()),
                row.pk,
                zeros.get(row.village_id, ""),
            )
            for row in rows
        ),
        total=VillageMonth("", _sum(counts.values())),
        owed=tuple((card.name, left) for card in cards for left in card.left if left.missing),
    )


@dataclass(frozen=True, slots=True)
class Me:
    advisor: Advisor
    appointments: tuple[Appointment, ...]


def me_page(*, today: date, viewer: Viewer) -> Me:
    own = Appointment.objects.visible_to(viewer).filter(advisor=viewer.advisor).serving_on(today)
    return Me(
        advisor=Advisor.objects.select_related("organisation").get(pk=viewer.advisor or 0),
        appointments=tuple(own.select_related("village__township").order_by("village__code")),
    )


def strip_of(month: Period, records: Sequence[Record]) -> tuple[tuple[int, int], ...]:
    """(day of the month, visits on it), from the first to the last."""
    visits = [record.day.day for record in records]
    return tuple((day, visits.count(day)) for day in range(1, month.last_day.day + 1))


def _own(viewer: Viewer) -> ServiceLogQuerySet:
    return ServiceLog.objects.visible_to(viewer).filter(advisor=viewer.advisor)


def _record(log: ServiceLog, viewer: Viewer, counted: str) -> Record:
    matters, told = list(log.matters.all()), session_told(log)
    kinds = "坐班，无来访" if log.no_visitors else "、".join(m.get_kind_display() for m in matters)
    state = LogState(log.state)
    word = _WORDS.get(state) or _WAITS_FOR.get(counted, DELIVERED)
    start, end = told["start"], told["end"]
    timed = start is not None and end is not None
    times = f"{rules.clock(start)}–{rules.clock(end)}" if timed else ""
    return Record(
        uuid=str(log.client_uuid),
        day=log.service_date,
        times=times,
        village=short_village_name(log.appointment.village.name),
        appointment=log.appointment_id,
        kinds=kinds,
        state=word,
        tone=_tone(state, word),
        reason=log.returned_reason,
        late=late_days(log),
        is_supplement=log.is_supplement,
        revisable=state in REVISABLE,
        photos=album_of(matters, viewer),
        pictured=bool(matters) and state != LogState.WITHDRAWN,
    )


def _tone(state: LogState, word: str) -> str:
    if state in (LogState.RETURNED, LogState.WITHDRAWN):
        return "bad" if state == LogState.RETURNED else "local"
    return "wait" if word in _WAITS_FOR.values() else "good"


def _counted_states(bureaus: Iterable[str], day: date) -> dict[str, str]:
    """The state from which a record counts, by the bureau's code; without a policy none is."""
    policies = Policy.objects.filter(bureau__code__in=set(bureaus)).in_force_on(day)
    return {
        policy.bureau.code: policy.settings["counting_state"]
        for policy in policies.select_related("bureau").order_by("effective_from")
    }


def _sum(counts: Iterable[Activity]) -> Activity:
    found = list(counts)
    return Activity(**{name: sum(getattr(each, name) for each in found) for name in _COUNTED})


_COUNTED = Activity.__dataclass_fields__.keys()
