"""Every route, walked by every role from its own and from a foreign county."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from assessments.enums import ReportKey
from lawadvisor.accounts.models import User
from lawadvisor.foundation.models import Job, JobState
from tests import factories
from tests.factories import OCTOBER
from tests.web.conftest import Closed, signed_in

ROLES = (
    *("anonymous", "admin", "bureau", "office", "township", "advisor", "nobody"),
    *("foreign_bureau", "foreign_township", "sibling_township"),
)
#: What GET answers, in the order of ROLES. "login": sent to the login page; "go": sent on.
GO, IN = "go", "login"
EXPECTED: dict[str, tuple[int | str, ...]] = {
    "home": (IN, GO, GO, GO, GO, GO, 200, GO, GO, GO),
    "login": (200, GO, GO, GO, GO, GO, GO, GO, GO, GO),
    "logout": (IN, *(200,) * 9),
    "feedback": (200,) * 10,
    "healthz": (200,) * 10,
    "places": (IN, 200, 200, 403, 403, 403, 403, 200, 403, 403),
    "desks": (IN, *(200,) * 9),
    "organisation": (IN, *(403,) * 9),
    "village": (IN, GO, GO, GO, GO, 404, 404, 404, 404, 404),
    "village-month": (IN, 200, 200, 200, 200, 404, 404, 404, 404, 404),
    "mine": (IN, 403, 403, 403, 403, 200, 403, 403, 403, 403),
    "bureau": (IN, GO, GO, 404, 404, 404, 404, 404, 404, 404),
    "bureau-month": (IN, 200, 200, 404, 404, 404, 404, 404, 404, 404),
    "bureau-report": (IN, 200, 200, 404, 404, 404, 404, 404, 404, 404),
    "bureau-report-json": (IN, 200, 200, 404, 404, 404, 404, 404, 404, 404),
    "bureau-close": (IN, 403, GO, 404, 404, 404, 404, 404, 404, 404),
    "bureau-reclose": (IN, 403, GO, 404, 404, 404, 404, 404, 404, 404),
    "job-retry": (IN, 403, GO, 404, 404, 404, 404, 404, 404, 404),
    "township": (IN, GO, GO, GO, GO, 404, 404, 404, 404, 404),
    "township-month": (IN, 200, 200, 200, 200, 404, 404, 404, 404, 404),
    "report-json": (IN, 200, 200, 200, 200, 404, 404, 404, 404, 404),
    "file": (IN, 200, 200, 200, 200, 404, 404, 404, 404, 404),
    "verdict": (IN, 200, 200, 200, 200, 404, 404, 404, 404, 404),
    "verdict-annex": (IN, 200, 200, 200, 200, 404, 404, 404, 404, 404),
    "running-verdict": (IN, 200, 200, 200, 200, 200, 404, 404, 404, 404),
}
#: The back office is one door: its own tests walk what is behind it.
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
    job = Job.objects.create(
        kind="judge_desk",
        key="failed",
        group=closed.close.group,
        state=JobState.FAILED,
        finished_at=closed.close.closed_at,
    )
    bureau, township = (county.bureau.code, OCTOBER), (county.township.code, OCTOBER)
    arguments = {
        "village": (county.village.code,),
        "village-month": (county.village.code, OCTOBER),
        "bureau": bureau[:1],
        "bureau-month": bureau,
        "bureau-report": (*bureau, ReportKey.MONTHLY_SUMMARY),
        "bureau-report-json": (*bureau, ReportKey.MONTHLY_SUMMARY),
        "bureau-close": bureau,
        "bureau-reclose": bureau,
        "job-retry": (*bureau, job.pk),
        "township": township[:1],
        "township-month": township,
        "report-json": (*township, ReportKey.MONTHLY_SUMMARY),
        "file": (closed.file.pk, "报表.pdf"),
        "verdict": (closed.verdict.pk,),
        "verdict-annex": (closed.verdict.pk,),
        "running-verdict": (county.bureau.code, "ZX-34", "appointment", county.appointment.pk),
    }
    return {name: reverse(name, args=arguments.get(name, ())) for name in EXPECTED}


def routes(patterns: list[URLPattern | URLResolver]) -> Iterator[str | None]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield pattern.name or str(pattern.pattern)
        elif pattern.namespace != "admin":
            yield from routes(pattern.url_patterns)


def read(response: HttpResponse) -> bytes:
    """All of an answer; a paper's file is closed by it."""
    return b"".join(response.streaming_content) if response.streaming else response.content


def answer(response: HttpResponse) -> int | str:
    read(response)
    if response.status_code != 302:
        return response.status_code
    return IN if response.url.startswith("/login/") else GO


def test_every_route_has_an_expectation() -> None:
    assert {*routes(get_resolver().url_patterns)} == {*EXPECTED, "admin/login/"}


WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|COPY|TRUNCATE)\b(?!.*django_session)", re.DOTALL)


@pytest.mark.parametrize("name", EXPECTED)
def test_every_role_gets_what_its_desk_allows_and_looking_writes_nothing(
    name: str, people: dict[str, User | None], addresses: dict[str, str]
) -> None:
    clients = [signed_in(people[role]) for role in ROLES]
    with CaptureQueriesContext(connection) as ran:
        found = tuple(answer(client.get(addresses[name])) for client in clients)
    assert found == EXPECTED[name]
    assert [query["sql"] for query in ran if WRITES.match(query["sql"])] == []


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
