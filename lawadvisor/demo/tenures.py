"""Who served which village from when to when: service years, successors, late starts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db.backends.postgresql.psycopg_any import DateRange

from advisors.enums import LICENSED, AppointmentStatus, Category
from advisors.models import Advisor, Appointment
from advisors.rules import Term, number_slots
from lawadvisor.demo.people import CAP, Caseload, Staff
from lawadvisor.demo.spec import CountySpec
from villages.models import Village

SUCCESSION_REASONS = ("工作调动", "个人申请辞任", "转至外地执业", "身体原因不再担任")
END_OF_TERM = "任期届满"
#: Which caseloads meet with what; the first one is the demo login and stays untroubled.
LEAVES_LAST_MONTH, LEAVES_EARLIER, STARTS_LATE, SUSPENDED = 1, 3, 4, 5
EVERY = 24


@dataclass(frozen=True, slots=True)
class Tenure:
    """One term of one advisor in one village, ``[start, end)``."""

    advisor: Advisor
    village: Village
    start: date
    end: date
    suspended_from: date | None = None
    end_reason: str = END_OF_TERM

    @property
    def serves_until(self) -> date:
        """The first day without service."""
        return self.suspended_from or self.end


def plan_tenures(spec: CountySpec, loads: Sequence[Caseload], staff: Staff) -> list[Tenure]:
    found: list[Tenure] = []
    for number, load in enumerate(loads):
        advisor = staff.hire(load.category)
        tenures = list(_service_years(spec, advisor, load.villages))
        found += _troubled(spec, number, tenures, staff) if spec.flaws else tenures
    return found


def appointments_of(tenures: Iterable[Tenure], today: date) -> list[Appointment]:
    """Unsaved rows in the order of the tenures, each with its slot under the cap."""
    pairs = [(tenure, _appointment(tenure, today)) for tenure in tenures]
    by_advisor: dict[int, list[tuple[Tenure, Appointment]]] = {}
    for tenure, appointment in pairs:
        by_advisor.setdefault(id(tenure.advisor), []).append((tenure, appointment))
    for held in by_advisor.values():
        slots = number_slots([Term(tenure.start, tenure.end) for tenure, _ in held])
        for (_, appointment), slot in zip(held, slots, strict=True):
            appointment.slot = slot
    return [appointment for _, appointment in pairs]


def _appointment(tenure: Tenure, today: date) -> Appointment:
    over = tenure.end <= today
    if over:
        status = AppointmentStatus.ENDED
    elif tenure.suspended_from:
        status = AppointmentStatus.SUSPENDED
    else:
        status = AppointmentStatus.ACTIVE
    return Appointment(
        advisor=tenure.advisor,
        village=tenure.village,
        term=DateRange(tenure.start, tenure.end),
        status=status,
        suspended_from=tenure.suspended_from,
        slot_limit=CAP if tenure.advisor.category in LICENSED else None,
        end_reason=tenure.end_reason if over else "",
    )


def _service_years(
    spec: CountySpec, advisor: Advisor, villages: Iterable[Village]
) -> Iterator[Tenure]:
    """A term a year, from the one that holds the first month to the one that holds today."""
    first, month = spec.periods[0].start, spec.service_year_month
    year = first.year if first.month >= month else first.year - 1
    while (start := date(year, month, 1)) <= spec.today:
        year += 1
        for village in villages:
            yield Tenure(advisor, village, start, date(year, month, 1))


def _troubled(
    spec: CountySpec, number: int, tenures: list[Tenure], staff: Staff
) -> Iterator[Tenure]:
    match number % EVERY:
        case n if n == LEAVES_LAST_MONTH:
            return _succeeded(spec, tenures, _day_in(spec, number, -1), staff)
        case n if n == LEAVES_EARLIER:
            return _succeeded(spec, tenures, _day_in(spec, number, -6), staff)
        case n if n == STARTS_LATE:
            return _from(tenures, _day_in(spec, number, 2))
        case n if n == SUSPENDED:
            return _suspended(tenures, _day_in(spec, number, -2))
    return iter(tenures)


def _day_in(spec: CountySpec, number: int, month: int) -> date:
    """A day from the 8th to the 19th of the month with this index, the nearest there is."""
    periods = spec.periods
    index = max(month, -len(periods)) if month < 0 else min(month, len(periods) - 1)
    return periods[index].start + timedelta(days=spec.stream("day", number).randrange(7, 19))


def _from(tenures: Iterable[Tenure], day: date) -> Iterator[Tenure]:
    for tenure in tenures:
        if tenure.end > day:
            yield replace(tenure, start=max(tenure.start, day))


def _until(tenures: Iterable[Tenure], day: date, reason: str) -> Iterator[Tenure]:
    for tenure in tenures:
        if tenure.start < day:
            cut = tenure.end > day
            yield replace(
                tenure,
                end=min(tenure.end, day),
                end_reason=reason if cut else tenure.end_reason,
            )


def _succeeded(
    spec: CountySpec, tenures: list[Tenure], day: date, staff: Staff
) -> Iterator[Tenure]:
    """The advisor leaves all villages on ``day``; a newcomer takes over, one village later."""
    leaver = tenures[0].advisor
    newcomer = staff.hire(Category(leaver.category))
    why = spec.stream("leaves", leaver.name).choice(SUCCESSION_REASONS)
    yield from _until(tenures, day, f"{why}，由{newcomer.name}接任")
    taken = [replace(tenure, advisor=newcomer) for tenure in tenures]
    gap_village = tenures[-1].village
    yield from _from((t for t in taken if t.village is not gap_village), day)
    yield from _from((t for t in taken if t.village is gap_village), day + timedelta(days=6))


def _suspended(tenures: list[Tenure], day: date) -> Iterator[Tenure]:
    """In one village the newest term that holds or follows ``day`` is suspended then."""
    village = tenures[0].village
    newest = [t for t in tenures if t.village is village and t.end > day][-1]
    since = max(day, newest.start)
    for tenure in tenures:
        yield replace(tenure, suspended_from=since) if tenure is newest else tenure
