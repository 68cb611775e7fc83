"""Rules on a whole: shares of villages, and what is held at the same time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from operator import attrgetter
from typing import NamedTuple

from assessments.quota.case import Case, excused, shown, verdict_of
from assessments.quota.facts import Facts, Term
from assessments.quota.rules import Force, Having, Subject
from assessments.quota.subjects import Target, villages_by_region
from assessments.quota.tally import EMPTY, Sifted, Tally, sift, tally
from assessments.quota.verdicts import Refusal, Status, Verdict


class Peak(NamedTuple):
    """The first day on which one holds the most: an advisor villages, a village advisors."""

    day: date
    held: tuple[int, ...]
    reasons: tuple[str, ...]


def peak(
    terms: Iterable[Term],
    start: date,
    end: date | None,
    held_of: Callable[[Term], int] = attrgetter("village"),
) -> Peak | None:
    """The most that is held on one day of ``[start, end)``; None: nothing at all.

    Suspended appointments count, ended ones until their end (A4). To check a new
    appointment, put it among its advisor's terms and ask for its own dates.
    """
    running = [
        term
        for term in terms
        if (end is None or term.start < end) and (term.end is None or start < term.end)
    ]
    best: Peak | None = None
    for day in sorted({max(term.start, start) for term in running}):
        now = [t for t in running if t.start <= day and (t.end is None or day < t.end)]
        held = tuple(sorted({held_of(term) for term in now}))
        if best is None or len(held) > len(best.held):
            best = Peak(day, held, tuple(sorted({t.reason for t in now if t.reason})))
    return best


def judge_cap(case: Case, facts: Facts) -> Iterator[Verdict]:
    """Every advisor serving here, with the villages held anywhere in the portal (A4, A5).

    Or every village, with the advisors appointed to it. What a volunteer holds is no part.
    """
    (kind,) = case.rule.subjects
    for subject, terms in _holders(case, kind, facts):
        held_of = attrgetter("village" if kind is Subject.ADVISOR else "advisor")
        most = peak(terms, case.span.start, case.span.end, held_of)
        if most is not None:
            yield _cap_verdict(case, kind, subject, most, facts)


def _holders(case: Case, kind: Subject, facts: Facts) -> Iterator[tuple[int, list[Term]]]:
    span = case.span
    here = [t for t in case.reach.own_terms(facts) if span.overlaps(t.start, t.end)]
    if kind is Subject.ADVISOR:
        for advisor in sorted({term.advisor for term in here}):
            yield advisor, [t for t in facts.terms_by_advisor[advisor] if not t.volunteer]
        return
    for village in sorted({term.village for term in here}):
        yield village, [term for term in here if term.village == village]


def _cap_verdict(case: Case, kind: Subject, subject: int, most: Peak, facts: Facts) -> Verdict:
    rule, held = case.rule, len(most.held)
    done = EMPTY._replace(actual=held, potential=held, counted=tuple((each,) for each in most.held))
    status = Status.MET
    if held > rule.target:
        params: tuple[int | str, ...] = most.day.isoformat(), rule.target, *most.reasons
        let_pass = rule.force is Force.SOFT and most.reasons
        status = Status.NOTICE if let_pass else shown(rule, Status.NOT_MET)
        status, why = excused(case, kind, subject, facts, status)
        done = done._replace(refused=(Refusal(most.held, "over_cap", params), *why))
    return verdict_of(case, kind, Target(subject, case.whole), done, rule.target, status)


def judge_share(case: Case, facts: Facts) -> Iterator[Verdict]:
    """Villages that have what the rule asks, of all; judged as on the last day known."""
    rule = case.rule
    hoped: frozenset[int] = frozenset()
    if rule.having is Having.RECORD:
        having, hoped = _served(case, facts)
    else:
        having = _appointed(case, facts)
    for kind in rule.subjects:
        for region, places in villages_by_region(case.reach, kind, facts).items():
            lacking = [place for place in places if having[place.id]]
            done = EMPTY._replace(
                actual=len(places) - len(lacking),
                potential=len(places) - sum(place.id not in hoped for place in lacking),
                counted=tuple((place.id,) for place in places if not having[place.id]),
                refused=tuple(
                    Refusal((place.id,), "uncovered", (having[place.id],)) for place in lacking
                ),
            )
            required = -(-rule.target * len(places) // 100)
            status = _share_status(case, done, required)
            yield verdict_of(case, kind, Target(region, case.whole), done, required, status)


def _share_status(case: Case, done: Tally, required: int) -> Status:
    if done.actual >= required:
        return Status.MET
    if done.potential >= required:
        return Status.PENDING
    return shown(case.rule, Status.NOT_MET if case.over else Status.AT_RISK)


def _known_days(case: Case) -> list[date]:
    """The days of the period up to the last known; its first day at least."""
    count = (min(case.span.end, case.as_of) - case.span.start).days
    return [case.span.start + timedelta(days=n) for n in range(max(1, count))]


def _appointed(case: Case, facts: Facts) -> dict[int, int]:
    """Days each village was without an effective appointment; 0 if it has one on the last."""
    days = _known_days(case)
    terms: dict[int, list[Term]] = {}
    for term in case.reach.own_terms(facts):
        terms.setdefault(term.village, []).append(term)
    bare = {}
    for village in facts.place:
        held = terms.get(village, [])
        now = any(term.active_on(days[-1]) for term in held)
        bare[village] = 0 if now else sum(not any(t.active_on(d) for t in held) for d in days)
    return bare


def _served(case: Case, facts: Facts) -> tuple[dict[int, int], frozenset[int]]:
    """Days known so far for each village that no counting record names; 0 if one does.

    With the villages that have or will have one once what awaits is confirmed.
    """
    buckets: dict[int, list[Sifted]] = {}
    for item in sift(case.reach, facts, case.as_of):
        buckets.setdefault(item[0].village, []).append(item)
    days = len(_known_days(case))
    tallies = {village: tally(case.rule, buckets.get(village, ())) for village in facts.place}
    served = {village: 0 if done.actual else days for village, done in tallies.items()}
    return served, frozenset(village for village, done in tallies.items() if done.potential)
