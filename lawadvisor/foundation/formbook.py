"""A blank form opened by openpyxl: how it looks, and the same workbook with values in it.

Runs as a process of its own with little memory and time, for it opens what a stranger made
(``blanks`` starts it by its path). ``look PATH`` writes what ``looked`` returns as JSON; ``fill
PATH`` reads values from standard input and writes the workbook. A refusal ends with ``REFUSED``
and its word on standard error. Knows nothing of the portal.
"""

from __future__ import annotations

import io
import json
import re
import resource
import sys
import warnings
import zipfile
from collections.abc import Iterator
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

MOST_ROWS, MOST_COLUMNS, MOST_CELLS = 1200, 80, 30_000
REFUSED = 2
_MEMORY, _SECONDS, _FILE = 768 * 1024 * 1024, 10, 64 * 1024 * 1024
#: Extensions of Excel 2010 and later, which openpyxl leaves out.
_EXTENSIONS = {
    b"dataValidation ": "引用其他工作表的下拉列表",
    b"conditionalFormatting ": "新式的条件格式（数据条、图标集）",
    b"sparklineGroup ": "迷你图",
}
_DEFAULT_WIDTH = 8.43


class RefusedError(Exception):
    """``str(error)``: ``damaged``, ``large`` or ``formula SHEET!CELL``."""


def opened(path: str) -> Workbook:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of extensions, which are named by ``lost``
            return load_workbook(path, rich_text=True, keep_links=False)
    except MemoryError:
        raise RefusedError("large") from None
    except Exception as error:  # it raises whatever comes on files made to break it
        raise RefusedError("damaged") from error


def looked(path: str) -> dict[str, Any]:
    """Every visible sheet: its size, the widths of its columns, its cells with their spans.

    A cell is ``[row, column, text, kind, rows, columns, bold, align, percent]``, where ``kind``
    is ``empty``, ``text``, ``number`` or ``formula``. ``lost`` names what saving would not keep.
    """
    book = opened(path)
    sheets = [_sheet(sheet) for sheet in book.worksheets if sheet.sheet_state == "visible"]
    return {"sheets": sheets, "lost": _lost(path)}


def filled(path: str, values: list[list[Any]], mark: str) -> bytes:
    """The workbook with ``[sheet, cell, value]`` set and nothing else touched.

    ``mark`` not "" stands at the head of each printed page. Refuses a cell with a formula, and
    one that a merged range hides.
    """
    book = opened(path)
    for sheet, place, value in values:
        cell = book[sheet][place]
        if isinstance(cell, MergedCell) or _kind(cell) == "formula":
            raise RefusedError(f"formula {sheet}!{place}")
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"  # whatever it begins with
    if mark:
        for sheet in book.worksheets:
            for header in (sheet.oddHeader, sheet.evenHeader, sheet.firstHeader):
                if header is not None:
                    header.center.text = mark
    if book.calculation is not None:
        book.calculation.fullCalcOnLoad = True
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _sheet(sheet: Worksheet) -> dict[str, Any]:
    spans, hidden = {}, 0
    for merge in sheet.merged_cells.ranges:
        hidden += merge.size["rows"] * merge.size["columns"] - 1
        spans[merge.min_row, merge.min_col] = merge.size["rows"], merge.size["columns"]
    shown = list(_shown(sheet))
    rows = max(
        (cell.row + spans.get((cell.row, cell.column), (1,))[0] - 1 for cell in shown), default=0
    )
    columns = max(
        (cell.column + spans.get((cell.row, cell.column), (1, 1))[1] - 1 for cell in shown),
        default=0,
    )
    if rows > MOST_ROWS or columns > MOST_COLUMNS or rows * columns + hidden > MOST_CELLS:
        raise RefusedError("large")
    return {
        "name": sheet.title,
        "rows": rows,
        "columns": columns,
        "widths": _widths(sheet, columns),
        "cells": [
            [
                *(cell.row, cell.column, _text(cell), _kind(cell)),
                *spans.get((cell.row, cell.column), (1, 1)),
                *(bool(cell.font.b), cell.alignment.horizontal or ""),
                "%" in cell.number_format,
            ]
            for cell in shown
        ],
    }


def _shown(sheet: Worksheet) -> Iterator[Cell]:
    """What has a value or a border, or is merged: the form, and not the painted rest."""
    heads = {(merge.min_row, merge.min_col) for merge in sheet.merged_cells.ranges}
    # what stands in the file: ``iter_rows`` would make a million empty rows for one far cell
    for place, cell in sorted(sheet._cells.items()):  # noqa: SLF001
        if isinstance(cell, MergedCell):
            continue
        border = cell.border
        lined = any(
            side is not None and side.style
            for side in (border.left, border.right, border.top, border.bottom)
        )
        if cell.value is not None or lined or place in heads:
            yield cell


def _widths(sheet: Worksheet, columns: int) -> list[float]:
    """In characters; 0 for a hidden column. Excel writes one width for a run of columns."""
    default = sheet.sheet_format.defaultColWidth or _DEFAULT_WIDTH
    found = [float(default)] * columns
    for letter, dimension in sheet.column_dimensions.items():
        first = dimension.min or 0
        for column in range(first, min(dimension.max or first, columns) + 1):
            if first and dimension.hidden:
                found[column - 1] = 0.0
            elif first and dimension.width and sheet.column_dimensions[letter].customWidth:
                found[column - 1] = float(dimension.width)
    return found


def _kind(cell: Cell) -> str:
    if cell.value is None:
        return "empty"
    if cell.data_type == "f":
        return "formula"
    return "number" if cell.data_type in ("n", "d") else "text"


def _text(cell: Cell) -> str:
    """As a person reads it, roughly; of a formula the formula."""
    if cell.value is None:
        return ""
    found = getattr(cell.value, "text", None) or cell.value
    if cell.data_type == "d":
        return f"{found:%Y-%m-%d}" if hasattr(found, "year") else str(found)
    return str(found)


def _lost(path: str) -> list[str]:
    found = set()
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.startswith("xl/threadedComments/"):
                found.add("带回复的新式批注")
            if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name):
                content = archive.read(name)
                if b"<extLst" in content:
                    after = content[content.index(b"<extLst") :]
                    found |= {said for sign, said in _EXTENSIONS.items() if sign in after}
    return sorted(found)


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_FILE, _FILE))
    wish, path = sys.argv[1:3]
    try:
        if wish == "look":
            sys.stdout.write(json.dumps(looked(path)))
        else:
            asked = json.load(sys.stdin)
            sys.stdout.buffer.write(filled(path, asked["values"], asked["mark"]))
    except RefusedError as refusal:
        sys.stderr.write(str(refusal))
        sys.exit(REFUSED)


if __name__ == "__main__":
    main()
