"""The engine against the oracle, on thousands of invented histories."""

from __future__ import annotations

from datetime import date

import pytest

from assessments.quota.engine import judge
from assessments.quota.facts import Facts
from lawadvisor.foundation.periods import Period
from tests.quota.build import history, zx
from tests.quota.oracle import Answer, Oracle

CLOCKS = (
    date(2026, 11, 1),
    date(2026, 10, 11),
    date(2026, 10, 22),
    date(2026, 10, 31),
    date(2026, 12, 1),
    date(2027, 1, 1),
)


def engine_says(told: Facts, month: Period, as_of: date) -> Answer:
    return {
        (v.rule, v.subject_kind.value, v.subject_id): (v.status.value, v.actual)
        for v in judge(zx().rules, told, month, as_of)
    }


@pytest.mark.parametrize("block", range(10))
def test_engine_and_oracle_agree(block: int) -> None:
    for seed in range(block * 250, block * 250 + 250):
        told, as_of = history(seed), CLOCKS[seed % len(CLOCKS)]
        month = Period.month(2026, 10 if as_of < date(2027, 1, 1) else 12)
        expected = Oracle(told, 2026, month.start.month, as_of).all()
        assert engine_says(told, month, as_of) == expected, f"seed {seed}"


@pytest.mark.parametrize("year", [2023, 2024, 2100])
@pytest.mark.parametrize("month", range(1, 13))
def test_agree_in_every_month_of_common_and_leap_years(year: int, month: int) -> None:
    period = Period.month(year, month)
    for seed in range(4):
        told = moved(history(seed), year - 2026)
        expected = Oracle(told, year, month, period.end).all()
        assert engine_says(told, period, period.end) == expected, f"seed {seed}"


def moved(told: Facts, years: int) -> Facts:
    def shift(day: date | None) -> date | None:
        return day and day.replace(year=day.year + years, day=min(day.day, 28))

    return Facts(
        bureau=told.bureau,
        places=told.places,
        terms=[
            t._replace(start=shift(t.start), end=shift(t.end), suspended=shift(t.suspended))
            for t in told.terms
        ],
        records=[r._replace(day=shift(r.day), covers=shift(r.covers)) for r in told.records],
    )
