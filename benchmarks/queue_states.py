"""Whatever happens to a phone, its server and the line between: what the screen says is true.

Hypothesis makes up what happens. The phone is the real page with its script in a real browser;
after each step its header and every item are held against the database.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any, NamedTuple

from django.conf import settings as portal
from django.test import Client
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from playwright.sync_api import Browser, BrowserContext, Page, Route

from advisors.models import Appointment
from benchmarks import elsewhere
from benchmarks.handset import PHONE, keep_screens, somebody
from lawadvisor.foundation.errors import Conflict
from worklogs.entries import session_told
from worklogs.enums import LogState
from worklogs.models import ServiceLog
from worklogs.rules import clock

Time = tuple[str, str]
#: What becomes of a request to the API.
LINES = ("good", "offline", "cut", "lost", "busy", "gateway", "signed out")
_HOURS = st.integers(8, 19)
_ACTS = ("现在送", "再送一次", "用本机这份替换", "保留已送达的", "删除")
_LETS_GO = ("保留已送达的", "删除")
_WAITING = ("kept", "stuck")
_WORDS = {"draft": "草稿", "kept": "已存本机", "stuck": "要处理", "delivered": "已送达"}
_numbers = count(100)
_BUSY = {"code": "unavailable", "detail": "系统正忙，请稍后再试。", "errors": []}
_SIGN_IN = {"code": "sign_in", "detail": "请先登录。", "errors": []}


class Screen(NamedTuple):
    """At one moment: what lies on the phone by its number, and what is shown."""

    kept: dict[str, dict[str, Any]]
    header: str
    green: bool
    items: dict[str, str]
    saved: str


#: Read until nothing changes between what lies there and what is shown.
_LOOK = """async () => {
    const [store, queue] = await Promise.all(
        ['store', 'queue'].map(name => import(`/static/phone/${name}.js`)));
    const kept = async () => (await store.all()).filter(record => record.state !== 'last');
    for (;;) {
        const before = await kept();
        await queue.count();
        await new Promise(done => setTimeout(done));
        const [sent, saved] = ['sent', 'saved'].map(id => document.getElementById(id));
        const rows = [...document.querySelectorAll('#waiting li[data-local]')];
        const items = rows.map(row => [row.dataset.local, row.querySelector('.state').innerText]);
        const found = {
            header: sent.textContent, green: sent.classList.contains('good'), items,
            saved: saved && !saved.hidden ? document.getElementById('saved-state').innerText : '',
        };
        const now = JSON.stringify(await kept());
        if (JSON.stringify(before) === now) return { kept: before, ...found };
    }
}"""
#: At one go: a question is taken back after some seconds, and the list may be drawn anew.
_PRESS = """([number, words]) => {
    const buttons = () => document.querySelectorAll(`li[data-local="${number}"] button`);
    const named = text => [...buttons()].find(button => button.textContent === text);
    const first = named(words);
    first?.click();
    const last = words === '删除' ? named('确定删除') : null;
    last?.click();
    return Boolean(words === '删除' ? last : first);
}"""
_SEND = """async () => {
    const queue = await import('/static/phone/queue.js');
    dispatchEvent(new Event('focus'));
    do {
        await queue.send();
        await new Promise(done => setTimeout(done));
    } while (queue.status.busy);
}"""


@dataclass(slots=True)
class World:
    """A browser and a server that stands at ``base``; ``looked`` counts the states seen.

    With ``lies`` somebody on the way says 201 to everything and passes nothing on.
    """

    browser: Browser
    base: str
    lies: bool = False
    looked: int = 0
    headers: Counter[str] = field(default_factory=Counter)


class PhoneQueue(RuleBasedStateMachine):
    """One advisor, his phone, and all that can come between him and the server."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.appointment: Appointment = somebody(next(_numbers))
        self.line = "good"
        self.context, self.page = self._phone()
        #: What he saved last by each number, and what others made of it.
        self.mine: dict[str, Time] = {}
        self.elsewhere: dict[str, set[Time]] = {}
        #: Not his any more, or never his: may be there or not.
        self.others = set(self._rows())
        self.shown = ""

    def _phone(self) -> tuple[BrowserContext, Page]:
        context = self.world.browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
        context.set_default_timeout(30_000)
        client = Client()
        client.force_login(self.appointment.advisor.user)
        name = portal.SESSION_COOKIE_NAME
        cookie = {"name": name, "value": client.cookies[name].value, "url": self.world.base}
        context.add_cookies([cookie])
        context.route("**/api/v1/**", lambda route: self._meets(route))  # noqa: PLW0108 playwright marks what it is given
        page = context.new_page()
        page.goto(f"{self.world.base}/mine/")
        keep_screens(page)
        return context, page

    def _meets(self, route: Route) -> None:
        if self.world.lies and route.request.method == "POST":
            items = json.loads(route.request.post_data or "{}").get("items", ())
            said = [{"uuid": each["uuid"], "status": 201, "body": each} for each in items]
            route.fulfill(json={"items": said})
        elif self.line in ("cut", "offline"):
            route.abort("connectionreset")
        elif self.line == "lost":
            route.fetch()
            route.abort("connectionreset")
        elif self.line == "busy":
            route.fulfill(status=503, json=_BUSY, headers={"Retry-After": "10"})
        elif self.line == "gateway":
            route.fulfill(status=502, content_type="text/html", body="<h1>Bad Gateway</h1>")
        elif self.line == "signed out":
            route.fulfill(status=401, json=_SIGN_IN)
        else:
            route.continue_()

    @initialize(line=st.sampled_from(LINES), starts=st.lists(_HOURS, min_size=1, max_size=2))
    def begin(self, line: str, starts: list[int]) -> None:
        self.turn(line)
        for start in starts:
            self.save(start)

    # ── what its owner does ──

    def _open(self, address: str) -> None:
        self.page.goto("about:blank")
        self.page.goto(f"{self.world.base}{address}")
        self.page.wait_for_selector("html[data-ready]")
        self.shown = ""

    def _save(self, start: int) -> bool:
        """Fill in the screen that is open and save it; False where the phone says no."""
        page = self.page
        page.locator("[name=m0-kind][value=no_visitors]").check()
        page.locator("[name=start]").fill(f"{start:02d}:00")
        page.locator("[name=hours][value='1']").check()
        page.locator("[name=hours][value='1']").dispatch_event("change")
        page.locator("#save").tap()
        page.wait_for_selector("#saved:not([hidden]), #whole:not([hidden])")
        return page.locator("#saved").is_visible()

    @rule(start=_HOURS)
    def save(self, start: int) -> None:
        before = {number for number, each in self._look().kept.items() if each["state"] != "draft"}
        self._open("/mine/log/")
        if self._save(start):
            (self.shown,) = set(self._look().kept) - before
            self.mine[self.shown] = _hour_from(start)

    @rule(start=_HOURS, which=st.integers(0, 99))
    def change(self, start: int, which: int) -> None:
        number = self._one_of(which)
        if number is None:
            return
        self._open(f"/mine/log/#{number}")
        if self._save(start):
            self.shown = number
            self.mine[number] = _hour_from(start)

    @rule(which=st.integers(0, 99), words=st.sampled_from(_ACTS))
    def act(self, which: int, words: str) -> None:
        """Use one of the buttons below an item."""
        number = self._one_of(which)
        if number is None:
            return
        self._open("/mine/records/")
        pressed = self.page.evaluate(_PRESS, [number, words])
        if pressed and words in _LETS_GO:
            self.page.locator(f"li[data-local='{number}']").wait_for(state="detached")
            del self.mine[number]
            self.others.add(number)

    @rule()
    def leave(self) -> None:
        """The way out warns of as many as are not sent, and leaves them where they are."""
        if self.line == "good" or not _unsent(self._look().kept):
            return  # what waits might be sent meanwhile, and nothing be asked
        self._open("/mine/me/")
        self.page.get_by_role("button", name="退出登录", exact=True).tap()
        words = self.page.locator("#leaving-words").inner_text()
        assert re.match(r"还有 (\d+) 条", words)[1] == str(_unsent(self._look().kept)), words
        self.page.locator("#stay").tap()

    @rule()
    def wait(self) -> None:
        """He looks at the phone, which sends what it can."""
        self.page.evaluate(_SEND)

    @rule(address=st.sampled_from(("/mine/", "/mine/records/", "/mine/me/")), dies=st.booleans())
    def go(self, address: str, dies: bool) -> None:
        if dies:
            self.page.close()
            self.page = self.context.new_page()
        self._open(address)

    # ── what happens elsewhere ──

    @rule(line=st.sampled_from(LINES))
    def turn(self, line: str) -> None:
        self.line = line
        self.context.set_offline(line == "offline")

    @rule(
        what=st.sampled_from(("term", "close", "there", "changed", "confirmed", "returned")),
        start=_HOURS,
        which=st.integers(0, 99),
    )
    def happen(self, what: str, start: int, which: int) -> None:
        """At the server, which may refuse it."""
        arrived = self._arrived()
        number = arrived[which % len(arrived)] if arrived else ""
        with suppress(Conflict):
            if what == "term":
                elsewhere.end_or_extend_the_term(self.appointment)
            elif what == "close":
                elsewhere.close_the_month_or_open_it_again(self.appointment)
            elif what == "there":
                self.others.add(elsewhere.another_phone_was_there(self.appointment, start))
            elif number and what == "changed":
                elsewhere.another_phone_changed_it(self.appointment, number, start)
                self.elsewhere.setdefault(number, set()).add(_hour_from(start))
            elif number:
                elsewhere.the_office_says(number, LogState(what))

    # ── what must be true, whatever happened ──

    @invariant()
    def the_screen_is_true(self) -> None:
        screen, rows = self._look(), self._rows()
        self.world.looked += 1
        self.world.headers[re.sub(r"\d+(:\d+)?", "n", screen.header)] += 1
        assert set(rows) <= {*self.mine, *self.others}, "doubled"
        for number, saved in self.mine.items():
            assert number in screen.kept or number in rows, "lost"
            state = screen.kept.get(number, {"state": "delivered"})["state"]
            if state == "delivered":
                assert rows.get(number) in {saved, *self.elsewhere.get(number, ())}, (
                    "not at the server as saved"
                )
        for number, word in screen.items.items():
            assert word == _WORDS[screen.kept[number]["state"]], "the item lies"
        if screen.saved == "已送达":
            assert self.shown in rows, "green before it was there"
        self._header_is_true(screen)

    def _header_is_true(self, screen: Screen) -> None:
        unsent = _unsent(screen.kept)
        said = sum(int(n) for n in re.findall(r"(?:待送|要处理) (\d+)", screen.header))
        assert said == unsent, screen
        assert screen.green == screen.header.startswith("已全部送达")
        # that the line is down is said a moment after it fell; what was delivered stays so
        assert not (screen.green and unsent), screen

    def teardown(self) -> None:
        """With a good line and time enough all arrives or is refused in words."""
        self.turn("good")
        for _ in range(5):  # one may be under way that is still to be lost
            self.page.evaluate(_SEND)
            left = [each for each in self._look().kept.values() if each["state"] in _WAITING]
            if all(each["reason"] for each in left):
                break
        self.the_screen_is_true()
        self.context.close()
        assert all(each["reason"] for each in left), left

    # ── looking ──

    def _look(self) -> Screen:
        found = self.page.evaluate(_LOOK)
        kept = {each["uuid"]: each for each in found["kept"]}
        return Screen(kept, found["header"], found["green"], dict(found["items"]), found["saved"])

    def _rows(self) -> dict[str, Time]:
        logs = ServiceLog.objects.filter(advisor=self.appointment.advisor_id)
        clocks = ((str(log.client_uuid), session_told(log)) for log in logs)
        return {number: (clock(told["start"]), clock(told["end"])) for number, told in clocks}

    def _one_of(self, which: int) -> str | None:
        """Of those that have not arrived; None where all have."""
        kept = self._look().kept
        waiting = sorted(n for n, each in kept.items() if each["state"] in _WAITING)
        return waiting[which % len(waiting)] if waiting else None

    def _arrived(self) -> list[str]:
        return sorted(set(self._rows()) & set(self.mine))


def _hour_from(start: int) -> Time:
    return clock(60 * start), clock(60 * start + 60)


def _unsent(kept: dict[str, dict[str, Any]]) -> int:
    return sum(each["state"] in _WAITING for each in kept.values())


def wander(world: World, *, times: int, steps: int, **how: Any) -> None:
    """So many phones, each with up to so many ``steps``. AssertionError, with the steps that led
    to it, for a screen that is not true; ``how`` is for Hypothesis."""
    given = settings(
        max_examples=times,
        stateful_step_count=steps,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        **how,
    )
    run_state_machine_as_test(lambda: PhoneQueue(world), settings=given)
