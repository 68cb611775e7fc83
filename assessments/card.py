"""The card of one village in one month, and of one organisation's people: who serves, what was
done, how it stands. Each part only for whom it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from advisors.models import Appointment, Organisation
from assessments.enums import VerdictStatus
from assessments.left import Left, by_subject, left_for_appointments
from assessments.models import MonthClose, Verdict
from assessments.reports.activity import SUBMITTED
from lawadvisor.foundation.periods import Period
from lawadvisor.foundation.roles import Thing
from lawadvisor.foundation.viewer import Viewer
from villages.models import Village, short_village_name
from worklogs.models import ServiceLog


@dataclass(frozen=True, slots=True)
class Serving:
    """One term that touches the month; ``until`` None is open-ended, else its last day."""

    pk: int
    advisor: str
    category: str
    organisation: str
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Standing:
    """One verdict on the village or on one of its terms, as the month was closed."""

    pk: int
    title: str
    advisor: str
    status: VerdictStatus
    actual: int
    required: int


@dataclass(frozen=True, slots=True)
class VillageCard:
    """``records`` and ``verdicts`` are None for a viewer whom they do not concern."""

    village: Village
    month: Period
    serving: tuple[Serving, ...]
    records: tuple[ServiceLog, ...] | None
    verdicts: tuple[Standing, ...] | None
    revision: int | None


def village_card(*, village: Village, month: Period, viewer: Viewer) -> VillageCard:
    """In a fixed number of queries; ``village`` comes with its township."""
    terms = (
        Appointment.objects.visible_to(viewer)
        .filter(village=village)
        .holding()
        .overlapping(month.start, month.end)
        .select_related("advisor__organisation")
        .order_by("term")
    )
    close = _judged(village, month) if viewer.sees(Thing.FIGURES) else None
    return VillageCard(
        village=village,
        month=month,
        serving=tuple(map(_serving, terms)),
        records=_records(village, month, viewer) if viewer.sees(Thing.RECORDS) else None,
        verdicts=_verdicts(close, village, viewer) if close else None,
        revision=close.revision if close else None,
    )


def _serving(term: Appointment) -> Serving:
    return Serving(
        pk=term.pk,
        advisor=term.advisor.name,
        category=term.advisor.get_category_display(),
        organisation=term.advisor.organisation.name,
        since=term.starts_on,
        until=date.fromordinal(term.ends_before.toordinal() - 1) if term.ends_before else None,
    )


def _records(village: Village, month: Period, viewer: Viewer) -> tuple[ServiceLog, ...]:
    """What was handed in; drafts are the advisor's own affair."""
    logs = (
        ServiceLog.objects.visible_to(viewer)
        .within(month)
        .filter(appointment__village=village, state__in=SUBMITTED)
    )
    return tuple(
        logs.select_related("advisor")
        .prefetch_related("matters")
        .order_by("service_date", "started_at", "pk")
    )


def _judged(village: Village, month: Period) -> MonthClose | None:
    closes = MonthClose.objects.filter(bureau=village.township.bureau_id, month=month.start)
    return closes.filter(closed_at__isnull=False).newest_first().first()


def _verdicts(close: MonthClose, village: Village, viewer: Viewer) -> tuple[Standing, ...]:
    found = (
        Verdict.objects.visible_to(viewer)
        .filter(Q(village=village) | Q(appointment__village=village), close=close)
        .select_related("rule", "appointment__advisor")
        .order_by("subject_kind", "rule__position", "period_start", "pk")
    )
    return tuple(
        Standing(
            pk=verdict.pk,
            title=verdict.rule.title,
            advisor=verdict.appointment.advisor.name if verdict.appointment else "",
            status=VerdictStatus(verdict.status),
            actual=int(verdict.actual),
            required=int(verdict.required),
        )
        for verdict in found
    )


# ---------------------------------------------------------------- an organisation's people


@dataclass(frozen=True, slots=True)
class OwnAdvisor:
    """One advisor of the organisation in one village; ``records`` were handed in this month."""

    pk: int
    bureau: str  # its code
    advisor: str
    village: str
    township: str
    records: int
    left: tuple[Left, ...]


def own_advisors(
    *, organisation: Organisation, month: Period, today: date, viewer: Viewer
) -> tuple[OwnAdvisor, ...]:
    """Everybody of the organisation who serves today, with counts and without any client."""
    running = (
        Appointment.objects.visible_to(viewer)
        .filter(advisor__organisation=organisation)
        .serving_on(today)
    )
    mine = Q(logs__service_date__gte=month.start, logs__service_date__lt=month.end)
    counts = dict(
        running.annotate(
            records=Count("logs", filter=mine & Q(logs__state__in=SUBMITTED))
        ).values_list("pk", "records")
    )
    rows = list(
        running.select_related("advisor", "village__township__bureau").order_by(
            "advisor__name", "village__code"
        )
    )
    left = by_subject(left_for_appointments(rows, today))
    return tuple(
        OwnAdvisor(
            pk=row.pk,
            bureau=row.village.township.bureau.code,
            advisor=row.advisor.name,
            village=short_village_name(row.village.name),
            township=row.village.township.name,
            records=counts[row.pk],
            left=tuple(each for each in left.get(row.pk, ()) if each.decides),
        )
        for row in rows
    )
