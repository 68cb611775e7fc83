"""The same workbook once more, its bad cells filled and commented, with a column of errors."""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.cell import Cell
from openpyxl.cell.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from lawadvisor.foundation.importing.columns import plain_title
from lawadvisor.foundation.importing.plans import BadCell

ERRORS = "导入问题"
AUTHOR = "导入检查"
_FILL = PatternFill("solid", fgColor="FFFFD6D6")
_HEAD_FILL = PatternFill("solid", fgColor="FFB01E17")
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_ERRORS_WIDTH = 60
_MARGIN_OF_ERRORS = 1
#: Stands between our words and a comment that was there before.
_OWN = "\n——原批注——\n"


def mark(path: Path, bad: Sequence[BadCell], headers: Mapping[str, int]) -> bytes:
    """The workbook with its marks. ``headers`` names the header's row of each sheet.

    Macros and links to other files are left out. Earlier marks of ours are taken away first,
    so that a second check of a marked file shows only what is still wrong.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of parts that openpyxl leaves out
        book = load_workbook(path, keep_vba=False, keep_links=False)
    for name, row in headers.items():
        _clean(book[name], row)
    for name, cells in groupby(sorted(bad, key=lambda each: each.sheet), lambda each: each.sheet):
        _mark_sheet(book[name], headers[name], list(cells))
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def sentence_of(bad: BadCell) -> str:
    """村（社区）名称“红胡村”：…；最接近的是“红湖村”。"""
    found = f"“{bad.found}”" if bad.found else "（空）"
    near = f"；最接近的是“{bad.nearest}”" if bad.nearest else ""
    return f"{bad.title}{found}：{bad.expected}{near}。"


def _clean(sheet: Worksheet, header: int) -> None:
    errors = _errors_column(sheet, header)
    for row in sheet.iter_rows(min_row=header):
        for cell in row:
            if cell.comment is not None and cell.comment.author == AUTHOR:
                _, _, own = cell.comment.text.partition(_OWN)
                cell.comment = Comment(own, "") if own else None
                cell.fill = PatternFill()
    if errors is not None:
        sheet.delete_cols(errors)


def _errors_column(sheet: Worksheet, header: int) -> int | None:
    titles = {str(cell.value): cell.column for cell in sheet[header] if cell.value is not None}
    return next((c for title, c in titles.items() if plain_title(title) == ERRORS), None)


def _mark_sheet(sheet: Worksheet, header: int, bad: Sequence[BadCell]) -> None:
    errors = sheet.max_column + _MARGIN_OF_ERRORS
    head = sheet.cell(header, errors, ERRORS)
    head.fill, head.font = _HEAD_FILL, Font(bold=True, color="FFFFFFFF")
    sheet.column_dimensions[get_column_letter(errors)].width = _ERRORS_WIDTH
    for row, cells in groupby(sorted(bad, key=lambda each: each.row), lambda each: each.row):
        said = []
        for each in cells:
            said.append(sentence_of(each))
            _mark_cell(sheet.cell(row, each.column), said[-1])
        note = sheet.cell(row, errors, "\n".join(said))
        note.data_type = "s"  # what a cell says may begin with an equals sign
        note.alignment = _WRAPPED


def _mark_cell(cell: Cell | MergedCell, said: str) -> None:
    """What a merged range hides can be filled but bears no comment of its own."""
    if isinstance(cell, MergedCell):
        return
    cell.fill = _FILL
    own = f"{_OWN}{cell.comment.text}" if cell.comment is not None else ""
    comment = Comment(said + own, AUTHOR)
    comment.width, comment.height = 320, 110
    cell.comment = comment
