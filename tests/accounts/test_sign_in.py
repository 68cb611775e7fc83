"""Who may sign in: demo accounts only in demo mode, closed accounts never."""

from __future__ import annotations

import pytest
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
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


# ── by phone number ─────────────────────────────────────────────────────────────────────────────

NUMBER = "13800138000"


@pytest.mark.parametrize(
    "typed",
    [
        *(NUMBER, " 138 0013 8000 ", "138-0013-8000"),
        *("+86 13800138000", "8613800138000", "１３８００１３８０００"),
    ],
)
def test_the_phone_number_opens_in_any_spelling(typed: str):
    user = make_user(password=PASSWORD, phone=NUMBER)

    assert authenticate(username=typed, password=PASSWORD) == user
    assert authenticate(username=typed, password="another") is None


@pytest.mark.parametrize("typed", ["13900139000", "1380013800", "tel13800138000"])
def test_another_number_opens_nothing(typed: str):
    make_user(password=PASSWORD, phone=NUMBER)

    assert authenticate(username=typed, password=PASSWORD) is None


def test_no_number_opens_an_account_without_one():
    make_user(password=PASSWORD)

    assert authenticate(username="", password=PASSWORD) is None


def test_a_number_belongs_to_one_account():
    make_user(phone=NUMBER)
    again = User(username="other", name="甲", password="!", phone="138 0013 8000")

    with pytest.raises(ValidationError) as refused:
        again.full_clean()
    assert refused.value.messages == ["这个手机号已用于另一个账号，请核对。"]
    with pytest.raises(IntegrityError, match="user_phone_once"), transaction.atomic():
        again.save()


def test_many_accounts_have_no_number():
    assert [make_user().phone for _ in range(3)] == ["", "", ""]


@pytest.mark.parametrize(
    "number", ["1380013800", "010-12345678", "23800138000", "张三", "138001380001"]
)
def test_only_a_mainland_mobile_number_is_taken(number: str):
    user = User(username="zx-li", name="甲", password="!", phone=number)

    with pytest.raises(ValidationError) as refused:
        user.full_clean()
    assert refused.value.message_dict == {"phone": ["手机号应是11位的内地手机号，如13800138000。"]}


def test_nobody_takes_anothers_number_for_a_user_name():
    user = User(username=NUMBER, name="甲", password="!")

    with pytest.raises(ValidationError) as refused:
        user.full_clean()
    assert refused.value.message_dict == {"username": ["用户名不能是手机号，请填在“手机号”一栏。"]}


def test_the_number_stands_nowhere_in_clear():
    user = make_user(phone=NUMBER)
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM accounts_user WHERE id = %s", [user.pk])
        (stored,) = cursor.fetchone()

    assert stored
    assert NUMBER not in stored
    assert str(User.objects.get(pk=user.pk).phone) == "138****8000"
