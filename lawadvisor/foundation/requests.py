"""What a request carries of ours."""

from __future__ import annotations

from django.http import HttpRequest

from lawadvisor.foundation.viewer import NOBODY, Viewer


def viewer_of(request: HttpRequest) -> Viewer:
    """Who looks, as the middleware found out; nobody where it did not run."""
    return getattr(request, "viewer", NOBODY)
