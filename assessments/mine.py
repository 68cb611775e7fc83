"""The advisor's page: whom he serves, and what of this month is written down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from advisors.models import Appointment
from assessments.reports.activity import SUBMITTED
from lawadvisor.foundation.periods import Period
from lawadvisor.foundation.viewer import Viewer
from villages.models import short_village_name


@dataclass(frozen=True, slots=True)
class OwnVillage:
    """One running appointment of the viewer, with this month's records."""

    name: str
    township: str
    since: date
    records: int
    drafts: int


def own_villages(*, month: Period, today: date, viewer: Viewer) -> tuple[OwnVillage, ...]:
    appointments = Appointment.objects.visible_to(viewer).filter(advisor=viewer.advisor)
    mine = Q(logs__service_date__gte=month.start, logs__service_date__lt=month.end)
    rows = (
        appointments.serving_on(today)
        .annotate(
            records=Count("logs", filter=mine & Q(logs__state__in=SUBMITTED)),
            drafts=Count("logs", filter=mine & ~Q(logs__state__in=SUBMITTED)),
        )
        .order_by("village__code")
        .values_list("village__name", "village__township__name", "term", "records", "drafts")
    )
    return tuple(
        OwnVillage(short_village_name(name), township, term.lower or today, records, drafts)
        for name, township, term, records, drafts in rows
    )
