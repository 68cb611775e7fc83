"""What a request carries of ours."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.views.decorators.cache import cache_control

from lawadvisor.foundation.viewer import NOBODY, Viewer

#: For pages with what is somebody's: a copy in a browser's or a proxy's cache outlives the right
#: to look.
unkept = cache_control(private=True, no_store=True)


def viewer_of(request: HttpRequest) -> Viewer:
    """Who looks, as the middleware found out; nobody where it did not run."""
    return getattr(request, "viewer", NOBODY)


def number_in(text: str, *, digits: int | None = None) -> int | None:
    """A whole number sent as text; None for anything else, and for one of more ``digits``."""
    fits = text.isascii() and text.isdecimal() and (digits is None or len(text) <= digits)
    return int(text) if fits else None


def address_of(request: HttpRequest) -> str:
    """The caller's address for the audit; the proxy's own word counts only behind our proxy."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.PROXY else ""
    address: str = forwarded.partition(",")[0].strip() or request.META.get("REMOTE_ADDR", "")
    return address[:45]
