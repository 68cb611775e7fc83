"""The steps of signing in, whichever door one came by."""

from __future__ import annotations

import time
from typing import NamedTuple

from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from lawadvisor.accounts import devices, register, second_factor, sessions
from lawadvisor.accounts.enums import Outcome
from lawadvisor.accounts.forms import CodeForm
from lawadvisor.accounts.models import User

_WAITING = "waiting_for_code"
#: How long the second step may take.
_PATIENCE = 300


class Waiting(NamedTuple):
    """Somebody whose password was right and whose code is still to come."""

    user: User
    backend: str
    outcome: Outcome
    after: str


def enter(
    request: HttpRequest, user: User, *, outcome: Outcome, after: str, kept: str = ""
) -> HttpResponse:
    """After the first proof: in, or on to the second step.

    ``after`` is a safe address to go to; ``kept`` what ``sessions.keep`` gave, or "".
    """
    if not second_factor.is_set_up(user):
        return let_in(request, user, outcome=outcome, after=after, kept=kept)
    request.session.cycle_key()
    request.session[_WAITING] = {
        "user": user.pk,
        "epoch": user.session_epoch,
        "backend": user.backend,  # which authenticate has set
        "outcome": outcome.value,
        "after": after,
        "since": time.time(),
    }
    return render(request, "registration/code.html", {"form": CodeForm(initial={"kept": kept})})


def waiting(request: HttpRequest) -> Waiting | None:
    """Who is in the middle of signing in here; None for nobody, or if it took too long."""
    held = request.session.get(_WAITING)
    if held is None or time.time() - held["since"] > _PATIENCE:
        return None
    user = User.objects.filter(pk=held["user"], session_epoch=held["epoch"], is_active=True).first()
    return user and Waiting(user, held["backend"], Outcome(held["outcome"]), held["after"])


def let_in(
    request: HttpRequest,
    user: User,
    *,
    outcome: Outcome,
    after: str,
    kept: str = "",
    backend: str | None = None,
) -> HttpResponse:
    """Start the session under a new id; then the page wanted, or the entry that came too late."""
    request.session.pop(_WAITING, None)
    auth.login(request, user, backend=backend)
    register.note(outcome, request, user=user)
    messages.info(request, _greeting(user))
    late = sessions.kept_for(user.pk, kept) if kept else None
    response = (
        render(request, "registration/again.html", {"late": late}) if late else redirect(after)
    )
    devices.remember(request, response, user)
    return response


def carry_over(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Keep this one session alive after all of the user's were ended; under a new id."""
    auth.update_session_auth_hash(request, user)
    devices.remember(request, response, user)


def _greeting(user: User) -> str:
    before, refused = register.last_time(user)
    if before is None:
        told = "这是您第一次登录本平台。"
        return f"{told}此前有{refused}次登录没有成功。" if refused else told
    at = timezone.localtime(before.at)
    told = (
        f"上次登录：{at.year}年{at.month}月{at.day}日{at:%H:%M}，来自{before.address or '本机'}。"
    )
    if refused:
        told += f"此后有{refused}次登录没有成功；如果不是您本人，请修改密码并告知司法局。"
    return told
