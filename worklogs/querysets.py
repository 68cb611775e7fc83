"""Service records, as far as a viewer may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from lawadvisor.foundation.periods import Period
from lawadvisor.foundation.scoping import ScopedQuerySet

if TYPE_CHECKING:
    from worklogs.models import Filing, Matter, ServiceLog  # noqa: F401  (generics)


class ServiceLogQuerySet(ScopedQuerySet["ServiceLog"]):
    bureau_path = "appointment__village__township__bureau"
    township_path = "appointment__village__township"
    advisor_path = "advisor"

    def within(self, period: Period) -> Self:
        return self.filter(service_date__gte=period.start, service_date__lt=period.end)


class MatterQuerySet(ScopedQuerySet["Matter"]):
    bureau_path = "log__appointment__village__township__bureau"
    township_path = "log__appointment__village__township"
    advisor_path = "log__advisor"


class FilingQuerySet(ScopedQuerySet["Filing"]):
    bureau_path = "village__township__bureau"
    township_path = "village__township"
    advisor_path = "advisor"
