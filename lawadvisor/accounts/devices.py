"""The browsers in which somebody has signed in before, remembered by a signed cookie.

A known browser has tries of its own, so that a stranger who locks an account does not lock its
owner out of his own computer. The cookie opens nothing: the password is asked for all the same.
"""

from __future__ import annotations

import json
import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from lawadvisor.accounts.models import User

COOKIE = "device"
SALT = "lawadvisor.accounts.device"
DAYS = 180
#: A computer of an office is shared by a few.
MOST = 8


def device_of(request: HttpRequest | None, user: User) -> str | None:
    """The mark that this browser got when ``user`` signed in; None: not here, or not since
    he signed out everywhere."""
    epoch, mark = _known(request).get(str(user.pk), (-1, ""))
    return mark if epoch == user.session_epoch else None


def remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    known = _known(request)
    mark = device_of(request, user) or secrets.token_hex(8)
    known.pop(str(user.pk), None)
    known[str(user.pk)] = (user.session_epoch, mark)
    newest = dict([*known.items()][-MOST:])
    response.set_cookie(
        COOKIE,
        signing.Signer(salt=SALT).sign(json.dumps(newest)),
        max_age=DAYS * 86400,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _known(request: HttpRequest | None) -> dict[str, tuple[int, str]]:
    """By user number; empty for a cookie that is missing or not ours."""
    try:
        text = signing.Signer(salt=SALT).unsign(request.COOKIES[COOKIE] if request else "")
    except (KeyError, signing.BadSignature):
        return {}
    return {user: (epoch, mark) for user, (epoch, mark) in json.loads(text).items()}
