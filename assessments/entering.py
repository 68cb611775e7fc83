"""Records as the policy and the close see them: what is asked, and what comes after the close.

A record of a month that was closed is a supplement, and taken only where the village was opened
again for it, by its judicial office or the bureau (A16). Whether the month was closed, is decided
under the lock of the close: a close that is being opened waits for the records that are being
entered, and they for it, so that each record is either known to the close or marked as late, and
never both or neither. What a close has judged is not changed below it: until the office has
returned it, a record of a closed month can be neither revised nor withdrawn.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime

from django.db import transaction

from advisors.models import Appointment
from assessments.handing import check_open, close_lock, last_close
from assessments.models import Policy
from lawadvisor.foundation.errors import Conflict
from lawadvisor.foundation.locks import share
from lawadvisor.foundation.periods import Period, PeriodKind
from lawadvisor.foundation.viewer import Actor
from worklogs.entries import SessionEntry
from worklogs.enums import LogState
from worklogs.models import Attachment, ServiceLog
from worklogs.photos import remove_photo
from worklogs.revising import REVISABLE, revise_log
from worklogs.services import move_log, submit_log

#: A bureau and a month of it.
_Month = tuple[int, Period]


@transaction.atomic
def enter_log(
    *,
    by: Actor,
    appointment: Appointment,
    entry: SessionEntry,
    client_uuid: uuid.UUID,
    received_at: datetime,
) -> tuple[ServiceLog, bool]:
    """``submit_log`` by the policy of the day; what comes after the close is a supplement.

    ``appointment`` comes with its village and township. Raises Conflict for a new record of a
    closed month, unless its village is open again.
    """
    month = _month_of(appointment, entry.day)
    closed = _closed(month)[month]
    if closed and not ServiceLog.objects.filter(client_uuid=client_uuid).exists():
        check_open(village=appointment.village, month=month[1], now=received_at, supplement=True)
    return submit_log(
        by=by,
        appointment=appointment,
        entry=entry,
        client_uuid=client_uuid,
        # a close knows what was entered before it was opened, so a supplement was not
        received_at=max(received_at, closed) if closed else received_at,
        required=required_fields(month[0], entry.day),
        supplement=closed is not None,
    )


@transaction.atomic
def revise_entry(
    *,
    by: Actor,
    log: ServiceLog,
    appointment: Appointment,
    entry: SessionEntry,
    version: int,
    received_at: datetime,
) -> ServiceLog:
    """``revise_log`` by the policy of the day. Raises Conflict when a close has judged the record
    and nobody returned it. Both appointments come with their village and township."""
    was, will_be = _month_of(log.appointment, log.service_date), _month_of(appointment, entry.day)
    closed = _closed(was, will_be)
    fresh = ServiceLog.objects.get(pk=log.pk)
    # what changed since it was read is for revise_log to say
    if fresh.version == version and fresh.state in REVISABLE:
        _check_unjudged(fresh, was, closed[was])
        if closed[will_be] and will_be != was:
            check_open(
                village=appointment.village, month=will_be[1], now=received_at, supplement=True
            )
    return revise_log(
        by=by,
        log=log,
        appointment=appointment,
        entry=entry,
        version=version,
        received_at=received_at,
        required=required_fields(will_be[0], entry.day),
        supplement=closed[will_be] is not None,
    )


@transaction.atomic
def withdraw_entry(*, by: Actor, log: ServiceLog, reason: str) -> ServiceLog:
    """Take back what nobody has confirmed and no close has judged. A repeat changes nothing.

    ``log`` comes with its appointment, village and township.
    """
    month = _month_of(log.appointment, log.service_date)
    closed = _closed(month)[month]
    fresh = ServiceLog.objects.get(pk=log.pk)
    if fresh.state == LogState.WITHDRAWN:
        return fresh
    if fresh.state == LogState.SUBMITTED:
        _check_unjudged(fresh, month, closed)
    return move_log(by=by, log=log, to=LogState.WITHDRAWN, reason=reason)


@transaction.atomic
def remove_entry_photo(*, by: Actor, photo: Attachment) -> None:
    """``remove_photo`` of a record that nobody has confirmed and no close has judged.

    ``photo`` comes with its matter, log and appointment's township.
    """
    log = photo.matter.log
    month = _month_of(log.appointment, log.service_date)
    closed = _closed(month)[month]
    fresh = ServiceLog.objects.get(pk=log.pk)
    if fresh.state not in REVISABLE:
        raise Conflict(f"该记录{fresh.get_state_display()}，照片不能再删除。", field="photo")
    _check_unjudged(fresh, month, closed)
    remove_photo(by=by, photo=photo)


def required_fields(bureau_id: int, day: date) -> frozenset[str]:
    """The fields without which the policy of that day takes no record; empty without a policy."""
    policy = Policy.objects.filter(bureau=bureau_id).in_force_on(day).first()
    return frozenset(policy.settings["log_required_fields"]) if policy else frozenset()


def _month_of(appointment: Appointment, day: date) -> _Month:
    month = Period.containing(PeriodKind.MONTH, day)
    return appointment.village.township.bureau_id, month


def _closed(*months: _Month) -> dict[_Month, datetime | None]:
    """When each was last closed, None for one that is open; no close is opened till the end of
    the transaction."""
    share(*(close_lock(*month) for month in months))
    return {month: last_close(*month) for month in months}


def _check_unjudged(log: ServiceLog, month: _Month, closed: datetime | None) -> None:
    if closed is not None and log.state != LogState.RETURNED:
        raise Conflict(
            f"{month[1].label}已经关账，该记录不能再改动；确有错误的，请司法所先退回。",
            field="day",
        )
