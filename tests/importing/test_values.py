"""What cells mean: golden values, and properties over all of them. Nothing changes in silence."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904, to_excel

from lawadvisor.foundation.importing import values
from lawadvisor.foundation.importing.cells import Broken, Cell, Number
from lawadvisor.foundation.importing.reader import read_workbook
from tests.importing.books import at, book_of, with_shared_strings

FIRST, LAST = date(2010, 1, 1), date(2099, 12, 31)
MARCH = date(2026, 3, 1)
day = values.day("日期", FIRST, LAST)
clock = values.clock("时间")
phone = values.number_text("电话", r"[0-9+\-]{7,20}", "电话号码")
code = values.code("区划代码", 12)


def number(value: float, *, dated: bool = False) -> Number:
    return Number(repr(float(value)), dated)


GOLDEN: list[tuple[Callable[[Cell], object], Cell, object]] = [
    *(
        (day, said, MARCH)
        for said in (
            *("2026-03-01", "2026-3-1", "2026年3月1日", "2026年03月01日", "2026.3.1", "2026/3/1"),
            *(
                "20260301",
                " 2026-03-01 ",
                "２０２６年３月１日",
                "２０２６－３－１",
                "2026 年 3 月 1 日",
            ),
            *("2026-03-01 00:00:00", "2026-03-01T00:00:00", "２０２６－３－１", "2026年3月1"),
        )
    ),
    (day, number(46082, dated=True), MARCH),
    (day, number(46082), MARCH),
    (day, number(20260301), MARCH),
    *((clock, said, 570) for said in ("9:30", "09:30", "０９：３０", "9时30分", "9点30", "0930")),
    *((clock, said, 570) for said in ("上午9:30", "09:30:00", "9.30", " 9 : 30 ")),
    (clock, number(930), 570),
    (clock, "下午2:30", 870),
    (clock, "24:00", 1440),
    (clock, "9时", 540),
    (clock, number(0.375, dated=True), 540),
    (clock, number(0.375), 540),
    (clock, number(0.39583333333333331, dated=True), 570),
    (phone, number(13800138000.0), "13800138000"),
    (phone, "１３８００１３８０００", "13800138000"),
    (phone, "138 0013 8000", "13800138000"),
    (phone, "0734-8223344", "0734-8223344"),
    (code, number(430408001001.0), "430408001001"),
    (code, " 430408001001\u3000", "430408001001"),
    (values.name("姓名", 50), "张　三", "张三"),
    (values.text("内容", 50), "A=１+1", "A=1+1"),
    (values.whole("人数", 0, 9999), "35人", 35),
    (values.whole("人数", 0, 9999), number(35.0), 35),
    (values.yes_no("在册"), "是", True),
    (values.yes_no("在册"), number(0), False),
    (values.choice("村居", {"村": "v", "社区": "c"}), " 社区 ", "c"),
]


@pytest.mark.parametrize(("parse", "cell", "meant"), GOLDEN)
def test_golden_values(parse: Callable[[Cell], object], cell: Cell, meant: object):
    assert parse(cell) == meant


FLAGGED: list[tuple[Callable[[Cell], object], Cell, str]] = [
    (day, "2026-02-30", "应为日期"),
    (day, "3月1日", "应为日期"),
    (day, "2026年3月", "应为日期"),
    (day, "260301", "应为日期"),
    (day, "2026-03-01 14:30", "应为日期"),
    (day, "长期", "应为日期"),
    (day, number(46082.5, dated=True), "应为日期"),
    (day, number(2026), "应在2010-01-01至2099-12-31之间"),
    (day, number(0.5, dated=True), "应为日期"),
    (day, "1999-01-01", "读到的是1999-01-01"),
    (clock, "25:00", "应为时刻"),
    (clock, "9:75", "应为时刻"),
    (clock, "上午13:00", "应为时刻"),
    (clock, "早上", "应为时刻"),
    (clock, number(9.5), "应为时刻"),
    (clock, number(9.3), "应为时刻"),
    (clock, "9:5", "应为时刻"),
    (clock, number(46082.375, dated=True), "精确到分钟"),
    (clock, number(0.3751, dated=True), "精确到分钟"),
    (phone, number(430408199001011234), "超过15位，表格已丢失末尾"),
    (phone, number(1.2345678901234567), "超过15位"),
    (phone, "12345", "应为电话号码"),
    (code, number(4.3e20), "超过15位"),
    (code, "43040800100", "现有11位"),
    (code, "４３０４０８００１００X", "应为12位数字"),
    (code, number(46082, dated=True), "存成了日期"),
    (code, Broken("公式", "公式没有保存结果"), "公式没有保存结果"),
    (values.whole("人数", 0, 9999), "三十人", "整数"),
    (values.whole("人数", 0, 9999), number(3.5), "整数"),
    (values.whole("人数", 0, 9999), "-3", "整数"),
    (values.name("姓名", 4), "欧阳修和苏轼", "最多4个字，现有6个"),
    (values.name("姓名", 4), "——", "应填写姓名"),
    (values.yes_no("在册"), "可能", "“是”或“否”"),
    (values.choice("村居", {"村": "v", "社区": "c"}), "小区", "村、社区"),
]


@pytest.mark.parametrize(("parse", "cell", "sentence"), FLAGGED)
def test_flagged_values(parse: Callable[[Cell], object], cell: Cell, sentence: str):
    with pytest.raises(values.Misread, match=sentence):
        parse(cell)


DAYS = st.dates(FIRST, LAST)
SPELLINGS = (
    "{0:%Y-%m-%d}",
    "{0.year}年{0.month}月{0.day}日",
    "{0.year}.{0.month}.{0.day}",
    "{0.year}/{0.month}/{0.day}",
    "{0:%Y%m%d}",
)


@given(DAYS, st.sampled_from(SPELLINGS), st.sampled_from(["", " ", "\u3000", "\u200b"]))
def test_every_day_is_read_from_every_spelling(meant: date, spelling: str, around: str):
    assert day(f"{around}{spelling.format(meant)}{around}") == meant


@given(DAYS)
def test_every_day_is_read_from_its_serial_number(meant: date):
    assert day(number(to_excel(meant), dated=True)) == meant


@given(st.integers(0, 1440))
def test_every_minute_is_read_from_text_and_from_a_fraction(minute: int):
    assert clock(f"{minute // 60}:{minute % 60:02d}") == minute
    assert clock(number(minute / 1440, dated=True)) == minute


@given(st.integers(0, 10**15 - 1))
def test_a_number_keeps_its_digits(digits: int):
    assert values.text_of(number(digits)) == str(digits)


@given(st.integers(10**15, 10**30))
def test_a_number_that_lost_digits_is_refused(digits: int):
    with pytest.raises(values.Misread, match="超过15位"):
        values.text_of(number(digits))


@given(st.floats(allow_nan=False, allow_infinity=False) | st.text(), st.booleans())
def test_a_parser_answers_or_says_no(said: float | str, dated: bool):
    cell = Number(repr(said), dated) if isinstance(said, float) else said
    for parse in (day, clock, phone, code, values.whole("人数", 0, 9), values.yes_no("在册")):
        with suppress(values.Misread):
            parse(cell)
    assert isinstance(values.shown(cell), str)


def test_cells_are_read_as_the_workbook_shows_them(tmp_path: Path):
    def more(book: Workbook) -> None:
        sheet = book.active
        sheet["A3"] = "=1+1"
        sheet["B3"] = "#N/A"
        sheet["B3"].data_type = "e"
        sheet.merge_cells("A4:A5")
        sheet["A4"] = "河口镇"
        sheet["B4"], sheet["B5"] = "甲村", "乙村"
        sheet.merge_cells("A6:C6")
        sheet["A6"] = "合计"
        sheet.row_dimensions[5].hidden = True

    content = book_of(
        ("日期", "时间", "在册", "电话"), (MARCH, time(9, 30), True, 13800138000.0), more=more
    )
    sheet = read_workbook(at(tmp_path, content)).sheets[0]

    assert day(sheet.rows[2][1]) == MARCH
    assert clock(sheet.rows[2][2]) == 570
    assert sheet.rows[2][3] == "是"
    assert phone(sheet.rows[2][4]) == "13800138000"
    assert [sheet.rows[3][place].found for place in (1, 2)] == ["公式", "#N/A"]
    assert sheet.rows[5] == {1: "河口镇", 2: "乙村"}
    assert sheet.rows[6] == {1: "合计"}
    assert sheet.hidden_rows == {5}


def test_shared_strings_are_read_as_excel_writes_them(tmp_path: Path):
    """Rich text in runs, phonetic readings left out, blanks kept where the cell keeps them."""
    shared = (
        "<si><t>村名</t></si>"
        "<si><r><t>红湖</t></r><r><rPr><b/></rPr><t>社区</t></r>"
        '<rPh sb="0" eb="2"><t>honghu</t></rPh><phoneticPr fontId="1"/></si>'
        '<si><t xml:space="preserve"> 新桥村 </t></si>'
    )
    content = with_shared_strings(book_of(("a",), ("b",), ("c",)), shared)
    (sheet,) = read_workbook(at(tmp_path, content)).sheets
    assert [cells[1] for _, cells in sorted(sheet.rows.items())] == [
        *("村名", "红湖社区", " 新桥村 "),
    ]


def test_a_workbook_that_counts_from_1904_has_the_same_days(tmp_path: Path):
    def more(book: Workbook) -> None:
        book.epoch = CALENDAR_MAC_1904

    days = [MARCH + timedelta(days=n) for n in (0, 400)]
    content = book_of(days, more=more)
    assert [day(c) for c in read_workbook(at(tmp_path, content)).sheets[0].rows[1].values()] == days


def test_a_control_character_in_a_text_is_no_part_of_its_value(tmp_path: Path):
    path = at(tmp_path, book_of(("新桥_x000D_村\u200b",)))
    cell = read_workbook(path).sheets[0].rows[1][1]
    assert values.name("名称", 50)(cell) == "新桥村"


NAMES = tuple(f"{a}{b}{kind}" for a in "红白青" for b in "湖山河桥" for kind in ("村委会", "社区"))


@pytest.mark.parametrize(
    ("said", "near"),
    [
        ("红胡社区", "红湖社区"),
        ("青河村", "青河村委会"),
        ("白 桥村委会", "白桥村委会"),
        ("合计", ""),
    ],
)
def test_the_nearest_of_many(said: str, near: str):
    assert values.nearest(said, NAMES) == near


@given(st.text(alphabet="红白青湖山河桥村委会社区", max_size=8))
def test_what_is_offered_is_valid_or_nothing(said: str):
    assert values.nearest(said, NAMES) in {*NAMES, ""}
    assert all(values.nearest(name, NAMES) == name for name in NAMES[:3])
