"""B8, the bureau's months: where each township's month stands, how many came, how many in time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Max

from assessments.handing import Standing, due_day, standing
from assessments.models import MonthClose, MonthDesk, Policy
from lawadvisor.foundation.periods import Period
from lawadvisor.foundation.viewer import Viewer
from villages.models import Bureau, Township

#: As many months as one page shows.
MONTHS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Cell:
    """``words`` say the state and whether it came in time; ``style`` names the class."""

    month: Period
    standing: Standing
    words: tuple[str, ...]
    style: str


@dataclass(frozen=True, slots=True)
class Line:
    pk: int
    code: str
    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Reported:
    """One month over all townships: expected, handed in, and those of them in time."""

    expected: int
    handed_in: int
    in_time: int


@dataclass(frozen=True, slots=True)
class Grid:
    bureau: Bureau
    months: tuple[Period, ...]
    lines: tuple[Line, ...]
    earlier: Period

    @property
    def reported(self) -> tuple[Reported, ...]:
        return _by_month(self.months, self.lines)

    def reported_of(self, townships: Collection[int]) -> tuple[Reported, ...]:
        """The same for some of the townships, by their ids."""
        return _by_month(self.months, [line for line in self.lines if line.pk in townships])


def grid(*, bureau: Bureau, until: Period, today: date, viewer: Viewer) -> Grid:
    """The months up to ``until``, newest first, in four queries."""
    months = [until]
    while len(months) < MONTHS_SHOWN:
        months.append(months[-1].previous())
    townships = Township.objects.visible_to(viewer).filter(bureau=bureau).order_by("code")
    first = months[-1].start
    desks = {
        (desk.township_id, desk.month): desk
        for desk in MonthDesk.objects.visible_to(viewer).filter(
            township__bureau=bureau, month__gte=first
        )
    }
    closes = MonthClose.objects.visible_to(viewer).filter(bureau=bureau, month__gte=first)
    ended = dict(
        closes.order_by().values("month").annotate(at=Max("closed_at")).values_list("month", "at")
    )
    policies = list(Policy.objects.filter(bureau=bureau).order_by("-effective_from"))
    due = {month: due_day(policy_in_force(policies, month.start), month) for month in months}
    return Grid(
        bureau=bureau,
        months=tuple(months),
        lines=tuple(
            Line(
                pk=township.pk,
                code=township.code,
                name=township.name,
                cells=tuple(
                    _cell(
                        month,
                        standing(
                            desks.get((township.pk, month.start)),
                            closed=month.start in ended,
                            due=due[month],
                            whole=ended.get(month.start) is not None,
                        ),
                        today,
                    )
                    for month in months
                ),
            )
            for township in townships
        ),
        earlier=months[-1].previous(),
    )


def policy_in_force(policies: Sequence[Policy], day: date) -> Policy | None:
    """Of policies, newest first, the one in force on a day."""
    return next((policy for policy in policies if policy.effective_from <= day), None)


def _cell(month: Period, stand: Standing, today: date) -> Cell:
    words = [stand.label]
    if stand.for_silent_office:
        words.append("由局代办")
    elif stand.in_time is False:
        words.append("逾期报送")
    elif stand.in_time:
        words.append("按时报送")
    elif stand.is_late(today):
        words.append("逾期未报")
    late = stand.for_silent_office or stand.in_time is False or stand.is_late(today)
    return Cell(month, stand, tuple(words), "not_met" if late else stand.state.value)


def _by_month(months: Sequence[Period], lines: Sequence[Line]) -> tuple[Reported, ...]:
    return tuple(_reported(line.cells[place] for line in lines) for place in range(len(months)))


def _reported(column: Iterable[Cell]) -> Reported:
    stands = [cell.standing for cell in column]
    came = [stand for stand in stands if stand.handed_in]
    return Reported(len(stands), len(came), sum(bool(stand.in_time) for stand in came))
