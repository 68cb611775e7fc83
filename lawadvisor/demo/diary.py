"""The calendar of an advisor: when he works, and that he is in one place at a time."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from random import Random

from lawadvisor.foundation.periods import Period

#: First day of the Spring Festival; offices close for eight days.
SPRING_FESTIVALS = (
    date(2022, 2, 1),
    date(2023, 1, 22),
    date(2024, 2, 10),
    date(2025, 1, 29),
    date(2026, 2, 17),
    date(2027, 2, 6),
    date(2028, 1, 26),
    date(2029, 2, 13),
    date(2030, 2, 3),
)
NATIONAL_HOLIDAYS = frozenset(
    {(1, 1), *((5, d) for d in (1, 2, 3)), *((10, d) for d in range(1, 8))}
)
_FESTIVE = frozenset(first + timedelta(days=n) for first in SPRING_FESTIVALS for n in range(-1, 7))
MINUTES_BETWEEN_PLACES = 20
_TRIES = 40


def is_holiday(day: date) -> bool:
    return (day.month, day.day) in NATIONAL_HOLIDAYS or day in _FESTIVE


@cache
def working_days(period: Period) -> tuple[date, ...]:
    """Weekdays thrice and Saturdays once, so that a free choice mostly meets a weekday."""
    found: list[date] = []
    for offset in range(period.days):
        day = period.start + timedelta(days=offset)
        if day.weekday() < 6 and not is_holiday(day):
            found += [day] * (3 if day.weekday() < 5 else 1)
    return tuple(found)


class Diary:
    """One advisor's sessions of a month, in minutes since midnight."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self._busy: dict[date, list[tuple[int, int]]] = {}

    def is_free(self, day: date, start: int, end: int) -> bool:
        gap = MINUTES_BETWEEN_PLACES
        return all(end + gap <= s or e + gap <= start for s, e in self._busy.get(day, ()))

    def note(self, day: date, start: int, end: int) -> None:
        self._busy.setdefault(day, []).append((start, end))

    def find_day(
        self, days: tuple[date, ...], spans: list[tuple[int, int]], taken: set[date]
    ) -> date | None:
        """A day not in ``taken`` with all spans free, noted at once; None if none is met."""
        if not days:
            return None
        for _ in range(_TRIES):
            day = self.rng.choice(days)
            if day not in taken and all(self.is_free(day, *span) for span in spans):
                for span in spans:
                    self.note(day, *span)
                return day
        return None
