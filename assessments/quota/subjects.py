"""Who is judged by a rule in a period, and on which of its days."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from operator import attrgetter
from typing import NamedTuple

from assessments.quota.facts import Facts, Place, Term
from assessments.quota.rules import Excused, Measure, Phase, Rule, Subject
from lawadvisor.foundation.periods import Period

_ONE_DAY = timedelta(days=1)

Stretch = tuple[date, date]  # half-open
#: Reason code and its parameters, by appointment.
Strangers = dict[int | None, tuple[str, tuple[str, ...]]]


class Target(NamedTuple):
    """A subject as one period sees it; ``stretches`` are its active days, in order."""

    id: int
    stretches: tuple[Stretch, ...]
    owed_by: tuple[int, ...] = ()

    @property
    def active_days(self) -> int:
        if len(self.stretches) == 1:  # nearly always
            start, end = self.stretches[0]
            return (end - start).days
        return sum((end - start).days for start, end in self.stretches)

    @property
    def last_day(self) -> date:
        return self.stretches[-1][1] - _ONE_DAY

    def is_active(self, day: date) -> bool:
        return any(start <= day < end for start, end in self.stretches)

    def days_from(self, day: date) -> int:
        """Active days not before ``day``."""
        return sum(max(0, (end - max(start, day)).days) for start, end in self.stretches)


class Reach(NamedTuple):
    """What a rule applies to in one span. ``yields``: stricter rules that go first there."""

    rule: Rule
    span: Period
    only: frozenset[int] | None = None
    yields: tuple[Rule, ...] = ()

    def fits(self, place: Place) -> bool:
        """Does the rule bind this village in this span?"""
        first = self.span.start
        return _applies(self.rule, place, first) and not any(
            _applies(other, place, first) for other in self.yields
        )

    def places(self, facts: Facts) -> frozenset[int] | None:
        """The villages that the rule binds; None is all."""
        applies = self.rule.applies
        asked = (applies.village_kinds, applies.classes, applies.terrains, applies.codes)
        if asked == (None, None, None, None) and not applies.phases and not self.yields:
            return None
        return frozenset(place.id for place in facts.place.values() if self.fits(place))

    def own_terms(self, facts: Facts) -> Iterator[Term]:
        """The appointments in this bureau that the rule applies to."""
        places = self.places(facts)
        for term in facts.own_terms:
            if (
                (places is None or term.village in places)
                and (self.only is None or term.id in self.only)
                and self._stranger(term) is None
            ):
                yield term

    def strangers(self, facts: Facts) -> Strangers:
        """Why the records of some appointments do not count here, by appointment."""
        if self.rule.applies.categories is None and not facts.has_volunteers:
            return {}
        found = ((term.id, self._stranger(term)) for term in facts.own_terms)
        return {number: why for number, why in found if why is not None}

    def _stranger(self, term: Term) -> tuple[str, tuple[str, ...]] | None:
        applies = self.rule.applies
        if term.volunteer and not applies.volunteers:
            return "volunteer", ()
        if applies.categories is not None and term.category not in applies.categories:
            return "category", (term.category,)
        return None


def _applies(rule: Rule, place: Place, first: date) -> bool:
    applies = rule.applies
    return (
        (applies.village_kinds is None or place.kind in applies.village_kinds)
        and (applies.classes is None or place.klass in applies.classes)
        and (applies.terrains is None or place.terrain in applies.terrains)
        and (applies.codes is None or place.code.startswith(applies.codes))
        and (not applies.phases or any(_reached(phase, place, first) for phase in applies.phases))
    )


def _reached(phase: Phase, place: Place, first: date) -> bool:
    return (
        phase.start <= first
        and (phase.codes is None or place.code.startswith(phase.codes))
        and (phase.classes is None or place.klass in phase.classes)
        and (phase.terrains is None or place.terrain in phase.terrains)
    )


def targets(reach: Reach, kind: Subject, facts: Facts) -> Iterator[Target]:
    if kind is Subject.APPOINTMENT:
        return _appointments(reach, facts)
    if kind is Subject.VILLAGE:
        return _villages(reach, facts)
    if kind in _GROUPS:
        return _groups(reach, facts, _GROUPS[kind])
    whole = ((reach.span.start, reach.span.end),)
    return (Target(region, whole) for region in villages_by_region(reach, kind, facts))


def villages_by_region(reach: Reach, kind: Subject, facts: Facts) -> dict[int, list[Place]]:
    """The villages a rule applies to, by township or all under the bureau."""
    found: dict[int, list[Place]] = {}
    places = reach.places(facts)
    for place in facts.place.values():
        if places is None or place.id in places:
            region = place.township if kind is Subject.TOWNSHIP else facts.bureau
            found.setdefault(region, []).append(place)
    return dict(sorted(found.items()))


def active(term: Term, reach: Reach, facts: Facts) -> tuple[Stretch, ...]:
    """The days of the span on which a term runs, without its excused absences."""
    first, after = term.active(reach.span)
    if first >= after:
        return ()
    persons = reach.rule.persons
    away = facts.absences_of.get(term.id) if facts.absences else None
    if not away or persons is None or persons.excused is Excused.ACTIVE:
        return ((first, after),)
    left: list[Stretch] = []
    for absence in away:
        if absence.start > first:
            left.append((first, min(absence.start, after)))
        first = max(first, absence.end)
        if first >= after:
            break
    if first < after:
        left.append((first, after))
    return tuple(left)


def _appointments(reach: Reach, facts: Facts) -> Iterator[Target]:
    for term in reach.own_terms(facts):
        if stretches := active(term, reach, facts):
            yield Target(term.id, stretches)


_GROUPS: dict[Subject, Callable[[Term], int]] = {
    Subject.ADVISOR: attrgetter("advisor"),
    Subject.TEAM: attrgetter("team"),
    Subject.ORGANISATION: attrgetter("organisation"),
}


def _groups(reach: Reach, facts: Facts, group_of: Callable[[Term], int]) -> Iterator[Target]:
    """Everybody with an active day here; a day under several appointments counts once."""
    found: dict[int, list[Stretch]] = {}
    for term in reach.own_terms(facts):
        if (group := group_of(term)) and (stretches := active(term, reach, facts)):
            found.setdefault(group, []).extend(stretches)
    for group in sorted(found):
        yield Target(group, _merged(found[group]))


def _merged(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    merged: list[Stretch] = []
    for start, end in sorted(stretches):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return tuple(merged)


def _villages(reach: Reach, facts: Facts) -> Iterator[Target]:
    """All villages, served or not: a village is checked for the whole period (A12, A13)."""
    whole, last = ((reach.span.start, reach.span.end),), reach.span.last_day
    owed_by: tuple[int, ...] = ()
    places = reach.places(facts)
    for place in facts.place.values():
        if places is None or place.id in places:
            if reach.rule.measure in (Measure.DOCUMENTS, Measure.DUE_DATES):
                terms = facts.terms_by_village.get(place.id, ())
                owed_by = tuple([term.id for term in terms if term.active_on(last)])
            yield Target(place.id, whole, owed_by)
