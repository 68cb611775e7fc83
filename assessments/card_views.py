"""The smaller desks: an organisation's people, the card of a village."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from advisors.models import Organisation
from assessments.card import own_advisors, village_card
from assessments.desk import months
from assessments.months import month_asked, not_before
from lawadvisor.foundation.periods import Period, PeriodKind
from lawadvisor.foundation.requests import viewer_of
from lawadvisor.foundation.roles import Thing, Verb
from villages.models import Bureau, Village


@require_safe
def places(request: HttpRequest) -> HttpResponse:
    """The bureaus of a desk that reaches several."""
    viewer = viewer_of(request)
    if not (viewer.sees(Thing.FIGURES) and (viewer.sees_all or viewer.bureaus)):
        raise PermissionDenied
    bureaus = Bureau.objects.visible_to(viewer)
    return render(
        request,
        "assessments/places.html",
        {"bureaus": bureaus, "may_set_up": viewer.may(Verb.SET_UP)},
    )


@require_safe
def organisation(request: HttpRequest) -> HttpResponse:
    """An organisation's own people, with their counts and without any client."""
    viewer, today = viewer_of(request), timezone.localdate()
    if viewer.organisation is None:
        raise PermissionDenied
    own = Organisation.objects.get(pk=viewer.organisation)
    month = Period.containing(PeriodKind.MONTH, today)
    people = own_advisors(organisation=own, month=month, today=today, viewer=viewer)
    context = {"organisation": own, "month": month, "people": people}
    return render(request, "assessments/organisation.html", context)


# ---------------------------------------------------------------- a village's card


def _village(request: HttpRequest, code: str) -> Village:
    villages = Village.objects.visible_to(viewer_of(request))
    return get_object_or_404(villages.select_related("township__bureau"), code=code)


@require_safe
def village_latest(request: HttpRequest, code: str) -> HttpResponse:
    running = Period.containing(PeriodKind.MONTH, timezone.localdate())
    return redirect("village-month", _village(request, code).code, month_asked(request, running))


@require_safe
def village_month(request: HttpRequest, code: str, month: Period) -> HttpResponse:
    village, viewer, today = _village(request, code), viewer_of(request), not_before(month)
    bureau = village.township.bureau
    context = {
        "card": village_card(village=village, month=month, viewer=viewer),
        "months": months(bureau=bureau, chosen=month, today=today, viewer=viewer),
    }
    return render(request, "assessments/village.html", context)
