"""One code opens once, also when it is sent twelve times at one moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future

import pytest
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from lawadvisor.accounts import second_factor
from lawadvisor.accounts.models import User
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def armed() -> User:
    user = make_user()
    second_factor.begin(user)
    TOTPDevice.objects.filter(user=user).update(confirmed=True)
    return user


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("spare", [False, True])
def test_a_code_sent_at_one_moment_opens_once(
    transactional_db: None, armed: User, elsewhere: Callable[..., Future], spare: bool
):
    code = f"{totp(TOTPDevice.objects.get(user=armed).bin_key):06d}"
    if spare:
        code = second_factor.new_spare_codes(armed)[0]
    tries = [elsewhere(second_factor.is_right, armed, code) for _ in range(12)]

    assert sum(work.result() for work in tries) == 1


@pytest.mark.parametrize("code", ["", " ", "abc", "00000", "-1", "1e5", "９９９", "0" * 500])
def test_what_is_no_code_opens_nothing(armed: User, code: str):
    second_factor.new_spare_codes(armed)

    assert second_factor.is_right(armed, code) is False


def test_a_code_may_be_typed_with_a_gap(armed: User):
    code = f"{totp(TOTPDevice.objects.get(user=armed).bin_key):06d}"

    assert second_factor.is_right(armed, f" {code[:3]} {code[3:]} ")


def test_another_persons_code_opens_nothing(armed: User):
    other = make_user()
    code = f"{totp(TOTPDevice.objects.get(user=armed).bin_key):06d}"

    assert second_factor.is_right(other, code) is False
    assert second_factor.is_right(armed, code) is True


def test_beginning_again_forgets_the_first_secret():
    user = make_user()
    first = second_factor.secret_of(second_factor.begin(user))

    assert second_factor.secret_of(second_factor.begin(user)) != first
    assert TOTPDevice.objects.filter(user=user).count() == 1


def test_the_picture_is_drawn_without_styles_or_scripts():
    drawn = second_factor.picture(second_factor.begin(make_user(username="<b>&")))

    assert drawn.startswith("<svg")
    assert not any(word in drawn for word in ("style", "script", "<b>", "href"))
