"""A real browser for tests: windows of two sizes, and what is wrong with a page."""

from __future__ import annotations

from dataclasses import dataclass, field

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Request

from lawadvisor.accounts.models import User

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--no-first-run"),
)
PHONE, DESK = {"width": 360, "height": 640}, {"width": 1280, "height": 800}
PASSWORD = "browser-pass-2026"
#: A target smaller than this is missed by a thumb.
THUMB = 44
#: What keeps somebody out, as axe-core grades it; lesser findings are advice.
BARRIERS = {"serious", "critical"}


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


def opened(page: Page) -> Page:
    """The page once it stands: right after a click it may be on its way, without a body."""
    page.wait_for_load_state()
    return page


def overflow(page: Page) -> int:
    return opened(page).evaluate("document.documentElement.scrollWidth - window.innerWidth")


def small_targets(page: Page) -> list[str]:
    """Buttons, fields and links outside of sentences that are lower than a thumb."""
    return opened(page).evaluate(
        """least => [...document.querySelectorAll('button, select, input, a')]
            .filter(e => e.offsetParent && !e.matches('.skip, .list a, .report a, [type=hidden]'))
            .filter(e => e.getBoundingClientRect().height < least)
            .map(e => e.outerHTML)""",
        THUMB,
    )


def barriers(page: Page) -> list[str]:
    found = Axe().run(opened(page), options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{each['id']}: {node['html'][:120]}"
        for each in found
        if each["impact"] in BARRIERS
        for node in each["nodes"]
    ]


def flaws(page: Page) -> tuple[int, list[str], list[str]]:
    """Pixels too wide, targets too small for a thumb, barriers for whoever does not see."""
    return overflow(page), small_targets(page), barriers(page)
