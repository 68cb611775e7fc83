"""What stands around a cell, and where it is found again in the next edition of a form. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from lawadvisor.foundation.blanks import Cell, Layout, Sheet

#: A text that spans so much of a sheet is its title and says nothing of a column.
_TITLE_SHARE = 0.6
#: How many texts name a row or a column: 一、法律咨询 / 接待人次.
_MOST_LABELS = 2
_JOINT = "／"
_NUMBER = re.compile(r"[\d.,%\s]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One mapped cell: which figure of which place and span, and the texts around it.

    ``place`` is ``bureau``, ``township`` or ``village``, ``code`` its division code.
    """

    sheet: str
    cell: str
    indicator: str
    span: str
    place: str
    code: str
    row: str = ""
    column: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return self.sheet, self.cell

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def entries_of(stored: Iterable[Mapping[str, Any]]) -> tuple[Entry, ...]:
    return tuple(Entry(**each) for each in stored)


def labels_of(sheet: Sheet, cell: Cell) -> tuple[str, str]:
    """The nearest texts to the left of a cell, and those above it; "" where there are none."""
    left = (sheet.by_place.get((cell.row, column)) for column in range(cell.column - 1, 0, -1))
    above = (sheet.by_place.get((row, cell.column)) for row in range(cell.row - 1, 0, -1))
    return _joined(sheet, left), _joined(sheet, above)


def plain(text: str) -> str:
    """Without spaces and line breaks, which people set to make a form look even."""
    return re.sub(r"\s+", "", text)


def _joined(sheet: Sheet, cells: Iterable[Cell | None]) -> str:
    found: list[str] = []
    for cell in cells:
        if len(found) == _MOST_LABELS:
            break
        if cell is None or cell.kind != "text" or _NUMBER.fullmatch(cell.text):
            if found:
                break
            continue
        if cell.columns > 1 and cell.columns >= sheet.columns * _TITLE_SHARE:
            continue
        if not found or found[-1] != plain(cell.text):
            found.append(plain(cell.text))
    return _JOINT.join(reversed(found))


@dataclass(frozen=True, slots=True)
class Carried:
    """``entries`` for the new form; ``notes`` are sentences on what moved and what was lost."""

    entries: tuple[Entry, ...]
    notes: tuple[str, ...]


def carried(entries: Sequence[Entry], new: Layout) -> Carried:
    """Each mapped cell looked for in a new edition: at its place, else by the texts around it."""
    found: dict[tuple[str, str], Entry] = {}
    notes: list[str] = []
    index = _by_labels(new)
    for entry in entries:
        moved, note = _found(entry, new, index)
        if moved is not None and moved.key in found:
            moved, note = None, f"{_named(entry)}：与另一格落在同一位置，未沿用"
        if moved is not None:
            found[moved.key] = moved
        if note:
            notes.append(note)
    return Carried(tuple(found.values()), tuple(notes))


_Index = Mapping[tuple[str, str], Sequence[tuple[Sheet, Cell]]]


def _by_labels(layout: Layout) -> _Index:
    found: dict[tuple[str, str], list[tuple[Sheet, Cell]]] = {}
    for sheet in layout.sheets:
        for row in range(1, sheet.rows + 1):
            for column in range(1, sheet.columns + 1):
                cell = sheet.by_place.get((row, column), Cell(row, column, "", "empty"))
                if (cell.row, cell.column) == (row, column) and cell.kind != "text":
                    found.setdefault(labels_of(sheet, cell), []).append((sheet, cell))
    return found


def _found(entry: Entry, new: Layout, index: _Index) -> tuple[Entry | None, str]:
    """Where the entry goes, None for nowhere, and a sentence unless all is as it was."""
    sheet, named = new.sheet(entry.sheet), _named(entry)
    here = sheet.at(entry.cell) if sheet else None
    if sheet and here and labels_of(sheet, here) == (entry.row, entry.column):
        if here.fillable:
            return entry, ""
        return None, f"{named}：新表中是公式，未沿用"
    labelled = bool(entry.row or entry.column)
    fits = [
        (other, cell)
        for other, cell in (index.get((entry.row, entry.column), ()) if labelled else ())
        if other.name == entry.sheet or sheet is None
    ]
    if len(fits) == 1:
        other, cell = fits[0]
        if not cell.fillable:
            return None, f"{named}：移到{cell.place}，但在新表中是公式，未沿用"
        moved = replace(entry, sheet=other.name, cell=cell.place)
        return moved, f"{named}：移到{cell.place}，已沿用，请核对"
    return None, f"{named}：{_why_not(entry, sheet, here, len(fits))}，未沿用"


def _why_not(entry: Entry, sheet: Sheet | None, here: Cell | None, fits: int) -> str:
    if sheet is None:
        return "新表中没有这个工作表"
    if fits > 1:
        return f"新表中有{fits}处文字相同，无法判断"
    if here is None:
        return f"新表中{entry.cell}已不存在，或被合并到别的单元格"
    return "新表中旁边的文字已经不同"


def _named(entry: Entry) -> str:
    around = _JOINT.join(filter(None, (entry.row, entry.column)))
    return f"“{entry.sheet}”{entry.cell}" + (f"（{around}）" if around else "")
