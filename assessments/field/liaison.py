"""The one page behind a contact's link: no account, one village, nothing else in reach.

There he vouches for records (L1) and asks for a visit or an answer (L2).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from advisors.liaisons import own_name
from assessments.field.requests import number_of, typed, wish_of
from assessments.selectors import asks_confirmation
from lawadvisor.accounts import guard
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.pace import within_pace
from lawadvisor.foundation.requests import address_of, unkept
from lawadvisor.foundation.roles import Role
from lawadvisor.foundation.viewer import Actor
from worklogs.asking import raise_request, raised_by_link
from worklogs.asking import told as told_text
from worklogs.confirming import (
    TEXT_LENGTH,
    Answer,
    answer,
    as_liaison,
    reason_of,
    records_for,
)
from worklogs.enums import Dispute, RequestKind
from worklogs.links import holder_of, link_of, note_opened
from worklogs.models import LiaisonLink, ServiceRequest

#: A village's whole network may sit behind one address.
_MOST, _SECONDS = 120, 600


def _behind_a_link(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Without an account: counted by address, found by its token, kept nowhere, told to nobody.

    No CSRF token is asked for: whoever can write the address of the form already holds all that
    the form could prove, and the strict Referrer-Policy would make browsers hide their origin.
    """

    @csrf_exempt
    @login_not_required
    @require_http_methods(["GET", "HEAD", "POST"])
    @unkept
    @sensitive_variables()
    @sensitive_post_parameters()
    @wraps(view)
    def guarded(request: HttpRequest, token: str) -> HttpResponse:
        paced = within_pace(guard.of_address(address_of(request)).key, most=_MOST, seconds=_SECONDS)
        link = link_of(token, now=timezone.now()) if paced else None
        if not paced:
            response = render(request, "field/slow.html", status=429)
            response.headers["Retry-After"] = str(_SECONDS)
        elif link is None:
            response = render(request, "field/closed.html", status=404)
        else:
            response = view(request, link)
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        return response

    return guarded


@_behind_a_link
def confirm(request: HttpRequest, link: LiaisonLink) -> HttpResponse:
    """What waits in the contact's village; a POST vouches for it or says what is wrong."""
    by = holder_of(link, address_of(request))
    if request.method != "POST":
        note_opened(by=by, link=link)
        return _page(request, link)
    if request.POST.get("wish") == "ask":
        return _ask(request, link, by)
    shown, true = numbers_sent(request, "shown"), numbers_sent(request, "true")
    versions = {pk: max(numbers_sent(request, f"version-{pk}"), default=0) for pk in shown}
    disputed, refused = {}, {}
    for pk in shown - true:
        chips, text = request.POST.getlist(f"why-{pk}"), request.POST.get(f"text-{pk}", "")
        try:
            disputed[pk] = reason_of(chips, text)
        except DomainError as refusal:
            refused[pk] = str(refusal)
    if refused:
        return _page(request, link, refused=refused)
    told = answer(link=link, by=by, confirmed=shown & true, disputed=disputed, versions=versions)
    return _page(request, link, told=told)


def _ask(request: HttpRequest, link: LiaisonLink, by: Actor) -> HttpResponse:
    """L2: a visit or an answer is asked for."""
    try:
        made, _ = raise_request(
            by=by,
            village=link.liaison.village,
            wish=wish_of(request.POST),
            role=Role.LIAISON,
            client_uuid=number_of(request.POST),
            now=timezone.now(),
            liaison=link.liaison,
        )
    except DomainError as refusal:
        return _page(request, link, unasked=refusal)
    return _page(request, link, asked_for=made)


def numbers_sent(request: HttpRequest, name: str) -> set[int]:
    """The ids among what a form sent under this name."""
    sent = request.POST.getlist(name)
    return {int(text) for text in sent if text.isascii() and text.isdecimal() and len(text) < 19}


def _page(
    request: HttpRequest,
    link: LiaisonLink,
    *,
    told: Answer | None = None,
    refused: dict[int, str] | None = None,
    asked_for: ServiceRequest | None = None,
    unasked: DomainError | None = None,
) -> HttpResponse:
    """``refused`` has a sentence for each record whose objection cannot be taken so.

    ``asked_for`` is the request that was just raised, ``unasked`` why one was not.
    """
    village = link.liaison.village
    asked = asks_confirmation(village.township.bureau, timezone.localdate())
    found, viewer = records_for(link.liaison) if asked else (), as_liaison(link.liaison)
    again = request.POST if refused else None
    rows = [
        {
            "record": record,
            "ticked": again is None or str(record.pk) in again.getlist("true"),
            "chips": again.getlist(f"why-{record.pk}") if again else (),
            "text": again.get(f"text-{record.pk}", "") if again else "",
            "refused": (refused or {}).get(record.pk, ""),
        }
        for record in found
    ]
    context = {
        "village": village,
        "name": own_name(link.liaison),
        "asked": asked,
        "rows": rows,
        "told": told,
        "refused": bool(refused),
        "reasons": Dispute.choices,
        "text_length": TEXT_LENGTH,
        "until": link.expires_at,
        "kinds": RequestKind.choices,
        "uuid": uuid.uuid4(),
        "requests": [
            (row, told_text(row, "text", viewer), told_text(row, "answer", viewer))
            for row in raised_by_link(link.liaison)
        ],
        "typed": typed(request.POST if unasked else {}),
        "asked_for": asked_for,
        "unasked": unasked,
    }
    status = 400 if refused or unasked else 200
    return render(request, "field/confirm.html", context, status=status)
