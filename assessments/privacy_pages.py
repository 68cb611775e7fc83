"""个人信息: everybody's own copy, and for the bureau's staff what a person may ask of it."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from advisors.models import Advisor
from advisors.rules import REASON_LENGTH
from assessments.persons import copy_of_client, copy_of_person
from lawadvisor.accounts.models import User
from lawadvisor.accounts.requests import actor_of
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.requests import unkept, viewer_of
from lawadvisor.foundation.roles import Verb
from lawadvisor.foundation.viewer import Viewer
from worklogs.erasure import Person, erase_client, find_client
from worklogs.faces import face_of

_MOST_PEOPLE = 50


def _may_serve(request: HttpRequest) -> None:
    """Others are told that there is no such page."""
    if not viewer_of(request).may(Verb.ERASE):
        raise Http404


def _own_advisors(viewer: Viewer) -> QuerySet[Advisor]:
    """Those of the bureau's own organisations: who only serves here asks his own bureau."""
    return Advisor.objects.visible_to(viewer).filter(organisation__bureau__in=viewer.bureaus)


@unkept
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return _page(request)


@unkept
@require_POST
def own_copy(request: HttpRequest) -> HttpResponseBase:
    """Whoever is signed in, of himself and of nobody else."""
    user = get_object_or_404(User, pk=request.user.pk)
    advisor = Advisor.objects.filter(user=user).first()
    content = copy_of_person(
        by=actor_of(request),
        user=user,
        advisor=advisor,
        reason="本人下载",
        now=timezone.localtime(),
    )
    return _download(content)


@unkept
@require_POST
@sensitive_post_parameters()
def people(request: HttpRequest) -> HttpResponse:
    """Advisors and users of the own bureau by name, licence or user name."""
    _may_serve(request)
    asked, viewer = request.POST.get("name", "").strip(), viewer_of(request)
    if not asked:
        return _page(request, people_refused="请填写姓名、执业证号或用户名。")
    advisors = _own_advisors(viewer).filter(Q(name=asked) | Q(licence_no=asked))
    users = User.objects.visible_to(viewer).filter(Q(name=asked) | Q(username=asked))
    apart = users.exclude(pk__in=advisors.exclude(user=None).values("user"))
    found = [("advisor", row) for row in advisors.select_related("organisation")[:_MOST_PEOPLE]]
    found += [("user", row) for row in apart[:_MOST_PEOPLE]]
    return _page(request, people=found, people_asked=asked)


@unkept
@require_POST
@sensitive_post_parameters()
def person_copy(request: HttpRequest, kind: str, pk: int) -> HttpResponseBase:
    _may_serve(request)
    viewer = viewer_of(request)
    advisor = user = None
    if kind == "advisor":
        advisor = get_object_or_404(_own_advisors(viewer), pk=pk)
        user = advisor.user
    else:
        user = get_object_or_404(User.objects.visible_to(viewer), pk=pk)
    try:
        content = copy_of_person(
            by=actor_of(request),
            user=user,
            advisor=advisor,
            reason=request.POST.get("reason", ""),
            now=timezone.localtime(),
        )
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect("privacy")
    return _download(content)


@unkept
@require_POST
@sensitive_post_parameters()
def client(request: HttpRequest) -> HttpResponseBase:
    """A client's records: found, then copied or deleted; the address never names him."""
    _may_serve(request)
    name, phone = request.POST.get("name", ""), request.POST.get("phone", "")
    context: dict[str, Any] = {"client_name": name, "client_phone": phone}
    try:
        person = Person.typed(name, phone)
        done = request.POST.get("do", "")
        if done in ("copy", "erase"):
            given = _given(request, person)
            if done == "copy":
                return _download(copy_of_client(**given, now=timezone.localtime()))
            changed = erase_client(**given)
            messages.success(request, f"已从{changed}个事项中删除此人的信息。")
            return redirect("privacy")
        context["hits"] = _hits(request, person)
    except DomainError as refusal:
        context["client_refused"] = str(refusal)
        if request.POST.get("do"):
            context["hits"] = _hits(request, person)
    return _page(request, **context)


def _given(request: HttpRequest, person: Person) -> dict[str, Any]:
    chosen = {int(pk) for pk in request.POST.getlist("matter") if pk.isdecimal()}
    if not chosen:
        raise DomainError("请勾选属于此人的事项。", field="matter")
    return {
        "by": actor_of(request),
        "viewer": viewer_of(request),
        "person": person,
        "matters": chosen,
        "reason": request.POST.get("reason", ""),
    }


def _hits(request: HttpRequest, person: Person) -> list[dict[str, Any]]:
    viewer = viewer_of(request)
    return [
        {"matter": hit.matter, "basis": hit.basis, "face": face_of(hit.matter, viewer)}
        for hit in find_client(viewer=viewer, person=person)
    ]


def _page(request: HttpRequest, **context: Any) -> HttpResponse:
    refused = context.get("client_refused") or context.get("people_refused")
    frame = {
        "serves": viewer_of(request).may(Verb.ERASE),
        "reason_length": REASON_LENGTH,
        "people": None,
        "people_asked": "",
        "people_refused": "",
        "client_name": "",
        "client_phone": "",
        "client_refused": "",
        "hits": None,
    }
    status = 400 if refused else 200
    return render(request, "assessments/privacy.html", {**frame, **context}, status=status)


def _download(content: bytes) -> HttpResponseBase:
    """Without anybody's name in the name of the file: it would stay in lists of downloads."""
    return FileResponse(
        BytesIO(content),
        as_attachment=True,
        filename="个人信息副本.zip",
        content_type="application/zip",
        headers={"X-Content-Type-Options": "nosniff"},
    )
