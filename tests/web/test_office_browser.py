"""The back office in a real browser: many rows at once, a workbook taken away, no barrier."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect
from pytest_django.fixtures import Settings

from advisors.enums import AppointmentStatus
from advisors.models import Appointment
from tests import factories
from tests.conftest import County, _make_county
from tests.web.browsing import PASSWORD, Visit, barriers, overflow
from tests.web.conftest import Closed, close_october

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def clerk(november: None, transactional_db: None, settings: Settings) -> Closed:
    settings.DEMO = True
    county = _make_county()
    county.bureau_user.set_password(PASSWORD)
    county.bureau_user.save()
    closed = close_october(county)
    for _ in range(3):
        village = factories.make_village(township=county.township)
        factories.make_appointment(village=village)
    return closed


def test_a_barrier_is_found(visit: Visit) -> None:
    visit.page.set_content("<html lang=zh><title>x</title><main><select></select></main>")
    assert [found.partition(":")[0] for found in barriers(visit.page)] == ["select-name"]


def _pages(closed: Closed) -> list[str]:
    county = closed.county
    appointment = f"/admin/advisors/appointment/{county.appointment.pk}"
    return [
        "/admin/",
        "/admin/advisors/appointment/",
        "/admin/foundation/auditentry/",
        f"{appointment}/change/",
        f"{appointment}/do/absence/",
        "/admin/accounts/user/do/new/",
        f"/bureau/{county.bureau.code}/matrix/",
        f"/bureau/{county.bureau.code}/2026-10/",
    ]


def test_no_page_is_closed_to_anybody_and_none_overflows(clerk: Closed, visit: Visit) -> None:
    visit.sign_in(clerk.county.bureau_user)
    found = {}
    for address in _pages(clerk):
        visit.page.goto(visit.base + address)
        found[address] = (overflow(visit.page), barriers(visit.page))
    assert found == dict.fromkeys(found, (0, []))
    assert visit.complaints == []


def test_several_appointments_are_ended_from_a_filtered_list(
    clerk: Closed,
    visit: Visit,
) -> None:
    county: County = clerk.county
    page = visit.page
    visit.sign_in(county.bureau_user)
    page.goto(f"{visit.base}/admin/advisors/appointment/")
    page.get_by_label("镇街").select_option(label=county.township.name)
    page.get_by_role("button", name="查询").click()
    rows = page.locator("#result_list tbody tr")
    expect(rows).to_have_count(4)
    assert county.sibling_village.name not in page.inner_text("#result_list")
    page.get_by_label("选择本页全部").check()
    page.locator("select[name=action]").select_option(label="结束所选聘任")
    page.get_by_role("button", name="执行").click()
    page.get_by_label("结束日期").fill("2026-11-20")
    page.get_by_label("结束事由").fill("统一换届")
    page.get_by_role("button", name="下一步").click()
    assert "结束后不能撤回" in page.inner_text("main")
    page.get_by_role("button", name="确认结束所选聘任").click()
    assert "已办理4条" in page.inner_text(".messagelist")
    ended = Appointment.objects.filter(status=AppointmentStatus.ENDED)
    assert {row.ends_before for row in ended} == {date(2026, 11, 20)}
    assert (ended.count(), visit.complaints) == (4, [])


def test_what_a_filter_shows_is_taken_away_as_a_workbook(
    clerk: Closed,
    visit: Visit,
    tmp_path: Path,
) -> None:
    county, page = clerk.county, visit.page
    visit.sign_in(county.bureau_user)
    page.goto(f"{visit.base}/admin/advisors/appointment/")
    page.get_by_label("镇街").select_option(label=county.sibling_township.name)
    page.get_by_role("button", name="查询").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="导出Excel").click()
    kept = tmp_path / "list.xlsx"
    download.value.save_as(kept)
    book = load_workbook(io.BytesIO(kept.read_bytes()))
    names = [cell.value for cell in book.worksheets[0]["B"]]
    assert names == ["村（社区）", county.sibling_village.name]
    note = {row[0]: row[1] for row in book.worksheets[-1].values}
    assert (note["导出人"], note["行数"]) == (county.bureau_user.name, 1)
    assert note["筛选条件"] == f"镇街：{county.sibling_township.name}"
    assert visit.complaints == []


def test_which_villages_are_behind_is_one_click_away(clerk: Closed, visit: Visit) -> None:
    visit.sign_in(clerk.county.bureau_user)
    visit.page.goto(f"{visit.base}/admin/")
    visit.page.get_by_role("link", name="哪些村本月还差").click()
    assert clerk.county.village.short_name in visit.page.inner_text("table")
