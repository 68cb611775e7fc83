"""The phone with its script, in a real browser: taps, no signal, kills, and who may see what."""

from __future__ import annotations

import gzip
import os
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from assessments.services import PACKS, adopt_policy
from lawadvisor.foundation.viewer import SYSTEM
from tests import factories
from tests.conftest import County
from tests.web.browsing import PASSWORD, PHONE, barriers, overflow
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
from worklogs.models import ServiceLog

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


# ── what the server refuses ─────────────────────────────────────────────────────────────────────


def test_a_refusal_is_told_in_words_and_put_right_by_its_owner(
    county: County, thumb: Thumb, fake: Fake
) -> None:
    sentence = "聘任已于11月20日结束，这一天不能填写。"
    refusal = {"code": "conflict", "detail": sentence, "errors": []}
    fake.refusals[county.appointment.pk] = (409, refusal)
    log_a_visit(thumb)
    thumb.sees("没有被接受", "#saved-state")
    assert thumb.header == "要处理 1"
    thumb.open("/mine/")
    thumb.sees(sentence, "#waiting")
    fake.refusals.clear()
    thumb.press("再送一次")
    thumb.page.wait_for_function(
        "() => document.querySelector('#sent').textContent.includes('已全部')"
    )
    assert len(fake.logs) == 1


def test_two_versions_of_one_record_are_set_side_by_side(thumb: Thumb, fake: Fake) -> None:
    """Sent, the answer lost, changed meanwhile: the person chooses which one holds."""
    fake.answers = ["lost"]
    log_a_visit(thumb)
    thumb.sees("已存本机", "#saved-state")
    thumb.press("修改这一条")
    thumb.page.wait_for_selector("#restored:not([hidden])")
    fake.answers = ["cut"] * 3
    thumb.chip("4")
    thumb.press("保存")
    fake.answers = []
    thumb.page.evaluate("dispatchEvent(new Event('focus'))")
    thumb.sees("没有被接受", "#saved-state")
    thumb.open("/mine/records/")
    table = thumb.page.locator(".differences")
    assert "11:00" in table.inner_text()
    assert "13:00" in table.inner_text()
    thumb.press("用本机这份替换")
    for _ in range(100):  # what the header says may still be of the time before
        if [log["end"] for log in fake.logs.values()] == ["13:00"]:
            break
        thumb.page.wait_for_timeout(100)
    assert [log["end"] for log in fake.logs.values()] == ["13:00"]


def test_a_record_can_be_copied_and_deleted_one_by_one(thumb: Thumb, fake: Fake) -> None:
    fake.answers = ["cut"] * 50
    log_a_visit(thumb)
    thumb.sees("已存本机", "#saved-state")
    thumb.open("/mine/me/")
    thumb.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    thumb.tap(thumb.page.locator("#waiting summary"))
    thumb.press("复制为文字")
    thumb.sees("已复制", "#waiting")
    assert "解答婚姻家庭方面的咨询。" in thumb.page.evaluate("navigator.clipboard.readText()")
    thumb.press("删除")
    assert thumb.header.endswith("待送 1")
    thumb.press("确定删除")
    thumb.page.wait_for_selector("#waiting", state="hidden")
    assert fake.logs == {}


# ── shared phones ───────────────────────────────────────────────────────────────────────────────


def _lying_in_clear(page: Page) -> str:
    """All that this origin keeps, as text."""
    return page.evaluate(
        """async () => {
            const found = [JSON.stringify(localStorage)];
            for (const { name, version } of await indexedDB.databases()) {
                const db = await new Promise(done => {
                    const asked = indexedDB.open(name, version);
                    asked.onsuccess = () => done(asked.result);
                });
                for (const store of db.objectStoreNames) {
                    const rows = await new Promise(done => {
                        const asked = db.transaction(store).objectStore(store).getAll();
                        asked.onsuccess = () => done(asked.result);
                    });
                    for (const row of rows) {
                        found.push(JSON.stringify(row));
                        const data = row.sealed && row.sealed.data;
                        if (data) found.push(new TextDecoder().decode(data));
                    }
                }
                db.close();
            }
            for (const name of await caches.keys()) {
                if (!name.startsWith("phone-screens")) continue;
                const kept = await caches.open(name);
                for (const key of await kept.keys()) {
                    found.push(await (await kept.match(key)).text());
                }
            }
            return found.join("\\n");
        }"""
    )


def test_clients_lie_on_the_phone_only_sealed(thumb: Thumb, fake: Fake) -> None:
    fake.answers = ["cut"] * 50
    thumb.follow("记一次")
    thumb.chip("参与调解")
    thumb.tap(thumb.page.locator(".folded summary"))
    thumb.type("服务对象", "钱来")
    thumb.type("联系电话", "13900000001")
    thumb.type("简述", "宅基地之争")
    thumb.page.wait_for_timeout(600)
    drafted = _lying_in_clear(thumb.page)
    thumb.press("保存")
    thumb.sees("已存本机", "#saved-state")
    kept = _lying_in_clear(thumb.page)
    assert '"state":"draft"' in drafted
    assert '"state":"kept"' in kept
    for word in ("钱来", "13900000001", "宅基地"):
        assert word not in drafted + kept


def test_leaving_warns_of_what_was_not_sent_and_wipes_the_phone(
    county: County, thumb: Thumb, fake: Fake
) -> None:
    fake.answers = ["cut"] * 50
    log_a_visit(thumb)
    thumb.sees("已存本机", "#saved-state")
    thumb.open("/mine/me/")
    thumb.press("退出登录")
    thumb.sees("还有 1 条没有送达", "#leaving")
    thumb.press("先不退出，送达")
    assert thumb.page.locator("#leaving").is_hidden()
    thumb.press("退出登录")
    thumb.press("删除并退出")
    thumb.page.wait_for_url("**/login/")
    left = _lying_in_clear(thumb.page)
    assert county.village.short_name not in left
    assert '"state"' not in left
    assert '"owner"' not in left


def test_another_login_never_sees_what_is_not_his(county: County, thumb: Thumb, fake: Fake) -> None:
    """A's session ends without a word, B signs in on the same phone, then A comes back."""
    fake.answers = ["cut"] * 50
    thumb.follow("记一次")
    thumb.chip("法律咨询")
    thumb.type("简述", "宅基地之争")
    thumb.press("保存")
    thumb.sees("已存本机", "#saved-state")
    thumb.page.context.clear_cookies()
    fake.answers = [(401, {"code": "sign_in", "detail": "请先登录。", "errors": []})] * 50
    thumb.sign_in(county.sibling_advisor_user)
    for address in SCREENS:
        thumb.open(address)
        assert county.village.short_name not in thumb.page.content()
        assert thumb.page.locator("#waiting li").count() == 0
    assert thumb.header == ""
    assert fake.logs == {}
    assert "宅基地" not in _lying_in_clear(thumb.page)
    fake.answers = []
    thumb.page.context.clear_cookies()
    thumb.sign_in(county.advisor_user)
    thumb.page.wait_for_function(
        "() => document.querySelector('#sent').textContent.includes('已全部')"
    )
    assert len(fake.logs) == 1


def test_a_screen_of_another_login_goes_by_itself(county: County, thumb: Thumb, fake: Fake) -> None:
    """Even if one were left in the browser's store, it is not what the next person looks at."""
    thumb.page.evaluate(
        """async () => {
            const pages = await caches.open("phone-screens");
            const kept = await (await pages.match("/mine/", { ignoreVary: true })).text();
            const other = kept.replace(/data-owner="[^"]*"/, 'data-owner="0000000000000000"');
            const head = { headers: { "Content-Type": "text/html" } };
            await pages.put("/mine/", new Response(other.replace("今日", "别人"), head));
        }"""
    )
    thumb.page.goto(f"{thumb.base}/mine/")
    thumb.page.wait_for_selector(f"{READY}:not([data-owner='0000000000000000'])")
    assert "别人" not in thumb.page.content()


def test_without_cryptography_names_are_not_kept(thumb: Thumb, fake: Fake) -> None:
    """As on a plain http address inside an office."""
    fake.answers = ["cut"] * 50
    thumb.page.add_init_script("Object.defineProperty(crypto, 'subtle', { value: undefined })")
    thumb.page.evaluate("indexedDB.deleteDatabase('lawadvisor-phone')")
    thumb.open("/mine/log/")
    thumb.chip("法律咨询")
    thumb.type("简述", "宅基地之争")
    thumb.page.wait_for_timeout(600)
    kept = _lying_in_clear(thumb.page)
    assert "consultation" in kept
    assert "宅基地" not in kept
    thumb.open("/mine/")
    thumb.tap(thumb.page.locator("#waiting summary"))
    thumb.sees("没有存下", "#waiting")


# ── without this or that ────────────────────────────────────────────────────────────────────────


def test_a_visit_is_logged_without_scripts(
    county: County, browser: Browser, live_server: LiveServer
) -> None:
    context = browser.new_context(viewport=PHONE, java_script_enabled=False, locale="zh-CN")
    context.set_default_timeout(8_000)
    page = context.new_page()
    page.goto(f"{live_server.url}/login/")
    page.get_by_label("用户名").fill(county.advisor_user.username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.get_by_role("link", name="记一次").first.click()
    page.get_by_label("法律咨询").check()
    page.get_by_role("button", name="保存").click()
    assert "请填写服务内容" in page.inner_text("main")
    page.get_by_label("简述").fill("解答咨询。")
    page.get_by_role("button", name="保存").click()
    assert "已送达" in page.inner_text("main")
    assert overflow(page) == 0
    assert ServiceLog.objects.get().matters.get().content.reveal() == "解答咨询。"
    context.close()


def test_all_works_where_service_workers_are_barred(
    county: County, browser: Browser, live_server: LiveServer
) -> None:
    """As in WeChat on an iPhone: no reload without a network, but nothing is lost."""
    context = browser.new_context(
        viewport=PHONE, has_touch=True, is_mobile=True, service_workers="block", locale="zh-CN"
    )
    context.set_default_timeout(8_000)
    fake = Fake().attach(context)
    thumb = Thumb(context.new_page(), live_server.url)
    thumb.sign_in(county.advisor_user)
    thumb.follow("记一次")
    go_offline(thumb)
    thumb.chip("坐班，无来访")
    thumb.press("保存")
    thumb.sees("已存本机", "#saved-state")
    come_back(thumb, fake)
    thumb.sees("已送达", "#saved-state")
    assert len(fake.logs) == 1
    context.close()


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
