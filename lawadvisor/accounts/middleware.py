"""What stands between a request and its page: a live session, a sign-in, and what comes first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from lawadvisor.accounts import register, second_factor, sessions
from lawadvisor.accounts.enums import Outcome
from lawadvisor.accounts.forms import LoginForm
from lawadvisor.accounts.models import User

#: Pages that stay open while something else must be done first.
_ALWAYS_OPEN = {"logout", "feedback", "healthz", "account-password"}


class SessionLimits:
    """Ends a login that rested or lasted too long, and says so on the login page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # read before request.user, which empties a session that was ended from elsewhere
        request.held_by = request.session.get(SESSION_KEY)  # type: ignore[attr-defined]
        if sessions.is_over(request.session, request.path):
            if isinstance(request.user, User):
                register.note(Outcome.TIMEOUT, request, user=request.user)
            request.session.flush()
            request.user = AnonymousUser()
            request.session["timed_out"] = True
        sessions.touch(request.session)
        return self.get_response(request)


class SignInRequired(LoginRequiredMiddleware):
    """A form that comes without a login is not thrown away in silence."""

    def handle_no_permission(  # type: ignore[override]  # a page in place of a redirect
        self, request: HttpRequest, view_func: Any
    ) -> HttpResponse:
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return super().handle_no_permission(request, view_func)
        held_by = getattr(request, "held_by", None)
        kept = sessions.keep(request, int(held_by)) if held_by else ""
        form = LoginForm(request, initial={"kept": kept})
        found = {"form": form, "kept": kept, "files": bool(request.FILES), "next": ""}
        return render(request, "registration/too_late.html", found, status=403)


class FirstThings:
    """A first or old password is changed, a demanded second factor set up, before all else.

    Stands behind ViewerMiddleware: what is demanded depends on the desk.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> HttpResponse | None:
        user, match = request.user, request.resolver_match
        if not isinstance(user, User) or (match and match.view_name in _ALWAYS_OPEN):
            return None
        if match and match.namespace == "api":
            return None  # a program reads no page: the API refuses in its own words
        if password_is_due(user):
            return redirect("account-password")
        if match and match.view_name == "account-second-factor":
            return None
        if second_factor.is_demanded(request) and not second_factor.is_set_up(user):
            return redirect("account-second-factor")
        return None


def password_is_due(user: User) -> bool:
    """Whether it must be changed now. Demo passwords are printed, and meant to stay."""
    if user.is_demo or not user.has_usable_password():
        return False
    if user.must_change_password:
        return True
    since = user.password_changed_at or user.date_joined
    age = timezone.now() - since
    return settings.PASSWORD_DAYS > 0 and age > timedelta(days=settings.PASSWORD_DAYS)
