"""The second factor: a code of an authenticator app (RFC 6238), or one of ten spare codes."""

from __future__ import annotations

import base64

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from lawadvisor.accounts.models import User
from lawadvisor.foundation.qr import as_svg
from lawadvisor.foundation.requests import viewer_of
from lawadvisor.foundation.roles import Verb

SPARE_CODES = 10


def is_demanded(request: HttpRequest) -> bool:
    """Whether the desk at which one sits may enter the back office, and the setting asks for it."""
    if not settings.SECOND_FACTOR_REQUIRED or getattr(request.user, "is_demo", False):
        return False
    return viewer_of(request).may(Verb.ENTER_BACK_OFFICE)


def is_set_up(user: User) -> bool:
    return TOTPDevice.objects.filter(user=user, confirmed=True).exists()


def pending(user: User) -> TOTPDevice | None:
    """The device that was begun and not yet proved by a code."""
    return TOTPDevice.objects.filter(user=user, confirmed=False).first()


def spare_codes_left(user: User) -> int:
    return StaticToken.objects.filter(device__user=user).count()


def begin(user: User) -> TOTPDevice:
    """A fresh secret to be shown; one that was begun before is forgotten."""
    with transaction.atomic():
        TOTPDevice.objects.filter(user=user, confirmed=False).delete()
        return TOTPDevice.objects.create(user=user, name="动态验证码", confirmed=False)


def picture(device: TOTPDevice) -> SafeString:
    """The QR code that an authenticator app scans."""
    return as_svg(device.config_url)


def secret_of(device: TOTPDevice) -> str:
    """The secret in groups of four, for those who type it."""
    text = base64.b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


@transaction.atomic
def is_right(user: User, code: str) -> bool:
    """Whether ``code`` opens now. It is used up by this: the same code opens nothing again.

    The rows are locked, so that two requests with one code are not both let in.
    """
    typed = "".join(code.split()).lower()
    devices = [
        *TOTPDevice.objects.select_for_update().filter(user=user, confirmed=True),
        *StaticDevice.objects.select_for_update().filter(user=user, confirmed=True),
    ]
    return any(device.verify_token(typed) for device in devices)


@transaction.atomic
def confirm(user: User, code: str) -> list[str] | None:
    """Set up what ``begin`` began; the spare codes, shown once. None for a wrong code."""
    device = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=False).first()
    if device is None or not device.verify_token("".join(code.split())):
        return None
    TOTPDevice.objects.filter(user=user, confirmed=True).delete()
    device.confirmed = True
    device.save()
    return new_spare_codes(user)


@transaction.atomic
def new_spare_codes(user: User) -> list[str]:
    """Ten fresh ones; the old open nothing any more."""
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="备用码", confirmed=True)
    codes = [StaticToken.random_token() for _ in range(SPARE_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return codes


@transaction.atomic
def remove(user: User) -> bool:
    """Everything of it; False where nothing was set up."""
    TOTPDevice.objects.filter(user=user, confirmed=False).delete()
    found = TOTPDevice.objects.filter(user=user).delete()[0]
    StaticDevice.objects.filter(user=user).delete()
    return bool(found)
