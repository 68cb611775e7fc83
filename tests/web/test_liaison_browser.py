"""A contact answers on a cheap phone: counted in taps, with and without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from assessments.services import PACKS, adopt_policy
from lawadvisor.foundation.viewer import SYSTEM
from tests.conftest import County, _make_county
from tests.factories import DAY, make_liaison, make_log, make_matter
from tests.web.browsing import PASSWORD, PHONE, Visit, flaws
from worklogs.enums import LogState, MatterKind, Mode
from worklogs.links import make_link as give
from worklogs.models import ServiceLog

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@dataclass(slots=True)
class Thumb:
    """Counts what a thumb does; opening the link in the message is the first tap."""

    page: Page
    taps: int = 0
    complaints: list[str] = field(default_factory=list)

    def open(self, address: str) -> None:
        self.taps += 1
        self.page.goto(address)

    def tap(self, selector: str) -> None:
        self.taps += 1
        self.page.locator(selector).first.tap()


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def thumb(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Thumb]:
    context = browser.new_context(
        viewport=PHONE, has_touch=True, locale="zh-CN", java_script_enabled=request.param
    )
    context.set_default_timeout(20_000)
    thumb = Thumb(context.new_page())
    thumb.page.on("console", lambda m: m.type == "error" and thumb.complaints.append(m.text))
    yield thumb
    context.close()


@pytest.fixture
def county(transactional_db: None) -> County:
    cache.clear()
    county = _make_county()
    village, township = county.village, county.township
    village.name, township.judicial_office = "红湖社区居委会", "长安司法分局"
    village.save()
    township.save()
    adopt_policy(bureau=county.bureau, pack_path=PACKS / "dg.toml", by=SYSTEM)
    for n, mode in enumerate((Mode.ON_SITE, Mode.PHONE, Mode.ON_SITE)):
        day = DAY + timedelta(days=n * 13)
        log = make_log(appointment=county.appointment, day=day, mode=mode, place="社区居委会二楼")
        kind = (MatterKind.CONSULTATION, MatterKind.MEDIATION, MatterKind.LECTURE)[n]
        make_matter(log=log, kind=kind, client="张三", content="张三咨询低保申请的条件和材料")
    return county


@pytest.fixture
def address(county: County, live_server: LiveServer) -> str:
    liaison = make_liaison(village=county.village, name="赵小六", phone="13700001234")
    by = county.office_user.as_actor("192.0.2.9")
    token = give(by=by, liaison=liaison, now=timezone.now())[1]
    return live_server.url + reverse("confirm", args=(token,))


def states() -> list[str]:
    return sorted(ServiceLog.objects.values_list("state", flat=True))


def test_a_month_is_confirmed_in_two_taps(thumb: Thumb, address: str):
    thumb.open(address)
    thumb.tap("button:has-text('全部属实')")
    thumb.page.get_by_text("已确认3条").wait_for()

    assert (thumb.taps, states()) == (2, [LogState.CONFIRMED] * 3)
    assert thumb.complaints == []


def test_a_visit_is_disputed_in_four_taps_and_nothing_typed(thumb: Thumb, address: str):
    thumb.open(address)
    thumb.tap("label.record")
    assert thumb.page.locator("button .all").is_hidden()
    thumb.tap(".chip:has-text('时间不对')")
    thumb.tap("button:has-text('其余有出入')")
    thumb.page.get_by_text("1条有出入").wait_for()

    assert (thumb.taps, states()) == (4, [LogState.CONFIRMED] * 2 + [LogState.RETURNED])
    returned = ServiceLog.objects.get(state=LogState.RETURNED)
    assert (returned.service_date, returned.returned_reason) == (
        DAY,
        "联络员认为有出入：时间不对",
    )


def fits(page: Page) -> None:
    assert flaws(page) == (0, [], [])


def test_the_contacts_page_fits_and_can_be_used_by_everybody(visit: Visit, address: str):
    page = visit.page
    page.goto(address)
    fits(page)
    page.locator(".tick").first.uncheck()
    fits(page)
    page.locator(".answer button").click()
    assert "请点选有出入的原因" in page.inner_text("main")
    fits(page)
    page.locator(".chip input").first.check()
    page.locator(".answer button").click()
    assert "谢谢" in page.inner_text("main")
    page.locator("summary").click()
    fits(page)
    page.get_by_role("button", name="发给法律顾问").click()
    assert "已发给法律顾问" in page.inner_text("main")
    fits(page)
    page.goto(address[:-9] + "wrong/")
    assert "链接打不开" in page.inner_text("main")
    fits(page)
    assert [told for told in visit.complaints if "status of 40" not in told] == []


def test_an_office_gives_a_link_and_a_phone_opens_it(
    visit: Visit, county: County, browser: Browser
):
    county.office_user.set_password(PASSWORD)
    county.office_user.save()
    page = visit.page
    visit.sign_in(county.office_user)
    page.get_by_role("link", name="联络员与确认").click()
    fits(page)
    page.get_by_role("link", name="红湖社区").click()
    page.get_by_label("姓名").fill("赵小六")
    page.get_by_label("联系电话").fill("13700001234")
    page.get_by_role("button", name="保存").click()
    fits(page)
    page.get_by_role("button", name="发出链接").click()
    fits(page)
    words = page.get_by_label("长按或全选复制").input_value()
    address = next(line for line in words.splitlines() if line.startswith("http"))
    assert page.locator("svg.qr").bounding_box()["width"] >= 200
    phone = browser.new_context(viewport=PHONE).new_page()
    phone.goto(address)
    assert "赵小六，您好" in phone.inner_text("main")
    phone.context.close()
    assert visit.complaints == []
