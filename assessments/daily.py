"""The daily check: the running month as it stands, so that nobody is warned too late."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from django.db import transaction

from assessments.facts import Desk
from assessments.models import DailyCheck
from assessments.quota.rules import Subject
from assessments.quota.verdicts import Status, Verdict
from assessments.selectors import judge_desk, policy_for, rules_in_force
from lawadvisor.foundation import audit, jobs
from lawadvisor.foundation.models import Job
from lawadvisor.foundation.periods import Period, PeriodKind
from lawadvisor.foundation.viewer import SYSTEM
from villages.models import Bureau

CHECK = "daily_check"
WORTH_SAYING = frozenset({Status.NOT_MET, Status.AT_RISK, Status.NOTICE})


@transaction.atomic
def order_checks(*, today: date) -> int:
    """One job per bureau and day for yesterday's standing; returns how many bureaus."""
    day = today - timedelta(days=1)
    bureaus = list(Bureau.objects.all())
    for bureau in bureaus:
        jobs.enqueue(
            kind=CHECK,
            key=f"check:{bureau.code}:{day}",
            payload={"bureau": bureau.pk, "day": day.isoformat()},
        )
    return len(bureaus)


@jobs.handles(CHECK)
def _check(job: Job) -> None:
    """Judge the month of ``day`` by what was known at its end. No policy, no check."""
    bureau = Bureau.objects.get(pk=job.payload["bureau"])
    day = date.fromisoformat(job.payload["day"])
    month = Period.containing(PeriodKind.MONTH, day)
    policy = policy_for(bureau, month.start)
    if policy is None:
        return
    known_until = day + timedelta(days=1)
    rules = rules_in_force(bureau.pk, month)
    judged = judge_desk(Desk(bureau.pk), rules, month, known_until, Subject)
    check = DailyCheck.objects.create(
        bureau=bureau,
        policy=policy,
        day=day,
        counts=Counter(verdict.status.value for verdict in judged),
        findings=[_finding(verdict) for verdict in judged if verdict.status in WORTH_SAYING],
    )
    audit.record(by=SYSTEM, verb="check.daily", subject=check, bureau_id=bureau.pk)


def _finding(verdict: Verdict) -> list[str | int]:
    return [
        verdict.rule,
        verdict.subject_kind.value,
        verdict.subject_id,
        verdict.status.value,
        verdict.actual,
        verdict.required,
    ]
