"""The audit row of a write, in the transaction of that write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models.functions import Now

from lawadvisor.foundation.masks import masked_numbers
from lawadvisor.foundation.models import LEAST_MONTHS_KEPT, AuditEntry
from lawadvisor.foundation.viewer import Actor


def record(
    *,
    by: Actor,
    verb: str,
    subject: models.Model | type[models.Model],
    bureau_id: int | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> AuditEntry:
    """Append one row to the 操作日志.

    ``verb`` is ``noun.verb`` in English, as in ``appointment.end``. ``subject`` is a row, or a
    model where all of a list is meant. ``before`` and ``after`` hold only what changed, as JSON
    values; None means that there was, or is, no such row. A row cannot be taken back, so mobile
    numbers are masked in it, whoever typed them where. Raises TransactionManagementError outside a
    transaction: an audit row that could survive its write would be a lie.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("audit belongs to the write's transaction")
    entry = _entry(by, verb, bureau_id, (subject, before, after), reason)
    entry.save(force_insert=True)
    return entry


#: A row, what it held and what it holds; None where there was, or is, no such row.
RowChange = tuple[
    models.Model | type[models.Model], Mapping[str, Any] | None, Mapping[str, Any] | None
]


def record_all(
    *, by: Actor, verb: str, bureau_id: int | None, changes: Iterable[RowChange], reason: str = ""
) -> None:
    """``record`` for many rows of one undertaking, in few statements."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("audit belongs to the write's transaction")
    entries = (_entry(by, verb, bureau_id, change, reason) for change in changes)
    AuditEntry.objects.bulk_create(entries, batch_size=2_000)


def _entry(
    by: Actor, verb: str, bureau_id: int | None, change: RowChange, reason: str
) -> AuditEntry:
    subject, before, after = change
    return AuditEntry(
        actor_id=by.user_id,
        actor_name=by.name,
        address=by.address,
        verb=verb,
        subject_type=subject._meta.label_lower,
        subject_id=None if isinstance(subject, type) else subject.pk,
        subject_label=masked_numbers(_label(subject))[:200],
        bureau_id=bureau_id,
        before=_masked(before),
        after=_masked(after),
        reason=masked_numbers(reason),
    )


def _label(subject: models.Model | type[models.Model]) -> str:
    return str(subject._meta.verbose_name_plural if isinstance(subject, type) else subject)


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return masked_numbers(value)
    if isinstance(value, Mapping):
        return {name: _masked(held) for name, held in value.items()}
    return [_masked(held) for held in value] if isinstance(value, list | tuple) else value


def forget_old(register: models.QuerySet[Any]) -> int:
    """Delete a register's lines older than ``LAWADVISOR_LOG_MONTHS``; how many went.

    ``register`` has a column ``at``. The setting counts from six months up: what is younger, the
    tables themselves refuse to let go (``models.append_only``).
    """
    age = models.Func(
        models.Value(max(settings.LOG_MONTHS, LEAST_MONTHS_KEPT)),
        template="make_interval(months => %(expressions)s)",
        output_field=models.DurationField(),
    )
    return register.filter(at__lt=Now() - age).delete()[0]
