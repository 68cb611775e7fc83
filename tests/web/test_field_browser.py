"""Requests, reports, trainings and numbers in a real browser, at two sizes."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from playwright.sync_api import Page

from assessments.services import PACKS, adopt_policy
from lawadvisor.foundation.viewer import SYSTEM
from tests.conftest import County, _make_county
from tests.factories import make_incident, make_log, make_matter, make_note, make_request
from tests.web.browsing import PASSWORD, Visit, flaws
from worklogs.enums import MatterKind, RequestState
from worklogs.models import Incident, ServiceRequest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def county(transactional_db: None) -> County:
    cache.clear()
    county = _make_county()
    county.village.name, county.township.judicial_office = "红湖社区居委会", "蒸湘司法所"
    county.village.save()
    county.township.save()
    for user in (county.bureau_user, county.office_user, county.advisor_user):
        user.set_password(PASSWORD)
        user.save()
    adopt_policy(bureau=county.bureau, pack_path=PACKS / "zx.toml", by=SYSTEM)
    return county


def fits(page: Page) -> None:
    assert flaws(page) == (0, [], [])


def go(visit: Visit, path: str) -> Page:
    visit.page.goto(visit.base + path)
    fits(visit.page)
    return visit.page


def leave(visit: Visit) -> None:
    visit.page.get_by_role("button", name="退出登录").click()


def test_a_request_from_the_office_to_the_answer(visit: Visit, county: County):
    make_request(village=county.village, state=RequestState.CLOSED)
    visit.sign_in(county.office_user)
    page = go(visit, "/requests/")
    page.get_by_text("提出请求").click()
    page.get_by_label("村（社区）", exact=True).select_option(label="红湖社区")
    page.get_by_label("疑难问题").check()
    page.get_by_label("什么事").fill("集体土地能否抵押？")
    fits(page)
    page.get_by_role("button", name="发给法律顾问").click()
    assert "已发给法律顾问" in page.inner_text("main")
    leave(visit)

    visit.sign_in(county.advisor_user)
    page = go(visit, f"/requests/{ServiceRequest.objects.latest('pk').pk}/")
    page.get_by_role("button", name="受理").click()
    page.get_by_label("答复内容").fill("须经村民会议同意，按程序办理。")
    page.get_by_role("button", name="提交答复").click()
    assert "用时" in page.inner_text("main")
    fits(page)
    assert visit.complaints == []


def test_a_grave_matter_from_the_advisor_to_the_office(visit: Visit, county: County):
    visit.sign_in(county.advisor_user)
    page = go(visit, "/incidents/new/")
    page.get_by_label("可能引发大规模上访").check()
    page.get_by_label("紧急").check()
    page.get_by_label("在哪里").fill("社区居委会门口")
    page.get_by_label("情况（加密保存）").fill("居民就物业收费聚集")
    page.get_by_role("button", name="立即报告").click()
    assert "已报送司法所、司法局、镇街。" in page.inner_text("main")
    fits(page)
    leave(visit)

    visit.sign_in(county.office_user)
    page = go(visit, "/incidents/")
    page.get_by_role("link", name="红湖社区").click()
    page.get_by_role("button", name="签收").click()
    assert "已签收。" in page.inner_text("main")
    page.get_by_label("内容", exact=True).fill("已到场")
    page.get_by_role("button", name="记下").click()
    fits(page)
    assert Incident.objects.get().notes.count() == 1
    assert visit.complaints == []


def test_every_other_page_fits(visit: Visit, county: County):
    make_note(incident=make_incident(appointment=county.appointment))
    log = make_log(appointment=county.appointment, place="文化广场")
    make_matter(log=log, kind=MatterKind.LECTURE, focus="民法典", audience=45, marks=["youth"])
    visit.sign_in(county.office_user)
    for path in (
        *("/trainings/", "/incidents/", f"/incidents/{Incident.objects.get().pk}/"),
        *(f"/village/{county.village.code}/lectures/?year=2026",),
    ):
        go(visit, path)
    leave(visit)
    visit.sign_in(county.bureau_user)
    page = go(visit, f"/bureau/{county.bureau.code}/limits/")
    page.get_by_label("疑难问题：几天内答复").fill("5")
    page.get_by_role("button", name="保存").click()
    fits(page)
    go(visit, "/trainings/")
    assert visit.complaints == []
