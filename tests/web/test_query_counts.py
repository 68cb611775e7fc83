"""As many questions for thirty rows as for one: every list, every page of a row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lawadvisor.accounts.models import User
from lawadvisor.foundation.roles import Role
from tests import factories
from tests.conftest import County
from tests.factories import OCTOBER
from tests.web.conftest import signed_in

MANY = 30
Make = Callable[[County, int], Any]


def _appointment(county: County, _: int) -> Any:
    return factories.make_appointment(village=factories.make_village(township=county.township))


def _log(county: County, n: int) -> Any:
    day = date(2026, 1, 1) + timedelta(days=n)
    return factories.make_log(appointment=county.appointment, day=day)


def _advisor(county: County, _: int) -> Any:
    advisor = factories.make_advisor(organisation=county.organisation)
    village = factories.make_village(township=county.township)
    factories.make_appointment(advisor=advisor, village=village)
    return advisor


def _close(county: County, n: int) -> Any:
    month = date(2020 + n // 12, n % 12 + 1, 1)
    policy = factories.make_policy(bureau=county.bureau, effective_from=month, checksum=f"{n:064d}")
    return factories.make_close(policy=policy, month=month)


def _verdict(county: County, n: int) -> Any:
    village = factories.make_village(township=county.township)
    close = _close(county, n)
    rule = factories.make_rule(policy=close.policy, definition={"force": "hard"})
    return factories.make_verdict(
        close=close,
        rule=rule,
        subject_kind="village",
        village=village,
        scope_township=county.township,
    )


def _user(county: County, _: int) -> Any:
    return factories.make_post(role=Role.BUREAU, bureau=county.bureau).user


def _village(county: County, _: int) -> Any:
    village = factories.make_village(township=county.township)
    factories.make_appointment(village=village)
    return village


def _waiver(county: County, n: int) -> Any:
    return factories.make_waiver(
        bureau=county.bureau,
        subject_kind="advisor",
        subject_id=_advisor(county, n).pk,
        period_start=OCTOBER.start,
    )


#: A row of each list that the bureau's own staff see.
ROWS: dict[str, Make] = {
    "villages.bureau": lambda county, _: county.bureau,
    "villages.township": lambda county, _: factories.make_township(bureau=county.bureau),
    "villages.village": _village,
    "accounts.user": _user,
    "accounts.signin": lambda county, _: factories.make_sign_in(user=county.township_user),
    "advisors.post": lambda county, _: factories.make_post(
        role=Role.TOWNSHIP, township=county.township
    ),
    "advisors.organisation": lambda county, _: factories.make_organisation(bureau=county.bureau),
    "advisors.advisor": _advisor,
    "advisors.serviceteam": lambda county, _: factories.make_team(
        organisation=county.organisation, lead=factories.make_advisor()
    ),
    "advisors.appointment": _appointment,
    "advisors.absence": lambda county, n: factories.make_absence(
        appointment=_appointment(county, n), substitute=factories.make_advisor()
    ),
    "worklogs.servicelog": _log,
    "worklogs.matter": lambda county, n: factories.make_matter(log=_log(county, n)),
    "worklogs.filing": lambda county, _: factories.make_filing(
        village=factories.make_village(township=county.township), advisor=county.advisor
    ),
    "assessments.policy": lambda county, n: _close(county, n).policy,
    "assessments.policydraft": lambda county, _: factories.make_draft(bureau=county.bureau),
    "assessments.rule": lambda county, n: factories.make_rule(policy=_close(county, n).policy),
    "assessments.verdict": _verdict,
    "assessments.dailycheck": lambda county, n: factories.make_daily_check(
        policy=_close(county, n).policy, day=date(2026, 1, 1) + timedelta(days=n)
    ),
    "assessments.waiver": _waiver,
    "assessments.monthclose": _close,
    "assessments.generatedfile": lambda county, n: factories.make_file(
        close=_close(county, n), township=county.township
    ),
    "foundation.auditentry": lambda county, _: factories.make_audit_entry(bureau=county.bureau),
    "foundation.job": lambda _county, _: factories.make_job(),
}
#: What a page shows that belongs to it, besides its history.
BELONGS: dict[str, Make] = {
    "villages.bureau": lambda county, _: factories.make_township(bureau=county.bureau),
    "villages.township": lambda county, _: factories.make_village(township=county.township),
    "villages.village": lambda county, _: factories.make_appointment(
        village=county.village, term=factories.term(date(2026, 1, 1))
    ),
    "advisors.organisation": _advisor,
    "advisors.advisor": lambda county, _: factories.make_appointment(
        advisor=county.advisor, village=factories.make_village(township=county.township)
    ),
    "advisors.appointment": _log,
}


def _names(label: str, action: str) -> str:
    return f"admin:{label.replace('.', '_')}_{action}"


def _asked(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as ran:
        assert client.get(address).status_code == 200
    return len(ran)


def test_every_list_is_counted() -> None:
    assert set(ROWS) == {model._meta.label_lower for model in admin.site._registry}


@pytest.fixture
def keeper(county: County, system_admin: User, request: pytest.FixtureRequest) -> User:
    label = request.node.callspec.params["label"]
    return system_admin if label == "foundation.job" else county.bureau_user


@pytest.mark.parametrize("label", ROWS)
def test_a_list_asks_as_often_for_many(label: str, county: County, keeper: User) -> None:
    client, address = signed_in(keeper), reverse(_names(label, "changelist"))
    ROWS[label](county, 0)
    one = _asked(client, address)
    for n in range(1, MANY):
        ROWS[label](county, n)
    assert _asked(client, address) == one


#: A policy is read on a page of its own, with tests of its own.
@pytest.mark.parametrize("label", [label for label in ROWS if label != "assessments.policy"])
def test_a_rows_page_asks_as_often_with_much_on_it(
    label: str, county: County, keeper: User
) -> None:
    row: models.Model = ROWS[label](county, 0)
    own = {
        "villages.township": county.township,
        "villages.village": county.village,
        "advisors.organisation": county.organisation,
        "advisors.advisor": county.advisor,
        "advisors.appointment": county.appointment,
    }
    row = own.get(label, row)
    client, address = signed_in(keeper), reverse(_names(label, "change"), args=[row.pk])
    adds: Make = BELONGS.get(label, lambda _county, _: None)

    def more(numbers: range) -> None:
        for n in numbers:
            adds(county, n)
            factories.make_audit_entry(
                bureau=county.bureau, subject_type=label, subject_id=row.pk, after={"name": n}
            )

    more(range(1))
    one = _asked(client, address)
    more(range(1, MANY))
    assert _asked(client, address) == one
