"""Papers that are asked for: fetch within scope, collect one definition, answer as page or file."""

from __future__ import annotations

from io import BytesIO

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from assessments.bundles import bundle
from assessments.check_codes import read
from assessments.enums import THING_OF, FileFormat, PaperKey, ReportKey
from assessments.months import not_before
from assessments.paper_check import answer_of
from assessments.papers import CONTENT_TYPES
from assessments.reports import DESK_PAPERS, PREVIEWED, half_year, made_when_asked, preview
from assessments.reports.asked import AskedDesk
from assessments.seen import bureau_seen, township_seen
from assessments.stages import closing
from lawadvisor.accounts.requests import actor_of
from lawadvisor.foundation import paper, sheets
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.periods import Period, PeriodKind
from lawadvisor.foundation.requests import unkept, viewer_of
from lawadvisor.foundation.roles import Thing
from lawadvisor.foundation.tables import Document
from lawadvisor.foundation.viewer import Viewer
from villages.models import Bureau, Township

#: Rows that a reader waits for: as PDF about five seconds, on a page for the browser.
MOST_PRINTED, MOST_SHOWN = 300, 500
_WRITERS = {FileFormat.PDF: paper.render, FileFormat.XLSX: sheets.write}


@login_not_required
@require_safe
def check(request: HttpRequest, code: str) -> HttpResponse:
    """For whoever holds a paper, signed in or not: is it current?"""
    printed = read(code)
    answer = answer_of(printed) if printed else None
    context = {"answer": answer}
    return render(request, "reports/check.html", context, status=200 if answer else 404)


def papers_asked(viewer: Viewer) -> tuple[PaperKey, ...]:
    """Those that a desk's page offers to this viewer."""
    return tuple(key for key in DESK_PAPERS if viewer.sees(THING_OF[key]))


# ── the desks ───────────────────────────────────────────────────────────────────────────────────


@unkept
@require_safe
def bureau_page(
    request: HttpRequest, code: str, period: Period, key: PaperKey | ReportKey
) -> HttpResponse:
    return _page(request, _bureau(request, code, key), None, period, key)


@unkept
@require_safe
def bureau_file(
    request: HttpRequest, code: str, period: Period, key: PaperKey | ReportKey, form: FileFormat
) -> HttpResponseBase:
    return _file(request, _bureau(request, code, key), None, period, key, form)


@unkept
@require_safe
def township_page(
    request: HttpRequest, code: str, period: Period, key: PaperKey | ReportKey
) -> HttpResponse:
    township = _township(request, code, key)
    return _page(request, township.bureau, township, period, key)


@unkept
@require_safe
def township_file(
    request: HttpRequest, code: str, period: Period, key: PaperKey | ReportKey, form: FileFormat
) -> HttpResponseBase:
    township = _township(request, code, key)
    return _file(request, township.bureau, township, period, key, form)


@require_POST
def bureau_bundle(request: HttpRequest, code: str, month: Period) -> HttpResponseBase:
    """All papers of a closed month in one file; who took it is written down."""
    bureau, viewer = _bureau(request, code, PaperKey.TREND), viewer_of(request)
    judged = closing(bureau=bureau, month=month, viewer=viewer).judged
    if judged is None:
        raise Http404
    content, name = bundle(close=judged, viewer=viewer, by=actor_of(request))
    return FileResponse(content, as_attachment=True, filename=name, content_type="application/zip")


def _bureau(request: HttpRequest, code: str, key: PaperKey | ReportKey) -> Bureau:
    return bureau_seen(request, code, Thing.FIGURES, THING_OF[key])


def _township(request: HttpRequest, code: str, key: PaperKey | ReportKey) -> Township:
    return township_seen(request, code, Thing.FIGURES, THING_OF[key])


def _page(
    request: HttpRequest,
    bureau: Bureau,
    township: Township | None,
    period: Period,
    key: PaperKey | ReportKey,
) -> HttpResponse:
    name, code = ("township", township.code) if township else ("bureau", bureau.code)
    period = _fitting(period, key)
    if isinstance(key, ReportKey) and _is_closed(request, bureau, period):
        return redirect(f"{name}-report", code, period, key)
    try:
        document = _collected(request, bureau, township, period, key)
    except DomainError as refusal:
        document, refused = None, str(refusal)
    else:
        refused = ""
    context = {
        "document": document,
        "refused": refused,
        "too_long": document is not None and document.row_count > MOST_SHOWN,
        "printable": document is not None and document.row_count <= MOST_PRINTED,
        "title": key.label,
        "back": reverse(f"{name}-month", args=[code, _month_of(period)]),
        "place": township.name if township else bureau.name,
        "period": period,
        "file_page": f"{name}-paper-file",
        "code": code,
        "key": key,
    }
    return render(request, "reports/asked.html", context)


def _file(
    request: HttpRequest,
    bureau: Bureau,
    township: Township | None,
    period: Period,
    key: PaperKey | ReportKey,
    form: FileFormat,
) -> HttpResponseBase:
    name, code = ("township", township.code) if township else ("bureau", bureau.code)
    period = _fitting(period, key)
    page = redirect(f"{name}-paper", code, period, key)
    if isinstance(key, ReportKey) and _is_closed(request, bureau, period):
        return page
    try:
        document = _collected(request, bureau, township, period, key)
        content = _written(document, form)
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return page
    return FileResponse(
        BytesIO(content),
        as_attachment=True,
        filename=f"{document.unit}{document.period}{key.label}{_mark(document)}.{form}",
        content_type=CONTENT_TYPES[form],
    )


def _written(document: Document, form: FileFormat) -> bytes:
    """Raises DomainError for a table that nobody would wait for."""
    if form is FileFormat.PDF and document.row_count > MOST_PRINTED:
        raise DomainError(
            f"本表共{document.row_count}行，超过{MOST_PRINTED}行的请下载 Excel 表格。"
        )
    return _WRITERS[form](document)


def _mark(document: Document) -> str:
    return f"（{document.watermark}）" if document.watermark else ""


def _fitting(period: Period, key: PaperKey | ReportKey) -> Period:
    """The period that the paper is about; Http404 for one that has not begun or does not fit."""
    not_before(period)
    if key is PaperKey.HALF_YEAR:
        return half_year.half_of(period)
    if key is not PaperKey.LEDGER and period.kind is not PeriodKind.MONTH:
        raise Http404
    return period


def _month_of(period: Period) -> Period:
    """The last month of a period that has begun."""
    day = min(period.last_day, timezone.localdate())
    return Period.containing(PeriodKind.MONTH, day)


def _is_closed(request: HttpRequest, bureau: Bureau, month: Period) -> bool:
    return closing(bureau=bureau, month=month, viewer=viewer_of(request)).judged is not None


def _collected(
    request: HttpRequest,
    bureau: Bureau,
    township: Township | None,
    period: Period,
    key: PaperKey | ReportKey,
) -> Document:
    now = timezone.now()
    if isinstance(key, PaperKey):
        desk = AskedDesk(viewer_of(request), bureau, township, period, now)
        return made_when_asked(key, desk)
    if key not in PREVIEWED:
        raise PermissionDenied
    return preview(
        key, bureau=bureau, township=township, month=period, now=now, today=timezone.localdate()
    )
