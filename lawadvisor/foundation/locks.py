"""The one lock helper: advisory locks, taken in one order, kept until the transaction ends."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection, transaction

#: Longer than any write of ours; a writer that waits longer answers 503 and is retried.
LOCK_TIMEOUT = "3s"


def hold(*names: str) -> None:
    """Wait for the named locks and keep them to the end of the transaction.

    Names are sorted, so two writers that need the same pair never deadlock.
    Raises TransactionManagementError outside a transaction, where the lock
    would be gone at once, and OperationalError after ``LOCK_TIMEOUT``.
    """
    _wait("pg_advisory_xact_lock", names)


def share(*names: str) -> None:
    """Like ``hold``, among others who share: only who holds a name alone is waited for."""
    _wait("pg_advisory_xact_lock_shared", names)


def _wait(function: str, names: Collection[str]) -> None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a lock is held by a transaction")
    wanted = sorted(set(names))
    statements = [
        f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'",
        *(f"SELECT {function}(hashtextextended(%s, 0))" for _ in wanted),
        "SET LOCAL lock_timeout = DEFAULT",
    ]
    with connection.cursor() as cursor:  # one after the other, in one trip to the server
        cursor.execute("; ".join(statements), wanted)
