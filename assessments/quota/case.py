"""One rule in one span on one day, and how a tally becomes a verdict."""

from __future__ import annotations

from datetime import date
from math import ceil
from typing import NamedTuple

from assessments.quota.facts import Facts
from assessments.quota.rules import Bound, Force, Late, Rule, Subject
from assessments.quota.spans import Span, last_third
from assessments.quota.subjects import Reach, Target
from assessments.quota.tally import Tally
from assessments.quota.verdicts import Refusal, Status, Verdict
from lawadvisor.foundation.periods import Period


class Case(NamedTuple):
    reach: Reach
    as_of: date  # exclusive end of what is known
    today: date  # first day not yet over
    over: bool
    last_third: date
    least_days: int  # active days from which a subject is assessed; 0 is any
    dues: tuple[date, ...] = ()

    @property
    def rule(self) -> Rule:
        return self.reach.rule

    @property
    def span(self) -> Period:
        return self.reach.span

    @property
    def whole(self) -> tuple[tuple[date, date], ...]:
        """Active on every day, as places are."""
        return ((self.span.start, self.span.end),)


def case_of(rule: Rule, span: Span, yields: tuple[Rule, ...], as_of: date, today: date) -> Case:
    least = 0
    if rule.part is not None and rule.part.min_share is not None:
        least = ceil(rule.part.min_share * span.period.days)
    return Case(
        Reach(rule, span.period, span.only, yields),
        as_of,
        today,
        span.deadline <= today,
        last_third(span.period),
        least,
        span.dues,
    )


def shown(rule: Rule, status: Status) -> Status:
    """What a warning, an information or a mere target calls a shortfall."""
    mild = rule.force in (Force.WARNING, Force.INFORMATION) or rule.bound is Bound.TARGET
    return Status.NOTICE if mild else status


def excused(
    case: Case, kind: Subject, subject: int, facts: Facts, status: Status
) -> tuple[Status, tuple[Refusal, ...]]:
    """A failing that a named person let pass is a notice with his reason; soft rules only."""
    if status is not Status.NOT_MET or case.rule.force is not Force.SOFT or not facts.waivers:
        return status, ()
    waiver = facts.waivers.get((case.rule.key, kind.value, subject, case.span.start))
    if waiver is None:
        return status, ()
    return Status.NOTICE, (Refusal((), "excused", (waiver.reason, waiver.approver)),)


def verdict_of(
    case: Case, kind: Subject, target: Target, done: Tally, required: int, status: Status
) -> Verdict:
    missing = 0 if case.rule.bound is Bound.AT_MOST else max(0, required - done.actual)
    return Verdict(
        case.rule.key,
        kind,
        target.id,
        case.span,
        status,
        required,
        done.actual,
        done.potential - done.actual,
        missing,
        done.minutes,
        done.counted,
        done.refused,
        target.active_days,
        _last_day(case, target, done) if missing else None,
        target.owed_by,
    )


def _last_day(case: Case, target: Target, done: Tally) -> date | None:
    """The last on which what is missing can be done; None when it is too late.

    With due dates the next one without a document; after it, while late ones count, the last.
    """
    last: date | None = target.last_day
    if case.rule.due is not None:
        late = case.dues[-1] if case.rule.due.late is Late.COUNTS else None
        due_next = (due for due in case.dues if due >= case.today and due not in done.met)
        last = next(due_next, late)
    return last if last is not None and case.today <= last else None
