"""Rules drawn at random from the words of a policy file, kept when a pack would take them."""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from assessments.quota import rules as words
from assessments.quota.reading import PackError, Source, Table
from assessments.quota.rulebook import Inherited, read_rule, rule_from_json, rule_to_json
from assessments.quota.rules import (
    Bound,
    Force,
    Having,
    Join,
    Measure,
    PartMode,
    Rule,
    SameDay,
    Subject,
    needed_tables,
)
from assessments.quota.sense import quarrels
from lawadvisor.foundation.periods import PeriodKind

KINDS = {
    "session": (),
    "matter": ("lecture", "mediation", "training"),
    "filing": ("dossier", "monthly_summary", "inspection"),
}
CODES = ("4304", "430408", "43040801", "4304080200", "9")
CLASSES = ("一类", "二类")
SHOWN = ("photo", "client", "cadres")
FILED = (Measure.DOCUMENTS, Measure.DUE_DATES)


def some_rules(draw: random.Random, month: date) -> list[Rule]:
    """One to three that bind around ``month``; sometimes one that tightens another."""
    found = [some_rule(draw, f"R{n}", month) for n in range(1, draw.randint(2, 3))]
    for base in list(found):
        stricter = tightened(draw, base) if draw.random() < 0.5 else None
        if stricter is not None:
            found.append(stricter)
    draw.shuffle(found)
    return found


def some_rule(draw: random.Random, key: str, month: date) -> Rule:
    """Draws until the reader of policy files takes it; each measure as often as the others."""
    measure = draw.choice(list(Measure))
    while True:
        drawn = _drawn(draw, key, measure, month)
        table = Table(drawn, (), Source("drawn", ""))
        try:
            return read_rule(table, Inherited("confirmed", month.replace(month=1, day=1)))
        except PackError:
            continue


def tightened(draw: random.Random, base: Rule) -> Rule | None:
    """A stricter rule for some division codes, if the form allows one."""
    applies = replace(base.applies, codes=tuple(some(draw, CODES, 2)))
    more = 0 if base.bound is Bound.AT_MOST else draw.choice([0, 1, 20])
    stricter = replace(
        base, key=f"{base.key}-T", tightens=base.key, applies=applies, target=base.target + more
    )
    try:
        stricter = rule_from_json(rule_to_json(stricter))
    except PackError:
        return None
    return None if list(quarrels(stricter, [base, stricter])) else stricter


def some(draw: random.Random, of: Collection[str], most: int = 99) -> list[str]:
    return draw.sample(sorted(of), draw.randint(1, min(most, len(of))))


def any_or(draw: random.Random, of: Collection[str], chance: float = 0.3) -> list[str]:
    return some(draw, of) if draw.random() < chance else ["any"]


def _drawn(draw: random.Random, key: str, measure: Measure, month: date) -> dict[str, Any]:
    subjects = draw.sample(list(Subject), draw.choice([1, 1, 2, 3, 7]))
    if measure is Measure.SHARE:
        subjects = draw.sample([Subject.TOWNSHIP, Subject.BUREAU], draw.randint(1, 2))
    if measure is Measure.CONCURRENT:
        subjects = [draw.choice([Subject.ADVISOR, Subject.VILLAGE])]
    period = draw.choice([*PeriodKind, *([PeriodKind.MONTH, PeriodKind.QUARTER] * 2)])
    if period is PeriodKind.TERM:
        subjects = [Subject.APPOINTMENT]
    having = draw.choice(list(Having)) if measure is Measure.SHARE else None
    bound = _bound(draw, measure)
    drawn: dict[str, Any] = {
        "key": key,
        "title": "任意一项",
        "clause": "一",
        "phrase": "每期若干",
        "basis": draw.choice(["text", "bureau"]),
        "force": draw.choice(list(Force)).value,
        "measure": measure.value,
        "unit": "项",
        "subjects": [subject.value for subject in subjects],
        "period": period.value,
        "bound": bound.value,
        "target": _target(draw, measure, bound),
        **({"having": having.value} if having else {}),
        "applies": _applies(draw, month),
    }
    for name in sorted(needed_tables(measure, tuple(subjects), having, period) - {"having"}):
        table = _TABLES[name](draw, measure, month)
        if table or draw.random() < 0.5:  # else what is left out is inherited
            drawn[name] = table
    return drawn


def _bound(draw: random.Random, measure: Measure) -> Bound:
    if measure in (Measure.SHARE, Measure.COMPLETE):
        return Bound.SHARE
    if measure is Measure.CONCURRENT:
        return Bound.AT_MOST
    return draw.choice(list(Bound))


def _target(draw: random.Random, measure: Measure, bound: Bound) -> int:
    if bound is Bound.SHARE:
        return draw.choice([1, 33, 50, 60, 67, 90, 100])
    if measure is Measure.MINUTES:
        return draw.choice([0, 60, 100, 300, 480, 1500, 5000])
    return draw.choice([0, 1, 1, 2, 2, 3, 5, 9])


def _records(draw: random.Random, measure: Measure, _: date) -> dict[str, Any]:
    units: tuple[str, ...] = ("session", "session", "matter", "filing")
    if measure in FILED:
        units = ("filing",)
    if measure is Measure.DISTINCT_TOPICS:
        units = ("matter",)
    unit = draw.choice(units)
    wanted: dict[str, Any] = {"unit": unit, "state": draw.choice([*words.LADDER, "pack"])}
    if unit != "session" and draw.random() < 0.8:
        wanted["kinds"] = any_or(draw, KINDS[unit], 0.5)
    wanted["evidence"] = some(draw, SHOWN, 1) if draw.random() < 0.2 else []
    if draw.random() < 0.2:
        wanted["entered_within"] = draw.choice([0, 3, 30])
    if unit == "filing":
        return wanted
    wanted["modes"] = any_or(draw, words.MODES, 0.3)
    if draw.random() < 0.8:
        wanted["purposes"] = any_or(draw, words.PURPOSES, 0.3)
        wanted["min_minutes"] = draw.choice([0, 0, 0, 60, 61, 120, 240])
    return wanted


def _joining(draw: random.Random, _: Measure, __: date) -> dict[str, Any]:
    if draw.random() < 0.2:
        return {}
    return {"join": draw.choice(list(Join)).value, "same_day": draw.choice(list(SameDay)).value}


def _part(draw: random.Random, measure: Measure, _: date) -> dict[str, Any]:
    mode = draw.choice(list(PartMode))
    if measure is Measure.MINUTES and draw.random() < 0.5:
        mode = PartMode.PRORATE
    if draw.random() < 0.2:
        return {}
    share = {"min_share": draw.choice(["1", "1/2", "2/3", "1/30"])}
    return {"mode": mode.value, "basis": "bureau", **(share if mode is PartMode.WAIVE else {})}


def _persons(draw: random.Random, _: Measure, __: date) -> dict[str, Any]:
    given = {
        "credit": draw.choice(list(words.Credit)).value,
        "excused": draw.choice(list(words.Excused)).value,
        "substitute": draw.choice(list(words.Substitute)).value,
    }
    return {name: word for name, word in given.items() if draw.random() < 0.8}


def _day(draw: random.Random, _: Measure, __: date) -> dict[str, Any]:
    noon = {"noon": draw.choice(["12:00", "09:00", "09:30"])} if draw.random() < 0.6 else {}
    least = draw.choice([0, 1, 60, 61, 120])
    return {"per": draw.choice(["date", "village_date"]), "min_minutes": least, **noon}


def _complete(draw: random.Random, _: Measure, __: date) -> dict[str, Any]:
    wanted: dict[str, Any] = {"needs": draw.sample(SHOWN, draw.randint(0, 3))}
    if draw.random() < 0.6:
        wanted["over"] = draw.choice(list(words.Over)).value
    if draw.random() < 0.3:
        wanted["entered_within"] = draw.choice([0, 3])
    return wanted


def _due(draw: random.Random, _: Measure, month: date) -> dict[str, Any]:
    of = draw.choice([["last", "+1", "+5", "+20", "+40"], ["01-31", "06-30", "07-10", "12-31"]])
    if of[0] != "last":
        of = [*of, f"{month.month:02d}-10"]
    return {"on": some(draw, set(of), 3), "late": draw.choice(list(words.Late)).value}


def _window(draw: random.Random, _: Measure, month: date) -> dict[str, Any]:
    first = month + timedelta(days=draw.randint(-40, 15))
    return {"first": first, "last": first + timedelta(days=draw.choice([0, 6, 30, 80]))}


_TABLES = {
    "records": _records,
    "joining": _joining,
    "part": _part,
    "persons": _persons,
    "day": _day,
    "complete": _complete,
    "due": _due,
    "window": _window,
}


def _applies(draw: random.Random, month: date) -> dict[str, Any]:
    applies: dict[str, Any] = {}
    if draw.random() < 0.5:
        applies = {
            "categories": any_or(draw, ("lawyer", "legal_worker", "notary")),
            "village_kinds": any_or(draw, words.VILLAGE_KINDS, 0.2),
            "classes": any_or(draw, CLASSES, 0.2),
            "terrains": any_or(draw, words.TERRAINS, 0.2),
            "codes": any_or(draw, CODES, 0.2),
        }
    if draw.random() < 0.4:
        applies["volunteers"] = True
    applies["from"] = _early(draw, month)
    if draw.random() < 0.15:
        applies["until"] = month + timedelta(days=draw.choice([-20, 1, 15, 100, 400]))
    if draw.random() < 0.15:
        applies["phases"] = [_phase(draw, month) for _ in range(draw.randint(1, 2))]
    return applies


def _early(draw: random.Random, month: date) -> date | str:
    if draw.random() < 0.1:
        return "pack"
    return month + timedelta(days=draw.choice([*[-2000] * 7, -40, 0, 9]))


def _phase(draw: random.Random, month: date) -> dict[str, Any]:
    phase: dict[str, Any] = {"from": month + timedelta(days=draw.choice([-900, -30, 0, 5]))}
    name = draw.choice(["codes", "classes", "terrains", ""])
    of = {"codes": CODES, "classes": CLASSES, "terrains": words.TERRAINS}
    if name:
        phase[name] = some(draw, of[name], 2)
    return phase
