"""What the timetable asks of the records."""

from __future__ import annotations

from celery import shared_task

from worklogs import photos


@shared_task
def sweep_photos() -> int:
    """Delete photos that no row names any more; how many went. Look at those nobody looked at."""
    photos.look_at_old()
    return photos.sweep()
