"""One account per role: who may sign in, when, and what he sees."""

from __future__ import annotations

import pytest
from django.contrib.auth import authenticate

from advisors.viewers import viewer_for
from lawadvisor.accounts.models import User
from lawadvisor.demo import build_county
from lawadvisor.demo.logins import ADMIN, DEMO_PASSWORD, create_admin, create_logins, logins_of
from lawadvisor.foundation.roles import Role
from tests.demo.data import SMALL, TODAY
from villages.models import Bureau, Village

DESKS = ("bureau", "staff", "office", "town", "firm", "village", "advisor")
USERNAMES = (*(f"ys-{desk}" for desk in DESKS), ADMIN)


@pytest.fixture
def bureau(db: None) -> Bureau:
    build_county(SMALL)
    create_logins(SMALL)
    create_admin(SMALL)
    return Bureau.objects.get(code=SMALL.code)


@pytest.mark.parametrize("username", USERNAMES)
def test_the_printed_password_opens_in_demo_mode_only(bureau, settings, username):
    settings.DEMO = True
    assert authenticate(username=username, password=DEMO_PASSWORD) is not None
    settings.DEMO = False
    assert authenticate(username=username, password=DEMO_PASSWORD) is None


def test_the_other_advisors_have_no_password(bureau, settings):
    settings.DEMO = True
    others = User.objects.filter(advisor__isnull=False).exclude(username="ys-advisor")
    assert others
    assert not any(user.has_usable_password() for user in others)


def test_each_desk_has_one_login(bureau):
    logins = logins_of(SMALL)
    assert [login.username for login in logins] == [*USERNAMES[:-1]]
    for login in logins:
        viewer = viewer_for(User.objects.get(username=login.username), on=TODAY)
        assert viewer.role is not None
        assert viewer.role.label == login.desk
    everything = viewer_for(User.objects.get(username=ADMIN), on=TODAY)
    assert everything.sees_all


def test_one_account_has_two_desks_to_switch_between(bureau):
    viewer = viewer_for(User.objects.get(username="ys-staff"), on=TODAY)
    assert [desk.role for desk in viewer.desks] == [Role.FINANCE, Role.MEDIATION]


def test_what_a_login_sees_is_said(bureau):
    by_role = {login.desk: login for login in logins_of(SMALL)}
    assert "全部24个村（社区）" in by_role[Role.BUREAU.label].sees
    assert "的17个村（社区）" in by_role[Role.JUDICIAL_OFFICE.label].sees
    assert by_role[Role.ADVISOR.label].sees.count("、") == 2
    office = viewer_for(User.objects.get(username="ys-office"), on=TODAY)
    town = viewer_for(User.objects.get(username="ys-town"), on=TODAY)
    assert office.townships == town.townships
    assert Village.objects.visible_to(office).count() == 17


def test_staff_enter_the_back_office(bureau):
    users = User.objects.filter(username__in=USERNAMES)
    staff = {user.username for user in users if viewer_for(user, on=TODAY).enters_back_office}
    assert staff == {"ys-bureau", "ys-staff", ADMIN}
    assert not User.objects.filter(is_demo=False).exists()
