"""One matter as its viewer may see it, and its files."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from advisors.rules import REASON_LENGTH
from lawadvisor.accounts.requests import actor_of
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.requests import unkept, viewer_of
from lawadvisor.foundation.roles import Thing
from worklogs.faces import (
    SEALS,
    MatterFace,
    face_of,
    may_open_file,
    may_see_files,
    pass_for,
    unseal,
)
from worklogs.models import Attachment, Matter
from worklogs.photos import MEDIA_TYPE, SUFFIXES, path_of, small

_Response = TypeVar("_Response", bound=HttpResponseBase)
_PLACE = (
    "log__appointment__village__township__bureau",
    "log__appointment__advisor",
)


def _matters(request: HttpRequest) -> QuerySet[Matter]:
    return Matter.objects.visible_to(viewer_of(request)).select_related(*_PLACE)


@unkept
@require_safe
def matter(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(_matters(request), pk=pk)
    return _page(request, found, face_of(found, viewer_of(request)))


@unkept
@sensitive_post_parameters()
def open_seal(request: HttpRequest, pk: int, thing: str) -> HttpResponse:
    """Show what is sealed on the answer to this one request; the page itself stays sealed."""
    found, viewer = get_object_or_404(_matters(request), pk=pk), viewer_of(request)
    seal = {seal.name.lower(): seal for seal in SEALS}.get(thing)
    if seal is None or seal not in face_of(found, viewer).may_open:
        raise Http404
    if request.method != "POST":
        return redirect("matter", pk)
    by, reason = actor_of(request), request.POST.get("reason", "")
    try:
        face = unseal(by=by, viewer=viewer, matter=found, thing=seal, reason=reason)
    except DomainError as refusal:
        return _page(request, found, face_of(found, viewer), refused=refusal)
    return _page(request, found, face, opened=seal)


def _page(
    request: HttpRequest,
    found: Matter,
    face: MatterFace,
    *,
    opened: Thing | None = None,
    refused: DomainError | None = None,
) -> HttpResponse:
    viewer = viewer_of(request)
    files = found.attachments.all() if may_see_files(found, viewer) else ()
    context = {
        "matter": found,
        "face": face,
        "seals": [(seal.name.lower(), seal.value) for seal in SEALS if seal in face.may_open],
        "opened": opened.value if opened else "",
        "refused": refused,
        "files": files if Thing.MEDIATION not in face.sealed else (),
        "pass": pass_for(found, viewer) if opened is Thing.MEDIATION else "",
        "reason_length": REASON_LENGTH,
    }
    return render(request, "worklogs/matter.html", context, status=400 if refused else 200)


@unkept
@require_safe
def attachment(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A file's bytes for whoever may see its matter; everybody else gets one and the same 404."""
    found = _file(request, pk)
    try:
        content = path_of(found).open("rb")
    except FileNotFoundError:
        raise Http404 from None
    return _as_file(FileResponse(content, content_type=found.media_type), found)


@unkept
@require_safe
def small_photo(request: HttpRequest, pk: int) -> HttpResponse:
    """A photo in the size of a list, for the same people."""
    found = _file(request, pk)
    if found.media_type != MEDIA_TYPE:
        raise Http404
    try:
        content = small(found)
    except OSError:  # the file is gone, or damaged
        raise Http404 from None
    return _as_file(HttpResponse(content, content_type=MEDIA_TYPE), found)


def _file(request: HttpRequest, pk: int) -> Attachment:
    viewer = viewer_of(request)
    files = Attachment.objects.visible_to(viewer).select_related("matter")
    found = get_object_or_404(files, pk=pk)
    if not may_open_file(found, viewer, request.GET.get("pass", "")):
        raise Http404
    if found.media_type not in SUFFIXES:
        raise Http404
    return found


def _as_file(response: _Response, found: Attachment) -> _Response:
    """Looked at and never run, whatever its bytes are."""
    response["Content-Disposition"] = f'inline; filename="{found.pk}{SUFFIXES[found.media_type]}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
