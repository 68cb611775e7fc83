"""Who served which village from when to when: service years, successors, late starts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db.backends.postgresql.psycopg_any import DateRange

from advisors.enums import LICENSED, AppointmentStatus, Category
from advisors.models import Absence, Advisor, Appointment
from advisors.rules import Term, number_slots
from lawadvisor.demo.people import CAP, Caseload, Staff
from lawadvisor.demo.spec import CountySpec
from lawadvisor.foundation.periods import Period
from villages.models import Village

SUCCESSION_REASONS = ("工作调动", "个人申请辞任", "转至外地执业", "身体原因不再担任")
END_OF_TERM = "任期届满"
#: Which caseloads meet with what; the first one is the demo login and stays untroubled.
LEAVES_LAST_MONTH, LEAVES_EARLIER, STARTS_LATE, SUSPENDED = 1, 3, 4, 5
AWAY, AWAY_WITHOUT_SUBSTITUTE = 6, 7
EVERY = 24
AWAY_FOR = ("因病住院，请假休养", "参加省律师协会脱产培训", "产假", "赴外地办理重大案件")
STANDS_IN = "代班期满"


@dataclass(frozen=True, slots=True)
class Away:
    """Excused days ``[start, end)`` of one term; ``substitute`` None: nobody stands in."""

    start: date
    end: date
    reason: str
    substitute: Advisor | None


@dataclass(frozen=True, slots=True)
class Tenure:
    """One term of one advisor in one village, ``[start, end)``."""

    advisor: Advisor
    village: Village
    start: date
    end: date
    suspended_from: date | None = None
    end_reason: str = END_OF_TERM
    exception: str = ""
    away: Away | None = None

    @property
    def serves_until(self) -> date:
        """The first day without service."""
        return self.suspended_from or self.end

    def serves_on(self, day: date) -> bool:
        if self.away and self.away.start <= day < self.away.end:
            return False
        return self.start <= day < self.serves_until

    def days_served(self, month: Period) -> int:
        away = month.days_shared(self.away.start, self.away.end) if self.away else 0
        return month.days_shared(self.start, self.serves_until) - away


def plan_tenures(spec: CountySpec, loads: Sequence[Caseload], staff: Staff) -> list[Tenure]:
    found: list[Tenure] = []
    for number, load in enumerate(loads):
        advisor = staff.hire(load.category)
        tenures = list(_service_years(spec, advisor, load.villages))
        if load.exception:
            tenures = [_excepted(tenure, load) for tenure in tenures]
        found += _troubled(spec, number, tenures, staff) if spec.flaws else tenures
    return found + _volunteers(spec, loads, staff)


def _excepted(tenure: Tenure, load: Caseload) -> Tenure:
    """The village beyond the cap carries the reason."""
    beyond = tenure.village is load.villages[-1]
    return replace(tenure, exception=load.exception) if beyond else tenure


def _volunteers(spec: CountySpec, loads: Sequence[Caseload], staff: Staff) -> list[Tenure]:
    """Each helps in a village that has an advisor."""
    categories = spec.customs.staffing.volunteers if spec.customs.staffing else ()
    found: list[Tenure] = []
    for category, load in zip(categories, loads, strict=False):
        volunteer = staff.hire(category, volunteer=True)
        found += _service_years(spec, volunteer, load.villages[:1])
    return found


def absences_of(
    tenures: Iterable[Tenure], appointments: Iterable[Appointment], approved_by: str
) -> list[Absence]:
    """Unsaved rows for the tenures in the order of their appointments."""
    return [
        Absence(
            appointment=appointment,
            days=DateRange(tenure.away.start, tenure.away.end),
            reason=tenure.away.reason,
            approved_by=approved_by,
            substitute=tenure.away.substitute,
        )
        for tenure, appointment in zip(tenures, appointments, strict=True)
        if tenure.away
    ]


def appointments_of(spec: CountySpec, tenures: Iterable[Tenure], staff: Staff) -> list[Appointment]:
    """Unsaved rows in the order of the tenures, each with its slot under the cap."""
    pairs = [(tenure, _appointment(spec, tenure, staff)) for tenure in tenures]
    by_advisor: dict[int, list[tuple[Tenure, Appointment]]] = {}
    for tenure, appointment in pairs:
        by_advisor.setdefault(id(tenure.advisor), []).append((tenure, appointment))
    for held in by_advisor.values():
        terms = [Term(tenure.start, tenure.end) for tenure, _ in held]
        caps = [None if row.cap_exception else row.slot_limit for _, row in held]
        slots = number_slots(terms, caps)
        for (_, appointment), slot in zip(held, slots, strict=True):
            appointment.slot = slot
    return [appointment for _, appointment in pairs]


def _appointment(spec: CountySpec, tenure: Tenure, staff: Staff) -> Appointment:
    over = tenure.end <= spec.today
    if over:
        status = AppointmentStatus.ENDED
    elif tenure.suspended_from:
        status = AppointmentStatus.SUSPENDED
    else:
        status = AppointmentStatus.ACTIVE
    is_lawyer = tenure.advisor.category == Category.LAWYER
    return Appointment(
        advisor=tenure.advisor,
        village=tenure.village,
        term=DateRange(tenure.start, tenure.end),
        status=status,
        suspended_from=tenure.suspended_from,
        team=staff.teams.get(tenure.advisor.organisation_id) if is_lawyer else None,
        slot_limit=_cap(spec, tenure.advisor),
        cap_exception=tenure.exception,
        end_reason=tenure.end_reason if over else "",
    )


def _cap(spec: CountySpec, advisor: Advisor) -> int | None:
    """As the portal would write it beside an appointment."""
    staffing = spec.customs.staffing
    if staffing is None:
        return CAP if advisor.category in LICENSED else None
    return None if advisor.is_volunteer else staffing.cap


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
    if spec.customs.staffing and spec.customs.staffing.absences:
        match number % EVERY:
            case n if n == AWAY:
                return _away(spec, tenures, _day_in(spec, number, -1), staff)
            case n if n == AWAY_WITHOUT_SUBSTITUTE:
                return _away(spec, tenures, _day_in(spec, number, -3), None)
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


def _away(
    spec: CountySpec, tenures: list[Tenure], day: date, staff: Staff | None
) -> Iterator[Tenure]:
    """The advisor is excused for some days; with ``staff`` a colleague stands in meanwhile."""
    rng = spec.stream("away", tenures[0].advisor.name)
    until, reason = day + timedelta(days=rng.randint(7, 11)), rng.choice(AWAY_FOR)
    substitute = staff.hire(Category(tenures[0].advisor.category)) if staff else None
    for tenure in tenures:
        if not (tenure.start <= day and until <= tenure.serves_until):
            yield tenure
            continue
        yield replace(tenure, away=Away(day, until, reason, substitute))
        if substitute:
            yield Tenure(substitute, tenure.village, day, until, end_reason=STANDS_IN)
