"""The registers of the ground floor, as far as a viewer may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lawadvisor.foundation.roles import Thing
from lawadvisor.foundation.scoping import ScopedQuerySet

if TYPE_CHECKING:
    from lawadvisor.foundation.models import (  # noqa: F401  (generics)
        AuditEntry,
        ImportBatch,
        Job,
    )


class AuditQuerySet(ScopedQuerySet["AuditEntry"]):
    holds = Thing.AUDIT
    bureau_path = "bureau_id"


class JobQuerySet(ScopedQuerySet["Job"]):
    """Work of the machine: no place has rows of it."""

    holds = Thing.JOBS


class ImportBatchQuerySet(ScopedQuerySet["ImportBatch"]):
    holds = Thing.UPLOADS
    bureau_path = "bureau_id"
