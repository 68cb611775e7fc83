"""Judging: rules and facts in, verdicts out. The clock is an argument.

One pass per rule over the records it may look at: sift (does this record count, and if
not, why), group by subject, tally, and name the status. ``Status`` says what each means.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from math import ceil
from operator import attrgetter
from typing import NamedTuple

from assessments.quota.facts import Facts, Term
from assessments.quota.rules import Bound, Force, Having, Measure, PartMode, Rule, SameDay, Subject
from assessments.quota.subjects import Target, own_terms, targets, villages_by_region
from assessments.quota.tally import EMPTY, Sifted, Tally, sift, tally
from assessments.quota.verdicts import Refusal, Status, Verdict
from lawadvisor.foundation.periods import Period, PeriodKind


class Need(NamedTuple):
    """Records to load: ``kinds`` None is any; filings by ``covers``, others by ``day``."""

    unit: str
    kinds: frozenset[str] | None
    start: date
    end: date


class Peak(NamedTuple):
    """The first day on which one advisor holds the most villages."""

    day: date
    villages: tuple[int, ...]
    reasons: tuple[str, ...]


class _Case(NamedTuple):
    """One rule in one period, on one day."""

    rule: Rule
    span: Period
    as_of: date  # exclusive end of what is known
    today: date  # first day not yet over
    over: bool
    last_third: date
    least_days: int  # active days from which a subject is assessed; 0 is any


def judge(
    rules: Iterable[Rule],
    facts: Facts,
    period: Period,
    as_of: date,
    *,
    today: date | None = None,
) -> list[Verdict]:
    """All verdicts of the rules in force, for the periods that ``period`` stands in.

    ``as_of`` is the exclusive end of what is known: later service days are not seen, and
    a period is over when it ends by then. A page about the running day passes ``as_of`` =
    tomorrow and ``today``, so that today's records count although today is not over.
    """
    now = as_of if today is None else today
    verdicts: list[Verdict] = []
    for rule in rules:
        for span in _in_force(rule, period):
            over, least = span.end <= now, _least_days(rule, span)
            case = _Case(rule, span, as_of, now, over, _last_third(span), least)
            verdicts += _judge_one(case, facts)
    return verdicts


def needs(rules: Iterable[Rule], period: Period) -> list[Need]:
    """What a caller must put into ``Facts.records`` to judge these rules.

    One per unit and span: the spans of the same kinds are widened into one, then the kinds
    of the same span are put together, so that nothing has to be read twice.
    """
    spans: dict[tuple[str, frozenset[str] | None], tuple[date, date]] = {}
    for rule in rules:
        if rule.records is not None and (around := _in_force(rule, period)):
            start, end = around[0].start, around[-1].end
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


def peak(terms: Iterable[Term], start: date, end: date | None) -> Peak | None:
    """The most distinct villages held on one day of ``[start, end)``; None: none at all.

    Suspended appointments count, ended ones until their end (A4). To check a new
    appointment, put it among its advisor's terms and ask for its own dates.
    """
    held = [
        term
        for term in terms
        if (end is None or term.start < end) and (term.end is None or start < term.end)
    ]
    best: Peak | None = None
    for day in sorted({max(term.start, start) for term in held}):
        now = [t for t in held if t.start <= day and (t.end is None or day < t.end)]
        villages = tuple(sorted({term.village for term in now}))
        if best is None or len(villages) > len(best.villages):
            best = Peak(day, villages, tuple(sorted({t.reason for t in now if t.reason})))
    return best


def _in_force(rule: Rule, period: Period) -> list[Period]:
    """The rule's period around ``period``, or all shorter ones beginning in it (A47)."""
    span = Period.containing(rule.period, period.start)
    found = [span] if span.end >= period.end else []
    while not found or found[-1].end < period.end:
        if span.start >= period.start:
            found.append(span)
        span = span.next()
    return [span for span in found if rule.applies.in_force(span.start)]


def _last_third(span: Period) -> date:
    """First day of it: the 3rd month of a quarter, September of a year, else by days."""
    months = {PeriodKind.QUARTER: 2, PeriodKind.HALF_YEAR: 4, PeriodKind.YEAR: 8}
    if span.kind in months:
        return span.start.replace(month=span.start.month + months[span.kind])
    return span.start + timedelta(days=-(-span.days * 2 // 3))


def _least_days(rule: Rule, span: Period) -> int:
    if rule.part is None or rule.part.min_share is None:
        return 0
    return ceil(rule.part.min_share * span.days)


def _judge_one(case: _Case, facts: Facts) -> Iterator[Verdict]:
    if case.rule.measure is Measure.CONCURRENT:
        return _judge_cap(case, facts)
    if case.rule.measure is Measure.SHARE:
        return _judge_share(case, facts)
    return _judge_records(case, facts)


# Rules on records


def _judge_records(case: _Case, facts: Facts) -> Iterator[Verdict]:
    rule = case.rule
    sifted = sift(rule, facts, case.span, case.as_of)
    tallies: dict[tuple[int, ...], Tally] = {(): EMPTY}  # one advisor's village counts alike
    for kind in rule.subjects:
        buckets = _grouped(sifted, kind, facts)
        for target in targets(rule, kind, facts, case.span):
            bucket = buckets.get(target.id, ())
            ids = tuple([item[0].id for item in bucket])
            done = tallies.get(ids)
            if done is None:
                done = tallies[ids] = tally(rule, bucket)
            required = _required(case, target, done)
            status = _status(case, target, done, required)
            yield _verdict(case, kind, target, done, required, status)


_OWNER = {
    Subject.APPOINTMENT: attrgetter("appointment"),
    Subject.ADVISOR: attrgetter("advisor"),
    Subject.VILLAGE: attrgetter("village"),
}


def _grouped(sifted: Sequence[Sifted], kind: Subject, facts: Facts) -> dict[int, list[Sifted]]:
    if kind is Subject.BUREAU:
        return {facts.bureau: list(sifted)}
    buckets: dict[int, list[Sifted]] = {}
    for item in sifted:
        if kind is Subject.TOWNSHIP:
            owner = facts.place[item[0].village].township
        else:
            owner = _OWNER[kind](item[0])
        buckets.setdefault(owner, []).append(item)
    return buckets


def _required(case: _Case, target: Target, done: Tally) -> int:
    rule = case.rule
    if rule.bound is Bound.SHARE:
        return -(-rule.target * done.whole // 100)
    if rule.part is not None and rule.part.mode is PartMode.PRORATE:
        return -(-rule.target * target.active_days // case.span.days)
    return rule.target


def _status(case: _Case, target: Target, done: Tally, required: int) -> Status:
    rule = case.rule
    if target.active_days < case.least_days:
        return Status.NOT_ASSESSED
    if _holds(rule.bound, done.actual, required):
        return Status.OPEN if rule.bound is Bound.AT_MOST and not case.over else Status.MET
    if rule.bound is not Bound.SHARE and _holds(rule.bound, done.potential, required):
        return Status.PENDING
    if case.over:
        return _shown(rule, Status.NOT_MET)
    if _threatened(case, target, done, required):
        return _shown(rule, Status.AT_RISK)
    return Status.OPEN


def _holds(bound: Bound, amount: int, required: int) -> bool:
    if bound is Bound.AT_MOST:
        return amount <= required
    if bound is Bound.EXACTLY:
        return amount == required
    return amount >= required


def _shown(rule: Rule, status: Status) -> Status:
    mild = rule.force in (Force.WARNING, Force.INFORMATION)
    return Status.NOTICE if mild else status


def _threatened(case: _Case, target: Target, done: Tally, required: int) -> bool:
    """Time does not mend it, or too few days are left, or the last third began with nothing."""
    if case.rule.bound is Bound.SHARE or done.actual > required:
        return True
    if done.potential == 0 and case.today >= case.last_third:
        return True
    return required - done.potential > _room(case, target, done)


def _room(case: _Case, target: Target, done: Tally) -> int:
    """The most that the days left can still bring, today included unless it is used up."""
    first = max(case.today, target.first_day)
    days = max(0, (target.last_day - first).days + 1)
    rule = case.rule
    if rule.measure is Measure.MINUTES:
        return days * 24 * 60
    joining = rule.joining
    if rule.measure is Measure.DISTINCT_DAYS or (joining and joining.same_day is SameDay.ONCE):
        used = done.last_used is not None and done.last_used >= first
        return days - 1 if used and days else days
    return rule.target if days else 0


def _verdict(
    case: _Case, kind: Subject, target: Target, done: Tally, required: int, status: Status
) -> Verdict:
    missing = 0 if case.rule.bound is Bound.AT_MOST else max(0, required - done.actual)
    return Verdict(
        case.rule.key,
        kind,
        target.id,
        case.span,
        status,
        required,
        done.actual,
        done.potential - done.actual,
        missing,
        done.minutes,
        done.counted,
        done.refused,
        target.active_days,
        target.last_day if missing and case.today <= target.last_day else None,
        target.owed_by,
    )


# Shares and caps


def _judge_share(case: _Case, facts: Facts) -> Iterator[Verdict]:
    """Villages that have what the rule asks, of all; judged as on the last day known."""
    rule, span = case.rule, case.span
    having = _served(case, facts) if rule.having is Having.RECORD else _appointed(case, facts)
    for kind in rule.subjects:
        for region, places in villages_by_region(rule, kind, facts).items():
            lacking = [place for place in places if having[place.id]]
            done = EMPTY._replace(
                actual=len(places) - len(lacking),
                potential=len(places) - len(lacking),
                counted=tuple((place.id,) for place in places if not having[place.id]),
                refused=tuple(
                    Refusal((place.id,), "uncovered", (having[place.id],)) for place in lacking
                ),
            )
            required = -(-rule.target * len(places) // 100)
            status = Status.MET
            if done.actual < required:
                status = _shown(rule, Status.NOT_MET if case.over else Status.AT_RISK)
            target = Target(region, span.days, span.start, span.last_day)
            yield _verdict(case, kind, target, done, required, status)


def _known_days(case: _Case) -> list[date]:
    """The days of the period up to the last known; its first day at least."""
    count = (min(case.span.end, case.as_of) - case.span.start).days
    return [case.span.start + timedelta(days=n) for n in range(max(1, count))]


def _appointed(case: _Case, facts: Facts) -> dict[int, int]:
    """Days each village was without an effective appointment; 0 if it has one on the last."""
    days = _known_days(case)
    terms: dict[int, list[Term]] = {}
    for term in own_terms(case.rule, facts):
        terms.setdefault(term.village, []).append(term)
    bare = {}
    for village in facts.place:
        held = terms.get(village, [])
        now = any(term.active_on(days[-1]) for term in held)
        bare[village] = 0 if now else sum(not any(t.active_on(d) for t in held) for d in days)
    return bare


def _served(case: _Case, facts: Facts) -> dict[int, int]:
    """Days known so far for each village that no counting record names; 0 if one does."""
    sifted = sift(case.rule, facts, case.span, case.as_of)
    buckets = _grouped(sifted, Subject.VILLAGE, facts)
    days = len(_known_days(case))
    return {
        village: 0 if tally(case.rule, buckets.get(village, ())).actual else days
        for village in facts.place
    }


def _judge_cap(case: _Case, facts: Facts) -> Iterator[Verdict]:
    """Every advisor serving here, with the villages held anywhere in the portal (A4, A5)."""
    rule, span = case.rule, case.span
    here = sorted({t.advisor for t in own_terms(rule, facts) if span.overlaps(t.start, t.end)})
    for advisor in here:
        most = peak(facts.terms_by_advisor[advisor], span.start, span.end)
        if most is None:
            continue
        held = len(most.villages)
        done = EMPTY._replace(
            actual=held, potential=held, counted=tuple((village,) for village in most.villages)
        )
        status = Status.MET
        if held > rule.target:
            params: tuple[int | str, ...] = most.day.isoformat(), rule.target, *most.reasons
            done = done._replace(refused=(Refusal(most.villages, "over_cap", params),))
            excused = rule.force is Force.SOFT and most.reasons
            status = Status.NOTICE if excused else _shown(rule, Status.NOT_MET)
        target = Target(advisor, span.days, span.start, span.last_day)
        yield _verdict(case, Subject.ADVISOR, target, done, rule.target, status)
