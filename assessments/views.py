"""The desks of bureau and township: fetch within scope, ask one function, answer."""

from __future__ import annotations

import logging
import re
from io import BytesIO

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_safe

from advisors.rules import REASON_LENGTH
from assessments.annex import annex_of
from assessments.desk import (
    JOBS_PER_DESK,
    file_name,
    township_page,
)
from assessments.enums import FileFormat, ReportKey
from assessments.evidence import VerdictPage, running_page, verdict_page
from assessments.left import standing_of, unfinished_in
from assessments.matrix import Asked, matrix
from assessments.models import GeneratedFile, MonthClose, Verdict
from assessments.months import last_month_asked, month_asked, not_before
from assessments.overview import bureau_page
from assessments.paper_pages import papers_asked
from assessments.papers import CONTENT_TYPES, document_of, path_of
from assessments.querysets import reports_seen_by
from assessments.review.todo import todo
from assessments.revisions import came_since
from assessments.seen import bureau_seen, township_seen
from assessments.stages import closing
from lawadvisor.foundation.paper import render as render_paper
from lawadvisor.foundation.periods import Period
from lawadvisor.foundation.requests import viewer_of
from lawadvisor.foundation.roles import Thing, Verb
from lawadvisor.foundation.tables import Document, as_json
from lawadvisor.foundation.viewer import Viewer
from villages.models import Bureau, Township, Village

logger = logging.getLogger(__name__)

FILE_GONE = "文件缺失，请联系管理员。"


# ---------------------------------------------------------------- the bureau's desk


def _bureau(request: HttpRequest, code: str) -> Bureau:
    return bureau_seen(request, code, Thing.FIGURES)


def _daily_work(viewer: Viewer) -> dict[str, bool]:
    """Which pages besides the figures this desk works with."""
    return {
        "sees_calls": viewer.sees(Thing.REQUESTS),
        "keeps_trainings": viewer.may(Verb.KEEP_TRAININGS),
    }


@require_safe
def bureau_latest(request: HttpRequest, code: str) -> HttpResponse:
    return redirect("bureau-month", _bureau(request, code).code, month_asked(request))


@require_safe
def bureau_month(request: HttpRequest, code: str, month: Period) -> HttpResponse:
    bureau, viewer = _bureau(request, code), viewer_of(request)
    today = not_before(month)
    page = bureau_page(bureau=bureau, month=month, today=today, viewer=viewer)
    own, stand = viewer.may(Verb.CLOSE_MONTH, bureau=bureau.pk), page.closing
    context = {
        "page": page,
        "own": own,
        "may_close": own and month.end <= today and stand.is_new,
        "may_reclose": own and (stand.judged or stand.left) and not stand.running,
        "since": came_since(stand.judged, viewer=viewer) if own and stand.judged else None,
        "reason_length": REASON_LENGTH,
        "owed": standing_of(bureau, today) if page.is_running else (),
        "jobs_each": JOBS_PER_DESK,
        "asked": papers_asked(viewer),
        "code": bureau.code,
        "imports": viewer.may(Verb.IMPORT, bureau=bureau.pk),
        "spots": viewer.sees(Thing.FILINGS) and viewer.sees(Thing.RECORDS),
        "keeps_accounts": viewer.may(Verb.KEEP_ACCOUNTS, bureau=bureau.pk),
        "fills_forms": viewer.may(Verb.FILL_FORMS, bureau=bureau.pk),
        **_daily_work(viewer),
    }
    return render(request, "assessments/bureau.html", context)


@require_safe
def bureau_report(
    request: HttpRequest, code: str, month: Period, report: ReportKey
) -> HttpResponse:
    """The bureau's own paper on the screen, on a page of its own: exceptions are many."""
    return _report(request, _bureau(request, code), month, report, "bureau-month")


@require_safe
def bureau_report_json(
    request: HttpRequest, code: str, month: Period, report: ReportKey
) -> HttpResponse:
    return _as_json(_judged(request, _bureau(request, code), month, report), None, report)


@require_safe
def bureau_matrix(request: HttpRequest, code: str) -> HttpResponse:
    """All villages × twelve months, up to ``?until=2026-11`` (the running month without)."""
    bureau, today = _bureau(request, code), timezone.localdate()
    advisor = request.GET.get("advisor", "")
    asked = Asked(
        until=last_month_asked(request, today),
        township=request.GET.get("township", ""),
        advisor=int(advisor) if re.fullmatch(r"[0-9]{1,9}", advisor) else None,
        klass=request.GET.get("class", ""),
        left=request.GET.get("left") == "1",
    )
    page = matrix(bureau=bureau, asked=asked, today=today, viewer=viewer_of(request))
    return render(request, "assessments/matrix.html", {"page": page})


# ---------------------------------------------------------------- the township's desk


def _township(request: HttpRequest, code: str) -> Township:
    return township_seen(request, code, Thing.FIGURES)


@require_safe
def township_latest(request: HttpRequest, code: str) -> HttpResponse:
    return redirect("township-month", _township(request, code).code, month_asked(request))


@require_safe
def township_month(request: HttpRequest, code: str, month: Period) -> HttpResponse:
    township, viewer = _township(request, code), viewer_of(request)
    today = not_before(month)
    page = township_page(township=township, month=month, today=today, viewer=viewer)
    judged = page.closing.judged
    sees_records = viewer.sees(Thing.RECORDS)
    tasks = None
    if sees_records:
        tasks = todo(township=township, month=month, today=today, viewer=viewer)
    may_close = viewer.may(Verb.CLOSE_MONTH, bureau=township.bureau_id)
    context = {
        "page": page,
        "todo": tasks,
        "may_close": may_close,
        "may_act_for": may_close and tasks is not None and tasks.standing.is_late(today),
        "may_review": viewer.may(Verb.REVIEW),
        "own_villages": Village.objects.visible_to(viewer).active().filter(township=township),
        "reason_length": REASON_LENGTH,
        "summary": ReportKey.MONTHLY_SUMMARY,
        "document": _kept(judged, township, ReportKey.MONTHLY_SUMMARY) if judged else None,
        "asked": papers_asked(viewer),
        "code": township.code,
        "unfinished": unfinished_in(township, today) if today in month else None,
        "sees_bureau": viewer.sees_all or township.bureau_id in viewer.bureaus,
        "sees_records": sees_records,
        **_daily_work(viewer),
    }
    return render(request, "assessments/township.html", context)


@require_safe
def report_json(request: HttpRequest, code: str, month: Period, report: ReportKey) -> HttpResponse:
    township = _township(request, code)
    return _as_json(_judged(request, township.bureau, month, report), township, report)


@require_safe
def township_report(
    request: HttpRequest, code: str, month: Period, report: ReportKey
) -> HttpResponse:
    """The township's paper as it was kept, on a page of its own."""
    return _report(request, _township(request, code), month, report, "township-month")


# ---------------------------------------------------------------- papers and verdicts


def _report(
    request: HttpRequest, place: Bureau | Township, month: Period, report: ReportKey, back: str
) -> HttpResponse:
    township = place if isinstance(place, Township) else None
    bureau = place.bureau if isinstance(place, Township) else place
    context = {
        "place": place.name,
        "back": reverse(back, args=[place.code, month]),
        "month": month,
        "report": report,
        "document": _kept(_judged(request, bureau, month, report), township, report),
    }
    return render(request, "assessments/report.html", context)


def _judged(request: HttpRequest, bureau: Bureau, month: Period, report: ReportKey) -> MonthClose:
    """The close whose paper is shown; Http404 before the first has come to its end, and for
    whoever does not see what this paper shows."""
    if report not in reports_seen_by(viewer_of(request)):
        raise Http404
    stand = closing(bureau=bureau, month=month, viewer=viewer_of(request))
    if stand.judged is None:
        raise Http404
    return stand.judged


def _kept(close: MonthClose, township: Township | None, report: ReportKey) -> Document | None:
    """A paper as it was kept; None when its file is gone or was altered: a page stands without."""
    try:
        return document_of(close, township.pk if township else None, report)
    except (OSError, ValueError):
        logger.exception("%s of %s cannot be read", report, close)
        return None


def _as_json(close: MonthClose, township: Township | None, report: ReportKey) -> HttpResponse:
    document = _kept(close, township, report)
    found = {"detail": FILE_GONE} if document is None else as_json(document)
    status = 503 if document is None else 200
    return JsonResponse(found, status=status, json_dumps_params={"ensure_ascii": False})


@require_safe
def download(request: HttpRequest, pk: int, name: str) -> HttpResponseBase:  # noqa: ARG001
    """A kept paper. ``name`` only tells the reader of a link what it is."""
    files = GeneratedFile.objects.visible_to(viewer_of(request))
    file = get_object_or_404(files.select_related("township", "close__bureau"), pk=pk)
    etag = f'"{file.checksum}"'
    unchanged = get_conditional_response(request, etag=etag)
    response = unchanged or _stream(file)
    response.headers["ETag"] = etag
    response.headers["X-Content-Type-Options"] = "nosniff"
    patch_cache_control(response, private=True, no_cache=True)
    return response


def _stream(file: GeneratedFile) -> FileResponse:
    try:
        content = path_of(file).open("rb")
    except FileNotFoundError:
        raise Http404 from None
    return FileResponse(
        content,
        as_attachment=True,
        filename=file_name(file),
        content_type=CONTENT_TYPES[FileFormat(file.format)],
    )


def _verdict_page(request: HttpRequest, pk: int) -> VerdictPage:
    viewer = viewer_of(request)
    verdicts = Verdict.objects.visible_to(viewer).select_related(
        *("rule__policy", "close__bureau", "scope_township"),
        *("advisor", "village", "township", "team", "organisation"),
        *("appointment__advisor", "appointment__village"),
    )
    return verdict_page(get_object_or_404(verdicts, pk=pk), viewer)


def _show_verdict(request: HttpRequest, page: VerdictPage) -> HttpResponse:
    viewer = viewer_of(request)
    at_home = bool(viewer.bureaus or viewer.townships or viewer.sees_all)
    return render(request, "assessments/verdict.html", {"page": page, "sees_township": at_home})


@require_safe
def verdict(request: HttpRequest, pk: int) -> HttpResponse:
    return _show_verdict(request, _verdict_page(request, pk))


@require_safe
def verdict_annex(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The same on paper, made on the spot: one page or two."""
    page = _verdict_page(request, pk)
    content = render_paper(annex_of(page, made_at=timezone.localtime()))
    name = f"{page.subject}{page.judged.period.label}{page.title}达标结论说明.pdf"
    return FileResponse(
        BytesIO(content), as_attachment=True, filename=name, content_type="application/pdf"
    )


@require_safe
def running_verdict(request: HttpRequest, code: str, key: str, kind: str, pk: int) -> HttpResponse:
    """How one subject stands by one rule in the period that runs, judged now."""
    page = running_page(
        bureau=get_object_or_404(Bureau, code=code),
        key=key,
        kind=kind,
        pk=pk,
        today=timezone.localdate(),
        viewer=viewer_of(request),
    )
    if page is None:
        raise Http404
    return _show_verdict(request, page)
