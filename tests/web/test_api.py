"""The API: one record once, whoever asks how often, and every refusal in one shape."""

from __future__ import annotations

import json
import re
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from advisors.viewers import viewer_for
from assessments.api import views
from assessments.closing import open_close
from assessments.services import PACKS, adopt_policy
from lawadvisor.accounts.models import ApiToken, User
from lawadvisor.foundation.periods import Period
from lawadvisor.foundation.roles import Role
from lawadvisor.foundation.viewer import SYSTEM
from tests import factories
from tests.conftest import County, desk_of
from tests.test_house import CHINESE
from worklogs.enums import FilingState, LogState
from worklogs.erasure import Person, erase_client, find_client
from worklogs.models import Filing, Matter, ServiceLog
from worklogs.services import move_log

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
OCTOBER = Period.month(2026, 10)


class Api:
    """A phone that is signed in: JSON in, JSON out."""

    def __init__(self, user: User | None, **head: str) -> None:
        self.client = Client(**head)
        self.head: dict[str, str] = {}
        if user is not None:
            self.client.force_login(user)

    def send(self, method: str, address: str, data: Any = None, **head: str) -> HttpResponse:
        text = data if isinstance(data, (str, bytes)) else json.dumps(data)
        sent = {} if data is None else {"data": text, "content_type": "application/json"}
        answer = self.client.generic(method, f"/api/v1/{address}", **sent, **self.head, **head)
        assert answer.headers["Cache-Control"] == "private, no-store", address
        answer.told = json.loads(answer.content) if answer.content else None
        return answer

    def get(self, address: str, **head: str) -> HttpResponse:
        return self.send("GET", address, **head)

    def post(self, address: str, data: Any = None, **head: str) -> HttpResponse:
        return self.send("POST", address, {} if data is None else data, **head)

    def put(self, address: str, data: Any) -> HttpResponse:
        return self.send("PUT", address, data)


@pytest.fixture
def api(county: County, monkeypatch: pytest.MonkeyPatch) -> Api:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    cache.clear()
    adopt_policy(bureau=county.bureau, pack_path=PACKS / "zx.toml", by=SYSTEM)
    return Api(county.advisor_user)


def visit(county: County, **told: Any) -> dict[str, Any]:
    matter = {
        "kind": "consultation",
        "client": "张三",
        "phone": "13800138000",
        "content": "赡养纠纷",
        "method": "面谈",
        "result": "已答复",
    }
    return {
        "uuid": str(uuid.uuid4()),
        "appointment": county.appointment.pk,
        "day": "2026-11-09",
        "start": "09:00",
        "end": "13:00",
        "mode": "on_site",
        "purpose": "duty",
        "place": "村部",
        "matters": [matter],
        **told,
    }


def refusal(answer: HttpResponse) -> tuple[int, str]:
    """Its status and code; the shape is the documented one, and people can read it."""
    assert {"code", "detail", "errors"} <= set(answer.told)
    for said in (answer.told["detail"], *(each["message"] for each in answer.told["errors"])):
        assert CHINESE.search(said), said
    return answer.status_code, answer.told["code"]


def fields(answer: HttpResponse) -> list[str]:
    return [each["field"] for each in answer.told["errors"]]


# ── submitting ──────────────────────────────────────────────────────────────────────────────────


def test_a_record_is_taken_once(api: Api, county: County) -> None:
    sent = visit(county)
    first = api.post("logs/", sent)
    again = api.post("logs/", sent)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.told == again.told
    assert ServiceLog.objects.count() == 1
    told = first.told
    assert {name: told[name] for name in sent if name != "matters"} == {
        name: value for name, value in sent.items() if name != "matters"
    }
    assert (told["state"], told["state_label"], told["version"]) == ("submitted", "已提交", 1)
    assert (told["minutes"], told["supplement"], told["photos"]) == (240, False, [])
    assert told["entered_at"] == "2026-11-20T12:00:00+08:00"
    assert told["matters"][0]["content"] == "赡养纠纷"


def test_another_content_under_the_same_number_is_shown_with_its_differences(
    api: Api, county: County
) -> None:
    sent = visit(county)
    api.post("logs/", sent)
    answer = api.post("logs/", {**sent, "end": "24:00", "mode": "phone"})
    assert refusal(answer) == (409, "different")
    assert answer.told["detail"] == "该记录已提交，内容不同：结束时间、方式。"
    assert answer.told["differences"] == [
        {"field": "end", "label": "结束时间", "kept": "13:00", "sent": "24:00"},
        {"field": "mode", "label": "方式", "kept": "现场", "sent": "电话"},
    ]
    assert answer.told["log"]["uuid"] == sent["uuid"]


def test_anothers_number_shows_nothing_of_his(api: Api, county: County) -> None:
    log = factories.make_log(appointment=county.sibling_appointment)
    answer = api.post("logs/", visit(county, uuid=str(log.client_uuid)))
    assert refusal(answer) == (409, "conflict")
    assert "log" not in answer.told


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"day": "2026-02-30"}, ["day"]),
        ({"day": "2026-12-01"}, ["day"]),
        ({"start": "9点", "end": None}, ["start", "end"]),
        ({"start": "13:00"}, ["end"]),
        ({"mode": "telepathy", "purpose": ["duty"]}, ["mode", "purpose"]),
        ({"appointment": 10**30}, ["appointment"]),
        ({"appointment": 10**9}, ["appointment"]),
        ({"uuid": "1"}, ["uuid"]),
        ({"matters": {}}, ["matters"]),
        ({"matters": []}, ["matters"]),
        ({"matters": [{"kind": "lecture", "content": "普法"}, 7]}, ["matters.1"]),
        ({"matters": [{"kind": "consultation", "client": "\ud800", "audience": -1}]},
         ["matters.0.client", "matters.0.audience"]),
        ({"matters": [{"kind": "consultation", "client": "甲", "content": "\0"}]},
         ["matters.0.content"]),
        ({"matters": [{"kind": "consultation", "content": "赡养"}]},
         ["matters.0.client", "matters.0.method", "matters.0.result"]),
        ({"matters": [{"kind": "document", "client": "甲", "content": "长" * 1001,
                       "method": "面谈", "result": "已写"}]}, ["matters.0.content"]),
        ({"matters": [{"kind": "lecture", "content": "普法", "succeeded": True}]},
         ["matters.0.succeeded"]),
        ({"matters": [{"kind": "lecture", "content": "普法", "id": 1}] * 2}, ["matters"]),
        ({"place": "村" * 81, "no_visitors": "maybe"}, ["place", "no_visitors"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_field(
    api: Api, county: County, change: dict[str, Any], named: list[str]
) -> None:
    answer = api.post("logs/", visit(county, **change))
    assert refusal(answer) == (400, "invalid")
    assert sorted(fields(answer)) == sorted(named)
    assert not ServiceLog.objects.exists()


@pytest.mark.parametrize(
    "body",
    ["", "{", "[]", "null", "7", '"x"', "[" * 100_000, b"\xff\xfe", '{"a": NaN}', "9" * 5000],
)
def test_what_cannot_be_read_is_refused(api: Api, body: str | bytes) -> None:
    assert refusal(api.post("logs/", body)) == (400, "invalid")
    assert refusal(api.post("logs/batch/", body)) == (400, "invalid")


def test_too_much_is_not_read(api: Api, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    assert refusal(api.post("logs/", {"place": "x" * 1000})) == (413, "too_large")


def test_what_the_world_refuses_is_a_conflict(api: Api, county: County) -> None:
    api.post("logs/", visit(county))
    overlapping = api.post("logs/", visit(county, start="12:00", end="14:00"))
    assert refusal(overlapping) == (409, "conflict")
    assert fields(overlapping) == ["start"]
    county.appointment.term = factories.term(date(2026, 11, 10))
    county.appointment.save()
    answer = api.post("logs/", visit(county, start="14:00", end="15:00"))
    assert refusal(answer) == (409, "conflict")
    assert fields(answer) == ["day"]


def test_what_comes_after_the_close_is_a_supplement(
    api: Api, county: County, bell: list[int]
) -> None:
    before = visit(county, day="2026-10-09")
    assert not api.post("logs/", before).told["supplement"]
    open_close(bureau=county.bureau, month=OCTOBER, by=SYSTEM, today=date(2026, 11, 20))
    shut = api.post("logs/", visit(county, day="2026-10-12"))
    assert refusal(shut) == (409, "conflict")
    assert fields(shut) == ["day"]
    assert api.post("logs/", before).status_code == 200
    now = timezone.now()
    factories.make_reopening(
        village=county.village, opened_at=now, expires_at=now + timedelta(days=3)
    )
    late = api.post("logs/", visit(county, day="2026-10-12"))
    assert (late.status_code, late.told["supplement"]) == (201, True)
    changed = {**before, "place": "广场", "version": 1}
    answer = api.put(f"logs/{before['uuid']}/", changed)
    assert refusal(answer) == (409, "conflict")
    assert "已经关账" in answer.told["detail"]


def test_what_was_said_in_a_mediation_is_told_by_no_answer(api: Api, county: County) -> None:
    matter = {
        "kind": "mediation",
        "client": "张三、李四",
        "content": "宅基地之争",
        "method": "调解",
        "result": "和解",
        "special_group": "released",
    }
    answer = api.post("logs/", visit(county, purpose="mediation", matters=[matter]))
    told = answer.told["matters"][0]
    assert "宅基地" not in answer.content.decode()
    assert told["sealed"] == ["content", "method", "result", "special_group"]
    assert [told[name] for name in told["sealed"]] == [None] * 4
    revised = {**answer.told, "matters": [{**told, "client": "张三"}]}
    again = api.put(f"logs/{answer.told['uuid']}/", revised)
    assert again.status_code == 200
    kept = Matter.objects.get()
    assert (kept.client, kept.content, kept.special_group) == ("张三", "宅基地之争", "released")
    unnumbered = [{name: value for name, value in told.items() if name != "id"}]
    third = api.put(f"logs/{answer.told['uuid']}/", {**again.told, "matters": unnumbered})
    assert third.status_code == 200
    assert Matter.objects.get().content == "宅基地之争"
    more = {"kind": "mediation", "client": "王五", "content": None}
    lacking = {**third.told, "matters": [*unnumbered, more]}
    assert "matters.1.content" in fields(api.put(f"logs/{answer.told['uuid']}/", lacking))
    opened = {**again.told, "matters": [{**told, "kind": "consultation"}]}
    assert refusal(api.put(f"logs/{answer.told['uuid']}/", opened)) == (400, "invalid")


# ── batches ─────────────────────────────────────────────────────────────────────────────────────


def test_each_item_of_a_batch_stands_for_itself(api: Api, county: County) -> None:
    good, bad = visit(county), visit(county, day="2026-11-10", mode="x")
    overlapping = visit(county, start="10:00")
    answer = api.post("logs/batch/", {"items": [good, bad, overlapping, good, 7, None]})
    assert answer.status_code == 200
    items = answer.told["items"]
    assert [item["status"] for item in items] == [201, 400, 409, 200, 400, 400]
    assert [item["uuid"] for item in items[:3]] == [good["uuid"], bad["uuid"], overlapping["uuid"]]
    assert items[0]["body"] == items[3]["body"]
    assert items[1]["body"]["errors"][0]["field"] == "mode"
    assert ServiceLog.objects.count() == 1


def test_a_batch_has_an_end(api: Api, county: County) -> None:
    assert refusal(api.post("logs/batch/", {"items": []})) == (400, "invalid")
    assert refusal(api.post("logs/batch/", {"items": [1] * 51})) == (400, "invalid")


def test_a_fault_in_one_item_keeps_no_other(
    api: Api, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter = views.enter_log

    def faulty(**told: Any) -> Any:
        if told["entry"].place == "此处出错":
            raise ZeroDivisionError
        if told["entry"].place == "数据库忙":
            raise OperationalError
        return enter(**told)

    monkeypatch.setattr(views, "enter_log", faulty)
    places = ("此处出错", "数据库忙", "村部")
    answer = api.post("logs/batch/", {"items": [visit(county, place=place) for place in places]})
    assert [item["status"] for item in answer.told["items"]] == [500, 503, 201]


# ── revising and withdrawing ────────────────────────────────────────────────────────────────────


def test_a_revision_needs_the_version_that_was_read(api: Api, county: County) -> None:
    first = api.post("logs/", visit(county)).told
    address = f"logs/{first['uuid']}/"
    changed = {**first, "place": "广场"}
    answer = api.put(address, changed)
    assert (answer.status_code, answer.told["version"], answer.told["place"]) == (200, 2, "广场")
    assert api.put(address, changed).told == answer.told  # the answer had been lost
    stale = api.put(address, {**first, "place": "学校"})
    assert refusal(stale) == (409, "stale")
    assert stale.told["differences"] == [
        {"field": "place", "label": "地点", "kept": "广场", "sent": "学校"}
    ]
    assert stale.told["log"] == answer.told
    assert fields(api.put(address, {**first, "version": None})) == ["version"]


def test_a_confirmed_record_is_not_revised_nor_withdrawn(api: Api, county: County) -> None:
    first = api.post("logs/", visit(county)).told
    move_log(by=SYSTEM, log=ServiceLog.objects.get(), to=LogState.CONFIRMED)
    assert refusal(api.put(f"logs/{first['uuid']}/", {**first, "place": "x"})) == (409, "conflict")
    answer = api.post(f"logs/{first['uuid']}/withdraw/", {"reason": "记错了"})
    assert refusal(answer) == (409, "conflict")


def test_a_withdrawal_says_why_and_is_repeated_in_peace(api: Api, county: County) -> None:
    first = api.post("logs/", visit(county)).told
    address = f"logs/{first['uuid']}/withdraw/"
    assert fields(api.post(address, {"reason": " "})) == ["reason"]
    named = api.post(address, {"reason": "张三说记错了"})
    assert refusal(named) == (400, "invalid")
    for _ in range(2):
        answer = api.post(address, {"reason": "重复填写"})
        assert (answer.status_code, answer.told["state"]) == (200, "withdrawn")
    assert api.post("logs/", visit(county)).status_code == 201  # its time is free


def test_another_advisors_record_is_not_there(api: Api, county: County) -> None:
    log = factories.make_log(appointment=county.sibling_appointment)
    address = f"logs/{log.client_uuid}/"
    assert refusal(api.get(address)) == (404, "missing")
    assert refusal(api.put(address, {**visit(county), "version": 1})) == (404, "missing")
    assert refusal(api.post(f"{address}withdraw/", {"reason": "x"})) == (404, "missing")


# ── fetching ────────────────────────────────────────────────────────────────────────────────────


def test_what_changed_is_fetched_once_and_in_order(api: Api, county: County) -> None:
    days = ("2026-11-02", "2026-11-03", "2026-11-04")
    numbers = [api.post("logs/", visit(county, day=day)).told["uuid"] for day in days]
    factories.make_log(appointment=county.sibling_appointment)
    first = api.get("logs/?limit=2").told
    rest = api.get(f"logs/?limit=2&since={first['cursor']}").told
    assert [item["uuid"] for item in (*first["items"], *rest["items"])] == numbers
    assert (first["more"], rest["more"]) == (True, False)
    nothing = api.get(f"logs/?since={rest['cursor']}").told
    assert nothing == {"items": [], "removed": [], "cursor": rest["cursor"], "more": False}
    move_log(
        by=SYSTEM,
        log=ServiceLog.objects.get(client_uuid=numbers[0]),
        to=LogState.RETURNED,
        reason="看不清",
    )
    (returned,) = api.get(f"logs/?since={rest['cursor']}").told["items"]
    assert (returned["uuid"], returned["state"]) == (numbers[0], "returned")
    assert returned["returned_reason"] == "看不清"


@pytest.mark.parametrize("query", ["since=-1", "since=x", "limit=0", "limit=201", f"since={2**63}"])
def test_a_query_that_makes_no_sense_is_refused(api: Api, query: str) -> None:
    assert refusal(api.get(f"logs/?{query}")) == (400, "invalid")


def test_why_a_record_does_not_count_is_told(api: Api, county: County) -> None:
    short = api.post("logs/", visit(county, end="12:59")).told
    assert short["counts_note"] is None
    (told,) = api.get("logs/").told["items"]
    assert told["counts_note"].startswith("现场咨询服务：3小时59分，未满4小时")
    assert api.get(f"logs/{short['uuid']}/").told == told


def asked(api: Api, address: str) -> int:
    with CaptureQueriesContext(connection) as ran:
        assert api.get(address).status_code == 200
    return len(ran)


def test_the_number_of_queries_does_not_grow(api: Api, county: County) -> None:
    def more() -> None:
        village = factories.make_village(township=county.township)
        appointment = factories.make_appointment(advisor=county.advisor, village=village)
        log = factories.make_log(
            appointment=appointment, day=date(2026, 11, 2 + ServiceLog.objects.count()), end="12:00"
        )
        for _ in range(2):
            factories.make_attachment(
                matter=factories.make_matter(log=log, client="甲", content="同样的话")
            )

    more()
    api.get("desk/")
    before = asked(api, "desk/"), asked(api, "logs/")
    for _ in range(4):
        more()
    assert (asked(api, "desk/"), asked(api, "logs/")) == before
    assert before < (45, 45)


# ── the desk ────────────────────────────────────────────────────────────────────────────────────


def test_the_desk_tells_all_that_the_first_screen_needs(api: Api, county: County) -> None:
    for day in ("2026-11-02", "2026-11-03"):
        api.post("logs/", visit(county, day=day))
    told = api.get("desk/").told
    assert told["advisor"] == {"id": county.advisor.pk, "name": county.advisor.name}
    assert told["today"] == "2026-11-20"
    assert ["on_site", "现场"] in told["choices"]["modes"]
    (here,) = told["appointments"]
    assert (here["id"], here["village"]["code"]) == (county.appointment.pk, county.village.code)
    assert here["required"]["consultation"] == ["client", "content", "method", "result"]
    assert here["required"]["lecture"] == ["content"]
    assert here["last"] == {
        "purpose": "duty",
        "mode": "on_site",
        "start": "09:00",
        "end": "13:00",
        "kinds": ["consultation"],
        "place": "村部",
    }
    assert here["phrases"] == {"consultation": ["赡养纠纷"]}
    visits = next(each for each in here["left"] if each["rule"] == "ZX-34")
    assert (visits["progress"], visits["status"], visits["refused"]) == ("2/2次", "met", [])
    assert told["waiting"] == {"confirm": 0, "returned": 0}


def test_the_desk_is_sent_again_only_when_it_changed(api: Api, county: County) -> None:
    tag = api.get("desk/").headers["ETag"]
    same = api.get("desk/", HTTP_IF_NONE_MATCH=tag)
    assert (same.status_code, same.content) == (304, b"")
    api.post("logs/", visit(county))
    assert api.get("desk/", HTTP_IF_NONE_MATCH=tag).status_code == 200


@pytest.mark.parametrize(
    ("pack", "required", "wanted", "confirmation"),
    [
        ("dg", ["content"], {}, True),
        ("jc", ["client", "phone", "content"], {"lecture": ["place", "audience", "photo"]}, False),
    ],
)
def test_each_policy_asks_its_own(
    api: Api,
    county: County,
    pack: str,
    required: list[str],
    wanted: dict[str, list[str]],
    confirmation: bool,
) -> None:
    county.bureau.policies.all().delete()
    adopt_policy(bureau=county.bureau, pack_path=PACKS / f"{pack}.toml", by=SYSTEM)
    (here,) = api.get("desk/").told["appointments"]
    assert here["required"]["consultation"] == required
    assert {kind: here["wanted"][kind] for kind in wanted} == wanted
    assert here["confirmation"] is confirmation


# ── zero reports ────────────────────────────────────────────────────────────────────────────────


def test_a_month_without_service_is_reported(api: Api, county: County) -> None:
    sent = {"appointment": county.appointment.pk, "month": "2026-10", "reason": "无需求"}
    first, again = api.post("zero/", sent), api.post("zero/", sent)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.told == again.told == {**sent, "filed_on": "2026-11-20"}
    api.post("logs/", visit(county, day="2026-10-09"))
    assert Filing.objects.get().state == FilingState.WITHDRAWN
    assert refusal(api.post("zero/", sent)) == (409, "conflict")
    assert fields(api.post("zero/", {**sent, "month": "0000-01"})) == ["month"]
    assert fields(api.post("zero/", {**sent, "month": "2026-13"})) == ["month"]
    assert fields(api.post("zero/", {**sent, "month": "2027-01"})) == ["month"]


# ── who may ─────────────────────────────────────────────────────────────────────────────────────


def test_nobody_is_told_to_sign_in(db: None) -> None:
    answer = Api(None).get("desk/")
    assert refusal(answer) == (401, "sign_in")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert refusal(Api(None).get("desk/", HTTP_AUTHORIZATION="Bearer x")) == (401, "sign_in")


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADVISOR])
def test_only_an_advisors_desk_writes(api: Api, county: County, role: Role) -> None:
    answer = Api(desk_of(county, role)).post("logs/", visit(county))
    assert refusal(answer) == (403, "forbidden")
    assert not ServiceLog.objects.exists()


def test_a_write_of_a_browser_needs_its_token(api: Api, county: County) -> None:
    strict = Api(None)
    strict.client = Client(enforce_csrf_checks=True)
    strict.client.force_login(county.advisor_user)
    answer = strict.post("logs/", visit(county))
    assert refusal(answer) == (403, "forbidden")
    assert "刷新" in answer.told["detail"]


def test_a_due_password_is_changed_first(api: Api, county: County) -> None:
    User.objects.filter(pk=county.advisor_user.pk).update(
        must_change_password=True, password="md5$x$y"
    )
    phone = Api(User.objects.get(pk=county.advisor_user.pk))
    answer = phone.get("desk/")
    assert refusal(answer) == (403, "forbidden")
    assert "修改密码" in answer.told["detail"]


def test_what_is_not_there_and_not_accepted_is_said_in_one_shape(api: Api) -> None:
    assert refusal(api.send("DELETE", "logs/")) == (405, "method")
    assert refusal(api.get("nothing/")) == (404, "missing")
    assert refusal(api.get(f"logs/{uuid.uuid4()}/")) == (404, "missing")
    assert refusal(api.get("desk/", HTTP_ACCEPT="text/csv")) == (406, "media")
    answer = api.client.post("/api/v1/logs/", {"place": "x"})
    assert (answer.status_code, json.loads(answer.content)["code"]) == (415, "media")


def test_a_database_that_does_not_answer_is_said_in_one_shape(
    api: Api, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_: Any, **__: Any) -> None:
        raise OperationalError

    monkeypatch.setattr(views, "enter_log", silent)
    answer = api.post("logs/", visit(county))
    assert refusal(answer) == (503, "unavailable")
    assert answer.headers["Retry-After"] == "10"
    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", silent)
    api.client.raise_request_exception = False
    assert refusal(api.get("desk/")) == (503, "unavailable")


def test_a_fault_is_said_in_one_shape(
    api: Api, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "enter_log", lambda **_: 1 / 0)
    api.client.raise_request_exception = False
    assert refusal(api.post("logs/", visit(county))) == (500, "failed")


# ── tokens ──────────────────────────────────────────────────────────────────────────────────────


def test_a_token_is_shown_once_and_opens_its_owners_desk(api: Api, county: County) -> None:
    given = api.post("tokens/", {"name": "我的平板"})
    assert given.status_code == 201
    text = given.told["token"]
    assert text not in api.get("tokens/").content.decode()
    assert ApiToken.objects.get().digest != text
    program = Api(None)
    program.head = {"HTTP_AUTHORIZATION": f"Bearer {text}"}
    assert program.get("desk/").told["advisor"]["id"] == county.advisor.pk
    assert program.post("logs/", visit(county)).status_code == 201
    assert api.get("tokens/").told[0]["used_at"] == "2026-11-20T12:00:00+08:00"
    assert refusal(program.get("tokens/")) == (401, "sign_in")

    assert api.send("DELETE", f"tokens/{given.told['id']}/").status_code == 204
    assert refusal(program.get("desk/")) == (401, "sign_in")


@pytest.mark.parametrize(
    "change",
    [
        {"session_epoch": 7},
        {"password": "new"},
        {"is_active": False},
    ],
)
def test_a_token_dies_with_the_sessions(api: Api, county: County, change: dict[str, Any]) -> None:
    text = api.post("tokens/", {"name": "平板"}).told["token"]
    User.objects.filter(pk=county.advisor_user.pk).update(**change)
    program = Api(None)
    program.head = {"HTTP_AUTHORIZATION": f"Bearer {text}"}
    assert refusal(program.get("desk/")) == (401, "sign_in")


def test_a_token_dies_at_its_day(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    text = api.post("tokens/", {"name": "平板"}).told["token"]
    monkeypatch.setattr(timezone, "now", lambda: NOW.replace(year=2027))
    program = Api(None)
    program.head = {"HTTP_AUTHORIZATION": f"Bearer {text}"}
    assert refusal(program.get("desk/")) == (401, "sign_in")


def test_a_token_beside_anothers_session_is_its_owners(api: Api, county: County) -> None:
    text = api.post("tokens/", {"name": "平板"}).told["token"]
    shared = Api(county.sibling_advisor_user)
    told = shared.get("desk/", HTTP_AUTHORIZATION=f"Bearer {text}").told
    assert told["advisor"]["id"] == county.advisor.pk


def test_another_persons_token_is_not_there(api: Api, county: County) -> None:
    given = api.post("tokens/", {"name": "平板"}).told
    other = Api(county.sibling_advisor_user)
    assert refusal(other.send("DELETE", f"tokens/{given['id']}/")) == (404, "missing")
    assert fields(api.post("tokens/", {"name": " "})) == ["name"]
    for _ in range(9):
        assert api.post("tokens/", {"name": "平板"}).status_code == 201
    assert refusal(api.post("tokens/", {"name": "平板"})) == (409, "conflict")


def test_tokens_are_kept_on_the_account_page(county: County) -> None:
    client = Client()
    client.force_login(county.township_user)
    made = client.post("/account/tokens/", {"name": "平板"})
    text = re.search(r'class="secret">([\w-]{43})<', made.content.decode())[1]
    again = client.get("/account/tokens/").content.decode()
    assert "平板" in again
    assert text not in again
    assert client.post("/account/tokens/", {"name": " "}).status_code == 400
    token = ApiToken.objects.get()
    assert client.get(f"/account/tokens/{token.pk}/revoke/").status_code == 405
    assert client.post(f"/account/tokens/{token.pk}/revoke/").status_code == 302
    assert not ApiToken.objects.exists()


def test_what_was_erased_is_not_sent_again_unread(api: Api, county: County) -> None:
    first = api.post("logs/", visit(county)).told
    cursor = api.get("logs/").told["cursor"]
    bureau = viewer_for(county.bureau_user)
    person = Person.typed("张三", "")
    hits = find_client(viewer=bureau, person=person)
    erase_client(
        by=SYSTEM,
        viewer=bureau,
        person=person,
        matters=[hit.matter.pk for hit in hits],
        reason="本人要求",
    )
    (told,) = api.get(f"logs/?since={cursor}").told["items"]
    assert told["matters"][0]["client"] == "已删除"
    answer = api.put(f"logs/{first['uuid']}/", {**first, "place": "广场"})
    assert refusal(answer) == (409, "stale")
    assert Matter.objects.get().client == "已删除"


# ── throttling ──────────────────────────────────────────────────────────────────────────────────


def test_who_asks_too_often_is_told_when_to_come_back(
    api: Api, county: County, settings: Settings
) -> None:
    settings.API_PER_MINUTE = 2
    assert [api.get("tokens/").status_code for _ in range(2)] == [200, 200]
    answer = api.get("tokens/")
    assert refusal(answer) == (429, "slow_down")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert Api(county.sibling_advisor_user).get("tokens/").status_code == 200


def test_without_the_cache_nobody_is_kept_out(api: Api, settings: Settings) -> None:
    away = {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": away}
    settings.API_PER_MINUTE = 0
    assert api.get("tokens/").status_code == 200
