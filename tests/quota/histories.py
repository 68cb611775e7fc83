"""Invented counties with everything the general rule form can ask about."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from assessments.quota.engine import judge
from assessments.quota.facts import Absence, Facts, Place, Record, Term, Waiver
from assessments.quota.rules import Force, Rule
from assessments.quota.verdicts import Status
from lawadvisor.foundation.periods import CALENDAR, Period, PeriodKind
from tests.quota.build import BUREAU, filing, place, session, term
from tests.quota.some_rules import CLASSES, KINDS, SHOWN, some_rules

MODES = (*["on_site"] * 8, "phone", "wechat", "qq", "app", "other_online")
STATES = (*["submitted"] * 4, *["confirmed"] * 4, "reviewed", "reviewed", "draft", "returned")
MONTHS = ((2024, 2), (2024, 12), (2025, 2), (2026, 1), (2026, 6), (2026, 10), (2027, 12), (2028, 3))


class Triple(NamedTuple):
    """What is judged, and when."""

    rules: list[Rule]
    facts: Facts
    period: Period
    as_of: date
    today: date


def some_triple(seed: int) -> Triple:
    draw = random.Random(seed)
    month = date(*draw.choice(MONTHS), 1)
    rules, told = some_rules(draw, month), wide_history(draw, month)
    period = _some_period(draw, month)
    as_of = _some_clock(draw, rules, period)
    today = as_of - timedelta(days=draw.choice([0, 0, 1]))
    found = Triple(rules, told, period, as_of, today)
    if any(rule.force is Force.SOFT for rule in rules):
        return found._replace(facts=replace(told, waivers=_some_waivers(draw, found)))
    return found


def wide_history(draw: random.Random, month: date) -> Facts:
    """A small county around ``month``, with teams, volunteers, absences and filings."""
    places = [_some_place(draw, n) for n in range(1, draw.randint(2, 4))]
    terms = [_some_term(draw, n, len(places), month) for n in range(1, draw.randint(2, 7))]
    own = [each for each in terms if each.village <= len(places)]
    absences = [_some_absence(draw, own, month) for _ in range(draw.randint(0, 4)) if own]
    marks = [0, 4, 9, 14, 15, 19, Period.month(month.year, month.month).days - 1]
    days = [month + timedelta(days=n) for n in (*draw.sample(marks, 3), draw.randrange(28))]
    count = draw.choice([2, 20, 40, 60])
    records = [_some_record(draw, n, places, own, days) for n in range(1, count)]
    for number, absence in enumerate(absences * 2, start=100):
        if absence.substitute is not None:
            records.append(_stand_in(draw, number, absence, own))
    return Facts(bureau=BUREAU, places=places, terms=terms, records=records, absences=absences)


def _some_place(draw: random.Random, number: int) -> Place:
    return place(
        number,
        kind=draw.choice(["village", "community"]),
        terrain=draw.choice(["plain", "mountain"]),
        klass=draw.choice(["", *CLASSES]),
        township=draw.randint(1, 2),
        code=draw.choice(["430408010200", "430408020001", "430407010200"]),
    )


def _some_term(draw: random.Random, number: int, villages: int, month: date) -> Term:
    start = month + timedelta(days=draw.choice([-1500, -731, -400, -60, -1, 0, 1, 10, 20, 29]))
    if draw.random() < 0.1:
        start = date(2024, 2, 29)
    end = draw.choice([None, None, month + timedelta(days=draw.choice([1, 15, 28, 31, 90, 300]))])
    if end is not None and end <= start:
        end = start + timedelta(days=draw.choice([1, 10, 365]))
    paused = month + timedelta(days=draw.choice([-30, 0, 1, 16, 27, 60]))
    return term(
        number,
        advisor=draw.randint(1, 4),
        village=draw.randint(1, villages + draw.choice([0, 0, 2])),  # some are another bureau's
        category=draw.choice(["lawyer", "lawyer", "legal_worker", "notary"]),
        start=start,
        end=end,
        suspended=draw.choice([None, None, None, paused]),
        reason=draw.choice(["", "", "经批准"]),
        organisation=draw.randint(0, 2),
        team=draw.randint(0, 2),
        volunteer=draw.random() < 0.2,
    )


def _some_absence(draw: random.Random, terms: list[Term], month: date) -> Absence:
    start = month + timedelta(days=draw.choice([-10, 0, 5, 10, 25]))
    length = timedelta(days=draw.choice([1, 3, 15, 60]))
    substitute = draw.choice([None, *range(1, 6)])
    return Absence(draw.choice(terms).id, start, start + length, substitute)


def _some_record(
    draw: random.Random, number: int, places: list[Place], terms: list[Term], days: list[date]
) -> Record:
    unit = draw.choice(["session", "session", "matter", "matter", "filing"])
    day = draw.choice(days)
    if draw.random() < 0.25:
        day += timedelta(days=draw.choice([-200, -45, -31, -2, 29, 31, 50, 100]))
    by = draw.choice(terms) if terms and draw.random() < 0.9 else None
    entered = day + timedelta(days=draw.choice([0, 0, 0, 1, 3, 4, 31]))
    evidence = tuple(draw.sample(SHOWN, draw.choice([0, 1, 2, 3, 3])))
    if unit == "filing":
        made = _some_filing(draw, number, places, by, day)
        return made._replace(entered=entered, evidence=evidence)
    made = _some_stay(draw, number, day)._replace(
        appointment=by.id if by else None,
        advisor=by.advisor if by else draw.choice([None, 4, 5]),
        village=by.village if by else draw.choice(places).id,
        entered=entered,
        evidence=evidence,
    )
    if unit == "session":
        return made
    focus = draw.choice(["婚姻家庭", "土地权属", "物业服务", "物业 服务", ""])
    return made._replace(unit="matter", kind=draw.choice(KINDS["matter"]), focus=focus)


def _some_stay(draw: random.Random, number: int, day: date) -> Record:
    start = draw.choice([0, 480, 540, 569, 600, 660, 720, 840])
    length = draw.choice([1, 60, 61, 120, 239, 240, 300])
    purpose = draw.choice(["duty", "duty", "duty", "mediation", "lecture_only", "other"])
    return session(number, day)._replace(
        start=start,
        end=start + length,
        minutes=length,
        mode=draw.choice(MODES),
        purpose=purpose,
        kind=purpose,
        state=draw.choice(STATES),
    )


def _some_filing(
    draw: random.Random, number: int, places: list[Place], by: Term | None, day: date
) -> Record:
    """Of a village, a township (perhaps another bureau's) or the bureau."""
    covers = draw.choice([day, day.replace(day=1), day.replace(month=1, day=1)])
    until = draw.choice([None, covers + timedelta(days=1), Period.month(day.year, day.month).end])
    if until is not None and until <= covers:
        until = None
    made = filing(number, draw.choice(KINDS["filing"]), day, covers)._replace(
        until=until,
        state=draw.choice([*STATES, "received"]),
        appointment=None,
        advisor=by.advisor if by else None,
    )
    level = draw.choice(["village", "village", "village", "township", "bureau"])
    if level == "village":
        number = by.id if by and draw.random() < 0.3 else None
        return made._replace(
            appointment=number, village=by.village if by else draw.choice(places).id
        )
    return made._replace(village=0, township=draw.randint(1, 3) if level == "township" else 0)


def _stand_in(draw: random.Random, number: int, absence: Absence, terms: list[Term]) -> Record:
    """What a substitute did; sometimes a day too late to stand in."""
    absent = next(each for each in terms if each.id == absence.appointment)
    days = (absence.end - absence.start).days
    day = absence.start + timedelta(days=draw.randint(0, days))
    own = [t.id for t in terms if (t.advisor, t.village) == (absence.substitute, absent.village)]
    return _some_stay(draw, number, day)._replace(
        appointment=draw.choice([None, *own]), advisor=absence.substitute, village=absent.village
    )


def _some_period(draw: random.Random, month: date) -> Period:
    kind = draw.choice([PeriodKind.MONTH] * 12 + list(CALENDAR))
    return Period.containing(kind, month + timedelta(days=draw.choice([0, 0, 0, 13])))


def _some_clock(draw: random.Random, rules: Iterable[Rule], period: Period) -> date:
    """Around the period asked for, or around the end of what a rule is judged for."""
    days = draw.choice([-1, 1, 10, 20, 21, 25, 28, 30, 40, 100, 400])
    if draw.random() < 0.4:
        return period.end
    if draw.random() < 0.4:
        kind = draw.choice([r.period if r.period in CALENDAR else period.kind for r in rules])
        around = Period.containing(kind, period.start)
        return around.end + timedelta(days=draw.choice([-8, -2, -1, 0, 1]))
    return period.start + timedelta(days=days)


def _some_waivers(draw: random.Random, asked: Triple) -> dict[tuple[str, str, int, date], Waiver]:
    """Some of what fails, of soft rules and of others, and some that do not."""
    found = judge(asked.rules, asked.facts, asked.period, asked.as_of, today=asked.today)
    failing = [v for v in found if v.status is Status.NOT_MET or draw.random() < 0.1]
    return {
        (v.rule, v.subject_kind.value, v.subject_id, v.period.start): Waiver("洪水", "李四")
        for v in failing
        if draw.random() < 0.5
    }
