"""The stretches of days that a rule's words name, as plain lists of days.

For the general oracle only: slow, obvious, and sharing nothing with the product.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

ONE_DAY = timedelta(days=1)


class Stretch(NamedTuple):
    """The days a rule is judged for; ``last`` is the last day on which anything helps."""

    days: tuple[date, ...]
    last: date
    dues: tuple[date, ...] = ()
    only: int | None = None  # the appointment whose term it is


def days_between(first: date, after: date) -> tuple[date, ...]:
    found, day = [], first
    while day < after:
        found.append(day)
        day += ONE_DAY
    return tuple(found)


def name_of(kind: str, day: date) -> tuple[int, ...]:
    """Two days of one calendar period have one name."""
    if kind == "day":
        return day.year, day.month, day.day
    if kind == "week":
        return day.isocalendar()[:2]
    if kind == "half_month":
        return day.year, day.month, 1 if day.day <= 15 else 2
    if kind == "month":
        return day.year, day.month
    if kind == "quarter":
        return day.year, {1: 1, 2: 1, 3: 1, 4: 2, 5: 2, 6: 2, 7: 3, 8: 3, 9: 3}.get(day.month, 4)
    if kind == "half_year":
        return day.year, 1 if day.month <= 6 else 2
    return (day.year,)


@lru_cache(maxsize=4000)
def around(kind: str, day: date) -> tuple[date, ...]:
    """All days of the calendar period that holds ``day``."""
    name, first, after = name_of(kind, day), day, day
    while name_of(kind, first - ONE_DAY) == name:
        first -= ONE_DAY
    while name_of(kind, after) == name:
        after += ONE_DAY
    return days_between(first, after)


def stretches(rule: dict[str, Any], asked: tuple[date, ...], terms: list[Any]) -> list[Stretch]:
    """What ``rule`` is judged for when somebody asks for the days ``asked``.

    A period is judged by the rules in force on its first day (A47).
    """
    if rule["period"] == "term":
        found = [Stretch(days, days[-1], (), t.id) for t in terms if (days := served(t, asked))]
    elif rule["period"] == "window":
        found = window(rule, asked)
    elif "due" in rule:
        found = with_dues(rule, asked)
    else:
        found = [Stretch(days, days[-1]) for days in calendar(rule["period"], asked)]
    applies = rule["applies"]
    return [
        s
        for s in found
        if applies["from"] <= s.days[0].isoformat()
        and (applies["until"] == "open" or s.days[0].isoformat() < applies["until"])
    ]


def calendar(kind: str, asked: tuple[date, ...]) -> list[tuple[date, ...]]:
    """The period that ``asked`` stands in, else all that begin on one of its days."""
    outer = around(kind, asked[0])
    if asked[-1] in outer:
        return [outer]
    return [around(kind, day) for day in asked if around(kind, day)[0] == day]


def served(term: Any, asked: tuple[date, ...]) -> tuple[date, ...]:
    """The whole of a term that meets ``asked``; of an open one the year of service."""
    if term.start > asked[-1] or (term.end is not None and term.end <= asked[0]):
        return ()
    if term.end is not None:
        return days_between(term.start, term.end)
    start = term.start
    while (after := anniversary(term.start, start.year + 1 - term.start.year)) <= asked[0]:
        start = after
    return days_between(start, after)


def anniversary(day: date, years: int) -> date:
    if (day.month, day.day) == (2, 29):
        return date(day.year + years, 2, 28) + ONE_DAY  # the 29th, or else the 1st of March
    return date(day.year + years, day.month, day.day)


def window(rule: dict[str, Any], asked: tuple[date, ...]) -> list[Stretch]:
    first, last = (date.fromisoformat(rule["window"][word]) for word in ("first", "last"))
    days = days_between(first, last + ONE_DAY)
    dues = due_dates(rule["due"]["on"], days) if "due" in rule else ()
    until = max((last, *dues))
    touched = any(first <= day <= until for day in asked)
    return [Stretch(days, until, dues)] if touched else []


def with_dues(rule: dict[str, Any], asked: tuple[date, ...]) -> list[Stretch]:
    """Judged where the last due date lies, and all along a period longer than ``asked``."""
    kind, words = rule["period"], rule["due"]["on"]
    found, day = [], asked[0] - timedelta(days=400)
    while day <= asked[-1]:
        days = around(kind, day)
        dues = due_dates(words, days)
        running = len(days) > len(asked) and asked[0] in days
        if running or dues[-1] in asked:
            found.append(Stretch(days, max(days[-1], dues[-1]), dues))
        day = days[-1] + ONE_DAY
    return found


def due_dates(words: list[str], days: tuple[date, ...]) -> tuple[date, ...]:
    dues = []
    for word in words:
        if word == "last":
            dues.append(days[-1])
        elif word.startswith("+"):
            dues.append(days[-1] + int(word[1:]) * ONE_DAY)
        else:
            dues.append(date.fromisoformat(f"{days[0].year}-{word}"))
    return tuple(sorted(dues))


def last_third(kind: str, days: tuple[date, ...]) -> date:
    """Its first day: of a quarter, half-year or year by months, else by days."""
    if kind in ("quarter", "half_year", "year"):
        months = sorted({(day.year, day.month) for day in days})
        year, month = months[len(months) * 2 // 3]
        return date(year, month, 1)
    return next((day for n, day in enumerate(days) if 3 * n >= 2 * len(days)), days[-1] + ONE_DAY)
