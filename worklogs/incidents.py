"""Grave matters: reported once, acknowledged by each recipient, followed up, closed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from advisors.models import Appointment
from advisors.rules import EARLIEST, LATEST, clean_reason
from lawadvisor.foundation import audit, jobs
from lawadvisor.foundation.errors import Conflict, DomainError
from lawadvisor.foundation.locks import hold
from lawadvisor.foundation.masks import masked_within
from lawadvisor.foundation.periods import local_date, local_instant
from lawadvisor.foundation.roles import Role, Thing
from lawadvisor.foundation.states import check_transition
from lawadvisor.foundation.viewer import Actor, Viewer
from worklogs import rules
from worklogs.enums import OPINIONS, IncidentState, LimitKey, Recipient
from worklogs.limits import RECIPIENTS_BY_DEFAULT, limit_of
from worklogs.models import Incident, IncidentNote, IncidentNotice
from worklogs.states import INCIDENT_TRANSITIONS

#: The job that tells those who must acknowledge it; a floor above does it.
REPORTED = "incident_reported"
#: Which desk acknowledges for which recipient.
DESK_OF: Mapping[Role, Recipient] = {
    Role.JUDICIAL_OFFICE: Recipient.OFFICE,
    Role.BUREAU: Recipient.BUREAU,
    Role.TOWNSHIP: Recipient.TOWNSHIP,
    Role.LIAISON: Recipient.VILLAGE,
}
#: Who may end it: those that the texts make responsible for the township.
CLOSING = frozenset({Role.BUREAU, Role.JUDICIAL_OFFICE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report as typed. ``people`` None: nobody has counted."""

    kind: str
    level: str
    happened_at: datetime
    place: str
    facts: str
    people: int | None = None


def moment(day: date, minutes: int) -> datetime:
    """The instant at which it happened; DomainError for a day that nobody can mean."""
    if not EARLIEST <= day <= LATEST:
        raise DomainError(f"发生日期{day:%Y-%m-%d}有误，请核对。", field="day")
    return local_instant(day, minutes)


def told(row: Incident | IncidentNote, viewer: Viewer) -> str:
    """The facts, or a note: whole for who sees clients, for others without numbers."""
    text = (row.facts if isinstance(row, Incident) else row.text).reveal()
    return text if viewer.sees(Thing.CLIENTS) else masked_within(text, "", "")


@transaction.atomic
def report_incident(
    *,
    by: Actor,
    appointment: Appointment,
    report: Report,
    recipients: Sequence[str],
    client_uuid: uuid.UUID,
    now: datetime,
) -> tuple[Incident, bool]:
    """Write the report once per ``client_uuid`` and set each recipient's clock; True: it is new.

    ``recipients`` are those of the bureau's policy; none at all are the portal's own default.
    Raises DomainError for what is refused, Conflict where the number stands for something else.
    """
    if by.user_id is None:
        raise ValueError("a report is made by a person")
    hold(f"incident:{client_uuid}")
    row = Incident(
        client_uuid=client_uuid,
        village=appointment.village,
        advisor_id=appointment.advisor_id,
        kind=report.kind,
        level=report.level,
        happened_at=report.happened_at,
        place=rules.clean_text(report.place),
        people=report.people,
        facts=rules.clean_text(report.facts),
        submitted_at=now,
        entered_by_id=by.user_id,
    )
    known = Incident.objects.filter(client_uuid=client_uuid).first()
    if known is not None:
        return _the_same(known, row), False
    _check(row, now)
    row.save()
    hours = limit_of(row.village.township.bureau_id, LimitKey.ACKNOWLEDGE_HOURS)
    due_at = now + timedelta(hours=hours)
    IncidentNotice.objects.bulk_create(
        IncidentNotice(incident=row, recipient=Recipient(each), due_at=due_at)
        for each in recipients or RECIPIENTS_BY_DEFAULT
    )
    after = {"kind": row.kind, "level": row.level, "due_at": due_at.isoformat()}
    _record(by, "incident.report", row, after=after)
    jobs.enqueue(kind=REPORTED, key=f"incident:{row.pk}", payload={"incident": row.pk})
    return row, True


@transaction.atomic
def acknowledge(*, by: Actor, incident: Incident, recipient: Recipient, now: datetime) -> bool:
    """Somebody of this recipient has read it; False where that was known.

    Raises DomainError where it was not reported to him.
    """
    if by.user_id is None:
        raise ValueError("a report is read by a person")
    notice = (
        IncidentNotice.objects.select_for_update()
        .filter(incident=incident, recipient=recipient)
        .first()
    )
    if notice is None:
        raise DomainError(f"这份报告没有报送{recipient.label}。")
    if notice.acknowledged_at is not None:
        return False
    notice.acknowledged_at, notice.acknowledged_by_id = now, by.user_id
    notice.save(update_fields=("acknowledged_at", "acknowledged_by"))
    _record(by, "incident.acknowledge", incident, after={"recipient": recipient.value})
    return True


@transaction.atomic
def add_note(*, by: Actor, incident: Incident, kind: str, text: str, now: datetime) -> IncidentNote:
    """What was done, or the legal opinion. Conflict once it is closed."""
    if by.user_id is None:
        raise ValueError("a note is written by a person")
    fresh = Incident.objects.select_for_update(of=("self",)).get(pk=incident.pk)
    if fresh.state == IncidentState.CLOSED:
        raise Conflict("该事项已办结，不能再填写。")
    note = IncidentNote(
        incident=fresh, kind=kind, text=rules.clean_text(text), at=now, by_id=by.user_id
    )
    rules.check_fits(note)
    note.save()
    _record(by, "incident.note", fresh, after={"kind": note.kind})
    return note


@transaction.atomic
def close_incident(*, by: Actor, incident: Incident, reason: str) -> Incident:
    """It is over, in the words of ``reason``. DomainError before a legal opinion was given."""
    reason = clean_reason(rules.clean_text(reason), field="reason")
    if not reason:
        raise DomainError("请写明办结情况。", field="reason")
    fresh = _moving(incident, IncidentState.CLOSED)
    if not IncidentNote.objects.filter(incident=fresh, kind__in=OPINIONS).exists():
        raise DomainError("还没有法律意见：请法律顾问到场或以其他方式提出意见后再办结。")
    return _move(by, fresh, IncidentState.CLOSED, "incident.close", reason)


@transaction.atomic
def reopen_incident(*, by: Actor, incident: Incident, reason: str) -> Incident:
    reason = clean_reason(rules.clean_text(reason), field="reason")
    if not reason:
        raise DomainError("请写明重新处置的原因。", field="reason")
    fresh = _moving(incident, IncidentState.OPEN)
    return _move(by, fresh, IncidentState.OPEN, "incident.reopen", reason)


def overdue(rows: QuerySet[IncidentNotice], *, now: datetime) -> QuerySet[IncidentNotice]:
    """Of these notices, those that nobody acknowledged in time."""
    return rows.filter(acknowledged_at__isnull=True, due_at__lt=now)


def _the_same(known: Incident, sent: Incident) -> Incident:
    body = (
        *("village_id", "advisor_id", "kind", "level"),
        *("happened_at", "place", "people", "facts"),
    )
    if any(getattr(known, name) != getattr(sent, name) for name in body):
        raise Conflict("该报告编号已被使用，请重新填写后提交。")
    return known


def _check(row: Incident, now: datetime) -> None:
    if row.happened_at > now:
        raise DomainError("发生时间不应晚于现在。", field="happened_at")
    if local_date(row.happened_at) < EARLIEST:
        raise DomainError(f"发生时间过早，应在{EARLIEST:%Y-%m-%d}之后。", field="happened_at")
    rules.check_fits(row)


def _moving(incident: Incident, to: IncidentState) -> Incident:
    fresh = Incident.objects.select_for_update(of=("self",)).get(pk=incident.pk)
    check_transition(INCIDENT_TRANSITIONS, fresh.state, to, dict(IncidentState.choices))
    return fresh


def _move(by: Actor, row: Incident, to: IncidentState, verb: str, reason: str) -> Incident:
    before, row.state = row.state, to
    row.save(update_fields=("state",))
    change = {"before": {"state": before}, "after": {"state": to.value}, "reason": reason}
    _record(by, verb, row, **change)
    return row


def _record(by: Actor, verb: str, row: Incident, **change: Any) -> None:
    bureau_id = row.village.township.bureau_id
    audit.record(by=by, verb=verb, subject=row, bureau_id=bureau_id, **change)
