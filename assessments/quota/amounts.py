"""How much joined records amount to, by the measure of the rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import NamedTuple

from assessments.quota.facts import Record
from assessments.quota.rules import (
    NOON,
    Complete,
    Day,
    Due,
    Late,
    Measure,
    Over,
    Rule,
)
from assessments.quota.verdicts import Refusal

_MIDNIGHT = 24 * 60
_ANY_DAY = Day(per_village=False, min_minutes=0, noon=NOON)

#: Records joined into one, in order of time, and the minutes they cover.
Group = tuple[list[Record], int]


class Visit(NamedTuple):
    """Records joined into one."""

    records: list[Record]  # in order of time; at least one
    minutes: int
    sure: list[Record]  # those whose state counts already
    sure_minutes: int


class Amount(NamedTuple):
    """``kept`` are the places, among the groups given, of those that count; ``whole`` is
    what the amount is a share of; ``days`` those of the days or half-days that count, ``met``
    the due dates that have their document."""

    amount: int
    whole: int
    kept: Sequence[int]
    refused: list[Refusal]
    days: tuple[date, ...] = ()
    met: frozenset[date] = frozenset()


def count(rule: Rule, groups: Sequence[Group], dues: tuple[date, ...]) -> Amount:
    """The amount of groups that passed every filter of the rule; ``dues`` are its due dates."""
    counter = _COUNTERS.get(rule.measure)
    if counter is not None:
        return counter(rule, groups, dues)
    amount = len(groups)
    if rule.measure is Measure.MINUTES:
        amount = sum([minutes for _, minutes in groups])
    return Amount(amount, len(groups), range(len(groups)), [])


def length(records: Sequence[Record]) -> int:
    """Minutes covered by records in order of time; shared time once, breaks not at all."""
    if len(records) == 1:
        return records[0].minutes
    total = until = 0
    for record in records:
        total += max(0, record.end - max(record.start, until))
        until = max(until, record.end)
    return total


def topic_of(record: Record) -> str:
    """A focus without its spaces; "" when none was given."""
    return "".join(record.focus.split())


def _days(rule: Rule, groups: Sequence[Group], _dues: tuple[date, ...]) -> Amount:
    """Distinct days, or half-days, that hold enough minutes."""
    day = rule.day or _ANY_DAY
    half = rule.measure is Measure.HALF_DAYS
    parts = [(0, day.noon), (day.noon, _MIDNIGHT)] if half else [(0, _MIDNIGHT)]
    slots: dict[tuple[date, int, int], list[Record]] = {}
    places: dict[tuple[date, int, int], set[int]] = {}
    for place, (records, _) in enumerate(groups):
        for record in records:
            for part, (start, end) in enumerate(parts):
                if record.start < end and start < record.end:
                    slot = record.day, record.village if day.per_village else 0, part
                    cut = record._replace(start=max(start, record.start), end=min(end, record.end))
                    slots.setdefault(slot, []).append(cut)
                    places.setdefault(slot, set()).add(place)
    full = [slot for slot, cuts in slots.items() if _covered(cuts) >= max(1, day.min_minutes)]
    kept = sorted({place for slot in full for place in places[slot]})
    refused = []
    for place, (records, minutes) in enumerate(groups):
        if place not in kept:
            refused.append(Refusal(_ids(records), "short_day", (minutes, day.min_minutes)))
    return Amount(len(full), len(full), kept, refused, tuple(slot[0] for slot in full))


def _covered(cuts: list[Record]) -> int:
    return length([cut._replace(minutes=cut.end - cut.start) for cut in sorted(cuts, key=_start)])


def _start(record: Record) -> tuple[int, int]:
    return record.start, record.end


def _topics(_rule: Rule, groups: Sequence[Group], _dues: tuple[date, ...]) -> Amount:
    """The first of each topic; later ones of the same are refused as repeats."""
    seen: set[str] = set()
    kept, refused = [], []
    for place, (records, _) in enumerate(groups):
        topic = topic_of(records[0])
        if topic and topic not in seen:
            kept.append(place)
            seen.add(topic)
        elif topic:
            refused.append(Refusal(_ids(records), "repeated_topic", (records[0].focus,)))
        else:
            refused.append(Refusal(_ids(records), "no_topic", ()))
    return Amount(len(seen), len(groups), kept, refused)


def _complete(rule: Rule, groups: Sequence[Group], _dues: tuple[date, ...]) -> Amount:
    wanted = rule.complete or Complete((), Over.EACH, None)
    if wanted.over is Over.TOGETHER:
        return _together(wanted, groups)
    kept, refused = [], []
    for place, (records, _) in enumerate(groups):
        why = _incomplete(wanted, records[0])
        if why is None:
            kept.append(place)
        else:
            refused.append(why)
    return Amount(len(kept), len(groups), kept, refused)


def _incomplete(wanted: Complete, record: Record) -> Refusal | None:
    if lacking := tuple(need for need in wanted.needs if need not in record.evidence):
        return Refusal((record.id,), "incomplete", lacking)
    late = (record.entered - record.day).days
    if wanted.entered_within is not None and late > wanted.entered_within:
        return Refusal((record.id,), "entered_late", (late, wanted.entered_within))
    return None


def _together(wanted: Complete, groups: Sequence[Group]) -> Amount:
    shown = {word for records, _ in groups for record in records for word in record.evidence}
    lacking = tuple(need for need in wanted.needs if need not in shown)
    refused = [Refusal((), "lacking", lacking)] if lacking else []
    whole = len(wanted.needs)
    return Amount(whole - len(lacking), whole, range(len(groups)), refused)


def _dues(rule: Rule, groups: Sequence[Group], dues: tuple[date, ...]) -> Amount:
    """Each due date takes the first document since the date before; a late one fills a gap."""
    late_counts = (rule.due or Due((), (), Late.REFUSED)).late is Late.COUNTS
    handed = [records[0].day for records, _ in groups]
    taken: dict[int, date] = {}
    before = date.min
    for due in dues:
        found = next((n for n, day in enumerate(handed) if before < day <= due), None)
        if found is not None:
            taken[found] = due
        before = due
    kept, met, refused = set(taken), set(taken.values()), []
    for due in (due for due in dues if due not in taken.values()):
        late = next((n for n, day in enumerate(handed) if n not in taken and day > due), None)
        if late is not None:
            taken[late] = due
            if late_counts:
                kept.add(late)
                met.add(due)
            else:
                days = (handed[late] - due).days
                refused.append(Refusal(_ids(groups[late][0]), "late", (days, due.isoformat())))
    refused += [
        Refusal(_ids(records), "surplus", ())
        for place, (records, _) in enumerate(groups)
        if place not in taken
    ]
    return Amount(len(kept), len(dues), sorted(kept), refused, (), frozenset(met))


def _ids(records: Iterable[Record]) -> tuple[int, ...]:
    return tuple([record.id for record in records])


_COUNTERS: dict[Measure, Callable[[Rule, Sequence[Group], tuple[date, ...]], Amount]] = {
    Measure.DISTINCT_DAYS: _days,
    Measure.HALF_DAYS: _days,
    Measure.DISTINCT_TOPICS: _topics,
    Measure.COMPLETE: _complete,
    Measure.DUE_DATES: _dues,
}
