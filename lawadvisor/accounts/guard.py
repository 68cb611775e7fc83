"""How often somebody may try: counted before anything is compared, over all pages together.

A try is booked and committed first and judged afterwards, so a thousand tries at one moment are
not a thousand comparisons. Five within half an hour lock for half an hour, then for one hour,
two, four. Why, and why nobody is locked out by a stranger for good: docs/adr/0012.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from lawadvisor.accounts import rules
from lawadvisor.accounts.models import TryCount
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.locks import hold

#: After so long without a try the next lock is a first one again.
FORGIVEN_AFTER = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Limit:
    """``tries`` within the window lock ``key``."""

    key: str
    tries: int


class Locked(DomainError):
    """Not tried at all; ``until`` is when to come back."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        # the minute that is shown is over, not about to begin
        self.clock = f"{timezone.localtime(until + timedelta(seconds=59)):%H:%M}"
        super().__init__(f"尝试次数过多，请在{self.clock}之后再试。")

    @property
    def seconds(self) -> int:
        return max(1, round((self.until - timezone.now()).total_seconds()))


def of_account(user_id: int) -> Limit:
    return Limit(f"user:{user_id}", settings.LOCK_TRIES)


def of_stranger(typed: str) -> Limit:
    """A name that is no account's counts and locks like one that is."""
    name = rules.as_typed(typed)
    digest = salted_hmac("lawadvisor.accounts.guard", name, algorithm="sha256")
    return Limit(f"name:{digest.hexdigest()}", settings.LOCK_TRIES)


def of_device(user_id: int, device: str) -> Limit:
    """A browser in which this user has signed in before."""
    return Limit(f"device:{user_id}:{device}", settings.LOCK_TRIES)


def of_code(user_id: int) -> Limit:
    """The second factor, which is only asked for after the password was right."""
    return Limit(f"code:{user_id}", settings.LOCK_TRIES)


def of_address(address: str) -> Limit:
    """An office sits behind one address, a house of IPv6 behind one /64."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return Limit("address:unknown", settings.ADDRESS_TRIES)
    if parsed.version == 6:
        address = str(ipaddress.ip_network(f"{address}/64", strict=False))
    return Limit(f"address:{address}", settings.ADDRESS_TRIES)


@transaction.atomic
def book(limits: Iterable[Limit]) -> datetime:
    """Count one try against each limit, or raise Locked and count nothing.

    Returns the try's own time, by which ``forgive`` finds it again. Call it outside a
    transaction of your own: a try that is rolled back was never counted.
    """
    wanted = {limit.key: limit for limit in limits}
    hold(*(f"guard:{key}" for key in wanted))
    now = timezone.now()
    rows = {row.key: row for row in TryCount.objects.filter(key__in=wanted)}
    if locked := [row.until for row in rows.values() if row.until and row.until > now]:
        raise Locked(max(locked))
    for key, limit in wanted.items():
        row = rows.get(key) or TryCount(key=key, changed_at=now)
        _count(row, limit.tries, now)
        row.save()
    return now


def _count(row: TryCount, limit: int, now: datetime) -> None:
    if row.changed_at < now - FORGIVEN_AFTER:
        row.rounds = 0
    window = timedelta(minutes=settings.LOCK_WINDOW_MINUTES)
    row.tried_at = [*(at for at in row.tried_at if at > now - window), now]
    row.until, row.changed_at = None, now
    if len(row.tried_at) >= limit:
        times = settings.LOCK_MINUTES
        row.until = now + timedelta(minutes=times[min(row.rounds, len(times) - 1)])
        row.rounds += 1


@transaction.atomic
def forgive(limits: Iterable[Limit], booked: datetime) -> None:
    """The try was right: the account starts afresh, the address loses this one try only.

    Else whoever has an account of his own would clear his address by signing in.
    """
    wanted = {limit.key: limit for limit in limits}
    hold(*(f"guard:{key}" for key in wanted))
    for row in TryCount.objects.filter(key__in=wanted):
        if not row.key.startswith("address:"):
            row.delete()
            continue
        if booked in row.tried_at:
            row.tried_at.remove(booked)
        if row.until and len(row.tried_at) < wanted[row.key].tries:
            row.until, row.rounds = None, max(row.rounds - 1, 0)
        row.save()


def locked_until(user_id: int) -> datetime | None:
    """Until when strangers' browsers are refused for this account; None is not locked."""
    row = TryCount.objects.filter(key=of_account(user_id).key, until__gt=timezone.now()).first()
    return row.until if row else None


def clear(user_id: int) -> None:
    """Forget what was tried at this account, on every device."""
    TryCount.objects.filter(key__in=(of_account(user_id).key, of_code(user_id).key)).delete()
    TryCount.objects.filter(key__startswith=f"device:{user_id}:").delete()


def forget_old() -> int:
    """Drop counts that no longer matter; how many."""
    return TryCount.objects.filter(changed_at__lt=timezone.now() - FORGIVEN_AFTER * 2).delete()[0]
