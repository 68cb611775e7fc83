"""One verdict with all that it rests on: what counted, what did not and why, and the clause."""

from __future__ import annotations

from dataclasses import dataclass

from assessments.enums import VerdictStatus
from assessments.models import Verdict
from assessments.quota.explain import Explanation
from assessments.quota.rules import Bound
from assessments.selectors import explained
from assessments.verdicts import judged_from
from lawadvisor.foundation.periods import Period
from villages.models import Township, short_village_name


@dataclass(frozen=True, slots=True)
class VerdictPage:
    """``required``, ``actual`` and ``missing`` are in ``unit``; ``township`` None for none.

    Of a cap ``required`` is the most that is allowed, and ``excess`` what is above it.
    """

    title: str
    subject: str
    month: Period
    period: Period
    township: Township | None
    status: VerdictStatus
    required: int
    actual: int
    missing: int
    is_cap: bool
    excess: int
    unit: str
    clause: str
    phrase: str
    source: str
    policy_version: str
    explanation: Explanation


def verdict_page(verdict: Verdict) -> VerdictPage:
    """Two queries at most. ``verdict`` comes with its rule, policy, close and subject."""
    rule = verdict.rule
    return VerdictPage(
        title=rule.title,
        subject=_subject(verdict),
        month=verdict.close.period,
        period=judged_from(verdict).period,
        township=verdict.scope_township,
        status=VerdictStatus(verdict.status),
        required=int(verdict.required),
        actual=int(verdict.actual),
        missing=int(verdict.missing),
        is_cap=rule.definition["bound"] == Bound.AT_MOST,
        excess=max(0, int(verdict.actual - verdict.required)),
        unit=rule.definition["unit"],
        clause=rule.clause,
        phrase=rule.phrase,
        source=rule.policy.source,
        policy_version=rule.policy.version,
        explanation=explained(verdict),
    )


def _subject(verdict: Verdict) -> str:
    if verdict.appointment is not None:
        village = short_village_name(verdict.appointment.village.name)
        return f"{village} · {verdict.appointment.advisor.name}"
    if verdict.village is not None:
        return short_village_name(verdict.village.name)
    return str(verdict.advisor or verdict.township or verdict.close.bureau)
