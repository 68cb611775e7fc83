"""The worker's law: claim a job, lock it, do it, and say so in the same transaction.

1. *Claim*: a committed ``attempts + 1``. A job that kills its own worker is
   thereby counted, and given up after ``settings.JOB_TRIES`` claims.
2. *Work*: one transaction locks the row, checks that the claim is still the
   newest, runs the handler and sets the state. A worker killed in the middle
   leaves nothing behind, one that comes second finds the row locked or done.
3. *Ring*: the broker only wakes a worker. Bells may be lost or doubled; the
   sweeper rings again for whatever waits too long.
"""

from __future__ import annotations

import errno
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Q
from django.utils import timezone

from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.models import Job, JobState

logger = logging.getLogger(__name__)

Handler = Callable[[Job], None]
_handlers: dict[str, Handler] = {}

#: A bell older than this was lost, or its worker died.
RING_AGAIN_AFTER = timedelta(seconds=30)
#: Nobody waits for a silent broker twice in a row: a write orders a hundred jobs.
BROKER_REST = timedelta(seconds=10)
_silent_until = 0.0

INTERRUPTED = "处理进程多次中断，未能完成"
#: What a clerk can have put right by whoever keeps the machine.
_MACHINE_TROUBLE = {
    errno.ENOSPC: "磁盘空间不足",
    errno.EDQUOT: "磁盘配额已用完",
    errno.EROFS: "磁盘为只读",
    errno.EIO: "磁盘读写出错",
    errno.EACCES: "没有读写文件的权限",
    errno.EPERM: "没有读写文件的权限",
    errno.ENOENT: "需要的文件不存在",
    errno.EMFILE: "打开的文件过多",
    errno.ENOMEM: "内存不足",
}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a group of jobs has come; ``total`` 0 means that there is no such group."""

    total: int
    done: int
    failed: int

    @property
    def finished(self) -> bool:
        return self.total > 0 and self.done == self.total


def handles(kind: str) -> Callable[[Handler], Handler]:
    """Register a handler: it runs inside the job's transaction and must not commit."""

    def register(handler: Handler) -> Handler:
        _handlers[kind] = handler
        return handler

    return register


def enqueue(*, kind: str, key: str, payload: dict[str, Any], group: str = "") -> Job:
    """Write the job unless its key is known already, and ring once this commits."""
    job, fresh = Job.objects.get_or_create(
        key=key, defaults={"kind": kind, "payload": payload, "group": group}
    )
    if fresh:
        transaction.on_commit(lambda: ring([job.pk]))
    return job


def ring(job_ids: Iterable[int]) -> None:
    """Wake a worker. A silent broker is no error here: the sweeper rings again."""
    from lawadvisor.foundation.tasks import run_job  # tasks import this module

    global _silent_until  # noqa: PLW0603  (one broker, one memory of its silence)
    for job_id in job_ids:
        if time.monotonic() < _silent_until:
            return
        try:
            run_job.delay(job_id=job_id)
        except run_job.OperationalError:
            _silent_until = time.monotonic() + BROKER_REST.total_seconds()
            logger.warning("broker unreachable, job %s waits for the sweeper", job_id)


def run(job_id: int) -> bool:
    """Do one job if it is still to be done; True when this call did it."""
    attempt = _claim(job_id)
    if attempt is None:
        return False
    try:
        with transaction.atomic():
            job = _lock_claimed(job_id, attempt)
            if job is None:
                return False
            _handlers[job.kind](job)
            job.state, job.last_error, job.finished_at = (
                JobState.DONE,
                "",
                timezone.now(),
            )
            job.save(update_fields=("state", "last_error", "finished_at"))
    except Exception as error:
        logger.exception("job %s failed on attempt %s", job_id, attempt)
        _note_failure(job_id, attempt, error)
        return False
    return True


def sweep() -> int:
    """Ring for jobs that waited too long; fail those whose tries are used up.

    Rows that a worker holds are locked and therefore skipped. Returns the
    number of bells.
    """
    now = timezone.now()
    with transaction.atomic():
        held = Job.objects.select_for_update(of=("self",), skip_locked=True)
        waiting = list(held.filter(state=JobState.QUEUED, rung_at__lt=now - RING_AGAIN_AFTER))
        for job in waiting:
            if job.attempts >= settings.JOB_TRIES:
                _give_up(job.pk, job.last_error or INTERRUPTED)
        again = [job.pk for job in waiting if job.attempts < settings.JOB_TRIES]
        Job.objects.filter(pk__in=again).update(rung_at=now)
    ring(again)
    return len(again)


def retry(job: Job) -> bool:
    """Give a failed job its tries back: a person has looked at it.

    True when it was failed and is queued now; False changes nothing.
    """
    changed = Job.objects.filter(pk=job.pk, state=JobState.FAILED).update(
        state=JobState.QUEUED, attempts=0, finished_at=None, rung_at=timezone.now()
    )
    if changed:
        transaction.on_commit(lambda: ring([job.pk]))
    return bool(changed)


def halt(group: str) -> int:
    """Take the group's waiting jobs out of the queue; what a worker holds comes to its end.

    Returns how many.
    """
    with transaction.atomic():
        held = Job.objects.select_for_update(of=("self",), skip_locked=True)
        waiting = [job.pk for job in held.filter(group=group, state=JobState.QUEUED)]
        return Job.objects.filter(pk__in=waiting).update(
            state=JobState.HALTED, finished_at=timezone.now()
        )


def resume(group: str) -> int:
    """Queue what ``halt`` took out, with all its tries; returns how many."""
    with transaction.atomic():
        held = Job.objects.select_for_update(of=("self",))
        again = [job.pk for job in held.filter(group=group, state=JobState.HALTED)]
        Job.objects.filter(pk__in=again).update(
            state=JobState.QUEUED, attempts=0, finished_at=None, rung_at=timezone.now()
        )
        transaction.on_commit(lambda: ring(again))
    return len(again)


def progress(group: str) -> Progress:
    counts = Job.objects.filter(group=group).aggregate(
        total=Count("pk"),
        done=Count("pk", filter=Q(state=JobState.DONE)),
        failed=Count("pk", filter=Q(state=JobState.FAILED)),
    )
    return Progress(**counts)


def _claim(job_id: int) -> int | None:
    """Count this try and commit it; None when the job is done, held or out of tries.

    Giving up is the sweeper's: the last try may only just have been claimed.
    """
    with transaction.atomic():
        held = Job.objects.select_for_update(of=("self",), skip_locked=True)
        job = held.filter(pk=job_id, state=JobState.QUEUED).first()
        if job is None or job.attempts >= settings.JOB_TRIES:
            return None
        Job.objects.filter(pk=job_id).update(attempts=F("attempts") + 1, rung_at=timezone.now())
        return job.attempts + 1


def _lock_claimed(job_id: int, attempt: int) -> Job | None:
    """The locked row, or None when a newer claim has overtaken this one."""
    job = Job.objects.select_for_update(of=("self",)).get(pk=job_id)
    return job if job.state == JobState.QUEUED and job.attempts == attempt else None


def _note_failure(job_id: int, attempt: int, error: Exception) -> None:
    sentence = _sentence(error)[:500]
    Job.objects.filter(pk=job_id, state=JobState.QUEUED).update(last_error=sentence)
    if attempt >= settings.JOB_TRIES:
        _give_up(job_id, sentence)


def _sentence(error: Exception) -> str:
    """What a clerk reads. Names of tables, values and paths stay in the log."""
    if isinstance(error, DomainError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        trouble = _MACHINE_TROUBLE.get(error.errno or 0, "系统资源出错")
        return f"{trouble}（{error.strerror}），请联系系统管理员"
    return f"系统错误（{type(error).__name__}），已记入日志"


def _give_up(job_id: int, sentence: str) -> None:
    Job.objects.filter(pk=job_id, state=JobState.QUEUED).update(
        state=JobState.FAILED, finished_at=timezone.now(), last_error=sentence
    )
