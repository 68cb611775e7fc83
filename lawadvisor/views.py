"""The way to one's own desk, and what is said when something is not there."""

from __future__ import annotations

import sys

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from advisors.viewers import DESK_KEY
from assessments.api import errors
from lawadvisor.foundation.requests import viewer_of
from lawadvisor.foundation.roles import Scope, Thing, Verb
from villages.models import Bureau, Township, Village

_FIRST_PAGE = {
    Scope.ALL: "places",
    Scope.ADVISOR: "mine",
    Scope.ORGANISATION: "organisation",
}


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The first page of the desk at which one sits; who has none is told whom to ask."""
    viewer = viewer_of(request)
    if viewer.scope is None:
        return render(request, "nobody.html")
    if viewer.scope in _FIRST_PAGE:
        return redirect(_FIRST_PAGE[viewer.scope])
    if not viewer.sees(Thing.FIGURES) and viewer.may(Verb.ENTER_BACK_OFFICE):
        return redirect("admin:index")
    if viewer.scope is Scope.AREA:
        return redirect("places")
    if viewer.scope is Scope.BUREAU:
        return redirect("bureau", Bureau.objects.visible_to(viewer)[0].code)
    if viewer.scope is Scope.TOWNSHIP:
        return redirect("township", Township.objects.visible_to(viewer)[0].code)
    return redirect("village", Village.objects.visible_to(viewer)[0].code)


def desks(request: HttpRequest) -> HttpResponse:
    """One person's several desks; a POST sits down at one of them, and everybody can see which."""
    viewer = viewer_of(request)
    if request.method == "POST":
        chosen = next((d for d in viewer.desks if d.key == request.POST.get("desk")), None)
        if chosen is None:
            messages.error(request, "这个岗位已经结束或者不是您的，请重新选择。")
            return redirect("desks")
        request.session[DESK_KEY] = chosen.key
        messages.success(request, f"当前岗位：{chosen.label}。")
        return redirect("home")
    return render(request, "desks.html")


@login_not_required
@require_safe
def feedback(request: HttpRequest) -> HttpResponse:
    return render(request, "feedback.html")


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The process answers; nothing else is asked, so that this stays true without a database."""
    return HttpResponse("ok\n", content_type="text/plain")


def _of_a_program(request: HttpRequest) -> bool:
    """Whoever asks the API reads no page."""
    return request.path.startswith(errors.PREFIX)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    if _of_a_program(request):
        return errors.as_json(400, "invalid", "请求的内容无法读取。")
    return HttpResponse(render_to_string("400.html"), status=400)


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return render(request, "403.html", status=403)


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Alike for what is not there and for what others may see: nothing of the address is shown."""
    if _of_a_program(request):
        return errors.as_json(404, "missing", errors.MISSING)
    return render(request, "404.html", status=404)


def failed(request: HttpRequest) -> HttpResponse:
    """Without the frame of the other pages, which asks the database who is looking.

    A database that is overloaded, restarting or kept waiting by a lock is no
    fault of the portal: 503, and the same may be tried again.
    """
    if isinstance(sys.exception(), (OperationalError, InterfaceError)):
        later = {"Retry-After": str(errors.RETRY_SECONDS)}
        if _of_a_program(request):
            return errors.as_json(503, "unavailable", errors.BUSY, later)
        sent = request.method not in ("GET", "HEAD")
        page = render_to_string("503.html", {"sent": sent})
        return HttpResponse(page, status=503, headers=later)
    if _of_a_program(request):
        return errors.as_json(500, "failed", errors.FAILED)
    return HttpResponse(render_to_string("500.html"), status=500)
