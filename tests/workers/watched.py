"""The real worker, watched: every job notes in Valkey that it is inside its handler.

Two at once inside the same job is what the job lock forbids. A killed worker
never leaves, so the note carries the worker's own main process.
"""

import os
from collections.abc import Callable

import django
import redis
from django.conf import settings

from lawadvisor.celery import app
from tests.workers import OVERLAPS, RUNS

django.setup()  # celery imports this module before it sets Django up

from assessments import papers  # noqa: E402, F401  (forked with the pool, not read in it again)
from lawadvisor.foundation import jobs  # noqa: E402
from lawadvisor.foundation.models import Job, JobState  # noqa: E402

__all__ = ["Job", "JobState", "app", "jobs"]


def watch(handler: Callable[[Job], None]) -> Callable[[Job], None]:
    def watched(job: Job) -> None:
        server = redis.from_url(settings.REDIS_URL)
        inside = f"test:inside:{os.getppid()}:{job.key}"
        server.incr(RUNS)
        if server.incr(inside) > 1:
            server.incr(OVERLAPS)
        try:
            handler(job)
        finally:
            server.decr(inside)

    return watched


def watch_all() -> None:
    for kind, handler in list(jobs._handlers.items()):
        jobs._handlers[kind] = watch(handler)


watch_all()
