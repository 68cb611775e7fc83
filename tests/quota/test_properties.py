"""What must hold for any history, whatever the numbers."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.quota.engine import judge
from assessments.quota.explain import explain
from assessments.quota.facts import Facts
from assessments.quota.rules import Rule, Subject
from assessments.quota.verdicts import Status, Verdict
from tests.quota.build import (
    BUREAU,
    OCTOBER,
    counting,
    history,
    lecture,
    october,
    rule,
    session,
    zx,
)

MANY = settings(max_examples=150, deadline=None, derandomize=True)
seeds = st.integers(0, 10**9)
clocks = st.sampled_from(
    [october(1), october(15), october(31), date(2026, 11, 1), date(2027, 1, 1)]
)
RANK = [Status.NOT_MET, Status.AT_RISK, Status.OPEN, Status.PENDING, Status.MET]


def judged(told: Facts, as_of: date, rules: tuple[Rule, ...] = zx().rules) -> list[Verdict]:
    return judge(rules, told, OCTOBER, as_of)


def told_again(told: Facts, **changes: object) -> Facts:
    return Facts(
        **{"bureau": BUREAU, "places": told.places, "terms": told.terms, "records": told.records}
        | changes
    )


@MANY
@given(seed=seeds, as_of=clocks)
def test_order_and_duplicates_never_matter(seed: int, as_of: date) -> None:
    told, draw = history(seed), random.Random(seed)
    records = [*told.records, *draw.choices(told.records, k=3)] if told.records else []
    terms = [*told.terms, *told.terms[:1]]
    for rows in (records, terms):
        draw.shuffle(rows)
    places = list(reversed(told.places))
    again = told_again(told, records=records, terms=terms, places=places)
    assert judged(again, as_of) == judged(told, as_of)


@MANY
@given(seed=seeds, as_of=clocks, day=st.integers(1, 31), unit=st.sampled_from(["visit", "lecture"]))
def test_one_more_qualifying_record_never_lowers(
    seed: int, as_of: date, day: int, unit: str
) -> None:
    told = history(seed)
    if not told.own_terms:
        return
    served = told.own_terms[0]
    who = {"appointment": served.id, "advisor": served.advisor, "village": served.village}
    made = session(999, october(day), **who)
    if unit == "lecture":
        made = lecture(999, october(day), **who)
    before = judged(told, as_of, (rule("ZX-34"), rule("ZX-36"), rule("ZX-38")))
    more = told_again(told, records=[*told.records, made])
    after = judged(more, as_of, (rule("ZX-34"), rule("ZX-36"), rule("ZX-38")))
    for old, new in zip(before, after, strict=True):
        assert new.actual >= old.actual
        assert new.missing <= old.missing
        if old.status in RANK:
            assert RANK.index(new.status) >= RANK.index(old.status)


@MANY
@given(seed=seeds, as_of=clocks)
def test_splitting_the_villages_changes_nothing_for_each(seed: int, as_of: date) -> None:
    told = history(seed)
    local = (Subject.APPOINTMENT, Subject.VILLAGE)
    whole = {v for v in judged(told, as_of) if v.subject_kind in local}
    parts = {
        v
        for place in told.places
        for v in judged(told_again(told, places=[place]), as_of)
        if v.subject_kind in local
    }
    assert parts == whole


@MANY
@given(seed=seeds, state=st.sampled_from(["confirmed", "reviewed"]))
def test_pending_is_exactly_what_confirmation_adds(seed: int, state: str) -> None:
    told = history(seed)
    rules = tuple(counting(key, state=state) for key in ("ZX-34", "ZX-36", "ZX-38"))
    steps = {"submitted", "confirmed"}
    confirmed = told_again(
        told,
        records=[r._replace(state="reviewed") if r.state in steps else r for r in told.records],
    )
    now, then = judged(told, OCTOBER.end, rules), judged(confirmed, OCTOBER.end, rules)
    for before, after in zip(now, then, strict=True):
        assert before.actual + before.pending == after.actual
        assert (before.status is Status.PENDING) == (
            after.status is Status.MET and before.status is not Status.MET
        )


@MANY
@given(seed=seeds, as_of=clocks, state=st.sampled_from(["submitted", "confirmed", "reviewed"]))
def test_each_record_is_told_once_and_every_verdict_can_be_said(
    seed: int, as_of: date, state: str
) -> None:
    told = history(seed)
    rules = tuple(
        replace(r, records=replace(r.records, state=state)) if r.records else r for r in zx().rules
    )
    by_key = {r.key: r for r in rules}
    for found in judged(told, as_of, rules):
        asked = by_key[found.rule]
        assert explain(found, asked).result
        if asked.records is not None:
            named = [n for ids in found.counted for n in ids]
            named += [n for refusal in found.refused for n in refusal.ids]
            assert len(named) == len(set(named))
            assert found.pending >= 0


@MANY
@given(seed=seeds, as_of=clocks)
def test_only_a_period_that_is_over_fails(seed: int, as_of: date) -> None:
    for found in judged(history(seed), as_of):
        due = rule(found.rule).due
        after = found.period.end + timedelta(days=max(due.after) if due else 0)
        if found.status is Status.NOT_MET and found.rule != "ZX-24":
            assert after <= as_of
        if found.status in (Status.OPEN, Status.AT_RISK):
            assert as_of <= after if due else as_of < after
