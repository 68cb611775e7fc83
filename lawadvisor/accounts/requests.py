"""What a request tells of the person behind it."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """The caller's address for the audit; the proxy's own word counts only behind our proxy."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.PROXY else ""
    address: str = forwarded.partition(",")[0].strip() or request.META.get("REMOTE_ADDR", "")
    return address[:45]
