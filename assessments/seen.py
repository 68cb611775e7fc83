"""The place that an address names, for whoever sees it and what its page shows."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from lawadvisor.foundation.requests import viewer_of
from lawadvisor.foundation.roles import Thing
from lawadvisor.foundation.viewer import Viewer
from villages.models import Bureau, Township


def bureau_seen(request: HttpRequest, code: str, *things: Thing) -> Bureau:
    """Http404 where the viewer does not see the bureau, or not all of ``things``: what is not
    his looks like what is not there."""
    return get_object_or_404(Bureau.objects.visible_to(_who_sees(request, things)), code=code)


def township_seen(request: HttpRequest, code: str, *things: Thing) -> Township:
    """Likewise; its bureau comes along."""
    seen = Township.objects.visible_to(_who_sees(request, things))
    return get_object_or_404(seen.select_related("bureau"), code=code)


def _who_sees(request: HttpRequest, things: tuple[Thing, ...]) -> Viewer:
    viewer = viewer_of(request)
    if not all(viewer.sees(thing) for thing in things):
        raise Http404
    return viewer
