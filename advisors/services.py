"""Writes of the floor. Every one names its actor and leaves its audit row."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from advisors.enums import AppointmentStatus
from advisors.models import Absence, Advisor, Appointment
from advisors.querysets import AppointmentQuerySet
from advisors.rules import (
    Term,
    check_cap,
    check_day,
    check_term,
    clean_reason,
    number_slots,
)
from advisors.states import APPOINTMENT_TRANSITIONS
from lawadvisor.foundation import audit
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.locks import hold
from lawadvisor.foundation.states import check_transition
from lawadvisor.foundation.viewer import Actor
from villages.models import Village


@transaction.atomic
def appoint(
    *,
    by: Actor,
    advisor: Advisor,
    village: Village,
    start: date,
    end: date | None,
    limit: int | None,
    exception: str = "",
) -> Appointment:
    """Appoint the advisor to the village for ``[start, end)``; ``end`` None is open.

    ``limit`` is the hard cap that the village's policy puts on this advisor,
    None where it puts none. ``exception`` is the approved reason to exceed it.
    Raises DomainError when the term is empty or beyond belief, the pair
    overlaps, or the cap would be exceeded on any day. The advisor is locked first, so of two clerks
    at one moment the second sees what the first has written.
    """
    term = Term(start, end)
    check_term(term)
    exception = clean_reason(exception, field="exception")
    hold(lock_of(advisor))
    held = list(held_by(advisor))
    _check_pair_free(held, village, term)
    if limit is not None and not exception:
        check_cap(limit, map(term_of, held), names_for(village, held), term)
    appointment = Appointment(
        advisor=advisor,
        village=village,
        term=DateRange(start, end),
        status=AppointmentStatus.ACTIVE,
        slot_limit=limit,
        cap_exception=exception,
    )
    _renumber([*held, appointment])
    appointment.save()
    _record(by, "appointment.open", appointment, after=_facts(appointment), reason=exception)
    return appointment


@transaction.atomic
def end_appointment(*, by: Actor, appointment: Appointment, on: date, reason: str) -> Appointment:
    """End the appointment: ``on`` is the first day no longer served. It frees the cap (A49)."""
    fresh = _locked(appointment)
    check_transition(
        APPOINTMENT_TRANSITIONS,
        fresh.status,
        AppointmentStatus.ENDED,
        dict(AppointmentStatus.choices),
    )
    reason = clean_reason(reason, field="reason")
    if not reason:
        raise DomainError("请填写结束事由。", field="reason")
    check_day(on, field="on")
    if on <= fresh.starts_on or (fresh.ends_before is not None and on > fresh.ends_before):
        raise DomainError("结束日期应在任期之内。", field="on")
    before = _facts(fresh)
    fresh.term = DateRange(fresh.starts_on, on)
    fresh.status, fresh.end_reason = AppointmentStatus.ENDED, reason
    fresh.save(update_fields=("term", "status", "end_reason"))
    _record(by, "appointment.end", fresh, before=before, after=_facts(fresh), reason=reason)
    return fresh


@transaction.atomic
def suspend_appointment(
    *, by: Actor, appointment: Appointment, on: date, reason: str
) -> Appointment:
    """Suspend from ``on``: the village stays held against the cap, the days do not count (A12)."""
    fresh = _locked(appointment)
    check_transition(
        APPOINTMENT_TRANSITIONS,
        fresh.status,
        AppointmentStatus.SUSPENDED,
        dict(AppointmentStatus.choices),
    )
    if on < fresh.starts_on or (fresh.ends_before is not None and on >= fresh.ends_before):
        raise DomainError("暂停日期应在任期之内。", field="on")
    before = _facts(fresh)
    fresh.status, fresh.suspended_from = AppointmentStatus.SUSPENDED, on
    fresh.save(update_fields=("status", "suspended_from"))
    _record(by, "appointment.suspend", fresh, before=before, after=_facts(fresh), reason=reason)
    return fresh


@transaction.atomic
def resume_appointment(
    *, by: Actor, appointment: Appointment, on: date, reason: str
) -> Appointment:
    """Let a suspended advisor serve again from ``on``: the old term ends, a new one begins.

    So the days between stay what they were, and no figure of a past month changes. The new
    appointment keeps end, cap, exception and team; it is returned. Raises DomainError without
    a reason, and for a day before the suspension or outside the term.
    """
    fresh = _locked(appointment)
    if fresh.status != AppointmentStatus.SUSPENDED:
        raise DomainError("只有暂停的聘任才能恢复。")
    if fresh.suspended_from is not None and on < fresh.suspended_from:
        raise DomainError(
            f"恢复日期应在暂停起始日{fresh.suspended_from:%Y-%m-%d}当天或之后。", field="on"
        )
    if fresh.ends_before is not None and on >= fresh.ends_before:
        raise DomainError("恢复日期应在任期之内；任期已满的请重新聘任。", field="on")
    if not reason.strip():
        raise DomainError("请填写恢复事由。", field="reason")
    end, team = fresh.ends_before, fresh.team
    end_appointment(by=by, appointment=fresh, on=on, reason=f"恢复聘任，另立任期：{reason.strip()}")
    again = appoint(
        by=by,
        advisor=fresh.advisor,
        village=fresh.village,
        start=on,
        end=end,
        limit=fresh.slot_limit,
        exception=fresh.cap_exception,
    )
    if team is not None:
        again.team = team
        again.save(update_fields=("team",))
    return again


@transaction.atomic
def record_absence(
    *,
    by: Actor,
    appointment: Appointment,
    start: date,
    end: date,
    reason: str,
    approved_by: str,
    substitute: Advisor | None = None,
) -> Absence:
    """Excuse the advisor for ``[start, end)``; ``substitute`` may stand in for him.

    Raises DomainError for an empty stretch, one outside the term, a missing reason or
    approver, days that are excused already, or a substitute who is himself.
    """
    fresh = _locked(appointment)
    check_day(start, field="start")
    if end <= start:
        raise DomainError("请假止日应在起始日之后。", field="end")
    if start < fresh.starts_on or (fresh.ends_before is not None and end > fresh.ends_before):
        raise DomainError("请假日期应在任期之内。", field="start")
    reason = clean_reason(reason, field="reason")
    approved_by = clean_reason(approved_by, field="approved_by")
    if not reason or not approved_by:
        raise DomainError("请写明请假事由和批准人。", field="reason")
    if substitute is not None and substitute.pk == fresh.advisor_id:
        raise DomainError("代班人不能是请假人本人。", field="substitute")
    days = DateRange(start, end)
    if Absence.objects.filter(appointment=fresh, days__overlap=days).exists():
        raise DomainError("这些日期已有请假记录。", field="start")
    absence = Absence.objects.create(
        appointment=fresh,
        days=days,
        reason=reason,
        approved_by=approved_by,
        substitute=substitute,
    )
    after = {
        "start": start.isoformat(),
        "end": end.isoformat(),
        "approved_by": approved_by,
        "substitute": substitute.name if substitute else None,
    }
    _record(by, "absence.record", fresh, after=after, reason=reason)
    return absence


@transaction.atomic
def reinstate(
    *, by: Actor, appointment: Appointment, end: date | None, status: str, reason: str
) -> Appointment:
    """Take an end back that was entered by mistake: ``end`` and ``status`` are what was before.

    Raises DomainError where the appointment is not ended, and where meanwhile the pair or the
    cap has been given to others.
    """
    fresh = _locked(appointment)
    if fresh.status != AppointmentStatus.ENDED:
        raise DomainError(f"{fresh}没有结束，不能恢复。")
    term = Term(fresh.starts_on, end)
    others = [other for other in held_by(fresh.advisor) if other.pk != fresh.pk]
    _check_pair_free(others, fresh.village, term)
    if fresh.slot_limit is not None and not fresh.cap_exception:
        check_cap(fresh.slot_limit, map(term_of, others), names_for(fresh.village, others), term)
    before = _facts(fresh)
    fresh.term = DateRange(fresh.starts_on, end)
    fresh.status, fresh.end_reason = AppointmentStatus(status), ""
    _renumber([*others, fresh])
    fresh.save(update_fields=("term", "status", "end_reason"))
    _record(by, "appointment.reinstate", fresh, before=before, after=_facts(fresh), reason=reason)
    return fresh


def lock_of(advisor: Advisor) -> str:
    """The name under which whoever changes what this person holds or does takes turns."""
    return f"advisor:{advisor.pk}"


def _locked(appointment: Appointment) -> Appointment:
    hold(lock_of(appointment.advisor))
    return Appointment.objects.select_related("advisor", "village__township").get(pk=appointment.pk)


def held_by(advisor: Advisor) -> AppointmentQuerySet:
    """Everything held by the person, in any bureau: the cap is the person's (A4, A5)."""
    return (
        Appointment.objects.filter(advisor=advisor)
        .holding()
        .select_related("village__township__bureau")
    )


def term_of(appointment: Appointment) -> Term:
    return Term(appointment.starts_on, appointment.ends_before)


def names_for(village: Village, held: list[Appointment]) -> list[str]:
    """As the clerk of ``village`` may read them: another bureau's go by that bureau's name."""
    here = village.township.bureau_id
    places = [(other.village, other.village.township.bureau) for other in held]
    return [
        place.name if bureau.pk == here else f"{bureau.name}所辖村（社区）"
        for place, bureau in places
    ]


def _check_pair_free(held: list[Appointment], village: Village, term: Term) -> None:
    for other in held:
        if other.village_id == village.pk and Appointment.objects.filter(pk=other.pk).overlapping(
            term.start, term.end
        ):
            raise DomainError(f"该顾问在此任期内已受聘于{village.name}。", field="village")


def _renumber(appointments: list[Appointment]) -> None:
    """Give every term its slot; the deferred constraint sees only the outcome.

    Where bureaus with different caps share a person, lawful terms may leave one
    of them no slot within its own cap: its row then carries the widest of them.
    """
    caps = [None if a.cap_exception else a.slot_limit for a in appointments]
    widest = max((cap for cap in caps if cap is not None), default=0)
    slots = number_slots([term_of(appointment) for appointment in appointments], caps)
    for appointment, slot, cap in zip(appointments, slots, caps, strict=True):
        before = appointment.slot, appointment.slot_limit
        appointment.slot = slot
        if cap is not None and slot > cap:
            appointment.slot_limit = widest
        if appointment.pk and before != (appointment.slot, appointment.slot_limit):
            appointment.save(update_fields=("slot", "slot_limit"))


def _facts(appointment: Appointment) -> dict[str, Any]:
    return {
        "start": appointment.starts_on.isoformat(),
        "end": appointment.ends_before.isoformat() if appointment.ends_before else None,
        "status": appointment.status,
        "slot": appointment.slot,
    }


def _record(by: Actor, verb: str, appointment: Appointment, **change: Any) -> None:
    bureau_id = appointment.village.township.bureau_id
    audit.record(by=by, verb=verb, subject=appointment, bureau_id=bureau_id, **change)
