"""The page behind a contact's link, and the desk at which links are given."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from redis.exceptions import RedisError

from advisors.models import Liaison
from assessments.models import Policy
from assessments.services import PACKS, adopt_policy
from lawadvisor.foundation import pace
from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.roles import Role
from lawadvisor.foundation.viewer import SYSTEM
from tests.conftest import County, desk_of
from tests.factories import (
    DAY,
    OCTOBER,
    make_liaison,
    make_link,
    make_log,
    make_matter,
    make_request,
    make_village,
)
from tests.web.conftest import signed_in
from worklogs.enums import LogState, MatterKind
from worklogs.links import make_link as give
from worklogs.links import revoke_link
from worklogs.models import LiaisonLink, ServiceLog, ServiceRequest

pytestmark = pytest.mark.django_db
WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE)\b")


@pytest.fixture(autouse=True)
def _fresh_counts() -> None:
    cache.clear()


@pytest.fixture
def dg(county: County) -> Policy:
    """A county that counts what a contact has confirmed."""
    return adopt_policy(bureau=county.bureau, pack_path=PACKS / "dg.toml", by=SYSTEM)


@pytest.fixture
def liaison(county: County) -> Liaison:
    return make_liaison(village=county.village, name="赵小六", phone="13700001234")


@pytest.fixture
def token(county: County, liaison: Liaison) -> str:
    by = county.office_user.as_actor("192.0.2.9")
    return give(by=by, liaison=liaison, now=timezone.now())[1]


def address(token: str) -> str:
    return reverse("confirm", args=(token,))


def read(*logs: ServiceLog) -> dict[str, str]:
    """Which version of each was read, as the form sends it."""
    return {f"version-{log.pk}": str(log.version) for log in logs}


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


# ── behind the link ─────────────────────────────────────────────────────────────────────────────


def test_it_opens_without_an_account_and_shows_what_waits(county: County, dg: Policy, token: str):
    log = make_log(appointment=county.appointment, place="村部")
    make_matter(log=log, client="张三", phone="13812345678", content="张三问低保")
    make_matter(log=log, kind=MatterKind.MEDIATION, client="李四", content="李四争地")
    other = make_log(appointment=county.sibling_appointment, place="别村村部")

    response = Client().get(address(token))
    html = response.content.decode()
    assert response.status_code == 200
    for said in ("赵小六，您好", county.village.short_name, "09:00–13:00", "村部", "张*问低保"):
        assert said in html
    for hidden in ("张三", "李", "争地", "13812345678", "别村", county.sibling_advisor.name):
        assert hidden not in html
    assert html.count('type="checkbox" class="tick"') == 1
    assert f'id="true-{log.pk}" checked' in html
    assert f'value="{other.pk}"' not in html


def test_the_answer_may_be_kept_by_nobody_and_leads_nowhere(dg: Policy, token: str):
    response = Client().get(address(token))

    assert response["Cache-Control"] == "private, no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert "sessionid" not in response.cookies
    assert {*re.findall(r'<a [^>]*href="([^"]+)"', response.content.decode())} == {"/feedback/"}


def test_every_open_is_one_row_in_the_register_and_nothing_else(dg: Policy, token: str):
    with CaptureQueriesContext(connection) as ran:
        Client().get(address(token), REMOTE_ADDR="198.51.100.7")
    writes = [query["sql"] for query in ran if WRITES.match(query["sql"])]

    assert len(writes) == 1
    assert 'INSERT INTO "foundation_auditentry"' in writes[0]
    row = AuditEntry.objects.latest("id")
    assert (row.verb, row.actor_name, row.actor_id) == ("link.open", "赵小六（联络员）", None)
    assert row.address == "198.51.100.7"


def test_all_true_in_one_tap_without_cookies(county: County, dg: Policy, token: str):
    logs = [make_log(appointment=county.appointment, day=DAY - timedelta(n)) for n in range(3)]
    ids = [str(log.pk) for log in logs]
    client = Client(enforce_csrf_checks=True)  # and no page was opened that set a cookie

    response = client.post(address(token), {"shown": ids, "true": ids, **read(*logs)})
    assert "已确认3条。" in text_of(response)
    assert "没有需要您确认的记录了" in text_of(response)
    assert {*ServiceLog.objects.values_list("state", flat=True)} == {LogState.CONFIRMED}


def test_what_is_unticked_goes_back_with_its_reason(county: County, dg: Policy, token: str):
    good, bad = (make_log(appointment=county.appointment, day=DAY - timedelta(n)) for n in (0, 1))
    sent = {"shown": [good.pk, bad.pk], "true": [good.pk], f"why-{bad.pk}": ["time"]}
    sent |= read(good, bad)

    said = text_of(Client().post(address(token), sent))
    assert "已确认1条。" in said
    assert "1条有出入，已退回法律顾问更正。" in said
    bad.refresh_from_db()
    assert (bad.state, bad.returned_reason) == ("returned", "联络员认为有出入：时间不对")


def test_without_a_reason_nothing_is_written_and_nothing_is_lost(
    county: County, dg: Policy, token: str
):
    good, bad = (make_log(appointment=county.appointment, day=DAY - timedelta(n)) for n in (0, 1))
    sent = {"shown": [good.pk, bad.pk], "true": [good.pk], f"text-{bad.pk}": "长" * 101}

    response = Client().post(address(token), sent)
    html = response.content.decode()
    assert response.status_code == 400
    assert "说明最多100个字，现有101个。" in html
    assert f'id="true-{good.pk}" checked' in html
    assert f'id="true-{bad.pk}" checked' not in html
    assert "长" * 101 in html
    assert {*ServiceLog.objects.values_list("state", flat=True)} == {LogState.SUBMITTED}


def test_a_link_of_one_village_answers_for_no_other(county: County, dg: Policy, token: str):
    other = make_log(appointment=county.sibling_appointment)
    for sent in ({"true": [other.pk]}, {f"why-{other.pk}": ["time"]}):
        response = Client().post(address(token), {"shown": [other.pk], **read(other), **sent})
        assert "1条在您查看之后有改动，或已有人处理" in text_of(response)
    other.refresh_from_db()
    assert other.state == LogState.SUBMITTED


@pytest.mark.parametrize("rubbish", ["abc", "-1", "9" * 30, "１", "1 OR 1=1", ""])
def test_numbers_that_are_none_are_passed_over(dg: Policy, token: str, rubbish: str):
    response = Client().post(address(token), {"shown": [rubbish], "true": [rubbish]})

    assert response.status_code == 200


def test_where_the_policy_asks_for_no_confirmation_none_is_asked(county: County, token: str):
    adopt_policy(bureau=county.bureau, pack_path=PACKS / "zx.toml", by=SYSTEM)
    make_log(appointment=county.appointment)

    html = Client().get(address(token)).content.decode()
    assert "本地政策不要求联络员确认服务记录" in html
    assert "全部属实" not in html


def test_unknown_expired_and_taken_back_look_alike(county: County, dg: Policy, liaison: Liaison):
    by, now = county.office_user.as_actor("192.0.2.9"), timezone.now()
    link, gone = give(by=by, liaison=liaison, now=now)
    revoke_link(by=by, link=link, now=now)
    _, over = give(by=by, liaison=liaison, now=now - timedelta(days=8))
    answers = [
        Client().get(address(token)) for token in (gone, over, secrets.token_urlsafe(24), "x")
    ]
    seen = {(one.status_code, one.content, str(sorted(one.headers.items()))) for one in answers}

    assert len(seen) == 1
    assert answers[0].status_code == 404
    assert "请联系发给您链接的镇街司法所" in text_of(answers[0])
    assert not AuditEntry.objects.filter(verb="link.open").exists()


def test_a_thousand_forged_addresses_open_nothing_and_are_slowed_down(dg: Policy, token: str):
    client = Client()
    forged = (address(secrets.token_urlsafe(24)) for _ in range(1000))
    found = [client.get(one).status_code for one in forged]

    assert {*found} == {404, 429}
    assert found.count(404) == 120
    assert "太频繁" in text_of(client.get(address(token)))
    assert Client().get(address(token), REMOTE_ADDR="198.51.100.8").status_code == 200
    assert not AuditEntry.objects.exclude(verb__in=("link.make", "link.open")).filter(
        subject_type="worklogs.liaisonlink"
    )


def test_a_silent_cache_shuts_nobody_out(dg: Policy, token: str, monkeypatch, caplog):
    def silent(*_: object, **__: object) -> None:
        raise RedisError("gone")

    monkeypatch.setattr(pace.cache, "add", silent)
    assert Client().get(address(token)).status_code == 200
    assert "the cache does not answer" in caplog.text


def test_other_methods_are_refused(token: str):
    assert Client().put(address(token)).status_code == 405


# ── asking (L2) ─────────────────────────────────────────────────────────────────────────────────

NUMBER = "6b7d0c9e-1111-4222-8333-444455556666"
VISIT = {"wish": "ask", "uuid": NUMBER, "kind": "visit"}


def test_a_contact_asks_for_a_visit_once_however_often_it_is_sent(
    county: County, token: str, liaison: Liaison
):
    for _ in range(2):
        said = text_of(Client().post(address(token), VISIT))
        assert "已发给法律顾问： 请顾问来一趟" in said
    (made,) = ServiceRequest.objects.all()
    assert (made.village, made.liaison, made.raised_by) == (county.village, liaison, None)
    assert (made.raised_as, str(made.client_uuid)) == (Role.LIAISON, NUMBER)
    assert AuditEntry.objects.get(verb="request.raise").actor_name == "赵小六（联络员）"
    assert "待受理" in text_of(Client().get(address(token)))


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"kind": "hard"}, "请写明要咨询的问题。"),
        ({"kind": "rubbish"}, "不在选项中"),
        ({"wanted_on": "昨天"}, "日期“昨天”无法识别"),
        ({"kind": "advice", "text": "长" * 301}, "需求最多300个字"),
    ],
)
def test_what_cannot_be_asked_is_said_and_kept(token: str, sent: dict, sentence: str):
    response = Client().post(address(token), {**VISIT, **sent})

    assert response.status_code == 400
    assert sentence in text_of(response)
    assert sent.get("text", "") in response.content.decode()
    assert not ServiceRequest.objects.exists()


def test_the_answer_comes_back_by_the_same_link(county: County, token: str, liaison: Liaison):
    Client().post(address(token), {**VISIT, "kind": "hard", "text": "问题一"})
    request = ServiceRequest.objects.get()
    answered = {"wish": "answer", "answer": "答案，详询13812345678"}
    signed_in(county.advisor_user).post(reverse("request", args=(request.pk,)), answered)
    make_request(village=county.village, text="镇里问的")

    said = text_of(Client().get(address(token)))
    assert "答复：答案，详询138****5678" in said
    assert "镇里问的" not in said


# ── the desk ────────────────────────────────────────────────────────────────────────────────────


def desk(county: County) -> str:
    return reverse("liaison", args=(county.village.code,))


def test_an_office_names_a_contact_and_gives_him_a_link(county: County, dg: Policy):
    client = signed_in(county.office_user)
    client.post(desk(county), {"wish": "name", "name": "赵小六", "phone": "13700001234"})
    response = client.post(desk(county), {"wish": "link"})
    words = re.search(r"<textarea[^>]*>(.*?)</textarea>", response.content.decode(), re.DOTALL)[1]
    (shown,) = re.findall(r"http://testserver(/confirm/\S+)", words)

    assert "赵小六您好" in words
    assert 'class="qr"' in response.content.decode()
    assert response["Cache-Control"] == "private, no-store"
    assert Client().get(shown).status_code == 200
    assert shown not in client.get(desk(county)).content.decode()


def test_an_office_renews_and_takes_back(county: County, dg: Policy, token: str):
    client = signed_in(county.office_user)
    LiaisonLink.objects.update(expires_at=timezone.now(), made_at=timezone.now() - timedelta(8))
    assert Client().get(address(token)).status_code == 404
    assert "已过期" in client.get(desk(county)).content.decode()
    client.post(desk(county), {"wish": "renew"})
    assert Client().get(address(token)).status_code == 200
    client.post(desk(county), {"wish": "revoke"})
    assert Client().get(address(token)).status_code == 404
    assert client.post(desk(county), {"wish": "renew"}).status_code == 404


@pytest.mark.parametrize("wish", ["", "made up", "link", "end", "renew"])
def test_a_wish_for_nothing_is_nothing(county: County, wish: str):
    response = signed_in(county.office_user).post(desk(county), {"wish": wish})

    assert response.status_code == 404


def test_a_name_that_is_refused_stays_in_the_form(county: County):
    sent = {"wish": "name", "name": "赵小六", "phone": "没有电话"}
    response = signed_in(county.office_user).post(desk(county), sent)

    assert response.status_code == 400
    assert "联系电话应为手机号" in response.content.decode()
    assert 'value="没有电话"' in response.content.decode()


def test_what_nobody_answered_is_shown_and_can_be_vouched_for(
    county: County, dg: Policy, liaison: Liaison, november: None
):
    log = make_log(appointment=county.appointment)
    client = signed_in(county.office_user)
    listed = client.get(reverse("liaisons", args=(county.township.code,))).content.decode()
    assert "1条未确认" in listed
    assert "13700001234" in listed
    assert "未确认的记录" in client.get(desk(county)).content.decode()
    client.post(desk(county), {"wish": "vouch", "shown": log.pk, "reason": "电话问赵小六"})

    log.refresh_from_db()
    assert log.state == LogState.CONFIRMED


def test_who_does_not_see_clients_sees_a_mask(county: County, dg: Policy, liaison: Liaison):
    client = signed_in(desk_of(county, Role.TOWNSHIP))
    listed = client.get(reverse("liaisons", args=(county.township.code,))).content.decode()

    assert "赵*" in listed
    assert "137****1234" in listed
    assert "赵小六" not in listed
    assert desk(county) not in listed


def test_a_list_of_fifty_villages_takes_no_more_queries(county: County, dg: Policy, liaison):
    client = signed_in(county.office_user)
    where = reverse("liaisons", args=(county.township.code,))
    client.get(where)
    with CaptureQueriesContext(connection) as few:
        client.get(where)
    for _ in range(50):
        make_link(liaison=make_liaison(village=make_village(township=county.township)))
    with CaptureQueriesContext(connection) as many:
        client.get(where)

    assert len(many) == len(few)


def test_the_townships_page_leads_there(county: County, dg: Policy, november: None):
    where = reverse("township-month", args=(county.township.code, OCTOBER))
    html = signed_in(county.office_user).get(where).content.decode()

    assert reverse("liaisons", args=(county.township.code,)) in html
