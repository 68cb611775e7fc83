"""One county from its spec, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from django.db import transaction

from advisors.models import Advisor, Appointment, Organisation
from lawadvisor.demo.diary import Diary
from lawadvisor.demo.filings import filings_of
from lawadvisor.demo.lectures import Lecture, plan_lectures
from lawadvisor.demo.logs import MonthOfRecords, log_of
from lawadvisor.demo.matters import matters_of
from lawadvisor.demo.people import BATCH, Staff, share_out
from lawadvisor.demo.places import village_rows
from lawadvisor.demo.sessions import MonthPlan
from lawadvisor.demo.spec import Counts, CountySpec
from lawadvisor.demo.tenures import Tenure, appointments_of, plan_tenures
from lawadvisor.foundation.errors import Conflict
from lawadvisor.foundation.periods import Period
from lawadvisor.foundation.viewer import SYSTEM
from villages.importers import store_villages
from villages.models import Bureau, Village
from worklogs.models import Filing, Matter, ServiceLog


@transaction.atomic
def build_county(spec: CountySpec) -> Counts:
    """Write the whole county: places, people, terms, records, filings.

    Raises Conflict when the bureau has appointments already: generated records
    never mix with others.
    """
    store_villages(village_rows(spec), by=SYSTEM)
    bureau = Bureau.objects.get(code=spec.code)
    if Appointment.objects.filter(village__township__bureau=bureau).exists():
        raise Conflict(f"{bureau.name}已有聘任数据，不能再生成演示数据。")
    tenures, appointments = _write_people(spec, bureau)
    Records(spec, tenures, appointments).write()
    Filing.objects.bulk_create(filings_of(spec, tenures), batch_size=BATCH)
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
        filings=Filing.objects.filter(**place).count(),
    )


def _write_people(spec: CountySpec, bureau: Bureau) -> tuple[list[Tenure], list[Appointment]]:
    villages = list(Village.objects.filter(township__bureau=bureau).order_by("code"))
    loads = share_out(spec, villages)
    staff = Staff(spec, bureau, len(loads))
    tenures = plan_tenures(spec, loads, staff)
    staff.create()
    appointments = appointments_of(tenures, spec.today)
    Appointment.objects.bulk_create(appointments, batch_size=BATCH)
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
        self.lectures = self._plan_lectures(tenures)

    def write(self) -> None:
        for period in self.spec.periods:
            month = MonthOfRecords(
                period, self.spec.today, self.spec.rates, period == self.spec.periods[-1]
            )
            pairs = list(self._month(month))
            ServiceLog.objects.bulk_create([log for log, _ in pairs], batch_size=BATCH)
            matters = [matter for _, found in pairs for matter in found]
            Matter.objects.bulk_create(matters, batch_size=BATCH)

    def _plan_lectures(self, tenures: Sequence[Tenure]) -> dict[tuple[int, Period], Lecture]:
        """Keyed by village and month; whoever serves the month first takes the lecture."""
        villages = dict.fromkeys((tenure.village.pk, tenure.village.code) for tenure in tenures)
        return {
            (pk, period): lecture
            for pk, code in villages
            for period, lecture in plan_lectures(
                self.spec.stream("lectures", code), self.spec.periods, self.spec.rates
            ).items()
        }

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
        village = tenure.village.short_name
        lecture = self.lectures.pop((tenure.village.pk, month.period), None)
        plan = MonthPlan(tenure, month.period, diary, month.rates, lecture)
        for session in plan.sessions(self.spec.records_per_month):
            log = log_of(session, appointment, month, rng, village)
            yield log, matters_of(log, session, rng, tenure.village)
