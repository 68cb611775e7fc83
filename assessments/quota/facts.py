"""What the engine is told: plain tuples, straight from a cursor (``Record._make(row)``)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import NamedTuple

from lawadvisor.foundation.periods import Period


class Record(NamedTuple):
    """One thing done: a session, a matter within one, or a filing. Ids are unique per unit.

    A filing belongs to one level and counts there alone: a village, a township
    (``village`` 0) or the bureau (both 0).
    """

    id: int
    unit: str  # session | matter | filing
    appointment: int | None  # None: done by someone without one; counts for the village only
    advisor: int | None
    village: int
    day: date  # service date in Shanghai; of a filing the day it was handed in
    start: int  # minutes after midnight; 0 and 0 where no time of day applies
    end: int
    minutes: int
    kind: str  # matter or filing kind; of a session its purpose again
    mode: str
    purpose: str  # purpose of the session; "" for a filing
    state: str
    focus: str  # legal focus of a lecture; "" is none
    entered: date
    evidence: Collection[str]
    covers: date | None = None  # a filing: first day of what it is written for
    until: date | None = None  # and the first day after; None is that day alone
    township: int = 0  # of a filing that belongs to one; 0 where a village tells it

    def falls_in(self, span: Period) -> bool:
        """Served on one of its days, or written for some of them."""
        if self.covers is None:
            return span.start <= self.day < span.end
        return span.overlaps(self.covers, self.until or self.covers + timedelta(days=1))


class Term(NamedTuple):
    """One appointment. Dates alone decide; ``status`` is told for completeness."""

    id: int
    advisor: int
    village: int
    category: str
    start: date
    end: date | None  # half-open: the first day no longer served; None is open
    suspended: date | None  # not active from this day on; still counts for a cap (A4)
    status: str
    reason: str  # why a soft cap was exceeded, with approver; "" is none
    organisation: int = 0
    team: int = 0  # 0 is none
    volunteer: bool = False

    def active(self, span: Period) -> tuple[date, date]:
        """First active day in the span and the first after; empty when not first < after."""
        after = span.end
        if self.end is not None and self.end < after:
            after = self.end
        if self.suspended is not None and self.suspended < after:
            after = self.suspended
        return max(self.start, span.start), after

    def active_on(self, day: date) -> bool:
        return (
            self.start <= day
            and (self.end is None or day < self.end)
            and (self.suspended is None or day < self.suspended)
        )


class Place(NamedTuple):
    id: int
    name: str
    kind: str  # village | community
    terrain: str
    klass: str
    township: int
    code: str = ""  # official division code, 12 digits


class Absence(NamedTuple):
    """Days on which an advisor was excused from one appointment, half-open."""

    appointment: int
    start: date
    end: date
    substitute: int | None  # the advisor named to stand in


class Waiver(NamedTuple):
    """A named person let a soft rule pass for one subject and period."""

    reason: str
    approver: str


#: Rule key, kind and id of the subject, first day of the period.
WaiverKey = tuple[str, str, int, date]


@dataclass(frozen=True, kw_only=True)
class Facts:
    """One bureau's facts. ``places`` is its boundary.

    ``terms`` must hold every appointment, in any bureau, of the advisors serving here:
    a cap is counted across the portal (A4). All other rules see own places only.
    Order does not matter, and a record told twice counts once.
    """

    bureau: int
    places: Sequence[Place]
    terms: Sequence[Term]
    records: Sequence[Record]
    absences: Sequence[Absence] = ()
    waivers: Mapping[WaiverKey, Waiver] = field(default_factory=dict)

    @cached_property
    def place(self) -> dict[int, Place]:
        return {place.id: place for place in sorted(self.places)}

    @cached_property
    def own_terms(self) -> list[Term]:
        """Appointments in this bureau's villages, in order of id."""
        once = {term.id: term for term in self.terms if term.village in self.place}
        return [once[key] for key in sorted(once)]

    @cached_property
    def terms_by_village(self) -> dict[int, list[Term]]:
        found: dict[int, list[Term]] = {}
        for term in self.own_terms:
            found.setdefault(term.village, []).append(term)
        return found

    @cached_property
    def terms_by_advisor(self) -> dict[int, list[Term]]:
        """All appointments of each advisor, other bureaus' included, in order of id."""
        found: dict[int, list[Term]] = {}
        for term in {term.id: term for term in sorted(self.terms, key=lambda t: t.id)}.values():
            found.setdefault(term.advisor, []).append(term)
        return found

    @cached_property
    def term(self) -> dict[int, Term]:
        return {term.id: term for term in self.own_terms}

    @cached_property
    def has_volunteers(self) -> bool:
        return any(term.volunteer for term in self.own_terms)

    @cached_property
    def absences_of(self) -> dict[int, list[Absence]]:
        """Per appointment, in order of time."""
        found: dict[int, list[Absence]] = {}
        for absence in sorted(set(self.absences), key=lambda a: (*a[:3], a.substitute or 0)):
            found.setdefault(absence.appointment, []).append(absence)
        return found

    @cached_property
    def _stood_in(self) -> dict[tuple[int, int], list[Absence]]:
        """Absences with a substitute, by substitute and village."""
        found: dict[tuple[int, int], list[Absence]] = {}
        for appointment, absences in self.absences_of.items():
            term = self.term.get(appointment)
            for absence in absences:
                if term is not None and absence.substitute is not None:
                    key = absence.substitute, term.village
                    found.setdefault(key, []).append(absence)
        return found

    def stood_in_for(self, record: Record) -> tuple[int, ...]:
        """The appointments whose absence this record's advisor filled that day, each once."""
        if record.advisor is None or not self._stood_in:
            return ()
        absences = self._stood_in.get((record.advisor, record.village), ())
        there = [a.appointment for a in absences if a.start <= record.day < a.end]
        return tuple(dict.fromkeys(there))

    def appointment_of(self, record: Record) -> int | None:
        """A filing names its advisor: his appointment there on the last day it is written for.

        If he serves on none, his latest there. A session without one stays without.
        """
        if record.appointment is not None or record.advisor is None or record.unit != "filing":
            return record.appointment
        on = record.covers or record.day
        if record.until is not None:
            on = max(on, record.until - timedelta(days=1))
        terms = [t for t in self.terms_by_village.get(record.village, ())
                 if t.advisor == record.advisor]  # fmt: skip
        serving = next((term.id for term in terms if term.active_on(on)), None)
        return serving if serving is not None or not terms else terms[-1].id

    @cached_property
    def _by_unit_and_kind(self) -> dict[tuple[str, str], list[Record]]:
        once = {(record.unit, record.id): record for record in self.records}
        found: dict[tuple[str, str], list[Record]] = {}
        for record in sorted(once.values(), key=_by_time):
            if record.village in self.place or self._is_region(record):
                key = record.unit, "" if record.unit == "session" else record.kind
                found.setdefault(key, []).append(record)
        return found

    def _is_region(self, record: Record) -> bool:
        """Does it belong to a township here, or to the bureau?"""
        if record.village or record.unit != "filing":
            return False
        return not record.township or record.township in self._townships

    @cached_property
    def _townships(self) -> frozenset[int]:
        return frozenset(place.township for place in self.places)

    def candidates(self, unit: str, kinds: Collection[str] | None) -> list[Record]:
        """Records a rule on these kinds (None: any) may look at, in order of time."""
        found = self._by_unit_and_kind
        keys = [key for key in found if key[0] == unit and (kinds is None or key[1] in kinds)]
        if len(keys) == 1:
            return found[keys[0]]
        return sorted((record for key in keys for record in found[key]), key=_by_time)


def _by_time(record: Record) -> tuple[date, int, int]:
    return record.day, record.start, record.id
