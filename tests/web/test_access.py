"""The door of the back office, and what others have: it looks like what nobody has."""

from __future__ import annotations

import re

import pytest
from django.http import HttpResponse
from django.urls import reverse

from assessments.enums import ReportKey
from lawadvisor.accounts.models import User
from tests import factories
from tests.factories import OCTOBER
from tests.web.conftest import Closed, signed_in

ROLES = (
    *("anonymous", "admin", "bureau", "office", "township", "advisor", "nobody"),
    *("foreign_bureau", "foreign_township", "sibling_township"),
)
GO = "go"
#: The back office is one door: what is behind it is walked with everything else.
ADMIN = ("/admin/", ("go", 200, 200, "go", "go", "go", "go", 200, "go", "go"))


@pytest.fixture
def people(closed: Closed, foreign_closed: Closed, system_admin: User) -> dict[str, User | None]:
    own, away = closed.county, foreign_closed.county
    return {
        "anonymous": None,
        "admin": system_admin,
        "bureau": own.bureau_user,
        "office": own.office_user,
        "township": own.township_user,
        "advisor": own.advisor_user,
        "nobody": factories.make_user(),
        "foreign_bureau": away.bureau_user,
        "foreign_township": away.township_user,
        "sibling_township": own.sibling_township_user,
    }


@pytest.fixture
def addresses(closed: Closed) -> dict[str, str]:
    county = closed.county
    bureau, township = (county.bureau.code, OCTOBER), (county.township.code, OCTOBER)
    arguments = {
        "bureau-month": bureau,
        "bureau-report": (*bureau, ReportKey.MONTHLY_SUMMARY),
        "bureau-report-json": (*bureau, ReportKey.MONTHLY_SUMMARY),
        "township-month": township,
        "report-json": (*township, ReportKey.MONTHLY_SUMMARY),
        "file": (closed.file.pk, "报表.pdf"),
        "verdict": (closed.verdict.pk,),
    }
    return {name: reverse(name, args=each) for name, each in arguments.items()}


def answer(response: HttpResponse) -> int | str:
    return GO if response.status_code == 302 else response.status_code


def test_the_back_office_lets_in_staff_only(people: dict[str, User | None]) -> None:
    found = tuple(answer(signed_in(people[role]).get(ADMIN[0])) for role in ROLES)
    assert found == ADMIN[1]


def test_the_back_office_shows_others_a_clear_no(people: dict[str, User | None]) -> None:
    response = signed_in(people["township"]).get("/admin/", follow=True)
    assert (response.status_code, "您的岗位不能使用这个页面" in response.content.decode()) == (
        403,
        True,
    )


def test_the_back_office_sends_visitors_to_the_one_login() -> None:
    response = signed_in(None).get("/admin/", follow=False)
    assert signed_in(None).get(response.url).url == "/login/?next=%2Fadmin%2F"


def _without_token(response: HttpResponse) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())


@pytest.mark.parametrize(
    "name",
    [
        *("bureau-month", "bureau-report", "bureau-report-json"),
        *("township-month", "report-json", "file", "verdict"),
    ],
)
def test_what_others_have_looks_like_what_nobody_has(
    name: str, people: dict[str, User | None], addresses: dict[str, str], closed: Closed
) -> None:
    known = addresses[name]
    for value in (closed.county.township.code, closed.county.bureau.code):
        missing = known.replace(value, "1" * len(value))
        if missing != known:
            break
    else:
        missing = re.sub(r"/\d+/", "/987654321/", known)
    client = signed_in(people["foreign_township"])
    refused, absent = client.get(known), client.get(missing)
    assert (refused.status_code, absent.status_code) == (404, 404)
    assert _without_token(refused) == _without_token(absent)
    assert closed.county.township.name not in refused.content.decode()
