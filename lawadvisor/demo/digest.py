"""A fingerprint of everything generated, without keys that the database gives out."""

from __future__ import annotations

import hashlib

from django.db.models import QuerySet

from advisors.models import Absence, Advisor, Appointment, Organisation, ServiceTeam
from lawadvisor.foundation.secrets import Secret
from villages.models import Village
from worklogs.models import Attachment, Filing, Matter, ServiceLog

_PLACE = ("township__bureau__code", "township__code", "township__judicial_office")
_APPOINTMENT = ("advisor__name", "village__code", "term", "status", "suspended_from", "slot")
_LOG = ("client_uuid", "appointment__village__code", "appointment__term", "advisor__name")
_LOG_FACTS = ("started_at", "ended_at", "mode", "purpose", "no_visitors", "place", "state")
_ENTRY = ("service_date", "returned_reason", "is_supplement", "entered_at", "entered_by__username")
_MATTER = ("log__client_uuid", "kind", "topic", "focus", "client", "content", "method", "result")
_FILING = ("kind", "village__code", "advisor__name", "period_start", "title", "body", "state")
_LEVEL = ("bureau__code", "township__code", "period_end", "marks")
_ADVISOR = ("user__username", "name", "category", "licence_no", "practice_start")
_ABSENCE = ("appointment__village__code", "days", "reason", "approved_by", "substitute__name")


def digest() -> str:
    """SHA-256 over all counties of the database, in an order of their own content."""
    total = hashlib.sha256()
    for rows in _tables():
        for row in rows.iterator(chunk_size=5000):
            total.update(repr(tuple(map(_clear, row))).encode())
    return total.hexdigest()


def _clear(value: object) -> object:
    """Sealed twice, one text looks different each time."""
    return value.reveal() if isinstance(value, Secret) else value


def _tables() -> tuple[QuerySet, ...]:
    return (
        Village.objects.order_by("code").values_list(
            "code", "name", "kind", "pinyin", "terrain", *_PLACE
        ),
        Organisation.objects.order_by("bureau__code", "name").values_list("name", "kind"),
        Advisor.objects.order_by("user__username", "name").values_list(
            *_ADVISOR, "education", "is_volunteer"
        ),
        ServiceTeam.objects.order_by("name").values_list(
            "name", "organisation__name", "lead__name"
        ),
        Appointment.objects.order_by("village__code", "term", "advisor__name").values_list(
            *_APPOINTMENT, "slot_limit", "end_reason", "cap_exception", "team__name"
        ),
        Absence.objects.order_by("appointment__village__code", "days").values_list(*_ABSENCE),
        ServiceLog.objects.order_by("client_uuid").values_list(*_LOG, *_LOG_FACTS, *_ENTRY),
        Matter.objects.order_by("log__client_uuid", "pk").values_list(
            *_MATTER, "audience", "succeeded", "phone", "marks"
        ),
        Attachment.objects.order_by(
            "matter__log__client_uuid", "matter__pk", "checksum"
        ).values_list("kind", "checksum", "size", "media_type", "added_at"),
        Filing.objects.order_by(*_FILING[:6], *_LEVEL[:2], "filed_on").values_list(
            *_FILING, *_LEVEL, "filed_on"
        ),
    )
