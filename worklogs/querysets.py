"""Service records, as far as a viewer may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db.models import Q

from lawadvisor.foundation.periods import Period
from lawadvisor.foundation.roles import Thing
from lawadvisor.foundation.scoping import ScopedQuerySet
from lawadvisor.foundation.viewer import Viewer

if TYPE_CHECKING:
    from worklogs.models import Attachment, Filing, Matter, ServiceLog  # noqa: F401  (generics)


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
