"""The workbook to fill in, empty or with what the bureau has: one layout, so it comes back.

Every cell is a text, whatever it begins with, so that no code or phone number becomes a
number, and nothing a formula.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from lawadvisor.foundation.importing.columns import NOTES, SEQUENCE, Column
from lawadvisor.foundation.importing.plans import Importer

OPTIONS = "选项"
#: Rows below the header that offer drop-downs.
_OFFERED_ROWS = 5000
_THIN = Side(style="thin", color="FFCFD8E1")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_HEAD = PatternFill("solid", fgColor="FF12467E")
_NEEDED = PatternFill("solid", fgColor="FF8A1812")
_EXAMPLE = PatternFill("solid", fgColor="FFF3F6F9")
_WRAPPED = Alignment(wrap_text=True, vertical="center")
_GENERAL = (
    "一行写一条，不要合并单元格，不要改动表头的列名；列的先后可以变，不需要的列可以删去。",
    "红色表头的列必填。其余各列留空，表示不填；更新已有内容时，留空的单元格不改动原有内容。",
    "灰色的示例行不导入，可以删去，也可以留着。",
    "日期可写作 2026-03-01、2026年3月1日、2026.3.1、2026/3/1 或 20260301。",
    "电话、证号和代码请保持文本格式，否则表格会丢失末尾的数字。",
    "同一份文件导入两次，第二次不会改动任何内容；文件里没有写到的，不会被删除。",
    "上传后先检查，列出全部有问题的单元格；确认以前，不写入任何内容。",
)


def write_template(
    importer: Importer, columns: Sequence[Column], rows: Iterable[Mapping[str, str]] = ()
) -> bytes:
    """The workbook with the example row and ``rows``, each by the columns' keys."""
    book = Workbook(write_only=True)
    _write_main(book, importer, (SEQUENCE, *columns), rows)
    _write_notes(book, importer, columns)
    _write_options(book, columns)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _write_main(
    book: Workbook,
    importer: Importer,
    columns: Sequence[Column],
    rows: Iterable[Mapping[str, str]],
) -> None:
    sheet = book.create_sheet(importer.title)
    sheet.freeze_panes = "C2"
    for place, column in enumerate(columns, start=1):
        dimension = sheet.column_dimensions[get_column_letter(place)]
        dimension.width = column.width
        dimension.number_format = "@"
    sheet.row_dimensions[1].height = 30
    _offer(sheet, columns)
    head = [_cell(sheet, column.title) for column in columns]
    for cell, column in zip(head, columns, strict=True):
        cell.fill = _NEEDED if column.needed else _HEAD
        cell.font = Font(bold=True, color="FFFFFFFF")
        cell.alignment, cell.border = _WRAPPED, _BOX
    sheet.append(head)
    example = [_cell(sheet, column.example) for column in columns]
    for cell in example:
        cell.fill, cell.border = _EXAMPLE, _BOX
        cell.font = Font(italic=True, color="FF4D5B69")
    sheet.append(example)
    # a write-only sheet is done with a cell once its row is appended, so one for each column does
    body = [_cell(sheet, "") for _ in columns]
    for number, row in enumerate(rows, start=1):
        said = chain((str(number),), (row.get(column.key, "") for column in columns[1:]))
        sheet.append(
            [_say(cell, text) if text else None for cell, text in zip(body, said, strict=True)]
        )


def _offer(sheet: Any, columns: Sequence[Column]) -> None:
    """Drop-downs; a value that is not in the list is warned of and may stay."""
    listed = [column for column in columns if column.options]
    for number, column in enumerate(listed, start=1):
        letter = get_column_letter(number)
        rule = DataValidation(
            type="list",
            formula1=f"{OPTIONS}!${letter}$2:${letter}${len(column.options) + 1}",
            allow_blank=True,
            errorStyle="warning",
            errorTitle=column.title,
            error="不在可选内容之中，导入时会提示。",
        )
        place = get_column_letter(list(columns).index(column) + 1)
        rule.add(f"{place}2:{place}{_OFFERED_ROWS}")
        sheet.data_validations.append(rule)


def _write_notes(book: Workbook, importer: Importer, columns: Sequence[Column]) -> None:
    sheet = book.create_sheet(NOTES)
    for letter, width in (("A", 20), ("B", 8), ("C", 70), ("D", 26)):
        sheet.column_dimensions[letter].width = width
    title = _cell(sheet, f"{importer.title}导入模板填写说明")
    title.font = Font(bold=True, size=14)
    sheet.append([title])
    for number, said in enumerate((*_GENERAL, *importer.notes), start=1):
        sheet.append([_cell(sheet, f"{number}. {said}")])
    sheet.append([])
    head = [_cell(sheet, text) for text in ("列", "必填", "填写要求", "示例")]
    for cell in head:
        cell.font, cell.border = Font(bold=True), _BOX
    sheet.append(head)
    for column in columns:
        texts = (column.title, "是" if column.filled else "", _hint(column), column.example)
        cells = [_cell(sheet, text) for text in texts]
        for cell in cells:
            cell.alignment, cell.border = _WRAPPED, _BOX
        sheet.append(cells)


def _hint(column: Column) -> str:
    if column.options and len(column.options) <= 20:
        return f"{column.hint}可选：{'、'.join(column.options)}。"
    return column.hint


def _write_options(book: Workbook, columns: Sequence[Column]) -> None:
    listed = [column for column in columns if column.options]
    sheet = book.create_sheet(OPTIONS)
    sheet.sheet_state = "hidden"
    sheet.append([_cell(sheet, column.title) for column in listed])
    longest = max((len(column.options) for column in listed), default=0)
    for row in range(longest):
        sheet.append(
            [
                _cell(sheet, column.options[row]) if row < len(column.options) else None
                for column in listed
            ]
        )


def _cell(sheet: Any, text: str) -> Cell:
    cell: Cell = WriteOnlyCell(sheet)
    cell.number_format = "@"
    return _say(cell, text)


def _say(cell: Cell, text: str) -> Cell:
    cell.value = text
    cell.data_type = "s"
    return cell
