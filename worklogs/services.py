"""Writes of the floor: a session is submitted once, and handed from state to state."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from advisors.enums import AppointmentStatus
from advisors.models import Appointment
from advisors.rules import clean_reason
from advisors.services import end_appointment, suspend_appointment
from lawadvisor.foundation import audit, jobs
from lawadvisor.foundation.errors import Conflict, DomainError
from lawadvisor.foundation.locks import hold
from lawadvisor.foundation.periods import Period, PeriodKind, local_date
from lawadvisor.foundation.states import check_transition
from lawadvisor.foundation.viewer import Actor
from worklogs import rules
from worklogs.entries import (
    Different,
    SessionEntry,
    differences,
    log_of,
    matter_of,
    named,
)
from worklogs.enums import LogState
from worklogs.faces import check_names_nobody
from worklogs.models import Matter, ServiceLog, advisor_lock
from worklogs.states import LOG_TRANSITIONS
from worklogs.zero import withdraw_zero

#: A return and a withdrawal say why.
_ASKS_WHY = {LogState.RETURNED: "请填写退回原因。", LogState.WITHDRAWN: "请填写撤回原因。"}
#: The job that tells an advisor of a return; a floor above does it.
RETURNED = "records_returned"
#: Told, and not taken back.
_NOT_STANDING = (LogState.DRAFT, LogState.RETURNED, LogState.WITHDRAWN)


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
) -> tuple[ServiceLog, bool]:
    """Write a submitted session with its matters, once per ``client_uuid``; True: it is new.

    ``required`` names the matter fields that the policy asks for; a duty with
    no visitors owes none of them (A10). ``supplement`` marks an entry into a
    closed month (A16). A repeat returns the session that is there. A zero report
    of the month is withdrawn. Raises DomainError for a refused field, Different
    where the ``client_uuid`` stands for something else, and Conflict for a session
    at the same time, outside the term, or under another advisor's number.
    """
    if by.user_id is None:
        raise ValueError("a session is entered by a person")
    rules.check_service_day(entry.day, today=local_date(received_at))
    rules.check_times(entry.start, entry.end)
    hold(advisor_lock(appointment.advisor_id), f"log:{client_uuid}")
    # its term may have ended while the form was open
    appointment = Appointment.objects.select_related("village__township", "advisor").get(
        pk=appointment.pk
    )
    log = log_of(appointment, entry)
    log.client_uuid, log.is_supplement = client_uuid, supplement
    log.entered_at, log.entered_by_id = received_at, by.user_id
    matters = [matter_of(log, matter) for matter in entry.matters]
    known = ServiceLog.objects.filter(client_uuid=client_uuid).first()
    if known is not None:
        _check_same(known, log, matters)
        return known, False
    check_entry(entry, appointment, required)
    check_rows(log, matters)
    log.save()
    Matter.objects.bulk_create(matters)
    record(by, "log.submit", log, after={"state": log.state, "date": entry.day.isoformat()})
    withdraw_zero(by=by, log=log)
    return log, True


@transaction.atomic
def move_log(
    *, by: Actor, log: ServiceLog, to: LogState, reason: str = "", version: int | None = None
) -> ServiceLog:
    """Confirm, review, return, resubmit or withdraw. A return and a withdrawal need a ``reason``.

    ``version`` is the one that was read, None where nobody read it. Raises Conflict when the
    state or the content has moved on meanwhile, and when what is submitted again no longer
    lies within its term.
    """
    hold(advisor_lock(log.advisor_id))
    fresh = ServiceLog.objects.select_for_update(of=("self",)).get(pk=log.pk)
    if version is not None and fresh.version != version:
        raise Conflict("这条记录刚被修改过，请刷新后重新查看。")
    check_transition(LOG_TRANSITIONS, fresh.state, to, dict(LogState.choices))
    reason = clean_reason(reason, field="reason")
    if to in _ASKS_WHY and not reason:
        raise DomainError(_ASKS_WHY[to], field="reason")
    check_names_nobody(reason, fresh.matters.all() if reason else ())
    if to == LogState.SUBMITTED:
        _check_serving(fresh.appointment, fresh.service_date)
        withdraw_zero(by=by, log=fresh)
    before = {"state": fresh.state}
    fresh.state = to
    fresh.returned_reason = reason if to == LogState.RETURNED else ""
    fresh.save(update_fields=("state", "returned_reason"))
    record(by, f"log.{to}", fresh, before=before, after={"state": to}, reason=reason)
    if to == LogState.RETURNED:
        _tell_advisor(fresh)
    return fresh


def _tell_advisor(log: ServiceLog) -> None:
    """A job, one for each day and month however many records come back."""
    month = Period.containing(PeriodKind.MONTH, log.service_date).code
    key = f"returned:{log.advisor_id}:{month}:{timezone.localdate()}"
    jobs.enqueue(kind=RETURNED, key=key, payload={"advisor": log.advisor_id, "month": month})


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


def _check_nothing_served(appointment: Appointment, on: date) -> None:
    """A returned record may stay behind: it counts for nothing, and cannot be submitted again."""
    hold(advisor_lock(appointment.advisor_id))
    last = (
        ServiceLog.objects.filter(appointment=appointment, service_date__gte=on)
        .exclude(state__in=_NOT_STANDING)
        .order_by("service_date")
        .last()
    )
    if last is not None:
        raise DomainError(
            f"{last.service_date:%Y-%m-%d}还有已提交的服务记录，日期应在此之后；"
            "该记录有误的，请先退回。",
            field="on",
        )


def _check_same(known: ServiceLog, log: ServiceLog, matters: Sequence[Matter]) -> None:
    """Refuse a client's number that stands for another record, whoever's that is."""
    if known.advisor_id != log.advisor_id:
        raise Conflict("该记录编号已被使用，请重新填写后提交。")
    found = differences(known, list(known.matters.order_by("id")), log, matters)
    if found:
        sentence = f"该记录已提交，内容不同：{named(found)}。"
        raise Different(sentence, log=known, differences=found)


def check_entry(entry: SessionEntry, appointment: Appointment, required: frozenset[str]) -> None:
    """DomainError, or Conflict outside the term, for what the policy or the term refuses."""
    _check_serving(appointment, entry.day)
    if entry.no_visitors:
        rules.check_no_visitors(entry.mode, entry.purpose)
    elif not entry.matters:
        raise DomainError("请至少填写一个服务事项，或勾选“坐班，无来访”。", field="matters")
    for number, matter in enumerate(entry.matters):
        path = f"matters.{number}."
        values = {name: getattr(matter, name) for name in rules.FIELD_LABELS}
        told = [name for name in required if name not in matter.untold]
        rules.check_required(matter.kind, values, told, where=path)
        rules.check_outcome(matter.kind, matter.succeeded, where=path)


def check_rows(log: ServiceLog, matters: Sequence[Matter]) -> None:
    """DomainError for what no column holds, Conflict for a time that is taken."""
    rules.check_fits(log)
    for number, matter in enumerate(matters):
        rules.check_fits(matter, where=f"第{number + 1}个事项：", path=f"matters.{number}.")
    _check_free(log)


def _check_serving(appointment: Appointment, day: date) -> None:
    """The appointment runs on that day and is not suspended; a finished one may still be told."""
    serving = appointment.status in (
        AppointmentStatus.ACTIVE,
        AppointmentStatus.SUSPENDED,
        AppointmentStatus.ENDED,
    )
    paused = appointment.suspended_from is not None and day >= appointment.suspended_from
    if not serving or paused or day not in appointment.term:
        raise Conflict(
            f"{day:%Y-%m-%d}不在{appointment.village.name}的任期内。", field="service_date"
        )


def _check_free(log: ServiceLog) -> None:
    other = (
        ServiceLog.objects.filter(
            advisor=log.advisor_id, started_at__lt=log.ended_at, ended_at__gt=log.started_at
        )
        .exclude(state=LogState.WITHDRAWN)
        .exclude(pk=log.pk)
        .select_related("appointment__village")
        .first()
    )
    if other is not None:
        raise Conflict(
            f"这段时间已有一条在{other.appointment.village.name}的服务记录，时间不能重叠。",
            field="start",
        )


def record(by: Actor, verb: str, log: ServiceLog, **change: Any) -> None:
    """The audit row of one write on a record."""
    bureau_id = log.appointment.village.township.bureau_id
    audit.record(by=by, verb=verb, subject=log, bureau_id=bureau_id, **change)
