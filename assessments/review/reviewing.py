"""The office verifies records and sends them back: one, or all that nobody need look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from assessments.handing import check_reviewable
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.periods import Period, PeriodKind
from lawadvisor.foundation.viewer import Actor
from worklogs.enums import LogState
from worklogs.models import ServiceLog
from worklogs.services import move_log


@dataclass(frozen=True, slots=True)
class Skipped:
    """A record that stayed as it was, and why."""

    log: ServiceLog
    why: str


@dataclass(frozen=True, slots=True)
class Moved:
    done: int
    skipped: tuple[Skipped, ...]


@transaction.atomic
def review_log(
    *,
    by: Actor,
    log: ServiceLog,
    to: LogState,
    now: datetime,
    version: int | None = None,
    reason: str = "",
) -> ServiceLog:
    """``move_log`` by the office of the record's village, as long as its month is under review.

    ``log`` comes with its appointment, village and township; ``version`` is the one that was
    read, None where nobody read it. Raises what ``check_reviewable``
    and ``move_log`` raise.
    """
    month = Period.containing(PeriodKind.MONTH, log.service_date)
    check_reviewable(
        by=by,
        village=log.appointment.village,
        month=month,
        now=now,
        entered=log.entered_at,
    )
    return move_log(by=by, log=log, to=to, reason=reason, version=version)


def review_all(
    *, by: Actor, logs: Sequence[ServiceLog], now: datetime, versions: Mapping[int, int]
) -> Moved:
    """Verify these; what cannot be moved is passed over and named, and keeps no other back.

    ``versions`` are those that were read, by the records' ids; all are named there.
    Each record is a transaction of its own: what was verified before the power went stays so.
    """
    done, skipped = 0, []
    for log in logs:
        try:
            review_log(by=by, log=log, to=LogState.REVIEWED, now=now, version=versions[log.pk])
        except DomainError as refusal:
            skipped.append(Skipped(log, str(refusal)))
        else:
            done += 1
    return Moved(done, tuple(skipped))
