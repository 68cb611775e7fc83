"""A generated county as plain lists, so that many tests can look at one and the same."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date

from django.db import connection, transaction

from advisors.models import Advisor, Appointment
from lawadvisor.demo import Counts, CountySpec, build_county
from lawadvisor.demo.digest import digest
from lawadvisor.foundation.periods import Period, PeriodKind, local_date, local_minute
from villages.models import Village
from worklogs.enums import MatterKind, Mode, Purpose
from worklogs.models import Filing, Matter, ServiceLog

TODAY = date(2026, 11, 22)
SPEC = CountySpec(
    code="990001", name="演示县司法局", today=TODAY, villages=70, prefix="ys", service_year_month=7
)
SMALL = replace(SPEC, villages=24, months=3)


@dataclass(frozen=True, slots=True)
class Generated:
    counts: Counts
    digest: str
    villages: list[Village]
    advisors: list[Advisor]
    appointments: list[Appointment]
    logs: list[ServiceLog]
    filings: list[Filing]
    matters: dict[int, list[Matter]]

    @property
    def visits(self) -> list[ServiceLog]:
        """Duty on site, with times."""
        return [
            log
            for log in self.logs
            if log.purpose == Purpose.DUTY and log.mode == Mode.ON_SITE and log.minutes
        ]

    def visit_days(self) -> dict[tuple[int, date], list[ServiceLog]]:
        """Visits by appointment and day."""
        found: dict[tuple[int, date], list[ServiceLog]] = defaultdict(list)
        for log in self.visits:
            found[log.appointment_id, log.service_date].append(log)
        return found

    def lectures(self) -> list[tuple[ServiceLog, Matter]]:
        return [
            (log, matter)
            for log in self.logs
            for matter in self.matters[log.pk]
            if matter.kind == MatterKind.LECTURE
        ]


def generate(spec: CountySpec) -> Generated:
    """Build, check the deferred constraints, read everything, and leave nothing behind."""
    with transaction.atomic():
        counts = build_county(spec)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        found = _read(counts)
        transaction.set_rollback(True)
    return found


def _read(counts: Counts) -> Generated:
    matters: dict[int, list[Matter]] = defaultdict(list)
    for matter in Matter.objects.order_by("pk"):
        matters[matter.log_id].append(matter)
    related = ("appointment__village", "appointment__advisor", "entered_by", "advisor__user")
    return Generated(
        counts=counts,
        digest=digest(),
        villages=list(Village.objects.select_related("township")),
        advisors=list(Advisor.objects.select_related("organisation", "user")),
        appointments=list(Appointment.objects.select_related("advisor", "village")),
        logs=list(ServiceLog.objects.select_related(*related).order_by("pk")),
        filings=list(Filing.objects.select_related("village", "advisor")),
        matters=matters,
    )


def clock(log: ServiceLog) -> tuple[int, int]:
    """Start and end in minutes since local midnight."""
    return local_minute(log.started_at), local_minute(log.ended_at)


def days_late(log: ServiceLog) -> int:
    return (local_date(log.entered_at) - log.service_date).days


def month_of(day: date) -> Period:
    return Period.containing(PeriodKind.MONTH, day)
