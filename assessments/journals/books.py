"""The month's paper journal: given a number, received by the office, reviewed (JC-47).

The paper is what the text asks for, so the filing that the policy counts is the paper's receipt,
dated with the day on which it was handed over.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from advisors.models import Appointment
from advisors.rules import clean_reason
from assessments.enums import BookOutcome
from assessments.journals.journal import Journal
from assessments.models import MonthlyBook
from lawadvisor.foundation import audit
from lawadvisor.foundation.errors import Conflict, DomainError
from lawadvisor.foundation.locks import hold
from lawadvisor.foundation.periods import Period, local_date
from lawadvisor.foundation.viewer import Actor
from worklogs.enums import FilingKind, FilingState
from worklogs.models import Filing


def number_of(appointment: Appointment, month: Period) -> str:
    """What the paper is called: month, village and term, so that no two are alike."""
    return f"{month.code}-{appointment.village.code}-{appointment.pk}"


def book_of(appointment: Appointment, month: Period) -> MonthlyBook | None:
    return (
        MonthlyBook.objects.filter(number=number_of(appointment, month))
        .select_related("filing")
        .first()
    )


@transaction.atomic
def issue_book(*, by: Actor, journal: Journal, now: datetime) -> MonthlyBook:
    """Register that the month's journal is printed as it stands; again: as it stands now.

    ``journal`` is a month's, as its own advisor sees it. Raises DomainError for a month that has
    not begun or has no records, and Conflict once the office has the paper.
    """
    appointment, month = journal.appointment, journal.period
    if month.start > local_date(now):
        raise DomainError(f"{month.label}还没有开始。", field="month")
    if not journal.sheets:
        raise DomainError(f"{month.label}没有已提交的服务记录，不需要打印工作日志。", field="month")
    hold(f"book:{number_of(appointment, month)}")
    book = book_of(appointment, month)
    if book is not None and book.filing.state == FilingState.RECEIVED:
        raise Conflict("司法所已签收这份工作日志；需要更换的，请司法所先退回。")
    if book is None:
        book = MonthlyBook(filing=_filing(appointment, month), number=number_of(appointment, month))
    book.checksum, book.records, book.issued_at = journal.checksum, len(journal.sheets), now
    book.save()
    _record(by, "book.issue", book, after={"number": book.number, "records": book.records})
    return book


@transaction.atomic
def receive_book(*, by: Actor, book: MonthlyBook, day: date, today: date) -> MonthlyBook:
    """The office has the paper, handed over on ``day``; from then on it counts.

    Raises DomainError for a day before the month or after ``today``, Conflict for a second time.
    """
    book = _locked(book)
    filing = book.filing
    if filing.state == FilingState.RECEIVED:
        raise Conflict("这份工作日志已签收。")
    if not filing.period_start <= day <= today:
        raise DomainError("签收日期应在当月第一天以后，且不晚于今天。", field="day")
    filing.state, filing.filed_on = FilingState.RECEIVED, day
    filing.save(update_fields=("state", "filed_on"))
    book.received_by, book.outcome, book.opinion = by.name, "", ""
    book.reviewed_by, book.reviewed_at = "", None
    book.save()
    _record(by, "book.receive", book, after={"date": day.isoformat()})
    return book


@transaction.atomic
def review_book(
    *, by: Actor, book: MonthlyBook, outcome: str, opinion: str, now: datetime
) -> MonthlyBook:
    """Pass it, or give it back for a reason: then it counts no longer, and is printed anew.

    Raises Conflict before the receipt, DomainError for no known outcome or no reason.
    """
    book = _locked(book)
    if book.filing.state != FilingState.RECEIVED:
        raise Conflict("请先签收，再审核。")
    if outcome not in BookOutcome.values:
        raise DomainError("请选择审核结果。", field="outcome")
    opinion = clean_reason(opinion, field="opinion")
    if outcome == BookOutcome.RETURNED:
        if not opinion:
            raise DomainError("请写明退回的原因。", field="opinion")
        book.filing.state, book.filing.filed_on = FilingState.DRAFT, None
        book.filing.save(update_fields=("state", "filed_on"))
    book.outcome, book.opinion = outcome, opinion
    book.reviewed_by, book.reviewed_at = by.name, now
    book.save()
    _record(by, "book.review", book, after={"outcome": outcome}, reason=opinion)
    return book


def _locked(book: MonthlyBook) -> MonthlyBook:
    hold(f"book:{book.number}")
    return MonthlyBook.objects.select_related("filing").get(pk=book.pk)


def _filing(appointment: Appointment, month: Period) -> Filing:
    """The one that is there already, or a draft."""
    filing, _ = Filing.objects.get_or_create(
        kind=FilingKind.LOGBOOK,
        village=appointment.village,
        advisor_id=appointment.advisor_id,
        period_start=month.start,
        defaults={
            "bureau_id": appointment.village.township.bureau_id,
            "period_end": month.end,
            "title": f"{appointment.village.short_name}{month.label}{FilingKind.LOGBOOK.label}",
        },
    )
    return filing


def _record(
    by: Actor, verb: str, book: MonthlyBook, *, after: dict[str, object], reason: str = ""
) -> None:
    audit.record(
        by=by,
        verb=verb,
        subject=book,
        bureau_id=book.filing.bureau_id,
        after=after,
        reason=reason,
    )
