"""The phone with its script, in a real browser: taps, no signal, kills, weight and size."""

from __future__ import annotations

import gzip
import os
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from assessments.services import PACKS, adopt_policy
from lawadvisor.foundation.viewer import SYSTEM
from tests import factories
from tests.assessments.test_spans import NOT_UNDERSTOOD, UNDERSTOOD
from tests.conftest import County
from tests.web.browsing import barriers, overflow
from tests.web.phone_robot import (
    READY,
    SCREENS,
    Fake,
    Thumb,
    come_back,
    context,
    county,
    fake,
    go_offline,
    log_a_visit,
    thumb,
)

__all__ = ["context", "county", "fake", "thumb"]  # fixtures
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: What one log screen may weigh on the way, compressed.
LOG_SCREEN_BYTES = 120_000


def _kept_anew(page: Page, word: str) -> None:
    """The kept log screen knows what was written elsewhere."""
    for _ in range(100):
        kept = page.evaluate(
            "async () => (await (await caches.match('/mine/log/', { ignoreVary: true })).text())"
        )
        if word in kept:
            return
        page.wait_for_timeout(100)
    pytest.fail("the log screen was not kept anew")


# ── taps ────────────────────────────────────────────────────────────────────────────────────────


def test_a_routine_visit_takes_at_most_six_taps_and_no_typing(thumb: Thumb, fake: Fake) -> None:
    log_a_visit(thumb)
    thumb.sees("已送达", "#saved-state")
    assert (thumb.taps <= 6, thumb.typed) == (True, 0)
    (log,) = fake.logs.values()
    assert (log["start"], log["end"], log["purpose"]) == ("09:00", "11:00", "duty")
    assert log["matters"][0]["content"] == "解答婚姻家庭方面的咨询。"


@pytest.mark.parametrize("pack", ["cz", "dg", "jc", "sh", "zx"])
def test_a_duty_to_which_nobody_came_takes_three_taps_under_every_policy(
    county: County, thumb: Thumb, fake: Fake, pack: str
) -> None:
    factories.Policy.objects.filter(bureau=county.bureau).delete()
    adopt_policy(bureau=county.bureau, pack_path=PACKS / f"{pack}.toml", by=SYSTEM)
    thumb.follow("记一次")
    thumb.chip("坐班，无来访")
    thumb.press("保存")
    thumb.sees("已送达", "#saved-state")
    assert (thumb.taps, thumb.typed) == (3, 0)
    (log,) = fake.logs.values()
    assert (log["no_visitors"], log["matters"]) == (True, [])


def test_the_same_as_last_time_takes_at_most_three_taps(
    county: County, thumb: Thumb, fake: Fake
) -> None:
    log = factories.make_log(appointment=county.appointment, day=factories.DAY, place="文化礼堂")
    factories.make_matter(log=log)
    thumb.open("/mine/")
    thumb.sees("照上次")
    _kept_anew(thumb.page, "文化礼堂")
    thumb.follow("照上次")
    thumb.phrase("解答婚姻家庭")
    thumb.press("保存")
    thumb.sees("已送达", "#saved-state")
    assert (thumb.taps, thumb.typed) == (3, 0)
    (sent,) = fake.logs.values()
    assert (sent["start"], sent["end"], sent["place"]) == ("09:00", "13:00", "文化礼堂")


def test_nothing_is_asked_twice(thumb: Thumb, fake: Fake) -> None:
    """After one visit the next one knows its hours, place and mode, before anything was sent."""
    fake.answers = ["cut"] * 50
    thumb.follow("记一次")
    thumb.chip("坐班，无来访")
    thumb.chip("4")
    thumb.tap(thumb.page.get_by_text("方式、地点"))
    thumb.type("地点", "文化礼堂")
    thumb.press("保存")
    thumb.sees("已存本机", "#saved-state")
    thumb.open("/mine/log/?again")
    form = thumb.page.locator("#log")
    assert form.get_by_label("坐班，无来访").is_checked()
    assert form.get_by_label("4", exact=True).is_checked()
    assert form.locator("[name=place]").input_value() == "文化礼堂"
    # and not at the same time as the one before
    assert form.locator("[name=start]").input_value() == "13:00"


def test_several_villages_at_once(thumb: Thumb, fake: Fake) -> None:
    thumb.follow("记一次")
    thumb.press("一次记多村")
    for name in ("温家台社区", "大元头社区"):
        thumb.chip(name)
    thumb.chip("坐班，无来访")
    thumb.sees("各村依次", "#several")
    thumb.press("保存")
    thumb.sees("3 条都已送达", "#saved-hint")
    assert sorted(log["start"] for log in fake.logs.values()) == ["09:00", "11:00", "13:00"]
    assert thumb.taps <= 6


def test_another_one_begins_where_the_last_one_ended(thumb: Thumb, fake: Fake) -> None:
    log_a_visit(thumb)
    thumb.press("再记一条")
    thumb.chip("坐班，无来访")
    thumb.press("保存")
    thumb.sees("已送达", "#saved-state")
    thumb.page.wait_for_function(
        "() => document.querySelector('#sent').textContent.includes('已全部')"
    )
    assert sorted(log["start"] for log in fake.logs.values()) == ["09:00", "11:00"]


def test_several_matters_of_one_visit(thumb: Thumb, fake: Fake) -> None:
    thumb.follow("记一次")
    thumb.chip("法律咨询")
    thumb.phrase("解答婚姻家庭")
    thumb.press("＋ 同一次还做了一件事")
    second = thumb.page.locator(".matter").nth(1)
    thumb.tap(second.get_by_label("参与调解"))
    thumb.tap(second.locator(".phrase", has_text="参与调解邻里纠纷"))
    thumb.tap(second.get_by_label("成功", exact=True))
    thumb.press("保存")
    thumb.sees("已送达", "#saved-state")
    (log,) = fake.logs.values()
    assert [matter["kind"] for matter in log["matters"]] == ["consultation", "mediation"]
    assert [matter["succeeded"] for matter in log["matters"]] == [None, True]
    assert log["purpose"] == "duty"


def test_what_the_policy_demands_is_asked_before_it_is_kept(thumb: Thumb, fake: Fake) -> None:
    thumb.follow("记一次")
    thumb.press("保存")
    thumb.sees("请选择做了什么。")
    thumb.chip("法律咨询")
    thumb.press("保存")
    thumb.sees("请填写简述。")
    assert fake.asked == 0


def test_a_length_is_typed_in_ones_own_words(thumb: Thumb, fake: Fake) -> None:
    """The phone reads what the server reads, and says where it cannot."""
    page = thumb.page
    thumb.follow("记一次")
    read = page.evaluate(
        """async texts => {
            const { parseSpan } = await import("/static/phone/spans.js");
            const read = texts.map(text => parseSpan(text));
            return read.map(found => found && [found.start, found.minutes]);
        }""",
        [*UNDERSTOOD, *NOT_UNDERSTOOD],
    )
    assert read == [list(told) for told in UNDERSTOOD.values()] + [None] * len(NOT_UNDERSTOOD)
    thumb.chip("坐班，无来访")
    thumb.type("时长", "很久")
    thumb.press("保存")
    thumb.sees("无法识别")
    thumb.type("时长", "8点半到11点")
    thumb.press("保存")
    thumb.sees("已送达", "#saved-state")
    (log,) = fake.logs.values()
    assert (log["start"], log["end"]) == ("08:30", "11:00")


# ── without a network ───────────────────────────────────────────────────────────────────────────


def test_a_visit_without_signal_is_kept_and_sent_once(thumb: Thumb, fake: Fake) -> None:
    go_offline(thumb)
    thumb.open("/mine/")
    log_a_visit(thumb)
    thumb.sees("已存本机", "#saved-state")
    assert thumb.header == "离线 · 待送 1"
    thumb.open("/mine/records/")
    thumb.sees("已存本机", "#waiting")
    thumb.page.reload()
    thumb.page.wait_for_selector(READY)
    thumb.sees("已存本机", "#waiting")
    come_back(thumb, fake)
    thumb.sees("已送达", "#waiting")
    assert re.fullmatch(r"已全部送达 \d\d:\d\d", thumb.header)
    thumb.page.reload()
    thumb.page.wait_for_selector(READY)
    assert len(fake.logs) == 1


def test_every_screen_opens_without_signal_within_a_second(thumb: Thumb) -> None:
    go_offline(thumb)
    for address in SCREENS:
        thumb.open(address)
        took = thumb.page.evaluate("performance.getEntriesByType('navigation')[0].domInteractive")
        assert (address, took < 1000) == (address, True)
    thumb.page.goto(f"{thumb.base}/")  # the address that people type
    thumb.page.wait_for_selector(READY)


def test_saving_never_waits_for_the_network(thumb: Thumb, fake: Fake) -> None:
    thumb.follow("记一次")
    thumb.chip("坐班，无来访")
    thumb.page.evaluate(
        """() => {
            const form = document.getElementById('log');
            form.addEventListener('submit', () => { window.began = performance.now(); }, true);
            new MutationObserver(() => { window.took ??= performance.now() - window.began; })
                .observe(document.getElementById('saved'), { attributes: true });
        }"""
    )
    fake.answers = ["cut"] * 50
    thumb.press("保存")
    thumb.sees("已存本机", "#saved-state")
    assert thumb.page.evaluate("window.took") < 300


def test_a_lost_answer_is_asked_for_again_and_nothing_is_doubled(thumb: Thumb, fake: Fake) -> None:
    fake.answers = ["lost"]
    log_a_visit(thumb)
    thumb.sees("已存本机", "#saved-state")
    for _ in range(100):
        if fake.logs:
            break
        thumb.page.wait_for_timeout(50)
    assert thumb.header.endswith("待送 1")
    assert len(fake.logs) == 1
    thumb.page.evaluate("dispatchEvent(new Event('focus'))")
    thumb.sees("已送达", "#saved-state")
    assert len(fake.logs) == 1


@pytest.mark.parametrize("answer", [(500, {}), (502, {}), (429, {"code": "slow_down"}), "cut"])
def test_nothing_is_green_before_the_server_said_so(thumb: Thumb, fake: Fake, answer: Any) -> None:
    fake.answers = [answer]
    log_a_visit(thumb)
    thumb.page.wait_for_timeout(500)
    assert thumb.page.locator("#saved-state").inner_text() == "已存本机"
    assert "待送 1" in thumb.header
    assert thumb.page.locator("#sent.good, #saved.good").count() == 0


def test_a_login_that_ended_keeps_what_waits(thumb: Thumb, fake: Fake, county: County) -> None:
    fake.answers = [(401, {"code": "sign_in", "detail": "请登录。", "errors": []})] * 5
    log_a_visit(thumb)
    thumb.sees("登录已到期", "#notes")
    assert thumb.header == "请登录 · 待送 1"
    fake.answers = []
    thumb.page.context.clear_cookies()
    thumb.sign_in(county.advisor_user)
    thumb.page.wait_for_function(
        "() => document.querySelector('#sent').textContent.includes('已全部')"
    )
    assert len(fake.logs) == 1


# ── kills ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("moment", range(6))
def test_what_was_typed_outlives_the_browser(
    thumb: Thumb, fake: Fake, live_server: LiveServer, moment: int
) -> None:
    """A page that dies without a word, at several moments of one entry; a second later at most
    everything is there again, unasked."""
    page = thumb.page
    thumb.follow("记一次")
    steps: list[Callable[[], Any]] = [
        lambda: thumb.chip("法律咨询"),
        lambda: thumb.type("简述", "宅基地"),
        lambda: page.locator("#m0-content").press_sequentially("界址之争", delay=20),
        lambda: thumb.chip("4"),
        lambda: thumb.chip("昨天"),
        lambda: thumb.type("地点", "老屋场") if _unfolded(page) else None,
    ]
    for step in steps[: moment + 1]:
        step()
    page.wait_for_timeout(1000)
    before = _what_stands(page)
    _kill(page)
    thumb.page = page.context.new_page()
    thumb.open("/mine/log/")
    assert _what_stands(thumb.page) == before
    assert thumb.page.locator("#restored").is_visible()
    assert fake.logs == {}


def _unfolded(page: Page) -> bool:
    page.locator("#more-of-visit").evaluate("fold => { fold.open = true }")
    return True


def _what_stands(page: Page) -> list[list[str]]:
    return page.evaluate(
        """() => [...new FormData(document.getElementById('log'))]
            .filter(([name, value]) => value && !['csrfmiddlewaretoken', 'uuid'].includes(name))"""
    )


def _kill(page: Page) -> None:
    """Its process is killed, without any event that a script could hear."""
    browser = page.context.browser
    assert browser is not None
    processes = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    with page.expect_event("crash"):
        for process in processes:
            if process["type"] == "renderer":
                os.kill(process["id"], signal.SIGKILL)
    page.close()


def test_a_draft_is_cleared_only_when_asked(thumb: Thumb) -> None:
    thumb.follow("记一次")
    thumb.chip("法律咨询")
    thumb.page.wait_for_timeout(600)
    thumb.open("/mine/")
    thumb.sees("草稿", "#waiting")
    thumb.tap(thumb.page.locator("#waiting summary"))
    thumb.follow("继续填写")
    assert thumb.page.get_by_label("法律咨询").is_checked()
    thumb.press("清空重写")
    thumb.page.wait_for_selector(READY)
    thumb.page.wait_for_function("() => !document.querySelector('[value=consultation]').checked")
    thumb.open("/mine/")
    assert thumb.page.locator("#waiting").is_hidden()


# ── measures ────────────────────────────────────────────────────────────────────────────────────


def test_the_log_screen_is_light(county: County, context: BrowserContext, thumb: Thumb) -> None:
    """All that a first open brings, each answer compressed as the gateway does it."""
    page = context.new_page()
    weights: dict[str, int] = {}
    page.on(
        "response",
        lambda response: (
            weights.update({response.url: len(gzip.compress(response.body()))})
            if response.status == 200
            else None
        ),
    )
    page.context.clear_cookies()
    fresh = Thumb(page, thumb.base)
    fresh.sign_in(county.advisor_user)
    weights.clear()
    page.evaluate(
        "caches.keys().then(names => Promise.all(names.map(name => caches.delete(name))))"
    )
    fresh.open("/mine/log/")
    assert any("start.js" in url for url in weights)
    assert sum(weights.values()) < LOG_SCREEN_BYTES


@pytest.mark.parametrize("letters", ["", "large"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_screen_can_be_hit_and_read(
    thumb: Thumb, fake: Fake, letters: str, scheme: str
) -> None:
    fake.answers = ["cut"] * 50
    log_a_visit(thumb)
    page = thumb.page
    page.emulate_media(color_scheme=scheme)
    if letters:
        cookie = {"name": "letters", "value": letters, "url": thumb.base}
        page.context.add_cookies([cookie])
    least, size = (60, 18) if letters else (44, 13)
    for address in SCREENS:
        thumb.open(address)
        for fold in page.locator("details").all():
            fold.evaluate("fold => { fold.open = true }")
        found = (address, overflow(page), _too_small(page, least), _too_fine(page, size))
        assert found == (address, 0, [], [])
        assert (address, barriers(page)) == (address, [])


def _too_small(page: Page, least: int) -> list[str]:
    """What is tapped outside of sentences and lower than a thumb."""
    return page.evaluate(
        """least => [...document.querySelectorAll('button, input, textarea, summary, a')]
            .filter(e => e.offsetParent && !e.matches('.skip, [type=hidden], .note a'))
            .filter(e => e.getBoundingClientRect().height < least - 0.5)
            .map(e => e.outerHTML.slice(0, 120))""",
        least,
    )


def _too_fine(page: Page, size: int) -> list[str]:
    return page.evaluate(
        """size => [...document.querySelectorAll('body *')]
            .filter(e => e.offsetParent && !e.closest('.demo, .strip, .skip, option'))
            .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
            .filter(e => parseFloat(getComputedStyle(e).fontSize) < size)
            .map(e => e.outerHTML.slice(0, 120))""",
        size,
    )


def test_the_scripts_are_small_and_named(tmp_path: Path) -> None:
    folder = Path(__file__).parents[2] / "static" / "phone"
    lengths = {path.name: len(path.read_text("utf-8").splitlines()) for path in folder.iterdir()}
    assert {name: lines for name, lines in lengths.items() if lines > 400} == {}
