"""The office closes its month in a real browser: twenty villages, few clicks, also by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from time import monotonic

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from assessments.services import PACKS, adopt_policy
from lawadvisor.foundation.viewer import SYSTEM
from tests import factories
from tests.conftest import County, _make_county
from tests.web.browsing import DESK, PASSWORD, PHONE, Visit, barriers, overflow, small_targets
from tests.web.test_import_browser import COUNT_CLICKS, clicks
from worklogs.enums import LogState
from worklogs.models import ServiceLog

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

VILLAGES = 20


@pytest.fixture
def county(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> County:
    monkeypatch.setattr(
        timezone, "localdate", lambda value=None: value.date() if value else date(2026, 11, 3)
    )
    county = _make_county()
    adopt_policy(bureau=county.bureau, pack_path=PACKS / "zx.toml", by=SYSTEM)
    county.office_user.set_password(PASSWORD)
    county.office_user.save()
    served = [county.appointment]
    for _ in range(VILLAGES - 1):
        village = factories.make_village(township=county.township)
        served.append(factories.make_appointment(village=village))
    for appointment in served:
        for day in (date(2026, 10, 9), date(2026, 10, 16)):
            entered = factories.at(day, "20:00")
            log = factories.make_log(appointment=appointment, day=day, entered_at=entered)
            factories.make_matter(log=log)
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
    visit.sign_in(county.office_user)
    visit.page.wait_for_url("**/township/**")
    visit.page.evaluate("sessionStorage.setItem('clicks', 0)")
    yield visit
    context.close()


def flaws(page: Page) -> tuple[int, list[str], list[str]]:
    """Pixels too wide, targets too small, barriers; what is folded away is no target."""
    page.wait_for_load_state()
    page.evaluate(
        """() => document.querySelectorAll('details:not([open]) :is(a, button, input)')
            .forEach(e => e.classList.add('skip'))"""
    )
    found = overflow(page), small_targets(page), barriers(page)
    page.evaluate(
        "document.querySelectorAll('details .skip').forEach(e => e.classList.remove('skip'))"
    )
    return found


def reviewed() -> int:
    return ServiceLog.objects.filter(state=LogState.REVIEWED).count()


def test_a_clean_month_of_twenty_villages_takes_three_clicks(visit: Visit, county: County) -> None:
    page, began = visit.page, monotonic()
    assert flaws(page) == (0, [], [])
    page.get_by_role("link", name="2026年10月核验").click()
    assert flaws(page) == (0, [], [])
    page.get_by_role("link", name="全部核验（异常除外）").click()
    assert flaws(page) == (0, [], [])
    page.get_by_role("button", name="确认核验 40 条").click()
    expect(page.get_by_text("已核验40条记录。")).to_be_visible()
    assert (clicks(page), reviewed()) == (3, 2 * VILLAGES)
    assert monotonic() - began < 60
    assert visit.complaints == []


def test_one_exception_takes_two_clicks_more(visit: Visit, county: County) -> None:
    late = ServiceLog.objects.filter(appointment=county.appointment).latest("service_date")
    ServiceLog.objects.filter(pk=late.pk).update(
        entered_at=factories.at(date(2026, 10, 30), "9:00")
    )
    page = visit.page
    page.get_by_role("link", name="2026年10月核验").click()
    page.get_by_role("link", name="全部核验（异常除外）").click()
    page.get_by_role("button", name="确认核验 39 条").click()
    expect(page.get_by_text("已核验39条记录。")).to_be_visible()
    row = page.locator("[data-row]").first
    expect(row).to_contain_text("补录14天")
    row.get_by_role("button", name="核验这 1 条").click()
    expect(page.get_by_text("已核验1条记录。")).to_be_visible()
    assert (clicks(page), reviewed()) == (4, 2 * VILLAGES)


def test_the_keyboard_verifies_a_row_and_sends_a_record_back(visit: Visit, county: County) -> None:
    page = visit.page
    page.get_by_role("link", name="2026年10月核验").click()
    page.wait_for_load_state()
    rows = page.locator("[data-row]")
    page.keyboard.press("ArrowDown")
    expect(rows.nth(0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("v")
    expect(page.get_by_text("已核验2条记录。")).to_be_visible()
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("r")
    expect(rows.nth(1).get_by_label("时间有误").first).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("应为下午，v 和 r 只是字")
    assert flaws(page) == (0, [], [])
    page.keyboard.press("Enter")
    expect(page.get_by_text("10月9日的记录已退回。")).to_be_visible()
    back = ServiceLog.objects.get(state=LogState.RETURNED)
    assert back.returned_reason == "时间有误：应为下午，v 和 r 只是字"
    assert visit.complaints == []
