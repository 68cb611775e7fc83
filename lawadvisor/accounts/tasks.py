"""What the timetable asks of the accounts."""

from __future__ import annotations

from celery import shared_task
from django.core.management import call_command

from lawadvisor.accounts import guard
from lawadvisor.accounts.models import SignIn
from lawadvisor.foundation import audit
from lawadvisor.foundation.models import AuditEntry


@shared_task
def forget_old() -> int:
    """Drop what is past its time: lines of both logs, counts of tries, sessions that are over.

    Returns how many lines of the logs went. Any number of runs do what one does.
    """
    guard.forget_old()
    call_command("clearsessions")
    registers = (SignIn.objects.all(), AuditEntry.objects.all())
    return sum(audit.forget_old(register) for register in registers)
