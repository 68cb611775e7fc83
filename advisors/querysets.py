"""Advisors and appointments, as far as a viewer may see them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db.models import Exists, OuterRef, Q

from advisors.enums import HOLDING, AppointmentStatus
from lawadvisor.accounts.querysets import POST_TO_BUREAU, within
from lawadvisor.foundation.roles import Thing
from lawadvisor.foundation.scoping import ScopedQuerySet
from lawadvisor.foundation.viewer import Viewer

if TYPE_CHECKING:
    from advisors.models import (  # noqa: F401  (generics)
        Absence,
        Advisor,
        Appointment,
        Liaison,
        Organisation,
        Post,
        ServiceTeam,
    )


class OrganisationQuerySet(ScopedQuerySet["Organisation"]):
    holds = Thing.ROSTER
    bureau_path = "bureau"
    organisation_path = "pk"


class AdvisorQuerySet(ScopedQuerySet["Advisor"]):
    """Also the advisors from elsewhere who serve a village that the viewer sees."""

    holds = Thing.ROSTER
    bureau_path = "organisation__bureau"
    organisation_path = "organisation"
    advisor_path = "pk"

    def _reach(self, viewer: Viewer) -> Q:
        from advisors.models import Appointment  # the querysets are imported by the models

        serving = Appointment.objects.visible_to(viewer).filter(advisor=OuterRef("pk"))
        return super()._reach(viewer) | Q(Exists(serving))


class ServiceTeamQuerySet(ScopedQuerySet["ServiceTeam"]):
    holds = Thing.ROSTER
    bureau_path = "organisation__bureau"
    organisation_path = "organisation"


class AbsenceQuerySet(ScopedQuerySet["Absence"]):
    holds = Thing.ROSTER
    bureau_path = "appointment__village__township__bureau"
    township_path = "appointment__village__township"
    organisation_path = "appointment__advisor__organisation"
    advisor_path = "appointment__advisor"


class AppointmentQuerySet(ScopedQuerySet["Appointment"]):
    holds = Thing.ROSTER
    bureau_path = "village__township__bureau"
    township_path = "village__township"
    village_path = "village"
    organisation_path = "advisor__organisation"
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


class LiaisonQuerySet(ScopedQuerySet["Liaison"]):
    """Also an advisor's, of the villages that he serves or served (DG-30)."""

    holds = Thing.ROSTER
    bureau_path = "village__township__bureau"
    township_path = "village__township"
    village_path = "village"

    def _reach(self, viewer: Viewer) -> Q:
        from advisors.models import Appointment  # the querysets are imported by the models

        reach = super()._reach(viewer)
        if viewer.advisor is not None:
            own = Appointment.objects.visible_to(viewer).holding()
            reach |= Q(village__in=own.values("village"))
        return reach

    def serving(self) -> Self:
        return self.filter(until__isnull=True)


class PostQuerySet(ScopedQuerySet["Post"]):
    holds = Thing.ACCOUNTS
    bureau_path = "bureau"

    def running_on(self, day: date) -> Self:
        return self.filter(term__contains=day)

    def _reach(self, viewer: Viewer) -> Q:
        return within(viewer.bureaus, POST_TO_BUREAU) if viewer.bureaus else Q()
