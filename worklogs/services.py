"""Writes of the floor: a session is submitted once, and handed from state to state."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from advisors.enums import AppointmentStatus
from advisors.models import Appointment
from advisors.rules import clean_reason
from advisors.services import end_appointment, suspend_appointment
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
    "phone": "联系电话",
    "content": "服务内容",
    "method": "服务方法",
    "result": "服务结果",
}
#: What two sendings of one record must agree in.
LOG_BODY = (
    *("appointment_id", "service_date", "started_at", "ended_at"),
    *("mode", "purpose", "no_visitors", "place"),
)
MATTER_BODY = (
    *("kind", "topic", "focus", "client", "phone", "special_group"),
    *("content", "method", "result"),
    *("audience", "succeeded", "marks"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterEntry:
    """One matter as typed; "" and None are fields left empty."""

    kind: str
    topic: str = ""
    focus: str = ""
    client: str = ""
    phone: str = ""
    special_group: str = ""
    content: str = ""
    method: str = ""
    result: str = ""
    audience: int | None = None
    succeeded: bool | None = None
    marks: Sequence[str] = ()


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
    DomainError for a refused field, and Conflict for a session at the same time
    or another session under the same ``client_uuid``.
    """
    if by.user_id is None:
        raise ValueError("a session is entered by a person")
    rules.check_service_day(entry.day, today=local_date(received_at))
    rules.check_times(entry.start, entry.end)
    hold(lock_of(appointment), f"log:{client_uuid}")
    # its term may have ended while the form was open
    appointment = Appointment.objects.select_related("village__township").get(pk=appointment.pk)
    log = _log(appointment, entry)
    log.client_uuid, log.is_supplement = client_uuid, supplement
    log.entered_at, log.entered_by_id = received_at, by.user_id
    matters = [_matter(log, matter) for matter in entry.matters]
    known = ServiceLog.objects.filter(client_uuid=client_uuid).first()
    if known is not None:
        _check_same(known, log, matters)
        return known
    _check_entry(entry, appointment, required)
    rules.check_fits(log)
    for number, matter in enumerate(matters, start=1):
        rules.check_fits(matter, where=f"第{number}个事项：")
    _check_free(log)
    log.save()
    Matter.objects.bulk_create(matters)
    _record(by, "log.submit", log, after={"state": log.state, "date": entry.day.isoformat()})
    return log


@transaction.atomic
def move_log(*, by: Actor, log: ServiceLog, to: LogState, reason: str = "") -> ServiceLog:
    """Confirm, review, return or resubmit. A return needs its ``reason``.

    Raises Conflict when the state has moved on meanwhile, and DomainError when
    what is submitted again no longer lies within its term.
    """
    hold(lock_of(log))
    fresh = ServiceLog.objects.select_for_update(of=("self",)).get(pk=log.pk)
    check_transition(LOG_TRANSITIONS, fresh.state, to, dict(LogState.choices))
    reason = clean_reason(reason, field="reason")
    if to == LogState.RETURNED and not reason:
        raise DomainError("请填写退回原因。", field="reason")
    if to == LogState.SUBMITTED:
        _check_serving(fresh.appointment, fresh.service_date)
    before = {"state": fresh.state}
    fresh.state = to
    fresh.returned_reason = reason if to == LogState.RETURNED else ""
    fresh.save(update_fields=("state", "returned_reason"))
    _record(by, f"log.{to}", fresh, before=before, after={"state": to}, reason=reason)
    return fresh


@transaction.atomic
def end_service(*, by: Actor, appointment: Appointment, on: date, reason: str) -> Appointment:
    """End the appointment from ``on``, the first day no longer served.

    Raises DomainError where ``end_appointment`` does, and where a record handed
    in would be left outside the term, to be judged by nobody's quota.
    """
    _check_nothing_served(appointment, on)
    return end_appointment(by=by, appointment=appointment, on=on, reason=reason)


@transaction.atomic
def suspend_service(*, by: Actor, appointment: Appointment, on: date, reason: str) -> Appointment:
    """Suspend the appointment from ``on``; refused like ``end_service``."""
    _check_nothing_served(appointment, on)
    return suspend_appointment(by=by, appointment=appointment, on=on, reason=reason)


def lock_of(row: Appointment | ServiceLog) -> str:
    """The name under which whoever changes what this person does takes turns."""
    return f"advisor:{row.advisor_id}"


def _check_nothing_served(appointment: Appointment, on: date) -> None:
    """A returned record may stay behind: it counts for nothing, and cannot be submitted again."""
    hold(lock_of(appointment))
    last = (
        ServiceLog.objects.filter(appointment=appointment, service_date__gte=on)
        .exclude(state__in=(LogState.DRAFT, LogState.RETURNED))
        .order_by("service_date")
        .last()
    )
    if last is not None:
        raise DomainError(
            f"{last.service_date:%Y-%m-%d}还有已提交的服务记录，日期应在此之后；"
            "该记录有误的，请先退回。",
            field="on",
        )


def _check_same(known: ServiceLog, log: ServiceLog, matters: list[Matter]) -> None:
    """Refuse a client's number that stands for another record, whoever's that is."""
    if known.advisor_id != log.advisor_id:
        raise Conflict("该记录编号已被使用，请重新填写后提交。")
    differing = [
        str(field.verbose_name)
        for field in ServiceLog._meta.concrete_fields
        if field.attname in LOG_BODY
        and getattr(known, field.attname) != getattr(log, field.attname)
    ]
    stored = [*known.matters.order_by("id").values_list(*MATTER_BODY)]
    if stored != [tuple(getattr(matter, name) for name in MATTER_BODY) for matter in matters]:
        differing.append("事项")
    if differing:
        raise Conflict(f"该记录已提交，内容不同：{'、'.join(differing)}。")


def _check_entry(entry: SessionEntry, appointment: Appointment, required: frozenset[str]) -> None:
    _check_serving(appointment, entry.day)
    if entry.no_visitors:
        rules.check_no_visitors(entry.mode, entry.purpose)
    elif not entry.matters:
        raise DomainError("请至少填写一个服务事项，或勾选“坐班，无来访”。", field="matters")
    for matter in entry.matters:
        values = {name: getattr(matter, name) for name in FIELD_LABELS}
        rules.check_required(values, required, FIELD_LABELS)
        rules.check_outcome(matter.kind, matter.succeeded)


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


def _check_free(log: ServiceLog) -> None:
    other = (
        ServiceLog.objects.filter(
            advisor=log.advisor_id, started_at__lt=log.ended_at, ended_at__gt=log.started_at
        )
        .select_related("appointment__village")
        .first()
    )
    if other is not None:
        raise Conflict(
            f"这段时间已有一条在{other.appointment.village.name}的服务记录，时间不能重叠。",
            field="start",
        )


def _log(appointment: Appointment, entry: SessionEntry) -> ServiceLog:
    return ServiceLog(
        appointment=appointment,
        advisor_id=appointment.advisor_id,
        service_date=entry.day,
        started_at=local_instant(entry.day, entry.start),
        ended_at=local_instant(entry.day, entry.end),
        mode=entry.mode,
        purpose=entry.purpose,
        no_visitors=entry.no_visitors,
        place=rules.clean_text(entry.place),
        state=LogState.SUBMITTED,
    )


def _matter(log: ServiceLog, entry: MatterEntry) -> Matter:
    return Matter(
        log=log,
        kind=entry.kind,
        topic=entry.topic,
        focus=rules.clean_text(entry.focus),
        client=rules.clean_text(entry.client),
        phone=rules.clean_text(entry.phone),
        special_group=entry.special_group,
        content=rules.clean_text(entry.content),
        method=rules.clean_text(entry.method),
        result=rules.clean_text(entry.result),
        audience=entry.audience,
        succeeded=entry.succeeded,
        marks=sorted(set(entry.marks)),
    )


def _record(by: Actor, verb: str, log: ServiceLog, **change: object) -> None:
    bureau_id = log.appointment.village.township.bureau_id
    audit.record(by=by, verb=verb, subject=log, bureau_id=bureau_id, **change)  # type: ignore[arg-type]
