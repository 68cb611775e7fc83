"""What all records of one month share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from lawadvisor.demo.customs import Customs
from lawadvisor.demo.flaws import Flaws
from lawadvisor.foundation.periods import Period

#: Records of a month are accepted until this day of the next, then only as 补录 (A16).
CLOSING_DAY = 5


@dataclass(frozen=True, slots=True)
class MonthOfRecords:
    """``is_last``: the newest month. ``slow``: the villages whose records wait longest."""

    period: Period
    today: date
    customs: Customs
    rates: Flaws
    is_last: bool
    slow: frozenset[str] = frozenset()

    @property
    def closes_on(self) -> date:
        """The last day on which an entry is no supplement."""
        return self.period.end + timedelta(days=CLOSING_DAY - 1)
