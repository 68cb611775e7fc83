"""The spot check on the desks of office and bureau: whom to look at, why, and what was found."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from advisors.models import Appointment
from assessments.enums import CheckMethod, CheckOutcome
from assessments.models import SpotDraw
from assessments.months import not_before
from assessments.review.check_pages import entry_of
from assessments.review.pages import do
from assessments.review.spot import (
    DRAWN,
    LENGTH_MONTHS,
    MOST_DRAWN,
    PHOTO_MONTHS,
    draw,
    record_look,
    spot_lines,
    spot_rows,
)
from assessments.seen import bureau_seen, township_seen
from lawadvisor.accounts.requests import actor_of
from lawadvisor.foundation.periods import Period
from lawadvisor.foundation.requests import number_in, viewer_of
from lawadvisor.foundation.roles import Thing, Verb
from lawadvisor.foundation.viewer import Viewer
from villages.models import Township


def _looks(viewer: Viewer, township: Township) -> bool:
    """May he draw and write down: the township's own office, and the bureau."""
    own = viewer.may(Verb.REVIEW) and township.pk in viewer.townships
    return own or viewer.may(Verb.CLOSE_MONTH, bureau=township.bureau_id)


def _township(request: HttpRequest, code: str) -> Township:
    return township_seen(request, code, Thing.FILINGS, Thing.RECORDS)


def _looked_at(request: HttpRequest, code: str) -> Township:
    township = _township(request, code)
    if not _looks(viewer_of(request), township):
        raise PermissionDenied
    return township


def _draw_of(township: Township, month: Period, viewer: Viewer) -> SpotDraw | None:
    draws = SpotDraw.objects.visible_to(viewer).filter(township=township, month=month.start)
    return draws.select_related("township").first()


@require_safe
def spot(request: HttpRequest, code: str, month: Period) -> HttpResponse:
    township, viewer = _township(request, code), viewer_of(request)
    today, drawn = not_before(month), _draw_of(township, month, viewer)
    rows = spot_rows(drawn) if drawn else ()
    context = {
        "township": township,
        "month": month,
        "drawn": drawn,
        "rows": rows,
        "waiting": sum(row.check is None for row in rows),
        "looks": _looks(viewer, township),
        "is_over": month.end <= today,
        "size": DRAWN,
        "most": MOST_DRAWN,
        "photo_months": PHOTO_MONTHS,
        "length_months": LENGTH_MONTHS,
        "methods": CheckMethod.choices,
        "outcomes": [each for each in CheckOutcome.choices if each[0] != CheckOutcome.NO_DEMAND],
    }
    return render(request, "assessments/spot.html", context)


def draw_list(request: HttpRequest, code: str, month: Period) -> HttpResponse:
    township = _looked_at(request, code)
    if request.method == "POST":
        size = number_in(request.POST.get("size", ""))
        deed = partial(
            draw,
            by=actor_of(request),
            township=township,
            month=month,
            size=-1 if size is None else size,
            viewer=viewer_of(request),
            now=timezone.now(),
        )
        do(request, deed, f"已抽取{month.label}的抽查名单。")
    return redirect("spot", code, month)


def record(request: HttpRequest, code: str, month: Period, pk: int) -> HttpResponse:
    """What was found of one who was chosen, by his appointment."""
    township = _looked_at(request, code)
    drawn = _draw_of(township, month, viewer_of(request))
    served = Appointment.objects.filter(village__township=township)
    term = get_object_or_404(served.select_related("advisor", "village"), pk=pk)
    if drawn is None:
        messages.error(request, f"还没有抽取{month.label}的名单。")
    elif request.method == "POST":
        deed = partial(
            record_look,
            by=actor_of(request),
            drawn=drawn,
            appointment=term,
            entry=entry_of(request),
            now=timezone.now(),
        )
        do(
            request,
            deed,
            f"{term.village.short_name}{term.advisor}的抽查记录已保存，顾问可以看到。",
        )
    return redirect(f"{reverse('spot', args=[code, month])}#row-{pk}")


@require_safe
def spots(request: HttpRequest, code: str, month: Period) -> HttpResponse:
    """The bureau's townships: what was drawn, what was looked at, what was not true."""
    bureau = bureau_seen(request, code, Thing.FILINGS, Thing.RECORDS)
    not_before(month)
    lines = spot_lines(bureau, month, viewer_of(request))
    context = {"bureau": bureau, "month": month, "lines": lines}
    return render(request, "assessments/spots.html", context)
