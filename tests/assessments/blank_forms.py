"""Blank forms as a city sends them, made by openpyxl for the tests."""

from __future__ import annotations

import io
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

TITLE = "一村（社区）一法律顾问工作情况统计表"
_THIN = Side(style="thin")
_LINED = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)


def blank_form(rows: Sequence[str], *, moved: bool = False, total: bool = True) -> bytes:
    """Rows by name, a head of two lines, a line of sums; ``moved`` puts a column before."""
    book = Workbook()
    sheet = book.active
    sheet.title = "统计表"
    shift = 1 if moved else 0
    _head(sheet, shift)
    for number, name in enumerate(rows):
        row = 5 + number
        sheet.cell(row, 1, number + 1)
        sheet.cell(row, 2 + shift, name)
        for column in range(1, 8 + shift):
            sheet.cell(row, column).border = _LINED
        sheet.cell(row, 7 + shift).number_format = "0.0%"
    last = 4 + len(rows)
    if total:
        sheet.cell(last + 1, 2 + shift, "合计")
        for column in range(3 + shift, 7 + shift):
            letter = sheet.cell(1, column).column_letter if column > 8 else "ABCDEFGHI"[column - 1]
            sheet.cell(last + 1, column, f"=SUM({letter}5:{letter}{last})").border = _LINED
    _look(sheet, last)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _head(sheet: Worksheet, shift: int) -> None:
    sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=7 + shift)
    sheet["A1"] = TITLE
    sheet["A1"].font = Font(name="方正小标宋简体", size=18, bold=True)
    sheet["A1"].alignment = Alignment(horizontal="center")
    sheet["A2"] = CellRichText("填报单位：", TextBlock(InlineFont(b=True), "（盖章）"))
    sheet.cell(2, 4, "月份：")
    sheet.merge_cells(start_row=3, end_row=4, start_column=2 + shift, end_column=2 + shift)
    sheet.cell(3, 1, "序号")
    if shift:
        sheet.cell(3, 2, "代码")
    sheet.cell(3, 2 + shift, "镇街")
    sheet.merge_cells(start_row=3, end_row=3, start_column=3 + shift, end_column=4 + shift)
    sheet.cell(3, 3 + shift, "法律咨询")
    sheet.cell(4, 3 + shift, "本月（件）")
    sheet.cell(4, 4 + shift, "本年累计\n（件）")
    sheet.cell(4, 5 + shift, "讲座（场）")
    sheet.cell(4, 6 + shift, "现场时长（小时）")
    sheet.cell(4, 7 + shift, "覆盖率")


def _look(sheet: Worksheet, last: int) -> None:
    sheet.column_dimensions["B"].width = 22.5
    sheet.row_dimensions[1].height = 36
    sheet.freeze_panes = "C5"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9
    sheet.print_area = f"A1:H{last + 1}"
    sheet.print_title_rows = "1:4"
    sheet.oddFooter.center.text = "第&P页 共&N页"
    sheet.page_margins.left = 0.35
    red = PatternFill("solid", bgColor="FFFFC7CE")
    rule = CellIsRule(operator="lessThan", formula=["1"], fill=red)
    sheet.conditional_formatting.add(f"C5:C{last}", rule)
    choice = DataValidation(type="list", formula1='"是,否"')
    choice.add("H5")
    sheet.add_data_validation(choice)
