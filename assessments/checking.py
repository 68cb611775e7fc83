"""The monthly check (DG-53, JC-29): the office writes it, the advisor may answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from advisors.models import Advisor
from assessments.enums import CheckMethod, CheckOutcome
from assessments.handing import check_reviewable
from assessments.models import Look, MonthlyCheck, SpotCheck
from assessments.quota.rules import Subject
from assessments.selectors import rules_in_force
from lawadvisor.foundation import audit
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.periods import Period
from lawadvisor.foundation.viewer import Actor
from villages.models import Township, Village
from worklogs import rules
from worklogs.enums import FilingKind, FilingState, LogState
from worklogs.models import Filing, ServiceLog

_CHECKS = frozenset({FilingKind.MONTHLY_CHECK.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckEntry:
    """A check as typed; "" is a field left empty."""

    method: str
    outcome: str
    records: int
    finding: str = ""
    advice: str = ""


def checks_asked(township: Township, month: Period) -> Subject | None:
    """Whom the policy wants checked each month: a village, or each advisor in it; None: nobody."""
    asked = {
        subject
        for rule in rules_in_force(township.bureau_id, month).values()
        if rule.records is not None and rule.records.kinds == _CHECKS
        for subject in rule.subjects
    }
    wanted = (Subject.APPOINTMENT, Subject.VILLAGE)
    return next((subject for subject in wanted if subject in asked), None)


@transaction.atomic
def record_check(
    *,
    by: Actor,
    village: Village,
    advisor: Advisor | None,
    month: Period,
    entry: CheckEntry,
    now: datetime,
) -> MonthlyCheck:
    """Write a check of a village, or of one ``advisor`` in it, and hand in its paper.

    Raises what ``check_reviewable`` raises, and DomainError for a field that does not fit or a
    fault that is not told.
    """
    check_reviewable(by=by, village=village, month=month, now=now)
    check = MonthlyCheck()
    fill(check, entry, by)
    if check.outcome == CheckOutcome.NO_DEMAND and _served(village, advisor, month):
        raise DomainError(
            f"本月有服务记录，不能填“{CheckOutcome.NO_DEMAND.label}”。", field="outcome"
        )
    check.filing = Filing.objects.create(
        kind=FilingKind.MONTHLY_CHECK,
        bureau_id=village.township.bureau_id,
        village=village,
        advisor=advisor,
        period_start=month.start,
        period_end=month.end,
        title=f"{village.short_name}{month.label}{FilingKind.MONTHLY_CHECK.label}",
        body=_in_words(check),
        state=FilingState.SUBMITTED,
        filed_on=timezone.localdate(now),
    )
    check.save()
    audit.record(
        by=by,
        verb="check.record",
        subject=check,
        bureau_id=village.township.bureau_id,
        after={"method": check.method, "outcome": check.outcome, "records": check.records},
    )
    return check


def fill(look: Look, entry: CheckEntry, by: Actor) -> None:
    """Take over what was typed. Raises DomainError for a field that does not fit, and for a fault
    that is not told."""
    look.method, look.outcome, look.records = entry.method, entry.outcome, entry.records
    look.finding, look.advice = rules.clean_text(entry.finding), rules.clean_text(entry.advice)
    look.checked_by = by.name
    rules.check_fits(look)
    if look.outcome not in CheckOutcome.plain() and not look.finding:
        raise DomainError("核查结果不全属实的，请写明发现的情况。", field="finding")


def _served(village: Village, advisor: Advisor | None, month: Period) -> bool:
    """Was anything handed in for this village, by this advisor where one is named?"""
    logs = ServiceLog.objects.within(month).filter(appointment__village=village)
    if advisor is not None:
        logs = logs.filter(advisor=advisor)
    return logs.exclude(state__in=(LogState.DRAFT, LogState.WITHDRAWN)).exists()


@transaction.atomic
def reply_to_check(*, by: Actor, check: Look, reply: str, now: datetime) -> Look:
    """The advisor's answer; a later one takes its place. Raises DomainError for an empty one."""
    before = {"reply": check.reply}
    check.reply, check.replied_at = rules.clean_text(reply), now
    if not check.reply:
        raise DomainError("请填写答复。", field="reply")
    rules.check_fits(check)
    check.save(update_fields=("reply", "replied_at"))
    audit.record(
        by=by,
        verb="spot.reply" if isinstance(check, SpotCheck) else "check.reply",
        subject=check,
        bureau_id=check.bureau_id,
        before=before,
        after={"reply": check.reply},
    )
    return check


def _in_words(check: MonthlyCheck) -> str:
    parts = [
        f"方式：{CheckMethod(check.method).label}",
        f"查看记录{check.records}条",
        f"结果：{CheckOutcome(check.outcome).label}",
        *([f"情况：{check.finding}"] if check.finding else []),
        *([f"建议：{check.advice}"] if check.advice else []),
    ]
    return "；".join(parts) + "。"
