"""The home screen in one call: villages, what is asked there, what is left, what was done last.

In a fixed number of queries for each bureau that one serves, however many villages there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q

from advisors.models import Advisor, Appointment
from assessments.api.bodies import request_body
from assessments.demands import demands_of
from assessments.left import Left, by_subject, left_for_appointments
from lawadvisor.foundation.viewer import Viewer
from villages.models import short_village_name
from worklogs import rules
from worklogs.asking import open_requests
from worklogs.entries import session_told
from worklogs.enums import LegalTopic, LogState, Mark, MatterKind, Mode, Purpose, SpecialGroup
from worklogs.faces import open_text
from worklogs.models import Matter, ServiceLog

_CHOICES = {
    "modes": Mode,
    "purposes": Purpose,
    "kinds": MatterKind,
    "topics": LegalTopic,
    "special_groups": SpecialGroup,
    "marks": Mark,
}
#: Of how many newest matters a phrase is taken, how often it was used, how many of a kind.
_LOOK_BACK, _USED, _PHRASES = 200, 2, 5
#: A village that was left may still be told of.
_AFTERWARDS = timedelta(days=62)


def home_of(*, viewer: Viewer, today: date) -> dict[str, Any]:
    """Plain values; the caller adds the time, which the ETag leaves out."""
    appointments = _appointments(viewer, today)
    serving = [one for one in appointments if one.serves_on(today)]
    left = by_subject(left_for_appointments(serving, today))
    lasts = _lasts(viewer, appointments)
    phrases = _phrases(viewer)
    bureaus = {one.village.township.bureau_id for one in appointments}
    asked = {bureau: demands_of(bureau, today) for bureau in sorted(bureaus)}
    return {
        "advisor": {"id": viewer.advisor, "name": _name_of(viewer)},
        "today": today.isoformat(),
        "choices": {
            name: [[value, str(label)] for value, label in choices.choices]
            for name, choices in _CHOICES.items()
        },
        "appointments": [
            {
                "id": one.pk,
                "village": {
                    "code": one.village.code,
                    "name": short_village_name(one.village.name),
                },
                "township": one.village.township.name,
                "since": one.starts_on.isoformat(),
                "until": _last_day(one.ends_before),
                **asked[one.village.township.bureau_id],
                "left": [_left_body(each) for each in left.get(one.pk, ())],
                "last": lasts.get(one.pk),
                "phrases": phrases,
            }
            for one in appointments
        ],
        "requests": [request_body(one) for one in open_requests(viewer, today=today)],
        "waiting": _waiting(viewer, asked),
    }


def _name_of(viewer: Viewer) -> str:
    own = Advisor.objects.visible_to(viewer).filter(pk=viewer.advisor or 0)
    return own.values_list("name", flat=True)[0]


def _appointments(viewer: Viewer, today: date) -> list[Appointment]:
    """Those that run, and those that ended so lately that something may be left to tell."""
    own = Appointment.objects.visible_to(viewer).filter(advisor=viewer.advisor).holding()
    near = own.overlapping(today - _AFTERWARDS, today + timedelta(days=1))
    return list(near.select_related("village__township__bureau").order_by("village__code", "pk"))


def _last_day(ends_before: date | None) -> str | None:
    return None if ends_before is None else (ends_before - timedelta(days=1)).isoformat()


# ── what is left ────────────────────────────────────────────────────────────────────────────────


def _left_body(left: Left) -> dict[str, Any]:
    return {
        "rule": left.rule,
        "title": left.title,
        "progress": left.progress,
        "sentence": left.sentence,
        "status": left.status.value,
        "last_day": left.last_day.isoformat() if left.last_day else None,
        "at_risk": left.at_risk,
        "refused": list(left.refused),
    }


# ── what was done before ────────────────────────────────────────────────────────────────────────


def _lasts(viewer: Viewer, appointments: Sequence[Appointment]) -> dict[int, dict[str, Any]]:
    """The newest record under each appointment, without a client, to begin the next one from."""
    logs = (
        ServiceLog.objects.visible_to(viewer)
        .filter(appointment__in=appointments, started_at__isnull=False)
        .exclude(state=LogState.WITHDRAWN)
        .order_by("appointment_id", "-service_date", "-started_at")
        .distinct("appointment_id")
        .prefetch_related("matters")
    )
    return {log.appointment_id: _last_body(log) for log in logs}


def _last_body(log: ServiceLog) -> dict[str, Any]:
    told = session_told(log)
    return {
        "purpose": log.purpose,
        "mode": log.mode,
        "start": rules.clock(told["start"]),
        "end": rules.clock(told["end"]),
        "kinds": [matter.kind for matter in sorted(log.matters.all(), key=lambda one: one.pk)],
        "place": log.place,
    }


def _phrases(viewer: Viewer) -> dict[str, list[str]]:
    """What this advisor wrote more than once as the content of a matter, by kind, oftenest first.

    What is told once is somebody's story; of mediations nothing is offered.
    """
    newest = (
        Matter.objects.visible_to(viewer)
        .filter(log__advisor=viewer.advisor)
        .exclude(kind=MatterKind.MEDIATION)
        .exclude(content="")
        .order_by("-pk")
        .only("kind", "content")[:_LOOK_BACK]
    )
    used: dict[str, Counter[str]] = {}
    for matter in newest:
        used.setdefault(matter.kind, Counter())[open_text(matter.content)] += 1
    return {
        kind: [text for text, times in counted.most_common(_PHRASES) if times >= _USED]
        for kind, counted in sorted(used.items())
        if counted.most_common(1)[0][1] >= _USED
    }


def _waiting(viewer: Viewer, asked: Mapping[int, Mapping[str, Any]]) -> dict[str, int]:
    """``confirm``: handed in and not yet in the state that counts; ``returned``: to mend."""
    confirming = [
        bureau for bureau, says in asked.items() if says["counted_from"] != LogState.SUBMITTED
    ]
    handed_in = Q(state=LogState.SUBMITTED, appointment__village__township__bureau__in=confirming)
    own = ServiceLog.objects.visible_to(viewer).filter(advisor=viewer.advisor)
    return own.aggregate(
        confirm=Count("pk", filter=handed_in),
        returned=Count("pk", filter=Q(state=LogState.RETURNED)),
    )
