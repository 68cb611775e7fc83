"""Any rule of the general form judged once more, day by day and minute by minute.

Written from what the words of a rule mean, to be slow and obvious. It imports nothing of
the product: it is handed each rule in its JSON words, and reads attributes of the facts.
"""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from tests.quota.calendar_words import Stretch, last_third, stretches
from tests.quota.general_counts import Amount, count
from tests.quota.general_reach import (
    Reach,
    Words,
    allows,
    days_written_for,
    holds,
    in_office,
    percent,
)

LADDER = ("submitted", "confirmed", "reviewed")


class Answer(NamedTuple):
    status: str
    required: int
    actual: int
    pending: int
    active_days: int
    counted: frozenset[int]


#: Rule key, kind and id of the subject, first day of the period.
Answers = dict[tuple[str, str, int, date], Answer]


def judge_slowly(
    rules: list[Words], facts: Any, asked: tuple[date, ...], as_of: date, today: date
) -> Answers:
    """``asked`` are the days of the period; ``as_of`` and ``today`` as the engine has them."""
    answers: Answers = {}
    here = {place.id for place in facts.places}
    own = list({term.id: term for term in facts.terms if term.village in here}.values())
    for rule in rules:
        for stretch in stretches(rule, asked, own):
            stricter = [r for r in rules if r.get("tightens") == rule["key"] and _now(r, stretch)]
            answers.update(Judge(rule, facts, stretch, stricter, as_of, today).answers())
    return answers


def _now(rule: Words, stretch: Stretch) -> bool:
    start, until, first = rule["applies"]["from"], rule["applies"]["until"], stretch.days[0]
    return start <= first.isoformat() and (until == "open" or first.isoformat() < until)


class Judge(Reach):
    """One rule in one stretch of days."""

    # Which records count

    def known(self) -> tuple[list[Any], list[Any]]:
        """Records that count, and those that will once they are confirmed."""
        sure, waiting = [], []
        for record in {(r.unit, r.id): r for r in self.facts.records}.values():
            if record.day < self.as_of and self.looks_at(record) and self.passes(record):
                step = LADDER.index(self.rule["records"]["state"])
                if record.state in (*LADDER[step:], "received"):
                    sure.append(record)
                elif record.state in LADDER:
                    waiting.append(record)
        return sure, waiting

    def looks_at(self, record: Any) -> bool:
        wanted = self.rule["records"]
        if record.unit != wanted["unit"] or not set(days_written_for(record)) & self.day_set:
            return False
        if record.unit != "session" and not allows(wanted["kinds"], record.kind):
            return False
        if record.village:
            return record.village in self.places
        return record.unit == "filing" and record.township in (0, *self.townships)

    def passes(self, record: Any) -> bool:
        wanted, within = self.rule["records"], self.rule["records"]["entered_within"]
        term = self.here.get(self.appointment_of(record))
        return (
            (term is None or self.binds(term))
            and allows(wanted["modes"], record.mode)
            and allows(wanted["purposes"], record.purpose)
            and all(word in record.evidence for word in wanted["evidence"])
            and (within == "any" or (record.entered - record.day).days <= within)
        )

    def appointment_of(self, record: Any) -> int:
        """Of a filing: its advisor's on the last day it is written for, else his latest."""
        if record.appointment is not None or record.unit != "filing":
            return record.appointment or 0
        his = [
            term
            for number, term in sorted(self.here.items())
            if term.advisor == record.advisor and term.village == record.village
        ]
        last = days_written_for(record)[-1]
        now = [term for term in his if in_office(term, last)]
        return now[0].id if now else his[-1].id if his else 0

    # Whose records

    def belongs(self, record: Any, kind: str, subject: int) -> bool:
        if kind == "village":
            return bool(record.village == subject)
        if kind in ("township", "bureau"):
            return self.in_region(record, kind, subject)
        if kind == "advisor":
            return record.advisor == subject or any(
                self.here[n].advisor == subject for n in self.absent(record)
            )
        mine = {self.appointment_of(record)}
        if kind == "appointment":
            return self.credits(record, mine | self.absent(record), self.here[subject])
        return any(getattr(self.here[n], kind) == subject for n in mine if n in self.here)

    def in_region(self, record: Any, kind: str, subject: int) -> bool:
        """A filing counts on its own level alone."""
        if record.unit == "filing":
            if kind == "bureau":
                return not record.village and not record.township
            return not record.village and record.township == subject
        return kind == "bureau" or self.places[record.village].township == subject

    def absent(self, record: Any) -> set[int]:
        """The appointments for which this record's advisor stood in."""
        if self.rule["persons"]["substitute"] == "own":
            return set()
        return {
            a.appointment
            for a in self.facts.absences
            if a.substitute is not None
            and a.substitute == record.advisor
            and a.appointment in self.here
            and self.here[a.appointment].village == record.village
            and a.start <= record.day < a.end
        }

    def credits(self, record: Any, done_by: set[int], term: Any) -> bool:
        credit = self.rule["persons"]["credit"]
        if credit == "village":
            return bool(record.village == term.village)
        if term.id in done_by:
            return True
        mates = [self.here[n] for n in done_by if n in self.here]
        return credit == "team" and any(
            term.team and (mate.team, mate.village) == (term.team, term.village) for mate in mates
        )

    # The answers

    def answers(self) -> Answers:
        if self.rule["measure"] == "concurrent":
            return self.caps()
        if self.rule["measure"] == "share":
            return self.shares()
        found: Answers = {}
        sure, waiting = self.known()
        for kind in self.rule["subjects"]:
            for number, active in self.subjects(kind).items():
                now = [r for r in sure if self.belongs(r, kind, number)]
                later = [r for r in waiting if self.belongs(r, kind, number)]
                answer = self.answer(kind, number, active, now, now + later)
                found[self.rule["key"], kind, number, self.days[0]] = answer
        return found

    def answer(
        self, kind: str, number: int, active: set[date], now: list[Any], later: list[Any]
    ) -> Answer:
        done, hoped = (count(self.rule, records, self.dues) for records in (now, later))
        required, after = self.required(done, active), self.required(hoped, active)
        status = self.status(kind, active, done, hoped, required, after)
        if status == "not_met" and self.let_pass(kind, number):
            status = "notice"
        pending = hoped.amount - done.amount
        return Answer(status, required, done.amount, pending, len(active), done.counted)

    def let_pass(self, kind: str, number: int) -> bool:
        key = self.rule["key"], kind, number, self.days[0]
        return self.rule["force"] == "soft" and key in self.facts.waivers

    def required(self, done: Amount, active: set[date]) -> int:
        target = self.rule["target"]
        if self.rule["bound"] == "share":
            return percent(target, done.whole)
        if self.rule.get("part", {}).get("mode") == "prorate":
            whole = len(self.days)
            return next(n for n in range(target + 1) if n * whole >= target * len(active))
        return int(target)

    def holds(self, amount: int, required: int) -> bool:
        bound = self.rule["bound"]
        if bound == "at_most":
            return amount <= required
        return amount == required if bound == "exactly" else amount >= required

    def mild(self, status: str) -> str:
        lenient = self.rule["force"] in ("warning", "information")
        return "notice" if lenient or self.rule["bound"] == "target" else status

    def status(
        self,
        kind: str,
        active: set[date],
        done: Amount,
        hoped: Amount,
        required: int,
        after: int,
    ) -> str:
        upper, denominator = (self.rule.get("part", {}).get("min_share", "0") + "/1").split("/")[:2]
        if len(active) * int(denominator) < int(upper) * len(self.days):
            return "not_assessed"
        if self.holds(done.amount, required):
            return "open" if self.rule["bound"] == "at_most" and not self.over else "met"
        if self.holds(hoped.amount, after):
            return "pending"
        if self.over or self.is_lost(hoped, required):
            return self.mild("not_met")
        if self.threatened(kind, active, done, hoped, required):
            return "open" if self.rule["bound"] == "target" else self.mild("at_risk")
        return "open"

    def is_lost(self, hoped: Amount, required: int) -> bool:
        """More due dates have passed in vain than may, and late documents do not count."""
        if "due" not in self.rule or self.rule["due"]["late"] == "counts":
            return False
        return len([day for day in self.dues if day in hoped.met or day >= self.today]) < required

    def threatened(
        self, kind: str, active: set[date], done: Amount, hoped: Amount, required: int
    ) -> bool:
        rule = self.rule
        if rule["bound"] == "share" and rule.get("complete", {}).get("over") != "together":
            return True  # a share that is short
        if self.dues:
            return any(day < self.today and day not in hoped.met for day in self.dues)
        if rule["bound"] != "share" and done.amount > required:
            return True  # time takes nothing away
        if hoped.amount == 0 and self.today >= last_third(rule["period"], self.days):
            return True
        return required - hoped.amount > self.room(kind, active, hoped)

    def room(self, kind: str, active: set[date], hoped: Amount) -> int:
        """The most that the days left can still bring."""
        left = [day for day in active if day >= self.today]
        most = self.most_a_day(kind)
        if most is None:
            return 10**9 if left else 0
        return sum(max(0, most - hoped.brought.count(day)) for day in left)

    def most_a_day(self, kind: str) -> int | None:
        """None: as many as you please."""
        measure, joining = self.rule["measure"], self.rule["joining"]
        own = self.rule.get("persons", {}).get("credit") == "own"
        one_person = kind == "advisor" or (kind == "appointment" and own)
        one_village = kind in ("appointment", "village")
        if measure in ("distinct_days", "half_days"):
            several = self.rule["day"]["per"] == "village_date" and not one_village
            return None if several else 2 if measure == "half_days" else 1
        one_visit = {
            "each": False,
            "stay": one_person and one_village,
            "village_day": one_village,
            "advisor_day": one_person,
        }[joining["join"]]
        if measure == "minutes":
            return 24 * 60 if one_person or one_visit else None
        return 1 if one_visit or (joining["same_day"] == "once" and one_village) else None

    def caps(self) -> Answers:
        """Held at one time: a suspended appointment still holds, a volunteer's never."""
        (kind,) = self.rule["subjects"]
        found: Answers = {}
        for number in {getattr(t, kind) for t in self.terms if any(holds(t, d) for d in self.days)}:
            pool = self.all_terms if kind == "advisor" else self.terms
            mine = [t for t in pool if getattr(t, kind) == number and not t.volunteer]
            found[self.rule["key"], kind, number, self.days[0]] = self.cap(kind, number, mine)
        return found

    def cap(self, kind: str, number: int, mine: list[Any]) -> Answer:
        other = "village" if kind == "advisor" else "advisor"
        by_day = [{getattr(t, other) for t in mine if holds(t, day)} for day in self.days]
        most = max(by_day, key=len)
        first = self.days[by_day.index(most)]
        status = "met"
        if len(most) > self.rule["target"]:
            reasoned = any(t.reason for t in mine if holds(t, first))
            soft = self.rule["force"] == "soft"
            status = self.mild("not_met")
            if soft and (reasoned or self.let_pass(kind, number)):
                status = "notice"
        whole = len(self.days)
        return Answer(status, self.rule["target"], len(most), 0, whole, frozenset(most))

    def shares(self) -> Answers:
        found: Answers = {}
        now, later = self.having()
        for kind in self.rule["subjects"]:
            for number in self.subjects(kind):
                inside = {
                    p.id for p in self.places.values() if kind == "bureau" or p.township == number
                }
                required = percent(self.rule["target"], len(inside))
                done, hoped = len(inside & now), len(inside & later)
                status = self.mild("not_met" if self.over else "at_risk")
                if hoped >= required:
                    status = "met" if done >= required else "pending"
                whole, pending = len(self.days), hoped - done
                found[self.rule["key"], kind, number, self.days[0]] = Answer(
                    status, required, done, pending, whole, frozenset(inside & now)
                )
        return found

    def having(self) -> tuple[set[int], set[int]]:
        """The villages that have it, and those that will once records are confirmed."""
        if self.rule["having"] == "effective_appointment":
            known = [day for day in self.days if day < self.as_of] or [self.days[0]]
            served = {t.village for t in self.terms if in_office(t, known[-1])}
            return served, served
        sure, waiting = self.known()
        return tuple(  # type: ignore[return-value]
            {
                n
                for n in self.places
                if count(self.rule, [r for r in records if r.village == n], ()).amount
            }
            for records in (sure, sure + waiting)
        )
