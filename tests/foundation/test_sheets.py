"""The workbook: what a reader finds in it, and what it must never find."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import datetime

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from lawadvisor.foundation import sheets
from lawadvisor.foundation.tables import Column, Document, Kind, Pair, Section, cells
from tests.foundation.sample_report import report

HEADER = 4
HOSTILE = [
    "=1+1", "@SUM(A1:A9)", "+cmd|' /C calc'!A0", "-2+3", "－1", "＝1+1", "＋1", "＠SUM(1)",
    "\t=1+1", "\r=1+1", " =1+1", "\n=1", "=HYPERLINK(\"http://x\")", "#N/A", "#REF!", "TRUE",
    "1e5", "00123", "2026-10-01", "430408199001011234", "{=1}", "'=1", "\x00=1", "\ufeff=1",
    "a<b>&\"c'", "a\ufffeb\uffffc", "]]>", "甲\n乙",
]  # fmt: skip


def opened(document: Document) -> Worksheet:
    return openpyxl.load_workbook(io.BytesIO(sheets.write(document))).worksheets[0]


def test_every_cell_reads_back_as_it_is_shown() -> None:
    document = report(9)
    sheet, part = opened(document), document.sections[0]
    columns = sheets.slots(part)
    shown = []
    for row in range(HEADER + 1, HEADER + 1 + len(part.rows) + 1):
        texts: dict[int, list[str]] = {}
        for number, slot in enumerate(columns, start=1):
            text = slot.display(sheet.cell(row, number).value)
            texts.setdefault(slot.place, []).append(text)
        shown += ["/".join(filter(None, pieces)) for pieces in texts.values()]
    assert shown == [cell.display for cell in cells(document)]


def test_numbers_and_dates_are_real() -> None:
    sheet = opened(report(2))
    values = [cell.value for cell in sheet[HEADER + 2]]
    assert values == [2, "堃瑢村", 1, 2, 4.0, 1, datetime(2026, 10, 2), "未达标", "说明1"]  # noqa: DTZ001
    formats = [cell.number_format for cell in sheet[HEADER + 2]]
    assert formats == ["0", "@", "0", "0", "0.0#", "0", "yyyy-mm-dd", "@", "@"]


def test_totals_equal_the_column_sums() -> None:
    sheet, last = opened(report(9)), HEADER + 10
    assert sheet.cell(last, 2).value == "合计"
    for column in (3, 4, 5, 6):
        above = [sheet.cell(row, column).value for row in range(HEADER + 1, last)]
        assert sheet.cell(last, column).value == pytest.approx(sum(above), abs=1e-9)


def test_hostile_texts_open_as_texts() -> None:
    part = Section((Column("a", "内容", width=20),), tuple((text,) for text in HOSTILE))
    data = sheets.write(report(sections=(part,), remarks=("=1",), lead=("@x",), title="=2"))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet_xml = archive.read("xl/worksheets/sheet1.xml").decode()
    assert not re.search(r"<f[\s/>]", sheet_xml)
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    column = [sheet.cell(HEADER + 1 + n, 1) for n in range(len(HOSTILE))]
    assert {cell.data_type for cell in column} == {"s"}
    assert [cell.value for cell in column] == [row[0] for row in part.rows]
    marked = [cell.value for cell in column if cell.quotePrefix]
    assert marked == [c.value for c in column if str(c.value).startswith(sheets.FORMULA_STARTS)]
    assert len(marked) == 15


def test_rows_stand_between_the_heading_and_what_follows() -> None:
    data = sheets.write(report(3))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet_xml = archive.read("xl/worksheets/sheet1.xml").decode()
    numbers = [int(number) for number in re.findall(r'<row r="(\d+)"', sheet_xml)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(re.findall(r"<sheetData>", sheet_xml)) == 1


def test_print_set_up() -> None:
    sheet = opened(report())
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.page_setup.paperSize == sheets._A4
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == f"${HEADER}:${HEADER}"
    assert sheet.freeze_panes == "C5"
    assert sheet.oddFooter.center.text == "第 &P 页 共 &N 页"
    assert [cell.value for cell in sheet[HEADER]][:4] == [
        "序号", "村名", "现场次数\n计入", "现场次数\n全部",
    ]  # fmt: skip


def test_head_and_foot_say_whose_and_when() -> None:
    document = report(1, watermark="未关账")
    sheet = opened(document)
    column = [sheet.cell(row, 1).value for row in range(1, sheet.max_row + 1)]
    assert column[:3] == [
        "月度工作汇总表（未关账）",
        "填报单位：呆鹰岭镇司法所　　2026年10月　　单位：次、小时",
        "应配备17村，已配备17村。",
    ]
    assert column[-3] == "已逐村核查。"
    assert column[-1] == f"{document.foot}　{document.seal}"


@pytest.mark.parametrize(
    ("unit", "period", "name"),
    [
        ("呆鹰岭镇", "2026年10月", "R1 2026年10月 呆鹰岭镇"),
        ("a/b:[c]*?\\", "2026年", "R1 2026年 a-b--c----"),
        ("镇" * 40, "2026年10月", "R1 2026年10月 " + "镇" * 19),
        ("'镇'", "2026年", "R1 2026年 '镇"),
    ],
)
def test_sheet_names_are_legal(unit: str, period: str, name: str) -> None:
    assert sheets.sheet_names(report(unit=unit, period=period)) == [name]


def test_sections_get_names_that_differ() -> None:
    part = Section((Column("a", "甲"),), (("x",),))
    document = report(sections=(part, replace(part, title="上限清单"), part), unit="镇" * 40)
    names = sheets.sheet_names(document)
    assert len(set(names)) == 3
    assert all(len(name) <= 31 for name in names)
    assert openpyxl.load_workbook(io.BytesIO(sheets.write(document))).sheetnames == names


def test_an_empty_section_still_makes_a_sheet() -> None:
    sheet = opened(report(0))
    assert sheet.cell(HEADER, 1).value == "序号"


def test_wide_texts_get_higher_rows() -> None:
    part = Section((Column("a", "甲", width=4), Column("b", "乙", width=60)),
                   (("短", ""), ("很长很长很长很长很长很长很长", "")))  # fmt: skip
    sheet = opened(report(sections=(part,)))
    low, high = (sheet.row_dimensions[HEADER + n].height for n in (1, 2))
    assert low < high


def test_the_same_document_gives_the_same_bytes_in_another_process() -> None:
    script = (
        "import sys; from tests.foundation.sample_report import report;"
        "from lawadvisor.foundation import sheets; sys.stdout.buffer.write(sheets.write(report()))"
    )
    env = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "America/St_Johns"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=env, capture_output=True, check=True, timeout=60
    )
    assert done.stdout == sheets.write(report())


def test_a_pair_keeps_both_counts() -> None:
    part = Section(
        (Column("p", "讲座", Kind.PAIR, parts=("场", "人次")),), ((Pair(1, 38),), (None,))
    )
    sheet = opened(report(sections=(part,)))
    rows = [[sheet.cell(HEADER + n, c).value for c in (1, 2)] for n in (1, 2)]
    assert rows == [[1, 38], [None, None]]
