"""A record is told anew by its advisor: what was read is replaced, and what was written is kept.

The audit keeps both tellings without their clients. Matters keep their rows, and with them their
photos and what is sealed in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from advisors.models import Appointment
from lawadvisor.foundation.errors import Conflict, DomainError
from lawadvisor.foundation.locks import hold
from lawadvisor.foundation.periods import local_date
from lawadvisor.foundation.viewer import Actor
from worklogs import rules
from worklogs.entries import (
    MATTER_FIELDS,
    Difference,
    MatterEntry,
    SessionEntry,
    Stale,
    differences,
    for_the_register,
    log_of,
    matter_of,
    named,
)
from worklogs.enums import LogState
from worklogs.faces import SEALED_TEXTS
from worklogs.models import Matter, ServiceLog, advisor_lock
from worklogs.services import check_entry, check_rows, record
from worklogs.zero import withdraw_zero

#: While nobody has vouched for it, or somebody sent it back.
REVISABLE = (LogState.SUBMITTED, LogState.RETURNED)
_SESSION_COLUMNS = (
    *("appointment_id", "advisor_id", "service_date", "started_at", "ended_at"),
    *("mode", "purpose", "no_visitors", "place", "state"),
)


@transaction.atomic
def revise_log(
    *,
    by: Actor,
    log: ServiceLog,
    appointment: Appointment,
    entry: SessionEntry,
    version: int,
    received_at: datetime,
    required: frozenset[str],
    supplement: bool = False,
) -> ServiceLog:
    """Replace what a record says, and hand it in again where it had been returned.

    ``version`` is the one that was read. Said again word by word nothing is written. ``supplement``
    marks what is told after the close; a record that was one stays one. Raises Stale when somebody
    changed it meanwhile, Conflict when it is confirmed or its new time taken, and DomainError
    where ``submit_log`` does.
    """
    rules.check_service_day(entry.day, today=local_date(received_at))
    rules.check_times(entry.start, entry.end)
    hold(advisor_lock(log.advisor_id))
    kept = ServiceLog.objects.select_for_update(of=("self",)).get(pk=log.pk)
    appointment = Appointment.objects.select_related("village__township", "advisor").get(
        pk=appointment.pk
    )
    if appointment.advisor_id != kept.advisor_id:
        raise ValueError("a record stays with its advisor")
    rows = list(kept.matters.order_by("id"))
    sent = log_of(appointment, entry)
    sent.pk, sent.client_uuid, sent.entered_at = kept.pk, kept.client_uuid, kept.entered_at
    sent.entered_by_id = kept.entered_by_id
    told = _placed(entry.matters, rows)
    matters = [_anew(sent, matter, rows) for matter in told]
    pairs = _in_order(told, matters, rows)
    found = differences(kept, rows, sent, [matter for _, matter in pairs])
    if not found and kept.state == LogState.SUBMITTED:
        return kept
    _check_current(kept, version, found)
    check_entry(replace(entry, matters=told), appointment, required)
    check_rows(sent, matters)
    _save_matters(kept, rows, pairs)
    before_state = kept.state
    for column in _SESSION_COLUMNS:
        setattr(kept, column, getattr(sent, column))
    kept.appointment = appointment
    kept.returned_reason, kept.version = "", kept.version + 1
    kept.is_supplement = kept.is_supplement or supplement
    kept.save()
    before, after = for_the_register(found)
    if before_state != kept.state:
        before["state"], after["state"] = before_state, kept.state
    record(by, "log.revise", kept, before=before, after=after)
    withdraw_zero(by=by, log=kept)
    return kept


def _check_current(kept: ServiceLog, version: int, found: Sequence[Difference]) -> None:
    if kept.state not in REVISABLE:
        raise Conflict(f"该记录{kept.get_state_display()}，不能再修改；确有错误的，请司法所退回。")
    if kept.version != version:
        raise Stale(f"该记录已在别处修改过，请核对：{named(found)}。", log=kept, differences=found)


def _placed(told: Sequence[MatterEntry], rows: Sequence[Matter]) -> list[MatterEntry]:
    """Where no matter says which row it is, each is the one in its place, if of its kind.

    Nothing stays as it was in a matter that has no row.
    """
    if all(entry.pk is None for entry in told):
        told = [
            replace(entry, pk=row.pk) if row.kind == entry.kind else entry
            for entry, row in zip(told, rows, strict=False)
        ] + list(told[len(rows) :])
    known = {row.pk for row in rows}
    return [entry if entry.pk in known else replace(entry, untold=frozenset()) for entry in told]


def _anew(sent: ServiceLog, entry: MatterEntry, rows: Sequence[Matter]) -> Matter:
    """With what was written, unopened, where the teller could not read it."""
    matter = matter_of(sent, entry)
    known = next((row for row in rows if row.pk == entry.pk), None)
    if known is None:
        return matter
    if known.kind != entry.kind and not entry.untold.isdisjoint(SEALED_TEXTS):
        # another kind is not sealed, and what was would lie open
        raise DomainError("改变事项的类别时，请重新填写内容、方法和结果。", field="matters")
    for name in entry.untold:
        setattr(matter, name, getattr(known, name))
    return matter


def _in_order(
    told: Sequence[MatterEntry], matters: Sequence[Matter], rows: Sequence[Matter]
) -> list[tuple[MatterEntry, Matter]]:
    """As they will stand in the table: those that have a row, then the others.

    So the same telling, sent again because its answer was lost, is found to be the same.
    """
    known = {row.pk for row in rows}
    pairs = zip(told, matters, strict=True)
    return sorted(pairs, key=lambda pair: (0, pair[0].pk) if pair[0].pk in known else (1, 0))


def _save_matters(
    log: ServiceLog, rows: Sequence[Matter], pairs: Sequence[tuple[MatterEntry, Matter]]
) -> None:
    """Each in its own row where it has one; a row that is told no more goes, but not its photos."""
    known = {row.pk: row for row in rows}
    for entry, matter in pairs:
        row = known.pop(entry.pk, None) if entry.pk else None
        matter.log = log
        if row is None:
            matter.save()
            continue
        for name in MATTER_FIELDS:
            setattr(row, name, getattr(matter, name))
        row.save()
    for row in known.values():
        if row.attachments.exists():
            raise DomainError(
                f"“{row}”已有照片，不能删去；请保留该事项，或撤回整条记录。", field="matters"
            )
        row.delete()
