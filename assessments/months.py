"""The months that addresses name."""

from __future__ import annotations

import re
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.utils import timezone

from assessments.desk import MONTH_CODE, has_address, last_full_month
from lawadvisor.foundation.periods import Period, PeriodKind


def month_asked(request: HttpRequest, otherwise: Period | None = None) -> Period:
    """The month of ``?month=2026-10``; ``otherwise`` (None: the last full month) when it names
    none."""
    latest = otherwise or last_full_month(timezone.localdate())
    asked = request.GET.get("month", "")
    if not asked:
        return latest
    try:
        month = Period.parse(asked)
    except ValueError:
        month = None
    if month is None or not has_address(month):
        messages.error(request, f"月份“{asked[:20]}”不正确，应写作{latest.code}这样的年月。")
        return latest
    return month


def not_before(month: Period) -> date:
    """Today's date; Http404 for a month that has not begun."""
    today = timezone.localdate()
    if month.start > today:
        raise Http404
    return today


def last_month_asked(request: HttpRequest, today: date) -> Period:
    """The month of ``?until=2026-11``, at most the running one, which it is without."""
    running = Period.containing(PeriodKind.MONTH, today)
    asked = request.GET.get("until", "")
    return min(Period.parse(asked), running) if re.fullmatch(MONTH_CODE, asked) else running
