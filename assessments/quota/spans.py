"""For which stretch of days a rule is judged: calendar, term, window, and due dates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from assessments.quota.facts import Term
from assessments.quota.rules import Due, Rule
from lawadvisor.foundation.periods import Period, PeriodKind

_ONE_DAY = timedelta(days=1)


class Span(NamedTuple):
    """One stretch of one rule. ``deadline`` is the first day after the last that can help."""

    period: Period
    deadline: date
    dues: tuple[date, ...] = ()
    only: frozenset[int] | None = None  # the appointments whose term it is; None is everybody


class Need(NamedTuple):
    """Records to load: ``kinds`` None is any; filings by what they cover, others by ``day``."""

    unit: str
    kinds: frozenset[str] | None
    start: date
    end: date


def spans_of(rule: Rule, period: Period, terms: Iterable[Term]) -> list[Span]:
    """The spans of a rule in force that ``period`` stands in, or that stand in it.

    A rule with due dates is judged in the month of its last date, and all along where its
    own period is longer than ``period``. ``terms`` matter to rules on a term only.
    """
    if rule.period is PeriodKind.TERM:
        found = _terms(terms, period)
    elif rule.period is PeriodKind.WINDOW:
        found = _window(rule, period)
    elif rule.due is not None:
        found = _dues(rule.period, rule.due, period)
    else:
        found = [Span(span, span.end) for span in _calendar(rule.period, period)]
    return [span for span in found if rule.applies.in_force(span.period.start)]


def needs(rules: Iterable[Rule], period: Period, terms: Sequence[Term] = ()) -> list[Need]:
    """What a caller must put into ``Facts.records`` to judge these rules.

    One per unit and span: the spans of the same kinds are widened into one, then the kinds
    of the same span are put together, so that nothing has to be read twice.
    """
    spans: dict[tuple[str, frozenset[str] | None], tuple[date, date]] = {}
    for rule in rules:
        if rule.records is not None and (around := spans_of(rule, period, terms)):
            start = min(span.period.start for span in around)
            end = max(span.period.end for span in around)
            same = rule.records.unit, rule.records.kinds
            known = spans.get(same, (start, end))
            spans[same] = min(start, known[0]), max(end, known[1])
    merged: dict[tuple[str, date, date], frozenset[str] | None] = {}
    for (unit, kinds), (start, end) in spans.items():
        other = merged.get((unit, start, end), frozenset())
        merged[unit, start, end] = None if kinds is None or other is None else kinds | other
    return sorted(
        (Need(unit, kinds, start, end) for (unit, start, end), kinds in merged.items()),
        key=lambda need: (need.unit, need.start, need.end),
    )


def last_third(span: Period) -> date:
    """First day of it: the 3rd month of a quarter, September of a year, else by days."""
    months = {PeriodKind.QUARTER: 2, PeriodKind.HALF_YEAR: 4, PeriodKind.YEAR: 8}
    if span.kind in months:
        return span.start.replace(month=span.start.month + months[span.kind])
    return span.start + timedelta(days=-(-span.days * 2 // 3))


def _calendar(kind: PeriodKind, period: Period) -> list[Period]:
    """The one around ``period``, or all shorter ones beginning in it."""
    span = Period.containing(kind, period.start)
    found = [span] if span.end >= period.end else []
    while not found or found[-1].end < period.end:
        if span.start >= period.start:
            found.append(span)
        span = span.next()
    return found


def _window(rule: Rule, period: Period) -> list[Span]:
    if rule.window is None:
        return []
    span = Period(rule.window[0], rule.window[1] + _ONE_DAY, PeriodKind.WINDOW)
    dues = _due_dates(rule.due, span) if rule.due else ()
    deadline = max((span.end, *(due + _ONE_DAY for due in dues)))
    touches = span.start < period.end and period.start < deadline
    return [Span(span, deadline, dues)] if touches else []


def _dues(kind: PeriodKind, due: Due, period: Period) -> list[Span]:
    span = Period.containing(kind, period.start - timedelta(days=max(due.after, default=0)))
    found = []
    while span.start < period.end:
        dates = _due_dates(due, span)
        around = span.days > period.days and span.start <= period.start
        if dates[-1] in period or (around and period.start < span.end):
            found.append(Span(span, max(span.end, dates[-1] + _ONE_DAY), dates))
        span = span.next()
    return found


def _due_dates(due: Due, span: Period) -> tuple[date, ...]:
    if due.month_days:
        return tuple(sorted(date(span.start.year, month, day) for month, day in due.month_days))
    return tuple(sorted(span.last_day + timedelta(days=days) for days in due.after))


def _terms(terms: Iterable[Term], period: Period) -> list[Span]:
    """Each term that meets ``period``, equal ones together; an open one by its own years."""
    found: dict[Period, set[int]] = {}
    for term in terms:
        span = _term_around(term, period)
        if span is not None:
            found.setdefault(span, set()).add(term.id)
    return [Span(span, span.end, (), frozenset(found[span])) for span in sorted(found)]


def _term_around(term: Term, period: Period) -> Period | None:
    if not period.overlaps(term.start, term.end):
        return None
    if term.end is not None:
        return Period(term.start, term.end, PeriodKind.TERM)
    years = 0
    while _years_later(term.start, years + 1) <= period.start:
        years += 1
    start, end = _years_later(term.start, years), _years_later(term.start, years + 1)
    return Period(start, end, PeriodKind.TERM)


def _years_later(day: date, years: int) -> date:
    """The same day of a later year; of a leap day the first of March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
