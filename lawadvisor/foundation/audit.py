"""The audit row of a write, in the transaction of that write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection, models, transaction

from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.viewer import Actor


def record(
    *,
    by: Actor,
    verb: str,
    subject: models.Model,
    bureau_id: int | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> AuditEntry:
    """Append one row to the 操作日志.

    ``verb`` is ``noun.verb`` in English, as in ``appointment.end``. ``before``
    and ``after`` hold only what changed, as JSON values; None means that there
    was, or is, no such row. Raises TransactionManagementError outside a
    transaction: an audit row that could survive its write would be a lie.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("audit belongs to the write's transaction")
    return AuditEntry.objects.create(
        actor_id=by.user_id,
        actor_name=by.name,
        address=by.address,
        verb=verb,
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        subject_label=str(subject)[:200],
        bureau_id=bureau_id,
        before=before,
        after=after,
        reason=reason,
    )
