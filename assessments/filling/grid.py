"""A sheet of a form as a table to be clicked: its rows, with spans, widths and what is set.

The cells are put into words here and not in the template, which takes several seconds for the ten
thousand of a form with a row for each village.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from openpyxl.utils import get_column_letter

from lawadvisor.foundation.blanks import Cell, Sheet

_POINTS_A_CHARACTER = 9
_LEAST_WIDTH, _MOST_WIDTH = 48, 320
_ALIGNED = frozenset({"left", "center", "right"})


@dataclass(frozen=True, slots=True)
class Grid:
    """``columns`` are letters with their widths in pixels; ``lines`` row numbers with cells."""

    columns: tuple[tuple[str, int], ...]
    lines: tuple[tuple[int, SafeString], ...]


def grid_of(
    sheet: Sheet, told: Mapping[str, str], link: Callable[[Cell], str], chosen: str = ""
) -> Grid:
    """``told`` is what the portal fills in, by the cell's address; ``link`` answers where a cell
    leads, "" for nowhere."""
    shown = [c for c in range(1, sheet.columns + 1) if sheet.widths[c - 1]]
    lines = []
    for row in range(1, sheet.rows + 1):
        cells = []
        for column in shown:
            cell = sheet.by_place.get((row, column)) or Cell(row, column, "", "empty")
            if (cell.row, cell.column) == (row, column):
                place = cell.place
                cells.append(_cell(cell, told.get(place, ""), link(cell), place == chosen))
        lines.append((row, mark_safe("".join(cells))))  # noqa: S308  (each by format_html)
    columns = tuple((get_column_letter(c), _pixels(sheet.widths[c - 1])) for c in shown)
    return Grid(columns, tuple(lines))


def _cell(cell: Cell, told: str, link: str, chosen: bool) -> SafeString:
    text = told or ("公式" if cell.kind == "formula" else cell.text)
    within = SafeString("")
    if link and text:
        within = format_html('<a href="{}">{}</a>', link, text)
    elif link:
        within = format_html('<a href="{}" aria-label="{}，空"></a>', link, cell.place)
    elif text:
        within = format_html('<span class="words">{}</span>', text)
    return format_html(
        '<td id="{}" class="{}"{}{}>{}</td>',
        cell.place,
        _style(cell, told, chosen),
        format_html(' rowspan="{}"', cell.rows) if cell.rows > 1 else "",
        format_html(' colspan="{}"', cell.columns) if cell.columns > 1 else "",
        within,
    )


def _style(cell: Cell, told: str, chosen: bool) -> str:
    words = [cell.kind]
    if cell.align in _ALIGNED:
        words.append(cell.align)
    if cell.bold:
        words.append("bold")
    if told:
        words.append("told")
    if chosen:
        words.append("chosen")
    return " ".join(words)


def _pixels(width: float) -> int:
    return int(min(max(width * _POINTS_A_CHARACTER, _LEAST_WIDTH), _MOST_WIDTH))
