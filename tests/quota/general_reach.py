"""Whom a rule binds, day by day. For the general oracle only, as ``calendar_words`` is."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any

from tests.quota.calendar_words import ONE_DAY, Stretch, days_between

Words = dict[str, Any]


def allows(words: list[str], word: str) -> bool:
    return words == ["any"] or word in words


def begins(codes: list[str], code: str) -> bool:
    return codes == ["any"] or any(code.startswith(each) for each in codes)


def percent(target: int, whole: int) -> int:
    """The least whole number that is ``target`` per cent of ``whole`` or more."""
    return next(n for n in range(whole + 1) if n * 100 >= target * whole)


def in_office(term: Any, day: date) -> bool:
    return holds(term, day) and (term.suspended is None or day < term.suspended)


def holds(term: Any, day: date) -> bool:
    return term.start <= day and (term.end is None or day < term.end)


def days_written_for(record: Any) -> tuple[date, ...]:
    if record.covers is None:
        return (record.day,)
    return days_between(record.covers, record.until or record.covers + ONE_DAY)


class Reach:
    """Which places, appointments and subjects one rule binds in one stretch of days."""

    def __init__(
        self,
        rule: Words,
        facts: Any,
        stretch: Stretch,
        stricter: list[Words],
        as_of: date,
        today: date,
    ) -> None:
        self.rule, self.facts, self.stretch, self.stricter = rule, facts, stretch, stricter
        self.as_of, self.today = as_of, today
        self.days, self.dues = stretch.days, stretch.dues
        self.over = stretch.last < today
        all_places = {place.id: place for place in facts.places}
        self.places = {n: p for n, p in all_places.items() if self.binds_place(p)}
        self.all_terms = list({term.id: term for term in facts.terms}.values())
        self.here = {t.id: t for t in self.all_terms if t.village in all_places}
        self.terms = [
            t
            for t in self.here.values()
            if t.village in self.places and self.binds(t) and stretch.only in (None, t.id)
        ]
        self.townships = {place.township for place in facts.places}
        self.villages_here = set(all_places)

    def binds(self, term: Any) -> bool:
        applies = self.rule["applies"]
        if term.volunteer and not applies["volunteers"]:
            return False
        return allows(applies["categories"], term.category)

    def binds_place(self, place: Any) -> bool:
        """Where a stricter rule applies, it stands in for this one."""
        return self.reaches(self.rule, place) and not any(
            self.reaches(other, place) for other in self.stricter
        )

    def reaches(self, rule: Words, place: Any) -> bool:
        applies = rule["applies"]
        phases = [p for p in applies["phases"] if p["from"] <= self.days[0].isoformat()]
        return (
            self.fits(applies, place)
            and allows(applies["village_kinds"], place.kind)
            and (not applies["phases"] or any(self.fits(phase, place) for phase in phases))
        )

    def fits(self, words: Words, place: Any) -> bool:
        return (
            allows(words["classes"], place.klass)
            and allows(words["terrains"], place.terrain)
            and begins(words["codes"], place.code)
        )

    @cached_property
    def day_set(self) -> set[date]:
        return set(self.days)

    # Who is judged

    def subjects(self, kind: str) -> dict[int, set[date]]:
        """Their active days; whoever has none is not judged."""
        if kind == "village":
            return dict.fromkeys(self.places, self.day_set)
        if kind == "township":
            return {place.township: self.day_set for place in self.places.values()}
        if kind == "bureau":
            return {self.facts.bureau: self.day_set} if self.places else {}
        active: dict[int, set[date]] = {}
        for term in self.terms:
            number = term.id if kind == "appointment" else getattr(term, kind)
            days = {day for day in self.days if in_office(term, day) and not self.away(term, day)}
            if number and days:
                active[number] = active.get(number, set()) | days
        return active

    def away(self, term: Any, day: date) -> bool:
        if self.rule["persons"]["excused"] == "active":
            return False
        return any(a.appointment == term.id and a.start <= day < a.end for a in self.facts.absences)
