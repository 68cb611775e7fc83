"""A real browser at two sizes: nothing overflows, nothing is fetched from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext
from pytest_django.live_server_helper import LiveServer

from assessments.models import GeneratedFile
from assessments.papers import path_of
from lawadvisor.accounts.models import User
from tests.conftest import County
from tests.web.browsing import PHONE, Visit, overflow, small_targets
from tests.web.conftest import Closed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def _pages(closed: Closed) -> dict[User, list[str]]:
    county = closed.county
    bureau, township = f"/bureau/{county.bureau.code}", f"/township/{county.township.code}"
    return {
        county.bureau_user: [
            *(f"{bureau}/2026-10/", f"{bureau}/2026-09/", "/places/", "/feedback/", "/privacy/"),
        ],
        county.township_user: [
            *(f"{township}/2026-10/", f"{township}/2026-11/", f"/verdict/{closed.verdict.pk}/"),
        ],
        county.advisor_user: ["/mine/", "/mine/log/", "/mine/records/", "/mine/me/"],
    }


def test_every_page_fits_and_is_quiet(shown: Closed, visit: Visit) -> None:
    for user, addresses in _pages(shown).items():
        visit.sign_in(user)
        for address in addresses:
            visit.page.goto(visit.base + address)
            found = (address, overflow(visit.page), small_targets(visit.page))
            assert found == (address, 0, [])
        visit.page.get_by_role("button", name="退出登录").click()
        visit.page.wait_for_url("**/login/")
        assert (overflow(visit.page), small_targets(visit.page)) == (0, [])
    assert visit.complaints == []


@pytest.fixture
def plain(browser: Browser, live_server: LiveServer) -> Iterator[Visit]:
    """A browser whose scripts are switched off."""
    context: BrowserContext = browser.new_context(
        viewport=PHONE, locale="zh-CN", java_script_enabled=False
    )
    context.set_default_timeout(20_000)
    yield Visit(context.new_page(), live_server.url).watch()
    context.close()


def test_a_township_gets_its_month_without_scripts(
    shown: Closed, plain: Visit, tmp_path: Path
) -> None:
    county: County = shown.county
    page = plain.page
    plain.sign_in(county.township_user)
    assert page.url.endswith(f"/township/{county.township.code}/2026-10/")
    page.get_by_role("link", name="上一月").click()
    assert "2026年9月未关账" in page.inner_text("main")
    page.get_by_label("选择月份").select_option("2026-10")
    page.get_by_role("button", name="查看").click()
    files = GeneratedFile.objects.filter(township=county.township, report="R1")
    for name, form in (("下载 PDF", "pdf"), ("下载 Excel", "xlsx")):
        with page.expect_download() as download:
            page.get_by_role("link", name=name).first.click()
        kept = tmp_path / form
        download.value.save_as(kept)
        assert kept.read_bytes() == path_of(files.get(format=form)).read_bytes()
        assert download.value.suggested_filename == (
            f"{county.township.name}2026年10月月度工作汇总表.{form}"
        )
    assert plain.complaints == []


def test_a_bureau_finds_who_is_behind_in_one_click(shown: Closed, plain: Visit) -> None:
    county = shown.county
    plain.sign_in(county.bureau_user)
    plain.page.locator("section", has_text="需要关注").get_by_role(
        "link", name=county.township.name
    ).click()
    assert "未达标 1 项" in plain.page.inner_text("main")
    plain.page.get_by_role("link", name=county.village.short_name, exact=True).click()
    assert "差1小时" in plain.page.inner_text("main")
