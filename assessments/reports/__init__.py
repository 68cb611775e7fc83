"""The catalogue: one definition per paper, collected once per close and desk."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from assessments.enums import PaperKey, ReportKey
from assessments.facts import Desk
from assessments.models import MonthClose
from assessments.quota.rules import Subject
from assessments.reports import (
    checks,
    contacts,
    coverage,
    exceptions,
    half_year,
    ledger,
    monthly_summary,
    statistics,
    trend,
)
from assessments.reports.asked import AskedDesk
from assessments.reports.desk import ReportDesk
from assessments.selectors import DESK_SUBJECTS, judge_desk, policy_for, rules_in_force
from assessments.verdicts import provisional
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.periods import Period
from lawadvisor.foundation.tables import Document
from villages.models import Bureau, Township

_COLLECTORS = {
    ReportKey.MONTHLY_SUMMARY: monthly_summary.collect,
    ReportKey.EXCEPTIONS: exceptions.collect,
    ReportKey.COVERAGE: coverage.collect,
    ReportKey.CHECKS: checks.collect,
    ReportKey.STATISTICS: statistics.collect,
}
_WHEN_ASKED = {
    PaperKey.LEDGER: ledger.collect,
    PaperKey.HALF_YEAR: half_year.collect,
    PaperKey.CONTACTS: contacts.collect,
    PaperKey.TREND: trend.collect,
}
#: Those of them that a township or a bureau has; the others are an advisor's.
DESK_PAPERS = tuple(_WHEN_ASKED)
#: What can be looked at before the close. The exceptions explain stored verdicts.
PREVIEWED = tuple(key for key in ReportKey if key is not ReportKey.EXCEPTIONS)


def collect(report: ReportKey, close: MonthClose, township_id: int | None) -> Document:
    """One paper of a close; ``township_id`` None is the bureau's own."""
    return _COLLECTORS[report](ReportDesk.of(close, township_id))


def made_when_asked(paper: PaperKey, desk: AskedDesk) -> Document:
    """One paper of a desk as its viewer may see it now. Raises DomainError for one too long."""
    return _WHEN_ASKED[paper](desk)


def preview(
    report: ReportKey,
    *,
    bureau: Bureau,
    township: Township | None,
    month: Period,
    now: datetime,
    today: date,
) -> Document:
    """The paper as a close of this moment would write it, with a watermark; nothing is stored.

    ``report`` is one of ``PREVIEWED``. Raises DomainError before the bureau's first policy.
    """
    policy = policy_for(bureau, month.start)
    if policy is None:
        raise DomainError(f"{month.start:%Y-%m-%d}没有生效的政策，请先采用政策。", field="month")
    close = MonthClose(bureau=bureau, policy=policy, month=month.start, opened_at=now)
    rules = rules_in_force(bureau.pk, month)
    judged = judge_desk(
        Desk(bureau.pk, township.pk if township else None),
        rules,
        month,
        min(month.end, today + timedelta(days=1)),
        frozenset(Subject) if township is None else DESK_SUBJECTS,
        known=now,
        today=today if today in month else None,
    )
    desk = ReportDesk(close, township, tuple(provisional(close, rules, judged)))
    return _COLLECTORS[report](desk)
