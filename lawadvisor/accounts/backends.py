"""Who may sign in."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser

from lawadvisor.accounts.models import User


class PortalBackend(ModelBackend):
    """Demo accounts, whose passwords are printed, open nothing outside demo mode."""

    def user_can_authenticate(self, user: User | AnonymousUser | None) -> bool:
        if getattr(user, "is_demo", False) and not settings.DEMO:
            return False
        return super().user_can_authenticate(user)
