"""What the timetable and the broker may ask of this floor: rows are added, jobs do the work."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from assessments import closing, daily
from assessments.filling import monthly
from assessments.messages import digest, sending


@shared_task
def close_due_months() -> int:
    return closing.open_due_closes(today=timezone.localdate())


@shared_task
def daily_check() -> int:
    return daily.order_checks(today=timezone.localdate())


@shared_task
def fill_forms() -> int:
    return monthly.order_fillings(now=timezone.now())


@shared_task
def weekly_digest() -> int:
    return digest.order_digests(today=timezone.localdate())


@shared_task
def sweep_messages() -> int:
    return sending.sweep(now=timezone.now())
