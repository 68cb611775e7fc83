"""What the phone keeps for the time without a network, and the key to it (ADR 0014)."""

from __future__ import annotations

import base64
import json
from functools import cache
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from lawadvisor.foundation.requests import unkept, viewer_of

_FOLDER = "phone"
#: The screens that open without a network.
_SCREENS = ("mine", "phone-log", "phone-records", "phone-month", "phone-me")


def owner_of(request: HttpRequest) -> str:
    """A name for whoever is signed in that says nothing about him: marks what is his on a phone."""
    return _derived(request, "owner").hex()[:16]


def _derived(request: HttpRequest, purpose: str) -> bytes:
    """The same at every login, so that what was written before the session ended can be read."""
    user = str(viewer_of(request).user_id)
    return salted_hmac(f"lawadvisor.phone.{purpose}", user, algorithm="sha256").digest()


@unkept
@ensure_csrf_cookie  # a page that was kept long may have outlived its own
@require_safe
def key(request: HttpRequest) -> HttpResponse:
    """The key that seals records on the phone; given to a session, and never stored as text."""
    if viewer_of(request).advisor is None:
        raise PermissionDenied
    found = base64.b64encode(_derived(request, "key")).decode("ascii")
    return JsonResponse({"owner": owner_of(request), "key": found})


@login_not_required
@cache_control(no_cache=True)
@require_safe
def worker(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The service worker. Its text names the version of all that it keeps, so that it is a new
    one as soon as any of it is."""
    text = render_to_string(
        "phone/worker.js",
        {
            "version": version(),
            "files": json.dumps([static(f"{_FOLDER}/{name}") for name in _files()]),
            "screens": json.dumps([reverse(name) for name in _SCREENS]),
        },
    )
    response = HttpResponse(text, content_type="text/javascript; charset=utf-8")
    response["Service-Worker-Allowed"] = "/"
    return response


@cache
def modules() -> tuple[str, ...]:
    """The scripts, to be asked for at once: found one after the other they would cost a round
    trip each."""
    return tuple(f"{_FOLDER}/{name}" for name in _files() if name.endswith(".js"))


def _files() -> list[str]:
    return sorted(path.name for path in _folder().iterdir())


def _folder() -> Path:
    return Path(settings.BASE_DIR, "static", _FOLDER)


@cache
def version() -> str:
    """Of scripts, sheet and screens together."""
    found = sha256()
    screens = Path(settings.BASE_DIR, "templates", _FOLDER)
    for path in sorted([*_folder().iterdir(), *screens.iterdir()]):
        found.update(path.read_bytes())
    return found.hexdigest()[:16]
