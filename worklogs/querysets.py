"""Service records, as far as a viewer may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from advisors.models import Appointment
from lawadvisor.foundation.periods import Period
from lawadvisor.foundation.roles import Role, Thing
from lawadvisor.foundation.scoping import ScopedQuerySet
from lawadvisor.foundation.viewer import Viewer
from worklogs.enums import OWED_REQUESTS, Recipient

if TYPE_CHECKING:
    from worklogs.models import (  # noqa: F401  (generics)
        Attachment,
        BureauLimit,
        Filing,
        Incident,
        IncidentNote,
        IncidentNotice,
        LiaisonLink,
        Matter,
        ServiceLog,
        ServiceRequest,
    )


class ServiceLogQuerySet(ScopedQuerySet["ServiceLog"]):
    holds = Thing.RECORDS
    bureau_path = "appointment__village__township__bureau"
    township_path = "appointment__village__township"
    village_path = "appointment__village"
    advisor_path = "advisor"

    def within(self, period: Period) -> Self:
        return self.filter(service_date__gte=period.start, service_date__lt=period.end)


class MatterQuerySet(ScopedQuerySet["Matter"]):
    holds = Thing.RECORDS
    bureau_path = "log__appointment__village__township__bureau"
    township_path = "log__appointment__village__township"
    village_path = "log__appointment__village"
    advisor_path = "log__advisor"


class AttachmentQuerySet(ScopedQuerySet["Attachment"]):
    holds = Thing.RECORDS
    bureau_path = "matter__log__appointment__village__township__bureau"
    township_path = "matter__log__appointment__village__township"
    advisor_path = "matter__log__advisor"


class FilingQuerySet(ScopedQuerySet["Filing"]):
    """A township sees its own and its villages'; what is the bureau's stays there."""

    holds = Thing.FILINGS
    bureau_path = "bureau"
    advisor_path = "advisor"

    def _reach(self, viewer: Viewer) -> Q:
        reach = super()._reach(viewer)
        if viewer.townships:
            reach |= Q(township__in=viewer.townships)
            reach |= Q(village__township__in=viewer.townships)
        return reach


class LiaisonLinkQuerySet(ScopedQuerySet["LiaisonLink"]):
    """What office and bureau gave out."""

    holds = Thing.RECORDS
    bureau_path = "liaison__village__township__bureau"
    township_path = "liaison__village__township"

    def standing(self) -> Self:
        """Not taken back, whether or not its days are over."""
        return self.filter(revoked_at__isnull=True, liaison__until__isnull=True)


class BureauLimitQuerySet(ScopedQuerySet["BureauLimit"]):
    holds = Thing.POLICY
    bureau_path = "bureau"


class ServiceRequestQuerySet(ScopedQuerySet["ServiceRequest"]):
    """An advisor's are those of the villages that he serves, and those that he took up."""

    holds = Thing.REQUESTS
    bureau_path = "village__township__bureau"
    township_path = "village__township"
    village_path = "village"
    advisor_path = "advisor"

    def owed(self) -> Self:
        return self.filter(state__in=OWED_REQUESTS)

    def _reach(self, viewer: Viewer) -> Q:
        reach = super()._reach(viewer)
        if viewer.advisor is not None:
            own = Appointment.objects.visible_to(viewer).serving_on(timezone.localdate())
            reach |= Q(village__in=own.values("village"))
        return reach


#: Desks that see a grave matter only where it was reported to them.
ADDRESSED = {Role.TOWNSHIP: Recipient.TOWNSHIP, Role.LIAISON: Recipient.VILLAGE}


class _OfIncidents:
    """What hangs on a report is seen with it; ``to_incident`` leads there."""

    to_incident = "pk"

    def _reach(self, viewer: Viewer) -> Q:
        from worklogs.models import IncidentNotice  # the querysets are imported by the models

        reach: Q = super()._reach(viewer)  # type: ignore[misc]
        recipient = ADDRESSED.get(viewer.role) if viewer.role else None
        if recipient is None or not reach:
            return reach
        told = IncidentNotice.objects.filter(
            incident=OuterRef(self.to_incident), recipient=recipient
        )
        return reach & Q(Exists(told))


class IncidentQuerySet(_OfIncidents, ScopedQuerySet["Incident"]):
    holds = Thing.INCIDENTS
    bureau_path = "village__township__bureau"
    township_path = "village__township"
    village_path = "village"
    advisor_path = "advisor"


class IncidentNoticeQuerySet(_OfIncidents, ScopedQuerySet["IncidentNotice"]):
    holds = Thing.INCIDENTS
    to_incident = "incident"
    bureau_path = "incident__village__township__bureau"
    township_path = "incident__village__township"
    village_path = "incident__village"
    advisor_path = "incident__advisor"


class IncidentNoteQuerySet(_OfIncidents, ScopedQuerySet["IncidentNote"]):
    holds = Thing.INCIDENTS
    to_incident = "incident"
    bureau_path = "incident__village__township__bureau"
    township_path = "incident__village__township"
    village_path = "incident__village"
    advisor_path = "incident__advisor"
