"""Sifting and joining the records of one subject under one rule; ``amounts`` counts them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from operator import attrgetter
from typing import NamedTuple

from assessments.quota import amounts
from assessments.quota.amounts import Visit
from assessments.quota.facts import Facts, Record
from assessments.quota.rules import LADDER, RECEIVED, Filter, Join, Joining, Rule, SameDay
from assessments.quota.subjects import Reach, Strangers
from assessments.quota.verdicts import Refusal

AWAITING = "awaiting"  # the one objection that time heals: not yet confirmed or reviewed


Sifted = tuple[Record, Refusal | None]  # None: it counts


class Tally(NamedTuple):
    actual: int
    potential: int  # actual once everything awaiting has been confirmed
    counted: tuple[tuple[int, ...], ...]
    refused: tuple[Refusal, ...]
    minutes: int  # of all records that count, long enough or not
    whole: int  # of what a share is a share: visits that count, or what must be covered
    potential_whole: int  # the same once everything awaiting has been confirmed
    days: tuple[date, ...]  # of each visit, day or half-day in ``potential``
    met: frozenset[date]  # due dates with a document, likewise


EMPTY = Tally(0, 0, (), (), 0, 0, 0, (), frozenset())


def sift(reach: Reach, facts: Facts, as_of: date) -> list[Sifted]:
    """Every record of the span known on ``as_of`` that the rule looks at, with its objection."""
    wanted = reach.rule.records
    if wanted is None:
        return []
    step = LADDER.index(wanted.state)
    accepted, waiting = frozenset((*LADDER[step:], RECEIVED)), frozenset(LADDER[:step])
    span, places, strangers = reach.span, reach.places(facts), reach.strangers(facts)
    start, end = span.start, span.end
    return [
        (
            record,
            (_strange(record, strangers, facts) if strangers else None)
            or _objection(record, wanted, accepted, waiting),
        )
        for record in facts.candidates(wanted.unit, wanted.kinds)
        if record.day < as_of
        and (start <= record.day < end if record.covers is None else record.falls_in(span))
        and (places is None or not record.village or record.village in places)
    ]


def _strange(record: Record, strangers: Strangers, facts: Facts) -> Refusal | None:
    """Is it by somebody whom the rule passes over? A filing that names its advisor too."""
    why = strangers.get(facts.appointment_of(record))
    return Refusal((record.id,), *why) if why else None


def _objection(
    record: Record, wanted: Filter, accepted: frozenset[str], waiting: frozenset[str]
) -> Refusal | None:
    """The first reason against a record; what cannot be mended comes before its state."""
    if wanted.modes is not None and record.mode not in wanted.modes:
        return Refusal((record.id,), "mode", (record.mode,))
    if wanted.purposes is not None and record.purpose not in wanted.purposes:
        return Refusal((record.id,), "purpose", (record.purpose,))
    if wanted.entered_within is not None:
        late = (record.entered - record.day).days
        if late > wanted.entered_within:
            return Refusal((record.id,), "late_entry", (late, wanted.entered_within))
    if wanted.evidence and (lacking := wanted.evidence.difference(record.evidence)):
        return Refusal((record.id,), "evidence", tuple(sorted(lacking)))
    if record.state in waiting:
        return Refusal((record.id,), AWAITING, (record.state, wanted.state))
    return None if record.state in accepted else Refusal((record.id,), "state", (record.state,))


def tally(rule: Rule, sifted: Sequence[Sifted], dues: tuple[date, ...] = ()) -> Tally:
    """Join, qualify and count what one subject has; ``sifted`` is in order of time."""
    if rule.records is None or rule.joining is None:
        return EMPTY
    refused = [why for _, why in sifted if why is not None and why.reason != AWAITING]
    unsure = {why.ids[0]: why for _, why in sifted if why is not None and why.reason == AWAITING}
    visits = _join(rule.joining.join, sifted, unsure)
    minutes = sum([visit.sure_minutes for visit in visits])
    counted, awaiting = _qualify(rule.records, rule.joining, visits, refused)
    visits = counted
    hoped = sure = amounts.count(rule, [(v.sure, v.sure_minutes) for v in counted], dues)
    if unsure:
        visits = sorted((*counted, *awaiting), key=_begun)
        hoped = amounts.count(rule, [(v.records, v.minutes) for v in visits], dues)
        refused += _awaited(counted, awaiting, unsure)
    refused += sure.refused
    kept = [counted[place] for place in sure.kept]
    return Tally(
        sure.amount,
        hoped.amount,
        tuple([tuple([record.id for record in visit.sure]) for visit in kept]),
        tuple(refused),
        minutes,
        sure.whole,
        hoped.whole,
        hoped.days or tuple([visits[place].records[0].day for place in hoped.kept]),
        hoped.met,
    )


def _begun(visit: Visit) -> tuple[date, int, int]:
    return _time_of(visit.records[0])


def _time_of(record: Record) -> tuple[date, int, int]:
    return record.day, record.start, record.id


_JOIN_KEY: dict[Join, Callable[[Record], object]] = {
    Join.EACH: attrgetter("id"),
    Join.STAY: attrgetter("day", "village", "advisor"),
    Join.VILLAGE_DAY: attrgetter("day", "village"),
    Join.ADVISOR_DAY: attrgetter("day", "advisor"),
}


def _join(join: Join, sifted: Sequence[Sifted], unsure: dict[int, Refusal]) -> list[Visit]:
    """Records without objection, or with one that time heals, as visits in order of time."""
    key_of = _JOIN_KEY[join]
    groups: dict[object, list[Record]] = {}
    for record, why in sifted:
        if why is None or why.reason == AWAITING:
            groups.setdefault(key_of(record), []).append(record)
    if not unsure:
        return [
            Visit(group, minutes := amounts.length(group), group, minutes)
            for group in groups.values()
        ]
    visits = []
    for group in groups.values():
        sure = [record for record in group if record.id not in unsure]
        visits.append(Visit(group, amounts.length(group), sure, amounts.length(sure)))
    return visits


def _qualify(
    wanted: Filter, joining: Joining, visits: list[Visit], refused: list[Refusal]
) -> tuple[list[Visit], list[Visit]]:
    """Visits that count, by their first sure record, and those that will once confirmed."""
    least = wanted.min_minutes
    counted: list[Visit] = []
    awaiting: list[Visit] = []
    for visit in visits:
        if visit.minutes < least:
            refused.append(Refusal(_ids(visit), "too_short", (visit.minutes, least)))
        elif visit.sure and visit.sure_minutes >= least:
            counted.append(visit)
        else:
            awaiting.append(visit)
    counted.sort(key=lambda visit: _time_of(visit.sure[0]))
    if joining.same_day is SameDay.ONCE:
        taken: set[tuple[date, int]] = set()
        counted = _one_a_day(counted, taken, refused)
        awaiting = _one_a_day(awaiting, taken, refused)
    return counted, awaiting


def _one_a_day(
    visits: list[Visit], taken: set[tuple[date, int]], refused: list[Refusal]
) -> list[Visit]:
    """The first visit of each day and village not yet taken."""
    first = []
    for visit in visits:
        slot = visit.records[0].day, visit.records[0].village
        if slot in taken:
            refused.append(Refusal(_ids(visit), "same_day", ()))
        else:
            taken.add(slot)
            first.append(visit)
    return first


def _ids(visit: Visit) -> tuple[int, ...]:
    return tuple([record.id for record in visit.records])


def _awaited(
    counted: list[Visit], awaiting: list[Visit], unsure: dict[int, Refusal]
) -> list[Refusal]:
    """A visit that awaits is named whole; within one that counts, only what awaits."""
    whole = []
    for visit in awaiting:
        why = next(unsure[record.id] for record in visit.records if record.id in unsure)
        whole.append(why._replace(ids=_ids(visit)))
    return whole + [unsure[r.id] for visit in counted for r in visit.records if r.id in unsure]
