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


Sifted = tuple[Record, Refusal | None]  # None: it counts


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

    records: list[Record]  # in order of time; at least one
    minutes: int
    sure: list[Record]  # those whose state counts already
    sure_minutes: int


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


def tally(rule: Rule, sifted: Sequence[Sifted]) -> Tally:
    """Join, qualify and count what one subject has; ``sifted`` is in order of time."""
    if rule.records is None or rule.joining is None:
        return EMPTY
    refused = [why for _, why in sifted if why is not None and why.reason != AWAITING]
    unsure = {why.ids[0]: why for _, why in sifted if why is not None and why.reason == AWAITING}
    visits = _join(rule.joining.join, sifted, unsure)
    counted, awaiting = _qualify(rule.records, rule.joining, visits, refused)
    actual = potential = _amount(rule.measure, [(v.sure, v.sure_minutes) for v in counted])
    if unsure:
        everything = [(v.records, v.minutes) for v in counted + awaiting]
        potential = max(actual, _amount(rule.measure, everything))
        refused += _awaited(counted, awaiting, unsure)
    whole = len(counted)
    if rule.measure is Measure.DISTINCT_TOPICS:
        counted = _distinct(counted, refused)
    return Tally(
        actual,
        potential,
        tuple([tuple([record.id for record in visit.sure]) for visit in counted]),
        tuple(refused),
        sum([visit.sure_minutes for visit in visits]),
        counted[-1].sure[0].day if counted else None,
        whole,
    )


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
            Visit(group, minutes := _length(group), group, minutes) for group in groups.values()
        ]
    visits = []
    for group in groups.values():
        sure = [record for record in group if record.id not in unsure]
        visits.append(Visit(group, _length(group), sure, _length(sure)))
    return visits


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


def _distinct(counted: list[Visit], refused: list[Refusal]) -> list[Visit]:
    """The first visit of each topic; later ones of the same are refused as repeats."""
    seen: set[str] = set()
    first: list[Visit] = []
    for visit in counted:
        topic = topic_of(visit.sure[0])
        if topic and topic not in seen:
            first.append(visit)
            seen.add(topic)
        elif topic:
            refused.append(Refusal(_ids(visit), "repeated_topic", (visit.sure[0].focus,)))
        else:
            refused.append(Refusal(_ids(visit), "no_topic", ()))
    return first
