"""What the engine is told, by plain tuples in a fixed number of queries.

The number of queries depends on the rules of the policy, never on the size of
the bureau. ORM rows would cost ten times the judging itself.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from advisors.models import Absence as StoredAbsence
from advisors.models import Appointment
from assessments.models import Waiver as StoredWaiver
from assessments.quota.facts import Absence, Facts, Place, Record, Term, Waiver, WaiverKey
from assessments.quota.rules import Force, Rule
from assessments.quota.spans import Need, needs
from lawadvisor.foundation.periods import Period
from villages.models import Village

_START = "timezone('Asia/Shanghai', l.started_at)"
_MINUTE = f"(extract(hour FROM {_START}) * 60 + extract(minute FROM {_START}))::int"
_SESSION = f"""l.appointment_id, l.advisor_id, a.village_id, l.service_date,
               {_MINUTE}, {_MINUTE} + l.minutes, l.minutes"""
_ENTERED = "timezone('Asia/Shanghai', l.entered_at)::date"
_LOGS = "worklogs_servicelog l JOIN advisors_appointment a ON a.id = l.appointment_id"
#: What a matter shows (``rules.EVIDENCE``): its filled fields, its marks, a photo. To look is
#: dear, and done only where a rule asks.
_NO_EVIDENCE = "'{}'::text[]"
_EVIDENCE = """array_remove(ARRAY[
        CASE WHEN l.place <> '' THEN 'place' END, CASE WHEN m.client <> '' THEN 'client' END,
        CASE WHEN m.phone <> '' THEN 'phone' END, CASE WHEN m.content <> '' THEN 'content' END,
        CASE WHEN m.method <> '' THEN 'method' END, CASE WHEN m.result <> '' THEN 'result' END,
        CASE WHEN m.focus <> '' OR m.topic <> '' THEN 'focus' END,
        CASE WHEN m.audience IS NOT NULL THEN 'audience' END,
        CASE WHEN EXISTS (SELECT FROM worklogs_attachment x
                           WHERE x.matter_id = m.id AND x.kind = 'photo') THEN 'photo' END
    ]::text[], NULL) || m.marks::text[]"""

#: The columns of ``Record``, in its order, for each unit a rule may count.
_SELECT = {
    "session": f"""
        SELECT l.id, 'session', {_SESSION}, l.purpose, l.mode, l.purpose, l.state, '', {_ENTERED},
               CASE WHEN l.place <> '' THEN '{{place}}' ELSE '{{}}' END::text[], NULL, NULL, 0
          FROM {_LOGS}""",
    "matter": f"""
        SELECT m.id, 'matter', {_SESSION}, m.kind, l.mode, l.purpose, l.state,
               coalesce(nullif(m.focus, ''), m.topic), {_ENTERED}, {_NO_EVIDENCE}, NULL, NULL, 0
          FROM {_LOGS} JOIN worklogs_matter m ON m.log_id = l.id""",
    "filing": """
        SELECT f.id, 'filing', NULL, f.advisor_id, coalesce(f.village_id, 0), f.filed_on, 0, 0, 0,
               f.kind, '', '', f.state, '', f.filed_on, f.marks::text[], f.period_start,
               coalesce(f.period_end, DATE '9999-12-31'), coalesce(f.township_id, 0)
          FROM worklogs_filing f""",
}
#: ``known`` None is everything; a close knows what had been entered when it was opened.
_SERVED = """
         WHERE a.village_id = ANY(%(villages)s) AND l.minutes IS NOT NULL
           AND l.state <> 'withdrawn'
           AND l.service_date >= %(start)s AND l.service_date < %(end)s
           AND (%(known)s::timestamptz IS NULL OR l.entered_at < %(known)s)"""
_OWED = {
    "session": _SERVED,
    "matter": f"{_SERVED} AND (%(kinds)s::text[] IS NULL OR m.kind = ANY(%(kinds)s))",
    "filing": """
         WHERE f.bureau_id = %(bureau)s AND f.filed_on IS NOT NULL AND f.state <> 'withdrawn'
           AND (f.village_id = ANY(%(villages)s) OR f.township_id = ANY(%(townships)s)
                OR (%(whole)s AND f.village_id IS NULL))
           AND (%(kinds)s::text[] IS NULL OR f.kind = ANY(%(kinds)s))
           AND f.period_start < %(end)s
           AND (f.period_end IS NULL OR f.period_end > %(start)s)""",
}
_BY_ID = {
    "session": " WHERE l.id = ANY(%(ids)s)",
    "matter": " WHERE m.id = ANY(%(ids)s)",
    "filing": " WHERE f.id = ANY(%(ids)s)",
}


@dataclass(frozen=True, slots=True)
class Desk:
    """Whose facts are read: one township's, or with ``township_id`` None the whole bureau's.

    ``villages`` narrows that to some of them, as a page on one person does; None is all.
    """

    bureau_id: int
    township_id: int | None = None
    villages: frozenset[int] | None = None


def facts_for(
    desk: Desk, rules: Sequence[Rule], period: Period, known: datetime | None = None
) -> Facts:
    """Everything these rules may look at, in 4 + len(needs) queries.

    ``known`` leaves out what was entered at that moment or later; None leaves out nothing.
    """
    places = [Place._make(row) for row in _places(desk)]
    villages = [place.id for place in places]
    terms = _terms(villages, whole_advisors=desk.township_id is None)
    return Facts(
        bureau=desk.bureau_id,
        places=places,
        terms=terms,
        records=_records(desk, places, rules, needs(rules, period, terms), known),
        absences=_absences(villages),
        waivers=_waivers(desk, rules),
    )


def records_by_id(unit: str, ids: Collection[int]) -> dict[int, Record]:
    """Records of one unit (session, matter, filing), to be named in an explanation."""
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_SELECT[unit] + _BY_ID[unit], {"ids": sorted(ids)})
        return {row[0]: Record._make(row) for row in cursor.fetchall()}


def _places(desk: Desk) -> Any:
    scope: dict[str, Any] = (
        {"township": desk.township_id}
        if desk.township_id is not None
        else {"township__bureau": desk.bureau_id}
    )
    if desk.villages is not None:
        scope["pk__in"] = desk.villages
    return (
        Village.objects.filter(**scope)
        .active()
        .order_by("pk")
        .values_list("pk", "name", "kind", "terrain", "klass", "township_id", "code")
    )


def _terms(villages: list[int], *, whole_advisors: bool) -> list[Term]:
    """Appointments in these villages; for a cap also those of the same people elsewhere."""
    holding = Appointment.objects.holding()
    here = holding.filter(village__in=villages)
    if whole_advisors:
        here = holding.filter(advisor__in=here.values("advisor"))
    own = frozenset(villages)
    rows = here.order_by("pk").values_list(
        *("pk", "advisor_id", "village_id", "advisor__category", "term"),
        *("suspended_from", "status", "cap_exception"),
        *("advisor__organisation_id", "team_id", "advisor__is_volunteer"),
    )
    return [_term(row, own=row[2] in own) for row in rows]


def _term(row: tuple[Any, ...], *, own: bool) -> Term:
    """Another bureau's appointment counts, but what it wrote about it stays there."""
    pk, advisor, village, category, term, suspended, status, reason, *groups = row
    organisation, team, volunteer = groups
    told = reason if own else ""
    days = term.lower, term.upper, suspended
    return Term(
        pk, advisor, village, category, *days, status, told, organisation, team or 0, volunteer
    )


def _absences(villages: list[int]) -> list[Absence]:
    found = StoredAbsence.objects.filter(appointment__village__in=villages)
    rows = found.order_by("pk").values_list(
        "appointment_id", "days__startswith", "days__endswith", "substitute_id"
    )
    return [Absence._make(row) for row in rows]


def _waivers(desk: Desk, rules: Sequence[Rule]) -> dict[WaiverKey, Waiver]:
    soft = [rule.key for rule in rules if rule.force is Force.SOFT]
    found = StoredWaiver.objects.filter(bureau=desk.bureau_id, rule_key__in=soft) if soft else ()
    return {
        (w.rule_key, w.subject_kind, w.subject_id, w.period_start): Waiver(w.reason, w.approved_by)
        for w in found
    }


def _records(
    desk: Desk,
    places: list[Place],
    rules: Sequence[Rule],
    wanted: Sequence[Need],
    known: datetime | None,
) -> list[Record]:
    shown = _EVIDENCE if any(map(_asks_for_evidence, rules)) else _NO_EVIDENCE
    scope: dict[str, Any] = {
        "bureau": desk.bureau_id,
        "whole": desk.township_id is None,
        "villages": [place.id for place in places],
        "townships": sorted({place.township for place in places}),
        "known": known,
    }
    found: list[Record] = []
    with connection.cursor() as cursor:
        for need in wanted:
            kinds = sorted(need.kinds) if need.kinds is not None else None
            span = {"kinds": kinds, "start": need.start, "end": need.end}
            select = _SELECT[need.unit]
            if need.unit == "matter":
                select = select.replace(_NO_EVIDENCE, shown)
            cursor.execute(select + _OWED[need.unit], {**scope, **span})
            found += map(Record._make, cursor.fetchall())
    return found


def _asks_for_evidence(rule: Rule) -> bool:
    needs_some = rule.complete is not None and bool(rule.complete.needs)
    return needs_some or (rule.records is not None and bool(rule.records.evidence))
