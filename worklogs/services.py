"""Writes of the floor: a session is submitted once, and handed from state to state."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from advisors.enums import AppointmentStatus
from advisors.models import Appointment
from lawadvisor.foundation import audit
from lawadvisor.foundation.errors import Conflict, DomainError
from lawadvisor.foundation.locks import hold
from lawadvisor.foundation.periods import local_date, local_instant
from lawadvisor.foundation.states import check_transition
from lawadvisor.foundation.viewer import Actor
from worklogs import rules
from worklogs.enums import LogState
from worklogs.models import Matter, ServiceLog
from worklogs.states import LOG_TRANSITIONS

FIELD_LABELS = {
    "client": "服务对象",
    "content": "服务内容",
    "method": "服务方法",
    "result": "服务结果",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterEntry:
    """One matter as typed; "" and None are fields left empty."""

    kind: str
    topic: str = ""
    focus: str = ""
    client: str = ""
    content: str = ""
    method: str = ""
    result: str = ""
    audience: int | None = None
    succeeded: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEntry:
    """One session as typed: ``start`` and ``end`` are minutes after midnight of ``day``."""

    day: date
    start: int
    end: int
    mode: str
    purpose: str
    place: str = ""
    no_visitors: bool = False
    matters: Sequence[MatterEntry] = ()


@transaction.atomic
def submit_log(
    *,
    by: Actor,
    appointment: Appointment,
    entry: SessionEntry,
    client_uuid: uuid.UUID,
    received_at: datetime,
    required: frozenset[str],
    supplement: bool = False,
) -> ServiceLog:
    """Write a submitted session with its matters, once per ``client_uuid``.

    ``required`` names the matter fields that the policy asks for; a duty with
    no visitors owes none of them (A10). ``supplement`` marks an entry into a
    closed month (A16). A repeat returns the session that is there. Raises
    DomainError for a refused field and Conflict for a session at the same time.
    """
    if by.user_id is None:
        raise ValueError("a session is entered by a person")
    hold(f"advisor:{appointment.advisor_id}")
    known = ServiceLog.objects.filter(client_uuid=client_uuid).first()
    if known is not None:
        return known
    _check_entry(entry, appointment, today=local_date(received_at), required=required)
    started, ended = local_instant(entry.day, entry.start), local_instant(entry.day, entry.end)
    _check_free(appointment, started, ended)
    log = ServiceLog.objects.create(
        client_uuid=client_uuid,
        appointment=appointment,
        advisor_id=appointment.advisor_id,
        service_date=entry.day,
        started_at=started,
        ended_at=ended,
        mode=entry.mode,
        purpose=entry.purpose,
        no_visitors=entry.no_visitors,
        place=rules.clean_text(entry.place),
        state=LogState.SUBMITTED,
        is_supplement=supplement,
        entered_at=received_at,
        entered_by_id=by.user_id,
    )
    Matter.objects.bulk_create(_matter(log, matter) for matter in entry.matters)
    _record(by, "log.submit", log, after={"state": log.state, "date": entry.day.isoformat()})
    return log


@transaction.atomic
def move_log(*, by: Actor, log: ServiceLog, to: LogState, reason: str = "") -> ServiceLog:
    """Confirm, review, return or resubmit. A return needs its ``reason``.

    Raises Conflict when the state has moved on meanwhile.
    """
    fresh = ServiceLog.objects.select_for_update(of=("self",)).get(pk=log.pk)
    check_transition(LOG_TRANSITIONS, fresh.state, to, dict(LogState.choices))
    if to == LogState.RETURNED and not reason.strip():
        raise DomainError("请填写退回原因。", field="reason")
    before = {"state": fresh.state}
    fresh.state = to
    fresh.returned_reason = reason.strip() if to == LogState.RETURNED else ""
    fresh.save(update_fields=("state", "returned_reason"))
    _record(by, f"log.{to}", fresh, before=before, after={"state": to}, reason=reason)
    return fresh


def _check_entry(
    entry: SessionEntry, appointment: Appointment, *, today: date, required: frozenset[str]
) -> None:
    rules.check_service_day(entry.day, today=today)
    rules.check_times(entry.start, entry.end)
    _check_serving(appointment, entry.day)
    if entry.no_visitors:
        return
    if not entry.matters:
        raise DomainError("请至少填写一个服务事项，或勾选“坐班，无来访”。", field="matters")
    for matter in entry.matters:
        values = {name: getattr(matter, name) for name in FIELD_LABELS}
        rules.check_required(values, required, FIELD_LABELS)


def _check_serving(appointment: Appointment, day: date) -> None:
    """The appointment runs on that day and is not suspended; a finished one may still be told."""
    serving = appointment.status in (
        AppointmentStatus.ACTIVE,
        AppointmentStatus.SUSPENDED,
        AppointmentStatus.ENDED,
    )
    paused = appointment.suspended_from is not None and day >= appointment.suspended_from
    if not serving or paused or day not in appointment.term:
        raise DomainError(
            f"{day:%Y-%m-%d}不在{appointment.village.name}的任期内。", field="service_date"
        )


def _check_free(appointment: Appointment, started: datetime, ended: datetime) -> None:
    other = (
        ServiceLog.objects.filter(
            advisor=appointment.advisor_id, started_at__lt=ended, ended_at__gt=started
        )
        .select_related("appointment__village")
        .first()
    )
    if other is not None:
        raise Conflict(
            f"这段时间已有一条在{other.appointment.village.name}的服务记录，时间不能重叠。",
            field="start",
        )


def _matter(log: ServiceLog, entry: MatterEntry) -> Matter:
    return Matter(
        log=log,
        kind=entry.kind,
        topic=entry.topic,
        focus=rules.clean_text(entry.focus),
        client=rules.clean_text(entry.client),
        content=rules.clean_text(entry.content),
        method=rules.clean_text(entry.method),
        result=rules.clean_text(entry.result),
        audience=entry.audience,
        succeeded=entry.succeeded,
    )


def _record(by: Actor, verb: str, log: ServiceLog, **change: object) -> None:
    bureau_id = log.appointment.village.township.bureau_id
    audit.record(by=by, verb=verb, subject=log, bureau_id=bureau_id, **change)  # type: ignore[arg-type]
