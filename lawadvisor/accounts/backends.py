"""Who may sign in by password: the one place where a password is compared."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from lawadvisor.accounts import guard, register
from lawadvisor.accounts.devices import device_of
from lawadvisor.accounts.enums import Outcome
from lawadvisor.accounts.models import User
from lawadvisor.foundation.requests import address_of


class PortalBackend(ModelBackend):
    """By user name or phone number; counted, locked and written down whatever page asks.

    Demo accounts, whose passwords are printed, open nothing outside demo mode.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **_others: Any,
    ) -> User | None:
        """The user, None for a wrong try. Raises guard.Locked without comparing anything."""
        if username is None or password is None:
            return None
        user = User.objects.named(username)
        if not _compared(request, user, username, password):
            return None
        if not self.user_can_authenticate(user):
            register.note(Outcome.DISABLED, request, user=user)
            return None
        return user

    def user_can_authenticate(self, user: User | AnonymousUser | None) -> bool:
        if getattr(user, "is_demo", False) and not settings.DEMO:
            return False
        return super().user_can_authenticate(user)


def is_password_of(user: User, password: str, request: HttpRequest) -> bool:
    """For a page that asks a signed-in user once more; counted with the tries at the door.

    Raises guard.Locked.
    """
    return _compared(request, user, user.username, password)


def _compared(request: HttpRequest | None, user: User | None, typed: str, password: str) -> bool:
    limits = _limits(request, user, typed)
    try:
        booked = guard.book(limits)
    except guard.Locked:
        register.note(Outcome.LOCKED, request, user=user, typed=typed)
        raise
    if user is None:
        User().set_password(password)  # takes as long as comparing
    elif user.check_password(password):
        guard.forgive(limits, booked)
        return True
    register.note(Outcome.WRONG, request, user=user, typed=typed)
    return False


def _limits(request: HttpRequest | None, user: User | None, typed: str) -> list[guard.Limit]:
    """A known browser counts for itself alone; all others count for account and address."""
    if user is not None and (device := device_of(request, user)):
        return [guard.of_device(user.pk, device)]
    account = guard.of_account(user.pk) if user else guard.of_stranger(typed)
    if request is None:
        return [account]
    return [account, guard.of_address(address_of(request))]
