"""What the timetable and the broker may ask of this floor: rows are added, jobs do the work."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from assessments import closing, daily
from assessments.filling import monthly


@shared_task
def close_due_months() -> int:
    return closing.open_due_closes(today=timezone.localdate())


@shared_task
def daily_check() -> int:
    return daily.order_checks(today=timezone.localdate())


@shared_task
def fill_forms() -> int:
    return monthly.order_fillings(now=timezone.now())
