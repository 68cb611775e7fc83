"""A message on its way out, by the outbox: nothing goes before its transaction, nothing twice.

The job only says, in a transaction of its own, that this try begins; what leaves the house leaves
after that is on the disk. Whoever dies in between leaves ``SENDING`` behind, which is never sent
again but told as unclear: better one message less than the same one twice.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction

from assessments.enums import DeliveryState
from assessments.messages import ways
from assessments.messages.telling import DELIVER, order
from assessments.models import Delivery
from assessments.states import DELIVERY_TRANSITIONS
from lawadvisor.foundation import jobs
from lawadvisor.foundation.models import Job
from lawadvisor.foundation.states import check_transition

logger = logging.getLogger(__name__)

MOST_TRIES = 3
#: How long after each refusal it is tried again.
RETRY_AFTER = (timedelta(minutes=10), timedelta(hours=1))
#: Nothing takes so long: who was sending is dead.
DEAD_AFTER = timedelta(minutes=15)
_CUT_OFF = "发送时中断，不知是否发出"


@jobs.handles(DELIVER)
def _begin(job: Job) -> None:
    row = Delivery.objects.select_for_update(of=("self",)).get(pk=job.payload["delivery"])
    if row.state != DeliveryState.QUEUED:
        return
    row.tries += 1
    _move(row, DeliveryState.SENDING)
    transaction.on_commit(lambda: _send(row.pk))


def _send(pk: int) -> None:
    row = Delivery.objects.select_related("message").get(pk=pk)
    if row.state != DeliveryState.SENDING:
        return
    try:
        ways.send(row)
    except ways.RefusedError as refusal:
        again = row.tries < MOST_TRIES
        _end(pk, DeliveryState.QUEUED if again else DeliveryState.FAILED, str(refusal))
    except ways.SilentError as silence:
        _end(pk, DeliveryState.UNCLEAR, str(silence))
    except Exception:  # the job is done and counts no more: the row must not stay on its way
        logger.exception("delivery %s", pk)
        _end(pk, DeliveryState.UNCLEAR, _CUT_OFF)
    else:
        _end(pk, DeliveryState.SENT, "")


def sweep(*, now: datetime) -> int:
    """Order again what was refused long enough ago, and give up what died; how many rows."""
    waiting = Delivery.objects.filter(state=DeliveryState.QUEUED, tries__gt=0)
    due = [row for row in waiting if row.changed_at < now - RETRY_AFTER[row.tries - 1]]
    with transaction.atomic():
        for row in due:
            order(row)
    dead = Delivery.objects.filter(state=DeliveryState.SENDING, changed_at__lt=now - DEAD_AFTER)
    died = [_end(pk, DeliveryState.UNCLEAR, _CUT_OFF) for pk in dead.values_list("pk", flat=True)]
    return len(due) + sum(died)


@transaction.atomic
def _end(pk: int, state: DeliveryState, error: str) -> bool:
    """False where it has ended meanwhile."""
    row = Delivery.objects.select_for_update(of=("self",)).get(pk=pk)
    if row.state != DeliveryState.SENDING:
        return False
    row.error = error
    _move(row, state)
    return True


def _move(row: Delivery, to: DeliveryState) -> None:
    check_transition(DELIVERY_TRANSITIONS, row.state, to, dict(DeliveryState.choices))
    row.state = to
    row.save(update_fields=("state", "tries", "error", "changed_at"))
