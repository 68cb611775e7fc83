"""A superior's form on the bureau's desk: a blank as a city sends it, with its figures set."""

from __future__ import annotations

import io

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter

from assessments.filling.indicators import Span
from assessments.filling.services import Wish, map_cell, map_rows, open_form
from lawadvisor.demo.spec import CountySpec
from lawadvisor.foundation.viewer import SYSTEM
from villages.models import Bureau

NAME = "市局工作月报"
_SHEET = "月报"
#: From column C on: what the city asks, and of it which figure over which months.
COLUMNS = (
    ("法律咨询\n本月（件）", "consultations", Span.MONTH),
    ("法律咨询\n本年累计（件）", "consultations", Span.YEAR),
    ("法治讲座\n本月（场）", "lectures", Span.MONTH),
    ("参与调解\n本月（件）", "mediations", Span.MONTH),
    ("现场服务\n本月（次）", "onsite", Span.MONTH),
    ("现场服务\n本月（小时）", "onsite_minutes", Span.MONTH),
    ("已配备\n法律顾问的村", "attended", Span.MONTH),
)
_FIRST_ROW = 4
_LINE = Side(style="thin")
_FRAME = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_CENTRED = Alignment(horizontal="center", vertical="center", wrap_text=True)


def hand_out_form(spec: CountySpec) -> None:
    """Once, before the last month is closed: the close then fills it by itself."""
    bureau = Bureau.objects.get(code=spec.code)
    version = open_form(
        by=SYSTEM,
        bureau=bureau,
        name=NAME,
        file_name=f"{NAME}（空表）.xlsx",
        chunks=[_blank(bureau)],
    )
    form, own = version.form, ("bureau", bureau.code)
    for number, (_, indicator, span) in enumerate(COLUMNS):
        version, _ = map_rows(
            by=SYSTEM,
            form=form,
            based_on=version.number,
            sheet=_SHEET,
            cell=f"{get_column_letter(3 + number)}{_FIRST_ROW}",
            key_column="B",
            wish=Wish(indicator, span, *own),
        )
    for cell, indicator in (("C2", "place"), ("G2", "month")):
        version = map_cell(
            by=SYSTEM,
            form=form,
            based_on=version.number,
            sheet=_SHEET,
            cell=cell,
            wish=Wish(indicator, Span.MONTH, *own),
        )


def _blank(bureau: Bureau) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    sheet = book.create_sheet(_SHEET)
    last_column = 2 + len(COLUMNS)
    sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=last_column)
    sheet["A1"] = "一村（社区）一法律顾问工作月报表"
    sheet["A1"].font, sheet["A1"].alignment = Font(size=18, bold=True), _CENTRED
    sheet.row_dimensions[1].height = 34
    sheet["B2"], sheet["F2"] = "填报单位：", "月份："
    heads = ("序号", "镇街", *(title for title, _, _ in COLUMNS))
    names = [town.name for town in bureau.townships.order_by("code")]
    rows = [heads, *((number, name) for number, name in enumerate(names, 1)), ("", "合计")]
    for row, values in enumerate(rows, _FIRST_ROW - 1):
        for column in range(1, last_column + 1):
            cell = sheet.cell(row, column, values[column - 1] if column <= len(values) else None)
            cell.border, cell.alignment = _FRAME, _CENTRED
    last = _FIRST_ROW + len(names) - 1
    for column in range(3, last_column + 1):
        letter = get_column_letter(column)
        sheet.cell(last + 1, column, f"=SUM({letter}{_FIRST_ROW}:{letter}{last})")
        sheet.column_dimensions[letter].width = 13
    sheet.column_dimensions["B"].width = 16
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()
