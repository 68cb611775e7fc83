"""The bureau's deeds on a month's close, and what one revision changed of the other."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from advisors.rules import REASON_LENGTH
from assessments.closing import (
    begin_close,
    halt_close,
    leave_close,
    reopen_close,
    resume_close,
)
from assessments.models import MonthClose
from assessments.review.pages import do
from assessments.revisions import changes_since
from assessments.seen import bureau_seen, township_seen
from assessments.stages import closing
from lawadvisor.accounts.requests import actor_of
from lawadvisor.foundation import audit, jobs
from lawadvisor.foundation.models import Job
from lawadvisor.foundation.periods import Period
from lawadvisor.foundation.requests import viewer_of
from lawadvisor.foundation.roles import Thing, Verb
from villages.models import Bureau, Township


def _own_bureau(request: HttpRequest, code: str) -> Bureau:
    """The bureau whose staff the viewer is: only they close a month."""
    bureau = bureau_seen(request, code, Thing.FIGURES)
    if not viewer_of(request).may(Verb.CLOSE_MONTH, bureau=bureau.pk):
        raise PermissionDenied
    return bureau


def _done(
    request: HttpRequest, bureau: Bureau, month: Period, deed: Callable[..., object], said: str
) -> HttpResponse:
    """A deed on the close of this month, and back to its page."""
    if request.method == "POST":
        act = partial(deed, bureau=bureau, month=month, by=actor_of(request))
        do(request, act, said)
    return redirect("bureau-month", bureau.code, month)


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "")[:REASON_LENGTH]


def close_month(request: HttpRequest, code: str, month: Period) -> HttpResponse:
    said = f"{month.label}已开始关账，完成前本页会自动更新。"
    return _done(request, _own_bureau(request, code), month, begin_close, said)


def reclose_month(request: HttpRequest, code: str, month: Period) -> HttpResponse:
    """Judge a closed month again, for a reason; the earlier revision stays beside the new one."""
    bureau = _own_bureau(request, code)
    deed = partial(reopen_close, reason=_reason(request))
    there = MonthClose.objects.filter(bureau=bureau, month=month.start).count()
    said = f"{month.label}开始重新核算，将生成第{there + 1}版；此前各版保留不变。"
    return _done(request, bureau, month, deed, said)


def halt(request: HttpRequest, code: str, month: Period) -> HttpResponse:
    said = f"{month.label}的关账已中止，可以继续，也可以放弃；未完成的结果不会显示为已关账。"
    return _done(request, _own_bureau(request, code), month, halt_close, said)


def resume(request: HttpRequest, code: str, month: Period) -> HttpResponse:
    said = f"{month.label}继续关账，已完成的不会重做。"
    return _done(request, _own_bureau(request, code), month, resume_close, said)


def leave(request: HttpRequest, code: str, month: Period) -> HttpResponse:
    bureau = _own_bureau(request, code)
    deed = partial(leave_close, reason=_reason(request))
    said = f"已放弃{month.label}的这次关账；需要时请写明事由重新核算。"
    return _done(request, bureau, month, deed, said)


def retry_job(request: HttpRequest, code: str, month: Period, pk: int) -> HttpResponse:
    bureau = _own_bureau(request, code)
    closes = MonthClose.objects.filter(bureau=bureau, month=month.start)
    job = get_object_or_404(Job, pk=pk, group__in=[close.group for close in closes])
    if request.method == "POST":
        with transaction.atomic():
            if again := jobs.retry(job):
                by = actor_of(request)
                audit.record(by=by, verb="job.retry", subject=job, bureau_id=bureau.pk)
        if again:
            messages.success(request, "已重新开始，完成前本页会自动更新。")
        else:
            messages.info(request, "这一项没有失败，未作改动。")
    return redirect("bureau-month", code, month)


# ── what a revision changed ─────────────────────────────────────────────────────────────────────


@require_safe
def bureau_changes(request: HttpRequest, code: str, month: Period) -> HttpResponse:
    return _changes(request, bureau_seen(request, code, Thing.FIGURES), None, month)


@require_safe
def township_changes(request: HttpRequest, code: str, month: Period) -> HttpResponse:
    township = township_seen(request, code, Thing.FIGURES)
    return _changes(request, township.bureau, township, month)


def _changes(
    request: HttpRequest, bureau: Bureau, township: Township | None, month: Period
) -> HttpResponse:
    """The newest finished revision beside the one before; Http404 where none was finished."""
    viewer = viewer_of(request)
    judged = closing(bureau=bureau, month=month, viewer=viewer).judged
    if judged is None:
        raise Http404
    changes = changes_since(judged, viewer=viewer, township=township)
    context = {"bureau": bureau, "township": township, "month": month, "judged": judged}
    return render(request, "assessments/changes.html", {**context, "changes": changes})
