"""Requests on pages: raised by office, township and contact, answered by the advisor."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters

from advisors.models import Advisor
from assessments.field.wishes import shown_or_done
from lawadvisor.accounts.requests import actor_of
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.requests import unkept, viewer_of
from lawadvisor.foundation.roles import Thing, Verb
from lawadvisor.foundation.viewer import Viewer
from villages.models import Village
from worklogs import asking
from worklogs.asking import Wish
from worklogs.enums import OWED_REQUESTS, RequestKind, RequestState
from worklogs.models import ServiceLog, ServiceRequest
from worklogs.rules import parse_day
from worklogs.states import REQUEST_TRANSITIONS

#: So many that are over are listed, the newest first.
_OVER_SHOWN = 50
_PLACE = ("village__township__bureau", "advisor", "raised_by", "log")


def _seeing(request: HttpRequest) -> Viewer:
    viewer = viewer_of(request)
    if not viewer.sees(Thing.REQUESTS):
        raise PermissionDenied
    return viewer


@unkept
@sensitive_post_parameters()
def requests(request: HttpRequest) -> HttpResponse:
    """What is owed and what was done; a POST asks for something new."""
    viewer = _seeing(request)
    if request.method != "POST":
        return _list(request, viewer)
    if not viewer.may(Verb.ASK):
        raise PermissionDenied
    try:
        made, _ = asking.raise_request(
            by=actor_of(request),
            village=village_of(request.POST, viewer),
            wish=wish_of(request.POST),
            role=viewer.role,
            client_uuid=number_of(request.POST),
            now=timezone.now(),
        )
    except DomainError as refusal:
        return _list(request, viewer, refused=refusal)
    messages.success(request, f"已发给法律顾问，办理期限{made.due_on:%Y-%m-%d}。")
    return redirect("requests")


def village_of(sent: Mapping[str, str], viewer: Viewer) -> Village:
    """The village that a form names by its code; DomainError unless the viewer sees it."""
    code = sent.get("village", "")
    villages = Village.objects.visible_to(viewer).active().select_related("township__bureau")
    found = villages.filter(code=code).first() if code.isdecimal() else None
    if found is None:
        raise DomainError("请选择村（社区）。", field="village")
    return found


def wish_of(sent: Mapping[str, str]) -> Wish:
    """What a form asks for; DomainError for a day that is none."""
    day = sent.get("wanted_on", "").strip()
    return Wish(
        kind=sent.get("kind", ""),
        text=sent.get("text", ""),
        wanted_on=parse_day(day, field="wanted_on") if day else None,
    )


def number_of(sent: Mapping[str, str]) -> uuid.UUID:
    """The form's own number, by which sending it twice is sending it once; else a fresh one."""
    try:
        return uuid.UUID(sent.get("uuid", ""))
    except ValueError:
        return uuid.uuid4()


def _list(
    request: HttpRequest, viewer: Viewer, *, refused: DomainError | None = None
) -> HttpResponse:
    rows = ServiceRequest.objects.visible_to(viewer).select_related(*_PLACE)
    over = rows.exclude(state__in=OWED_REQUESTS)
    villages = Village.objects.visible_to(viewer).active().order_by("code")
    context = {
        "owed": asking.open_requests(viewer),
        "over": over.order_by("-raised_at")[:_OVER_SHOWN],
        "may_ask": viewer.may(Verb.ASK),
        "villages": villages if viewer.may(Verb.ASK) else (),
        "kinds": RequestKind.choices,
        "uuid": uuid.uuid4(),
        "typed": typed(request.POST),
        "refused": refused,
    }
    return render(request, "field/requests.html", context, status=400 if refused else 200)


def typed(sent: Mapping[str, str]) -> dict[str, str]:
    """What a refused form is filled with again; on a fresh one the first kind is chosen."""
    names = ("village", "kind", "text", "wanted_on")
    again = {name: sent.get(name, "") for name in names}
    return {**again, "kind": again["kind"] or RequestKind.VISIT.value}


@unkept
@sensitive_post_parameters()
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One request; a POST takes it up, answers, declines, closes or asks again."""
    viewer = _seeing(request)
    rows = ServiceRequest.objects.visible_to(viewer).select_related(*_PLACE)
    found = get_object_or_404(rows, pk=pk)
    return shown_or_done(request, viewer, found, page=_page, do=_do, name="request")


def _do(request: HttpRequest, viewer: Viewer, found: ServiceRequest, wish: str) -> str:
    """What was done, in a sentence; PermissionDenied for who may not, Http404 for no wish."""
    by, now, reason = actor_of(request), timezone.now(), request.POST.get("reason", "")
    if wish in ("accept", "answer", "decline"):
        return _answered(request, viewer, found, wish, now)
    if not viewer.may(Verb.ASK):
        raise PermissionDenied
    if wish == "close":
        asking.close_request(by=by, request=found, reason=reason)
        return "已办结。"
    if wish == "reopen":
        asking.reopen_request(by=by, request=found, reason=reason)
        return "已再次提出。"
    raise Http404


def _answered(
    request: HttpRequest, viewer: Viewer, found: ServiceRequest, wish: str, now: datetime
) -> str:
    by = actor_of(request)
    advisor = asking.answering(viewer, found, today=timezone.localdate())
    if advisor is None:
        raise PermissionDenied
    if wish == "accept":
        asking.accept_request(by=by, request=found, advisor=advisor)
        return "已受理。"
    if wish == "decline":
        reason = request.POST.get("reason", "")
        asking.decline_request(by=by, request=found, advisor=advisor, reason=reason)
        return "已说明不能办理的原因。"
    log = _log_of(request, found, advisor)
    text = request.POST.get("answer", "")
    asking.answer_request(by=by, request=found, advisor=advisor, now=now, text=text, log=log)
    return "已答复。"


def _log_of(request: HttpRequest, found: ServiceRequest, advisor: Advisor) -> ServiceLog | None:
    chosen = request.POST.get("log", "")
    if not chosen:
        return None
    logs = asking.answering_logs(found, advisor)
    log = next((each for each in logs if str(each.pk) == chosen), None)
    if log is None:
        raise DomainError("只能选择本人在该村（社区）提出请求以后的服务记录。", field="log")
    return log


def _page(
    request: HttpRequest,
    viewer: Viewer,
    found: ServiceRequest,
    *,
    refused: DomainError | None = None,
) -> HttpResponse:
    today: date = timezone.localdate()
    ahead = REQUEST_TRANSITIONS[found.state]
    advisor = asking.answering(viewer, found, today=today)
    answers = advisor is not None
    context = {
        "row": found,
        "text": asking.told(found, "text", viewer),
        "answer": asking.told(found, "answer", viewer),
        "overdue": found.due_on < today and found.state in OWED_REQUESTS,
        "may": {
            "accept": answers and RequestState.ACCEPTED in ahead,
            "answer": answers and RequestState.ANSWERED in ahead,
            "decline": answers and RequestState.DECLINED in ahead,
            "close": viewer.may(Verb.ASK) and RequestState.CLOSED in ahead,
            "reopen": viewer.may(Verb.ASK) and RequestState.OPEN in ahead,
        },
        "logs": asking.answering_logs(found, advisor) if advisor else (),
        "typed": request.POST.get("answer", ""),
        "refused": refused,
    }
    return render(request, "field/request.html", context, status=400 if refused else 200)
