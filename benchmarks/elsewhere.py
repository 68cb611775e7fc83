"""What happens to an advisor's records while his phone is not looking. Each may raise Conflict."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from advisors.models import Appointment
from assessments.entering import enter_log, revise_entry
from assessments.models import MonthClose, Reopening
from lawadvisor.foundation.periods import Period, PeriodKind
from lawadvisor.foundation.viewer import SYSTEM
from worklogs.entries import SessionEntry
from worklogs.enums import LogState
from worklogs.models import ServiceLog
from worklogs.services import move_log


def end_or_extend_the_term(appointment: Appointment) -> None:
    """Today is no longer served, or again."""
    appointment.refresh_from_db()
    upper = timezone.localdate() if appointment.term.upper is None else None
    appointment.term = DateRange(appointment.term.lower, upper)
    appointment.save()


def close_the_month_or_open_it_again(appointment: Appointment) -> None:
    village, now = appointment.village, timezone.now()
    bureau = village.township.bureau
    month = Period.containing(PeriodKind.MONTH, timezone.localdate()).start
    if not bureau.closes.exists():
        policy = bureau.policies.get()
        MonthClose.objects.create(
            bureau=bureau, policy=policy, month=month, planned=1, opened_by="测试"
        )
        return
    Reopening.objects.create(
        village=village,
        month=month,
        reason="漏录",
        opened_at=now,
        expires_at=now + timedelta(days=1),
        opened_by="测试",
    )


def another_phone_was_there(appointment: Appointment, start: int) -> str:
    """Of the same advisor, at an hour that may be one of those that wait; the record's number."""
    number = uuid.uuid4()
    enter_log(
        by=appointment.advisor.user.as_actor(""),
        appointment=appointment,
        entry=_hour(start),
        client_uuid=number,
        received_at=timezone.now(),
    )
    return str(number)


def another_phone_changed_it(appointment: Appointment, number: str, start: int) -> None:
    log = ServiceLog.objects.get(client_uuid=number)
    revise_entry(
        by=appointment.advisor.user.as_actor(""),
        log=log,
        appointment=appointment,
        entry=_hour(start),
        version=log.version,
        received_at=timezone.now(),
    )


def the_office_says(number: str, to: LogState) -> None:
    log = ServiceLog.objects.get(client_uuid=number)
    move_log(by=SYSTEM, log=log, to=to, reason="时间不符" if to == LogState.RETURNED else "")


def _hour(start: int) -> SessionEntry:
    return SessionEntry(
        day=timezone.localdate(),
        start=60 * start,
        end=60 * start + 60,
        mode="on_site",
        purpose="duty",
        no_visitors=True,
        matters=(),
    )
