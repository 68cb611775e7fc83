"""Photos on the phone against the real server: kept, sealed, carried one by one after the text."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Route

from tests.conftest import County
from tests.web.browsing import barriers, overflow
from tests.web.phone_robot import READY, Thumb, context, county, online
from worklogs.models import Attachment, Matter, ServiceLog
from worklogs.photos import path_of

__all__ = ["context", "county", "online"]  # fixtures
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

_PHOTOS = "**/api/v1/logs/*/photos/"
#: By the names of their stores, all that lies here of photos, as text.
_LYING = """async () => {
    const db = await new Promise(done => {
        const asked = indexedDB.open("lawadvisor-phone");
        asked.onsuccess = () => done(asked.result);
    });
    const found = {};
    for (const name of ["photos", "pictures"]) {
        const rows = await new Promise(done => {
            const asked = db.transaction(name).objectStore(name).getAll();
            asked.onsuccess = () => done(asked.result);
        });
        found[name] = rows.map(row => JSON.stringify(row)
            + (row.sealed ? new TextDecoder("latin1").decode(row.sealed.data) : ""));
    }
    db.close();
    return found;
}"""


@pytest.fixture
def camera(tmp_path: Path) -> list[Path]:
    """A gallery: a photo of twelve megapixels, and one that this browser cannot read."""
    large, strange = tmp_path / "a.jpg", tmp_path / "b.heic"
    Image.radial_gradient("L").resize((4000, 3000)).convert("RGB").save(large)
    strange.write_bytes(b"\0\0\0\x18ftypheic" + b"x" * 999)
    return [large, strange]


def take(thumb: Thumb, files: list[Path]) -> None:
    """A lecture with so many photos, not saved yet."""
    thumb.chip("法治讲座")
    thumb.phrase("结合案例")
    thumb.page.locator("#m0-photo").set_input_files(files)
    thumb.page.locator(f".photos li:nth-child({len(files)})").wait_for()


def header_says(thumb: Thumb, words: str) -> None:
    thumb.page.locator("#sent", has_text=words).wait_for()


def test_photos_outlive_a_reload_and_follow_their_text(thumb: Thumb, camera: list[Path]) -> None:
    page = thumb.page
    page.context.set_offline(True)
    thumb.open("/mine/log/")
    take(thumb, camera)
    thumb.open("/mine/log/")
    thumb.sees("接着上次没写完的", "#restored")
    assert page.locator(".photos li", has_text="已存本机").count() == 2
    lying = page.evaluate(_LYING)
    assert len(lying["pictures"]) == 2
    assert not any("JFIF" in each or "ftyp" in each for each in lying["pictures"])
    thumb.press("保存")
    thumb.sees("照片 2 张，未送达 2 张", "#saved-hint")
    header_says(thumb, "离线 · 待送 1")

    page.context.set_offline(False)
    thumb.sees("已送达", "#saved-state")
    header_says(thumb, "照片要处理 1")
    photo = Attachment.objects.get()
    with Image.open(path_of(photo)) as image:
        assert image.size == (1600, 1200)
    assert photo.matter == Matter.objects.get()

    thumb.open("/mine/records/")
    thumb.sees("HEIC", "#waiting .photos")
    assert (overflow(page), barriers(page)) == (0, [])
    thumb.tap(page.locator(".photos").get_by_role("button", name="删除"))
    thumb.tap(page.locator(".photos").get_by_role("button", name="确定删除"))
    header_says(thumb, "已全部送达")
    thumb.sees("照片 1 张", "#live")
    assert page.evaluate(_LYING)["pictures"] == []


def test_a_text_never_waits_for_a_picture(thumb: Thumb, camera: list[Path]) -> None:
    answers = [503, 0]

    def answer(route: Route) -> None:
        status = answers.pop(0) if answers else None
        if status is None:
            route.continue_()
        elif status:
            route.fulfill(status=status, json={})
        else:
            route.abort("connectionreset")

    page = thumb.page
    page.context.route(_PHOTOS, lambda route: answer(route))  # noqa: PLW0108
    thumb.open("/mine/log/")
    take(thumb, camera[:1])
    thumb.press("保存")
    thumb.sees("已送达", "#saved-state")
    header_says(thumb, "待送照片 1")
    assert page.locator("#sent.good").count() == 0
    thumb.open("/mine/me/")
    thumb.press("退出登录")
    thumb.sees("1 张照片没有送达", "#leaving")
    thumb.press("先不退出，送达")
    thumb.tap(page.locator("#waiting summary"))
    thumb.sees("未送达，已试", "#waiting .photos")
    answers.clear()
    thumb.tap(page.locator(".photos").get_by_role("button", name="再送"))
    header_says(thumb, "已全部送达")
    assert (ServiceLog.objects.count(), Attachment.objects.count()) == (1, 1)


def test_a_photo_is_added_to_what_was_sent_long_ago(
    county: County, thumb: Thumb, camera: list[Path]
) -> None:
    thumb.open("/mine/log/")
    thumb.chip("法治讲座")
    thumb.phrase("结合案例")
    thumb.press("保存")
    thumb.sees("已送达", "#saved-state")
    header_says(thumb, "已全部送达")
    thumb.open("/mine/records/")
    thumb.tap(thumb.page.get_by_role("link", name="记录加照片"))
    thumb.page.wait_for_selector(f"{READY} form.adding")
    assert (overflow(thumb.page), barriers(thumb.page)) == (0, [])
    thumb.page.locator("#m0-photo").set_input_files(camera[:1])
    thumb.page.locator(".gallery img").wait_for()
    assert Attachment.objects.get().matter.log == ServiceLog.objects.get()
    thumb.page.context.clear_cookies(name="csrftoken")  # the page outlived its token
    thumb.page.locator("#m0-photo").set_input_files(camera[1:])
    thumb.sees("HEIC", "form.adding .photos")
    thumb.open("/mine/me/")
    thumb.press("退出登录")
    thumb.press("删除并退出")
    thumb.page.wait_for_url("**/login/")
    assert thumb.page.evaluate(_LYING) == {"photos": [], "pictures": []}
