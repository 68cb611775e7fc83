"""The catalogue: one definition per paper, collected once per close and desk."""

from __future__ import annotations

from assessments.enums import ReportKey
from assessments.models import MonthClose
from assessments.reports import exceptions, monthly_summary
from lawadvisor.foundation.tables import Document

_COLLECTORS = {
    ReportKey.MONTHLY_SUMMARY: monthly_summary.collect,
    ReportKey.EXCEPTIONS: exceptions.collect,
}


def collect(report: ReportKey, close: MonthClose, township_id: int | None) -> Document:
    """One paper of a close; ``township_id`` None is the bureau's own."""
    return _COLLECTORS[report](close, township_id)
