"""The monthly check: the office writes it on the page of the review, the advisor answers it."""

from __future__ import annotations

from functools import partial

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from advisors.models import Appointment
from assessments.checking import CheckEntry, checks_asked, record_check, reply_to_check
from assessments.models import Look, MonthlyCheck, SpotCheck
from assessments.quota.rules import Subject
from assessments.review.pages import do, own_township
from lawadvisor.accounts.requests import actor_of
from lawadvisor.foundation.periods import Period
from lawadvisor.foundation.requests import number_in, viewer_of
from villages.models import Village

#: Two years of three villages.
MOST_SHOWN = 72


def entry_of(request: HttpRequest) -> CheckEntry:
    """What was typed into the form of a check."""
    return CheckEntry(
        method=request.POST.get("method", ""),
        outcome=request.POST.get("outcome", ""),
        records=number_in(request.POST.get("records", "")) or 0,
        finding=request.POST.get("finding", ""),
        advice=request.POST.get("advice", ""),
    )


def record(request: HttpRequest, code: str, month: Period, village_code: str) -> HttpResponse:
    """By village or by advisor, as the policy wants it."""
    township = own_township(request, code)
    own = Village.objects.filter(township=township).select_related("township")
    village = get_object_or_404(own, code=village_code)
    pk = number_in(request.POST.get("appointment", ""))
    terms = Appointment.objects.filter(village=village).select_related("advisor")
    term = None if pk is None else terms.filter(pk=pk).first()
    if request.method == "POST":
        each = checks_asked(township, month) is Subject.APPOINTMENT
        deed = partial(
            record_check,
            by=actor_of(request),
            village=village,
            advisor=term.advisor if term and each else None,
            month=month,
            entry=entry_of(request),
            now=timezone.now(),
        )
        do(request, deed, f"{village.short_name}{month.label}核查记录已保存。")
    row = term.pk if term else f"v{village.code}"
    return redirect(f"{reverse('review', args=[code, month])}#row-{row}")


def own_checks(request: HttpRequest) -> HttpResponse:
    """What office and bureau found of an advisor's work, newest first, each to be answered."""
    viewer = viewer_of(request)
    if viewer.advisor is None:
        raise PermissionDenied
    checks = MonthlyCheck.objects.visible_to(viewer).select_related("filing__village__township")
    spots = SpotCheck.objects.visible_to(viewer).select_related("appointment__village", "draw")
    if request.method == "POST":
        pk = number_in(request.POST.get("check", ""))
        check: Look = (
            get_object_or_404(spots, pk=pk)
            if request.POST.get("kind") == "spot"
            else get_object_or_404(checks, pk=pk)
        )
        deed = partial(
            reply_to_check,
            by=actor_of(request),
            check=check,
            reply=request.POST.get("reply", ""),
            now=timezone.now(),
        )
        do(request, deed, "答复已保存，司法所和司法局可以看到。")
        return redirect("own-checks")
    context = {
        "checks": checks.order_by("-filing__period_start", "-pk")[:MOST_SHOWN],
        "spots": spots[:MOST_SHOWN],
    }
    return render(request, "assessments/own_checks.html", context)
