"""What to generate: a county, its size, its months and how flawed its records are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from random import Random

from lawadvisor.foundation.periods import Period, PeriodKind
from villages.importers import VillageRow


@dataclass(frozen=True, slots=True)
class Flaws:
    """How often something goes wrong, as shares from 0 to 1 of what the name says."""

    short_visit: float = 0.035
    split_visit: float = 0.06
    split_too_short: float = 0.006
    online_visit: float = 0.025
    single_visit: float = 0.04
    missing_month: float = 0.015
    no_visitors: float = 0.08
    missed_lecture: float = 0.09
    repeated_focus: float = 0.09
    lecture_only: float = 0.3
    late_entry: float = 0.09
    supplement: float = 0.02
    draft: float = 0.008
    returned: float = 0.01
    unreviewed: float = 0.03
    unreviewed_last_month: float = 0.12
    extra_record: float = 0.4
    missing_filing: float = 0.08


REALISTIC = Flaws()
NONE = Flaws(**dict.fromkeys(Flaws.__dataclass_fields__, 0.0))


@dataclass(frozen=True, slots=True)
class CountySpec:
    """One county to generate; equal specs give equal data.

    ``villages`` are real rows, or the number of villages to invent. Months end
    with the last full month before ``today``. ``records_per_month`` is what a
    served village has without ``flaws``: two duty visits, then shorter
    services (at least 2). ``service_year_month`` is the month in which terms
    of one year begin. ``prefix`` starts the login names, "" takes the code.
    """

    code: str
    name: str
    today: date
    villages: tuple[VillageRow, ...] | int
    months: int = 14
    records_per_month: int = 2
    seed: int = 20260101
    flaws: bool = True
    prefix: str = ""
    service_year_month: int = 1

    @property
    def rates(self) -> Flaws:
        return REALISTIC if self.flaws else NONE

    @property
    def login_prefix(self) -> str:
        return self.prefix or self.code

    @property
    def periods(self) -> tuple[Period, ...]:
        """The months with records, oldest first."""
        month = Period.containing(PeriodKind.MONTH, self.today).previous()
        found = [month]
        while len(found) < self.months:
            found.append(found[-1].previous())
        return tuple(reversed(found))

    def stream(self, *name: object) -> Random:
        """A source of chance of its own for each part, so that parts do not shift each other."""
        return Random("/".join(map(str, (self.seed, self.code, *name))))  # noqa: S311


@dataclass(frozen=True, slots=True)
class Counts:
    """What was written."""

    townships: int
    villages: int
    organisations: int
    advisors: int
    appointments: int
    logs: int
    matters: int
    filings: int
