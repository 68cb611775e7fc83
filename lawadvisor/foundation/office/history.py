"""What happened to one row, from the 操作日志, in words."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db.models import Model

from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.office.words import Change, changes, verb_in_words
from lawadvisor.foundation.viewer import Viewer

#: So many of a row's entries stand on its page, the newest first.
MOST = 50


class Event(NamedTuple):
    at: datetime
    who: str
    address: str
    did: str
    changes: tuple[Change, ...]
    why: str


def history(row: Model, viewer: Viewer) -> tuple[Event, ...]:
    """The row's newest entries, as far as the viewer may read them."""
    entries = AuditEntry.objects.visible_to(viewer)
    found = entries.filter(subject_type=row._meta.label_lower, subject_id=row.pk)
    return tuple(event(entry) for entry in found[:MOST])


def event(entry: AuditEntry) -> Event:
    return Event(
        at=entry.at,
        who=entry.actor_name,
        address=entry.address,
        did=verb_in_words(entry.verb),
        changes=tuple(changes(entry.subject_type, entry.before, entry.after)),
        why=entry.reason,
    )
