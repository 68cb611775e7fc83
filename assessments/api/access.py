"""Who may use the API: an advisor at his own desk, by his session or by a token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from redis.exceptions import RedisError
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from advisors.viewers import viewer_for
from assessments.api.errors import Forbidden
from lawadvisor.accounts import tokens
from lawadvisor.accounts.middleware import password_is_due
from lawadvisor.foundation.requests import viewer_of
from lawadvisor.foundation.viewer import Viewer

if TYPE_CHECKING:
    from lawadvisor.accounts.models import ApiToken, User

_SCHEME = "Bearer"
_MINUTE = 60


class BearerToken(BaseAuthentication):
    """``Authorization: Bearer …``. Stands first, so that nobody signed in is told 401."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _, given = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != _SCHEME.lower():
            return None
        found = tokens.owner_of(given.strip())
        if found is None:
            raise exceptions.AuthenticationFailed
        # a session's viewer may have been asked for before
        plain(request).viewer = viewer_for(found.user)  # type: ignore[attr-defined]
        return found.user, found

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002
        return _SCHEME


class OwnSession(SessionAuthentication):
    """The browser's login, whose writes carry the CSRF token."""

    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request)
        except exceptions.PermissionDenied:
            raise Forbidden("页面已经过期，请刷新后重新发送。") from None


class SessionOnly(OwnSession):
    """A browser's login and nothing else: who found a token must not get himself another."""

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002
        return "Session"


class AtOwnDesk(BasePermission):
    """An advisor, and at no other of his desks; a due password is changed first."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not SignedIn().has_permission(request, view):
            return False
        if password_is_due(cast("User", request.user)):
            raise Forbidden("请先登录网页修改密码。")
        if viewer(request).advisor is None:
            raise Forbidden("只有法律顾问本人的岗位可以使用。")
        return True


class SignedIn(BasePermission):
    def has_permission(self, request: Request, view: Any) -> bool:  # noqa: ARG002
        return bool(request.user and request.user.is_authenticated)


class PerPerson(BaseThrottle):
    """So many requests a minute for each person, however many phones; a batch is one of them.

    Counted in the cache by whole minutes. Where the cache does not answer nobody is kept out: to
    lose the count does less harm than to lose records.
    """

    def allow_request(self, request: Request, view: Any) -> bool:  # noqa: ARG002
        key = f"api:{request.user.pk}"
        try:
            cache.add(key, 0, timeout=_MINUTE)
            self.used = cache.incr(key)
        except (RedisError, ValueError):  # ValueError: the minute ended between the two
            return True
        return self.used <= settings.API_PER_MINUTE

    def wait(self) -> float:
        return _MINUTE


def plain(request: Request) -> HttpRequest:
    """Django's request within DRF's."""
    return request._request  # noqa: SLF001 DRF offers no other way


def viewer(request: Request) -> Viewer:
    return viewer_of(plain(request))
