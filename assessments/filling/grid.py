"""A sheet of a form as a table to be clicked: its rows, with spans, widths and what is set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from openpyxl.utils import get_column_letter

from lawadvisor.foundation.blanks import Cell, Sheet

_POINTS_A_CHARACTER = 9
_LEAST_WIDTH, _MOST_WIDTH = 48, 320
_ALIGNED = frozenset({"left", "center", "right"})


@dataclass(frozen=True, slots=True)
class Square:
    """``told`` is what the portal fills in, "" for nothing; ``link`` "" where none leads on."""

    place: str
    text: str
    told: str
    link: str
    rows: int
    columns: int
    style: str


@dataclass(frozen=True, slots=True)
class Grid:
    """``columns`` are letters with their widths in pixels; ``lines`` row numbers with squares."""

    columns: tuple[tuple[str, int], ...]
    lines: tuple[tuple[int, tuple[Square, ...]], ...]


def grid_of(
    sheet: Sheet, told: Mapping[str, str], link: Callable[[Cell], str], chosen: str = ""
) -> Grid:
    """``told`` by the cell's address; ``link`` answers where a cell leads, "" for nowhere."""
    shown = [c for c in range(1, sheet.columns + 1) if sheet.widths[c - 1]]
    lines = []
    for row in range(1, sheet.rows + 1):
        squares = []
        for column in shown:
            cell = sheet.by_place.get((row, column), Cell(row, column, "", "empty"))
            if (cell.row, cell.column) == (row, column):
                squares.append(_square(cell, told.get(cell.place, ""), link(cell), chosen))
        lines.append((row, tuple(squares)))
    columns = tuple((get_column_letter(c), _pixels(sheet.widths[c - 1])) for c in shown)
    return Grid(columns, tuple(lines))


def _square(cell: Cell, told: str, link: str, chosen: str) -> Square:
    style = [cell.kind]
    if cell.align in _ALIGNED:
        style.append(cell.align)
    if cell.bold:
        style.append("bold")
    if told:
        style.append("told")
    if cell.place == chosen:
        style.append("chosen")
    return Square(
        place=cell.place,
        text="公式" if cell.kind == "formula" and not told else cell.text,
        told=told,
        link=link,
        rows=cell.rows,
        columns=cell.columns,
        style=" ".join(style),
    )


def _pixels(width: float) -> int:
    return int(min(max(width * _POINTS_A_CHARACTER, _LEAST_WIDTH), _MOST_WIDTH))
