"""Judging: rules and facts in, verdicts out. The clock is an argument.

One pass per rule over the records it may look at: sift (does this record count, and if
not, why), group by subject, tally, and name the status. ``Status`` says what each means.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date

from assessments.quota.case import Case, case_of, excused, shown, verdict_of
from assessments.quota.facts import Facts, Record, Term
from assessments.quota.rules import (
    Bound,
    Complete,
    Credit,
    Join,
    Late,
    Measure,
    Over,
    PartMode,
    Rule,
    SameDay,
    Subject,
    Substitute,
)
from assessments.quota.spans import spans_of
from assessments.quota.subjects import Target, targets
from assessments.quota.tally import Sifted, Tally, sift, tally
from assessments.quota.verdicts import Status, Verdict
from assessments.quota.wholes import judge_cap, judge_share
from lawadvisor.foundation.periods import Period


def judge(
    rules: Iterable[Rule],
    facts: Facts,
    period: Period,
    as_of: date,
    *,
    today: date | None = None,
) -> list[Verdict]:
    """All verdicts of the rules in force, for the periods that ``period`` stands in.

    ``as_of`` is the exclusive end of what is known: later service days are not seen, and
    a period is over when it ends by then. A page about the running day passes ``as_of`` =
    tomorrow and ``today``, so that today's records count although today is not over.
    """
    now = as_of if today is None else today
    every, verdicts = list(rules), list[Verdict]()
    for rule in every:
        stricter = [other for other in every if other.tightens == rule.key]
        for span in spans_of(rule, period, facts.own_terms):
            first = span.period.start
            yields = tuple(other for other in stricter if other.applies.in_force(first))
            verdicts += _judge_one(case_of(rule, span, yields, as_of, now), facts)
    return verdicts


def _judge_one(case: Case, facts: Facts) -> Iterator[Verdict]:
    if case.rule.measure is Measure.CONCURRENT:
        return judge_cap(case, facts)
    if case.rule.measure is Measure.SHARE:
        return judge_share(case, facts)
    return _judge_records(case, facts)


def _judge_records(case: Case, facts: Facts) -> Iterator[Verdict]:
    rule = case.rule
    sifted = sift(case.reach, facts, case.as_of)
    tallies: dict[tuple[int, ...], Tally] = {(): tally(rule, (), case.dues)}
    for kind in rule.subjects:
        buckets = _grouped(sifted, kind, rule, facts)
        for target in targets(case.reach, kind, facts):
            bucket = buckets.get(target.id, ())
            # one advisor's village counts alike
            ids = tuple([item[0].id for item in bucket])
            done = tallies.get(ids)
            if done is None:
                done = tallies[ids] = tally(rule, bucket, case.dues)
            required = _required(case, target, done.whole)
            status = _status(case, kind, target, done, required)
            status, why = excused(case, kind, target.id, facts, status)
            if why:
                done = done._replace(refused=(*done.refused, *why))
            yield verdict_of(case, kind, target, done, required, status)


# Whose records


Buckets = Mapping[int, Sequence[Sifted]]


def _grouped(sifted: Sequence[Sifted], kind: Subject, rule: Rule, facts: Facts) -> Buckets:
    """The records of each subject, in order of time."""
    persons = rule.persons
    helps = persons is not None and persons.substitute is Substitute.ABSENT and bool(facts.absences)
    if kind is Subject.APPOINTMENT and persons and persons.credit is not Credit.OWN:
        return _shared(sifted, persons.credit, facts, helps)
    owner_of = _OWNER[kind]
    helps = helps and kind in (Subject.APPOINTMENT, Subject.ADVISOR)
    buckets: dict[int, list[Sifted]] = {}
    for item in sifted:
        owner = owner_of(item[0], facts)
        if owner:
            buckets.setdefault(owner, []).append(item)
        for other in _helped(item[0], kind, facts) - {owner} if helps else ():
            buckets.setdefault(other, []).append(item)
    return buckets


def _helped(record: Record, kind: Subject, facts: Facts) -> set[int]:
    """The absent for whom a substitute's record counts as well."""
    absent = facts.stood_in_for(record)
    return {number if kind is Subject.APPOINTMENT else facts.term[number].advisor
            for number in absent}  # fmt: skip


def _appointment(record: Record, facts: Facts) -> int:
    return facts.appointment_of(record) or 0


def _township(record: Record, facts: Facts) -> int:
    """Of a filing its own level alone: what a village filed is not its township's."""
    if record.unit == "filing":
        return 0 if record.village else record.township
    return facts.place[record.village].township


def _bureau(record: Record, facts: Facts) -> int:
    is_lower = record.unit == "filing" and (record.village or record.township)
    return 0 if is_lower else facts.bureau


def _group(name: str) -> Callable[[Record, Facts], int]:
    def of(record: Record, facts: Facts) -> int:
        term = facts.term.get(_appointment(record, facts))
        return getattr(term, name) if term else 0

    return of


_OWNER: dict[Subject, Callable[[Record, Facts], int]] = {
    Subject.APPOINTMENT: _appointment,
    Subject.ADVISOR: lambda record, _: record.advisor or 0,
    Subject.VILLAGE: lambda record, _: record.village,
    Subject.TEAM: _group("team"),
    Subject.ORGANISATION: _group("organisation"),
    Subject.TOWNSHIP: _township,
    Subject.BUREAU: _bureau,
}


def _shared(sifted: Sequence[Sifted], credit: Credit, facts: Facts, helps: bool) -> Buckets:
    """What the village, or the team there, did fulfils each appointment to it (A14).

    ``helps``: a substitute's record is the absent one's too, and so his team's.
    """

    def key_of(term: Term) -> tuple[int, ...]:
        if credit is Credit.VILLAGE:
            return (term.village,)
        return (term.village, term.team) if term.team else (term.village, 0, term.id)

    found: dict[tuple[int, ...], list[Sifted]] = {}
    for item in sifted:
        record = item[0]
        if credit is Credit.VILLAGE:
            found.setdefault((record.village,), []).append(item)
            continue
        by = (record.appointment or 0, *(facts.stood_in_for(record) if helps else ()))
        for key in {key_of(facts.term[number]) for number in by if number in facts.term}:
            found.setdefault(key, []).append(item)
    return {term.id: found.get(key_of(term), ()) for term in facts.own_terms}


# How it stands


def _required(case: Case, target: Target, whole: int) -> int:
    """``whole`` is what a share is a share of."""
    rule = case.rule
    if rule.bound is Bound.SHARE:
        return -(-rule.target * whole // 100)
    if rule.part is not None and rule.part.mode is PartMode.PRORATE:
        return -(-rule.target * target.active_days // case.span.days)
    return rule.target


def _status(case: Case, kind: Subject, target: Target, done: Tally, required: int) -> Status:
    rule = case.rule
    if target.active_days < case.least_days:
        return Status.NOT_ASSESSED
    if _holds(rule.bound, done.actual, required):
        return Status.OPEN if rule.bound is Bound.AT_MOST and not case.over else Status.MET
    if _holds(rule.bound, done.potential, _required(case, target, done.potential_whole)):
        return Status.PENDING
    if case.over or _is_lost(case, done, required):
        return shown(rule, Status.NOT_MET)
    if _threatened(case, kind, target, done, required):
        return Status.OPEN if rule.bound is Bound.TARGET else shown(rule, Status.AT_RISK)
    return Status.OPEN


def _holds(bound: Bound, amount: int, required: int) -> bool:
    if bound is Bound.AT_MOST:
        return amount <= required
    if bound is Bound.EXACTLY:
        return amount == required
    return amount >= required


def _is_lost(case: Case, done: Tally, required: int) -> bool:
    """Too many due dates have passed without a document, and what comes late does not count."""
    due = case.rule.due
    if due is None or due.late is Late.COUNTS:
        return False
    return sum(day in done.met or day >= case.today for day in case.dues) < required


def _threatened(case: Case, kind: Subject, target: Target, done: Tally, required: int) -> bool:
    """Is a running period at risk? What awaits confirmation is taken as confirmed.

    A share that is short is, unless all records together are to show something: that can
    still come. With due dates: when one has passed without its document. Else when there is
    too much already, or the last third has begun with nothing done, or the days left could
    not bring what is missing even if each brought the most it can.
    """
    rule = case.rule
    if rule.bound is Bound.SHARE and not _can_be_mended(rule.complete):
        return True
    if case.dues:
        return any(day < case.today and day not in done.met for day in case.dues)
    if rule.bound is not Bound.SHARE and done.actual > required:
        return True
    if done.potential == 0 and case.today >= case.last_third:
        return True
    room = _room(case, kind, target, done)
    return room is not None and required - done.potential > room


def _can_be_mended(complete: Complete | None) -> bool:
    """What is to be shown by all records together can still be shown by a later one."""
    return complete is not None and complete.over is Over.TOGETHER


def _room(case: Case, kind: Subject, target: Target, done: Tally) -> int | None:
    """The most that the days left can still bring, today included; None is no limit."""
    days, most = target.days_from(case.today), _most_a_day(case.rule, kind)
    if not days or most is None:
        return None if days else 0
    if case.rule.measure is Measure.MINUTES:
        return most * days
    used = Counter(day for day in done.days if day >= case.today)
    return most * days - sum(min(most, n) for day, n in used.items() if target.is_active(day))


def _most_a_day(rule: Rule, kind: Subject) -> int | None:
    """What one day can bring a subject; None is no limit.

    One person is in one place at a time. What is joined, or counted once a day, comes
    once a day to whom only one village or one person can bring it.
    """
    joining, credit = rule.joining, rule.persons.credit if rule.persons else None
    is_person = kind is Subject.ADVISOR or (kind is Subject.APPOINTMENT and credit is Credit.OWN)
    is_place = kind in (Subject.APPOINTMENT, Subject.VILLAGE)
    if rule.day is not None:
        is_many = rule.day.per_village and not is_place
        return None if is_many else 2 if rule.measure is Measure.HALF_DAYS else 1
    is_one = (
        joining is not None
        and {
            Join.EACH: False,
            Join.STAY: is_person and is_place,
            Join.VILLAGE_DAY: is_place,
            Join.ADVISOR_DAY: is_person,
        }[joining.join]
    )
    if rule.measure is Measure.MINUTES:
        return 24 * 60 if is_person or is_one else None
    once = joining is not None and joining.same_day is SameDay.ONCE and is_place
    return 1 if is_one or once else None
