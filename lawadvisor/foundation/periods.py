"""The calendar: which period is it, when does it start, what is it called.

Every period is half-open, ``start <= day < end``, and made of local dates
(Asia/Shanghai), never of instants. Nothing here reads a clock.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

LOCAL_ZONE = ZoneInfo("Asia/Shanghai")


class PeriodKind(StrEnum):
    DAY = "day"
    WEEK = "week"
    HALF_MONTH = "half_month"
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"
    TERM = "term"  # an appointment's own, from its first day
    WINDOW = "window"  # two named days


#: What the calendar alone decides.
CALENDAR = tuple(kind for kind in PeriodKind if kind not in (PeriodKind.TERM, PeriodKind.WINDOW))

_MONTHS_IN = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.HALF_YEAR: 6}
_NUMERALS = "一二三四"


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A stretch of whole days, ``end`` not included."""

    start: date
    end: date
    kind: PeriodKind

    @classmethod
    def containing(cls, kind: PeriodKind, day: date) -> Period:
        """The one calendar period of this kind that holds ``day``; ValueError for the others."""
        if kind not in CALENDAR:
            raise ValueError(f"no calendar has a {kind.value}")
        start = _start_of(kind, day)
        return cls(start, _start_after(kind, start), kind)

    @classmethod
    def month(cls, year: int, month: int) -> Period:
        return cls.containing(PeriodKind.MONTH, date(year, month, 1))

    @classmethod
    def parse(cls, code: str) -> Period:
        """Read ``2026``, ``2026-10``, ``2026-Q4`` or ``2026-H2``; ValueError otherwise."""
        found = re.fullmatch(r"(\d{4})(?:-(?:(\d{2})|Q([1-4])|H([12])))?", code, re.ASCII)
        if not found:
            raise ValueError(f"not a period: {code!r}")
        year, month, quarter, half = found.groups()
        if month:
            return cls.month(int(year), int(month))
        if quarter:
            return cls.containing(PeriodKind.QUARTER, date(int(year), int(quarter) * 3, 1))
        if half:
            return cls.containing(PeriodKind.HALF_YEAR, date(int(year), int(half) * 6, 1))
        return cls.containing(PeriodKind.YEAR, date(int(year), 1, 1))

    def next(self) -> Period:
        return Period.containing(self.kind, self.end)

    def previous(self) -> Period:
        return Period.containing(self.kind, self.start - timedelta(days=1))

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def overlaps(self, start: date, end: date | None) -> bool:
        """Does ``[start, end)`` share a day with this period? ``end`` None is open."""
        return start < self.end and (end is None or self.start < end)

    def days_shared(self, start: date, end: date | None) -> int:
        """How many days of this period lie in ``[start, end)``."""
        last = self.end if end is None else min(end, self.end)
        return max(0, (last - max(start, self.start)).days)

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    @property
    def last_day(self) -> date:
        return self.end - timedelta(days=1)

    @property
    def code(self) -> str:
        """Short and sortable within its kind: ``2026-10``, ``2026-Q4``, ``2026-10-05``."""
        year = f"{self.start.year:04d}"
        match self.kind:
            case PeriodKind.MONTH:
                return f"{year}-{self.start.month:02d}"
            case PeriodKind.QUARTER:
                return f"{year}-Q{(self.start.month + 2) // 3}"
            case PeriodKind.HALF_YEAR:
                return f"{year}-H{(self.start.month + 5) // 6}"
            case PeriodKind.YEAR:
                return year
            case _:
                return self.start.isoformat()

    @property
    def label(self) -> str:
        """What stands on a paper: ``2026年10月``, ``2026年第四季度``."""
        year = f"{self.start.year}年"
        match self.kind:
            case PeriodKind.MONTH:
                return f"{year}{self.start.month}月"
            case PeriodKind.QUARTER:
                return f"{year}第{_NUMERALS[(self.start.month - 1) // 3]}季度"
            case PeriodKind.HALF_YEAR:
                return f"{year}{'上' if self.start.month == 1 else '下'}半年"
            case PeriodKind.HALF_MONTH:
                return f"{year}{self.start.month}月{'上' if self.start.day == 1 else '下'}半月"
            case PeriodKind.YEAR:
                return year
            case PeriodKind.DAY:
                return chinese_date(self.start)
            case PeriodKind.TERM:
                return f"任期（{chinese_date(self.start)}至{chinese_date(self.last_day)}）"
            case _:
                return f"{chinese_date(self.start)}至{chinese_date(self.last_day)}"


def chinese_date(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def local_date(instant: datetime) -> date:
    """The Shanghai date of an aware instant; ValueError for a naive one."""
    if instant.tzinfo is None:
        raise ValueError("a naive datetime has no local date")
    return instant.astimezone(LOCAL_ZONE).date()


def local_minute(instant: datetime) -> int:
    """Whole minutes since local midnight of an aware instant."""
    local = instant.astimezone(LOCAL_ZONE)
    return local.hour * 60 + local.minute


def local_instant(day: date, minute: int) -> datetime:
    """The instant, in UTC, of ``minute`` minutes after local midnight of ``day``."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=LOCAL_ZONE)
    return (midnight + timedelta(minutes=minute)).astimezone(UTC)


def _start_of(kind: PeriodKind, day: date) -> date:
    match kind:
        case PeriodKind.DAY:
            return day
        case PeriodKind.WEEK:
            return day - timedelta(days=day.weekday())
        case PeriodKind.HALF_MONTH:
            return day.replace(day=1 if day.day < 16 else 16)
        case PeriodKind.YEAR:
            return date(day.year, 1, 1)
        case _:
            months = _MONTHS_IN[kind]
            return date(day.year, (day.month - 1) // months * months + 1, 1)


def _start_after(kind: PeriodKind, start: date) -> date:
    match kind:
        case PeriodKind.DAY:
            return start + timedelta(days=1)
        case PeriodKind.WEEK:
            return start + timedelta(days=7)
        case PeriodKind.HALF_MONTH:
            return start.replace(day=16) if start.day == 1 else _months_later(start, 1)
        case PeriodKind.YEAR:
            return date(start.year + 1, 1, 1)
        case _:
            return _months_later(start, _MONTHS_IN[kind])


def _months_later(start: date, months: int) -> date:
    years, month = divmod(start.month - 1 + months, 12)
    return date(start.year + years, month + 1, 1)
