"""The desk of judicial office and bureau: who is a village's contact, and the link he is given."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from advisors.liaisons import end_liaison, name_liaison
from advisors.models import Liaison
from assessments.field.contacts import (
    contact_of,
    contacts_of,
    invitation,
    late_records,
)
from assessments.field.liaison import numbers_sent
from assessments.seen import township_seen
from assessments.selectors import asks_confirmation
from lawadvisor.accounts.requests import actor_of
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.qr import as_svg
from lawadvisor.foundation.requests import unkept, viewer_of
from lawadvisor.foundation.roles import Thing, Verb
from villages.models import Village
from worklogs.confirming import vouch_by_phone
from worklogs.enums import LimitKey
from worklogs.limits import limit_of
from worklogs.links import VALID_DAYS, make_link, renew_link, revoke_link
from worklogs.models import LiaisonLink


@unkept
@require_safe
def liaisons(request: HttpRequest, code: str) -> HttpResponse:
    """A township's villages: who the contact is, what waits, what nobody answered."""
    viewer, now = viewer_of(request), timezone.now()
    township = township_seen(request, code, Thing.RECORDS)
    context = {
        "township": township,
        "contacts": contacts_of(township, viewer=viewer, now=now),
        "asked": asks_confirmation(township.bureau, timezone.localdate()),
        "may_keep": viewer.may(Verb.KEEP_LIAISONS),
        "days": limit_of(township.bureau_id, LimitKey.CONFIRM_DAYS),
    }
    return render(request, "field/liaisons.html", context)


@unkept
@sensitive_post_parameters()
def liaison(request: HttpRequest, code: str) -> HttpResponse:
    """One village's contact; a POST names him, ends his term, or gives and takes back his link."""
    viewer = viewer_of(request)
    if not viewer.may(Verb.KEEP_LIAISONS):
        raise PermissionDenied
    villages = Village.objects.visible_to(viewer).select_related("township__bureau")
    village = get_object_or_404(villages, code=code)
    if request.method != "POST":
        return _page(request, village)
    wish = request.POST.get("wish", "")
    try:
        if wish == "link":
            return _show_link(request, village)
        messages.success(request, _do(request, village, wish))
    except DomainError as refusal:
        if wish == "name":
            return _page(request, village, refused=refusal)
        messages.error(request, str(refusal))
    return redirect("liaison", code)


def _do(request: HttpRequest, village: Village, wish: str) -> str:
    """What was done, in a sentence; Http404 for a wish that is none."""
    by, now = actor_of(request), timezone.now()
    if wish == "name":
        name, phone = request.POST.get("name", ""), request.POST.get("phone", "")
        name_liaison(by=by, village=village, name=name, phone=phone, today=timezone.localdate())
        return "已登记联络员。"
    if wish == "vouch":
        reason, shown = request.POST.get("reason", ""), numbers_sent(request, "shown")
        count = vouch_by_phone(by=by, village=village, shown=shown, reason=reason)
        return f"已按电话核实的情况确认{count}条记录。"
    if wish == "end":
        end_liaison(by=by, liaison=_serving(village), today=timezone.localdate())
        return "已结束该联络员的任期，发给他的链接不能再打开。"
    links = LiaisonLink.objects.visible_to(viewer_of(request)).standing()
    link = get_object_or_404(links, liaison=_serving(village))
    if wish == "renew":
        until = timezone.localtime(renew_link(by=by, link=link, now=now).expires_at)
        return f"链接已延长，{until:%-m月%-d日 %H:%M}前有效；原来发出的消息照常可用。"
    if wish == "revoke":
        revoke_link(by=by, link=link, now=now)
        return "链接已收回，不能再打开。"
    raise Http404


def _show_link(request: HttpRequest, village: Village) -> HttpResponse:
    """The address is shown on this one answer; nobody can look it up afterwards."""
    now = timezone.now()
    _, token = make_link(by=actor_of(request), liaison=_serving(village), now=now)
    address = request.build_absolute_uri(reverse("confirm", args=(token,)))
    contact = contact_of(village, viewer=viewer_of(request), now=now)
    context = {
        "contact": contact,
        "words": invitation(contact, address),
        "picture": as_svg(address),
        "days": VALID_DAYS,
    }
    return render(request, "field/link.html", context)


def _serving(village: Village) -> Liaison:
    return get_object_or_404(Liaison.objects.serving(), village=village)


def _page(
    request: HttpRequest, village: Village, *, refused: DomainError | None = None
) -> HttpResponse:
    viewer, now = viewer_of(request), timezone.now()
    contact = contact_of(village, viewer=viewer, now=now)
    asked = asks_confirmation(village.township.bureau, timezone.localdate())
    context = {
        "contact": contact,
        "name": request.POST.get("name", "") if refused else contact.name,
        "phone": request.POST.get("phone", "") if refused else contact.phone,
        "refused": refused,
        "asked": asked,
        "late": late_records(village, viewer=viewer, now=now) if asked else (),
        "days": limit_of(village.township.bureau_id, LimitKey.CONFIRM_DAYS),
    }
    return render(request, "field/liaison.html", context, status=400 if refused else 200)
