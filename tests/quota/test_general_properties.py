"""What must hold for any rule of the general form and any history, whatever the numbers."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from assessments.quota.engine import judge
from assessments.quota.explain import explain
from assessments.quota.facts import Record
from assessments.quota.rulebook import rule_from_json, rule_to_json
from assessments.quota.rules import LADDER, Bound, Late, Measure, Rule, Subject
from assessments.quota.spans import Need, needs
from assessments.quota.verdicts import Status, Verdict
from tests.quota.histories import Triple, some_triple

#: From bad to good; what a mild rule calls a shortfall stands at the bottom too.
RANK = {
    Status.NOT_MET: 0,
    Status.NOTICE: 0,
    Status.AT_RISK: 1,
    Status.OPEN: 2,
    Status.PENDING: 3,
    Status.MET: 4,
}
blocks = pytest.mark.parametrize("block", range(4))


def triples(block: int, each: int = 120) -> Iterator[tuple[random.Random, Triple]]:
    """Others than those of the oracle."""
    for seed in range(100_000 + block * each, 100_000 + (block + 1) * each):
        yield random.Random(seed), some_triple(seed)


def judged(asked: Triple) -> list[Verdict]:
    return judge(asked.rules, asked.facts, asked.period, asked.as_of, today=asked.today)


def by_subject(asked: Triple) -> dict[Any, Verdict]:
    return {(v.rule, v.subject_kind, v.subject_id, v.period): v for v in judged(asked)}


def with_facts(asked: Triple, **changes: Any) -> Triple:
    return asked._replace(facts=replace(asked.facts, **changes))


@blocks
def test_order_and_duplicates_of_delivery_never_matter(block: int) -> None:
    for draw, asked in triples(block):
        told, rows = asked.facts, {}
        for name in ("places", "terms", "records", "absences"):
            given = list(getattr(told, name))
            rows[name] = [*given, *draw.choices(given, k=2)] if given else given
            draw.shuffle(rows[name])
        assert judged(with_facts(asked, **rows)) == judged(asked)


@blocks
def test_judging_again_says_the_same(block: int) -> None:
    for _, asked in triples(block):
        once = judged(asked)
        assert judged(asked) == once  # with what the facts remember by now
        assert judged(with_facts(asked)) == once


@blocks
def test_a_rule_read_back_from_its_json_judges_the_same(block: int) -> None:
    for _, asked in triples(block):
        stored = [json.loads(json.dumps(rule_to_json(rule))) for rule in asked.rules]
        again = asked._replace(rules=[rule_from_json(told) for told in stored])
        assert judged(again) == judged(asked)


def _one_more(draw: random.Random, asked: Triple) -> Triple:
    """With another record like one of those given, on one of their days."""
    records = asked.facts.records
    like, day = draw.choice(records), draw.choice(records).day
    state = draw.choice([like.state, "confirmed", "reviewed"])
    by = (d for d in (timedelta(0), like.entered - like.day))
    more = like._replace(id=9999, day=day, entered=day + draw.choice(list(by)), state=state)
    if like.covers is None and draw.random() < 0.5:
        more = more._replace(start=60, end=60 + like.minutes)
    return with_facts(asked, records=[*records, more])


@blocks
def test_one_more_record_never_lowers_what_is_counted(block: int) -> None:
    """Of any measure; and never worsens the status where more is better.

    More is not better where a limit or an exact number is asked for, nor in a share of
    records, whose whole grows with each of them.
    """
    for draw, asked in triples(block, 200):
        if not asked.facts.records:
            continue
        rules, after = {r.key: r for r in asked.rules}, by_subject(_one_more(draw, asked))
        for key, old in by_subject(asked).items():
            new, rule = after[key], rules[old.rule]
            assert new.actual >= old.actual
            assert new.actual + new.pending >= old.actual + old.pending
            if _more_is_better(rule) and old.status in RANK:
                assert RANK[new.status] >= RANK[old.status]
                assert new.missing <= old.missing


def _more_is_better(rule: Rule) -> bool:
    if rule.bound is Bound.SHARE:
        return rule.measure is Measure.SHARE
    return rule.bound in (Bound.AT_LEAST, Bound.TARGET)


@blocks
@pytest.mark.parametrize(
    ("of", "local"),
    [
        ("id", {Subject.APPOINTMENT, Subject.VILLAGE}),
        ("township", {Subject.APPOINTMENT, Subject.VILLAGE, Subject.TOWNSHIP}),
    ],
)
def test_splitting_a_bureau_changes_nothing_locally(
    block: int, of: str, local: set[Subject]
) -> None:
    for _, asked in triples(block):
        whole = {v for v in judged(asked) if v.subject_kind in local}
        places = asked.facts.places
        parts = {
            v
            for number in {getattr(place, of) for place in places}
            for v in judged(
                with_facts(asked, places=[p for p in places if getattr(p, of) == number])
            )
            if v.subject_kind in local
        }
        assert parts == whole


@blocks
def test_confirming_brings_exactly_what_was_pending(block: int) -> None:
    for _, asked in triples(block, 200):
        records = [
            r._replace(state="reviewed") if r.state in LADDER else r for r in asked.facts.records
        ]
        after = by_subject(with_facts(asked, records=records))
        for key, old in by_subject(asked).items():
            new = after[key]
            assert (new.actual, new.pending) == (old.actual + old.pending, 0)
            if old.status in RANK and old.status is not Status.MET:
                assert (old.status is Status.PENDING) == (new.status is Status.MET)


@blocks
def test_a_stricter_target_is_never_easier(block: int) -> None:
    """Whoever meets it meets the looser one; of exact numbers neither is stricter."""
    for draw, drawn in triples(block):
        asked = drawn._replace(rules=[r for r in drawn.rules if r.bound is not Bound.EXACTLY])
        stricter = [_stricter(rule, draw.choice([1, 2, 30])) for rule in asked.rules]
        looser = by_subject(asked)
        for key, strict in by_subject(asked._replace(rules=stricter)).items():
            loose = looser[key]
            if strict.status is Status.MET:
                assert loose.status is Status.MET
            if loose.status in (Status.NOT_MET, Status.AT_RISK):
                assert strict.status not in (Status.MET, Status.OPEN, Status.PENDING)


def _stricter(rule: Rule, by: int) -> Rule:
    if rule.bound is Bound.AT_MOST:
        return replace(rule, target=max(0, rule.target - by))
    most = 100 if rule.bound is Bound.SHARE else 100_000
    return replace(rule, target=min(most, rule.target + by))


@blocks
def test_only_what_is_over_fails(block: int) -> None:
    """But for caps, and due dates that are lost."""
    for _, asked in triples(block, 200):
        rules = {rule.key: rule for rule in asked.rules}
        for found in judged(asked):
            rule, is_over = rules[found.rule], found.period.end <= asked.today
            if found.status is Status.NOT_MET and not is_over:
                lost = rule.due is not None and rule.due.late is Late.REFUSED
                assert rule.measure is Measure.CONCURRENT or lost
            if found.status in (Status.OPEN, Status.AT_RISK):
                assert rule.due is not None or not is_over


@blocks
def test_every_verdict_can_be_said_and_names_a_record_once(block: int) -> None:
    for _, asked in triples(block):
        rules = {rule.key: rule for rule in asked.rules}
        for found in judged(asked):
            rule = rules[found.rule]
            told = explain(found, rule, _named(asked, rule))
            assert told.result.endswith("。")
            assert len(told.counted) == len(found.counted)
            assert len(told.refused) == len(found.refused)
            named = [n for ids in found.counted for n in ids]
            named += [n for refusal in found.refused for n in refusal.ids]
            if rule.measure is not Measure.CONCURRENT:  # what is over the cap is held all the same
                assert len(named) == len(set(named))
            assert found.pending >= 0


def _named(asked: Triple, rule: Rule) -> dict[int, Record]:
    unit = rule.records.unit if rule.records else ""
    return {r.id: r for r in asked.facts.records if r.unit == unit}


@blocks
def test_what_needs_asks_for_is_enough_and_the_future_is_not_seen(block: int) -> None:
    for _, asked in triples(block):
        wanted = needs(asked.rules, asked.period, asked.facts.own_terms)
        records = [
            r
            for r in asked.facts.records
            if r.day < asked.as_of and any(_is_wanted(r, need) for need in wanted)
        ]
        assert judged(with_facts(asked, records=records)) == judged(asked)


def _is_wanted(record: Record, need: Need) -> bool:
    if record.unit != need.unit or (need.kinds is not None and record.kind not in need.kinds):
        return False
    first = record.covers or record.day
    after = record.until or first + timedelta(days=1)
    return first < need.end and need.start < after


@blocks
def test_where_a_stricter_rule_binds_nobody_is_judged_twice(block: int) -> None:
    for _, asked in triples(block):
        rules = {rule.key: rule for rule in asked.rules}
        found = [(v, rules[v.rule].tightens or v.rule) for v in judged(asked)]
        subjects = [(key, v.subject_kind, v.subject_id, v.period) for v, key in found]
        assert len(subjects) == len(set(subjects))
