"""Who may sign in: demo accounts only in demo mode, closed accounts never."""

from __future__ import annotations

import pytest
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from pytest_django import Settings

from lawadvisor.accounts.models import User
from lawadvisor.foundation.viewer import Actor
from tests.factories import make_user

pytestmark = pytest.mark.django_db

PASSWORD = "a long sentence"


def signs_in(user: User, password: str = PASSWORD) -> bool:
    return authenticate(username=user.username, password=password) == user


def test_the_password_opens():
    user = make_user(password=PASSWORD)

    assert signs_in(user)
    assert not signs_in(user, "another sentence")
    assert not signs_in(user, "")


def test_an_account_without_password_opens_to_nothing():
    user = make_user()

    assert not any(signs_in(user, tried) for tried in ("", PASSWORD, user.password))


def test_a_closed_account_stays_closed():
    assert not signs_in(make_user(password=PASSWORD, is_active=False))


@pytest.mark.parametrize("demo", [True, False])
@pytest.mark.parametrize("is_demo", [True, False])
def test_demo_accounts_open_only_in_demo_mode(settings: Settings, demo: bool, is_demo: bool):
    settings.DEMO = demo

    assert signs_in(make_user(password=PASSWORD, is_demo=is_demo)) == (demo or not is_demo)


def test_a_demo_session_ends_with_demo_mode(settings: Settings):
    """Signed in while the demo ran: the cookie opens nothing afterwards."""
    from django.contrib.auth import get_user
    from django.test import Client, RequestFactory

    settings.DEMO = True
    client, request = Client(), RequestFactory().get("/")
    user = make_user(password=PASSWORD, is_demo=True)
    assert client.login(username=user.username, password=PASSWORD)
    request.session = client.session
    assert get_user(request) == user

    settings.DEMO = False
    assert get_user(request).is_anonymous


def test_a_user_name_is_given_once():
    user = make_user()

    with pytest.raises(IntegrityError):
        make_user(username=user.username)


def test_a_taken_user_name_is_refused_in_chinese():
    user = User(username=make_user().username, name="甲", password="!")

    with pytest.raises(ValidationError) as refused:
        user.full_clean()
    assert refused.value.message_dict == {"username": ["具有 用户名 的 用户 已存在。"]}


def test_a_user_acts_under_his_name():
    user = make_user(name="王芳")

    assert user.as_actor("10.0.0.1") == Actor(user_id=user.pk, name="王芳", address="10.0.0.1")
    assert user.as_actor("10.0.0.1").address == "10.0.0.1"
