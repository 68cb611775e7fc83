"""The real worker, watched: every job notes in Valkey that it is inside its handler.

Two at once inside the same job is what the job lock forbids. A killed process
never leaves, so the note carries its pid and counts only while that one lives.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path

import django
import redis
from django.conf import settings

from lawadvisor.celery import app
from tests.workers import OVERLAPS, RUNS

django.setup()  # celery imports this module before it sets Django up

from assessments import papers  # noqa: E402, F401  (forked with the pool, not read in it again)
from lawadvisor.foundation import jobs  # noqa: E402
from lawadvisor.foundation.models import Job, JobState  # noqa: E402

__all__ = ["Job", "JobState", "app", "jobs", "linger"]

#: Seconds that everybody stays inside a job before its work; the control's, so that two whom
#: nothing keeps apart do meet, however slow the machine.
_lingering = 0.0


def linger(seconds: float) -> None:
    global _lingering  # noqa: PLW0603  (forked with the pool, set once)
    _lingering = seconds


def watch(handler: Callable[[Job], None]) -> Callable[[Job], None]:
    def watched(job: Job) -> None:
        server = redis.from_url(settings.REDIS_URL)
        inside = f"test:inside:{job.key}"
        server.incr(RUNS)
        other = server.getset(inside, os.getpid())
        if other and int(other) != os.getpid() and is_alive(int(other)):
            server.incr(OVERLAPS)
        try:
            time.sleep(_lingering)
            handler(job)
        finally:
            server.delete(inside)

    return watched


def is_alive(pid: int) -> bool:
    """A zombie is as dead as one that is gone."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2][:1]
    except FileNotFoundError:
        return False
    return state != "Z"


def watch_all() -> None:
    for kind, handler in list(jobs._handlers.items()):
        jobs._handlers[kind] = watch(handler)


watch_all()
