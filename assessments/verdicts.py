"""Verdicts to rows and back: appended by one COPY, explained from what was stored."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import connection

from advisors.models import Appointment
from assessments.models import SUBJECT_COLUMNS, MonthClose, Verdict
from assessments.quota.rules import Rule, Subject
from assessments.quota.verdicts import Refusal, Status
from assessments.quota.verdicts import Verdict as Judged
from lawadvisor.foundation.periods import Period, PeriodKind
from villages.models import Village

_SUBJECTS = tuple(Subject(column) for column in SUBJECT_COLUMNS)
_COLUMNS = (
    "close_id",
    "rule_id",
    "subject_kind",
    *(f"{column}_id" for column in SUBJECT_COLUMNS),
    "scope_township_id",
    "period_start",
    "period_end",
    "status",
    "required",
    "actual",
    "missing",
    "explanation",
)


def store(close: MonthClose, rules: Mapping[int, Rule], judged: Sequence[Judged]) -> int:
    """Append the verdicts of a close in one COPY; returns how many.

    ``rules`` are those they were judged by, by the stored rule's id. Raises
    IntegrityError if one of them is there already: a close judges once.
    """
    rule_of = _finder(rules)
    townships = _township_of_subject(judged)
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for verdict in judged:
        writer.writerow(_row(close.pk, rule_of(verdict), verdict, townships))
    buffer.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(
            f"COPY {Verdict._meta.db_table} ({', '.join(_COLUMNS)}) FROM STDIN WITH (FORMAT csv)",
            buffer,
        )
    return len(judged)


def provisional(
    close: MonthClose, rules: Mapping[int, Rule], judged: Sequence[Judged]
) -> list[Verdict]:
    """The verdicts as rows that nobody keeps, for a paper before the close."""
    rule_of = _finder(rules)
    townships = _township_of_subject(judged)
    found = []
    for each in judged:
        row = dict(zip(_COLUMNS, _row(close.pk, rule_of(each), each, townships), strict=True))
        row["explanation"] = json.loads(row["explanation"])
        del row["close_id"]
        found.append(Verdict(close=close, **row))
    return found


def _finder(rules: Mapping[int, Rule]) -> Callable[[Judged], int]:
    """Which stored rule a verdict was judged by: two versions may share a key."""
    found: dict[tuple[str, PeriodKind], list[tuple[int, Rule]]] = {}
    for pk, rule in rules.items():
        found.setdefault((rule.key, rule.period), []).append((pk, rule))

    def rule_of(verdict: Judged) -> int:
        versions = found[verdict.rule, verdict.period.kind]
        if len(versions) == 1:
            return versions[0][0]
        return next(pk for pk, rule in versions if rule.applies.in_force(verdict.period.start))

    return rule_of


def judged_from(verdict: Verdict) -> Judged:
    """The engine's own verdict back from its row, to be explained again."""
    facts = verdict.explanation
    kind = PeriodKind(verdict.rule.definition["period"])
    return Judged(
        rule=verdict.rule.key,
        subject_kind=Subject(verdict.subject_kind),
        subject_id=verdict.subject_id,
        period=Period(verdict.period_start, verdict.period_end, kind),
        status=Status(verdict.status),
        required=int(verdict.required),
        actual=int(verdict.actual),
        pending=facts["pending"],
        missing=int(verdict.missing),
        minutes=facts["minutes"],
        counted=tuple(tuple(ids) for ids in facts["counted"]),
        refused=tuple(
            Refusal(tuple(ids), reason, tuple(params)) for ids, reason, params in facts["refused"]
        ),
        active_days=facts["active_days"],
        last_day=date.fromisoformat(facts["last_day"]) if facts["last_day"] else None,
        owed_by=tuple(facts["owed_by"]),
    )


def _row(
    close_id: int | None, rule_id: int, verdict: Judged, townships: dict[tuple[Subject, int], int]
) -> list[Any]:
    kind, subject = verdict.subject_kind, verdict.subject_id
    return [
        close_id,
        rule_id,
        kind.value,
        *(subject if kind is column else None for column in _SUBJECTS),
        townships.get((kind, subject)),
        verdict.period.start,
        verdict.period.end,
        verdict.status.value,
        verdict.required,
        verdict.actual,
        verdict.missing,
        _explanation(verdict),
    ]


#: One for all: ``json.dumps`` with options makes an encoder for each call.
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _explanation(verdict: Judged) -> str:
    return _ENCODE(
        {
            "pending": verdict.pending,
            "minutes": verdict.minutes,
            "counted": verdict.counted,
            "refused": verdict.refused,
            "active_days": verdict.active_days,
            "last_day": verdict.last_day.isoformat() if verdict.last_day else None,
            "owed_by": verdict.owed_by,
        }
    )


def _township_of_subject(judged: Sequence[Judged]) -> dict[tuple[Subject, int], int]:
    """Which township's desk a subject belongs to; an advisor and the bureau to none."""
    ids: dict[Subject, set[int]] = {kind: set() for kind in Subject}
    for verdict in judged:
        ids[verdict.subject_kind].add(verdict.subject_id)
    villages = Village.objects.filter(pk__in=ids[Subject.VILLAGE])
    appointments = Appointment.objects.filter(pk__in=ids[Subject.APPOINTMENT])
    found = {(Subject.TOWNSHIP, pk): pk for pk in ids[Subject.TOWNSHIP]}
    for pk, township in villages.values_list("pk", "township"):
        found[Subject.VILLAGE, pk] = township
    for pk, township in appointments.values_list("pk", "village__township"):
        found[Subject.APPOINTMENT, pk] = township
    return found
