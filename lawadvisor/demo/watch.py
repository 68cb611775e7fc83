"""Waiting for the worker to finish its closes, with one calm line of progress."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from django.conf import settings
from django.core.management.base import OutputWrapper

from assessments import closing
from assessments.models import MonthClose
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.jobs import Progress
from lawadvisor.foundation.models import Job, JobState

#: How often to look, and after how long without any movement to give up, in seconds.
LOOK_EVERY = 0.5
PATIENCE = 60.0

#: Without a terminal, a line at most this often: a log is no progress bar.
LINE_EVERY = 5.0

Tell = Callable[[Progress], None]


class ProgressLine:
    """One line that counts up on a terminal; elsewhere a new one every few seconds."""

    def __init__(self, out: OutputWrapper, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._out, self._clock = out, clock
        self._live = out.isatty()
        self._said_at: float | None = None

    def __call__(self, now: Progress) -> None:
        line = f"正在由后台任务关账：已处理 {now.done}/{now.total}"
        if self._live:
            self._out.write(f"\r{line}", ending="\n" if now.finished else "")
        elif now.finished or self._is_time():
            self._out.write(line)
        self._out.flush()

    def _is_time(self) -> bool:
        now = self._clock()
        due = self._said_at is None or now - self._said_at >= LINE_EVERY
        if due:
            self._said_at = now
        return due


def wait_for(
    closes: Sequence[MonthClose],
    tell: Tell,
    *,
    pause: Callable[[float], None] = time.sleep,
    patience: float = PATIENCE,
) -> None:
    """Return when all closes are finished; ``tell`` hears of every change, not of every look.

    Raises DomainError when a job has failed for good, with its error, and when
    nothing has moved for ``patience`` seconds, with the log to read.
    """
    before, moved_at = Progress(0, 0, 0), time.monotonic()
    while True:
        now = _sum(closes)
        if now != before:
            tell(now)
            before, moved_at = now, time.monotonic()
        if now.failed:
            raise DomainError(_failure(closes))
        if now.finished:
            return
        if time.monotonic() - moved_at > patience:
            raise DomainError(
                f"后台任务已有{patience:.0f}秒没有进展（{now.done}/{now.total}），"
                f"请查看 {settings.VAR_DIR / 'log' / 'worker.log'}。"
            )
        pause(LOOK_EVERY)


def _sum(closes: Sequence[MonthClose]) -> Progress:
    each = [closing.progress_of(close) for close in closes]
    return Progress(
        total=sum(p.total for p in each),
        done=sum(p.done for p in each),
        failed=sum(p.failed for p in each),
    )


def _failure(closes: Sequence[MonthClose]) -> str:
    groups = [close.group for close in closes]
    job = Job.objects.filter(group__in=groups, state=JobState.FAILED).first()
    return f"后台任务失败：{job.key}，{job.last_error}。" if job else "后台任务失败。"
