"""Reports of grave matters on pages: one screen to send, a list without stories, a clock each."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.services import PACKS, adopt_policy
from lawadvisor.foundation.roles import Role
from lawadvisor.foundation.viewer import SYSTEM
from tests.conftest import County, desk_of
from tests.factories import make_incident
from tests.web.conftest import signed_in
from worklogs.enums import Recipient
from worklogs.models import Incident

pytestmark = pytest.mark.django_db
LIST, NEW = "/incidents/", "/incidents/new/"


def page(row: Incident) -> str:
    return reverse("incident", args=(row.pk,))


def sent(county: County, **other: str) -> dict[str, str]:
    now = timezone.localtime() - timedelta(minutes=1)
    return {
        "uuid": "6b7d0c9e-1111-4222-8333-444455556666",
        "appointment": str(county.appointment.pk),
        "kind": "mass_petition",
        "level": "urgent",
        "day": now.date().isoformat(),
        "clock": f"{now:%H:%M}",
        "place": "村委会门口",
        "people": "40",
        "facts": "村民就补偿款聚集",
        **other,
    }


@pytest.mark.parametrize(
    ("pack", "recipients"),
    [
        ("zx", ["office", "bureau", "township"]),
        ("cz", ["office", "bureau"]),
        ("sh", ["village", "office"]),
        ("dg", ["office", "bureau"]),
        ("jc", ["office", "bureau"]),
    ],
)
def test_a_report_goes_to_whom_the_policy_names(county: County, pack: str, recipients: list[str]):
    adopt_policy(bureau=county.bureau, pack_path=PACKS / f"{pack}.toml", by=SYSTEM)
    client = signed_in(county.advisor_user)
    for _ in range(2):
        response = client.post(NEW, sent(county), follow=True)

    assert [*Incident.objects.get().notices.values_list("recipient", flat=True)] == recipients
    labels = "、".join(Recipient(each).label for each in recipients)
    assert f"已报送{labels}。" in response.content.decode()


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ({"appointment": "0"}, "请选择村（社区）。"),
        ({"appointment": ""}, "请选择村（社区）。"),
        ({"day": "昨天"}, "日期“昨天”无法识别"),
        ({"clock": "早上"}, "时间“早上”无法识别"),
        ({"people": "许多"}, "涉及人数应为整数，现为“许多”。"),
        ({"facts": ""}, "请填写情况"),
        ({"kind": "x"}, "不在选项中"),
    ],
)
def test_a_refused_report_keeps_what_was_typed(county: County, other: dict, sentence: str):
    response = signed_in(county.advisor_user).post(NEW, sent(county, **other))
    html = response.content.decode()

    assert response.status_code == 400
    assert sentence in html
    assert 'value="村委会门口"' in html
    assert "6b7d0c9e-1111" in html
    assert not Incident.objects.exists()


def test_an_advisor_reports_only_of_his_own_villages(county: County):
    other = sent(county, appointment=str(county.sibling_appointment.pk))

    assert signed_in(county.advisor_user).post(NEW, other).status_code == 400


@pytest.mark.parametrize("role", [Role.BUREAU, Role.JUDICIAL_OFFICE, Role.TOWNSHIP], ids=str)
def test_others_do_not_report(county: County, role: Role):
    client = signed_in(desk_of(county, role))

    assert client.get(NEW).status_code == client.post(NEW, sent(county)).status_code == 403


def test_no_list_tells_the_story(county: County):
    make_incident(appointment=county.appointment, facts="王五带头堵门", place="王五家门口")
    for user in (county.advisor_user, county.office_user, county.bureau_user):
        html = signed_in(user).get(LIST).content.decode()
        assert "可能引发群体性事件" in html
        assert "王五" not in html
    assert "王五带头堵门" in signed_in(county.office_user).get(page(Incident.objects.get())).text


def test_an_office_reads_it_and_is_shown_late_when_it_does_not(county: County):
    row = make_incident(appointment=county.appointment)
    client = signed_in(county.office_user)
    assert "逾期未签收" in client.get(LIST).content.decode()
    assert "签收</button>" in client.get(page(row)).content.decode()
    client.post(page(row), {"wish": "acknowledge"})
    html = client.get(page(row)).content.decode()
    assert f"{county.office_user.name}（逾期）" in html
    assert "签收</button>" not in html


def test_who_was_not_told_reads_nothing_for_others(county: County):
    row = make_incident(appointment=county.appointment)
    for user, status in (
        (county.township_user, 404),
        (county.sibling_office_user, 404),
        (county.sibling_advisor_user, 404),
        (county.advisor_user, 403),
        (desk_of(county, Role.MEDIATION), 403),
        (desk_of(county, Role.SYSTEM_ADMIN), 403),
    ):
        assert signed_in(user).post(page(row), {"wish": "acknowledge"}).status_code == status
    assert not row.notices.exclude(acknowledged_at=None).exists()


def test_followed_up_given_an_opinion_and_closed(county: County):
    row = make_incident(appointment=county.appointment)
    advisor, office = signed_in(county.advisor_user), signed_in(county.office_user)
    closing = {"wish": "close", "reason": "已平息"}
    assert "还没有法律意见" in office.post(page(row), closing).content.decode()
    assert advisor.post(page(row), closing).status_code == 403
    opinion = {"wish": "note", "kind": "opinion_on_site", "text": "建议召开村民会议"}
    assert office.post(page(row), opinion).status_code == 403
    advisor.post(page(row), opinion)
    office.post(page(row), {"wish": "note", "kind": "follow_up", "text": "镇村已到场"})
    office.post(page(row), closing)

    row.refresh_from_db()
    html = advisor.get(page(row)).content.decode()
    assert row.state == "closed"
    assert "建议召开村民会议" in html
    assert "镇村已到场" in html
    assert "记下</button>" not in html
    office.post(page(row), {"wish": "reopen", "reason": "又有聚集"})
    row.refresh_from_db()
    assert row.state == "open"
    assert office.post(page(row), {"wish": "nothing"}).status_code == 404


def test_a_refused_note_stays_in_the_form(county: County):
    row = make_incident(appointment=county.appointment)
    long = {"wish": "note", "kind": "follow_up", "text": "长" * 1001}
    response = signed_in(county.office_user).post(page(row), long)

    assert response.status_code == 400
    assert "内容最多1000个字" in response.content.decode()
    assert "长" * 1001 in response.content.decode()


def test_the_list_costs_the_same_however_long(county: County):
    client = signed_in(county.office_user)
    make_incident(appointment=county.appointment)
    client.get(LIST)
    with CaptureQueriesContext(connection) as few:
        client.get(LIST)
    for _ in range(20):
        make_incident(appointment=county.appointment)
    with CaptureQueriesContext(connection) as many:
        client.get(LIST)

    assert len(many) == len(few)
