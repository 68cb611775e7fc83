"""Opening, resetting, closing an account: what it does, who may not, and what is written down."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from lawadvisor.accounts import second_factor, services
from lawadvisor.accounts.models import User
from lawadvisor.foundation.errors import Conflict, DomainError
from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.roles import Role
from lawadvisor.foundation.viewer import SYSTEM
from tests.conftest import County
from tests.factories import make_post, make_user

pytestmark = pytest.mark.django_db

PASSWORD = "Right-password-1"


def last_entry() -> AuditEntry:
    return AuditEntry.objects.latest("pk")


def test_an_account_is_opened_with_a_password_for_one_page(county: County):
    clerk = county.bureau_user
    user, password = services.open_account(
        by=clerk.as_actor("192.0.2.7"), username="ｚｘ-li", name="李四", bureau_id=county.bureau.pk
    )

    assert (user.username, user.must_change_password) == ("zx-li", True)
    assert user.check_password(password)
    entry = last_entry()
    assert (entry.verb, entry.subject_id, entry.actor_id) == ("user.create", user.pk, clerk.pk)
    assert (entry.bureau_id, entry.address) == (county.bureau.pk, "192.0.2.7")
    assert password not in str(entry.__dict__)
    client = Client()
    assert client.login(username="zx-li", password=password)
    assert client.get("/").url == "/account/password/"


def test_a_number_is_given_taken_away_and_masked_in_the_audit():
    user = make_user(password=PASSWORD)
    services.change_phone(by=SYSTEM, user=user, phone="+86 138 0013 8000")
    assert Client().login(username="13800138000", password=PASSWORD)
    entry = last_entry()
    assert (entry.before, entry.after) == ({"phone": ""}, {"phone": "138****8000"})
    services.change_phone(by=SYSTEM, user=user, phone="")

    assert not Client().login(username="13800138000", password=PASSWORD)


def test_a_number_of_another_is_refused():
    make_user(phone="13800138000")
    user = make_user(password=PASSWORD)
    with pytest.raises(DomainError, match="已用于另一个账号") as refused:
        services.change_phone(by=SYSTEM, user=user, phone="138-0013-8000")
    assert refused.value.field == "phone"
    with pytest.raises(DomainError, match="已用于另一个账号"):
        services.open_account(by=SYSTEM, username="zx-li", name="李四", phone="13800138000")
    with pytest.raises(ValidationError, match="11位"):
        services.change_phone(by=SYSTEM, user=user, phone="12345")


def test_a_taken_user_name_is_refused():
    make_user(username="zx-li")
    with pytest.raises(DomainError, match="已有使用此用户名的账号") as refused:
        services.open_account(by=SYSTEM, username="zx-li ", name="李四")

    assert refused.value.field == "username"


def test_a_name_that_cannot_be_stored_is_refused():
    with pytest.raises(ValidationError):
        services.open_account(by=SYSTEM, username="zx-li", name="李" * 51)
    assert not User.objects.filter(username="zx-li").exists()


def test_a_reset_ends_sessions_and_the_old_password():
    user = make_user(password=PASSWORD)
    client = Client()
    client.force_login(user)
    password = services.reset_password(by=SYSTEM, user=user, reason="遗忘")

    assert client.get("/account/").url.startswith("/login/")
    assert not Client().login(username=user.username, password=PASSWORD)
    assert Client().login(username=user.username, password=password)
    entry = last_entry()
    assert (entry.verb, entry.reason) == ("user.reset_password", "遗忘")
    assert password not in str(entry.__dict__)


def test_a_closed_account_is_dead_at_once_and_its_sessions_stay_dead():
    user, boss = make_user(password=PASSWORD), make_user()
    client = Client()
    client.force_login(user)
    services.set_active(by=boss.as_actor(), user=user, active=False, reason="调离")
    assert client.get("/account/").url.startswith("/login/")
    assert last_entry().verb == "user.close"

    client.cookies["sessionid"] = client.cookies.get("sessionid", "")
    services.set_active(by=boss.as_actor(), user=user, active=True)
    assert client.get("/account/").url.startswith("/login/")
    assert last_entry().verb == "user.open"
    assert Client().login(username=user.username, password=PASSWORD)


def test_nobody_closes_himself_nor_twice():
    user, boss = make_user(), make_user()
    with pytest.raises(DomainError, match="自己的账号"):
        services.set_active(by=boss.as_actor(), user=boss, active=False)
    with pytest.raises(Conflict, match="已经启用"):
        services.set_active(by=boss.as_actor(), user=user, active=True)


@pytest.mark.parametrize(
    "deed",
    [
        lambda by, user: services.reset_password(by=by, user=user),
        lambda by, user: services.set_active(by=by, user=user, active=False),
        lambda by, user: services.remove_second_factor(by=by, user=user),
    ],
)
def test_a_clerk_cannot_touch_a_system_administrator(deed: Callable[..., object], county: County):
    admin, other = (make_post(role=Role.SYSTEM_ADMIN).user for _ in range(2))
    second_factor.begin(admin).save()
    second_factor.TOTPDevice.objects.filter(user=admin).update(confirmed=True)

    with pytest.raises(DomainError, match="只能由系统管理员处理"):
        deed(county.bureau_user.as_actor(), admin)
    deed(other.as_actor(), admin)


def test_the_second_factor_is_removed_once_and_with_a_line():
    user = make_user()
    second_factor.begin(user)
    second_factor.TOTPDevice.objects.filter(user=user).update(confirmed=True)
    second_factor.new_spare_codes(user)
    services.remove_second_factor(by=SYSTEM, user=user, reason="手机丢失")

    assert not second_factor.is_set_up(user)
    assert second_factor.spare_codes_left(user) == 0
    assert (last_entry().verb, last_entry().reason) == ("user.remove_second_factor", "手机丢失")
    with pytest.raises(Conflict, match="没有启用"):
        services.remove_second_factor(by=SYSTEM, user=user)
