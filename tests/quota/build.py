"""Short words for facts, so that a test reads like its case."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from assessments.quota import packs
from assessments.quota.engine import judge
from assessments.quota.facts import Facts, Place, Record, Term
from assessments.quota.rules import Force, PartMode, Rule, Subject
from assessments.quota.verdicts import Status, Verdict
from lawadvisor.foundation.periods import Period

POLICIES = Path(packs.__file__).parent.parent / "policies"
ZX_FILE = POLICIES / "zx.toml"
PLACES = ("zx", "cz", "sh", "dg", "jc")
OCTOBER = Period.month(2026, 10)
BUREAU = 9


@cache
def pack(place_code: str) -> packs.Pack:
    """The policy of a place by the name of its file, such as ``cz``."""
    return packs.load_pack(POLICIES / f"{place_code}.toml")


def zx() -> packs.Pack:
    return pack("zx")


def rule(key: str) -> Rule:
    """By its key, whose beginning names the place."""
    return next(rule for rule in pack(key[:2].lower()).rules if rule.key == key)


def october(day: int) -> date:
    return date(2026, 10, day)


def session(number: int, day: date, hours: str = "9:00-13:00", **other: Any) -> Record:
    start, end = (_minute(clock) for clock in hours.split("-"))
    made = Record(
        number, "session", 1, 1, 1, day, start, end, end - start, "duty", "on_site", "duty",
        "submitted", "", day, (), None,
    )  # fmt: skip
    return made._replace(**other)


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def lecture(number: int, day: date, focus: str = "婚姻家庭", **other: Any) -> Record:
    made = session(number, day, "9:00-10:00", unit="matter", kind="lecture", focus=focus)
    return made._replace(**other)


def matter(number: int, kind: str, day: date, **other: Any) -> Record:
    return session(number, day, "9:00-10:00", unit="matter", kind=kind)._replace(**other)


def filing(number: int, kind: str, day: date, covers: date, **other: Any) -> Record:
    made = Record(
        number, "filing", 1, 1, 1, day, 0, 0, 0, kind, "", "", "submitted", "", day, (), covers
    )
    return made._replace(**other)


def filed_by(level: str, number: int, kind: str, day: date, **other: Any) -> Record:
    """A filing of the bureau or of township 1, written for the day it was handed in."""
    of = {"bureau": 0, "township": 1}[level]
    made = filing(number, kind, day, day, appointment=None, advisor=None, village=0, township=of)
    return made._replace(**other)


def term(number: int = 1, **other: Any) -> Term:
    made = Term(number, 1, 1, "lawyer", date(2020, 1, 1), None, None, "active", "")
    return made._replace(**other)


def place(number: int = 1, **other: Any) -> Place:
    return Place(number, f"村{number}", "village", "plain", "", 1)._replace(**other)


def facts(
    records: Iterable[Record] = (),
    terms: Sequence[Term] | None = None,
    places: Sequence[Place] | None = None,
) -> Facts:
    """One village served by one lawyer since long ago, unless told otherwise."""
    return Facts(
        bureau=BUREAU,
        places=[place()] if places is None else places,
        terms=[term()] if terms is None else terms,
        records=list(records),
    )


def verdict(
    asked: str | Rule,
    told: Facts,
    period: Period = OCTOBER,
    *,
    as_of: date | None = None,
    today: date | None = None,
    of: Subject = Subject.APPOINTMENT,
    number: int = 1,
) -> Verdict:
    """The one verdict on a subject; when the whole period is over unless told otherwise."""
    judged = rule(asked) if isinstance(asked, str) else asked
    end = Period.containing(judged.period, period.start).end
    found = judge([judged], told, period, as_of or end, today=today)
    return next(v for v in found if v.subject_kind is of and v.subject_id == number)


class Try(NamedTuple):
    """One rule on a few facts: the status that subject 1 (of the bureau: itself) must have."""

    rule: str
    status: Status
    records: Sequence[Record] = ()
    of: Subject = Subject.APPOINTMENT
    period: Period = OCTOBER
    as_of: date | None = None  # None: when the rule's whole period is over
    terms: Sequence[Term] | None = None
    places: Sequence[Place] | None = None

    def found(self) -> Status:
        told = facts(self.records, self.terms, self.places)
        number = BUREAU if self.of is Subject.BUREAU else 1
        asked = verdict(self.rule, told, self.period, as_of=self.as_of, of=self.of, number=number)
        return asked.status


def owed_tries(place_code: str) -> set[tuple[str, Status]]:
    """Every rule of a policy with each status that a test must reach."""
    owed = set()
    for each in pack(place_code).rules:
        mild = each.force in (Force.WARNING, Force.INFORMATION)
        owed |= {(each.key, Status.MET), (each.key, Status.NOTICE if mild else Status.NOT_MET)}
        if each.part is not None and each.part.mode is PartMode.WAIVE:
            owed.add((each.key, Status.NOT_ASSESSED))
        if each.records is not None and each.records.state != "submitted":
            owed.add((each.key, Status.PENDING))
    return owed


def counting(key: str, **changes: Any) -> Rule:
    """A ZX rule with some switches of its record filter turned."""
    wanted = rule(key).records
    assert wanted is not None
    return replace(rule(key), records=replace(wanted, **changes))


def history(seed: int) -> Facts:
    """A small invented county around October 2026, with every flaw a record can have."""
    draw = random.Random(seed)
    places = [place(n, township=draw.randint(1, 2)) for n in range(1, draw.randint(1, 3) + 1)]
    terms = [_some_term(draw, n, len(places)) for n in range(1, draw.randint(0, 5) + 1)]
    records = [_some_record(draw, n, terms, len(places)) for n in range(draw.randint(0, 25))]
    return facts(records, terms, places)


def _some_term(draw: random.Random, number: int, villages: int) -> Term:
    start = date(2026, 1, 1) + timedelta(days=draw.choice([0, 0, 0, draw.randrange(365)]))
    end = draw.choice([None, None, start + timedelta(days=draw.randrange(1, 400))])
    suspended = draw.choice([None, None, None, start + timedelta(days=draw.randrange(300))])
    return term(
        number,
        advisor=draw.randint(1, 2),
        village=draw.randint(1, villages + 3),  # some are another bureau's
        category=draw.choice(["lawyer", "legal_worker", "retired_cadre", "notary"]),
        start=start,
        end=end,
        suspended=suspended,
    )


def _some_record(draw: random.Random, number: int, terms: list[Term], villages: int) -> Record:
    appointed = draw.choice(terms) if terms and draw.random() < 0.9 else None
    day = date(2026, 10, 1) + timedelta(days=draw.choice([draw.randrange(8), draw.randrange(31)]))
    if draw.random() < 0.2:
        day = date(2026, 1, 1) + timedelta(days=draw.randrange(365))
    start = draw.choice([480, 540, 600, 840, 900])
    length = draw.choice([60, 120, 239, 240, 241, 300])
    purpose = draw.choice(["duty"] * 5 + ["mediation", "lecture_only", "other"])
    who = {
        "appointment": appointed.id if appointed else None,
        "advisor": appointed.advisor if appointed else None,
        "village": appointed.village if appointed else draw.randint(1, villages),
        "state": draw.choice(["submitted"] * 5 + ["confirmed", "reviewed", "draft", "returned"]),
    }
    unit = draw.random()
    if unit < 0.15:
        kind = draw.choice(["suggestion_report", "dossier"])
        return filing(number, kind, day, date(draw.choice([2025, 2026, 2026]), 6, 1), **who)
    if unit < 0.2:
        covers = date(2026, draw.choice([9, 9, 10, 11, 12]), 1)
        if draw.random() < 0.5:
            return filing(number, "online_group", day, covers, **who)
        handed = covers + timedelta(days=30 + draw.randint(0, 8))
        own = {"state": who["state"], "township": draw.randint(1, 2)}
        return filed_by("township", number, "monthly_summary", handed, covers=covers, **own)
    mode = draw.choice(["on_site"] * 6 + ["wechat", "phone"])
    made = session(number, day, f"0:00-{length // 60}:{length % 60:02d}", mode=mode, **who)
    made = made._replace(entered=day + timedelta(days=draw.choice([0, 0, 1, 3, 4, 9])))
    made = made._replace(start=start, end=start + length, purpose=purpose, kind=purpose)
    if unit < 0.45:
        focus = draw.choice(["婚姻家庭", "土地权属", "物业服务", "物业 服务", ""])
        return made._replace(unit="matter", kind="lecture", focus=focus)
    return made
