"""What stands on the pages, what a paper's answer says, and how refusals read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from psycopg2 import errors as pg
from pytest_django.fixtures import Settings

from assessments import closing as closes
from assessments.enums import FileFormat, ReportKey
from assessments.models import GeneratedFile, MonthClose
from assessments.papers import path_of
from assessments.reports import collect
from assessments.services import PACKS, adopt_policy
from lawadvisor.foundation.models import AuditEntry, Job, JobState
from lawadvisor.foundation.periods import Period
from lawadvisor.foundation.tables import as_json
from lawadvisor.foundation.viewer import SYSTEM
from tests import factories
from tests.conftest import County
from tests.factories import OCTOBER
from tests.web.conftest import Closed, close_october, signed_in
from villages.models import Township

SEPTEMBER = OCTOBER.previous()
FIRST = Period.month(2000, 1)


def _bureau(county: County, month: Period = OCTOBER) -> str:
    return reverse("bureau-month", args=(county.bureau.code, month))


def _township(county: County, month: Period = OCTOBER) -> str:
    return reverse("township-month", args=(county.township.code, month))


def _text(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def _text_after(client: Client, address: str) -> str:
    """What is read at the end of the way that an address leads."""
    return client.get(address, follow=True).content.decode()


# ---------------------------------------------------------------- the door


def test_home_leads_everybody_to_his_desk(closed: Closed) -> None:
    county = closed.county
    found = {
        user: signed_in(user).get("/", follow=True).redirect_chain[-1][0]
        for user in (county.bureau_user, county.office_user, county.advisor_user)
    }
    assert found == {
        county.bureau_user: _bureau(county),
        county.office_user: _township(county),
        county.advisor_user: "/mine/",
    }


@pytest.mark.parametrize(
    ("entered", "sentence"),
    [
        ({"username": "nobody", "password": "wrong"}, "用户名、手机号或密码不正确，请核对后再试。"),
        ({"username": "", "password": ""}, "请填写用户名或手机号。"),
    ],
)
def test_login_says_what_is_wrong(db: None, entered: dict[str, str], sentence: str) -> None:
    assert sentence in Client().post("/login/", entered).content.decode()


def test_an_account_that_is_shut_reads_like_a_wrong_password(db: None) -> None:
    factories.make_user(username="gone", password="a-long-password", is_active=False)
    shut, wrong = (
        Client().post("/login/", {"username": name, "password": "a-long-password"}).context["form"]
        for name in ("gone", "nobody")
    )
    assert shut.non_field_errors() == wrong.non_field_errors()


def test_the_address_of_signing_out_offers_the_button(closed: Closed) -> None:
    client = signed_in(closed.county.bureau_user)
    page = _text(client, "/logout/")
    assert page.count("退出登录</button>") == 2
    assert client.get("/mine/").status_code == 403
    assert client.post("/logout/").url == "/login/"
    assert client.get("/mine/").url.startswith("/login/")


@pytest.mark.parametrize("demo", [True, False])
def test_the_red_bar_stands_in_demo_mode_only(db: None, demo: bool, settings: Settings) -> None:
    settings.DEMO = demo
    assert ("演示数据" in _text(Client(), "/login/")) is demo


def test_health_asks_no_database() -> None:
    assert Client().get("/healthz").content == b"ok\n"


def test_every_page_leads_to_feedback(closed: Closed) -> None:
    client = signed_in(closed.county.bureau_user)
    for address in ("/feedback/", "/nowhere/", "/mine/", _bureau(closed.county), "/admin/"):
        assert 'href="/feedback/"' in _text(client, address)


# ---------------------------------------------------------------- refusals


def test_a_failure_is_told_calmly(
    closed: Closed, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    client = signed_in(closed.county.bureau_user)
    client.raise_request_exception = False
    monkeypatch.setattr("assessments.views.bureau_page", lambda **_: 1 / 0)
    response = client.get(_bureau(closed.county))
    text = response.content.decode()
    assert (response.status_code, "暂时无法处理" in text, "Traceback" in text) == (500, True, False)


OVERLOADED = (
    *(pg.LockNotAvailable, pg.DeadlockDetected),
    *(pg.SerializationFailure, pg.QueryCanceled),
    *(pg.TooManyConnections, pg.AdminShutdown),
)


@pytest.mark.parametrize("trouble", OVERLOADED)
@pytest.mark.parametrize(
    ("way", "word"), [("get", "页面暂时打不开"), ("post", "刚才提交的内容没有处理完")]
)
def test_a_busy_database_is_told_calmly(
    closed: Closed,
    monkeypatch: pytest.MonkeyPatch,
    trouble: type[Exception],
    way: str,
    word: str,
) -> None:
    def _busy(**_: object) -> None:
        with connection.wrap_database_errors:
            raise trouble

    client = signed_in(closed.county.bureau_user)
    client.raise_request_exception = False
    monkeypatch.setattr("assessments.views.bureau_page", _busy)
    monkeypatch.setattr("assessments.review.close_pages.begin_close", _busy)
    address = _bureau(closed.county) + ("close/" if way == "post" else "")
    response = getattr(client, way)(address)
    text = response.content.decode()
    assert (response.status_code, response["Retry-After"]) == (503, "10")
    assert ("系统繁忙，请稍后再试" in text, word in text) == (True, True)


def test_a_database_that_is_gone_is_told_before_anybody_is_known(
    closed: Closed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The session is read outside every view; the page asks no database."""

    def _gone(*_: object) -> None:
        raise OperationalError("connection refused")

    client = signed_in(closed.county.bureau_user)
    client.raise_request_exception = False
    monkeypatch.setattr("django.contrib.auth.middleware.get_user", _gone)
    assert client.get(_bureau(closed.county)).status_code == 503


def test_a_forged_form_is_told_calmly(closed: Closed) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(closed.county.bureau_user)
    response = client.post(f"{_bureau(closed.county)}close/")
    assert (response.status_code, "页面已过期" in response.content.decode()) == (403, True)


@pytest.mark.parametrize("code", ["1999-05", "2150-05", "0001-01", "2026-Q4", "2026"])
@pytest.mark.parametrize("desk", ["bureau", "township"])
def test_a_month_that_no_address_can_name_is_refused_in_words(
    closed: Closed, desk: str, code: str
) -> None:
    unit = getattr(closed.county, desk)
    client = signed_in(closed.county.bureau_user)
    text = _text_after(client, f"/{desk}/{unit.code}/?month={code}")
    assert f"月份“{code}”不正确" in text


@pytest.mark.parametrize("address", [_bureau, _township], ids=["bureau", "township"])
def test_the_first_month_of_all_leads_no_further_back(closed: Closed, address: object) -> None:
    text = _text(signed_in(closed.county.bureau_user), address(closed.county, FIRST))
    assert ("上一月" in text, "下一月" in text) == (False, True)


@pytest.mark.parametrize("code", ["2026-13", "1999-01", "2026-1", "202610", "2026-１０"])
def test_a_month_that_is_none_is_not_found(closed: Closed, code: str) -> None:
    county = closed.county
    client = signed_in(county.bureau_user)
    assert client.get(f"/bureau/{county.bureau.code}/{code}/").status_code == 404


def test_a_month_that_has_not_begun_is_not_found(closed: Closed) -> None:
    client = signed_in(closed.county.bureau_user)
    december = Period.month(2026, 12)
    assert client.get(_bureau(closed.county, december)).status_code == 404
    assert client.get(_township(closed.county, december)).status_code == 404


def test_a_mistyped_month_is_named(closed: Closed) -> None:
    county = closed.county
    client = signed_in(county.bureau_user)
    response = client.get(f"/bureau/{county.bureau.code}/?month=十月", follow=True)
    assert "月份“十月”不正确，应写作2026-10这样的年月。" in response.content.decode()


# ---------------------------------------------------------------- the desks


def test_the_bureau_reads_who_needs_a_look(closed: Closed) -> None:
    county = closed.county
    text = _text(signed_in(county.bureau_user), _bureau(county))
    rule = closed.verdict.rule.title
    assert f"{county.township.name}</a>：1个村（社区）未达标（{rule}1个）。" in text
    assert f"{county.sibling_township.name}</a>：1个村（社区）没有服务记录，" in text


def test_the_township_reads_its_own_figures_and_report(closed: Closed) -> None:
    county = closed.county
    text = _text(signed_in(county.township_user), _township(county))
    assert "应服务1个村（社区），已配备法律顾问1个；未达标1个。" in text
    assert "月度工作汇总表" in text
    assert f'/verdict/{closed.verdict.pk}/">{county.village.short_name}</a>：每月' in text
    assert text.count("下载 PDF") == text.count("下载 Excel") == len(ReportKey)
    assert county.sibling_village.short_name not in text


def test_an_open_month_has_words_and_no_buttons(closed: Closed) -> None:
    text = _text(signed_in(closed.county.township_user), _township(closed.county, SEPTEMBER))
    assert "2026年9月未关账。" in text
    assert "下载 PDF" not in text


def test_the_json_face_is_the_report_itself(closed: Closed) -> None:
    county = closed.county
    answer = signed_in(county.township_user).get(f"{_township(county)}R1.json")
    expected = as_json(collect("R1", closed.close, county.township.pk))
    assert json.loads(answer.content) == json.loads(json.dumps(expected))


def _json_file(closed: Closed, township: Township | None) -> Path:
    return path_of(
        GeneratedFile.objects.get(
            close=closed.close, township=township, report="R1", format=FileFormat.JSON
        )
    )


def _spoil(path: Path, how: str) -> None:
    if how == "gone":
        path.unlink()
    else:
        path.write_text("" if how == "emptied" else path.read_text()[:-40])


@pytest.mark.parametrize("how", ["gone", "cut", "emptied"])
def test_a_kept_paper_that_cannot_be_read_is_told_and_the_page_stands(
    closed: Closed, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    county = closed.county
    _spoil(_json_file(closed, county.township), how)
    client = signed_in(county.township_user)
    page, data = client.get(_township(county)), client.get(f"{_township(county)}R1.json")
    text = page.content.decode()
    assert (page.status_code, "月度工作汇总表：文件缺失，请联系管理员。" in text) == (200, True)
    assert "应服务1个村（社区）" in text
    assert '<section class="report">' not in text
    assert (data.status_code, data.json()) == (503, {"detail": "文件缺失，请联系管理员。"})
    assert "cannot be read" in caplog.text


def test_the_bureau_reads_its_own_papers(closed: Closed) -> None:
    county = closed.county
    client = signed_in(county.bureau_user)
    address = f"{_bureau(county)}R1/"
    assert f'href="{address}"' in _text(client, _bureau(county))
    page = _text(client, address)
    assert page.count('<section class="report">') == 1
    assert county.village.short_name in page
    expected = as_json(collect("R1", closed.close, None))
    answer = client.get(f"{_bureau(county)}R1.json")
    assert answer.json() == json.loads(json.dumps(expected))
    _json_file(closed, None).unlink()
    assert "文件缺失，请联系管理员。" in _text(client, address)


def test_an_open_month_has_no_paper_of_the_bureau(closed: Closed) -> None:
    client = signed_in(closed.county.bureau_user)
    address = _bureau(closed.county, SEPTEMBER)
    assert client.get(f"{address}R1/").status_code == 404
    assert client.get(f"{address}R1.json").status_code == 404
    assert "查看月度工作汇总表" not in _text(client, address)


def test_an_open_month_has_no_json(closed: Closed) -> None:
    client = signed_in(closed.county.township_user)
    assert client.get(f"{_township(closed.county, SEPTEMBER)}R1.json").status_code == 404


def test_a_verdict_explains_itself(closed: Closed) -> None:
    text = _text(signed_in(closed.county.advisor_user), "/mine/")
    assert closed.county.village.short_name in text
    page = _text(signed_in(closed.county.office_user), f"/verdict/{closed.verdict.pk}/")
    for part in (
        "2026年10月9日09:00至13:00：计入。",
        "未满4小时，差1小时",
        "还差1次",
        "二（四）2",
        "每次不少于4小时",
        closed.close.policy.version,
    ):
        assert part in page


# ---------------------------------------------------------------- papers


def test_a_paper_comes_with_its_name_and_is_kept_private(closed: Closed) -> None:
    client = signed_in(closed.county.township_user)
    address = reverse("file", args=(closed.file.pk, "x"))
    response = client.get(address)
    assert b"".join(response.streaming_content).decode().endswith("R1 pdf")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''%E7%AC%AC")
    assert response["Content-Disposition"].endswith(".pdf")
    assert {*response["Cache-Control"].split(", ")} == {"private", "no-cache"}
    again = client.get(address, headers={"If-None-Match": response["ETag"]})
    assert (again.status_code, again["ETag"]) == (304, f'"{closed.file.checksum}"')


def test_a_township_does_not_get_the_bureaus_paper(closed: Closed) -> None:
    address = reverse("file", args=(closed.bureau_file.pk, "x"))
    assert signed_in(closed.county.township_user).get(address).status_code == 404


def test_a_paper_lost_from_the_disk_is_not_found(closed: Closed) -> None:
    file = factories.make_file(close=closed.close, version=2, checksum="0" * 64)
    client = signed_in(closed.county.bureau_user)
    assert client.get(reverse("file", args=(file.pk, "x"))).status_code == 404


# ---------------------------------------------------------------- closing


@pytest.fixture
def open_county(november: None, county: County, bell: list[int]) -> County:
    adopt_policy(bureau=county.bureau, pack_path=PACKS / "zx.toml", by=SYSTEM)
    return county


def test_closing_starts_once_and_shows_how_far_it_is(open_county: County) -> None:
    client = signed_in(open_county.bureau_user)
    for _ in range(2):
        response = client.post(f"{_bureau(open_county)}close/", follow=True)
    text = response.content.decode()
    assert MonthClose.objects.get().opened_by == open_county.bureau_user.name
    assert f"已完成 0/{3 * (1 + len(ReportKey))} 项" in text
    assert '<meta http-equiv="refresh" content="4">' in text
    each = 1 + len(ReportKey)
    assert text.count(f"关账中</span> 0/{each}") == 2
    assert f"正在关账（已完成 0/{3 * each} 项）" in _text(
        signed_in(open_county.township_user), _township(open_county)
    )


def test_a_closed_month_is_judged_again_for_a_reason_beside_the_first(
    closed: Closed, bell: list[int]
) -> None:
    county = closed.county
    client = signed_in(county.bureau_user)
    assert "重新核算2026年10月" in _text(client, _bureau(county))
    address = f"{_bureau(county)}reclose/"
    response = client.post(address, {"reason": "  "}, follow=True)
    assert "请填写重新核算的事由。" in response.content.decode()
    assert MonthClose.objects.count() == 1
    response = client.post(address, {"reason": "补录肖家湾两次"}, follow=True)
    text = response.content.decode()
    assert "2026年10月开始重新核算，将生成第2版；此前各版保留不变。" in text
    assert "重新核算2026年10月" not in text  # while it runs
    again = MonthClose.objects.get(revision=2)
    assert (again.reason, again.opened_by) == ("补录肖家湾两次", county.bureau_user.name)
    closed.close.refresh_from_db()
    assert closed.close.closed_at is not None
    response = client.post(address, {"reason": "再来"}, follow=True)
    assert "第2版重新核算，还没有完成，不能重新核算" in response.content.decode()


def test_only_the_bureau_judges_again(closed: Closed) -> None:
    assert "重新核算" not in _text(signed_in(closed.county.township_user), _township(closed.county))


def test_a_running_month_is_not_closed(open_county: County) -> None:
    client = signed_in(open_county.bureau_user)
    november = Period.month(2026, 11)
    response = client.post(f"{_bureau(open_county, november)}close/", follow=True)
    assert "2026年11月尚未结束，不能关账。" in response.content.decode()
    assert not MonthClose.objects.exists()
    assert "关账</button>" not in response.content.decode()


def test_only_the_bureaus_staff_close(open_county: County, foreign: County) -> None:
    answers = [
        signed_in(user).post(f"{_bureau(open_county)}close/").status_code
        for user in (open_county.office_user, foreign.bureau_user, open_county.advisor_user)
    ]
    assert answers == [404, 404, 404]
    assert not MonthClose.objects.exists()


def test_a_failed_job_is_named_and_tried_again(open_county: County, bell: list[int]) -> None:
    close = closes.open_close(bureau=open_county.bureau, month=OCTOBER, by=SYSTEM)
    Job.objects.exclude(payload__township=open_county.township.pk).update(
        state=JobState.DONE, finished_at=timezone.now()
    )
    job = Job.objects.get(state=JobState.QUEUED)
    Job.objects.filter(pk=job.pk).update(
        state=JobState.FAILED, finished_at=timezone.now(), last_error="磁盘已满"
    )
    client = signed_in(open_county.bureau_user)
    text = _text(client, _bureau(open_county))
    assert f"{open_county.township.name} 达标核算：磁盘已满" in text
    assert "http-equiv" not in text
    told = _text(signed_in(open_county.township_user), _township(open_county))
    assert "2026年10月关账未完成，司法局正在处理。" in told
    assert "正在关账" not in told
    client.post(f"{_bureau(open_county)}retry/{job.pk}/")
    job.refresh_from_db()
    assert (job.state, job.pk in bell) == (JobState.QUEUED, False)  # rung when this commits
    entry = AuditEntry.objects.filter(verb="job.retry").get()
    assert (entry.actor_name, entry.bureau_id) == (
        open_county.bureau_user.name,
        close.bureau_id,
    )


def test_trying_again_what_has_not_failed_changes_nothing_and_says_so(
    open_county: County, bell: list[int]
) -> None:
    closes.open_close(bureau=open_county.bureau, month=OCTOBER, by=SYSTEM)
    job = Job.objects.filter(state=JobState.QUEUED).earliest("pk")
    client = signed_in(open_county.bureau_user)
    response = client.post(f"{_bureau(open_county)}retry/{job.pk}/", follow=True)
    text = response.content.decode()
    assert ("这一项没有失败，未作改动。" in text, "已重新开始" in text) == (True, False)
    assert not AuditEntry.objects.filter(verb="job.retry").exists()


# ---------------------------------------------------------------- how much is asked


def _grow(county: County) -> None:
    for township in (county.township, county.sibling_township):
        for _ in range(6):
            village = factories.make_village(township=township)
            appointment = factories.make_appointment(village=village)
            factories.make_log(appointment=appointment)


@pytest.mark.parametrize("address", [_bureau, _township], ids=["bureau", "township"])
def test_the_number_of_queries_does_not_grow(
    november: None, county: County, foreign: County, address: object
) -> None:
    close_october(county)
    _grow(foreign)
    close_october(foreign)
    found = []
    for side in (county, foreign):
        client = signed_in(side.bureau_user)
        with CaptureQueriesContext(connection) as ran:
            assert client.get(address(side)).status_code == 200
        found.append(len(ran))
    assert found[0] == found[1] <= 40
