"""What the API tells: one record as its advisor sees it, in plain values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from lawadvisor.foundation.viewer import Viewer
from worklogs import rules
from worklogs.asking import OpenRequest
from worklogs.entries import Difference, session_told
from worklogs.faces import face_of, sealed_columns
from worklogs.models import Matter, ServiceLog

#: The texts of a matter that a face may mask.
_TOLD = ("client", "phone", "content", "method", "result")


def whole(logs: QuerySet[ServiceLog]) -> QuerySet[ServiceLog]:
    """With all that ``log_body`` reads, in three queries whatever their number."""
    return logs.select_related("appointment__village__township").prefetch_related(
        "matters__attachments"
    )


def log_body(
    log: ServiceLog, viewer: Viewer, notes: Mapping[int, str] | None = None
) -> dict[str, Any]:
    """One record. ``notes`` say why some do not count, by their ids."""
    told = session_told(log)
    matters = sorted(log.matters.all(), key=lambda matter: matter.pk)
    return {
        "uuid": str(log.client_uuid),
        **told,
        "day": log.service_date.isoformat(),
        "start": None if told["start"] is None else rules.clock(told["start"]),
        "end": None if told["end"] is None else rules.clock(told["end"]),
        "matters": [_matter_body(matter, viewer) for matter in matters],
        "state": log.state,
        "state_label": log.get_state_display(),
        "version": log.version,
        "supplement": log.is_supplement,
        "returned_reason": log.returned_reason,
        "entered_at": timezone.localtime(log.entered_at).isoformat(timespec="seconds"),
        "minutes": log.minutes,
        "photos": [
            {
                "id": photo.pk,
                "matter": number,
                "kind": photo.kind,
                "url": reverse("attachment", args=(photo.pk,)),
            }
            for number, matter in enumerate(matters)
            for photo in matter.attachments.all()
            if photo.size  # else erased at a client's request
        ],
        "counts_note": (notes or {}).get(log.pk),
    }


def _matter_body(matter: Matter, viewer: Viewer) -> dict[str, Any]:
    """What is sealed is null and named in ``sealed``; a revision that leaves it null keeps it."""
    sealed = sealed_columns(matter)
    face = face_of(matter, viewer)
    told = {name: None if name in sealed else getattr(face, name) for name in _TOLD}
    return {
        "id": matter.pk,
        "kind": matter.kind,
        "topic": matter.topic,
        "focus": matter.focus,
        **told,
        "special_group": None,
        "audience": matter.audience,
        "succeeded": matter.succeeded,
        "marks": list(matter.marks),
        "sealed": list(sealed),
    }


def difference_body(difference: Difference) -> dict[str, str]:
    return difference._asdict()


def request_body(row: OpenRequest) -> dict[str, Any]:
    """Plain values, as the home screen keeps them too."""
    return {
        "id": row.pk,
        "village": row.village,
        "kind": row.kind,
        "text": row.text,
        "wanted_on": row.wanted_on.isoformat() if row.wanted_on else None,
        "raised_at": timezone.localtime(row.raised_at).isoformat(timespec="seconds"),
        "due_on": row.due_on.isoformat(),
        "overdue": row.overdue,
        "state": row.state,
        "state_label": row.state_label,
    }
