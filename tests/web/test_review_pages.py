"""The office's review: what the page says, what may be moved, and in how many questions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.enums import MonthState
from assessments.models import MonthDesk, Reopening
from assessments.services import PACKS, adopt_policy
from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.viewer import SYSTEM
from tests import factories
from tests.conftest import County
from tests.factories import OCTOBER
from tests.web.conftest import signed_in
from worklogs.enums import FilingKind, FilingState, LogState, MatterKind, Mode
from worklogs.models import ServiceLog

TODAY = date(2026, 11, 3)


@pytest.fixture(autouse=True)
def _third_of_november(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 11, 3, 1, tzinfo=UTC)
    monkeypatch.setattr(timezone, "localdate", lambda value=None: value.date() if value else TODAY)
    monkeypatch.setattr(timezone, "now", lambda: now)


@pytest.fixture(autouse=True)
def _policy(county: County) -> None:
    adopt(county, "zx")


def adopt(county: County, pack: str) -> None:
    county.bureau.policies.all().delete()
    adopt_policy(bureau=county.bureau, pack_path=PACKS / f"{pack}.toml", by=SYSTEM)


def clean_log(county: County, day: int, **fields: object) -> ServiceLog:
    log = factories.make_log(
        appointment=county.appointment,
        day=date(2026, 10, day),
        entered_at=factories.at(date(2026, 10, day), "20:00"),
        **fields,
    )
    factories.make_matter(log=log)
    return log


def address(county: County, name: str = "review", *more: int) -> str:
    return reverse(name, args=[county.township.code, OCTOBER, *more])


def text(client: Client, where: str) -> str:
    response = client.get(where)
    assert response.status_code == 200
    return response.content.decode()


def said(client: Client, where: str, sent: dict | None = None) -> list[str]:
    response = client.post(where, sent or {}, follow=True)
    assert response.status_code == 200
    return [str(message) for message in response.context["messages"]]


def state(log: ServiceLog) -> str:
    return ServiceLog.objects.get(pk=log.pk).state


def test_the_bureau_acts_for_a_late_office_on_the_township_page(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    bureau, where = signed_in(county.bureau_user), address(county, "township-month")
    assert "由局代办报送" not in text(bureau, where)
    act = address(county, "month-act-for")
    assert said(bureau, act) == [f"{county.township.name}2026年10月还没有逾期，不能由局代办。"]
    late = date(2026, 11, 6)
    monkeypatch.setattr(timezone, "localdate", lambda value=None: value.date() if value else late)
    assert "由局代办报送</button>" in text(bureau, where)
    assert "由局代办报送" not in text(signed_in(county.office_user), where)
    assert said(bureau, act) == [
        f"已由局代办{county.township.name}2026年10月的报送，标明未经司法所审核。"
    ]
    page = text(signed_in(county.office_user), where)
    assert f"{county.bureau_user.name}由局代办，未经司法所审核，已报送" in page
    review = text(signed_in(county.office_user), address(county))
    assert "由司法局代办报送，未经司法所审核；撤回后可以核验并自行报送。" in review
    grid = text(bureau, reverse("bureau-months", args=[county.bureau.code]))
    assert "已报送<br>由局代办" in grid


# ── the table ───────────────────────────────────────────────────────────────────────────────────


def test_the_rows_are_sorted_as_asked_and_what_is_odd_stays_before_the_rest(
    county: County,
) -> None:
    clean_log(county, 9)
    clean_log(county, 16)
    busy = factories.make_appointment(village=factories.make_village(township=county.township))
    for day in (9, 16, 23):
        log = factories.make_log(appointment=busy, day=date(2026, 10, day))
        ServiceLog.objects.filter(pk=log.pk).update(state=LogState.CONFIRMED)
    office = signed_in(county.office_user)

    def rows(sort: str) -> list[int]:
        table = office.get(address(county), {"sort": sort}).context["table"]
        return [row.appointment for row in (*table.odd, *table.plain)]

    own, other = county.appointment.pk, busy.pk
    by_code = sorted((county.appointment, busy), key=lambda each: each.village.code)
    assert rows("village") == [each.pk for each in by_code]
    assert rows("visits") == rows("hours") == [own, other]
    assert rows("confirmed") == [own, other]
    busy.advisor.name, county.advisor.name = "丁丁", "王王"
    for advisor in (busy.advisor, county.advisor):
        advisor.save()
    assert rows("advisor") == [other, own]
    assert rows("nonsense") == rows("")
    page = office.get(address(county), {"sort": "visits"}).content.decode()
    assert '<strong aria-current="true">次数少的在前</strong>' in page
    ServiceLog.objects.filter(appointment=busy).update(
        entered_at=factories.at(date(2026, 10, 30), "9:00")
    )
    assert rows("visits")[0] == other  # late entries ask for a look


def test_a_clean_month_is_verified_in_one_go(county: County) -> None:
    logs = [clean_log(county, day) for day in (9, 16)]
    client = signed_in(county.office_user)
    table = client.get(address(county)).context["table"]
    assert [row.village for row in table.plain] == [county.village.short_name]
    assert table.odd == ()
    row = table.plain[0]
    assert (row.visits, row.hours, row.confirmed, row.reviewed) == (2, "8小时", 0, 0)
    shown = client.get(address(county, "review-all")).context["table"].clean
    assert [record.pk for record in shown] == [log.pk for log in logs]
    sent = {"logs": ",".join(f"{record.pk}.{record.version}" for record in shown)}
    assert said(client, address(county, "review-all"), sent) == ["已核验2条记录。"]
    assert {state(log) for log in logs} == {LogState.REVIEWED}
    assert said(client, address(county, "review-all")) == ["没有可以核验的记录，未作改动。"]
    entries = AuditEntry.objects.filter(verb="log.reviewed")
    assert [entry.actor_id for entry in entries] == [county.office_user.pk] * 2


def test_rows_to_look_at_come_first_in_words_and_stay_out_of_the_bulk(county: County) -> None:
    clean = [clean_log(county, day) for day in (9, 16)]
    village = factories.make_village(township=county.township)
    other = factories.make_appointment(advisor=county.advisor, village=village)
    odd = factories.make_log(
        appointment=other,
        day=date(2026, 10, 9),
        start="14:00",
        end="16:00",
        entered_at=factories.at(date(2026, 10, 20), "20:00"),
    )
    vacant = factories.make_village(township=county.township)
    client = signed_in(county.office_user)
    page = client.get(address(county))
    table = page.context["table"]
    assert [row.village for row in table.odd] == [
        village.short_name,
        county.village.short_name,
        vacant.short_name,
    ]
    assert table.odd[0].words == (
        "缺次：现场咨询服务0/2次",
        f"同日两村：当天还在{county.village.short_name}",
        "补录11天：服务后11天才录入",
    )
    assert table.odd[2].words == ("无法律顾问",)
    assert [record.pk for record in table.clean] == [clean[1].pk]
    shown = text(client, address(county, "review-all"))
    assert "将核验 <strong>1</strong> 条" in shown
    assert "以下 2 条有异常" in shown
    row = {"logs": f"{odd.pk}.1,{clean[0].pk}.1"}
    assert said(client, address(county, "review-row", other.pk), row) == ["已核验1条记录。"]
    assert [state(log) for log in (odd, *clean)] == ["reviewed", "submitted", "submitted"]


def test_nobody_served_and_nothing_was_done_is_said(county: County) -> None:
    row = signed_in(county.office_user).get(address(county)).context["table"].odd[0]
    assert row.words[:2] == ("本月没有服务记录，也没有零申报", "缺次：现场咨询服务0/2次")


def test_a_month_in_which_nothing_was_needed_is_told(county: County) -> None:
    zero = {
        "kind": FilingKind.ZERO_REPORT,
        "period_start": OCTOBER.start,
        "period_end": OCTOBER.end,
        "body": "本月未接到服务需求",
    }
    own = factories.make_filing(village=county.village, advisor=county.advisor, **zero)
    office = signed_in(county.office_user)
    row = office.get(address(county)).context["table"].odd[0]
    assert row.words == ("缺次：现场咨询服务0/2次",)
    assert "零申报：本月未接到服务需求" in text(office, address(county))
    assert tasks(office, county)["零申报"] == ("1份", "DONE")
    own.state = FilingState.WITHDRAWN
    own.save()
    assert "零申报" not in tasks(office, county)
    assert office.get(address(county)).context["table"].odd[0].zero == ""


def test_a_running_month_misses_nothing_yet(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: date(2026, 10, 20))
    clean_log(county, 9)
    client = signed_in(county.office_user)
    assert client.get(address(county)).context["table"].odd == ()
    assert "2026年10月结束后可以报送。" in text(client, address(county))


def test_confirmation_and_photos_where_the_policy_asks(county: County) -> None:
    adopt(county, "dg")
    log = clean_log(county, 9)
    lecture = clean_log(county, 16, start="14:00", end="16:00")
    factories.make_matter(log=lecture, kind=MatterKind.LECTURE)
    ServiceLog.objects.filter(pk=lecture.pk).update(state=LogState.CONFIRMED)
    records = {
        record.pk: record.words
        for row in signed_in(county.office_user).get(address(county)).context["table"].odd
        for record in row.records
    }
    assert records == {log.pk: ("未确认：村（社区）尚未确认",), lecture.pk: ()}


def test_what_an_advisor_does_elsewhere_is_not_named(county: County) -> None:
    log = clean_log(county, 9)
    elsewhere = factories.make_appointment(advisor=county.advisor, village=county.sibling_village)
    factories.make_log(appointment=elsewhere, day=date(2026, 10, 9), start="13:05", end="14:00")
    client = signed_in(county.office_user)
    words = client.get(address(county)).context["table"].odd[0].words
    assert "同日两村：当天还在外镇街的村（社区）" in words
    assert "两村之间只隔5分钟" in words
    assert county.sibling_village.short_name not in text(client, address(county))
    assert state(log) == "submitted"


def test_no_client_stands_on_the_page(county: County) -> None:
    log = clean_log(county, 9)
    factories.make_matter(log=log, client="钱不来", phone="13900000001", content="宅基地之争")
    shown = text(signed_in(county.office_user), address(county))
    assert not [word for word in ("钱不来", "13900000001", "宅基地之争") if word in shown]


def test_a_duty_to_which_nobody_came_is_told(county: County) -> None:
    factories.make_log(
        appointment=county.appointment, no_visitors=True, mode=Mode.ON_SITE, purpose="duty"
    )
    assert "（无来访）" in text(signed_in(county.office_user), address(county))


# ── one by one ──────────────────────────────────────────────────────────────────────────────────


def test_one_record_goes_back_for_a_reason(county: County) -> None:
    log = clean_log(county, 9)
    client, where = signed_in(county.office_user), address(county, "review-one", log.pk)
    assert said(client, where, {"deed": "return"}) == ["请填写退回原因。"]
    assert said(client, where, {"deed": "return", "reason": "瞎编的"}) == ["请填写退回原因。"]
    assert state(log) == "submitted"
    sent = {"deed": "return", "reason": "时间有误", "more": "应为下午"}
    assert said(client, where, sent) == ["10月9日的记录已退回。"]
    log.refresh_from_db()
    assert (log.state, log.returned_reason) == ("returned", "时间有误：应为下午")
    assert "应为下午" in text(client, address(county))
    row = client.get(address(county)).context["table"].odd[0]
    assert (row.returned, row.waiting, row.counted) == (1, (), ())


def test_a_verified_record_may_still_go_back_and_twice_is_refused(county: County) -> None:
    log = clean_log(county, 9)
    client, where = signed_in(county.office_user), address(county, "review-one", log.pk)
    assert said(client, where, {"deed": "review"}) == ["10月9日的记录已核验。"]
    assert said(client, where, {"deed": "review"}) == ["当前状态为“已核验”，不能改为“已核验”。"]
    assert said(client, where, {"deed": "return", "more": "村委会说没来"}) == [
        "10月9日的记录已退回。"
    ]


def test_another_townships_record_is_not_there(county: County) -> None:
    log = factories.make_log(appointment=county.sibling_appointment)
    client = signed_in(county.office_user)
    response = client.post(address(county, "review-one", log.pk), {"deed": "review"})
    assert response.status_code == 404
    sent = {"logs": f"{log.pk}.1"}
    assert said(client, address(county, "review-all"), sent) == ["没有可以核验的记录，未作改动。"]
    assert state(log) == "submitted"


def test_the_township_looks_and_moves_nothing(county: County) -> None:
    log = clean_log(county, 9)
    client = signed_in(county.township_user)
    shown = text(client, address(county))
    assert county.village.short_name in shown
    assert '<button class="button"' not in shown
    assert client.post(address(county, "review-one", log.pk)).status_code == 403


# ── tasks and the hand-over ─────────────────────────────────────────────────────────────────────


def tasks(client: Client, county: County) -> dict[str, tuple[str, str]]:
    page = client.get(address(county, "township-month"))
    return {task.name: (task.said, task.word.name) for task in page.context["todo"].tasks}


def test_the_task_list_follows_the_month(county: County) -> None:
    office, bureau = signed_in(county.office_user), signed_in(county.bureau_user)
    assert tasks(office, county) == {
        "核验服务记录": ("还没有服务记录", "WAITING"),
        "报送司法局": ("未报送，最迟11月4日（系统默认）", "TO_DO"),
        "关账": ("由司法局办理，尚未关账", "WAITING"),
    }
    log = clean_log(county, 9)
    assert tasks(office, county)["核验服务记录"] == ("待核验1条，共1条", "TO_DO")
    assert "还有1条记录没有核验。" in said(office, address(county, "month-submit"))[0]
    said(office, address(county, "review-one", log.pk), {"deed": "review"})
    assert tasks(office, county)["核验服务记录"] == ("1条已全部核验", "DONE")
    assert said(office, address(county, "month-submit")) == [
        f"2026年10月已报送{county.bureau.name}。"
    ]
    told = f"{county.office_user.name}于11月3日报送，"
    assert tasks(office, county)["报送司法局"] == (f"{told}已报送", "DONE")
    assert said(bureau, address(county, "month-return"), {"reason": "少一村"}) == [
        f"已将2026年10月退回{county.township.name}。"
    ]
    assert tasks(office, county)["报送司法局"] == (f"{told}司法局已退回：少一村", "LATE")
    assert "司法局已退回：少一村" in text(office, address(county))
    said(office, address(county, "month-submit"))
    assert said(office, address(county, "month-take-back")) == ["已撤回2026年10月的报送。"]
    said(office, address(county, "month-submit"))
    assert said(bureau, address(county, "month-accept")) == [
        f"已接收{county.township.name}2026年10月。"
    ]
    assert tasks(office, county)["报送司法局"] == (f"{told}已接收", "DONE")
    assert MonthDesk.objects.get().state == MonthState.ACCEPTED


def test_what_waits_is_handed_in_only_when_said(county: County) -> None:
    clean_log(county, 9)
    office = signed_in(county.office_user)
    assert "1条没有核验，仍要报送" in text(office, address(county))
    sent = {"unreviewed_too": "1"}
    assert said(office, address(county, "month-submit"), sent)[0].startswith("2026年10月已报送")


def test_the_policy_that_asks_for_confirmation_has_a_task_for_it(county: County) -> None:
    adopt(county, "dg")
    office = signed_in(county.office_user)
    assert tasks(office, county)["村（社区）确认"] == ("没有未确认的记录", "DONE")
    clean_log(county, 9)
    assert tasks(office, county)["村（社区）确认"] == ("未确认1条，可电话核实后核验", "TO_DO")


def test_a_closed_month_is_shut_but_for_the_village_that_is_opened(county: County) -> None:
    log = clean_log(county, 9)
    factories.make_close(policy=county.bureau.policies.get())
    office, bureau = signed_in(county.office_user), signed_in(county.bureau_user)
    assert tasks(office, county)["报送司法局"] == ("未报送，由局代办，未经司法所审核", "LATE")
    assert "由局代办，未经司法所审核" in text(office, address(county))
    where = address(county, "review-one", log.pk)
    assert "没有开锁" in said(office, where, {"deed": "review"})[0]
    assert "data-verify" not in text(office, address(county))
    reopen = address(county, "month-reopen")
    assert said(bureau, reopen, {"village": county.village.code}) == ["请填写开锁事由。"]
    assert said(bureau, reopen, {"village": county.village.code, "reason": "漏核一条"}) == [
        f"{county.village.short_name}2026年10月已开锁，3天后自动锁上；其他村（社区）不受影响。"
    ]
    assert Reopening.objects.get().reason == "漏核一条"
    assert "漏核一条，11月6日 09:00锁上" in text(bureau, address(county, "township-month"))
    assert "data-verify" in text(office, address(county))
    assert said(office, where, {"deed": "review"}) == ["10月9日的记录已核验。"]


def test_a_village_of_another_township_is_not_opened(county: County) -> None:
    factories.make_close(policy=county.bureau.policies.get())
    bureau = signed_in(county.bureau_user)
    sent = {"village": county.sibling_village.code, "reason": "漏核一条"}
    assert bureau.post(address(county, "month-reopen"), sent).status_code == 404
    assert not Reopening.objects.exists()


# ── the bureau's months ─────────────────────────────────────────────────────────────────────────


def test_the_grid_says_who_came_and_who_in_time(county: County) -> None:
    handed_in = {"state": MonthState.ACCEPTED, "submitted_by": "李四"}
    factories.make_month_desk(
        township=county.township,
        submitted_at=factories.at(date(2026, 11, 4), "18:00"),
        **handed_in,
    )
    factories.make_month_desk(
        township=county.sibling_township,
        submitted_at=factories.at(date(2026, 11, 5), "08:00"),
        **handed_in,
    )
    september = OCTOBER.previous()
    factories.make_month_desk(
        township=county.township,
        month=september.start,
        state=MonthState.CLOSED,
        for_silent_office=True,
    )
    whole = {"closed_at": timezone.now()}
    factories.make_close(policy=county.bureau.policies.get(), month=september.start, **whole)
    page = signed_in(county.bureau_user).get(reverse("bureau-months", args=[county.bureau.code]))
    grid = page.context["grid"]
    assert [month.code for month in grid.months[:3]] == ["2026-11", "2026-10", "2026-09"]
    assert len(grid.months) == 12
    found = [[cell.words for cell in line.cells[:4]] for line in grid.lines]
    assert found == [
        [("未开始",), ("已接收", "按时报送"), ("已关账", "由局代办"), ("未开始", "逾期未报")],
        [("未开始",), ("已接收", "逾期报送"), ("已关账", "由局代办"), ("未开始", "逾期未报")],
    ]
    counted = [(each.expected, each.handed_in, each.in_time) for each in grid.reported[:3]]
    assert counted == [(2, 0, 0), (2, 2, 1), (2, 0, 0)]
    assert "2／2／1" in page.content.decode()


def test_the_grid_asks_as_often_for_thirty_townships(county: County) -> None:
    client, where = (
        signed_in(county.bureau_user),
        reverse("bureau-months", args=[county.bureau.code]),
    )

    def asked() -> int:
        with CaptureQueriesContext(connection) as ran:
            assert client.get(where).status_code == 200
        return len(ran)

    few = asked()
    for _ in range(28):
        factories.make_month_desk(township=factories.make_township(bureau=county.bureau))
    assert asked() == few


# ── size ────────────────────────────────────────────────────────────────────────────────────────


def _village_with_records(county: County, n: int) -> None:
    village = factories.make_village(township=county.township)
    appointment = factories.make_appointment(village=village)
    for day in (5, 6 + n):
        log = factories.make_log(appointment=appointment, day=date(2026, 10, day))
        factories.make_matter(log=log)


@pytest.mark.parametrize("name", ["review", "review-all", "township-month"])
def test_a_page_asks_as_often_for_twenty_villages(county: County, name: str) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as ran:
            assert client.get(address(county, name)).status_code == 200
        return len(ran)

    add: Callable[[int], None] = lambda n: _village_with_records(county, n)  # noqa: E731
    client = signed_in(county.office_user)
    add(0)
    one = asked()
    for n in range(1, 20):
        add(n)
    assert asked() == one
