"""What the broker may ask of the foundation. A task is a bell, never the work itself."""

from __future__ import annotations

from celery import shared_task

from lawadvisor.foundation import jobs
from lawadvisor.foundation.importing import files


@shared_task
def run_job(*, job_id: int) -> bool:
    return jobs.run(job_id)


@shared_task
def sweep_jobs() -> int:
    return jobs.sweep()


@shared_task
def forget_uploads() -> int:
    """Delete uploaded workbooks whose days are over; returns how many went."""
    return files.forget_old()
