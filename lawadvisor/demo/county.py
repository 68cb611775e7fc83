"""One county from its spec, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from django.db import connection, transaction

from advisors.models import Absence, Advisor, Appointment, Organisation
from lawadvisor.demo.diary import Diary
from lawadvisor.demo.filings import filings_of
from lawadvisor.demo.lectures import Lecture, plan_lectures, plan_trainings
from lawadvisor.demo.logs import log_of
from lawadvisor.demo.matters import matters_of
from lawadvisor.demo.months import MonthOfRecords
from lawadvisor.demo.paperwork import papers_of
from lawadvisor.demo.people import BATCH, Staff, share_out
from lawadvisor.demo.photos import photos_of
from lawadvisor.demo.places import village_rows
from lawadvisor.demo.rhythms import PLANS
from lawadvisor.demo.sessions import Agenda
from lawadvisor.demo.spec import Counts, CountySpec
from lawadvisor.demo.tenures import Tenure, absences_of, appointments_of, plan_tenures
from lawadvisor.foundation.errors import Conflict
from lawadvisor.foundation.periods import Period
from lawadvisor.foundation.viewer import SYSTEM
from villages.enums import Terrain
from villages.importers import store_villages
from villages.models import Bureau, Village
from worklogs.models import Attachment, Filing, Matter, ServiceLog


@transaction.atomic
def build_county(spec: CountySpec) -> Counts:
    """Write the whole county: places, people, terms, records, filings.

    Raises Conflict when the bureau has appointments already: generated records
    never mix with others.
    """
    store_villages(village_rows(spec), by=SYSTEM)
    bureau = Bureau.objects.get(code=spec.code)
    in_mountains = Village.objects.filter(
        township__bureau=bureau, township__code__in=spec.mountains
    )
    in_mountains.update(terrain=Terrain.MOUNTAIN)
    if Appointment.objects.filter(village__township__bureau=bureau).exists():
        raise Conflict(f"{bureau.name}已有聘任数据，不能再生成演示数据。")
    tenures, appointments = _write_people(spec, bureau)
    Records(spec, tenures, appointments).write()
    if spec.customs.year_papers:
        Filing.objects.bulk_create(filings_of(spec, tenures), batch_size=BATCH)
    Filing.objects.bulk_create(papers_of(spec, bureau, tenures), batch_size=BATCH)
    _take_stock()
    return count(bureau)


def count(bureau: Bureau) -> Counts:
    """What the county holds."""
    place = {"village__township__bureau": bureau}
    return Counts(
        townships=bureau.townships.count(),
        villages=Village.objects.filter(township__bureau=bureau).count(),
        organisations=Organisation.objects.filter(bureau=bureau).count(),
        advisors=Advisor.objects.filter(organisation__bureau=bureau).count(),
        appointments=Appointment.objects.filter(**place).count(),
        logs=ServiceLog.objects.filter(appointment__village__township__bureau=bureau).count(),
        matters=Matter.objects.filter(log__appointment__village__township__bureau=bureau).count(),
        filings=bureau.filings.count(),
    )


def _take_stock() -> None:
    """Let the planner know of so many rows at once; it would join thousands as if one by one."""
    with connection.cursor() as cursor:
        for model in (Village, Appointment, ServiceLog, Matter, Attachment, Filing):
            cursor.execute(f"ANALYZE {model._meta.db_table}")


def _write_people(spec: CountySpec, bureau: Bureau) -> tuple[list[Tenure], list[Appointment]]:
    villages = list(Village.objects.filter(township__bureau=bureau).order_by("code"))
    loads = share_out(spec, villages)
    staff = Staff(spec, bureau, len(loads))
    tenures = plan_tenures(spec, loads, staff)
    staff.create()
    appointments = appointments_of(spec, tenures, staff)
    Appointment.objects.bulk_create(appointments, batch_size=BATCH)
    approver = f"{bureau.name}基层科"
    Absence.objects.bulk_create(absences_of(tenures, appointments, approver))
    return tenures, appointments


class Records:
    """Writes service logs month by month, as they came in."""

    def __init__(
        self, spec: CountySpec, tenures: Sequence[Tenure], appointments: Sequence[Appointment]
    ) -> None:
        self.spec = spec
        self.served: dict[int, list[tuple[Tenure, Appointment]]] = {}
        for tenure, appointment in zip(tenures, appointments, strict=True):
            self.served.setdefault(tenure.advisor.pk, []).append((tenure, appointment))
        self.chances = [spec.stream("records", n) for n in range(len(self.served))]
        villages = sorted({tenure.village.code for tenure in tenures})
        self.lectures = self._plan_lectures(villages)
        self.trainings = self._plan_trainings(villages) if spec.customs.trained else set()
        self.slow = self._slow(villages)

    def write(self) -> None:
        spec, photos = self.spec, self.spec.stream("photos")
        for period in spec.periods:
            is_last = period == spec.periods[-1]
            month = MonthOfRecords(period, spec.today, spec.customs, spec.rates, is_last, self.slow)
            pairs = list(self._month(month))
            ServiceLog.objects.bulk_create([log for log, _ in pairs], batch_size=BATCH)
            matters = [matter for _, found in pairs for matter in found]
            Matter.objects.bulk_create(matters, batch_size=BATCH)
            if spec.customs.photos:
                pictures = photos_of(matters, photos, spec.rates)
                Attachment.objects.bulk_create(pictures, batch_size=BATCH)

    def _plan_lectures(self, villages: Sequence[str]) -> dict[tuple[str, Period], Lecture]:
        """Keyed by village and month; whoever serves the month first takes the lecture."""
        spec = self.spec
        return {
            (code, period): lecture
            for code in villages
            for period, lecture in plan_lectures(
                spec.stream("lectures", code),
                spec.periods,
                spec.rates,
                spec.customs.lecture_every,
            ).items()
        }

    def _plan_trainings(self, villages: Sequence[str]) -> set[tuple[str, Period]]:
        spec = self.spec
        return {
            (code, period)
            for code in villages
            for period in plan_trainings(spec.stream("trainings", code), spec.periods, spec.rates)
        }

    def _slow(self, villages: Sequence[str]) -> frozenset[str]:
        """The villages whose records are looked at late."""
        check = self.spec.customs.check
        if check is None:
            return frozenset()
        share = check.slow_share
        return frozenset(v for v in villages if self.spec.stream("slow", v).random() < share)

    def _month(self, month: MonthOfRecords) -> Iterator[tuple[ServiceLog, list[Matter]]]:
        for rng, held in zip(self.chances, self.served.values(), strict=True):
            diary = Diary(rng)
            for tenure, appointment in held:
                if month.period.overlaps(tenure.start, tenure.serves_until):
                    yield from self._tenure(tenure, appointment, month, diary)

    def _tenure(
        self, tenure: Tenure, appointment: Appointment, month: MonthOfRecords, diary: Diary
    ) -> Iterator[tuple[ServiceLog, list[Matter]]]:
        rng: Random = diary.rng
        village, key = tenure.village, (tenure.village.code, month.period)
        agenda = Agenda(self.lectures.pop(key, None), key in self.trainings)
        self.trainings.discard(key)
        plan = PLANS[month.customs.visits.rhythm](tenure, month, diary, agenda)
        for session in plan.sessions(self.spec.records_per_month):
            log = log_of(session, appointment, month, rng, village.short_name)
            yield log, matters_of(log, session, rng, village, month)
