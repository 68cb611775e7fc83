"""Journals and records of lectures: on a page, on paper, and the paper's way through the office."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from io import BytesIO

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from advisors.models import Appointment
from advisors.rules import REASON_LENGTH
from assessments.changes import journal_number, last_change
from assessments.check_codes import address_of, of_change
from assessments.enums import BookOutcome, FileFormat, PaperKey
from assessments.journals import journal as journals
from assessments.journals.books import book_of, issue_book, number_of, receive_book, review_book
from assessments.journals.journal import Journal
from assessments.journals.lectures import LectureRecord, lecture_record
from assessments.journals.photos import TAUGHT, Photo, assets
from assessments.models import MonthlyBook
from assessments.months import not_before
from assessments.papers import CONTENT_TYPES
from lawadvisor.accounts.requests import actor_of
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.paper import print_sheet
from lawadvisor.foundation.periods import Period, PeriodKind
from lawadvisor.foundation.qr import as_svg
from lawadvisor.foundation.requests import unkept, viewer_of
from lawadvisor.foundation.roles import Thing, Verb
from worklogs.models import Matter, ServiceLog
from worklogs.rules import parse_day

#: Sheets that a reader waits for on paper, about five seconds.
MOST_SHEETS = 150
_TERM = ("village__township__bureau", "advisor__organisation")


def _term(request: HttpRequest, pk: int) -> Appointment:
    """A term whose records the viewer sees; else it looks like one that is not there."""
    viewer = viewer_of(request)
    if not viewer.sees(Thing.RECORDS):
        raise Http404
    terms = Appointment.objects.visible_to(viewer).select_related(*_TERM)
    return get_object_or_404(terms, pk=pk)


def _journal(request: HttpRequest, pk: int, period: Period) -> Journal:
    if period.kind not in (PeriodKind.MONTH, PeriodKind.YEAR):
        raise Http404
    not_before(period)
    return journals.collect(viewer_of(request), _term(request, pk), period)


@unkept
@require_safe
def journal(request: HttpRequest, pk: int, period: Period) -> HttpResponse:
    """A month's book or a year's volume, as it will be printed, and where the paper stands."""
    found = _journal(request, pk, period)
    viewer, term = viewer_of(request), found.appointment
    book = book_of(term, period) if viewer.sees(Thing.FILINGS) and not found.is_volume else None
    context = {
        **_told(found),
        "book": book,
        "changed": book is not None and book.checksum != journals.sealed_state(term, period),
        "issues": viewer.advisor == term.advisor_id and not found.is_volume,
        "receives": viewer.may(Verb.REVIEW) and not found.is_volume,
        "outcomes": BookOutcome.choices,
        "today": timezone.localdate(),
        "reason_length": REASON_LENGTH,
        "year": Period.containing(PeriodKind.YEAR, period.start),
    }
    return render(request, "journals/journal_page.html", context)


@unkept
@require_safe
def journal_file(request: HttpRequest, pk: int, period: Period) -> HttpResponseBase:
    found = _journal(request, pk, period)
    if len(found.sheets) > MOST_SHEETS:
        said = f"本册共{len(found.sheets)}条记录，超过{MOST_SHEETS}条，请按月打印。"
        messages.error(request, said)
        return redirect("journal", pk, period)
    village = found.appointment.village.short_name
    name = "年度卷" if found.is_volume else "月册"
    title = f"{village}{found.appointment.advisor.name}{period.label}工作日志{name}"
    book = None if found.is_volume else book_of(found.appointment, period)
    return _printed(
        "journals/journal.html",
        {**_told(found), "book": book},
        _address("a", pk, period, found.appointment),
        _photos(found),
        title,
    )


@unkept
@require_safe
def sheet_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One session's sheet alone."""
    log = get_object_or_404(ServiceLog.objects.visible_to(viewer_of(request)), pk=pk)
    term = _term(request, log.appointment_id)
    month = Period.containing(PeriodKind.MONTH, log.service_date)
    found = journals.collect(viewer_of(request), term, month, only=pk)
    if not found.sheets:
        raise Http404
    title = f"{term.village.short_name}{term.advisor.name}{log.service_date}工作日志"
    return _printed(
        "journals/journal.html",
        {**_told(found), "book": None, "single": True},
        _address("s", pk, month, term),
        _photos(found),
        title,
    )


def _told(found: Journal) -> dict[str, object]:
    return {
        "journal": found,
        "term": found.appointment,
        "village": found.appointment.village,
        "number": number_of(found.appointment, found.period),
        "printed": False,
        "single": False,
    }


def _photos(found: Journal) -> Iterable[Photo]:
    return (photo for sheet in found.sheets for entry in sheet.entries for photo in entry.photos)


def _address(place: str, pk: int, period: Period, term: Appointment) -> str:
    only = pk if place == "s" else None
    change = journal_number(journals.sealed_state(term, period, only=only))
    return address_of(of_change(PaperKey.JOURNAL, place, pk, period, change))


def _printed(
    template: str,
    context: Mapping[str, object],
    address: str,
    photos: Iterable[Photo],
    title: str,
) -> FileResponse:
    now = timezone.localtime()
    content = print_sheet(
        template,
        {**context, "printed": True, "qr": as_svg(address), "made": now},
        made=now,
        assets=assets(photos),
        style="journal",
    )
    return FileResponse(
        BytesIO(content),
        as_attachment=True,
        filename=f"{title}.pdf",
        content_type=CONTENT_TYPES[FileFormat.PDF],
    )


# ── the month's paper ───────────────────────────────────────────────────────────────────────────


@require_POST
def issue(request: HttpRequest, pk: int, month: Period) -> HttpResponse:
    """Its advisor registers that he prints the month as it stands."""
    term = _term(request, pk)
    if viewer_of(request).advisor != term.advisor_id:
        raise PermissionDenied
    found = journals.collect(journals.as_advisor(term), term, month)
    try:
        book = issue_book(by=actor_of(request), journal=found, now=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"已登记，编号{book.number}。请打印签名后交司法所。")
    return redirect("journal", pk, month)


@require_POST
def receive(request: HttpRequest, pk: int, month: Period) -> HttpResponse:
    """The office receives the paper, and reviews it."""
    term, viewer = _term(request, pk), viewer_of(request)
    if not viewer.may(Verb.REVIEW):
        raise PermissionDenied
    book = book_of(term, month)
    if book is None:
        raise Http404
    try:
        messages.success(request, _office_deed(request, book))
    except DomainError as refusal:
        messages.error(request, str(refusal))
    return redirect("journal", pk, month)


def _office_deed(request: HttpRequest, book: MonthlyBook) -> str:
    """What was done, in a sentence; Http404 for a wish that is none."""
    by, wish = actor_of(request), request.POST.get("wish", "")
    if wish == "receive":
        day = parse_day(request.POST.get("day", ""), field="day")
        receive_book(by=by, book=book, day=day, today=timezone.localdate())
        return "已签收。"
    if wish == "review":
        review_book(
            by=by,
            book=book,
            outcome=request.POST.get("outcome", ""),
            opinion=request.POST.get("opinion", ""),
            now=timezone.now(),
        )
        return "审核意见已保存。"
    raise Http404


# ── lectures ────────────────────────────────────────────────────────────────────────────────────


def _lecture(request: HttpRequest, pk: int) -> LectureRecord:
    viewer = viewer_of(request)
    matters = (
        Matter.objects.visible_to(viewer)
        .filter(kind__in=TAUGHT)
        .select_related(*(f"log__appointment__{path}" for path in _TERM))
        .prefetch_related("attachments")
    )
    return lecture_record(get_object_or_404(matters, pk=pk), viewer)


@unkept
@require_safe
def lecture(request: HttpRequest, pk: int) -> HttpResponse:
    context = {"lecture": _lecture(request, pk), "printed": False}
    return render(request, "journals/lecture_page.html", context)


@unkept
@require_safe
def lecture_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    found = _lecture(request, pk)
    month = Period.containing(PeriodKind.MONTH, found.day)
    change = last_change(PaperKey.LECTURE, "m", pk, month)
    return _printed(
        "journals/lecture.html",
        {"lecture": found},
        address_of(of_change(PaperKey.LECTURE, "m", pk, month, change)),
        found.photos,
        f"{found.host}{found.day}{found.kind}记录表",
    )
