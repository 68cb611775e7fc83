"""What to generate: a county, its size, its months, its customs and whether with flaws."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from random import Random

from lawadvisor.demo.customs import PLAIN, Customs
from lawadvisor.demo.flaws import NONE, Flaws
from lawadvisor.foundation.periods import Period, PeriodKind
from villages.importers import VillageRow


@dataclass(frozen=True, slots=True)
class CountySpec:
    """One county to generate; equal specs give equal data.

    ``villages`` are real rows, or the number of villages to invent. Months end
    with the last full month before ``today``. ``records_per_month`` is what a
    served village has without ``flaws``: two duty visits, then shorter
    services (at least 2). ``service_year_month`` is the month in which terms
    of one year begin. ``prefix`` starts the login names, "" takes the code.
    ``pack`` is the policy that the bureau adopts, a file of assessments/policies.
    ``mountains`` are the codes of townships in the mountains.
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
    customs: Customs = PLAIN
    pack: str = "zx"
    mountains: tuple[str, ...] = ()

    @property
    def rates(self) -> Flaws:
        return self.customs.flaws if self.flaws else NONE

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
