"""What every request carries: the viewer, built once, and the frame of every page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from advisors.viewers import DESK_KEY, viewer_for


class ViewerMiddleware:
    """Sets ``request.viewer``; the posts are read when it is first asked for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.viewer = SimpleLazyObject(  # type: ignore[attr-defined]
            lambda: viewer_for(request.user, desk=request.session.get(DESK_KEY, ""))
        )
        return self.get_response(request)


def portal(request: HttpRequest) -> dict[str, Any]:
    return {
        "demo": settings.DEMO,
        "viewer": getattr(request, "viewer", None),
        "single_sign_on": settings.OIDC_BUTTON,
    }
