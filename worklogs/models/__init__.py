"""What an advisor did: sessions of service, the matters in them, and papers handed in."""

from worklogs.models.filings import Filing
from worklogs.models.logs import (
    Attachment,
    Epoch,
    InstantRange,
    LocalTimestamp,
    Matter,
    ServiceLog,
    advisor_lock,
    local_day,
)

__all__ = [
    "Attachment",
    "Epoch",
    "Filing",
    "InstantRange",
    "LocalTimestamp",
    "Matter",
    "ServiceLog",
    "advisor_lock",
    "local_day",
]
