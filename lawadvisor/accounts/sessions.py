"""How long a login lasts: without a request, in all, and what of a lost entry is kept."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import SessionBase
from django.core import signing
from django.http import HttpRequest

_BEGAN, _SEEN = "began_at", "seen_at"
#: Not every request is written down: one a minute is exact enough.
_NOTED_EVERY = 60
_SALT = "lawadvisor.accounts.kept"
#: What is longer does not fit beside a login form.
_KEPT_LENGTH = 200_000


def connect() -> None:
    user_logged_in.connect(_begin, dispatch_uid="lawadvisor.accounts.sessions")


def _begin(request: HttpRequest, **_: object) -> None:
    request.session[_BEGAN] = request.session[_SEEN] = int(time.time())


def is_over(session: SessionBase, path: str) -> bool:
    """Whether a login has lasted or rested too long for ``path``; False without one."""
    if SESSION_KEY not in session:
        return False
    now = time.time()
    back_office = path.startswith("/admin/")
    idle = settings.ADMIN_IDLE_MINUTES if back_office else settings.IDLE_MINUTES
    return (
        now - session.get(_SEEN, 0) > idle * 60
        or now - session.get(_BEGAN, 0) > settings.SESSION_COOKIE_AGE
    )


def touch(session: SessionBase) -> None:
    """A request has come."""
    now = int(time.time())
    if SESSION_KEY in session and now - session.get(_SEEN, 0) >= _NOTED_EVERY:
        session[_SEEN] = now


# ── what was typed when the session had ended ───────────────────────────────────────────────────


class Kept(NamedTuple):
    """A form that came too late: whose, for which address, and its fields in order."""

    user_id: int
    path: str
    fields: list[tuple[str, str]]


def keep(request: HttpRequest, user_id: int) -> str:
    """The posted fields, signed, for a hidden field of the login page; "" for too much.

    They go back to the browser they came from and are stored nowhere. Passwords and files are
    left out.
    """
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken" and "password" not in name
    ]
    kept: dict[str, Any] = {"user": user_id, "path": request.get_full_path(), "fields": fields}
    text = signing.dumps(kept, salt=_SALT, compress=True)
    return text if fields and len(text) <= _KEPT_LENGTH else ""


def kept_for(user_id: int, text: str) -> Kept | None:
    """What ``keep`` signed, if it was this user's and is of today."""
    try:
        kept = signing.loads(text, salt=_SALT, max_age=settings.SESSION_COOKIE_AGE)
    except signing.BadSignature:
        return None
    if kept["user"] != user_id:
        return None
    return Kept(user_id, kept["path"], [(name, value) for name, value in kept["fields"]])
