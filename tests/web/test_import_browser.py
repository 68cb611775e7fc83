"""A clerk moves in: a workbook with twenty kinds of bad cell, repaired, and a roster of 500."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from lawadvisor.foundation.importing.marking import ERRORS
from tests.conftest import County, _make_county
from tests.importing.books import book_of
from tests.web.browsing import DESK, PASSWORD, PHONE, Visit, flaws
from villages.models import Village

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HEAD = ("镇街", "村名", "区划代码", "村居类型", "地形", "类别", "在册")
#: Counts what a hand does; survives from page to page.
COUNT_CLICKS = """document.addEventListener('click', () =>
    sessionStorage.setItem('clicks', 1 + Number(sessionStorage.getItem('clicks'))), true)"""


@pytest.fixture
def county(transactional_db: None) -> County:
    county = _make_county()
    county.township.name, county.village.name = "河口镇", "红湖社区居委会"
    county.township.save()
    county.village.save()
    county.bureau_user.set_password(PASSWORD)
    county.bureau_user.save()
    return county


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def visit(
    request: pytest.FixtureRequest, live_server: LiveServer, county: County
) -> Iterator[Visit]:
    opened: Browser = request.getfixturevalue("browser")
    context = opened.new_context(viewport=request.param, locale="zh-CN")
    context.set_default_timeout(20_000)
    context.add_init_script(COUNT_CLICKS)
    visit = Visit(context.new_page(), live_server.url).watch()
    visit.sign_in(county.bureau_user)
    visit.page.goto(f"{visit.base}/imports/")
    visit.page.evaluate("sessionStorage.setItem('clicks', 0)")
    yield visit
    context.close()


def clicks(page: Page) -> int:
    return page.evaluate("Number(sessionStorage.getItem('clicks'))")


def upload(page: Page, path: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_label("村（社区）文件").click()
    chooser.value.set_files(path)
    page.locator("li", has_text="村（社区）文件").get_by_role("button", name="上传并检查").click()


def bad_rows(county: County) -> list[tuple[Sequence[object], int]]:
    """Rows with, each, the place of one bad cell; every row another kind."""
    code = county.township.code

    def row(place: int, value: object, number: int) -> tuple[Sequence[object], int]:
        cells = ["河口镇", f"新{number}村", f"{code}{600 + number}", "村", "平川", None, "是"]
        cells[place] = value
        return cells, place

    kinds: list[tuple[int, object]] = [
        *((0, "河囗镇"), (0, "2026-03-01"), (1, None), (1, "村" * 51), (1, "……")),
        *((2, "1234"), (2, "43040800100X"), (2, 4304080010011234.0), (2, "110101001001")),
        *((2, f"{county.bureau.code}999001"), (3, "小区"), (3, "村村"), (4, "丘陵")),
        *((4, "海"), (5, "类" * 21), (6, "也许"), (6, "=A1"), (2, "４３０４"), (6, "10")),
        (1, "\u200b"),
    ]
    rows = [row(place, value, number) for number, (place, value) in enumerate(kinds)]
    return [*rows, (("河口镇", "红湖社区", None, None, None, None, None), 1)]


def addresses(sheet: Worksheet) -> set[str]:
    return {c.coordinate for cells in sheet.iter_rows() for c in cells if c.comment}


def repair(sheet: Worksheet, county: County) -> None:
    for number, (_, place) in enumerate(bad_rows(county)):
        good = ["河口镇", f"新{number}村", f"{county.township.code}{600 + number}", "村", "平川"]
        cell = sheet.cell(number + 2, place + 1)
        cell.value = [*good, None, "是"][place]
    sheet.cell(len(bad_rows(county)) + 1, 2).value = county.village.name


def test_twenty_kinds_of_bad_cell_and_the_repaired_second_try(
    county: County, visit: Visit, tmp_path: Path
) -> None:
    page, rows = visit.page, bad_rows(county)
    path = tmp_path / "名册.xlsx"
    path.write_bytes(book_of(HEAD, *(cells for cells, _ in rows)))
    wanted = {f"{'ABCDEFG'[place]}{n}" for n, (_, place) in enumerate(rows, start=2)}

    upload(page, path)
    table = page.get_by_role("region", name="有问题的单元格")
    assert set(table.locator("tbody th").all_inner_texts()) == wanted
    assert len(wanted) == len(rows) == 21
    assert f"{len(rows)}个单元格有问题" in page.inner_text("main")
    assert flaws(page) == (0, [], [])
    assert Village.objects.count() == 2

    with page.expect_download() as download:
        page.get_by_role("link", name="下载标注件").click()
    marked = tmp_path / download.value.suggested_filename
    download.value.save_as(marked)
    book: Workbook = load_workbook(marked)
    sheet = book.active
    assert addresses(sheet) == wanted
    assert sheet.cell(1, len(HEAD) + 1).value == ERRORS
    assert all(sheet.cell(n, len(HEAD) + 1).value for n in range(2, len(rows) + 2))

    repair(sheet, county)
    book.save(marked)
    page.get_by_role("link", name="Excel 导入导出").click()
    upload(page, marked)
    assert "没有发现问题" in page.inner_text("main")
    page.get_by_role("button", name="确认导入20行").click()
    assert "新增20行" in page.inner_text("main")
    assert Village.objects.count() == 22
    # choose, check, download, back, choose, check, confirm
    assert clicks(page) == 7
    assert visit.complaints == []


def test_a_roster_of_five_hundred_villages_takes_three_clicks(
    county: County, visit: Visit, tmp_path: Path
) -> None:
    page = visit.page
    assert flaws(page) == (0, [], [])
    codes = (f"{county.township.code}{n:03d}" for n in range(1000))
    free = [code for code in codes if not Village.objects.filter(code=code).exists()][:500]
    rows = [("河口镇", f"新{n}村", code) for n, code in enumerate(free)]
    path = tmp_path / "五百村.xlsx"
    path.write_bytes(book_of(("2026年名册",), HEAD[:3], *rows))

    upload(page, path)
    page.get_by_role("button", name="确认导入500行").click()
    page.get_by_text("新增500行").first.wait_for()
    assert Village.objects.count() == 502
    assert clicks(page) == 3
    page.get_by_text("撤销这次导入").click()
    assert flaws(page) == (0, [], [])
    assert visit.complaints == []
