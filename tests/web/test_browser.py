"""A real browser at two sizes: nothing overflows, nothing is fetched from elsewhere."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from assessments.models import GeneratedFile
from assessments.papers import path_of
from lawadvisor.accounts.models import User
from tests.conftest import County, _make_county
from tests.web.conftest import Closed, close_october

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--no-first-run"),
)
PHONE, DESK = {"width": 360, "height": 640}, {"width": 1280, "height": 800}
PASSWORD = "browser-pass-2026"
#: A target smaller than this is missed by a thumb.
THUMB = 44


@dataclass(slots=True)
class Visit:
    """One browser window and what it complained of."""

    page: Page
    base: str
    complaints: list[str] = field(default_factory=list)

    def watch(self) -> Visit:
        self.page.on("console", lambda message: self.note(message.type == "error", message.text))
        self.page.on("pageerror", lambda error: self.note(True, str(error)))
        self.page.on("request", lambda request: self._asked(request))  # noqa: PLW0108 playwright marks what it is given
        return self

    def note(self, bad: bool, what: str) -> None:
        if bad:
            self.complaints.append(what)

    def _asked(self, request: Request) -> None:
        self.note(not request.url.startswith((self.base, "data:")), f"asked {request.url}")

    def sign_in(self, user: User) -> None:
        self.page.goto(f"{self.base}/login/")
        self.page.get_by_label("用户名").fill(user.username)
        self.page.get_by_label("密码").fill(PASSWORD)
        self.page.get_by_role("button", name="登录").click()
        self.page.wait_for_url(lambda url: "/login/" not in url)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip(f"{CHROMIUM} is not installed")
    # Playwright's loop makes Django take every call for an asynchronous one
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def shown(november: None, transactional_db: None, settings: Settings) -> Closed:
    settings.DEMO = True
    county = _make_county()
    for user in (county.bureau_user, county.township_user, county.advisor_user):
        user.set_password(PASSWORD)
        user.save()
    return close_october(county)


@pytest.fixture(params=[PHONE, DESK], ids=["phone", "desk"])
def visit(
    request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer
) -> Iterator[Visit]:
    context = browser.new_context(viewport=request.param, locale="zh-CN", java_script_enabled=True)
    context.set_default_timeout(20_000)
    yield Visit(context.new_page(), live_server.url).watch()
    context.close()


def _overflow(page: Page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


def _small_targets(page: Page) -> list[str]:
    """Buttons, fields and links outside of sentences that are lower than a thumb."""
    return page.evaluate(
        """least => [...document.querySelectorAll('button, select, input, a')]
            .filter(e => e.offsetParent && !e.matches('.skip, .list a, .report a, [type=hidden]'))
            .filter(e => e.getBoundingClientRect().height < least)
            .map(e => e.outerHTML)""",
        THUMB,
    )


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
            found = (address, _overflow(visit.page), _small_targets(visit.page))
            assert found == (address, 0, [])
        visit.page.get_by_role("button", name="退出登录").click()
        visit.page.wait_for_url("**/login/")
        assert (_overflow(visit.page), _small_targets(visit.page)) == (0, [])
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
