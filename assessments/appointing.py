"""Appointing under a bureau's policy: who may, for how many villages, and who may except."""

from __future__ import annotations

from datetime import date

from advisors.models import Advisor, Appointment
from advisors.rules import check_education, check_practice
from advisors.services import appoint
from assessments.models import Policy
from assessments.quota.rules import Force, Measure, Rule, Subject
from assessments.selectors import policy_for
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.viewer import Actor
from villages.models import Village


def appoint_by_policy(
    *,
    by: Actor,
    advisor: Advisor,
    village: Village,
    start: date,
    end: date | None,
    reason: str = "",
    approved_by: str = "",
) -> Appointment:
    """Appoint as the policy in force on ``start`` allows (A2, A3).

    A hard cap refuses; a soft one wants ``reason`` and ``approved_by``, which stay with the
    appointment and on the exception list. Volunteers are bound by neither cap nor practice.
    Raises DomainError where the category, the education, the years in practice or the cap
    stand against it, or no policy is in force.
    """
    policy = policy_for(village.township.bureau, start)
    limit, exception = allowed(
        advisor=advisor, start=start, policy=policy, reason=reason, approved_by=approved_by
    )
    return appoint(
        by=by,
        advisor=advisor,
        village=village,
        start=start,
        end=end,
        limit=limit,
        exception=exception,
    )


def allowed(
    *, advisor: Advisor, start: date, policy: Policy | None, reason: str, approved_by: str
) -> tuple[int | None, str]:
    """The cap that binds this person, None for none, and the exception as it is kept.

    Raises DomainError where the policy lets him not be appointed, or is None. Asks no database
    but for the policy's rules.
    """
    if policy is None:
        raise DomainError(f"{start:%Y-%m-%d}没有生效的政策，请先采用政策。", field="start")
    _check_person(advisor, start, policy)
    cap = None if advisor.is_volunteer else cap_for(advisor.category, policy, start)
    exception = _exception(cap, reason.strip(), approved_by.strip())
    return (cap.target if cap else None), exception


def cap_for(category: str, policy: Policy, day: date) -> Rule | None:
    """The strictest rule that bounds how many villages this category holds; None for none."""
    caps = [
        rule
        for rule in policy.engine_rules
        if rule.measure is Measure.CONCURRENT
        and rule.subjects == (Subject.ADVISOR,)
        and rule.force in (Force.HARD, Force.SOFT)
        and (rule.applies.categories is None or category in rule.applies.categories)
        and rule.applies.in_force(day)
    ]
    return min(caps, key=lambda rule: rule.target, default=None)


def _check_person(advisor: Advisor, start: date, policy: Policy) -> None:
    asked = policy.settings
    allowed = asked["volunteer_categories" if advisor.is_volunteer else "allowed_categories"]
    if advisor.category not in allowed:
        kind = "志愿者" if advisor.is_volunteer else "法律顾问"
        raise DomainError(
            f"按现行政策，{advisor.get_category_display()}不能担任{kind}。", field="advisor"
        )
    if advisor.is_volunteer:
        return
    if asked["min_education"] != "none":
        check_education(advisor.education, asked["min_education"])
    if asked["min_practice_years"] is not None:
        check_practice(advisor.practice_start, start, asked["min_practice_years"])


def _exception(cap: Rule | None, reason: str, approved_by: str) -> str:
    """What is written beside an appointment above a soft cap; "" without one."""
    if not reason and not approved_by:
        return ""
    if cap is None or cap.force is not Force.SOFT:
        raise DomainError("现行政策没有可批准的例外，请不要填写例外事由。", field="reason")
    if not reason or not approved_by:
        raise DomainError("超过上限的例外须同时写明事由和批准人。", field="reason")
    return f"{reason}（批准人：{approved_by}）"
