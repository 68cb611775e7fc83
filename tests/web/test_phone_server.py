"""The phone against the real server: what it keeps arrives once, and what is refused is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Route

from advisors.enums import AppointmentStatus
from tests import factories
from tests.conftest import County
from tests.web.phone_robot import Thumb, context, county, log_a_visit, online
from worklogs.enums import LogState, Purpose
from worklogs.models import Filing, Matter, ServiceLog

__all__ = ["context", "county", "online"]  # fixtures
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def all_delivered(thumb: Thumb) -> None:
    thumb.page.wait_for_function(
        "() => document.querySelector('#sent').textContent.includes('已全部')"
    )


def test_what_is_saved_arrives_as_it_was_typed(county: County, thumb: Thumb) -> None:
    thumb.follow("记一次")
    thumb.chip("法律咨询")
    thumb.phrase("解答婚姻家庭")
    thumb.press("＋ 同一次还做了一件事")
    second = thumb.page.locator(".matter").nth(1)
    thumb.tap(second.get_by_label("法治讲座"))
    second.get_by_label("人数").fill("30")
    second.get_by_label("题目").fill("民法典")
    thumb.tap(second.locator(".phrase", has_text="结合案例"))
    thumb.press("保存")
    thumb.sees("已送达", "#saved-state")
    all_delivered(thumb)
    log = ServiceLog.objects.get()
    assert (log.appointment, log.state) == (county.appointment, LogState.SUBMITTED)
    assert (log.service_date, log.minutes) == (timezone.localdate(), 120)
    assert log.purpose == Purpose.DUTY
    told = [(m.kind, m.audience, m.focus) for m in Matter.objects.order_by("pk")]
    assert told == [("consultation", None, ""), ("lecture", 30, "民法典")]
    thumb.open("/mine/records/")
    thumb.sees("法治讲座", "#live")
    assert thumb.page.locator("#waiting li").count() == 0


def test_many_visits_made_without_signal_arrive_each_once(county: County, thumb: Thumb) -> None:
    thumb.page.context.set_offline(True)
    for n in range(6):
        thumb.open("/mine/log/")
        thumb.chip("坐班，无来访")
        thumb.chip("1")
        thumb.press("保存")
        thumb.sees("已存本机", "#saved-state")
        assert thumb.header == f"离线 · 待送 {n + 1}"
    thumb.page.context.set_offline(False)
    all_delivered(thumb)
    logs = ServiceLog.objects.order_by("started_at")
    assert [log.minutes for log in logs] == [60] * 6
    assert logs.filter(no_visitors=True).count() == 6


@pytest.mark.parametrize("where", ["before", "after"])
def test_a_cut_line_loses_and_doubles_nothing(county: County, thumb: Thumb, where: str) -> None:
    """Three times in a row the line breaks, before the server hears of it or after it wrote."""
    cuts = []

    def cut(route: Route) -> None:
        if len(cuts) >= 3:
            route.continue_()
            return
        if where == "after":
            route.fetch()
        cuts.append(1)
        route.abort("connectionreset")

    thumb.page.context.route("**/api/v1/logs/batch/", lambda route: cut(route))  # noqa: PLW0108
    log_a_visit(thumb)
    for _ in range(100):
        if thumb.page.locator("#sent.good, #saved.good").count():
            assert len(cuts) == 3
            break
        thumb.page.evaluate("dispatchEvent(new Event('focus'))")
        thumb.page.wait_for_timeout(100)
    thumb.sees("已送达", "#saved-state")
    assert ServiceLog.objects.count() == 1


def test_an_appointment_that_ended_meanwhile_is_told_in_words(county: County, thumb: Thumb) -> None:
    thumb.page.context.set_offline(True)
    thumb.open("/mine/log/")
    thumb.chip("坐班，无来访")
    thumb.press("保存")
    thumb.sees("已存本机", "#saved-state")
    row = county.appointment
    row.term = factories.term(end=timezone.localdate() - timedelta(days=3))
    row.status = AppointmentStatus.ENDED
    row.save()
    thumb.page.context.set_offline(False)
    thumb.sees("没有被接受", "#saved-state")
    thumb.open("/mine/")
    thumb.sees("的任期内", "#waiting")
    assert thumb.header == "要处理 1"
    thumb.follow("修改")
    thumb.tap(thumb.page.get_by_label("选日期"))
    day = timezone.localdate() - timedelta(days=4)
    thumb.page.locator("[name=other_day]").fill(day.isoformat())
    thumb.press("保存")
    thumb.sees("已送达", "#saved-state")
    assert ServiceLog.objects.get().service_date == day


def test_two_phones_with_the_same_hour_are_told_apart(county: County, thumb: Thumb) -> None:
    """The other phone was quicker: the second visit at that time is refused, and moved."""
    factories.make_log(appointment=county.appointment, day=timezone.localdate(), start="10:00")
    log_a_visit(thumb)
    thumb.sees("没有被接受", "#saved-state")
    thumb.open("/mine/")
    thumb.sees("时间不能重叠", "#waiting")
    thumb.press("删除")
    thumb.press("确定删除")
    thumb.page.wait_for_selector("#waiting", state="hidden")
    assert ServiceLog.objects.count() == 1


def test_a_changed_record_replaces_the_one_that_was_sent(county: County, thumb: Thumb) -> None:
    """Its answer was lost, it was changed, and the person says which one holds."""
    lost: list[Any] = []

    def lose_first(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch())
        route.abort("connectionreset")

    thumb.page.context.route("**/api/v1/logs/batch/", lambda route: lose_first(route))  # noqa: PLW0108
    log_a_visit(thumb)
    thumb.page.wait_for_selector("#sent.local")
    thumb.page.context.set_offline(True)
    thumb.press("修改这一条")
    thumb.page.wait_for_selector("#restored:not([hidden])")
    thumb.chip("4")
    thumb.press("保存")
    thumb.page.context.set_offline(False)
    thumb.sees("没有被接受", "#saved-state")
    thumb.open("/mine/records/")
    thumb.sees("结束时间", ".differences")
    thumb.press("用本机这份替换")
    all_delivered(thumb)
    log = ServiceLog.objects.get()
    assert (log.minutes, log.version, log.matters.count()) == (240, 2, 1)


@pytest.fixture
def returned(county: County) -> ServiceLog:
    log = factories.make_log(
        appointment=county.appointment,
        day=timezone.localdate(),
        state=LogState.RETURNED,
        returned_reason="时间不符",
    )
    factories.make_matter(log=log, content="解答咨询。", client="钱来")
    factories.make_matter(log=log, kind="mediation", content="宅基地之争。")
    return log


def open_returned(thumb: Thumb) -> None:
    thumb.open("/mine/")
    thumb.sees("退回 1 条")
    thumb.tap(thumb.page.get_by_role("link", name="修改").first)
    thumb.page.wait_for_selector("html[data-ready=log]")
    thumb.sees("退回原因：时间不符")


def test_a_returned_record_is_mended_without_signal(thumb: Thumb, returned: ServiceLog) -> None:
    """It comes back as it was typed after a reload, and what is sealed to its writer stays."""
    open_returned(thumb)
    thumb.chip("2")
    thumb.page.locator("#sent").wait_for(state="attached")
    thumb.page.wait_for_timeout(600)
    thumb.page.reload()
    thumb.sees("接着上次没写完的", "#restored")
    thumb.page.context.set_offline(True)
    thumb.press("保存并重新提交")
    thumb.sees("已存本机", "#saved-state")
    assert "钱来" not in thumb.page.content()
    thumb.page.context.set_offline(False)
    thumb.sees("已送达", "#saved-state")
    all_delivered(thumb)
    returned.refresh_from_db()
    assert (returned.state, returned.minutes) == (LogState.SUBMITTED, 120)
    told = returned.matters.order_by("pk")
    assert [matter.content.reveal() for matter in told] == ["解答咨询。", "宅基地之争。"]


def test_what_was_changed_elsewhere_is_set_beside_it(thumb: Thumb, returned: ServiceLog) -> None:
    open_returned(thumb)
    ServiceLog.objects.filter(pk=returned.pk).update(version=2, place="文化礼堂")
    thumb.chip("2")
    thumb.press("保存并重新提交")
    thumb.sees("没有被接受", "#saved-state")
    thumb.open("/mine/records/")
    thumb.sees("文化礼堂", ".differences")
    thumb.press("用本机这份替换")
    all_delivered(thumb)
    returned.refresh_from_db()
    assert (returned.version, returned.place, returned.minutes) == (3, "", 120)


def test_a_month_without_service_is_stated_without_signal(county: County, thumb: Thumb) -> None:
    thumb.page.context.set_offline(True)
    thumb.open("/mine/month/")
    fold = thumb.page.locator("details", has_text=f"{county.village.short_name}本月没有服务")
    thumb.tap(fold.locator("summary"))
    thumb.tap(fold.get_by_role("button", name="零申报"))
    thumb.sees("零申报", "#waiting")
    thumb.page.locator("#sent", has_text="离线 · 待送 1").wait_for()
    thumb.page.context.set_offline(False)
    all_delivered(thumb)
    filing = Filing.objects.get()
    assert (filing.village, filing.body) == (county.village, "本月未接到服务需求")


def test_the_home_screen_counts_what_has_just_arrived(county: County, thumb: Thumb) -> None:
    thumb.sees("本月已提交 0 条")
    log_a_visit(thumb)
    thumb.sees("已送达", "#saved-state")
    thumb.open("/mine/")
    thumb.sees("本月已提交 1 条")


@pytest.fixture
def habit(county: County) -> str:
    said = "解答宅基地方面的咨询。"
    for ago in (40, 41):
        day = timezone.localdate() - timedelta(days=ago)
        log = factories.make_log(appointment=county.appointment, day=day)
        factories.make_matter(log=log, content=said)
    return said


def test_what_one_often_writes_is_one_tap(habit: str, thumb: Thumb) -> None:
    """It comes to the phone by itself, and lies in no screen that is kept."""
    for _ in range(50):
        thumb.open("/mine/log/")
        thumb.chip("法律咨询")
        if thumb.page.locator(".phrase:visible").first.inner_text() == habit:
            break
    thumb.phrase(habit)
    thumb.press("保存")
    thumb.sees("已送达", "#saved-state")
    assert Matter.objects.latest("pk").content.reveal() == habit
    screens = thumb.page.evaluate(
        """async () => {
            const pages = await caches.open("phone-screens");
            const kept = (await pages.keys()).map(async key => (await pages.match(key)).text());
            return (await Promise.all(kept)).join();
        }"""
    )
    assert "坐班，无来访" in screens
    assert habit not in screens
