"""Reads of the floor: what the engine is told, by plain tuples in a fixed number of queries.

The number of queries depends on the rules of the policy, never on the size of
the bureau. ORM rows would cost ten times the judging itself.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db import connection

from advisors.models import Appointment
from assessments.models import MonthClose, Policy, Verdict
from assessments.quota.engine import judge, needs
from assessments.quota.explain import Explanation, explain
from assessments.quota.facts import Facts, Place, Record, Term
from assessments.quota.packs import rule_from_json
from assessments.quota.rules import Measure, Rule, Subject
from assessments.quota.verdicts import Verdict as Judged
from assessments.verdicts import judged_from
from lawadvisor.foundation.periods import Period
from villages.models import Bureau, Village

#: Subjects judged at a township's desk; the others need the whole bureau.
DESK_SUBJECTS = frozenset({Subject.APPOINTMENT, Subject.VILLAGE, Subject.TOWNSHIP})
BUREAU_SUBJECTS = frozenset({Subject.ADVISOR, Subject.BUREAU})

_START = "timezone('Asia/Shanghai', l.started_at)"
_MINUTE = f"(extract(hour FROM {_START}) * 60 + extract(minute FROM {_START}))::int"
_SESSION = f"""l.appointment_id, l.advisor_id, a.village_id, l.service_date,
               {_MINUTE}, {_MINUTE} + l.minutes, l.minutes"""
_ENTERED = "timezone('Asia/Shanghai', l.entered_at)::date, '{}'::text[], NULL"
_LOGS = "worklogs_servicelog l JOIN advisors_appointment a ON a.id = l.appointment_id"

#: The columns of ``Record``, in its order, for each unit a rule may count.
_SELECT = {
    "session": f"""
        SELECT l.id, 'session', {_SESSION}, l.purpose, l.mode, l.purpose, l.state, '', {_ENTERED}
          FROM {_LOGS}""",
    "matter": f"""
        SELECT m.id, 'matter', {_SESSION}, m.kind, l.mode, l.purpose, l.state,
               coalesce(nullif(m.focus, ''), m.topic), {_ENTERED}
          FROM {_LOGS} JOIN worklogs_matter m ON m.log_id = l.id""",
    "filing": """
        SELECT f.id, 'filing', NULL, f.advisor_id, f.village_id, f.filed_on, 0, 0, 0,
               f.kind, '', '', f.state, '', f.filed_on, '{}'::text[], f.period_start
          FROM worklogs_filing f""",
}
_SERVED = """
         WHERE a.village_id = ANY(%(villages)s) AND l.minutes IS NOT NULL
           AND l.service_date >= %(start)s AND l.service_date < %(end)s"""
_OWED = {
    "session": _SERVED,
    "matter": f"{_SERVED} AND (%(kinds)s::text[] IS NULL OR m.kind = ANY(%(kinds)s))",
    "filing": """
         WHERE f.village_id = ANY(%(villages)s) AND f.filed_on IS NOT NULL
           AND (%(kinds)s::text[] IS NULL OR f.kind = ANY(%(kinds)s))
           AND f.period_start >= %(start)s AND f.period_start < %(end)s""",
}
_BY_ID = {unit: f" WHERE {unit[0].replace('s', 'l')}.id = ANY(%(ids)s)" for unit in _SELECT}


@dataclass(frozen=True, slots=True)
class Desk:
    """Whose facts are read: one township's, or with ``township_id`` None the whole bureau's."""

    bureau_id: int
    township_id: int | None = None


def policy_for(bureau: Bureau, day: date) -> Policy | None:
    """The policy in force on a day; None before the bureau's first one."""
    return Policy.objects.filter(bureau=bureau).in_force_on(day).first()


def newest_close(bureau: Bureau, month: Period) -> MonthClose | None:
    """The latest revision of a month's close; None while the month was never closed."""
    return (
        MonthClose.objects.filter(bureau=bureau, month=month.start)
        .select_related("policy", "bureau")
        .order_by("-revision")
        .first()
    )


def rules_of(policy: Policy, subjects: Iterable[Subject] = Subject) -> list[Rule]:
    """The policy's rules for these subjects, as stored; closed periods keep their own."""
    wanted = frozenset(subjects)
    found = (
        rule_from_json(definition)
        for definition in policy.rules.values_list("definition", flat=True)
    )
    kept = (
        replace(rule, subjects=tuple(s for s in rule.subjects if s in wanted)) for rule in found
    )
    return [rule for rule in kept if rule.subjects]


def facts_for(desk: Desk, rules: Sequence[Rule], period: Period) -> Facts:
    """Everything these rules may look at, in 2 + len(needs) queries."""
    places = [Place._make(row) for row in _places(desk)]
    villages = [place.id for place in places]
    return Facts(
        bureau=desk.bureau_id,
        places=places,
        terms=[_term(row) for row in _terms(villages, whole_advisors=desk.township_id is None)],
        records=_records(villages, rules, period),
    )


def judge_desk(
    policy: Policy, desk: Desk, period: Period, as_of: date, subjects: Iterable[Subject]
) -> list[Judged]:
    """What the rules say of these subjects; ``as_of`` is the first day not yet known."""
    rules = rules_of(policy, subjects)
    with _collector_paused():
        return judge(rules, facts_for(desk, rules, period), period, as_of)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Facts and verdicts are some hundred thousand tuples and not one cycle.

    The collector would walk them again and again and find nothing, which took
    a sixth of the time for 3,000 villages.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _places(desk: Desk) -> Any:
    scope = (
        {"township": desk.township_id}
        if desk.township_id is not None
        else {"township__bureau": desk.bureau_id}
    )
    return (
        Village.objects.filter(**scope)
        .active()
        .order_by("pk")
        .values_list("pk", "name", "kind", "terrain", "klass", "township_id")
    )


def _terms(villages: list[int], *, whole_advisors: bool) -> Any:
    """Appointments in these villages; for a cap also those of the same people elsewhere."""
    terms = Appointment.objects.holding()
    here = terms.filter(village__in=villages)
    if whole_advisors:
        here = terms.filter(advisor__in=here.values("advisor"))
    return here.order_by("pk").values_list(
        "pk",
        "advisor_id",
        "village_id",
        "advisor__category",
        "term",
        "suspended_from",
        "status",
        "cap_exception",
    )


def _term(row: tuple[Any, ...]) -> Term:
    pk, advisor, village, category, term, suspended, status, reason = row
    return Term(pk, advisor, village, category, term.lower, term.upper, suspended, status, reason)


def _records(villages: list[int], rules: Sequence[Rule], period: Period) -> list[Record]:
    found: list[Record] = []
    with connection.cursor() as cursor:
        for need in needs(rules, period):
            cursor.execute(
                _SELECT[need.unit] + _OWED[need.unit],
                {
                    "villages": villages,
                    "kinds": sorted(need.kinds) if need.kinds is not None else None,
                    "start": need.start,
                    "end": need.end,
                },
            )
            found += map(Record._make, cursor.fetchall())
    return found


def explanations(verdicts: Sequence[Verdict], rules: Mapping[int, Rule]) -> dict[int, Explanation]:
    """Each verdict in words, by its id. ``rules`` are the engine's, by the stored rule's id.

    One query for each unit of records they name and one for villages.
    """
    judged = {verdict.pk: judged_from(verdict) for verdict in verdicts}
    named = [(rules[verdict.rule_id], judged[verdict.pk]) for verdict in verdicts]
    records = {unit: _records_named(unit, named) for unit in _SELECT}
    names = _villages_named(named, verdicts[0].close.bureau_id) if verdicts else {}
    return {
        verdict.pk: explain(
            judged[verdict.pk],
            rule := rules[verdict.rule_id],
            records[rule.records.unit] if rule.records else None,
            names,
        )
        for verdict in verdicts
    }


def explained(verdict: Verdict) -> Explanation:
    """One verdict in words, from what was stored and the rule it was judged by."""
    rule = rule_from_json(verdict.rule.definition)
    return explanations([verdict], {verdict.rule_id: rule})[verdict.pk]


def _ids_of(judged: Judged) -> Iterator[int]:
    for ids in judged.counted:
        yield from ids
    for refusal in judged.refused:
        yield from refusal.ids


def _counts_villages(rule: Rule) -> bool:
    return rule.measure in (Measure.SHARE, Measure.CONCURRENT)


def _records_named(unit: str, named: Iterable[tuple[Rule, Judged]]) -> dict[int, Record]:
    ids = {
        pk
        for rule, judged in named
        if rule.records and rule.records.unit == unit and not _counts_villages(rule)
        for pk in _ids_of(judged)
    }
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_SELECT[unit] + _BY_ID[unit], {"ids": sorted(ids)})
        return {row[0]: Record._make(row) for row in cursor.fetchall()}


def _villages_named(named: Iterable[tuple[Rule, Judged]], bureau_id: int) -> dict[int, str]:
    """A village of another bureau, which only a cap may point at, goes by its bureau's name."""
    ids = {pk for rule, judged in named if _counts_villages(rule) for pk in _ids_of(judged)}
    villages = Village.objects.filter(pk__in=ids).select_related("township__bureau") if ids else ()
    return {
        village.pk: village.short_name
        if village.township.bureau_id == bureau_id
        else f"{village.township.bureau.name}所辖村（社区）"
        for village in villages
    }
