"""Reads of the floor: which policy and rules are in force, how a desk stands, and why."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime

from advisors.models import Advisor
from assessments.facts import Desk, facts_for, records_by_id
from assessments.models import MonthClose, Policy, Verdict
from assessments.models import Rule as StoredRule
from assessments.quota.engine import judge
from assessments.quota.explain import Explanation, explain
from assessments.quota.packs import rule_from_json
from assessments.quota.rules import UNITS, Measure, Rule, Subject
from assessments.quota.verdicts import Verdict as Judged
from assessments.verdicts import judged_from
from lawadvisor.foundation.periods import Period
from villages.models import Bureau, Village
from worklogs.enums import LogState

#: Subjects judged at a township's desk; the others need the whole bureau.
DESK_SUBJECTS = frozenset({Subject.APPOINTMENT, Subject.VILLAGE, Subject.TOWNSHIP})
BUREAU_SUBJECTS = frozenset(Subject) - DESK_SUBJECTS


def policy_for(bureau: Bureau, day: date) -> Policy | None:
    """The policy in force on a day; None before the bureau's first one."""
    return Policy.objects.filter(bureau=bureau).in_force_on(day).first()


def asks_confirmation(bureau: Bureau, day: date) -> bool:
    """Does something count only once a village's contact has confirmed it (DG-32, A15)?"""
    policy = policy_for(bureau, day)
    if policy is None:
        return False
    state = LogState.CONFIRMED.value
    rules = StoredRule.objects.filter(policy=policy, definition__records__state=state)
    return policy.settings.get("counting_state") == state or rules.exists()


def newest_close(bureau: Bureau, month: Period) -> MonthClose | None:
    """The latest revision of a month's close; None while the month was never closed."""
    return (
        MonthClose.objects.filter(bureau=bureau, month=month.start)
        .select_related("policy", "bureau")
        .order_by("-revision")
        .first()
    )


def rules_in_force(bureau_id: int, month: Period) -> dict[int, Rule]:
    """The engine's rules for a month, by the stored rule's id, in their order.

    Each version's rules bind the periods, of whatever length, that begin while it is the
    newest (A47): after a change in November the fourth quarter still ends by the rule under
    which it began, and what was due for October stays due by October's.
    """
    policies = list(Policy.objects.filter(bureau=bureau_id).in_force_on(month.start))
    newer = dict(zip([p.pk for p in policies], [None, *policies], strict=False))
    stored = StoredRule.objects.filter(policy__in=policies).select_related("policy")
    return {
        row.pk: _bounded(rule_from_json(row.definition), row.policy, newer[row.policy_id])
        for row in stored.order_by("position", "pk")
    }


def _bounded(rule: Rule, policy: Policy, newer: Policy | None) -> Rule:
    """``newer`` is the version that came next, None for the newest."""
    ends = [rule.applies.until, newer.effective_from if newer else None]
    return replace(
        rule,
        applies=replace(
            rule.applies,
            start=max(rule.applies.start, policy.effective_from),
            until=min((day for day in ends if day is not None), default=None),
        ),
    )


def judge_desk(
    desk: Desk,
    rules: Mapping[int, Rule],
    period: Period,
    as_of: date,
    subjects: Iterable[Subject],
    *,
    known: datetime | None = None,
    today: date | None = None,
) -> list[Judged]:
    """What the rules in force say of these subjects.

    ``as_of`` is the first day not yet known; ``known`` leaves out what was
    entered from that moment on, None leaves out nothing. ``today``: the running
    day, whose records count although it is not over; None while none runs.
    """
    wanted = frozenset(subjects)
    asked = [
        replace(rule, subjects=kept)
        for rule in rules.values()
        if (kept := tuple(subject for subject in rule.subjects if subject in wanted))
    ]
    with _collector_paused():
        return judge(asked, facts_for(desk, asked, period, known), period, as_of, today=today)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Facts and verdicts are some hundred thousand tuples and not one cycle.

    The collector would walk them again and again and find nothing, which took
    a sixth of the time for 3,000 villages.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def explanations(verdicts: Sequence[Verdict], rules: Mapping[int, Rule]) -> dict[int, Explanation]:
    """Each verdict in words, by its id. ``rules`` are the engine's, by the stored rule's id."""
    named = [(rules[verdict.rule_id], judged_from(verdict)) for verdict in verdicts]
    bureau_id = verdicts[0].close.bureau_id if verdicts else 0
    said = in_words(named, bureau_id)
    return {verdict.pk: words for verdict, words in zip(verdicts, said, strict=True)}


def in_words(named: Sequence[tuple[Rule, Judged]], bureau_id: int) -> list[Explanation]:
    """Verdicts in words, in their order, as a reader of this bureau may read them.

    One query for each unit of records they name, one for villages and one for advisors.
    """
    records = {unit: records_by_id(unit, _ids_named(unit, named)) for unit in UNITS}
    names = _villages_named(named, bureau_id)
    advisors = _advisors_named(named)
    return [
        explain(judged, rule, records[rule.records.unit] if rule.records else None, names, advisors)
        for rule, judged in named
    ]


def explained(verdict: Verdict) -> Explanation:
    """One verdict in words, from what was stored and the rule it was judged by."""
    rule = rule_from_json(verdict.rule.definition)
    return explanations([verdict], {verdict.rule_id: rule})[verdict.pk]


def _ids_of(judged: Judged) -> Iterator[int]:
    for ids in judged.counted:
        yield from ids
    for refusal in judged.refused:
        yield from refusal.ids


def _counts_villages(rule: Rule) -> bool:
    return rule.measure is Measure.SHARE or (
        rule.measure is Measure.CONCURRENT and not _counts_advisors(rule)
    )


def _counts_advisors(rule: Rule) -> bool:
    """A village's cap is one of people."""
    return rule.measure is Measure.CONCURRENT and Subject.VILLAGE in rule.subjects


def _ids_named(unit: str, named: Iterable[tuple[Rule, Judged]]) -> set[int]:
    return {
        pk
        for rule, judged in named
        if rule.records
        and rule.records.unit == unit
        and not (_counts_villages(rule) or _counts_advisors(rule))
        for pk in _ids_of(judged)
    }


def _villages_named(named: Iterable[tuple[Rule, Judged]], bureau_id: int) -> dict[int, str]:
    """A village of another bureau, which only a cap may point at, goes by its bureau's name."""
    ids = {pk for rule, judged in named if _counts_villages(rule) for pk in _ids_of(judged)}
    villages = Village.objects.filter(pk__in=ids).select_related("township__bureau") if ids else ()
    return {
        village.pk: village.short_name
        if village.township.bureau_id == bureau_id
        else f"{village.township.bureau.name}所辖村（社区）"
        for village in villages
    }


def _advisors_named(named: Iterable[tuple[Rule, Judged]]) -> dict[int, str]:
    ids = {pk for rule, judged in named if _counts_advisors(rule) for pk in _ids_of(judged)}
    return dict(Advisor.objects.filter(pk__in=ids).values_list("pk", "name")) if ids else {}
