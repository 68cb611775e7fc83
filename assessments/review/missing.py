"""What the policy asks of the month and was not done, as the office reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from assessments.facts import Desk
from assessments.quota.explain import progress
from assessments.quota.rules import DECIDING, Rule, Subject
from assessments.quota.verdicts import Status, Verdict
from assessments.selectors import judge_desk, rules_in_force
from lawadvisor.foundation.periods import Period, PeriodKind
from villages.models import Township
from worklogs.enums import FilingKind

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Missing:
    """Sentences by the subject that was judged."""

    by_appointment: Mapping[int, tuple[str, ...]]
    by_village: Mapping[int, tuple[str, ...]]

    def of(self, appointment: int, village: int) -> tuple[str, ...]:
        return (*self.by_appointment.get(appointment, ()), *self.by_village.get(village, ()))


def missing_in(township: Township, month: Period, today: date) -> Missing:
    """What is not met of this month's rules, of each advisor where the rule asks each."""
    running = today if today in month else None
    rules = rules_in_force(township.bureau_id, month)
    known = min(month.end, today + _ONE_DAY)
    desk, subjects = Desk(township.bureau_id, township.pk), (Subject.APPOINTMENT, Subject.VILLAGE)
    found: dict[Subject, dict[int, list[str]]] = {subject: {} for subject in subjects}
    by_key = {rule.key: rule for rule in rules.values() if _asks_the_advisor(rule)}
    for verdict in judge_desk(desk, rules, month, known, subjects, today=running):
        rule = by_key.get(verdict.rule)
        if rule is not None and _is_told(verdict, rule, month):
            own = found[verdict.subject_kind].setdefault(verdict.subject_id, [])
            own.append(f"缺次：{rule.title}{progress(verdict, rule)}")
    told = [{pk: tuple(words) for pk, words in found[subject].items()} for subject in subjects]
    return Missing(*told)


def _asks_the_advisor(rule: Rule) -> bool:
    """The monthly check is the office's own to do."""
    checks = rule.records is not None and rule.records.kinds == frozenset(
        {FilingKind.MONTHLY_CHECK}
    )
    monthly = rule.period == PeriodKind.MONTH
    return monthly and rule.force in DECIDING and not checks


def _is_told(verdict: Verdict, rule: Rule, month: Period) -> bool:
    """A village's verdict is told only where the rule asks no advisor by himself."""
    whole = verdict.subject_kind is Subject.VILLAGE and Subject.APPOINTMENT in rule.subjects
    return verdict.status is Status.NOT_MET and verdict.period == month and not whole
