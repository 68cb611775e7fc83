"""The watched worker with the job lock taken out: what the kill test must notice."""

import time

from tests.workers.watched import Job, JobState, app, jobs, linger

__all__ = ["app"]


def _claim(job_id: int) -> int | None:
    return 1 if Job.objects.filter(pk=job_id, state=JobState.QUEUED).exists() else None


def _fetch(job_id: int, attempt: int) -> Job | None:
    time.sleep(0.1)  # so that both who were rung have asked before one has finished
    return Job.objects.filter(pk=job_id, state=JobState.QUEUED).first()


jobs._claim = _claim
jobs._lock_claimed = _fetch
linger(0.5)
