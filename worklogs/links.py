"""Links for village contacts: made, renewed, taken back and opened; each of it written down."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.crypto import salted_hmac

from advisors.liaisons import own_name
from advisors.models import Liaison
from lawadvisor.foundation import audit
from lawadvisor.foundation.errors import Conflict
from lawadvisor.foundation.locks import hold
from lawadvisor.foundation.viewer import Actor
from worklogs.models import LiaisonLink

#: How long a link opens, from when it was made or last renewed.
VALID_DAYS = 7
#: 192 bits: a guess a second finds one in 10^50 years.
_TOKEN_BYTES = 24
_LENGTH = 32


@transaction.atomic
def make_link(*, by: Actor, liaison: Liaison, now: datetime) -> tuple[LiaisonLink, str]:
    """A fresh link and its token, which is known to nobody afterwards. The one before is closed.

    Raises Conflict where the contact's term has ended.
    """
    if by.user_id is None:
        raise ValueError("a link is given by a person")
    hold(_lock_of(liaison))
    if not Liaison.objects.serving().filter(pk=liaison.pk).exists():
        raise Conflict("该联络员已不在任，请先登记现任联络员。")
    for old in LiaisonLink.objects.standing().filter(liaison=liaison):
        _close(by, old, now)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    link = LiaisonLink.objects.create(
        liaison=liaison,
        token_hash=_hashed(token),
        made_at=now,
        made_by_id=by.user_id,
        expires_at=now + timedelta(days=VALID_DAYS),
    )
    _record(by, "link.make", link, after={"expires_at": link.expires_at.isoformat()})
    return link, token


@transaction.atomic
def renew_link(*, by: Actor, link: LiaisonLink, now: datetime) -> LiaisonLink:
    """The same address opens for another ``VALID_DAYS`` from now. Raises Conflict once closed."""
    hold(_lock_of(link.liaison))
    fresh = LiaisonLink.objects.standing().filter(pk=link.pk).first()
    if fresh is None:
        raise Conflict("该链接已收回，不能延长，请重新发出。")
    before = {"expires_at": fresh.expires_at.isoformat()}
    fresh.expires_at = now + timedelta(days=VALID_DAYS)
    fresh.save(update_fields=("expires_at",))
    after = {"expires_at": fresh.expires_at.isoformat()}
    _record(by, "link.renew", fresh, before=before, after=after)
    return fresh


@transaction.atomic
def revoke_link(*, by: Actor, link: LiaisonLink, now: datetime) -> None:
    """From now on it opens nothing. Twice is once."""
    hold(_lock_of(link.liaison))
    fresh = LiaisonLink.objects.filter(pk=link.pk, revoked_at__isnull=True).first()
    if fresh is not None:
        _close(by, fresh, now)


def link_of(token: str, *, now: datetime) -> LiaisonLink | None:
    """What this token opens now; None alike for one that is unknown, over or taken back."""
    if len(token) != _LENGTH:
        return None
    return (
        LiaisonLink.objects.standing()
        .filter(token_hash=_hashed(token), expires_at__gt=now)
        .select_related("liaison__village__township__bureau")
        .first()
    )


def holder_of(link: LiaisonLink, address: str) -> Actor:
    """Who acts by this link: no account, so the register has his name."""
    return Actor(user_id=None, name=f"{own_name(link.liaison)}（联络员）", address=address)


@transaction.atomic
def note_opened(*, by: Actor, link: LiaisonLink) -> None:
    _record(by, "link.open", link)


def _hashed(token: str) -> str:
    return salted_hmac("lawadvisor.liaison.link", token, algorithm="sha256").hexdigest()


def _close(by: Actor, link: LiaisonLink, now: datetime) -> None:
    link.revoked_at = now
    link.save(update_fields=("revoked_at",))
    _record(by, "link.revoke", link)


def _lock_of(liaison: Liaison) -> str:
    return f"liaison:{liaison.village_id}"


def _record(by: Actor, verb: str, link: LiaisonLink, **change: dict[str, str]) -> None:
    bureau_id = link.liaison.village.township.bureau_id
    audit.record(by=by, verb=verb, subject=link, bureau_id=bureau_id, **change)  # type: ignore[arg-type]
