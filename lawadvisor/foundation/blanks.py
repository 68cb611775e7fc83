"""Blank forms of others: taken in within limits, shown as a grid, filled without touching the rest.

What openpyxl cannot carry from a workbook to its copy is refused here by name before anything is
kept: nobody finds out after sending a form that its stamp or its chart is gone.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from openpyxl.utils import get_column_letter

from lawadvisor.foundation import formbook
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.importing.archive import BROKEN, MEGABYTE, TOO_PACKED, open_archive
from lawadvisor.foundation.importing.reader import read_workbook

LARGEST_BLANK = 5 * MEGABYTE
#: A form is a page or two, not a data set.
MOST_UNPACKED = 40 * MEGABYTE
#: More than any honest form takes, seconds.
_PATIENCE = 40
TOO_LARGE = (
    f"空白表太大：最多{formbook.MOST_ROWS}行、{formbook.MOST_COLUMNS}列，"
    f"文件不超过{LARGEST_BLANK // MEGABYTE}MB。请删去多余的行列和带格式的空白区域，另存后再上传。"
)
#: Parts that would not come through, by the beginning of their name.
_UNKEPT = {
    "xl/vbaProject": "宏",
    "xl/externalLinks/": "指向其他工作簿的链接",
    "xl/media/": "图片",
    "xl/charts/": "图表",
    "xl/chartsheets/": "图表",
    "xl/drawings/drawing": "图片、图形或文本框",
    "xl/ctrlProps/": "表单控件",
    "xl/activeX/": "控件",
    "xl/embeddings/": "嵌入的文件",
    "xl/pivot": "数据透视表",
    "xl/slicer": "切片器",
}
_PLACE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


class Cell(NamedTuple):
    """``kind`` is ``empty``, ``text``, ``number`` or ``formula``.

    It spans ``rows`` × ``columns``; ``percent``: its number format is a percentage.
    """

    row: int
    column: int
    text: str
    kind: str
    rows: int = 1
    columns: int = 1
    bold: bool = False
    align: str = ""
    percent: bool = False

    @property
    def place(self) -> str:
        return address(self.row, self.column)

    @property
    def fillable(self) -> bool:
        return self.kind != "formula"


@dataclass(frozen=True)
class Sheet:
    """``widths`` in characters, 0 for a hidden column."""

    name: str
    rows: int
    columns: int
    widths: tuple[float, ...]
    cells: tuple[Cell, ...]

    @cached_property
    def by_place(self) -> Mapping[tuple[int, int], Cell]:
        """The cell that is seen at each row and column: of a merged range its first."""
        return {
            (row, column): cell
            for cell in self.cells
            for row in range(cell.row, cell.row + cell.rows)
            for column in range(cell.column, cell.column + cell.columns)
        }

    def at(self, place: str) -> Cell | None:
        """The cell of this address, if only an empty one; None outside, and below a merge."""
        found = _PLACE.fullmatch(place)
        if not found:
            return None
        row, column = int(found[2]), column_number(found[1])
        if row > self.rows or column > self.columns:
            return None
        cell = self.by_place.get((row, column), Cell(row, column, "", "empty"))
        return cell if (cell.row, cell.column) == (row, column) else None


@dataclass(frozen=True)
class Layout:
    """A blank form as it is seen. ``lost`` names what filling would not keep."""

    sheets: tuple[Sheet, ...]
    lost: tuple[str, ...] = field(default=())

    def sheet(self, name: str) -> Sheet | None:
        return next((each for each in self.sheets if each.name == name), None)

    def cell(self, sheet: str, place: str) -> Cell | None:
        found = self.sheet(sheet)
        return found.at(place) if found else None


def address(row: int, column: int) -> str:
    return f"{get_column_letter(column)}{row}"


def column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def look(path: Path) -> bytes:
    """How the form looks, as ``layout_of`` reads it. DomainError for what cannot be taken in."""
    _check_parts(path)
    for sheet in read_workbook(path).sheets:  # its limits too, before a larger reader opens it
        spans = ((m.bottom - m.top + 1) * (m.right - m.left + 1) for m in sheet.merges)
        if sum(spans) > formbook.MOST_CELLS or max(sheet.rows, default=0) > formbook.MOST_ROWS:
            raise DomainError(TOO_LARGE)
    return _in_child("look", path)


def layout_of(looked: bytes) -> Layout:
    told = json.loads(looked)
    sheets = [
        Sheet(
            name=each["name"],
            rows=each["rows"],
            columns=each["columns"],
            widths=tuple(each["widths"]),
            cells=tuple(Cell(*cell) for cell in each["cells"]),
        )
        for each in told["sheets"]
    ]
    return Layout(tuple(sheets), tuple(told["lost"]))


def fill(path: Path, values: Iterable[Sequence[Any]], *, mark: str = "") -> bytes:
    """The form with ``(sheet, cell, value)`` set. DomainError rather than over a formula."""
    asked = {"values": [list(each) for each in values], "mark": mark}
    return _in_child("fill", path, json.dumps(asked).encode())


def _check_parts(path: Path) -> None:
    if path.stat().st_size > LARGEST_BLANK:
        raise DomainError(TOO_LARGE)
    with open_archive(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MOST_UNPACKED:
            raise DomainError(TOO_PACKED)
        names = archive.namelist()
    found = {said for name in names for part, said in _UNKEPT.items() if name.startswith(part)}
    if found:
        raise DomainError(
            f"空白表里有{'、'.join(sorted(found))}，填报时保不住。"
            "请用 Excel 或 WPS 打开，删去后另存为“Excel 工作簿（*.xlsx）”再上传。"
        )


def _in_child(wish: str, path: Path, asked: bytes = b"") -> bytes:
    try:
        done = subprocess.run(
            [sys.executable, "-I", formbook.__file__, wish, str(path)],
            input=asked,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise DomainError(TOO_LARGE) from None
    if done.returncode == 0:
        return done.stdout
    word, _, where = done.stderr.decode(errors="replace").partition(" ")
    if done.returncode == formbook.REFUSED and word == "formula":
        raise DomainError(f"{where}是公式或被合并的单元格，不能填写。请重新设置这一格。")
    if done.returncode == formbook.REFUSED and word == "damaged":
        raise DomainError(BROKEN)
    raise DomainError(TOO_LARGE)
