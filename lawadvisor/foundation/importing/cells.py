"""A workbook in memory: sheets, rows, cells, and how much of each there may be."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from lawadvisor.foundation.errors import DomainError

MOST_SHEETS = 50
MOST_ROWS = 30_000
MOST_COLUMNS = 200
MOST_CELLS = 500_000
MOST_MERGES = 10_000


class Number(NamedTuple):
    """A finite number; ``dated`` when the cell shows it as a date or a time.

    Days are counted as Excel for Windows counts them, whatever the workbook does.
    """

    raw: str
    dated: bool


class Broken(NamedTuple):
    """A cell without a value; ``why`` ends without a full stop."""

    found: str
    why: str


Cell = str | Number | Broken


class Merge(NamedTuple):
    """Rows and columns of a merged range, from 1, both ends included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(slots=True)
class Sheet:
    """``rows``: by number, then by column, from 1; empty cells and empty rows are not there."""

    name: str
    rows: dict[int, dict[int, Cell]] = field(default_factory=dict)
    merges: list[Merge] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)

    def fill_merges(self) -> None:
        """Give what a merged range says to each of its rows, in its first column.

        Sideways it says it once: a title over five columns is no value of five columns.
        """
        numbers = sorted(self.rows)
        filled = 0
        for merge in self.merges:
            value = self.rows.get(merge.top, {}).get(merge.left)
            if value is None:
                continue
            below = numbers[bisect_right(numbers, merge.top) : bisect_right(numbers, merge.bottom)]
            filled += len(below)
            if filled > MOST_CELLS:
                raise DomainError(too_many_cells())
            for number in below:
                self.rows[number].setdefault(merge.left, value)


@dataclass(frozen=True, slots=True)
class Book:
    """The sheets that are not hidden."""

    sheets: tuple[Sheet, ...]


def rows_of(sheet: Sheet) -> Iterator[tuple[int, dict[int, Cell]]]:
    """Row numbers and cells, from the top."""
    yield from sorted(sheet.rows.items())


def too_many_cells() -> str:
    return f"文件的单元格超过{MOST_CELLS}个，请分成几个文件分别导入。"
