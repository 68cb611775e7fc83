"""The phone with its script, in a real browser: what is refused, shared phones, what is missing."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from tests.conftest import County
from tests.web.browsing import PASSWORD, PHONE, overflow
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
