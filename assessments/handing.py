"""The township's month between office and bureau: reviewed, handed in, accepted or sent back.

Whoever moves it holds the lock of the month's close, so that a close finds each township either
before or after, and says of it what was true (``states.MONTH_TRANSITIONS``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from advisors.rules import clean_reason
from assessments.enums import MonthState
from assessments.models import MonthClose, MonthDesk, Policy, Reopening
from assessments.selectors import policy_for
from assessments.states import HANDED_IN, MONTH_TRANSITIONS, REVIEWING
from lawadvisor.foundation import audit
from lawadvisor.foundation.errors import Conflict, DomainError
from lawadvisor.foundation.locks import hold
from lawadvisor.foundation.periods import Period
from lawadvisor.foundation.states import check_transition
from lawadvisor.foundation.viewer import Actor
from villages.models import Township, Village
from worklogs.enums import LogState
from worklogs.models import ServiceLog

#: For so long a village's closed month stays open again, unless said otherwise (ours).
REOPENED_FOR = timedelta(days=3)
#: Handed in, and not verified yet.
UNREVIEWED = (LogState.SUBMITTED, LogState.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a township's month stands; ``desk`` None: nobody has moved it.

    ``due`` is the last day for the office, None before the bureau's first policy. ``whole``: the
    close, where there is one, has come to its end at least once.
    """

    state: MonthState
    due: date | None
    desk: MonthDesk | None
    whole: bool = True

    @property
    def label(self) -> str:
        """The state in words: what no revision has finished is not said to be closed."""
        return self.state.label if self.whole or not self.closed else "关账未完成"

    @property
    def for_silent_office(self) -> bool:
        """Did the bureau act instead of the office? Also a month closed before there were desks."""
        return self.desk.for_silent_office if self.desk else self.closed

    @property
    def closed(self) -> bool:
        return self.state == MonthState.CLOSED

    @property
    def reviewing(self) -> bool:
        return self.state in REVIEWING

    @property
    def handed_in(self) -> bool:
        """Does what the office handed in stand, or did the close take it so?"""
        return (self.state in HANDED_IN or self.closed) and not self.for_silent_office

    @property
    def in_time(self) -> bool | None:
        """Was it handed in by its day? None where it was not, or no day was set."""
        if not self.handed_in or self.due is None:
            return None
        if self.desk is None or self.desk.submitted_at is None:
            return None
        return timezone.localdate(self.desk.submitted_at) <= self.due

    def is_late(self, today: date) -> bool:
        """Is the day past, and the office still at it?"""
        return self.reviewing and self.due is not None and today > self.due


def due_day(policy: Policy | None, month: Period) -> date | None:
    """The office's last day: the one before the bureau's ``close_day`` (ours; the texts name none).

    ``policy`` is that of the month's first day.
    """
    if policy is None:
        return None
    return month.end + timedelta(days=policy.settings["close_day"] - 2)


def standing(
    desk: MonthDesk | None, *, closed: bool, due: date | None, whole: bool = True
) -> Standing:
    """``closed``: has a close of the month been opened? ``whole``: has one been finished?"""
    if closed:
        return Standing(MonthState.CLOSED, due, desk, whole)
    return Standing(MonthState(desk.state) if desk else MonthState.OPEN, due, desk)


def close_lock(bureau_id: int, month: Period) -> str:
    """Held by who closes a month or moves one of its desks, shared by who enters a record of it."""
    return f"close:{bureau_id}:{month.code}"


# ── the office ──────────────────────────────────────────────────────────────────────────────────


def check_reviewable(
    *, by: Actor, village: Village, month: Period, now: datetime, entered: datetime | None = None
) -> None:
    """Within a transaction: may the records of this village and month still be moved?

    The first look of a month begins its review. Raises Conflict once the office has handed it
    in, and after the close for every village that is not open again: ``entered`` is when the
    record was that is to be moved, None where it is about none. What no close knows is a
    supplement.
    """
    township = village.township
    hold(close_lock(township.bureau_id, month))
    if (closed := last_close(township.bureau_id, month)) is not None:
        late = entered is not None and entered >= closed
        check_open(village=village, month=month, now=now, supplement=late)
        return
    desk = _desk(township, month)
    if desk.state not in REVIEWING:
        raise Conflict(
            f"{month.label}{desk.get_state_display()}，不能再核验或退回记录；请先撤回报送。"
        )
    if desk.state == MonthState.OPEN:
        _move(desk, MonthState.UNDER_REVIEW, by=by, verb="month.review")


@transaction.atomic
def submit_month(
    *, by: Actor, township: Township, month: Period, today: date, unreviewed_too: bool = False
) -> MonthDesk:
    """Hand the month in under the office's name.

    Raises DomainError while the month runs, and, unless ``unreviewed_too``, while records wait
    to be verified: it is not done in silence.
    """
    if month.end > today:
        raise DomainError(f"{month.label}尚未结束，不能报送。", field="month")
    desk = _locked(township, month)
    waiting = ServiceLog.objects.filter(
        appointment__village__township=township, state__in=UNREVIEWED
    ).within(month)
    if not unreviewed_too and (count := waiting.count()):
        raise DomainError(
            f"还有{count}条记录没有核验。请先核验；确需报送的，请勾选“仍要报送”。",
            field="unreviewed_too",
        )
    desk.submitted_at, desk.submitted_by = timezone.now(), by.name
    desk.for_silent_office = False
    return _move(desk, MonthState.SUBMITTED, by=by, verb="month.submit")


@transaction.atomic
def take_back_month(*, by: Actor, township: Township, month: Period) -> MonthDesk:
    """The office goes on reviewing what it had handed in, as long as nobody has accepted it."""
    desk = _locked(township, month)
    desk.submitted_at, desk.submitted_by, desk.for_silent_office = None, "", False
    return _move(desk, MonthState.UNDER_REVIEW, by=by, verb="month.take_back")


# ── the bureau ──────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def submit_for_silent_office(
    *, by: Actor, township: Township, month: Period, today: date
) -> MonthDesk:
    """The bureau hands the month in instead of an office whose last day is past (A48).

    It is marked: no office has looked at the figures. The office may still take it back.
    Raises DomainError while the office has time, and Conflict where it has handed it in.
    """
    due = due_day(policy_for(township.bureau, month.start), month)
    if due is None or today <= due:
        raise DomainError(f"{township.name}{month.label}还没有逾期，不能由局代办。", field="month")
    desk = _locked(township, month)
    desk.submitted_at, desk.submitted_by = timezone.now(), by.name
    desk.for_silent_office = True
    return _move(desk, MonthState.SUBMITTED, by=by, verb="month.act_for")


@transaction.atomic
def accept_month(*, by: Actor, township: Township, month: Period) -> MonthDesk:
    return _move(_locked(township, month), MonthState.ACCEPTED, by=by, verb="month.accept")


@transaction.atomic
def return_month(*, by: Actor, township: Township, month: Period, reason: str) -> MonthDesk:
    """Send it back to the office, which needs to know why."""
    desk = _locked(township, month)
    reason = clean_reason(reason, field="reason")
    if not reason:
        raise DomainError("请填写退回原因。", field="reason")
    desk.for_silent_office = False
    return _move(desk, MonthState.RETURNED, by=by, verb="month.return", reason=reason)


def shut_desks(*, close: MonthClose, by: Actor) -> None:
    """Within the transaction that opens a close: every township's month ends as it stands.

    What no office handed in is marked: the figures are the system's (A48). A later revision
    finds nothing left to do.
    """
    month = close.period
    for township in close.bureau.townships.all():
        desk = _desk(township, month)
        if desk.state != MonthState.CLOSED:
            desk.for_silent_office |= desk.state not in HANDED_IN
            _move(desk, MonthState.CLOSED, by=by, verb="month.close")


@transaction.atomic
def reopen_village(
    *,
    by: Actor,
    village: Village,
    month: Period,
    reason: str,
    now: datetime | None = None,
    supplements_only: bool = False,
) -> Reopening:
    """Open one village's closed month for ``REOPENED_FOR``; all others stay shut.

    ``now`` None is this moment. What is entered there is a supplement, which the next revision
    counts. ``supplements_only``: by the office, for what was not there at the close (A16).
    Raises DomainError without a reason, and Conflict for a month that is not closed or
    a village that is open already, unless the bureau now opens more than the office had.
    """
    now = now or timezone.now()
    hold(close_lock(village.township.bureau_id, month))
    reason = clean_reason(reason, field="reason")
    if not reason:
        raise DomainError("请填写开锁事由。", field="reason")
    if not _is_closed(village.township, month):
        raise Conflict(f"{month.label}尚未关账，不需要开锁。", field="month")
    open_again = _open_again(village, month, now)
    if open_again and (supplements_only or not open_again.supplements_only):
        until = timezone.localtime(open_again.expires_at)
        raise Conflict(f"{village.short_name}{month.label}已开锁，到{until:%-m月%-d日%H:%M}为止。")
    opened = Reopening.objects.create(
        village=village,
        month=month.start,
        reason=reason,
        supplements_only=supplements_only,
        opened_at=now,
        expires_at=now + REOPENED_FOR,
        opened_by=by.name,
    )
    audit.record(
        by=by,
        verb="month.supplement" if supplements_only else "month.reopen",
        subject=opened,
        bureau_id=village.township.bureau_id,
        after={"month": month.code, "expires_at": opened.expires_at.isoformat()},
        reason=reason,
    )
    return opened


def check_open(*, village: Village, month: Period, now: datetime, supplement: bool = False) -> None:
    """Of a closed month: raises Conflict unless this village is open again at ``now``.

    ``supplement``: it is about a record that no close has known, for which the office's opening
    is enough (A16).
    """
    found = _open_again(village, month, now)
    if found is None:
        raise Conflict(
            f"{month.label}已关账，{village.short_name}没有开锁，不能再补录或改动记录；"
            "确需补录的，请司法所开放补录；确需改动的，请司法局开锁。",
            field="day",
        )
    if found.supplements_only and not supplement:
        raise Conflict(
            f"{month.label}已关账，{village.short_name}只开放补录，关账前的记录不能改动；"
            "确需改动的，请司法局开锁。",
            field="day",
        )


def _open_again(village: Village, month: Period, now: datetime) -> Reopening | None:
    """What opens most, where several do."""
    found = Reopening.objects.filter(village=village, month=month.start).open_at(now)
    return found.order_by("supplements_only", "-opened_at").first()


def last_close(bureau_id: int, month: Period) -> datetime | None:
    """When the month was last closed, None while it is open; the close knows what came before."""
    closes = MonthClose.objects.filter(bureau=bureau_id, month=month.start)
    return closes.aggregate(at=Max("opened_at"))["at"]


def _is_closed(township: Township, month: Period) -> bool:
    return last_close(township.bureau_id, month) is not None


def _locked(township: Township, month: Period) -> MonthDesk:
    """The desk, held to the end of the transaction; Conflict once its month was closed."""
    hold(close_lock(township.bureau_id, month))
    desk = _desk(township, month)
    if _is_closed(township, month):
        desk.state = MonthState.CLOSED
    return desk


def _desk(township: Township, month: Period) -> MonthDesk:
    """Saved or new; the caller holds the lock."""
    found = MonthDesk.objects.filter(township=township, month=month.start).first()
    return found or MonthDesk(township=township, month=month.start)


def _move(desk: MonthDesk, to: MonthState, *, by: Actor, verb: str, reason: str = "") -> MonthDesk:
    before = {"state": desk.state}
    check_transition(MONTH_TRANSITIONS, desk.state, to, dict(MonthState.choices))
    desk.state, desk.reason, desk.changed_by = to, reason, by.name
    desk.save()
    audit.record(
        by=by,
        verb=verb,
        subject=desk,
        bureau_id=desk.township.bureau_id,
        before=before,
        after={"state": desk.state, "month": desk.period.code},
        reason=reason,
    )
    return desk
