"""Who is judged by a rule in a period, and for how many of its days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from assessments.quota.facts import Facts, Place, Term
from assessments.quota.rules import Measure, Rule, Subject
from lawadvisor.foundation.periods import Period

_ONE_DAY = timedelta(days=1)


class Target(NamedTuple):
    """A subject as one period sees it; the last active day is included."""

    id: int
    active_days: int
    first_day: date
    last_day: date
    owed_by: tuple[int, ...] = ()


def targets(rule: Rule, kind: Subject, facts: Facts, span: Period) -> Iterator[Target]:
    if kind is Subject.APPOINTMENT:
        return _appointments(rule, facts, span)
    if kind is Subject.ADVISOR:
        return _advisors(rule, facts, span)
    if kind is Subject.VILLAGE:
        return _villages(rule, facts, span)
    regions = villages_by_region(rule, kind, facts)
    return (Target(region, span.days, span.start, span.last_day) for region in regions)


def villages_by_region(rule: Rule, kind: Subject, facts: Facts) -> dict[int, list[Place]]:
    """The villages a rule applies to, by township or all under the bureau."""
    found: dict[int, list[Place]] = {}
    for place in facts.place.values():
        if _fits(rule, place):
            region = place.township if kind is Subject.TOWNSHIP else facts.bureau
            found.setdefault(region, []).append(place)
    return dict(sorted(found.items()))


def own_terms(rule: Rule, facts: Facts) -> Iterator[Term]:
    """The appointments in this bureau that a rule applies to."""
    categories = rule.applies.categories
    for term in facts.own_terms:
        suits = categories is None or term.category in categories
        if suits and _fits(rule, facts.place[term.village]):
            yield term


def _fits(rule: Rule, place: Place) -> bool:
    applies = rule.applies
    return (
        (applies.village_kinds is None or place.kind in applies.village_kinds)
        and (applies.classes is None or place.klass in applies.classes)
        and (applies.terrains is None or place.terrain in applies.terrains)
    )


def _appointments(rule: Rule, facts: Facts, span: Period) -> Iterator[Target]:
    for term in own_terms(rule, facts):
        first, after = term.active(span)
        if first < after:
            yield Target(term.id, (after - first).days, first, after - _ONE_DAY)


def _advisors(rule: Rule, facts: Facts, span: Period) -> Iterator[Target]:
    """Each advisor with an active day here; days under several appointments count once."""
    active: dict[int, list[tuple[date, date]]] = {}
    for term in own_terms(rule, facts):
        first, after = term.active(span)
        if first < after:
            active.setdefault(term.advisor, []).append((first, after))
    for advisor in sorted(active):
        days, until = 0, span.start
        stretches = sorted(active[advisor])
        for first, after in stretches:
            days += max(0, (after - max(first, until)).days)
            until = max(until, after)
        yield Target(advisor, days, stretches[0][0], until - _ONE_DAY)


def _villages(rule: Rule, facts: Facts, span: Period) -> Iterator[Target]:
    """All villages, served or not: a village is checked for the whole period (A12, A13)."""
    days, first, last = span.days, span.start, span.last_day
    owed_by: tuple[int, ...] = ()
    for place in facts.place.values():
        if _fits(rule, place):
            if rule.measure is Measure.DOCUMENTS:
                terms = facts.terms_by_village.get(place.id, ())
                owed_by = tuple([term.id for term in terms if term.active_on(last)])
            yield Target(place.id, days, first, last, owed_by)
