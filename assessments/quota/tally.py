"""Counting the records of one subject under one rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from operator import attrgetter
from typing import NamedTuple

from assessments.quota.facts import Facts, Record
from assessments.quota.rules import LADDER, RECEIVED, Filter, Join, Joining, Measure, Rule, SameDay
from assessments.quota.verdicts import Refusal
from lawadvisor.foundation.periods import Period

AWAITING = "awaiting"  # the one objection that time heals: not yet confirmed or reviewed


Sifted = tuple[Record, tuple[str, tuple[int | str, ...]] | None]


class Tally(NamedTuple):
    actual: int
    potential: int  # actual once everything awaiting has been confirmed
    counted: tuple[tuple[int, ...], ...]
    refused: tuple[Refusal, ...]
    minutes: int  # of all records that count, long enough or not
    last_used: date | None  # latest day that counted
    whole: int  # visits that count, before their topics are compared


EMPTY = Tally(0, 0, (), (), 0, None, 0)


class Visit(NamedTuple):
    """Records joined into one."""

    records: list[Record]  # those whose state counts already
    minutes: int
    all_records: list[Record]  # and those awaiting
    all_minutes: int


def sift(rule: Rule, facts: Facts, span: Period, as_of: date) -> list[Sifted]:
    """Every record of the span known on ``as_of`` that the rule looks at, with its objection."""
    wanted = rule.records
    if wanted is None:
        return []
    step = LADDER.index(wanted.state)
    accepted, waiting = frozenset((*LADDER[step:], RECEIVED)), frozenset(LADDER[:step])
    start, end = span.start, span.end
    return [
        (record, _objection(record, wanted, accepted, waiting))
        for record in facts.candidates(wanted.unit, wanted.kinds)
        if start <= (record.covers or record.day) < end and record.day < as_of
    ]


def _objection(
    record: Record, wanted: Filter, accepted: frozenset[str], waiting: frozenset[str]
) -> tuple[str, tuple[int | str, ...]] | None:
    """The first reason against a record; what cannot be mended comes before its state."""
    if wanted.modes is not None and record.mode not in wanted.modes:
        return "mode", (record.mode,)
    if wanted.purposes is not None and record.purpose not in wanted.purposes:
        return "purpose", (record.purpose,)
    if wanted.entered_within is not None:
        late = (record.entered - record.day).days
        if late > wanted.entered_within:
            return "late_entry", (late, wanted.entered_within)
    if wanted.evidence:
        lacking = wanted.evidence.difference(record.evidence)
        if lacking:
            return "evidence", tuple(sorted(lacking))
    if record.state not in accepted:
        awaits = record.state in waiting
        return (AWAITING, (record.state, wanted.state)) if awaits else ("state", (record.state,))
    return None


def tally(rule: Rule, sifted: Sequence[Sifted]) -> Tally:
    if not sifted or rule.records is None or rule.joining is None:
        return EMPTY
    refused = [Refusal((record.id,), *why) for record, why in sifted if why and why[0] != AWAITING]
    visits = _join(rule.joining.join, sifted)
    counted, awaiting = _qualify(rule.records, rule.joining, visits, refused)
    actual = potential = _amount(rule.measure, [(v.records, v.minutes) for v in counted])
    if any(why and why[0] == AWAITING for _, why in sifted):
        everything = [(v.all_records, v.all_minutes) for v in counted + awaiting]
        potential = max(actual, _amount(rule.measure, everything))
        _refuse_awaiting(rule.records, counted, awaiting, refused)
    whole = len(counted)
    if rule.measure is Measure.DISTINCT_TOPICS:
        counted = _distinct(counted, refused)
    return Tally(
        actual,
        potential,
        tuple(tuple(record.id for record in visit.records) for visit in counted),
        tuple(refused),
        sum(visit.minutes for visit in visits),
        max((visit.records[0].day for visit in counted), default=None),
        whole,
    )


_JOIN_KEY: dict[Join, Callable[[Record], object]] = {
    Join.EACH: attrgetter("id"),
    Join.STAY: attrgetter("day", "village", "advisor"),
    Join.VILLAGE_DAY: attrgetter("day", "village"),
    Join.ADVISOR_DAY: attrgetter("day", "advisor"),
}


def _join(join: Join, sifted: Sequence[Sifted]) -> list[Visit]:
    groups: dict[object, tuple[list[Record], list[Record]]] = {}
    key_of = _JOIN_KEY[join]
    for record, why in sifted:
        if why is None or why[0] == AWAITING:
            sure, everything = groups.setdefault(key_of(record), ([], []))
            everything.append(record)
            if why is None:
                sure.append(record)
    return [
        Visit(sure, _length(sure), everything, _length(everything))
        for sure, everything in groups.values()
    ]


def _length(records: list[Record]) -> int:
    """Minutes covered by records in order of time; shared time once, breaks not at all."""
    if len(records) == 1:
        return records[0].minutes
    total = until = 0
    for record in records:
        total += max(0, record.end - max(record.start, until))
        until = max(until, record.end)
    return total


def _qualify(
    wanted: Filter, joining: Joining, visits: list[Visit], refused: list[Refusal]
) -> tuple[list[Visit], list[Visit]]:
    """Visits that count, and those that will once confirmed; the rest is refused."""
    least, once = wanted.min_minutes, joining.same_day is SameDay.ONCE
    counted: list[Visit] = []
    awaiting: list[Visit] = []
    taken: set[tuple[date, int]] = set()
    visits = sorted(visits, key=lambda v: not (v.records and v.minutes >= least))
    for visit in visits:
        first = visit.all_records[0]
        slot = first.day, first.village
        if visit.all_minutes < least:
            refused.append(Refusal(_ids(visit), "too_short", (visit.all_minutes, least)))
        elif once and slot in taken:
            refused.append(Refusal(_ids(visit), "same_day", ()))
        else:
            sure = visit.records and visit.minutes >= least
            (counted if sure else awaiting).append(visit)
            taken.add(slot)
    return counted, awaiting


def _ids(visit: Visit) -> tuple[int, ...]:
    return tuple(record.id for record in visit.all_records)


def _amount(measure: Measure, visits: list[tuple[list[Record], int]]) -> int:
    if measure is Measure.MINUTES:
        return sum(minutes for _, minutes in visits)
    if measure is Measure.DISTINCT_DAYS:
        return len({records[0].day for records, _ in visits})
    if measure is Measure.DISTINCT_TOPICS:
        return len({topic for records, _ in visits if (topic := topic_of(records[0]))})
    return len(visits)


def topic_of(record: Record) -> str:
    """A focus without its spaces; "" when none was given."""
    return "".join(record.focus.split())


def _refuse_awaiting(
    wanted: Filter, counted: list[Visit], awaiting: list[Visit], refused: list[Refusal]
) -> None:
    for visit in awaiting:
        unsure = [record for record in visit.all_records if record not in visit.records]
        refused.append(Refusal(_ids(visit), AWAITING, (unsure[0].state, wanted.state)))
    for visit in counted:
        if len(visit.all_records) > len(visit.records):
            unsure = [record for record in visit.all_records if record not in visit.records]
            ids = tuple(record.id for record in unsure)
            refused.append(Refusal(ids, AWAITING, (unsure[0].state, wanted.state)))


def _distinct(counted: list[Visit], refused: list[Refusal]) -> list[Visit]:
    """The first visit of each topic; later ones of the same are refused as repeats."""
    seen: set[str] = set()
    first: list[Visit] = []
    for visit in counted:
        topic = topic_of(visit.records[0])
        if topic and topic not in seen:
            first.append(visit)
            seen.add(topic)
        elif topic:
            refused.append(Refusal(_ids(visit), "repeated_topic", (visit.records[0].focus,)))
        else:
            refused.append(Refusal(_ids(visit), "no_topic", ()))
    return first
