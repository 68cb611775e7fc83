"""One rule in the words of a policy file: read strictly, and written back.

The same words are the rule's JSON in the database, with everything inherited written out.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from assessments.quota.defaults import completed
from assessments.quota.reading import Source, Table, shown
from assessments.quota.rules import (
    CATEGORIES,
    EVIDENCE,
    FILINGS,
    LADDER,
    MATTERS,
    MODES,
    PURPOSES,
    TERRAINS,
    UNITS,
    VILLAGE_KINDS,
    Applies,
    Basis,
    Bound,
    Complete,
    Credit,
    Day,
    Due,
    Excused,
    Filter,
    Force,
    Having,
    Join,
    Joining,
    Late,
    Measure,
    Over,
    Part,
    PartMode,
    Persons,
    Phase,
    Rule,
    SameDay,
    Subject,
    Substitute,
    needed_tables,
)
from assessments.quota.sense import contradictions
from lawadvisor.foundation.periods import PeriodKind

#: The longest that a due date may lie after its period.
MOST_DAYS_AFTER = 366
_OPTIONAL = (
    *("records", "joining", "part", "persons", "having", "day", "complete", "due", "window"),
)
RULE_KEY = r"[A-Za-z0-9][A-Za-z0-9\-]{0,39}"


@dataclass(frozen=True)
class Inherited:
    """What the word ``pack`` stands for; None where a rule must say it itself."""

    counting_state: str | None
    effective_from: date | None


def read_rule(table: Table, pack: Inherited) -> Rule:
    """Raises PackError at the first key that is wrong, missing, unknown or contradictory."""
    measure = table.choice("measure", Measure)
    subjects = tuple(Subject(word) for word in table.listed("subjects", tuple(Subject)))
    period = table.choice("period", PeriodKind)
    having = table.choice("having", Having) if measure is Measure.SHARE else None
    present = needed_tables(measure, subjects, having, period)
    for key in _OPTIONAL:
        if key in table.data and key not in present:
            said = f"measure = {measure.value}、period = {period.value} 与所列 subjects 不用此项"
            table.fail(key, said, "自相矛盾")
    table.data, inherited = completed(table.data, present, period.value)
    rule = Rule(
        key=table.matching("key", RULE_KEY, "应为字母、数字和短横线，如 ZX-34"),
        title=table.text("title", most=80),
        clause=table.text("clause", "应写明所依据的条款，如 二（四）2", most=40),
        phrase=table.text("phrase", "应摘录所依据的原文", most=300),
        basis=table.choice("basis", Basis),
        force=table.choice("force", Force),
        measure=measure,
        unit=table.text("unit", most=10),
        subjects=subjects,
        period=period,
        bound=table.choice("bound", Bound),
        target=table.number("target", 0, 100_000),
        applies=_applies(table.table("applies"), pack),
        records=_filter(table.table("records"), pack) if "records" in present else None,
        joining=_joining(table.table("joining")) if "joining" in present else None,
        part=_part(table.table("part")) if "part" in present else None,
        having=having,
        persons=_persons(table.table("persons")) if "persons" in present else None,
        day=_day(table.table("day")) if "day" in present else None,
        complete=_complete(table.table("complete")) if "complete" in present else None,
        due=_due(table.table("due")) if "due" in present else None,
        window=_window(table.table("window")) if "window" in present else None,
        tightens=table.matching("tightens", RULE_KEY, "应为另一条规则的 key")
        if "tightens" in table.data
        else "",
        inherited=_told(table) or inherited,
    )
    table.close()
    for key, expected in contradictions(rule):
        table.fail(key, expected, "自相矛盾")
    return rule


def rule_from_json(data: dict[str, Any]) -> Rule:
    """Raises PackError with line 0; a rule of a closed period is read back by this."""
    source = Source(str(data.get("key", "rule")), "")
    return read_rule(Table(data, (), source, stored=True), Inherited(None, None))


def _told(table: Table) -> frozenset[str]:
    """What a stored rule remembers as inherited; a file may not say so."""
    return frozenset(table.listed("inherited")) if table.stored else frozenset()


def _filter(table: Table, pack: Inherited) -> Filter:
    unit = table.one_of("unit", UNITS)
    wanted = Filter(
        unit=unit,
        kinds=table.some("kinds", FILINGS if unit == "filing" else MATTERS),
        modes=table.some("modes", MODES),
        purposes=table.some("purposes", PURPOSES),
        min_minutes=table.number("min_minutes", 0, 24 * 60),
        evidence=frozenset(table.listed("evidence", EVIDENCE)),
        state=table.one_of("state", LADDER, pack=pack.counting_state),
        entered_within=table.number_or_any("entered_within", 0, 366),
    )
    table.close()
    return wanted


def _joining(table: Table) -> Joining:
    joining = Joining(table.choice("join", Join), table.choice("same_day", SameDay))
    table.close()
    return joining


def _part(table: Table) -> Part:
    mode = table.choice("mode", PartMode)
    share = None
    if mode is PartMode.WAIVE or "min_share" in table.data:
        expected = '应为大于0、不超过1的分数，如 "2/3"'
        text = table.text("min_share", expected)
        if not re.fullmatch(r"[1-9]\d{0,3}(/[1-9]\d{0,3})?", text, re.ASCII) or Fraction(text) > 1:
            table.fail("min_share", expected, f"现为 {shown(text)}")
        share = Fraction(text)
    part = Part(mode, share, table.choice("basis", Basis))
    table.close()
    return part


def _persons(table: Table) -> Persons:
    persons = Persons(
        table.choice("credit", Credit),
        table.choice("excused", Excused),
        table.choice("substitute", Substitute),
    )
    table.close()
    return persons


def _day(table: Table) -> Day:
    per = table.one_of("per", ("date", "village_date"))
    clock = table.matching("noon", r"([01]\d|2[0-3]):[0-5]\d", "应为如 12:00 的时刻")
    hour, minute = clock.split(":")
    day = Day(
        per_village=per == "village_date",
        min_minutes=table.number("min_minutes", 0, 24 * 60),
        noon=int(hour) * 60 + int(minute),
    )
    table.close()
    return day


def _complete(table: Table) -> Complete:
    complete = Complete(
        needs=table.listed("needs", EVIDENCE),
        over=table.choice("over", Over),
        entered_within=table.number_or_any("entered_within", 0, 366),
    )
    table.close()
    return complete


def _due(table: Table) -> Due:
    expected = f'应为 "last"、"+天数"（不超过{MOST_DAYS_AFTER}）或 "月-日"，同一条规则只用一种写法'
    words = table.listed("on")
    after = [_days_after(word) for word in words]
    dates = [_month_day(word) for word in words]
    relative = all(days is not None for days in after)
    if not words or not (relative or all(day is not None for day in dates)):
        table.fail("on", expected, f"现为 {shown(list(words))}")
    due = Due(
        month_days=() if relative else tuple(day for day in dates if day is not None),
        after=tuple(days for days in after if days is not None) if relative else (),
        late=table.choice("late", Late),
    )
    table.close()
    return due


def _days_after(word: str) -> int | None:
    if word == "last":
        return 0
    found = re.fullmatch(r"\+([1-9]\d{0,2})", word, re.ASCII)
    return int(found[1]) if found and int(found[1]) <= MOST_DAYS_AFTER else None


def _month_day(word: str) -> tuple[int, int] | None:
    """A day that every year has: the 29th of February is none."""
    found = re.fullmatch(r"(\d{2})-(\d{2})", word, re.ASCII)
    try:
        day = date(2001, int(found[1]), int(found[2])) if found else None
    except ValueError:
        return None
    return (day.month, day.day) if day else None


def _window(table: Table) -> tuple[date, date]:
    nothing = dict[str, date]()
    window = table.day("first", nothing), table.day("last", nothing)
    table.close()
    return window


def _applies(table: Table, pack: Inherited) -> Applies:
    starts = {} if pack.effective_from is None else {"pack": pack.effective_from}
    applies = Applies(
        categories=table.some("categories", CATEGORIES),
        village_kinds=table.some("village_kinds", VILLAGE_KINDS),
        classes=table.some("classes", None),
        terrains=table.some("terrains", TERRAINS),
        start=table.day("from", starts),
        until=table.day("until", {"open": None}),
        codes=table.codes("codes"),
        volunteers=table.flag("volunteers"),
        phases=tuple(map(_phase, table.tables("phases"))),
    )
    table.close()
    return applies


def _phase(table: Table) -> Phase:
    for key in ("codes", "classes", "terrains"):
        table.data.setdefault(key, ["any"])
    phase = Phase(
        start=table.day("from", dict[str, date]()),
        codes=table.codes("codes"),
        classes=table.some("classes", None),
        terrains=table.some("terrains", TERRAINS),
    )
    table.close()
    return phase


# Writing


def rule_to_json(rule: Rule) -> dict[str, Any]:
    """The rule's definition in the words of the file; ``inherited`` lists what was left open."""
    tables = {
        "records": rule.records and _filter_words(rule.records),
        "joining": rule.joining
        and {"join": rule.joining.join.value, "same_day": rule.joining.same_day.value},
        "part": rule.part and _part_words(rule.part),
        "having": rule.having and rule.having.value,
        "persons": rule.persons
        and {
            "credit": rule.persons.credit.value,
            "excused": rule.persons.excused.value,
            "substitute": rule.persons.substitute.value,
        },
        "day": rule.day and _day_words(rule.day),
        "complete": rule.complete and _complete_words(rule.complete),
        "due": rule.due and _due_words(rule.due),
        "window": rule.window
        and {"first": rule.window[0].isoformat(), "last": rule.window[1].isoformat()},
        "tightens": rule.tightens or None,
    }
    return {
        "key": rule.key,
        "title": rule.title,
        "clause": rule.clause,
        "phrase": rule.phrase,
        "basis": rule.basis.value,
        "force": rule.force.value,
        "measure": rule.measure.value,
        "unit": rule.unit,
        "subjects": [subject.value for subject in rule.subjects],
        "period": rule.period.value,
        "bound": rule.bound.value,
        "target": rule.target,
        **{name: words for name, words in tables.items() if words is not None},
        "applies": _applies_words(rule.applies),
        "inherited": sorted(rule.inherited),
    }


def _filter_words(wanted: Filter) -> dict[str, Any]:
    return {
        "unit": wanted.unit,
        "kinds": _words(wanted.kinds),
        "modes": _words(wanted.modes),
        "purposes": _words(wanted.purposes),
        "min_minutes": wanted.min_minutes,
        "evidence": sorted(wanted.evidence),
        "state": wanted.state,
        "entered_within": "any" if wanted.entered_within is None else wanted.entered_within,
    }


def _part_words(part: Part) -> dict[str, Any]:
    share = {} if part.min_share is None else {"min_share": str(part.min_share)}
    return {"mode": part.mode.value, **share, "basis": part.basis.value}


def _day_words(day: Day) -> dict[str, Any]:
    return {
        "per": "village_date" if day.per_village else "date",
        "min_minutes": day.min_minutes,
        "noon": f"{day.noon // 60:02d}:{day.noon % 60:02d}",
    }


def _complete_words(complete: Complete) -> dict[str, Any]:
    within = complete.entered_within
    return {
        "needs": list(complete.needs),
        "over": complete.over.value,
        "entered_within": "any" if within is None else within,
    }


def _due_words(due: Due) -> dict[str, Any]:
    dates = [f"{month:02d}-{day:02d}" for month, day in due.month_days]
    return {
        "on": dates or ["last" if days == 0 else f"+{days}" for days in due.after],
        "late": due.late.value,
    }


def _applies_words(applies: Applies) -> dict[str, Any]:
    return {
        "categories": _words(applies.categories),
        "village_kinds": _words(applies.village_kinds),
        "classes": _words(applies.classes),
        "terrains": _words(applies.terrains),
        "codes": _words(applies.codes),
        "volunteers": applies.volunteers,
        "from": applies.start.isoformat(),
        "until": applies.until.isoformat() if applies.until else "open",
        "phases": [
            {
                "from": phase.start.isoformat(),
                "codes": _words(phase.codes),
                "classes": _words(phase.classes),
                "terrains": _words(phase.terrains),
            }
            for phase in applies.phases
        ],
    }


def _words(chosen: Collection[str] | None) -> list[str]:
    return ["any"] if chosen is None else sorted(chosen)
