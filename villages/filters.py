"""Filters by place, which offer the viewer's own places and no others."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.admin import SimpleListFilter
from django.db.models import Q

from lawadvisor.foundation.office.filters import own_filter
from lawadvisor.foundation.viewer import Viewer
from villages.models import Bureau, Township


def by_township(path: str) -> type[SimpleListFilter]:
    """``path`` leads from a row to its township."""
    return own_filter(
        "镇街", "in-township", offers=_townships, condition=lambda code: Q((f"{path}__code", code))
    )


def by_bureau(path: str) -> type[SimpleListFilter]:
    """Offered only to whoever sees several."""
    return own_filter(
        "司法局", "in-bureau", offers=_bureaus, condition=lambda code: Q((f"{path}__code", code))
    )


def _townships(viewer: Viewer) -> Iterable[tuple[str, str]]:
    rows = Township.objects.visible_to(viewer).order_by("code")
    found = list(rows.values_list("code", "name", "bureau__name"))
    several = len({bureau for _, _, bureau in found}) > 1
    for code, name, bureau in found:
        yield code, f"{bureau}　{name}" if several else name


def _bureaus(viewer: Viewer) -> Iterable[tuple[str, str]]:
    found = list(Bureau.objects.visible_to(viewer).values_list("code", "name"))
    return found if len(found) > 1 else ()
