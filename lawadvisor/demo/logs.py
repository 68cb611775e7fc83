"""Service logs from sessions: the place, the day of entry and how far the review has come."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from random import Random

from advisors.models import Appointment
from lawadvisor.demo.customs import Check
from lawadvisor.demo.deeds import RETURN_REASONS
from lawadvisor.demo.months import MonthOfRecords
from lawadvisor.demo.sessions import Session
from lawadvisor.foundation.periods import local_instant
from worklogs.enums import LogState, Mode, Purpose
from worklogs.models import ServiceLog

PLACES = ("公共法律服务工作室", "会议室", "调解室", "党群服务中心", "便民服务站")
OUTDOORS = ("文化广场", "居民家中", "田间现场", "综治中心", "村口")


def log_of(
    session: Session, appointment: Appointment, month: MonthOfRecords, rng: Random, village: str
) -> ServiceLog:
    """One unsaved log; ``village`` is the short name that its place begins with."""
    state = _state(rng, month)
    entered = _entered_on(rng, session.day, month)
    if state == LogState.REVIEWED and month.customs.check:
        slow = appointment.village.code in month.slow
        state = _looked_at(rng, month.customs.check, entered, month.today, slow=slow)
    untimed = state == LogState.DRAFT and rng.random() < 0.5
    return ServiceLog(
        client_uuid=uuid.UUID(int=rng.getrandbits(128), version=4),
        appointment=appointment,
        advisor=appointment.advisor,
        service_date=session.day,
        started_at=None if untimed else local_instant(session.day, session.start),
        ended_at=None if untimed else local_instant(session.day, session.end),
        mode=session.mode,
        purpose=session.purpose,
        no_visitors=session.no_visitors,
        place=_place(rng, session, village),
        state=state,
        returned_reason=rng.choice(RETURN_REASONS) if state == LogState.RETURNED else "",
        is_supplement=entered > month.closes_on,
        entered_at=_entered_at(rng, session, entered),
        entered_by=appointment.advisor.user,
    )


def _state(rng: Random, month: MonthOfRecords) -> LogState:
    rates, chance = month.rates, rng.random()
    waiting = rates.unreviewed_last_month if month.is_last else rates.unreviewed
    if month.customs.check:
        waiting = 0.0
    for rate, state in (
        (rates.draft, LogState.DRAFT),
        (rates.returned, LogState.RETURNED),
        (waiting, LogState.SUBMITTED),
    ):
        if chance < rate:
            return state
        chance -= rate
    return LogState.REVIEWED


def _looked_at(rng: Random, check: Check, entered: date, today: date, *, slow: bool) -> LogState:
    """How far a record has come by today that somebody looks at some days after its entry."""
    days = int(rng.expovariate(1 / (check.slow if slow else check.quick)))
    if entered + timedelta(days=days) >= today:
        return LogState.SUBMITTED
    return LogState.REVIEWED if rng.random() >= check.unreviewed else check.state


def _entered_on(rng: Random, day: date, month: MonthOfRecords) -> date:
    """Mostly the same or the next day; late, or after the close, as the rates say."""
    chance = rng.random()
    if chance < month.rates.supplement:
        entered = month.closes_on + timedelta(days=rng.randint(1, 16))
    elif chance < month.rates.supplement + month.rates.late_entry:
        entered = day + timedelta(days=rng.randint(4, 13))
    else:
        entered = day + timedelta(days=rng.choices((0, 1, 2, 3), (70, 20, 6, 4))[0])
    return entered if entered < month.today else day


def _entered_at(rng: Random, session: Session, entered: date) -> datetime:
    """Some minutes after the session on its own day, at any waking hour of a later one."""
    if entered == session.day:
        minute = min(session.end + rng.randint(3, 180), 24 * 60 - 1)
    else:
        minute = rng.randint(7 * 60 + 30, 22 * 60)
    return local_instant(entered, minute)


def _place(rng: Random, session: Session, village: str) -> str:
    """Where it was; "" for a call."""
    if session.mode != Mode.ON_SITE:
        return ""
    outdoors = session.purpose in (Purpose.MEDIATION, Purpose.OTHER, Purpose.LECTURE_ONLY)
    names = OUTDOORS if outdoors and rng.random() < 0.5 else PLACES
    return f"{village}{rng.choice(names) if outdoors or rng.random() < 0.25 else PLACES[0]}"
