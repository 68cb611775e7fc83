"""The calendar: half-open, without gaps, and in Shanghai."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lawadvisor.foundation.periods import (
    CALENDAR,
    LOCAL_ZONE,
    Period,
    PeriodKind,
    chinese_date,
    local_date,
    local_instant,
    local_minute,
)

days = st.dates(date(1950, 1, 1), date(2150, 12, 31))
kinds = st.sampled_from(CALENDAR)
NAMED = [PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.HALF_YEAR, PeriodKind.YEAR]


def period(kind: str, *day: int) -> Period:
    return Period.containing(PeriodKind(kind), date(*day))


# ── bounds ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("kind", "day", "start", "last"),
    [
        ("day", (2024, 2, 29), (2024, 2, 29), (2024, 2, 29)),
        ("week", (2026, 1, 1), (2025, 12, 29), (2026, 1, 4)),
        ("week", (2026, 10, 11), (2026, 10, 5), (2026, 10, 11)),
        ("half_month", (2026, 2, 15), (2026, 2, 1), (2026, 2, 15)),
        ("half_month", (2026, 2, 16), (2026, 2, 16), (2026, 2, 28)),
        ("half_month", (2024, 2, 29), (2024, 2, 16), (2024, 2, 29)),
        ("half_month", (2026, 12, 31), (2026, 12, 16), (2026, 12, 31)),
        ("month", (2026, 2, 28), (2026, 2, 1), (2026, 2, 28)),
        ("month", (2024, 2, 1), (2024, 2, 1), (2024, 2, 29)),
        ("month", (1900, 2, 1), (1900, 2, 1), (1900, 2, 28)),
        ("month", (2000, 2, 1), (2000, 2, 1), (2000, 2, 29)),
        ("month", (2026, 12, 31), (2026, 12, 1), (2026, 12, 31)),
        ("quarter", (2026, 3, 31), (2026, 1, 1), (2026, 3, 31)),
        ("quarter", (2026, 4, 1), (2026, 4, 1), (2026, 6, 30)),
        ("quarter", (2026, 9, 30), (2026, 7, 1), (2026, 9, 30)),
        ("quarter", (2026, 12, 31), (2026, 10, 1), (2026, 12, 31)),
        ("half_year", (2026, 6, 30), (2026, 1, 1), (2026, 6, 30)),
        ("half_year", (2026, 7, 1), (2026, 7, 1), (2026, 12, 31)),
        ("year", (2026, 12, 31), (2026, 1, 1), (2026, 12, 31)),
    ],
)
def test_bounds(
    kind: str, day: tuple[int, int, int], start: tuple[int, int, int], last: tuple[int, int, int]
):
    found = period(kind, *day)

    assert (found.start, found.last_day) == (date(*start), date(*last))
    assert found.end == date(*last) + timedelta(days=1)


@given(kinds, days)
def test_a_day_lies_in_its_period_and_in_no_other(kind: PeriodKind, day: date):
    found = Period.containing(kind, day)

    assert day in found
    assert day not in found.previous()
    assert day not in found.next()


@given(kinds, days)
def test_the_end_is_outside(kind: PeriodKind, day: date):
    found = Period.containing(kind, day)

    assert found.start in found
    assert found.last_day in found
    assert found.end not in found
    assert found.start - timedelta(days=1) not in found


@given(kinds, days)
def test_periods_leave_no_gap(kind: PeriodKind, day: date):
    found = Period.containing(kind, day)

    assert found.next().start == found.end
    assert found.previous().end == found.start
    assert found.next().previous() == found.previous().next() == found


@given(kinds, days)
def test_every_day_of_a_period_finds_it(kind: PeriodKind, day: date):
    found = Period.containing(kind, day)
    its_days = [found.start + timedelta(days=n) for n in range(found.days)]

    assert {Period.containing(kind, each) for each in its_days} == {found}


@pytest.mark.parametrize("kind", CALENDAR)
@pytest.mark.parametrize("year", [2023, 2024, 1900, 2000])
def test_a_year_is_covered_once(kind: PeriodKind, year: int):
    found = Period.containing(kind, date(year, 1, 1))
    if kind == PeriodKind.WEEK:  # weeks cross the new year
        assert found.days == 7
        return
    total = 0
    while found.start.year == year:
        total += found.days
        found = found.next()

    assert total == 365 + calendar.isleap(year)


@given(st.integers(1950, 2150), st.integers(1, 12))
def test_a_month_has_the_calendar_s_days(year: int, month: int):
    assert Period.month(year, month).days == calendar.monthrange(year, month)[1]


# ── sharing days ────────────────────────────────────────────────────────────────────────────────

OCTOBER = Period.month(2026, 10)


@pytest.mark.parametrize(
    ("start", "end", "shared"),
    [
        (date(2026, 10, 1), date(2026, 11, 1), 31),
        (date(2026, 1, 1), None, 31),
        (date(2026, 10, 31), None, 1),
        (date(2026, 11, 1), None, 0),
        (date(2026, 9, 1), date(2026, 10, 1), 0),
        (date(2026, 9, 1), date(2026, 10, 2), 1),
        (date(2026, 10, 16), date(2026, 10, 20), 4),
        (date(2026, 10, 16), date(2026, 10, 16), 0),
        (date(2026, 10, 20), date(2026, 10, 16), 0),
        (date(2027, 1, 1), date(2026, 1, 1), 0),
    ],
)
def test_days_shared(start: date, end: date | None, shared: int):
    assert OCTOBER.days_shared(start, end) == shared


@given(kinds, days, days, st.none() | days)
def test_days_shared_are_the_days_in_both(
    kind: PeriodKind, day: date, start: date, end: date | None
):
    found = Period.containing(kind, day)
    both = [
        each
        for each in (found.start + timedelta(days=n) for n in range(found.days))
        if start <= each and (end is None or each < end)
    ]

    assert found.days_shared(start, end) == len(both)
    if end is None or start < end:
        assert found.overlaps(start, end) == bool(both)


# ── names ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("kind", "code", "label"),
    [
        ("day", "2026-11-09", "2026年11月9日"),
        ("week", "2026-11-09", "2026年11月9日至2026年11月15日"),
        ("half_month", "2026-11-01", "2026年11月上半月"),
        ("month", "2026-11", "2026年11月"),
        ("quarter", "2026-Q4", "2026年第四季度"),
        ("half_year", "2026-H2", "2026年下半年"),
        ("year", "2026", "2026年"),
    ],
)
def test_names(kind: str, code: str, label: str):
    found = period(kind, 2026, 11, 9)

    assert (found.code, found.label) == (code, label)


def test_names_of_every_part_of_a_year():
    def names(kind: str, *months: int) -> list[tuple[str, str]]:
        return [(p.code, p.label) for p in (period(kind, 2026, m, 1) for m in months)]

    assert names("quarter", 1, 4, 7, 10) == [
        ("2026-Q1", "2026年第一季度"),
        ("2026-Q2", "2026年第二季度"),
        ("2026-Q3", "2026年第三季度"),
        ("2026-Q4", "2026年第四季度"),
    ]
    assert names("half_year", 6, 7) == [("2026-H1", "2026年上半年"), ("2026-H2", "2026年下半年")]
    assert period("half_month", 2026, 1, 16).label == "2026年1月下半月"


@given(st.sampled_from(NAMED), days)
def test_a_code_is_read_back(kind: PeriodKind, day: date):
    found = Period.containing(kind, day)

    assert Period.parse(found.code) == found


@given(st.sampled_from(NAMED), days, days)
def test_codes_sort_like_periods(kind: PeriodKind, one: date, other: date):
    first, second = Period.containing(kind, one), Period.containing(kind, other)

    assert (first.code < second.code) == (first < second)


@pytest.mark.parametrize(
    "code",
    [
        "", "2026-", "26-10", "2026-1", "2026-00", "2026-13", "2026-Q0", "2026-Q5", "2026-H0",
        "2026-H3", "2026-q1", "2026-10-05", "2026-10\n", " 2026", "２０２６", "2026-１０",
        "0000", "0000-01", "2026年10月", "20261", "-2026",
    ],
)  # fmt: skip
def test_anything_else_is_refused(code: str):
    with pytest.raises(ValueError, match=r"period|year|month"):
        Period.parse(code)


@given(st.text(max_size=8))
def test_parse_answers_or_refuses(text: str):
    try:
        found = Period.parse(text)
    except ValueError:
        return
    assert found.code == text


def test_periods_are_values():
    assert period("month", 2026, 10, 1) == period("month", 2026, 10, 31) == OCTOBER
    assert len({period("month", 2026, 10, day) for day in range(1, 32)}) == 1
    assert period("month", 2026, 9, 1) < OCTOBER
    with pytest.raises(AttributeError):
        OCTOBER.start = date(2026, 1, 1)  # type: ignore[misc]


# ── Shanghai ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 1, 31, 15, 30, tzinfo=UTC), date(2026, 1, 31)),
        (datetime(2026, 1, 31, 15, 59, 59, 999999, tzinfo=UTC), date(2026, 1, 31)),
        (datetime(2026, 1, 31, 16, 0, tzinfo=UTC), date(2026, 2, 1)),
        (datetime(2026, 1, 31, 23, 30, tzinfo=LOCAL_ZONE), date(2026, 1, 31)),
        (datetime(2026, 1, 31, 23, 30, tzinfo=timezone(timedelta(hours=-8))), date(2026, 2, 1)),
    ],
)
def test_local_date(instant: datetime, day: date):
    assert local_date(instant) == day


def test_a_naive_instant_has_no_local_date():
    with pytest.raises(ValueError, match="naive"):
        local_date(datetime(2026, 1, 31))  # noqa: DTZ001  (the point of the test)


@given(days, st.integers(0, 1439))
def test_an_instant_lies_on_its_day(day: date, minute: int):
    """Also in the summers of 1986–1991, when Shanghai put its clocks forward."""
    instant = local_instant(day, minute)
    back = instant.astimezone(LOCAL_ZONE)

    assert instant.utcoffset() == timedelta(0)
    assert local_date(instant) == day
    # an hour that a clock skips does not exist: what lies in it comes out an hour later
    assert local_minute(instant) in {minute, minute + 60}
    assert back.minute == minute % 60


@given(days)
def test_midnight_at_the_end_is_the_next_day(day: date):
    assert local_instant(day, 1440) == local_instant(day + timedelta(days=1), 0)


SUMMERS = [
    (date(1986, 5, 4), date(1986, 9, 14)),
    (date(1987, 4, 12), date(1987, 9, 13)),
    (date(1988, 4, 17), date(1988, 9, 11)),
    (date(1989, 4, 16), date(1989, 9, 17)),
    (date(1990, 4, 15), date(1990, 9, 16)),
    (date(1991, 4, 14), date(1991, 9, 15)),
]


@pytest.mark.parametrize(("first", "last"), SUMMERS)
def test_summer_time_shifts_no_service_date(first: date, last: date):
    """All of it in UTC: midnight is 15:00 the day before in summer and 16:00 in winter."""
    for day in (first + timedelta(days=1), last - timedelta(days=1)):
        assert local_instant(day, 0).hour == 15
        assert local_date(local_instant(day, 0)) == day
        assert local_date(local_instant(day, 0) - timedelta(microseconds=1)) < day
    for day in (first - timedelta(days=1), last + timedelta(days=1)):
        assert local_instant(day, 0).hour == 16
        assert local_date(local_instant(day, 0)) == day


@pytest.mark.parametrize("turn", [day for summer in SUMMERS for day in summer])
def test_clock_changes_leave_every_minute_on_its_day(turn: date):
    nearby = [turn + timedelta(days=n) for n in (-1, 0, 1)]

    assert [local_date(local_instant(day, m)) for day in nearby for m in (0, 719, 1439)] == [
        day for day in nearby for _ in range(3)
    ]
    midnights = [local_instant(day, 0) for day in [*nearby, turn + timedelta(days=2)]]
    assert all(earlier < later for earlier, later in pairwise(midnights))


def test_local_minute():
    assert local_minute(datetime(2026, 10, 9, 1, 30, 59, tzinfo=UTC)) == 9 * 60 + 30
    assert local_minute(local_instant(date(2026, 10, 9), 0)) == 0
    assert local_minute(local_instant(date(2026, 10, 9), 1439)) == 1439


def test_chinese_date():
    assert chinese_date(date(2026, 1, 9)) == "2026年1月9日"
