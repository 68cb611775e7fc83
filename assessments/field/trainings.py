"""Trainings on a small page, and what was taught in a village this year."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from lawadvisor.accounts.requests import actor_of
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.requests import viewer_of
from lawadvisor.foundation.roles import Thing, Verb
from lawadvisor.foundation.viewer import Viewer
from villages.models import Bureau, Township, Village
from worklogs.enums import FilingKind, Mark
from worklogs.lectures import taught_in
from worklogs.models import Filing
from worklogs.rules import parse_day
from worklogs.trainings import TRAININGS, record_training

_SHOWN = 100


@require_safe
def lectures(request: HttpRequest, code: str) -> HttpResponse:
    """A village's lectures and trainings of a year: when, where, on what, before whom."""
    viewer, year = viewer_of(request), timezone.localdate().year
    if not viewer.sees(Thing.RECORDS):
        raise Http404
    village = get_object_or_404(Village.objects.visible_to(viewer), code=code)
    asked = request.GET.get("year", "")
    if asked.isascii() and asked.isdecimal() and 2000 < int(asked[:4]) <= year:
        year = int(asked[:4])
    context = {"village": village, "year": year, "taught": taught_in(village.pk, year)}
    return render(request, "field/lectures.html", context)


# ---------------------------------------------------------------- trainings


def _place_of(viewer: Viewer) -> tuple[FilingKind, Bureau | Township] | None:
    """Which trainings this desk holds: the office's own, or the bureau's for advisors."""
    if viewer.townships:
        return FilingKind.LIAISON_TRAINING, Township.objects.visible_to(viewer)[0]
    if viewer.bureaus:
        return FilingKind.ADVISOR_TRAINING, Bureau.objects.visible_to(viewer)[0]
    return None


def trainings(request: HttpRequest) -> HttpResponse:
    """Those that were held, and a form for one more."""
    viewer = viewer_of(request)
    own = _place_of(viewer)
    if own is None or not viewer.may(Verb.KEEP_TRAININGS):
        raise PermissionDenied
    kind, place = own
    if request.method != "POST":
        return _page(request, viewer, kind)
    try:
        record_training(
            by=actor_of(request),
            kind=kind,
            place=place,
            day=parse_day(request.POST.get("day", ""), field="day"),
            title=request.POST.get("title", ""),
            marks=request.POST.getlist("marks"),
            body=request.POST.get("body", ""),
            today=timezone.localdate(),
        )
    except DomainError as refusal:
        return _page(request, viewer, kind, refused=refusal)
    messages.success(request, "已登记。")
    return redirect("trainings")


def _page(
    request: HttpRequest,
    viewer: Viewer,
    kind: FilingKind,
    *,
    refused: DomainError | None = None,
) -> HttpResponse:
    held = Filing.objects.visible_to(viewer).filter(kind__in=TRAININGS)
    rows = held.select_related("township").order_by("-filed_on", "-pk")[:_SHOWN]
    words = dict(Mark.choices)
    chosen = TRAININGS[kind]
    context = {
        "kind": kind.label,
        "rows": [(row, "、".join(words[mark] for mark in row.marks)) for row in rows],
        "people": [(mark.value, mark.label) for mark in chosen.people],
        "contents": [(mark.value, mark.label) for mark in chosen.contents],
        "typed": {
            "title": request.POST.get("title", ""),
            "day": request.POST.get("day", timezone.localdate().isoformat()),
            "body": request.POST.get("body", ""),
            "marks": request.POST.getlist("marks"),
        },
        "refused": refused,
    }
    return render(request, "field/trainings.html", context, status=400 if refused else 200)
