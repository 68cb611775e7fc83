"""Advisors and appointments, as far as a viewer may see them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db.models import Exists, OuterRef, Q

from advisors.enums import HOLDING, AppointmentStatus
from lawadvisor.foundation.scoping import ScopedQuerySet
from lawadvisor.foundation.viewer import Viewer

if TYPE_CHECKING:
    from advisors.models import (  # noqa: F401  (generics)
        Absence,
        Advisor,
        Appointment,
        Organisation,
        ServiceTeam,
    )


class OrganisationQuerySet(ScopedQuerySet["Organisation"]):
    bureau_path = "bureau"


class AdvisorQuerySet(ScopedQuerySet["Advisor"]):
    """Also the advisors from elsewhere who serve a village that the viewer sees."""

    bureau_path = "organisation__bureau"
    advisor_path = "pk"

    def visible_to(self, viewer: Viewer) -> Self:
        if viewer.sees_all:
            return self.all()
        from advisors.models import (
            Appointment,
        )  # the querysets are imported by the models

        serving = Appointment.objects.visible_to(viewer).filter(advisor=OuterRef("pk"))
        return self.filter(self._reach(viewer) | Q(Exists(serving)))


class ServiceTeamQuerySet(ScopedQuerySet["ServiceTeam"]):
    bureau_path = "organisation__bureau"


class AbsenceQuerySet(ScopedQuerySet["Absence"]):
    bureau_path = "appointment__village__township__bureau"
    township_path = "appointment__village__township"
    advisor_path = "appointment__advisor"


class AppointmentQuerySet(ScopedQuerySet["Appointment"]):
    bureau_path = "village__township__bureau"
    township_path = "village__township"
    advisor_path = "advisor"

    def holding(self) -> Self:
        """Those that count against the cap for the days of their term."""
        return self.filter(status__in=HOLDING)

    def serving_on(self, day: date) -> Self:
        return self.filter(status=AppointmentStatus.ACTIVE, term__contains=day)

    def overlapping(self, start: date, end: date | None) -> Self:
        """Terms that share a day with ``[start, end)``; ``end`` None is open."""
        from django.db.backends.postgresql.psycopg_any import DateRange

        return self.filter(term__overlap=DateRange(start, end))
