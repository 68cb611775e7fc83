"""How much some records amount to under the words of a rule, minute by minute.

For the general oracle only: slow, obvious, and sharing nothing with the product.
"""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

Visit = list[Any]  # records put together, in order of time


class Amount(NamedTuple):
    amount: int
    whole: int  # what a share is a share of
    counted: frozenset[int]
    brought: list[date]  # the day of each one counted, where a day can bring so many only
    met: frozenset[date]  # due dates that have their document


def minutes_of(records: list[Any]) -> set[tuple[date, int]]:
    return {(r.day, minute) for r in records for minute in range(r.start, r.end)}


def ids_of(visits: list[Visit]) -> frozenset[int]:
    return frozenset(r.id for visit in visits for r in visit)


def together(join: str, record: Any) -> tuple[Any, ...]:
    """Records that answer alike are one visit."""
    return {
        "each": (record.id,),
        "stay": (record.advisor, record.village, record.day),
        "village_day": (record.village, record.day),
        "advisor_day": (record.advisor, record.day),
    }[join]


def visits_of(rule: dict[str, Any], records: list[Any]) -> list[Visit]:
    """Joined, long enough, and not more a day than allowed."""
    visits: list[Visit] = []
    join = rule["joining"]["join"]
    for record in sorted(records, key=lambda r: (r.day, r.start, r.id)):
        for visit in visits:
            if together(join, visit[0]) == together(join, record):
                visit.append(record)
                break
        else:
            visits.append([record])
    least = rule["records"]["min_minutes"]
    long_enough = [visit for visit in visits if len(minutes_of(visit)) >= least]
    if rule["joining"]["same_day"] == "every":
        return long_enough
    kept: list[Visit] = []
    for visit in long_enough:
        if not any((k[0].day, k[0].village) == (visit[0].day, visit[0].village) for k in kept):
            kept.append(visit)
    return kept


def count(rule: dict[str, Any], records: list[Any], dues: tuple[date, ...]) -> Amount:
    visits, measure = visits_of(rule, records), rule["measure"]
    if measure in ("distinct_days", "half_days"):
        return days(rule, visits)
    if measure == "distinct_topics":
        return topics(visits)
    if measure == "complete":
        return complete(rule["complete"], visits)
    if measure == "due_dates":
        return due(rule["due"]["late"] == "counts", visits, dues)
    amount = len(visits)
    if measure == "minutes":
        amount = sum(len(minutes_of(visit)) for visit in visits)
    brought = [] if measure == "minutes" else [visit[0].day for visit in visits]
    return Amount(amount, len(visits), ids_of(visits), brought, frozenset())


def days(rule: dict[str, Any], visits: list[Visit]) -> Amount:
    """A day, or half a day, counts once enough of its minutes are filled."""
    wanted, halves = rule["day"], rule["measure"] == "half_days"
    hour, minute = wanted["noon"].split(":")
    noon = int(hour) * 60 + int(minute)

    def slot(record: Any, at: int) -> tuple[Any, ...]:
        village = record.village if wanted["per"] == "village_date" else None
        return record.day, village, halves and at >= noon

    filled: dict[tuple[Any, ...], set[int]] = {}
    for record in (r for visit in visits for r in visit):
        for at in range(record.start, record.end):
            filled.setdefault(slot(record, at), set()).add(at)
    full = {s for s, minutes in filled.items() if len(minutes) >= wanted["min_minutes"]}
    kept = [
        visit
        for visit in visits
        if any(slot(r, at) in full for r in visit for at in range(r.start, r.end))
    ]
    return Amount(len(full), len(full), ids_of(kept), [s[0] for s in full], frozenset())


def topics(visits: list[Visit]) -> Amount:
    kept: list[Visit] = []
    told: list[str] = []
    for visit in visits:
        topic = "".join(letter for letter in visit[0].focus if not letter.isspace())
        if topic and topic not in told:
            told.append(topic)
            kept.append(visit)
    return Amount(len(kept), len(visits), ids_of(kept), [v[0].day for v in kept], frozenset())


def complete(wanted: dict[str, Any], visits: list[Visit]) -> Amount:
    if wanted["over"] == "together":
        shown = [n for n in wanted["needs"] if any(n in r.evidence for v in visits for r in v)]
        return Amount(len(shown), len(wanted["needs"]), ids_of(visits), [], frozenset())
    within, kept = wanted["entered_within"], []
    for visit in visits:
        (record,) = visit
        in_time = within == "any" or (record.entered - record.day).days <= within
        if in_time and all(need in record.evidence for need in wanted["needs"]):
            kept.append(visit)
    return Amount(len(kept), len(visits), ids_of(kept), [], frozenset())


def due(late_counts: bool, visits: list[Visit], dues: tuple[date, ...]) -> Amount:
    """Each date takes the first document since the date before; what is late fills gaps."""
    left, met, counted = list(visits), set(), list[Visit]()
    for n, day in enumerate(dues):
        for visit in left:
            if visit[0].day <= day and (n == 0 or visit[0].day > dues[n - 1]):
                met.add(day)
                counted.append(visit)
                left.remove(visit)
                break
    for day in dues:
        for visit in list(left) if day not in met else ():
            if visit[0].day > day:
                left.remove(visit)
                if late_counts:
                    met.add(day)
                    counted.append(visit)
                break
    return Amount(len(met), len(dues), ids_of(counted), [], frozenset(met))
