"""The floors of the papers: WeasyPrint and openpyxl by themselves, as fast as they can be used.

Same words in the same cells, same fonts, same column widths, borders and page; no query, no
template, no check. What a floor prints is put together before it is timed.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, NamedStyle, Side
from openpyxl.utils import get_column_letter
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from lawadvisor.foundation import fonts
from lawadvisor.foundation.qr import as_svg
from lawadvisor.foundation.sheets import Slot, slots, widths
from lawadvisor.foundation.tables import Document, Section, Table, Value

_CSS = """
@page { size: A4 landscape; margin: 12mm 12mm 13mm;
  @bottom-center { content: counter(page) "/" counter(pages); font: 9pt paper-kai } }
html { font: 10pt/1.35 paper-body }
body { margin: 0 }
h1 { margin: 0 0 3mm; font: 20pt/1.2 paper-title; text-align: center }
p { margin: 0 0 1.5mm; font-size: 11pt }
table { width: 100%; table-layout: fixed; border-collapse: collapse; text-align: center;
  font-size: 9pt; line-height: 1.2; overflow-wrap: anywhere }
th, td { border: .5pt solid #000; padding: .6mm .4mm; vertical-align: middle }
thead { font: 8.5pt/1.2 paper-hei }
.chart { width: 100%; height: 66mm }
.qr { width: 19mm; height: 19mm }
"""


class Printer:
    """Font configuration and stylesheet, made once and used for every paper."""

    def __init__(self) -> None:
        folder = Path(settings.VAR_DIR) / "fonts"
        manifest = fonts.prepare(fonts.Places(folder, settings.FONTS_DIR), fetch=False)
        best = {cut.style: folder / cut.file for cut in reversed(manifest.cuts)}
        faces = "".join(
            f"@font-face {{ font-family: paper-{style}; src: url({file.resolve().as_uri()}) }}"
            for style, file in best.items()
        )
        self.font_config = FontConfiguration()
        self.css = CSS(string=faces + _CSS, font_config=self.font_config)

    def pdf(self, html: str) -> bytes:
        pdf: bytes = HTML(string=html).write_pdf(
            stylesheets=[self.css], font_config=self.font_config
        )
        return pdf


def plain_html(document: Document) -> str:
    """The paper's words: title, lines, tables, and what stands below them."""
    above = (f"{document.issuer} {document.period} {document.measure}", *document.lead)
    below = (*document.remarks, " ".join(document.signatures), document.foot, document.seal)
    return "".join(
        (
            f"<h1>{escape(document.title)}</h1>",
            *(f"<p>{escape(line)}</p>" for line in above if line),
            *(_html_table(table) for table in document.tables),
            *(f"<p>{escape(line)}</p>" for line in below if line),
            as_svg(document.check) if document.check else "",
        )
    )


def _html_table(table: Table) -> str:
    section = table.section
    shares = "".join(f'<col style="width:{share}%">' for share in section.shares)
    head = "".join(
        f"<th>{escape(column.title)}<br>{column.hint}</th>" for column in section.columns
    )
    rows = (*table.body, table.totals)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell.display)}</td>' for cell in row)}</tr>" for row in rows
    )
    grid = f"<table><colgroup>{shares}</colgroup><thead><tr>{head}</tr></thead>{body}</table>"
    return grid + "".join(table.pictures)


class Put(NamedTuple):
    """One cell of a plain sheet."""

    row: int
    column: int
    value: object
    style: str


@dataclass(frozen=True, slots=True)
class PlainSheet:
    """A sheet as openpyxl is told of it; ``merged`` are its title lines."""

    cells: tuple[Put, ...]
    widths: tuple[float, ...]
    merged: tuple[str, ...]


def plain_sheets(document: Document) -> list[PlainSheet]:
    return [_plain_sheet(document, section) for section in document.sections]


def _plain_sheet(document: Document, section: Section) -> PlainSheet:
    lines = [document.title, f"{document.issuer} {document.period}", "\n".join(document.lead)]
    top = len(lines) + 1
    foot = top + len(section.rows) + bool(section.totals) + 1
    below = [" ".join(document.signatures), f"{document.foot} {document.seal}"]
    titles = [
        *(Put(n, 1, line, "line") for n, line in enumerate(lines, start=1)),
        *(Put(n, 1, line, "line") for n, line in enumerate(below, start=foot)),
    ]
    columns = slots(section)
    last = get_column_letter(len(columns))
    return PlainSheet(
        cells=(
            *titles,
            *(Put(top, n, slot.title, "head") for n, slot in enumerate(columns, start=1)),
            *_row_cells(columns, section.rows, top + 1, ""),
            *_row_cells(columns, (section.totals,) if section.totals else (), foot - 1, " total"),
        ),
        widths=tuple(widths(section)),
        merged=tuple(f"A{put.row}:{last}{put.row}" for put in titles),
    )


def _row_cells(
    columns: tuple[Slot, ...], rows: tuple[tuple[Value, ...], ...], top: int, suffix: str
) -> Iterator[Put]:
    for number, row in enumerate(rows, start=top):
        for place, slot in enumerate(columns, start=1):
            value = slot.value(row[slot.place])
            yield Put(number, place, value, f"{slot.column.kind}{suffix}")


def workbook(sheets: list[PlainSheet]) -> bytes:
    """The sheets with openpyxl's own means, every cell in a named style."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for style in _styles(sorted({put.style for plain in sheets for put in plain.cells})):
        book.add_named_style(style)
    for number, plain in enumerate(sheets, start=1):
        sheet = book.create_sheet(f"{number}")
        for row, column, value, name in plain.cells:
            sheet.cell(row, column, value).style = name
        for place, width in enumerate(plain.widths, start=1):
            sheet.column_dimensions[get_column_letter(place)].width = width
        for merged in plain.merged:
            # merge_cells() would dress every covered cell
            sheet.merged_cells.add(merged)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _styles(names: list[str]) -> Iterator[NamedStyle]:
    """One for each kind of cell and for its totals, as a report has them."""
    line = Side(style="thin", color="000000")
    box = Border(left=line, right=line, top=line, bottom=line)
    centre = Alignment(horizontal="center", vertical="center", wrap_text=True)
    for name in names:
        font = Font(name="仿宋", size=10, bold=name.endswith("total"))
        border = None if name == "line" else box
        yield NamedStyle(name, font=font, alignment=centre, border=border)
