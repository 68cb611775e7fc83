"""What every request carries: the viewer, built once, and the frame of every page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from advisors.viewers import DESK_KEY, viewer_for
from assessments.models import Message
from lawadvisor.foundation.requests import viewer_of

#: Scripts, styles and forms are our own files; pictures may also be drawn in place.
CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)


class ContentPolicy:
    """Tells the browser to run nothing that is not a file of the portal."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
        return response


class ViewerMiddleware:
    """Sets ``request.viewer``; the posts are read when it is first asked for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.viewer = SimpleLazyObject(  # type: ignore[attr-defined]
            lambda: viewer_for(request.user, desk=request.session.get(DESK_KEY, ""))
        )
        return self.get_response(request)


def _unread(request: HttpRequest) -> int:
    """How many messages the viewer has not opened; asked by the pages that say so."""
    return Message.objects.to(viewer_of(request)).filter(read_at=None).count()


def portal(request: HttpRequest) -> dict[str, Any]:
    return {
        "unread": SimpleLazyObject(lambda: _unread(request)),
        "demo": settings.DEMO,
        "viewer": getattr(request, "viewer", None),
        "single_sign_on": settings.OIDC_RP_CLIENT_ID and settings.OIDC_NAME,
    }
