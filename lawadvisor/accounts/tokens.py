"""Tokens for programs that act for a person: shown once, kept as a hash, dead with his sessions."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from lawadvisor.accounts.models import ApiToken, User
from lawadvisor.foundation import audit
from lawadvisor.foundation.errors import Conflict, DomainError
from lawadvisor.foundation.viewer import Actor

MOST = 10
_BYTES = 32
#: Not every use is written down: one an hour shows which are still needed.
_NOTED_EVERY = timedelta(hours=1)


@transaction.atomic
def give(*, by: Actor, user: User, name: str) -> tuple[ApiToken, str]:
    """A new token and its text, which is told now and never again.

    DomainError without a name, Conflict beyond ``MOST``.
    """
    name = name.strip()
    if not name or len(name) > 50:
        raise DomainError("请填写令牌的名称，最多50个字，如“我的平板”。", field="name")
    User.objects.select_for_update().get(pk=user.pk)
    if len(alive(user)) >= MOST:
        raise Conflict(f"最多{MOST}个令牌，请先停用不需要的。")
    text = secrets.token_urlsafe(_BYTES)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        digest=_digest(text),
        session_hash=user.get_session_auth_hash(),
        expires_at=timezone.now() + timedelta(days=settings.TOKEN_DAYS),
    )
    audit.record(by=by, verb="token.give", subject=token, after={"name": name})
    return token, text


@transaction.atomic
def revoke(*, by: Actor, token: ApiToken) -> None:
    audit.record(by=by, verb="token.revoke", subject=token, before={"name": token.name})
    token.delete()


def alive(user: User) -> list[ApiToken]:
    """Those that still open the door, newest first."""
    own = ApiToken.objects.filter(user=user, expires_at__gt=timezone.now())
    return [token for token in own if token.session_hash == user.get_session_auth_hash()]


def owner_of(text: str) -> ApiToken | None:
    """The token of this text with its user; None for none, or for one that is dead.

    It dies at its day, and with all sessions of its user: when his password changes, when he
    leaves everywhere, when he is shut out.
    """
    found = ApiToken.objects.select_related("user").filter(digest=_digest(text)).first()
    now = timezone.now()
    if found is None or found.expires_at <= now or not found.user.is_active:
        return None
    if not secrets.compare_digest(found.session_hash, found.user.get_session_auth_hash()):
        return None
    if found.used_at is None or now - found.used_at > _NOTED_EVERY:
        ApiToken.objects.filter(pk=found.pk).update(used_at=now)
    return found


def _digest(text: str) -> str:
    """Of 256 random bits, which need neither salt nor a slow hash."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
