"""The advisor's phone: every screen comes whole from the server, and works without a script."""

from __future__ import annotations

import uuid
from datetime import datetime
from pathlib import PurePath
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from advisors.models import Appointment
from assessments.entering import remove_entry_photo, withdraw_entry
from assessments.months import month_asked, not_before
from assessments.phone import entry, pages, pictures
from assessments.phone.offline import modules, owner_of
from assessments.phone.paper import month_paper
from assessments.phone.prefill import own_places
from assessments.phone.screen import log_context
from assessments.phone.typed import prefilled, typed_from, typed_of, with_one_more
from lawadvisor.accounts.requests import actor_of
from lawadvisor.foundation import paper, sheets
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.periods import Period, PeriodKind
from lawadvisor.foundation.requests import number_in, unkept, viewer_of
from lawadvisor.foundation.viewer import Viewer
from worklogs.enums import LogState
from worklogs.models import ServiceLog
from worklogs.revising import REVISABLE
from worklogs.zero import file_zero

#: Which size of letters somebody chose on this phone.
SIZE_COOKIE, ELDER = "letters", "large"
_YEAR = 365 * 86400
#: What makes a month's paper, and what it is, by the end of its address.
_PAPERS = {
    "pdf": (paper.render, "application/pdf"),
    "xlsx": (
        sheets.write,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
}


def _advisor(request: HttpRequest) -> Viewer:
    """The desk that has a phone face; others are told no."""
    viewer = viewer_of(request)
    if viewer.advisor is None:
        raise PermissionDenied
    return viewer


def _page(
    request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    frame = {
        "owner": owner_of(request),
        "modules": modules(),
        "elder": request.COOKIES.get(SIZE_COOKIE) == ELDER,
        "screen": PurePath(template).stem,
    }
    return render(request, template, {**frame, **context}, status=status)


def _running() -> Period:
    return Period.containing(PeriodKind.MONTH, timezone.localdate())


@unkept
@require_safe
def today(request: HttpRequest) -> HttpResponse:
    viewer, day = _advisor(request), timezone.localdate()
    page = pages.today_page(month=_running(), today=day, viewer=viewer)
    return _page(request, "phone/today.html", {"page": page, "today": day, "month": _running()})


@unkept
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def log(request: HttpRequest) -> HttpResponse:
    """One visit, or the same at several villages. Sent as often as one likes, written once."""
    viewer, now = _advisor(request), timezone.now()
    day = timezone.localdate()
    places = own_places(today=day, viewer=viewer)
    if request.method != "POST":
        typed = prefilled(
            places,
            today=day,
            chosen=request.GET.get("appointment", ""),
            again="again" in request.GET,
        )
        return _page(request, "phone/log.html", log_context(typed, places, today=day))
    typed = typed_from(request.POST)
    if "more" in request.POST:
        typed = with_one_more(typed)
        return _page(request, "phone/log.html", log_context(typed, places, today=day))
    try:
        logs = entry.submit_visit(by=actor_of(request), typed=typed, places=places, received_at=now)
    except entry.EntryRefused as refusal:
        context = log_context(
            typed, places, today=day, errors={**_choose_again(request), **refusal.errors}
        )
        return _page(request, "phone/log.html", context, status=400)
    _keep_photos(request, logs[0], len(typed.matters), now)
    return redirect("phone-saved", typed.uuid)


def _choose_again(request: HttpRequest) -> dict[str, str]:
    """A browser puts no file into a form a second time."""
    return dict.fromkeys(request.FILES, "还有没填好的地方，照片请再选一次。")


def _keep_photos(request: HttpRequest, log: ServiceLog, matters: int, now: datetime) -> None:
    """What came with an ordinary form; of one save for several villages, at the first."""
    for n in range(matters):
        files = request.FILES.getlist(f"m{n}-photo")
        for sentence in pictures.take(
            by=actor_of(request), log=log, number=n, files=files, now=now
        ):
            messages.error(request, sentence)


@unkept
@require_http_methods(["GET", "HEAD", "POST"])
def photos(request: HttpRequest, number: uuid.UUID) -> HttpResponse:
    """The photos of one record: looked at, added to, and taken off while nobody confirmed it."""
    viewer = _advisor(request)
    own = ServiceLog.objects.visible_to(viewer).filter(advisor=viewer.advisor)
    told = own.exclude(state__in=(LogState.DRAFT, LogState.WITHDRAWN))
    log = get_object_or_404(told.select_related(entry.PLACE), client_uuid=number)
    if request.method == "POST":
        _change_photos(request, log)
        return redirect("phone-photos", number)
    context = {
        "log": log,
        "record": pages.record_of(log, viewer, timezone.localdate()),
        "albums": pictures.albums_of(log, viewer),
        "may_remove": log.state in REVISABLE,
    }
    return _page(request, "phone/photos.html", context)


def _change_photos(request: HttpRequest, log: ServiceLog) -> None:
    by, wanted = actor_of(request), request.POST.get("remove", "")
    if not wanted:
        return _keep_photos(request, log, log.matters.count(), timezone.now())
    photo = pictures.own_photo(log, int(wanted) if wanted.isdecimal() else 0)
    if photo is None:
        raise Http404
    try:
        remove_entry_photo(by=by, photo=photo)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "照片已删除。")


def _own_log(viewer: Viewer, number: uuid.UUID) -> ServiceLog:
    """One's own, and only while it may still be told anew."""
    own = ServiceLog.objects.visible_to(viewer).filter(advisor=viewer.advisor, state__in=REVISABLE)
    return get_object_or_404(own.select_related(entry.PLACE), client_uuid=number)


@unkept
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def revise(request: HttpRequest, number: uuid.UUID) -> HttpResponse:
    """A record that was returned, or that nobody has confirmed yet, told anew."""
    viewer, day = _advisor(request), timezone.localdate()
    log = _own_log(viewer, number)
    places = own_places(today=day, viewer=viewer, also=log.appointment_id)
    revised = {"reason": log.returned_reason, "version": log.version, "number": number}
    sealed = entry.sealed_in(log)
    if request.method != "POST":
        context = log_context(typed_of(log, day), places, today=day, sealed=sealed)
        return _page(request, "phone/log.html", {**context, "revised": revised})
    typed = typed_from(request.POST)
    if "more" in request.POST:
        context = log_context(with_one_more(typed), places, today=day, sealed=sealed)
        return _page(request, "phone/log.html", {**context, "revised": revised})
    read = request.POST.get("version", "")
    try:
        entry.revise_visit(
            by=actor_of(request),
            log=log,
            typed=typed,
            places=places,
            version=number_in(read, digits=8) or 0,
            received_at=timezone.now(),
        )
    except entry.EntryRefused as refusal:
        context = log_context(typed, places, today=day, errors=refusal.errors, sealed=sealed)
        return _page(request, "phone/log.html", {**context, "revised": revised}, status=400)
    return redirect("phone-saved", number)


@require_POST
def withdraw(request: HttpRequest, number: uuid.UUID) -> HttpResponse:
    log = _own_log(_advisor(request), number)
    try:
        withdraw_entry(by=actor_of(request), log=log, reason=request.POST.get("reason", "")[:200])
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect("phone-revise", number)
    messages.success(request, "已撤回，这条记录留存但不再计入。")
    return redirect("phone-records")


@require_POST
def zero(request: HttpRequest) -> HttpResponse:
    """零申报: a month in which a village needed nothing."""
    viewer = _advisor(request)
    own = Appointment.objects.visible_to(viewer).filter(advisor=viewer.advisor)
    wanted = request.POST.get("appointment", "")
    appointment = get_object_or_404(own, pk=int(wanted) if wanted.isdecimal() else 0)
    try:
        month = Period.parse(request.POST.get("month", ""))
    except ValueError:
        raise Http404 from None
    reason = request.POST.get("reason", "")[:200]
    now = timezone.now()
    try:
        file_zero(
            by=actor_of(request), appointment=appointment, month=month, reason=reason, now=now
        )
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{month.label}已零申报。以后补录了记录，申报自动撤回。")
    return redirect(f"{reverse('phone-month')}?month={month.code}")


@unkept
@require_safe
def saved(request: HttpRequest, number: uuid.UUID) -> HttpResponse:
    viewer = _advisor(request)
    logs = pages.saved_with(number, viewer, timezone.localdate())
    if not logs:
        raise Http404
    return _page(request, "phone/saved.html", {"records": logs})


@unkept
@require_safe
def records(request: HttpRequest) -> HttpResponse:
    viewer = _advisor(request)
    month = month_asked(request, _running())
    day = not_before(month)
    found = pages.month_records(month=month, today=day, viewer=viewer)
    villages = dict.fromkeys((each.appointment, each.village) for each in found)
    chosen = request.GET.get("village", "")
    shown = [each for each in found if chosen in ("", str(each.appointment))]
    context = {
        "month": month,
        "next": month.next() if month < _running() else None,
        "records": shown,
        "villages": [(str(pk), name) for pk, name in villages],
        "chosen": chosen,
        "strip": pages.strip_of(month, shown),
    }
    return _page(request, "phone/records.html", context)


@unkept
@require_safe
def month(request: HttpRequest) -> HttpResponse:
    viewer = _advisor(request)
    asked = month_asked(request, _running())
    day = not_before(asked)
    found = pages.month_summary(month=asked, today=day, now=timezone.now(), viewer=viewer)
    following = asked.next() if asked < _running() else None
    return _page(request, "phone/month.html", {"month": asked, "next": following, "summary": found})


@unkept
@require_safe
def month_file(request: HttpRequest, month: Period, form: str) -> HttpResponse:
    """我的月报, made on the spot of what the screen shows."""
    viewer = _advisor(request)
    if form not in _PAPERS:
        raise Http404
    day, now = not_before(month), timezone.localtime()
    advisor = pages.me_page(today=day, viewer=viewer).advisor
    document = month_paper(
        name=advisor.name,
        organisation=advisor.organisation.name,
        month=month,
        summary=pages.month_summary(month=month, today=day, now=now, viewer=viewer),
        records=pages.month_records(month=month, today=day, viewer=viewer),
        made_at=now,
    )
    try:
        content = _PAPERS[form][0](document)
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect(f"{reverse('phone-month')}?month={month.code}")
    response = HttpResponse(content, content_type=_PAPERS[form][1])
    name = f"{advisor.name}{month.label}工作报告.{form}"
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


@unkept
@require_safe
def me(request: HttpRequest) -> HttpResponse:
    viewer = _advisor(request)
    return _page(
        request, "phone/me.html", {"page": pages.me_page(today=timezone.localdate(), viewer=viewer)}
    )


@require_POST
def size(request: HttpRequest) -> HttpResponse:
    """Large letters on this phone, or no longer; for whoever holds it, so no account keeps it."""
    _advisor(request)
    response = redirect("phone-me")
    if request.POST.get("letters") == ELDER:
        response.set_cookie(SIZE_COOKIE, ELDER, max_age=_YEAR, samesite="Lax")
    else:
        response.delete_cookie(SIZE_COOKIE, samesite="Lax")
    return response
