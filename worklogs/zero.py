"""零申报: an advisor states that a village needed nothing of him in a month.

The statement stands as long as it is true. It is refused where a record of the month was handed
in, and the first record that comes later withdraws it: what was done outweighs what was said, and
nobody must ask leave to tell of a visit that he forgot. A month has one statement, made again
after it was withdrawn. A returned record is no obstacle, for it counts for nothing.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from advisors.models import Appointment
from advisors.rules import clean_reason
from lawadvisor.foundation import audit
from lawadvisor.foundation.errors import Conflict, DomainError
from lawadvisor.foundation.locks import hold
from lawadvisor.foundation.periods import Period, PeriodKind, local_date
from lawadvisor.foundation.viewer import Actor
from worklogs.enums import FilingKind, FilingState, LogState
from worklogs.models import Filing, ServiceLog, advisor_lock

_HANDED_IN = (LogState.SUBMITTED, LogState.CONFIRMED, LogState.REVIEWED)


@transaction.atomic
def file_zero(
    *, by: Actor, appointment: Appointment, month: Period, reason: str, now: datetime
) -> tuple[Filing, bool]:
    """State that nothing was done under this appointment in a month; True: it is new.

    A repeat returns the statement that stands. Raises DomainError for a month that has not begun
    or lies outside the term, and without a reason, and Conflict where records were handed in.
    """
    reason, today = clean_reason(reason, field="reason"), local_date(now)
    if month.start > today:
        raise DomainError(f"{month.label}还没有开始，不能零申报。", field="month")
    hold(advisor_lock(appointment.advisor_id))
    appointment = Appointment.objects.select_related("village__township").get(pk=appointment.pk)
    known = _of_month(appointment, month)
    if known is not None and known.state != FilingState.WITHDRAWN:
        return known, False
    if not reason:
        raise DomainError("请填写零申报的原因，如“本月未接到服务需求”。", field="reason")
    _check_empty(appointment, month)
    filing = known or Filing(
        kind=FilingKind.ZERO_REPORT,
        bureau_id=appointment.village.township.bureau_id,
        village=appointment.village,
        advisor_id=appointment.advisor_id,
        period_start=month.start,
        period_end=month.end,
        title=f"{month.label}零申报",
    )
    filing.body, filing.state, filing.filed_on = reason, FilingState.SUBMITTED, today
    filing.save()
    _record(by, "zero.file", filing, after={"month": month.code}, reason=reason)
    return filing, True


def withdraw_zero(*, by: Actor, log: ServiceLog) -> None:
    """A record was handed in: the month's statement is true no longer. Within its transaction."""
    month = Period.containing(PeriodKind.MONTH, log.service_date)
    filing = _of_month(log.appointment, month)
    if filing is None or filing.state == FilingState.WITHDRAWN:
        return
    before = {"state": filing.state}
    filing.state = FilingState.WITHDRAWN
    filing.save(update_fields=("state",))
    _record(by, "zero.withdraw", filing, before=before, after={"state": filing.state})


def _of_month(appointment: Appointment, month: Period) -> Filing | None:
    return (
        Filing.objects.filter(
            kind=FilingKind.ZERO_REPORT,
            village=appointment.village_id,
            advisor=appointment.advisor_id,
            period_start=month.start,
        )
        .select_related("bureau")
        .first()
    )


def _check_empty(appointment: Appointment, month: Period) -> None:
    overlap = (appointment.ends_before is None or appointment.ends_before > month.start) and (
        appointment.starts_on < month.end
    )
    if not overlap:
        raise Conflict(f"{month.label}不在{appointment.village.name}的任期内。", field="month")
    served = ServiceLog.objects.within(month).filter(appointment=appointment, state__in=_HANDED_IN)
    count = served.count()
    if count:
        raise Conflict(
            f"{month.label}在{appointment.village.name}已有{count}条服务记录，不需要零申报。",
            field="month",
        )


def _record(by: Actor, verb: str, filing: Filing, **change: object) -> None:
    audit.record(by=by, verb=verb, subject=filing, bureau_id=filing.bureau_id, **change)  # type: ignore[arg-type]
