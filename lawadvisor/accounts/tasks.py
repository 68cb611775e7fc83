"""What the timetable asks of the accounts."""

from __future__ import annotations

from celery import shared_task
from django.core.management import call_command

from lawadvisor.accounts import guard, register


@shared_task
def forget_old() -> int:
    """Drop sign-ins past their time, counts that no longer matter and sessions that are over.

    Returns how many lines of the 登录日志 went. Any number of runs do what one does.
    """
    guard.forget_old()
    call_command("clearsessions")
    return register.forget_old()
