"""A thumb on a phone of 360×640, and a server that answers as the contract of the API says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from assessments.services import PACKS, adopt_policy
from lawadvisor.accounts.models import User
from lawadvisor.foundation.viewer import SYSTEM
from tests import factories
from tests.conftest import County, _make_county
from tests.web.browsing import PASSWORD, PHONE

#: The screen stands and listens.
READY = "html[data-ready]"
SCREENS = ("/mine/", "/mine/log/", "/mine/records/", "/mine/month/", "/mine/me/")


@dataclass(slots=True)
class Thumb:
    """Taps and counts; what it types is counted too."""

    page: Page
    base: str
    taps: int = 0
    typed: int = 0

    def tap(self, target: Locator) -> None:
        target.tap()
        self.taps += 1

    def chip(self, words: str, within: str = "#log") -> None:
        self.tap(self.page.locator(within).get_by_label(words, exact=True).first)

    def phrase(self, words: str) -> None:
        self.tap(self.page.locator(".phrase", has_text=words).first)

    def press(self, words: str) -> None:
        self.tap(self.page.get_by_role("button", name=words, exact=True).first)

    def follow(self, words: str) -> None:
        self.tap(self.page.get_by_role("link", name=words, exact=True).first)
        self.page.wait_for_selector(READY)

    def type(self, label: str, text: str) -> None:
        self.page.locator("#log").get_by_label(label).first.fill(text)
        self.typed += len(text)

    def open(self, address: str) -> None:
        self.page.goto(f"{self.base}{address}")
        self.page.wait_for_selector(READY)

    def sign_in(self, user: User) -> None:
        self.page.goto(f"{self.base}/login/")
        self.page.get_by_label("用户名").fill(user.username)
        self.page.get_by_label("密码").fill(PASSWORD)
        self.page.get_by_role("button", name="登录").click()
        self.page.wait_for_selector(READY)

    def sees(self, words: str, place: str = "main") -> None:
        """Waits until it is said there."""
        self.page.locator(place, has_text=words).first.wait_for()

    @property
    def header(self) -> str:
        """Once it stands: it is counted anew a moment after a record is said to be kept."""
        said, since = self.page.locator("#sent").inner_text(), 0
        for _ in range(50):
            self.page.wait_for_timeout(100)
            now = self.page.locator("#sent").inner_text()
            since = since + 1 if now == said else 0
            said = now
            if since == 5:
                break
        return said


@dataclass(slots=True)
class Fake:
    """The API by its contract: each record once, by its number.

    ``answers`` are what the next requests get instead, "cut" for none at all before, "lost"
    for none after the server has written.
    """

    logs: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: list[Any] = field(default_factory=list)
    refusals: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    asked: int = 0

    def attach(self, context: BrowserContext) -> Fake:
        context.route("**/api/v1/**", lambda route: self._answer(route))  # noqa: PLW0108 playwright marks what it is given
        return self

    def _answer(self, route: Route) -> None:
        if route.request.method == "GET":  # what the phone asks for once a day
            route.fulfill(json={"appointments": []})
            return
        self.asked += 1
        said = self.answers.pop(0) if self.answers else None
        if said == "cut":
            route.abort("connectionreset")
            return
        if isinstance(said, tuple):
            route.fulfill(status=said[0], json=said[1])
            return
        sent = json.loads(route.request.post_data or "{}")
        if route.request.method == "PUT":
            found = self._put(sent)
        else:
            each = [(item["uuid"], *self._post(item)) for item in sent["items"]]
            items = [
                {"uuid": number, "status": status, "body": body} for number, status, body in each
            ]
            found = (200, {"items": items})
        if said == "lost":
            route.abort("connectionreset")
        else:
            route.fulfill(status=found[0], json=found[1])

    def _post(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if body["appointment"] in self.refusals:
            return self.refusals[body["appointment"]]
        kept = self.logs.get(body["uuid"])
        if kept is None:
            self.logs[body["uuid"]] = body
            return 201, {**body, "version": 1}
        if kept == body:
            return 200, {**kept, "version": 1}
        return 409, {
            "code": "different",
            "detail": "这条记录已经送达，内容不同。",
            "errors": [],
            "differences": [
                {"field": name, "label": name, "kept": kept[name], "sent": body[name]}
                for name in body
                if kept[name] != body[name]
            ],
            "log": {**kept, "version": 1},
        }

    def _put(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.logs[body["uuid"]] = {k: v for k, v in body.items() if k != "version"}
        return 200, {**body, "version": body["version"] + 1}


@pytest.fixture
def county(transactional_db: None, settings: Settings) -> County:
    """An advisor with three villages; the policy is Shanghai's, which asks for a text."""
    settings.DEMO = False
    county = _make_county()
    for user in (county.advisor_user, county.sibling_advisor_user):
        user.set_password(PASSWORD)
        user.save()
    adopt_policy(bureau=county.bureau, pack_path=PACKS / "sh.toml", by=SYSTEM)
    for name in ("温家台社区居委会", "大元头社区居委会"):
        village = factories.make_village(township=county.township, name=name)
        factories.make_appointment(advisor=county.advisor, village=village)
    return county


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(
        viewport=PHONE,
        has_touch=True,
        is_mobile=True,
        locale="zh-CN",
        timezone_id="America/St_Johns",  # a phone that is set to another zone
    )
    context.set_default_timeout(8_000)
    yield context
    context.close()


@pytest.fixture
def fake(context: BrowserContext) -> Fake:
    return Fake().attach(context)


def _opened(county: County, context: BrowserContext, live_server: LiveServer) -> Thumb:
    thumb = Thumb(context.new_page(), live_server.url)
    thumb.sign_in(county.advisor_user)
    settled(thumb.page)
    return thumb


@pytest.fixture(name="thumb")
def online(county: County, context: BrowserContext, live_server: LiveServer) -> Thumb:
    """In place of ``thumb`` for tests against the real server; all is at rest."""
    return _opened(county, context, live_server)


@pytest.fixture
def thumb(county: County, context: BrowserContext, fake: Fake, live_server: LiveServer) -> Thumb:
    return _opened(county, context, live_server)


def settled(page: Page) -> None:
    """The worker has kept the screens: from here on the network may go."""
    for _ in range(100):
        kept = page.evaluate(
            """async () => {
                const worker = await navigator.serviceWorker.getRegistration();
                const pages = await caches.open("phone-screens");
                return Boolean(worker?.active) && (await pages.keys()).length;
            }"""
        )
        if kept == len(SCREENS):
            return
        page.wait_for_timeout(100)
    pytest.fail("the screens were not kept")


def go_offline(thumb: Thumb) -> None:
    """No network at all: neither for the page nor for its worker, nor for the routed API."""
    thumb.page.context.unroute("**/api/v1/**")
    thumb.page.context.set_offline(True)


def come_back(thumb: Thumb, fake: Fake) -> None:
    fake.attach(thumb.page.context)
    thumb.page.context.set_offline(False)


def log_a_visit(thumb: Thumb) -> None:
    thumb.follow("记一次")
    thumb.chip("法律咨询")
    thumb.phrase("解答婚姻家庭")
    thumb.press("保存")
