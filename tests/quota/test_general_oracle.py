"""The engine against the general oracle, on thousands of random rules and histories."""

from __future__ import annotations

import pytest

from assessments.quota.engine import judge
from assessments.quota.rulebook import rule_to_json
from tests.quota.calendar_words import days_between
from tests.quota.general_oracle import Answer, Answers, judge_slowly
from tests.quota.histories import Triple, some_triple

BLOCKS, EACH = 30, 200


def engine_says(asked: Triple) -> Answers:
    return {
        (v.rule, v.subject_kind.value, v.subject_id, v.period.start): Answer(
            v.status.value,
            v.required,
            v.actual,
            v.pending,
            v.active_days,
            frozenset(number for ids in v.counted for number in ids),
        )
        for v in judge(asked.rules, asked.facts, asked.period, asked.as_of, today=asked.today)
    }


def oracle_says(asked: Triple) -> Answers:
    return judge_slowly(
        [rule_to_json(rule) for rule in asked.rules],
        asked.facts,
        days_between(asked.period.start, asked.period.end),
        asked.as_of,
        asked.today,
    )


@pytest.mark.parametrize("block", range(BLOCKS))
def test_engine_and_oracle_agree(block: int) -> None:
    for seed in range(block * EACH, (block + 1) * EACH):
        asked = some_triple(seed)
        assert engine_says(asked) == oracle_says(asked), f"seed {seed}"
