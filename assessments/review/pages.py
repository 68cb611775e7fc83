"""The review of a month and the hand-over: fetch within scope, call one function, answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from advisors.rules import REASON_LENGTH
from assessments.enums import CheckMethod, CheckOutcome
from assessments.handing import (
    accept_month,
    reopen_village,
    return_month,
    submit_for_silent_office,
    submit_month,
    take_back_month,
)
from assessments.months import last_month_asked, not_before
from assessments.review.grid import grid
from assessments.review.reviewing import Moved, review_all, review_log
from assessments.review.table import ORDERS, Table, review_table
from assessments.seen import bureau_seen, township_seen
from lawadvisor.accounts.requests import actor_of
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.periods import Period
from lawadvisor.foundation.requests import viewer_of
from lawadvisor.foundation.roles import Thing, Verb
from villages.models import Township, Village
from worklogs.enums import LogState
from worklogs.models import ServiceLog

#: Why a record goes back, to be tapped; words of one's own may follow.
REASONS = (*("时间有误", "事项不符", "村（社区）反映未到", "内容过于简单", "重复填报", "缺少材料"),)
#: More records than a township has in a month; what is longer was made up.
_MOST = 20_000


def _township(request: HttpRequest, code: str) -> Township:
    """One whose records the viewer sees; else it looks like one that is not there."""
    return township_seen(request, code, Thing.FIGURES, Thing.RECORDS)


def own_township(request: HttpRequest, code: str) -> Township:
    """The office's own: it alone verifies and hands in."""
    township = _township(request, code)
    if not viewer_of(request).may(Verb.REVIEW):
        raise PermissionDenied
    return township


def _bureaus_township(request: HttpRequest, code: str) -> Township:
    township = _township(request, code)
    if not viewer_of(request).may(Verb.CLOSE_MONTH, bureau=township.bureau_id):
        raise PermissionDenied
    return township


def _table(request: HttpRequest, township: Township, month: Period) -> Table:
    return review_table(
        township=township,
        month=month,
        today=not_before(month),
        now=timezone.now(),
        viewer=viewer_of(request),
        order=request.GET.get("sort", ""),
    )


@require_safe
def review(request: HttpRequest, code: str, month: Period) -> HttpResponse:
    township = _township(request, code)
    viewer = viewer_of(request)
    context = {
        "table": _table(request, township, month),
        "reviews": viewer.may(Verb.REVIEW),
        "closes": viewer.may(Verb.CLOSE_MONTH, bureau=township.bureau_id),
        "orders": ORDERS,
        "is_over": month.end <= timezone.localdate(),
        "reasons": REASONS,
        "methods": CheckMethod.choices,
        "outcomes": CheckOutcome.choices,
        "reason_length": REASON_LENGTH,
    }
    return render(request, "assessments/review.html", context)


def review_every(request: HttpRequest, code: str, month: Period) -> HttpResponse:
    """What nobody need look at: shown once, then verified as it was shown."""
    township = own_township(request, code)
    if request.method != "POST":
        context = {"table": _table(request, township, month)}
        return render(request, "assessments/review_all.html", context)
    _verify(request, _logs(township, month, _shown(request)))
    return redirect("review", code, month)


def review_row(request: HttpRequest, code: str, month: Period, pk: int) -> HttpResponse:
    """All that waits of one advisor in one village, as it was shown, exceptions too."""
    township = own_township(request, code)
    if request.method == "POST":
        logs = _logs(township, month, _shown(request))
        _verify(request, [log for log in logs if log.appointment_id == pk])
    return redirect(f"{reverse('review', args=[code, month])}#row-{pk}")


def review_one(request: HttpRequest, code: str, month: Period, pk: int) -> HttpResponse:
    """Verify one record, or send it back for a reason."""
    township = own_township(request, code)
    logs = _logs(township, month, {pk})
    if not logs:
        raise Http404
    if request.method == "POST":
        to = LogState.RETURNED if request.POST.get("deed") == "return" else LogState.REVIEWED
        deed = partial(
            review_log,
            by=actor_of(request),
            log=logs[0],
            to=to,
            now=timezone.now(),
            version=_shown(request).get(pk),
            reason=_reason(request),
        )
        do(request, deed, f"{logs[0].service_date:%-m月%-d日}的记录{to.label}。")
    back = f"{reverse('review', args=[code, month])}#row-{logs[0].appointment_id}"
    return redirect(back)


def _shown(request: HttpRequest) -> dict[int, int]:
    """The version of each record that stood on the page: what came in meanwhile nobody saw."""
    found = re.findall(r"([0-9]{1,18})\.([0-9]{1,9})", request.POST.get("logs", ""))
    return {int(pk): int(version) for pk, version in found[:_MOST]}


def _verify(request: HttpRequest, logs: Sequence[ServiceLog]) -> None:
    moved = review_all(
        by=actor_of(request), logs=logs, now=timezone.now(), versions=_shown(request)
    )
    _say(request, moved)


def _logs(township: Township, month: Period, pks: Iterable[int]) -> list[ServiceLog]:
    """Those of them that are this township's and this month's."""
    logs = ServiceLog.objects.within(month).filter(appointment__village__township=township)
    return list(
        logs.filter(pk__in=pks)
        .select_related("advisor", "appointment__village__township")
        .order_by("advisor", "service_date", "pk")
    )


def _reason(request: HttpRequest) -> str:
    """What was tapped, and what was written beside it."""
    chip, more = request.POST.get("reason", ""), request.POST.get("more", "").strip()
    return "：".join(part for part in (chip if chip in REASONS else "", more) if part)


def _say(request: HttpRequest, moved: Moved) -> None:
    if moved.done:
        messages.success(request, f"已核验{moved.done}条记录。")
    for skipped in moved.skipped:
        log = skipped.log
        what = f"{log.appointment.village.short_name}{log.service_date:%-m月%-d日}{log.advisor}"
        messages.warning(request, f"未核验：{what}，{skipped.why}")
    if not (moved.done or moved.skipped):
        messages.info(request, "没有可以核验的记录，未作改动。")


def do(request: HttpRequest, deed: Callable[[], object], said: str) -> None:
    """Try a deed, and tell how it went: ``said``, or the sentence of its refusal."""
    try:
        deed()
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)


@require_safe
def months(request: HttpRequest, code: str) -> HttpResponse:
    """The bureau's months and townships at one sight."""
    viewer, today = viewer_of(request), timezone.localdate()
    bureau = bureau_seen(request, code, Thing.FIGURES)
    page = grid(bureau=bureau, until=last_month_asked(request, today), today=today, viewer=viewer)
    return render(request, "assessments/months.html", {"grid": page})


# ── the hand-over ───────────────────────────────────────────────────────────────────────────────


def submit(request: HttpRequest, code: str, month: Period) -> HttpResponse:
    township = own_township(request, code)
    if request.method == "POST":
        deed = partial(
            submit_month,
            by=actor_of(request),
            township=township,
            month=month,
            today=timezone.localdate(),
            unreviewed_too=request.POST.get("unreviewed_too") == "1",
        )
        do(request, deed, f"{month.label}已报送{township.bureau.name}。")
    return redirect("review", code, month)


def take_back(request: HttpRequest, code: str, month: Period) -> HttpResponse:
    township = own_township(request, code)
    if request.method == "POST":
        deed = partial(take_back_month, by=actor_of(request), township=township, month=month)
        do(request, deed, f"已撤回{month.label}的报送。")
    return redirect("review", code, month)


def accept(request: HttpRequest, code: str, month: Period) -> HttpResponse:
    township = _bureaus_township(request, code)
    if request.method == "POST":
        deed = partial(accept_month, by=actor_of(request), township=township, month=month)
        do(request, deed, f"已接收{township.name}{month.label}。")
    return redirect("township-month", code, month)


def send_back(request: HttpRequest, code: str, month: Period) -> HttpResponse:
    township = _bureaus_township(request, code)
    if request.method == "POST":
        deed = partial(
            return_month,
            by=actor_of(request),
            township=township,
            month=month,
            reason=request.POST.get("reason", ""),
        )
        do(request, deed, f"已将{month.label}退回{township.name}。")
    return redirect("township-month", code, month)


def act_for(request: HttpRequest, code: str, month: Period) -> HttpResponse:
    """The bureau hands in what the office has not."""
    township = _bureaus_township(request, code)
    if request.method == "POST":
        deed = partial(
            submit_for_silent_office,
            by=actor_of(request),
            township=township,
            month=month,
            today=timezone.localdate(),
        )
        do(request, deed, f"已由局代办{township.name}{month.label}的报送，标明未经司法所审核。")
    return redirect("township-month", code, month)


def reopen(request: HttpRequest, code: str, month: Period) -> HttpResponse:
    """The bureau opens one village of the township, named in the form, for a reason."""
    township = _bureaus_township(request, code)
    return _opened(request, township, month, "已开锁", supplements_only=False)


def open_supplements(request: HttpRequest, code: str, month: Period) -> HttpResponse:
    """The office opens one of its villages, for what was not there at the close (A16)."""
    township = own_township(request, code)
    return _opened(request, township, month, "已开放补录", supplements_only=True)


def _opened(
    request: HttpRequest, township: Township, month: Period, done: str, *, supplements_only: bool
) -> HttpResponse:
    if request.method == "POST":
        own = Village.objects.filter(township=township).select_related("township")
        village = get_object_or_404(own, code=request.POST.get("village", ""))
        deed = partial(
            reopen_village,
            by=actor_of(request),
            village=village,
            month=month,
            reason=request.POST.get("reason", ""),
            supplements_only=supplements_only,
        )
        rest = "3天后自动锁上；其他村（社区）不受影响。"
        do(request, deed, f"{village.short_name}{month.label}{done}，{rest}")
    return redirect("township-month", township.code, month)
