"""What was done under each appointment in a month, counted by the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Sum, When

from advisors.models import Appointment
from lawadvisor.foundation.periods import Period
from worklogs.enums import LogState, MatterKind, Mode
from worklogs.models import Matter, ServiceLog

#: What an advisor handed in and nobody sent back.
SUBMITTED = (LogState.SUBMITTED, LogState.CONFIRMED, LogState.REVIEWED)
CONFIRMED = (LogState.CONFIRMED, LogState.REVIEWED)
#: What its advisor has yet to hand in, or again.
UNFINISHED = (LogState.DRAFT, LogState.RETURNED)

_DOCUMENTS = (MatterKind.DOCUMENT, MatterKind.OPINION, MatterKind.VILLAGE_RULES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """Counts of one appointment or of a sum of them; ``onsite_minutes`` in minutes."""

    onsite: int = 0
    onsite_minutes: int = 0
    online: int = 0
    consultations: int = 0
    documents: int = 0
    lectures: int = 0
    audience: int = 0
    trainings: int = 0
    mediations: int = 0
    mediated: int = 0
    legal_aid: int = 0
    incidents: int = 0
    submitted: int = 0
    confirmed: int = 0
    reviewed: int = 0
    supplements: int = 0


def activity_by_appointment(
    appointments: Sequence[Appointment], month: Period, known: datetime
) -> dict[int, Activity]:
    """Two queries, whatever the number of appointments; one that did nothing is not in it.

    What was entered at ``known`` or later is left out, as in the verdicts: all
    papers of a close say the same, though records come in while it works.
    """
    within = {
        "service_date__gte": month.start,
        "service_date__lt": month.end,
        "entered_at__lt": known,
    }
    logs = ServiceLog.objects.filter(appointment__in=appointments, state__in=SUBMITTED, **within)
    matters = Matter.objects.filter(
        log__appointment__in=appointments,
        log__state__in=SUBMITTED,
        **{f"log__{name}": day for name, day in within.items()},
    )
    found: dict[int, dict[str, int]] = {}
    for row in (*_sessions(logs), *_matters(matters)):
        found.setdefault(row.pop("key"), {}).update(row)
    return {key: Activity(**counts) for key, counts in found.items()}


def summed(activities: Iterable[Activity]) -> Activity:
    """All of them together."""
    found = list(activities)
    return Activity(
        **{each.name: sum(getattr(one, each.name) for one in found) for each in fields(Activity)}
    )


def _sessions(logs: QuerySet[ServiceLog]) -> Any:
    onsite = Q(mode=Mode.ON_SITE)
    return (
        logs.order_by()
        .values(key=F("appointment_id"))
        .annotate(
            onsite=Count("pk", filter=onsite),
            onsite_minutes=Sum(_if(onsite, "minutes"), default=0),
            online=Count("pk", filter=~onsite),
            submitted=Count("pk"),
            confirmed=Count("pk", filter=Q(state__in=CONFIRMED)),
            reviewed=Count("pk", filter=Q(state=LogState.REVIEWED)),
            supplements=Count("pk", filter=Q(is_supplement=True)),
        )
    )


def _matters(matters: QuerySet[Matter]) -> Any:
    lecture = Q(kind=MatterKind.LECTURE)
    return (
        matters.order_by()
        .values(key=F("log__appointment_id"))
        .annotate(
            consultations=Count("pk", filter=Q(kind=MatterKind.CONSULTATION)),
            documents=Count("pk", filter=Q(kind__in=_DOCUMENTS)),
            lectures=Count("pk", filter=lecture),
            audience=Sum(_if(lecture, "audience"), default=0),
            trainings=Count("pk", filter=Q(kind=MatterKind.TRAINING)),
            mediations=Count("pk", filter=Q(kind=MatterKind.MEDIATION)),
            mediated=Count("pk", filter=Q(succeeded=True)),
            legal_aid=Count("pk", filter=Q(kind=MatterKind.LEGAL_AID)),
            incidents=Count("pk", filter=Q(kind=MatterKind.INCIDENT)),
        )
    )


def _if(condition: Q, column: str) -> Case:
    return Case(When(condition, then=column), default=0, output_field=IntegerField())
