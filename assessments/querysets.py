"""Policies, closes, verdicts and files, as far as a viewer may see them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db.models import Q

from lawadvisor.foundation.scoping import ScopedQuerySet
from lawadvisor.foundation.viewer import Viewer

if TYPE_CHECKING:
    from assessments.models import (  # noqa: F401  (generics)
        DailyCheck,
        GeneratedFile,
        MonthClose,
        Policy,
        PolicyDraft,
        Verdict,
        Waiver,
    )


class PolicyQuerySet(ScopedQuerySet["Policy"]):
    bureau_path = "bureau"

    def in_force_on(self, day: date) -> Self:
        """Newest first; the first one per bureau is the one in force on ``day``."""
        return self.filter(effective_from__lte=day).order_by("-effective_from")


class PolicyDraftQuerySet(ScopedQuerySet["PolicyDraft"]):
    bureau_path = "bureau"


class WaiverQuerySet(ScopedQuerySet["Waiver"]):
    bureau_path = "bureau"


class MonthCloseQuerySet(ScopedQuerySet["MonthClose"]):
    """A township sees that its bureau's month is closed; the figures have scopes of their own."""

    bureau_path = "bureau"
    township_path = "bureau__townships"

    def visible_to(self, viewer: Viewer) -> Self:
        return super().visible_to(viewer).distinct()

    def newest_first(self) -> Self:
        return self.order_by("-month", "-revision")


class VerdictQuerySet(ScopedQuerySet["Verdict"]):
    """Verdicts of a desk; an advisor sees those on himself and on his appointments."""

    bureau_path = "close__bureau"
    township_path = "scope_township"

    def _reach(self, viewer: Viewer) -> Q:
        reach = super()._reach(viewer)
        if viewer.advisor is not None:
            reach |= Q(advisor=viewer.advisor) | Q(appointment__advisor=viewer.advisor)
        return reach


class DailyCheckQuerySet(ScopedQuerySet["DailyCheck"]):
    bureau_path = "bureau"


class GeneratedFileQuerySet(ScopedQuerySet["GeneratedFile"]):
    bureau_path = "close__bureau"
    township_path = "township"
