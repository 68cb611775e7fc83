"""The random rules and histories really reach every word of the form, and often."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

import pytest

from assessments.quota import rules as words
from assessments.quota.engine import judge
from assessments.quota.rulebook import rule_from_json, rule_to_json
from assessments.quota.verdicts import Status
from lawadvisor.foundation.periods import PeriodKind
from tests.quota.histories import some_triple

SEEDS = range(2500)
AXES: dict[str, Any] = {
    "measure": words.Measure,
    "bound": words.Bound,
    "force": words.Force,
    "period": PeriodKind,
    "subjects": words.Subject,
    "having": words.Having,
    "joining.join": words.Join,
    "joining.same_day": words.SameDay,
    "part.mode": words.PartMode,
    "persons.credit": words.Credit,
    "persons.excused": words.Excused,
    "persons.substitute": words.Substitute,
    "complete.over": words.Over,
    "due.late": words.Late,
    "day.per": ("date", "village_date"),
    "records.unit": words.UNITS,
    "records.state": words.LADDER,
    "records.modes": (*words.MODES, "any"),
    "records.purposes": (*words.PURPOSES, "any"),
    "applies.volunteers": (True, False),
    "applies.village_kinds": (*words.VILLAGE_KINDS, "any"),
    "applies.terrains": (*words.TERRAINS, "any"),
}
#: More of a word than this, among the rules of ``SEEDS``.
OFTEN = 40


@cache
def drawn() -> Counter[tuple[str, Any]]:
    """How many rules say each word, and how many set what may be left out."""
    found: Counter[tuple[str, Any]] = Counter()
    for seed in SEEDS:
        for rule in some_triple(seed).rules:
            told = rule_to_json(rule)
            found.update((name, word) for name in AXES for word in _said(told, name))
            applies, records = told["applies"], told.get("records", {})
            found.update(name for name in _set(applies, records, told))
    return found


def _said(told: dict[str, Any], name: str) -> list[Any]:
    table, _, key = name.rpartition(".")
    value = (told.get(table, {}) if table else told).get(key)
    return value if isinstance(value, list) else [value]


def _set(applies: dict[str, Any], records: dict[str, Any], told: dict[str, Any]) -> Any:
    for name in ("categories", "classes", "codes"):
        if applies[name] != ["any"]:
            yield "set", name
    if applies["until"] != "open":
        yield "set", "until"
    for name in ("phases", "evidence", "min_minutes"):
        if applies.get(name) or records.get(name):
            yield "set", name
    if records.get("entered_within", "any") != "any":
        yield "set", "entered_within"
    if "tightens" in told:
        yield "set", "tightens"


@pytest.mark.parametrize(
    ("name", "word"), [(name, word) for name, of in AXES.items() for word in of]
)
def test_every_word_is_drawn_often(name: str, word: Any) -> None:
    assert drawn()[name, getattr(word, "value", word)] > OFTEN


@pytest.mark.parametrize(
    "name",
    [
        *("categories", "classes", "codes", "until", "phases", "evidence", "min_minutes"),
        *("entered_within", "tightens"),
    ],
)
def test_what_may_be_left_out_is_often_set(name: str) -> None:
    assert drawn()["set", name] > OFTEN


def test_a_drawn_rule_is_written_and_read_back_unchanged() -> None:
    for seed in SEEDS:
        for rule in some_triple(seed).rules:
            assert rule_from_json(rule_to_json(rule)) == rule


def test_verdicts_of_every_measure_reach_every_status() -> None:
    found: Counter[tuple[str, str]] = Counter()
    for seed in SEEDS:
        asked = some_triple(seed)
        measures = {rule.key: rule.measure.value for rule in asked.rules}
        told = judge(asked.rules, asked.facts, asked.period, asked.as_of, today=asked.today)
        for v in told:
            measure = measures[v.rule]
            found[measure, v.status.value] += 1
            found[measure, "something"] += v.actual > 0
            found[measure, "awaited"] += v.pending > 0
            found[measure, "excused"] += any(r.reason == "excused" for r in v.refused)
    for measure in words.Measure:
        missing = {*Status, "something", "awaited", "excused"} - _never(measure)
        missing -= {word for word in missing if found[measure.value, word] >= 5}
        assert not missing, measure


def _never(measure: words.Measure) -> set[str]:
    """What a measure cannot come to by its nature."""
    if measure is words.Measure.CONCURRENT:
        running = {Status.OPEN, Status.AT_RISK, Status.PENDING, Status.NOT_ASSESSED}
        return {*running, "awaited"}
    if measure is words.Measure.SHARE:
        return {Status.OPEN, Status.NOT_ASSESSED, "excused"}
    return {"excused"} if measure is words.Measure.COMPLETE else set()
