"""How a place works: what its advisors do in a month, who they are, which papers are written.

All of it is invented. It follows the habits that the place's document asks for and knows no
rule: whether somebody met his duty, the engine alone says.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from advisors.enums import Category
from lawadvisor.demo.flaws import REALISTIC, Flaws
from lawadvisor.foundation.periods import PeriodKind
from worklogs.enums import FilingKind, LogState, Mark


class Rhythm(Enum):
    TWO_VISITS = "two visits of four hours"
    HOURS = "stays that add up to so many minutes"
    ON_DEMAND = "as it is asked for; in the mountains partly online"


class Level(Enum):
    """For whom a paper is written."""

    ADVISOR = "each advisor in each of his villages"
    VILLAGE = "each served village"
    TOWNSHIP = "each township"
    BUREAU = "the bureau"


@dataclass(frozen=True, slots=True)
class Visits:
    """The stays of a month in one village; ``minutes`` is their sum, only asked for by HOURS."""

    rhythm: Rhythm = Rhythm.TWO_VISITS
    stays: tuple[int, int] = (2, 2)  # the fewest and the most
    minutes: int = 0
    contacts: float = 0.0  # how many months have a call to the committees
    calls: float = 0.62  # of what comes besides: so many are calls, then mediations
    mediations: float = 0.26


@dataclass(frozen=True, slots=True)
class Staffing:
    """Who serves. Weights stand beside each choice.

    ``cap`` is how many villages one advisor may hold, None where no number is known. One
    advisor holds one more for ``exception``, a reason with its approver; "" is nobody.
    """

    categories: tuple[tuple[Category, int], ...]
    loads: tuple[tuple[int, int], ...]
    cap: int | None = None
    exception: str = ""
    volunteers: tuple[Category, ...] = ()
    schooled: bool = False  # education is kept, and two years of practice are sure
    teams: int = 0
    absences: bool = True


@dataclass(frozen=True, slots=True)
class Check:
    """Somebody looks at every record some days after its entry, mostly soon.

    ``quick`` and ``slow`` are mean days; ``slow_share`` of the villages have a slow one.
    What is confirmed the office then reviews, but for so many as ``unreviewed`` says.
    """

    state: LogState
    quick: int
    slow: int
    slow_share: float
    unreviewed: float = 0.0


@dataclass(frozen=True, slots=True)
class Paper:
    """One kind of filing, once for each subject of its level and each period.

    Handed in ``days`` after the period's first day, or after its last with ``afterwards``.
    ``period`` None: once, until further notice. ``done`` is the share that is handed in at
    all; ``marks`` are what it should show.
    """

    kind: FilingKind
    level: Level
    period: PeriodKind | None
    days: tuple[int, int]
    afterwards: bool = False
    done: float = 1.0
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Customs:
    """``staffing`` None: mostly lawyers of two or three villages, as in 蒸湘区.

    ``check`` None: the rates of ``flaws`` say how many records nobody has looked at yet.
    ``lecture_every`` is the period in which a village hears one lecture. ``year_papers``: a
    report and a dossier a year, of which so many as ``early_papers`` says come before its end.
    """

    visits: Visits = Visits()
    staffing: Staffing | None = None
    check: Check | None = None
    lecture_every: PeriodKind = PeriodKind.QUARTER
    trained: tuple[Mark, ...] = ()  # who takes part in a training each quarter; () is none held
    phones: bool = False
    photos: bool = False
    year_papers: bool = False
    early_papers: float = 0.0
    papers: tuple[Paper, ...] = ()
    flaws: Flaws = field(default=REALISTIC)


PLAIN = Customs(year_papers=True)
