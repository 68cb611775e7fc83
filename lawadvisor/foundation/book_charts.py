"""A section's charts as a workbook's own: drawn by the program that opens it, from its cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.chart.series_factory import SeriesFactory
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

from lawadvisor.foundation.charts import Chart, ChartKind
from lawadvisor.foundation.tables import Column, Section

_WIDTH, _HEIGHT = 24, 8  # centimetres
_ROWS = 17  # of the sheet's height that one chart covers


class Slot(Protocol):
    """A column of the sheet, as ``sheets`` has it."""

    @property
    def column(self) -> Column: ...
    @property
    def part(self) -> int | None: ...


def add_charts(
    sheet: Worksheet, section: Section, slots: Sequence[Slot], header: int, last: int
) -> int:
    """Below row ``last``; ``header`` is the row above the table's first. Returns the last row."""
    if not section.rows:
        return last
    end = header + len(section.rows)
    if section.charts:  # a picture is not cut in two by the end of a page
        sheet.row_breaks.append(Break(id=last))
    for chart in section.charts:
        drawn = BarChart() if chart.kind is ChartKind.BAR else LineChart()
        drawn.title, drawn.width, drawn.height = chart.title, _WIDTH, _HEIGHT
        # openpyxl hides both axes unless told otherwise
        drawn.x_axis.delete = drawn.y_axis.delete = False
        for key in chart.series:
            place = _place(slots, key, chart)
            values = Reference(sheet, min_col=place, min_row=header + 1, max_row=end)
            title = next(slot.column.title for slot in slots if slot.column.key == key)
            drawn.series.append(SeriesFactory(values, title=title))
        along = _place(slots, chart.label, chart)
        drawn.set_categories(Reference(sheet, min_col=along, min_row=header + 1, max_row=end))
        sheet.add_chart(drawn, f"A{last + 2}")
        last += _ROWS
    return last


def _place(slots: Sequence[Slot], key: str, chart: Chart) -> int:
    """The column's number in the sheet; of a pair's two, that of the part that is drawn."""
    return next(
        number
        for number, slot in enumerate(slots, start=1)
        if slot.column.key == key and slot.part in (None, chart.part)
    )
