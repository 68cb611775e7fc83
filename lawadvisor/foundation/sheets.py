"""The one writer of workbooks: a ``tables.Document`` as XLSX, a sheet per section.

Totals are values, not formulas. A formula written here has no stored result:
phones, mail previews and every program that only reads (pandas, our own
importers) would show an empty total. The sums are made once in ``tables`` and
a test holds them equal to the columns; and a workbook without a single formula
lets a check refuse any ``<f>`` it meets.

A pair fills two columns, each a real number. Hours are numbers with a format
that shows what the PDF shows. A text is a text whatever it begins with. The same
document gives the same bytes: every date inside the file is the document's.

openpyxl makes the frame: looks, headings, widths, what stands around the table, how it
prints. The rows, of which there may be thousands, are written as XML into its sheet.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple, cast
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.packaging.core import DocumentProperties
from openpyxl.styles import Alignment, Border, Font, NamedStyle, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from lawadvisor.foundation import book_charts
from lawadvisor.foundation.tables import (
    Column,
    Document,
    Kind,
    Pair,
    Section,
    Value,
    hours,
)

# What a spreadsheet may take for the start of a formula, half and full width.
FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "−", "﹢", "﹣", "﹦", "﹫")

_SHEET_NAME_LIMIT = 31
_FORBIDDEN_IN_NAMES = re.compile(r"[\\/*?:\[\]]")
_HEADER_ROW = 4  # after the title, the issuer's line and the lead
_LEAST_WIDTH = {Kind.DATE: 11.5, Kind.SEQ: 4.5}
_LEAST_TABLE_WIDTH = 110.0  # narrower and the lines above the table would not fit
_BLANK_LINES = 4  # of the height of a row that is filled in by hand
_A4 = 9  # Excel's number for the paper
_MARGIN = 0.4  # inches
_EXCEL_DAY_ZERO = date(1899, 12, 30)  # right from March 1900 on; Excel has a leap day before

_TEXTS = {Kind.TEXT, Kind.BLANK}
_CENTRED = {Kind.SEQ, Kind.DATE, Kind.STATUS}
_FORMATS = {
    Kind.SEQ: "0",
    Kind.INT: "0",
    Kind.PAIR: "0",
    Kind.HOURS: "0.0#",
    Kind.DATE: "yyyy-mm-dd",
}


class Slot(NamedTuple):
    """One column of the sheet: a column of the table, or one half of a pair."""

    place: int
    column: Column
    part: int | None

    @property
    def title(self) -> str:
        own = self.column.title
        if self.part is not None:
            own = f"{own}\n{self.column.parts[self.part]}"
        return f"{self.column.group}·{own}" if self.column.group else own

    def value(self, value: Value) -> str | int | float | date | None:
        """What the cell holds; minutes become hours."""
        if isinstance(value, Pair):
            return value[self.part or 0]
        if self.column.kind is Kind.HOURS and isinstance(value, int):
            return value / 60
        return value

    def display(self, value: str | float | date | None) -> str:
        """What a person sees in a cell that was read back."""
        if self.column.kind is Kind.HOURS and isinstance(value, int | float):
            return hours(round(value * 60))
        if isinstance(value, date):
            return f"{value:%Y-%m-%d}"
        return "" if value is None else str(value)


def slots(section: Section) -> tuple[Slot, ...]:
    """The sheet's columns, left to right."""
    return tuple(
        Slot(place, column, part)
        for place, column in enumerate(section.columns)
        for part in ((0, 1) if column.kind is Kind.PAIR else (None,))
    )


def widths(section: Section) -> list[float]:
    """The widths of the slots in Excel's unit, about half a Chinese character."""
    plain = [
        max(
            _LEAST_WIDTH.get(slot.column.kind, 5.2),
            slot.column.width * (1.5 if slot.part is not None else 2.1),
        )
        for slot in slots(section)
    ]
    stretch = max(1.0, _LEAST_TABLE_WIDTH / sum(plain))
    return [round(width * stretch, 1) for width in plain]


def _lines(text: str, width: float) -> int:
    """How many lines a text takes: nobody fits the rows of a file that a program wrote."""
    room = max(2, int((width - 0.3) * 0.57))
    if len(text) <= room and "\n" not in text:
        return 1
    return sum(-(-_full_width(line) // room) or 1 for line in text.split("\n"))


def _full_width(text: str) -> int:
    """Its length in Chinese characters, rounded up."""
    return (sum(1 + (character > "\u2e7f") for character in text) + 1) // 2


def write(document: Document) -> bytes:
    """The workbook as bytes, the same for the same document."""
    book = Workbook()
    book.remove(book.worksheets[0])
    _name_styles(book, {column.kind for part in document.sections for column in part.columns})
    bodies: dict[str, _Body] = {}
    named = zip(sheet_names(document), document.sections, strict=True)
    for number, (sheet_name, section) in enumerate(named, start=1):
        page = _Page(book.create_sheet(sheet_name), document, section)
        bodies[f"xl/worksheets/sheet{number}.xml"] = page.fill()
    made = document.generated_at.replace(tzinfo=None, microsecond=0)
    book.properties = DocumentProperties(
        title=document.title, creator=document.issuer, created=made, modified=made
    )
    target = io.BytesIO()
    with _StillArchive(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.bodies = bodies
        ExcelWriter(book, archive).write_data()
    if bodies:  # openpyxl names its sheets otherwise than we think: never a table without rows
        raise ValueError(f"工作簿缺少 {'、'.join(bodies)}")
    return target.getvalue()


def sheet_names(document: Document) -> list[str]:
    """A name per section: report, period, unit; legal, short enough, no two alike."""
    stem = f"{document.key} {document.period} {document.unit}"
    names: list[str] = []
    for number, section in enumerate(document.sections, start=1):
        tail = f" {section.title or number}" if number > 1 else ""
        tail = tail if len(tail) <= _SHEET_NAME_LIMIT // 2 else f" {number}"
        name = _legal(stem, _SHEET_NAME_LIMIT - len(tail)) + _legal(tail, _SHEET_NAME_LIMIT)
        taken = {other.casefold() for other in names}
        names.append(name if name.casefold() not in taken else f"{name[:28]} {number}")
    return names


def _legal(name: str, limit: int) -> str:
    """Excel refuses seven signs anywhere and an apostrophe at the ends."""
    return _FORBIDDEN_IN_NAMES.sub("-", name.replace("\n", " "))[:limit].strip("'")


# --- one sheet -----------------------------------------------------------------------------


class _Body(NamedTuple):
    """The rows of a table as XML, to stand before the row of this number."""

    before: int
    xml: str

    def put_into(self, sheet: bytes) -> bytes:
        place = sheet.index(f'<row r="{self.before}"'.encode())
        return sheet[:place] + self.xml.encode() + sheet[place:]


@dataclass
class _Page:
    """The cursor of one sheet: title block, table, remarks, signatures, foot."""

    sheet: Worksheet
    document: Document
    section: Section

    def fill(self) -> _Body:
        """Everything but the rows of the table, which are returned."""
        self.slots, self.widths = slots(self.section), widths(self.section)
        self.letters = [get_column_letter(number + 1) for number in range(len(self.slots))]
        self.looks: dict[tuple[str, bool], int] = {}
        self._head()
        body = self._table()
        self._tail()
        self._set_up()
        return body

    def _head(self) -> None:
        document = self.document
        title = (
            f"{document.title}（{document.watermark}）" if document.watermark else document.title
        )
        self._line(1, f"{title}　{self.section.title}".strip("　"), "report title", 30)
        line = (f"填报单位：{document.issuer}", document.period, document.measure)
        self._line(2, "　　".join(filter(None, line)), "report line", 18)
        first = self.section is document.sections[0]
        self._line(3, "\n".join(document.lead) if first else "", "report lead")

    def _table(self) -> _Body:
        for number, slot in enumerate(self.slots, start=1):
            self._put(_HEADER_ROW, number, slot.title, "report header")
            letter = self.letters[number - 1]
            self.sheet.column_dimensions[letter].width = self.widths[number - 1]
        self.sheet.row_dimensions[_HEADER_ROW].height = 46
        styles = [_style_name(slot.column.kind) for slot in self.slots]
        rows = [
            self._row(_HEADER_ROW + offset, row, styles)
            for offset, row in enumerate(self.section.rows, start=1)
        ]
        if self.section.totals:
            summed = [f"{name} total" for name in styles]
            rows.append(self._row(_HEADER_ROW + len(rows) + 1, self.section.totals, summed))
        self.last_row = _HEADER_ROW + len(rows)
        return _Body(self.last_row + 1, "".join(rows))

    def _row(self, row: int, values: tuple[Value, ...], styles: list[str]) -> str:
        cells, lines = [], 1
        for slot, letter, width, style in zip(
            self.slots, self.letters, self.widths, styles, strict=True
        ):
            value = slot.value(values[slot.place])
            if isinstance(value, str):
                lines = max(lines, _lines(value, width))
            if slot.column.kind is Kind.BLANK:
                lines = max(lines, _BLANK_LINES)
            look = self._look(style, isinstance(value, str) and value.startswith(FORMULA_STARTS))
            cells.append(f'<c r="{letter}{row}" s="{look}"{_content(value)}')
        return f'<row r="{row}" ht="{5 + 13 * lines}" customHeight="1">{"".join(cells)}</row>'

    def _look(self, style: str, is_quoted: bool) -> int:
        """The number under which the file knows a look; a quoted one is for ``_put``'s texts."""
        number = self.looks.get((style, is_quoted))
        if number is None:
            cell = Cell(self.sheet, row=1, column=1)  # lent a look, belongs to no row
            cell.style, cell.quotePrefix = style, is_quoted
            number = self.looks[style, is_quoted] = cell.style_id
        return number

    def _tail(self) -> None:
        document, last = self.document, self.section is self.document.sections[-1]
        lines = [*self.section.notes, *(document.remarks if last else ())]
        row = self.last_row
        for line in filter(None, lines):
            row += 1
            self._line(row, line, "report lead")
        if last and document.signatures:
            row += 1
            self._line(
                row, "　　　　　　".join(f"{s}：" for s in document.signatures), "report lead", 36
            )
        check = f"　核对网址：{document.check}" if document.check else ""
        self._line(row + 1, f"{document.foot}　{document.seal}{check}", "report foot")
        self.end = book_charts.add_charts(
            self.sheet, self.section, self.slots, _HEADER_ROW, row + 1
        )

    def _line(self, row: int, text: str, style: str, height: float = 0) -> None:
        """A text across the whole table; ``height`` 0: as high as it needs."""
        height = height or 3 + 13 * _lines(text, sum(self.widths)) * bool(text)
        self._put(row, 1, text, style)
        # merge_cells() would dress every covered cell; these lines have no borders.
        self.sheet.merged_cells.add(f"A{row}:{self.letters[-1]}{row}")
        self.sheet.row_dimensions[row].height = height

    def _put(self, row: int, column: int, value: str | float | date | None, style: str) -> None:
        cell = self.sheet.cell(row, column)
        cell.style = style
        if value is not None:
            cell.value = value
        if isinstance(value, str):
            # openpyxl takes "=…" for a formula and "#N/A" for an error: say what it is.
            cell.data_type = "s"
            if value.startswith(FORMULA_STARTS):
                cell.quotePrefix = True  # stays a text when somebody edits the cell

    def _set_up(self) -> None:
        sheet = self.sheet
        kinds = [slot.column.kind for slot in self.slots]
        kept = kinds.index(Kind.TEXT) + 1 if Kind.TEXT in kinds else 0
        sheet.freeze_panes = f"{get_column_letter(kept + 1)}{_HEADER_ROW + 1}"
        sheet.print_title_rows = f"{_HEADER_ROW}:{_HEADER_ROW}"
        sheet.print_area = f"A1:{self.letters[-1]}{self.end}"
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.paperSize = _A4
        sheet.page_setup.fitToWidth = 1
        sheet.page_setup.fitToHeight = 0
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheet.print_options.horizontalCentered = True
        margins = sheet.page_margins
        margins.left = margins.right = margins.top = _MARGIN
        margins.bottom = 2 * _MARGIN
        footer = cast("HeaderFooterItem", sheet.oddFooter)
        footer.center.text = "第 &P 页 共 &N 页"


def _content(value: str | float | date | None) -> str:
    """The rest of a cell's element: its kind and what it holds."""
    if value is None or value == "":
        return "/>"
    if isinstance(value, str):
        return f' t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    number = (value - _EXCEL_DAY_ZERO).days if isinstance(value, date) else value
    return f"><v>{number}</v></c>"


# --- styles and the archive ------------------------------------------------------------------


def _style_name(kind: Kind) -> str:
    return f"report {kind.value}"


# What looks are made of, once per process: making them costs as much as a page of cells.
_LINE = Side(style="thin", color="000000")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_ALIGNED = {
    side: Alignment(horizontal=side, vertical="center", wrap_text=True)
    for side in ("left", "center", "right")
}
_CELL_FONTS = (("", Font(name="仿宋", size=10)), (" total", Font(name="仿宋", size=10, bold=True)))
_FRAME = (
    ("title", Font(name="宋体", size=18, bold=True), "center", None),
    ("line", Font(name="仿宋", size=11), "center", None),
    ("lead", Font(name="仿宋", size=11), "left", None),
    ("foot", Font(name="仿宋", size=9, color="595959"), "left", None),
    ("header", Font(name="黑体", size=10), "center", _BOX),
)


def _name_styles(book: Workbook, kinds: set[Kind]) -> None:
    """Each look once in the file; cells only point at it."""
    for name, font, side, border in _FRAME:
        book.add_named_style(
            NamedStyle(f"report {name}", font=font, alignment=_ALIGNED[side], border=border)
        )
    for kind in sorted(kinds):
        side = "center" if kind in _CENTRED else "left" if kind in _TEXTS else "right"
        for suffix, font in _CELL_FONTS:
            book.add_named_style(
                NamedStyle(
                    _style_name(kind) + suffix,
                    font=font,
                    alignment=_ALIGNED[side],
                    border=_BOX,
                    number_format=_FORMATS.get(kind, "@"),
                )
            )


class _StillArchive(zipfile.ZipFile):
    """A zip whose entries carry no time of their own, and whose sheets are given their rows."""

    bodies: dict[str, _Body]

    def writestr(
        self, zinfo_or_arcname: str | zipfile.ZipInfo, data: Any, *_: Any, **__: Any
    ) -> None:
        entry = zipfile.ZipInfo(str(zinfo_or_arcname), (1980, 1, 1, 0, 0, 0))
        super().writestr(entry, data, zipfile.ZIP_DEFLATED)

    def write(self, filename: Any, arcname: Any = None, *_: Any, **__: Any) -> None:
        content = Path(filename).read_bytes()
        if arcname in self.bodies:
            content = self.bodies.pop(arcname).put_into(content)
        self.writestr(arcname or filename, content)
