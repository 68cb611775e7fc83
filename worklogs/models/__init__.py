"""What an advisor did: sessions of service, the matters in them, and papers handed in."""

from worklogs.models.filings import Filing
from worklogs.models.incidents import Incident, IncidentNote, IncidentNotice
from worklogs.models.links import LiaisonLink
from worklogs.models.logs import (
    Attachment,
    Epoch,
    InstantRange,
    LocalTimestamp,
    Matter,
    RemovedLog,
    ServiceLog,
    advisor_lock,
    local_day,
)
from worklogs.models.requests import BureauLimit, ServiceRequest

__all__ = [
    "Attachment",
    "BureauLimit",
    "Epoch",
    "Filing",
    "Incident",
    "IncidentNote",
    "IncidentNotice",
    "InstantRange",
    "LiaisonLink",
    "LocalTimestamp",
    "Matter",
    "RemovedLog",
    "ServiceLog",
    "ServiceRequest",
    "advisor_lock",
    "local_day",
]
