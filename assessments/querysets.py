"""Policies, closes, verdicts and files, as far as a viewer may see them."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Self

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from advisors.models import Appointment
from assessments.enums import THING_OF, ReportKey
from lawadvisor.foundation.roles import Thing
from lawadvisor.foundation.scoping import ScopedQuerySet
from lawadvisor.foundation.viewer import Viewer

if TYPE_CHECKING:
    from assessments.models import (  # noqa: F401  (generics)
        BureauChannel,
        DailyCheck,
        Delivery,
        FormFilling,
        FormTemplate,
        FormVersion,
        GeneratedFile,
        Message,
        MonthClose,
        MonthDesk,
        MonthlyBook,
        MonthlyCheck,
        Policy,
        PolicyDraft,
        Reopening,
        Rule,
        SpotCheck,
        SpotDraw,
        Verdict,
        Waiver,
    )


def reports_seen_by(viewer: Viewer) -> tuple[ReportKey, ...]:
    """The kept papers whose content is among the things that a viewer sees."""
    return tuple(key for key in ReportKey if viewer.sees(THING_OF[key]))


def _served_by(advisor: int, village: str = "village") -> QuerySet[Appointment]:
    """The appointments of one person in the village to which a lookup of the outer row leads."""
    return Appointment.objects.filter(advisor=advisor, village=OuterRef(village))


class PolicyQuerySet(ScopedQuerySet["Policy"]):
    holds = Thing.POLICY
    bureau_path = "bureau"

    def in_force_on(self, day: date) -> Self:
        """Newest first; the first one per bureau is the one in force on ``day``."""
        return self.filter(effective_from__lte=day).order_by("-effective_from")

    def with_standing(self) -> Self:
        """With ``rule_count``, ``closed_months`` (different months that were closed by it)
        and ``replaced_on``, the first day of the next version; None for the newest.
        """
        own = OuterRef("pk")
        later = self.model.objects.filter(
            bureau=OuterRef("bureau"), effective_from__gt=OuterRef("effective_from")
        )
        closes = self.model.objects.filter(pk=own, closes__closed_at__isnull=False)
        return self.annotate(
            rule_count=Subquery(
                self.model.objects.filter(pk=own).annotate(n=Count("rules")).values("n")
            ),
            closed_months=Coalesce(
                Subquery(closes.annotate(n=Count("closes__month", distinct=True)).values("n")), 0
            ),
            replaced_on=Subquery(later.order_by("effective_from").values("effective_from")[:1]),
        )


class RuleQuerySet(ScopedQuerySet["Rule"]):
    holds = Thing.POLICY
    bureau_path = "policy__bureau"


class PolicyDraftQuerySet(ScopedQuerySet["PolicyDraft"]):
    holds = Thing.POLICY
    bureau_path = "bureau"


class WaiverQuerySet(ScopedQuerySet["Waiver"]):
    holds = Thing.FIGURES
    bureau_path = "bureau"


class MonthCloseQuerySet(ScopedQuerySet["MonthClose"]):
    """A township sees that its bureau's month is closed; the figures have scopes of their own."""

    holds = Thing.FIGURES
    bureau_path = "bureau"
    township_path = "bureau__townships"

    def visible_to(self, viewer: Viewer) -> Self:
        return super().visible_to(viewer).distinct()

    def newest_first(self) -> Self:
        return self.order_by("-month", "-revision")


class MonthDeskQuerySet(ScopedQuerySet["MonthDesk"]):
    holds = Thing.FIGURES
    bureau_path = "township__bureau"
    township_path = "township"


class MonthlyCheckQuerySet(ScopedQuerySet["MonthlyCheck"]):
    """An advisor sees those on himself, and on a village that he serves."""

    holds = Thing.FILINGS
    bureau_path = "filing__bureau"
    township_path = "filing__village__township"
    advisor_path = "filing__advisor"

    def _reach(self, viewer: Viewer) -> Q:
        reach = super()._reach(viewer)
        if viewer.advisor is not None:
            whole = Q(filing__advisor__isnull=True)
            reach |= whole & Q(Exists(_served_by(viewer.advisor, "filing__village")))
        return reach


class SpotDrawQuerySet(ScopedQuerySet["SpotDraw"]):
    """Whom it names is not told before somebody has looked, and goes to no higher desk."""

    holds = Thing.RECORDS
    bureau_path = "township__bureau"
    township_path = "township"


class SpotCheckQuerySet(ScopedQuerySet["SpotCheck"]):
    holds = Thing.FILINGS
    bureau_path = "draw__township__bureau"
    township_path = "draw__township"
    advisor_path = "appointment__advisor"


class MonthlyBookQuerySet(ScopedQuerySet["MonthlyBook"]):
    holds = Thing.FILINGS
    bureau_path = "filing__bureau"
    township_path = "filing__village__township"
    advisor_path = "filing__advisor"


class ReopeningQuerySet(ScopedQuerySet["Reopening"]):
    """Its advisor is told too: he has three days."""

    holds = Thing.FIGURES
    bureau_path = "village__township__bureau"
    township_path = "village__township"

    def open_at(self, now: datetime) -> Self:
        return self.filter(opened_at__lte=now, expires_at__gt=now)

    def _reach(self, viewer: Viewer) -> Q:
        reach = super()._reach(viewer)
        if viewer.advisor is not None:
            reach |= Q(Exists(_served_by(viewer.advisor)))
        return reach


class VerdictQuerySet(ScopedQuerySet["Verdict"]):
    """Verdicts of a desk; an advisor sees those on himself and on his appointments, and an
    organisation those on itself and its own people.
    """

    holds = Thing.FIGURES
    bureau_path = "close__bureau"
    township_path = "scope_township"
    organisation_path = "organisation"
    advisor_path = "advisor"

    def _reach(self, viewer: Viewer) -> Q:
        reach = super()._reach(viewer)
        if viewer.advisor is not None:
            reach |= Q(appointment__advisor=viewer.advisor)
        if (own := viewer.organisation) is not None:
            reach |= Q(advisor__organisation=own) | Q(appointment__advisor__organisation=own)
        return reach


class DailyCheckQuerySet(ScopedQuerySet["DailyCheck"]):
    holds = Thing.FIGURES
    bureau_path = "bureau"


class GeneratedFileQuerySet(ScopedQuerySet["GeneratedFile"]):
    """Without the papers that show more than figures, for whoever does not see that."""

    holds = Thing.FIGURES
    bureau_path = "close__bureau"
    township_path = "township"

    def visible_to(self, viewer: Viewer) -> Self:
        return super().visible_to(viewer).filter(report__in=reports_seen_by(viewer))


class FormTemplateQuerySet(ScopedQuerySet["FormTemplate"]):
    holds = Thing.FORMS
    bureau_path = "bureau"


class FormVersionQuerySet(ScopedQuerySet["FormVersion"]):
    holds = Thing.FORMS
    bureau_path = "form__bureau"


class FormFillingQuerySet(ScopedQuerySet["FormFilling"]):
    holds = Thing.FORMS
    bureau_path = "version__form__bureau"


class MessageQuerySet(ScopedQuerySet["Message"]):
    """Who keeps accounts sees what went out; what one was told oneself, ``to`` finds."""

    holds = Thing.ACCOUNTS
    bureau_path = "bureau"

    def to(self, viewer: Viewer) -> Self:
        return self.filter(user=viewer.user_id) if viewer.user_id else self.none()


class DeliveryQuerySet(ScopedQuerySet["Delivery"]):
    holds = Thing.ACCOUNTS
    bureau_path = "message__bureau"


class BureauChannelQuerySet(ScopedQuerySet["BureauChannel"]):
    holds = Thing.ACCOUNTS
    bureau_path = "bureau"
