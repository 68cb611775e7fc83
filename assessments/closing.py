"""The month close: opened by a person or the timetable, done by jobs, finished by the last.

1. ``open_close`` writes the close, shuts every township's month as it finds it (``handing``) and
   orders one judging job per township, plus one for what needs the whole bureau (caps, coverage).
2. Each judging job stores its verdicts. The last one orders the papers.
3. Each paper job writes one report in its formats. The last one ends the close.

Every step is a job with a key of its own, so that a second order, a second
bell or a second beat finds it there already. The bureau may halt the work, resume it where it
stood, or give the revision up: it then stays unfinished for good, and is shown to nobody.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import date, timedelta

from django.db import DatabaseError, transaction
from django.utils import timezone

from assessments.enums import ReportKey
from assessments.facts import Desk
from assessments.handing import close_lock, shut_desks
from assessments.models import MonthClose
from assessments.quota.rules import Subject
from assessments.selectors import (
    BUREAU_SUBJECTS,
    DESK_SUBJECTS,
    judge_desk,
    newest_close,
    policy_for,
    rules_in_force,
)
from assessments.services import policy_lock
from assessments.verdicts import store
from lawadvisor.foundation import audit, jobs
from lawadvisor.foundation.errors import Conflict, DomainError
from lawadvisor.foundation.locks import hold
from lawadvisor.foundation.models import Job, JobState
from lawadvisor.foundation.periods import Period, PeriodKind
from lawadvisor.foundation.viewer import SYSTEM, Actor
from villages.models import Bureau

logger = logging.getLogger(__name__)

JUDGE = "judge_desk"
WRITE = "write_paper"


@transaction.atomic
def open_close(
    *, bureau: Bureau, month: Period, by: Actor, today: date | None = None
) -> MonthClose:
    """Start closing a month that is over, once; a repeat returns the close that is there.

    ``today`` None is the local date now. Raises DomainError while the month
    still runs or when no policy was in force on its first day.
    """
    hold(close_lock(bureau.pk, month), policy_lock(bureau))
    return newest_close(bureau, month) or _open(bureau, month, by, today, revision=1, reason="")


@transaction.atomic
def begin_close(
    *, bureau: Bureau, month: Period, by: Actor, today: date | None = None
) -> MonthClose:
    """``open_close`` by a person: whoever comes second is told who was first.

    Raises also Conflict where there is a close already.
    """
    hold(close_lock(bureau.pk, month), policy_lock(bureau))
    if (there := newest_close(bureau, month)) is not None:
        raise Conflict(f"{_begun(there)}，不需要再次关账。", field="month")
    return _open(bureau, month, by, today, revision=1, reason="")


@transaction.atomic
def reopen_close(
    *, bureau: Bureau, month: Period, by: Actor, reason: str, today: date | None = None
) -> MonthClose:
    """Judge a closed month again, beside the earlier revision, for a stated reason.

    Raises Conflict while the newest revision is still at work, or none was opened.
    """
    if not reason.strip():
        raise DomainError("请填写重新核算的事由。", field="reason")
    hold(close_lock(bureau.pk, month), policy_lock(bureau))
    newest = newest_close(bureau, month)
    if newest is None:
        raise Conflict(f"{month.label}尚未关账，不能重新核算。", field="month")
    if newest.closed_at is None and newest.left_at is None:
        raise Conflict(f"{_begun(newest)}，还没有完成，不能重新核算。", field="month")
    return _open(bureau, month, by, today, revision=newest.revision + 1, reason=reason.strip())


@transaction.atomic
def halt_close(*, bureau: Bureau, month: Period, by: Actor) -> MonthClose:
    """Stop the work of the newest revision. What a worker is at comes to its end, and no more.

    Raises Conflict where none is at work.
    """
    close = _at_work(bureau, month)
    if close.halted_at is not None:
        raise Conflict(f"{month.label}的关账已由{close.halted_by}中止。", field="month")
    jobs.halt(close.group)
    close.halted_at, close.halted_by = timezone.now(), by.name
    _save_halt(close, by, verb="close.halt")
    return close


@transaction.atomic
def resume_close(*, bureau: Bureau, month: Period, by: Actor) -> MonthClose:
    """Go on where the work was halted; what is done is not done again.

    Raises Conflict where nothing was halted.
    """
    close = _halted(bureau, month)
    close.halted_at, close.halted_by = None, ""
    _save_halt(close, by, verb="close.resume")
    jobs.resume(close.group)
    _advance(close)
    return close


@transaction.atomic
def leave_close(*, bureau: Bureau, month: Period, by: Actor, reason: str) -> MonthClose:
    """Give a halted revision up for good, for a reason: it is never shown as closed.

    The month stays shut, and is closed by the next revision. Raises Conflict where nothing was
    halted.
    """
    if not reason.strip():
        raise DomainError("请填写放弃本次关账的事由。", field="reason")
    close = _halted(bureau, month)
    close.left_at = timezone.now()
    _save_halt(close, by, verb="close.leave", reason=reason.strip())
    return close


def _at_work(bureau: Bureau, month: Period) -> MonthClose:
    """The newest revision while it is unfinished; the lock of the month's close is held."""
    hold(close_lock(bureau.pk, month))
    close = newest_close(bureau, month)
    if close is None or close.closed_at is not None or close.left_at is not None:
        raise Conflict(f"{month.label}没有正在进行的关账。", field="month")
    return MonthClose.objects.select_for_update(of=("self",)).get(pk=close.pk)


def _halted(bureau: Bureau, month: Period) -> MonthClose:
    close = _at_work(bureau, month)
    if close.halted_at is None:
        raise Conflict(f"{month.label}的关账没有中止。", field="month")
    return close


def _save_halt(close: MonthClose, by: Actor, *, verb: str, reason: str = "") -> None:
    close.save(update_fields=("halted_at", "halted_by", "left_at"))
    done = progress_of(close)
    audit.record(
        by=by,
        verb=verb,
        subject=close,
        bureau_id=close.bureau_id,
        after={"month": close.period.code, "revision": close.revision, "done": done.done},
        reason=reason,
    )


def _begun(close: MonthClose) -> str:
    """Who began it and when, in words."""
    at = timezone.localtime(close.opened_at)
    again = f"第{close.revision}版重新核算" if close.revision > 1 else "关账"
    return f"{close.period.label}已由{close.opened_by}于{at:%-m月%-d日%H:%M}开始{again}"


def open_due_closes(*, today: date) -> int:
    """Open every close whose day has come; returns how many.

    The day is the policy's ``close_day``. What was missed while nothing ran is
    caught up: every month since a bureau's first close. One bureau's trouble
    is logged and keeps no other from closing.
    """
    opened = 0
    for bureau in Bureau.objects.all():
        for month in _months_due(bureau, today):
            try:
                open_close(bureau=bureau, month=month, by=SYSTEM, today=today)
            except (DomainError, DatabaseError):
                logger.exception("%s %s could not be opened", bureau, month.code)
            else:
                opened += 1
    return opened


def judge_into(close: MonthClose, desk: Desk, subjects: Iterable[Subject]) -> int:
    """Judge the close's month for a desk and append the verdicts; returns how many."""
    rules, month = rules_in_force(close.bureau_id, close.period), close.period
    judged = judge_desk(desk, rules, month, month.end, subjects, known=close.opened_at)
    return store(close, rules, judged)


def progress_of(close: MonthClose) -> jobs.Progress:
    """How many of the planned jobs are done; ``total`` counts those not ordered yet too."""
    counted = jobs.progress(close.group)
    return jobs.Progress(total=close.planned, done=counted.done, failed=counted.failed)


def _months_due(bureau: Bureau, today: date) -> list[Period]:
    """Months unclosed and past their closing day: last month, and those since the first close."""
    closed = set(MonthClose.objects.filter(bureau=bureau).values_list("month", flat=True))
    month = Period.containing(PeriodKind.MONTH, today).previous()
    first = min(closed, default=month.start)
    due = []
    while month.start >= first:
        if month.start not in closed and _is_due(bureau, month, today):
            due.append(month)
        month = month.previous()
    return due


def _is_due(bureau: Bureau, month: Period, today: date) -> bool:
    policy = policy_for(bureau, month.start)
    if policy is None:
        return False
    return today >= month.end + timedelta(days=policy.settings["close_day"] - 1)


def _open(
    bureau: Bureau, month: Period, by: Actor, today: date | None, *, revision: int, reason: str
) -> MonthClose:
    if month.end > (today or timezone.localdate()):
        raise DomainError(f"{month.label}尚未结束，不能关账。", field="month")
    policy = policy_for(bureau, month.start)
    if policy is None:
        raise DomainError(f"{month.start:%Y-%m-%d}没有生效的政策，请先采用政策。", field="month")
    townships = list(bureau.townships.all())
    close = MonthClose.objects.create(
        bureau=bureau,
        policy=policy,
        month=month.start,
        revision=revision,
        reason=reason,
        planned=(len(townships) + 1) * (1 + len(ReportKey)),
        opened_by=by.name,
    )
    audit.record(
        by=by,
        verb="close.open",
        subject=close,
        bureau_id=bureau.pk,
        after={"month": month.code, "revision": revision, "policy": policy.version},
        reason=reason,
    )
    shut_desks(close=close, by=by)
    for township in [*townships, None]:
        _order(close, JUDGE, township.pk if township else None, "judge")
    return close


@jobs.handles(JUDGE)
def _judge(job: Job) -> None:
    close = _close_of(job)
    township = job.payload["township"]
    subjects = BUREAU_SUBJECTS if township is None else DESK_SUBJECTS
    verdicts = judge_into(close, Desk(close.bureau_id, township), subjects)
    audit.record(
        by=SYSTEM,
        verb="close.judge",
        subject=close,
        bureau_id=close.bureau_id,
        after={"township": township, "verdicts": verdicts},
    )
    _advance(close, job)


@jobs.handles(WRITE)
def _write(job: Job) -> None:
    from assessments.papers import write_paper  # papers need the reports, the close does not

    close = _close_of(job)
    write_paper(
        close=close, township_id=job.payload["township"], report=ReportKey(job.payload["report"])
    )
    _advance(close, job)


def _order_papers(close: MonthClose) -> None:
    judged = Job.objects.filter(group=close.group, kind=JUDGE)
    # the bureau's own, the longest, come first and are not what everybody waits for
    for township in judged.order_by("-pk").values_list("payload__township", flat=True):
        for report in ReportKey:
            _order(close, WRITE, township, report.value)


def _order(close: MonthClose, kind: str, township_id: int | None, what: str) -> None:
    jobs.enqueue(
        kind=kind,
        key=f"{close.group}:{what}:{township_id or 'bureau'}",
        payload={"close": close.pk, "township": township_id, "report": what},
        group=close.group,
    )


def _advance(close: MonthClose, job: Job | None = None) -> None:
    """Where all that was ordered is done, this ``job`` included: the next step.

    The close's row is locked to ask. A halted close takes none; it is asked again when it is
    resumed.
    """
    locked = MonthClose.objects.select_for_update(of=("self",)).get(pk=close.pk)
    ordered = Job.objects.filter(group=close.group)
    others = ordered.exclude(pk=job.pk) if job else ordered
    if locked.halted_at is not None or others.exclude(state=JobState.DONE).exists():
        return
    if ordered.filter(kind=WRITE).exists():
        _finish(close)
    else:
        _order_papers(close)


def _finish(close: MonthClose) -> None:
    close.closed_at = timezone.now()
    close.save(update_fields=("closed_at",))
    audit.record(
        by=SYSTEM,
        verb="close.finish",
        subject=close,
        bureau_id=close.bureau_id,
        after={"files": close.files.count(), "verdicts": close.verdicts.count()},
    )


def _close_of(job: Job) -> MonthClose:
    return MonthClose.objects.select_related("bureau", "policy").get(pk=job.payload["close"])
