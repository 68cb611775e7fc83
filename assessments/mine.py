"""The advisor's page: whom he serves, what is written down, and what is left to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from advisors.models import Appointment
from assessments.left import Left, by_subject, left_for_appointments
from assessments.reports.activity import SUBMITTED, UNFINISHED
from lawadvisor.foundation.periods import Period
from lawadvisor.foundation.viewer import Viewer
from villages.models import short_village_name


@dataclass(frozen=True, slots=True)
class OwnVillage:
    """One running appointment of the viewer, with this month's records and what is left.

    Of warnings only those that ask for something.
    """

    pk: int
    bureau: str  # its code
    name: str
    township: str
    since: date
    records: int
    drafts: int
    left: tuple[Left, ...]


def own_villages(*, month: Period, today: date, viewer: Viewer) -> tuple[OwnVillage, ...]:
    own = Appointment.objects.visible_to(viewer).filter(advisor=viewer.advisor).serving_on(today)
    mine = Q(logs__service_date__gte=month.start, logs__service_date__lt=month.end)
    handed_in = Q(logs__state__in=SUBMITTED)
    counts = own.annotate(
        records=Count("logs", filter=mine & handed_in),
        drafts=Count("logs", filter=mine & Q(logs__state__in=UNFINISHED)),
    ).values_list("pk", "records", "drafts")
    counted = {pk: (records, drafts) for pk, records, drafts in counts}
    rows = list(own.select_related("village__township__bureau").order_by("village__code"))
    left = by_subject(left_for_appointments(rows, today))
    return tuple(
        OwnVillage(
            pk=row.pk,
            bureau=row.village.township.bureau.code,
            name=short_village_name(row.village.name),
            township=row.village.township.name,
            since=row.starts_on,
            records=counted[row.pk][0],
            drafts=counted[row.pk][1],
            left=tuple(each for each in left.get(row.pk, ()) if each.decides or each.missing),
        )
        for row in rows
    )
