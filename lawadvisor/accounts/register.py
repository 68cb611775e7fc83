"""The 登录日志: who tried to sign in, from where, and what came of it."""

from __future__ import annotations

from typing import NamedTuple

from django.http import HttpRequest

from lawadvisor.accounts.enums import LET_IN, REFUSED, Outcome
from lawadvisor.accounts.models import SignIn, User
from lawadvisor.foundation.requests import address_of


def note(
    outcome: Outcome, request: HttpRequest | None, *, user: User | None = None, typed: str = ""
) -> SignIn:
    """One line. ``user`` None is nobody's account: of ``typed`` only the first sign is kept."""
    address = address_of(request) if request is not None else ""
    agent = request.headers.get("User-Agent", "") if request is not None else ""
    return SignIn.objects.create(
        outcome=outcome,
        user_id=user.pk if user else None,
        name=user.username if user else masked(typed),
        address=address,
        agent=_printable(agent)[:200],
    )


def masked(typed: str) -> str:
    """Passwords and phone numbers are typed into the wrong field every day."""
    text = _printable(typed)
    return f"{text[0]}***" if text else ""


def _printable(text: str) -> str:
    return "".join(sign for sign in text if sign.isprintable()).strip()


class LastTime(NamedTuple):
    """The sign-in before this one, None at the first; and what was refused since then."""

    before: SignIn | None
    refused: int


def last_time(user: User) -> LastTime:
    """What to tell a person who is signed in, so that he notices a stranger."""
    entries = SignIn.objects.filter(user_id=user.pk)
    this, before = [*entries.filter(outcome__in=LET_IN)[:2], None, None][:2]
    if this is None:
        return LastTime(None, 0)
    refused = entries.filter(outcome__in=REFUSED, pk__lt=this.pk)
    if before is not None:
        refused = refused.filter(pk__gt=before.pk)
    return LastTime(before, refused.count())
