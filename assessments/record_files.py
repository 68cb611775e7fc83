"""What an import of service records must know of policies and closed months."""

from __future__ import annotations

from datetime import date, datetime

from assessments.models import MonthClose, Policy
from lawadvisor.foundation.importing.plans import register
from lawadvisor.foundation.periods import Period
from worklogs.importers import RecordImporter
from worklogs.record_plan import Required


class BureauRecordImporter(RecordImporter):
    def closed_months(self, bureau_id: int) -> set[date]:
        return set(MonthClose.objects.filter(bureau=bureau_id).values_list("month", flat=True))

    def required_on(self, bureau_id: int) -> Required:
        newest_first = [
            (policy.effective_from, frozenset(policy.settings["log_required_fields"]))
            for policy in Policy.objects.filter(bureau=bureau_id).order_by("-effective_from")
        ]

        def required(day: date) -> frozenset[str]:
            return next((asked for start, asked in newest_first if start <= day), frozenset())

        return required

    def closed_since(self, bureau_id: int, months: set[date], moment: datetime) -> list[str]:
        later = MonthClose.objects.filter(bureau=bureau_id, month__in=months, opened_at__gt=moment)
        return [
            Period.month(month.year, month.month).label
            for month in sorted(set(later.values_list("month", flat=True)))
        ]


register(BureauRecordImporter())
