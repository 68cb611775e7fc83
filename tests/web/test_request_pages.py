"""Requests on pages: raised, answered and followed by each desk."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from lawadvisor.foundation.roles import Role
from tests.conftest import County, desk_of
from tests.factories import make_log, make_request
from tests.web.conftest import signed_in
from worklogs.enums import LimitKey
from worklogs.limits import limit_of
from worklogs.models import BureauLimit, ServiceRequest

pytestmark = pytest.mark.django_db
LIST = "/requests/"


def page(row: ServiceRequest) -> str:
    return reverse("request", args=(row.pk,))


@pytest.mark.parametrize(
    "role", [Role.BUREAU, Role.JUDICIAL_OFFICE, Role.TOWNSHIP, Role.LIAISON], ids=str
)
def test_every_desk_of_the_villages_side_asks(county: County, role: Role):
    client = signed_in(desk_of(county, role))
    sent = {"village": county.village.code, "kind": "hard", "text": "集体土地能否抵押？"}
    response = client.post(LIST, sent, follow=True)

    row = ServiceRequest.objects.get()
    assert (row.village, row.raised_as) == (county.village, role)
    assert f"办理期限{row.due_on:%Y-%m-%d}" in response.content.decode()
    assert "集体土地能否抵押？" in signed_in(county.advisor_user).get(LIST).content.decode()


def test_nobody_asks_for_a_village_that_is_not_his(county: County, foreign: County):
    for village in (foreign.village, county.sibling_village):
        sent = {"village": village.code, "kind": "visit", "text": "来一趟"}
        response = signed_in(county.township_user).post(LIST, sent)
        assert response.status_code == 400
        assert "请选择村（社区）。" in response.content.decode()
        assert "来一趟</textarea>" in response.content.decode()
    for code in ("\0", "一", "9" * 400):
        response = signed_in(county.township_user).post(LIST, {"village": code, "kind": "visit"})
        assert response.status_code == 400
    assert not ServiceRequest.objects.exists()


@pytest.mark.parametrize("role", [Role.ADVISOR, Role.MEDIATION, Role.SYSTEM_ADMIN], ids=str)
def test_others_do_not_ask(county: County, role: Role):
    sent = {"village": county.village.code, "kind": "visit"}

    assert signed_in(desk_of(county, role)).post(LIST, sent).status_code == 403
    assert not ServiceRequest.objects.exists()


def test_an_advisor_takes_up_and_answers_with_a_record(county: County):
    row = make_request(village=county.village, raised_at=timezone.now() - timedelta(hours=2))
    log = make_log(appointment=county.appointment, day=timezone.localdate(), start="08:00")
    client = signed_in(county.advisor_user)
    assert "受理" in client.get(page(row)).content.decode()
    client.post(page(row), {"wish": "accept"})
    client.post(page(row), {"wish": "answer", "answer": "可以", "log": log.pk})

    row.refresh_from_db()
    assert (row.state, row.advisor, row.log) == ("answered", county.advisor, log)
    html = signed_in(county.township_user).get(page(row)).content.decode()
    assert "用时2小时" in html
    assert "可以" in html


def test_only_the_villages_advisor_answers(county: County):
    row = make_request(village=county.village)
    for user, status in (
        (county.township_user, 403),
        (county.bureau_user, 403),
        (county.sibling_advisor_user, 404),
    ):
        for wish in ("accept", "answer", "decline"):
            sent = {"wish": wish, "answer": "答", "reason": "因"}
            assert signed_in(user).post(page(row), sent).status_code == status
    for wish in ("close", "reopen"):
        response = signed_in(county.advisor_user).post(page(row), {"wish": wish, "reason": "因"})
        assert response.status_code == 403
    row.refresh_from_db()
    assert row.state == "open"


def test_a_refusal_keeps_what_was_typed(county: County):
    row = make_request(village=county.village)
    client = signed_in(county.advisor_user)
    response = client.post(page(row), {"wish": "answer", "answer": "答案一", "log": "9999"})

    assert response.status_code == 400
    assert "答案一</textarea>" in response.content.decode()
    assert client.post(page(row), {"wish": "nothing"}).status_code == 403
    assert signed_in(county.bureau_user).post(page(row), {"wish": "nothing"}).status_code == 404


def test_the_side_that_asked_closes_and_asks_again(county: County):
    row = make_request(village=county.village, state="declined", declined_reason="范围外")
    client = signed_in(county.office_user)
    client.post(page(row), {"wish": "reopen", "reason": "补充了材料"})
    row.refresh_from_db()
    assert row.state == "open"
    client.post(page(row), {"wish": "close", "reason": "已解决"})
    row.refresh_from_db()
    assert row.state == "closed"
    assert "已有结果" in client.get(LIST).content.decode()


def test_the_list_costs_the_same_however_long(county: County):
    client = signed_in(county.office_user)
    make_request(village=county.village)
    make_request(village=county.village, state="closed")
    client.get(LIST)
    with CaptureQueriesContext(connection) as few:
        client.get(LIST)
    for _ in range(20):
        make_request(village=county.village)
        make_request(village=county.village, state="closed")
    with CaptureQueriesContext(connection) as many:
        client.get(LIST)

    assert len(many) == len(few)


# ── a bureau's numbers ──────────────────────────────────────────────────────────────────────────


def limits(county: County) -> str:
    return reverse("limits", args=(county.bureau.code,))


def test_a_bureau_reads_defaults_and_sets_its_own(county: County):
    client = signed_in(county.bureau_user)
    html = client.get(limits(county)).content.decode()
    assert html.count("默认值不是文件的规定") == 1
    assert "默认7天，最多60天；依据：嘉定二（三）2“在规定时限内予以解答”" in html
    client.post(limits(county), {"hard_days": "５", "acknowledge_hours": " "})

    assert limit_of(county.bureau.pk, LimitKey.HARD_DAYS) == 5
    assert limit_of(county.bureau.pk, LimitKey.ACKNOWLEDGE_HOURS) == 24


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("七", "应为整数，现为“七”"), ("0", "应为1至60天，现为0"), ("99999", "应为整数")],
)
def test_one_bad_number_sets_none(county: County, typed: str, sentence: str):
    sent = {"confirm_days": "9", "hard_days": typed}
    response = signed_in(county.bureau_user).post(limits(county), sent)

    assert response.status_code == 400
    assert sentence in response.content.decode()
    assert not BureauLimit.objects.exists()


def test_who_keeps_no_policy_sets_nothing(county: County):
    client = signed_in(desk_of(county, Role.FINANCE))
    assert "保存" not in client.get(limits(county)).content.decode()
    assert client.post(limits(county), {"hard_days": "5"}).status_code == 404
    assert signed_in(county.township_user).get(limits(county)).status_code == 404
