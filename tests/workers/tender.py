"""The real worker with two kinds of job that a test steers through Valkey.

``poison`` kills its own process as long as POISON is set; ``slow`` sets BEGUN and
takes its time.
"""

import os
import signal
import time

import django
import redis
from django.conf import settings

from lawadvisor.celery import app
from tests.workers import BEGUN, POISON, SLOW_SECONDS

django.setup()  # celery imports this module before it sets Django up

from lawadvisor.foundation import jobs  # noqa: E402
from lawadvisor.foundation.models import Job  # noqa: E402

__all__ = ["app"]


@jobs.handles("poison")
def poison(job: Job) -> None:
    if redis.from_url(settings.REDIS_URL).exists(POISON):
        os.kill(os.getpid(), signal.SIGKILL)


@jobs.handles("slow")
def slow(job: Job) -> None:
    redis.from_url(settings.REDIS_URL).set(BEGUN, 1)
    time.sleep(SLOW_SECONDS)
