"""Requests and reports of grave matters at /api/v1/."""

from __future__ import annotations

import uuid

import pytest
from django.core.cache import cache
from django.utils import timezone

from assessments.services import PACKS, adopt_policy
from lawadvisor.foundation.viewer import SYSTEM
from tests.conftest import County
from tests.factories import make_request
from tests.web.test_api import Api
from worklogs.models import Incident, ServiceRequest

pytestmark = pytest.mark.django_db
NUMBER = str(uuid.UUID(int=7))


@pytest.fixture(autouse=True)
def _fresh_counts() -> None:
    cache.clear()


def test_an_advisor_fetches_what_he_owes(county: County):
    row = make_request(village=county.village)
    make_request(village=county.sibling_village)
    api = Api(county.advisor_user)
    (item,) = api.get("requests/").told["items"]

    assert (item["id"], item["overdue"], item["due_on"]) == (row.pk, True, "2026-10-16")
    assert item["text"] == "集体土地能否抵押？"
    assert api.get("desk/").told["requests"] == [item]


def test_an_office_asks_once_however_often_it_is_sent(county: County):
    api = Api(county.office_user)
    sent = {"uuid": NUMBER, "village": county.village.code, "kind": "visit"}
    first, again = (api.post("requests/", sent) for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.told == again.told
    other = api.post("requests/", {**sent, "text": "另一件"})
    assert (other.status_code, other.told["code"]) == (409, "conflict")
    assert ServiceRequest.objects.get().raised_as == "judicial_office"


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"kind": "x"}, "kind"),
        ({"village": "1"}, "village"),
        ({"kind": "hard"}, "text"),
        ({"wanted_on": "0001-01-01"}, "wanted_on"),
        ({"village": "999999999999"}, "village"),
        ({"uuid": "x"}, "uuid"),
    ],
)
def test_a_refusal_names_its_field(county: County, other: dict, field: str):
    sent = {"uuid": NUMBER, "village": county.village.code, "kind": "visit", **other}
    answer = Api(county.office_user).post("requests/", sent)

    assert answer.status_code == 400
    assert [error["field"] for error in answer.told["errors"]] == [field]
    assert not ServiceRequest.objects.exists()


def test_who_may_not_is_told_so(county: County, foreign: County):
    sent = {"uuid": NUMBER, "village": county.village.code, "kind": "visit"}
    assert Api(None).get("requests/").status_code == 401
    assert Api(county.advisor_user).post("requests/", sent).status_code == 403
    assert Api(foreign.office_user).post("requests/", sent).status_code == 400
    assert Api(county.office_user).post("incidents/", {}).status_code == 403


def report(county: County, **other: object) -> dict[str, object]:
    return {
        "uuid": NUMBER,
        "appointment": county.appointment.pk,
        "kind": "mass_petition",
        "level": "urgent",
        "day": f"{timezone.localdate():%Y-%m-%d}",
        "time": "00:00",
        "place": "村委会门口",
        "facts": "村民就补偿款聚集",
        **other,
    }


def test_a_grave_matter_is_reported_once_to_whom_the_policy_names(county: County):
    adopt_policy(bureau=county.bureau, pack_path=PACKS / "sh.toml", by=SYSTEM)
    api = Api(county.advisor_user)
    first, again = (api.post("incidents/", report(county)) for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.told == again.told
    assert [one["recipient"] for one in first.told["notices"]] == ["village", "office"]
    assert api.post("incidents/", report(county, people=3)).status_code == 409
    assert Incident.objects.count() == 1


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"day": "0001-01-01"}, "day"),
        ({"day": "9999-12-31"}, "day"),
        ({"time": "25:00"}, "time"),
        ({"people": -1}, "people"),
        ({"facts": ""}, "facts"),
        ({"appointment": 1}, "appointment"),
    ],
)
def test_a_report_that_cannot_be_names_its_field(county: County, other: dict, field: str):
    answer = Api(county.advisor_user).post("incidents/", report(county, **other))

    assert answer.status_code == 400
    assert [error["field"] for error in answer.told["errors"]] == [field]
