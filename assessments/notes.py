"""Why a record does not count, record by record, in the engine's own words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from assessments.enums import SubjectKind
from assessments.facts import Desk
from assessments.left import Answer, judged_today
from assessments.models import MonthClose, Verdict
from assessments.quota.explain import reason
from assessments.quota.rules import DECIDING, Measure, Subject
from assessments.selectors import rules_in_force
from assessments.verdicts import judged_from
from lawadvisor.foundation.periods import Period
from worklogs.models import ServiceLog


def notes_on(logs: Sequence[ServiceLog], month: Period, today: date) -> dict[int, str]:
    """By the log's id, for those of ``month`` that some rule refuses; none for what counts.

    They come with their matters and their appointment's village and township. A closed month is
    told as its newest close judged it, any other as the engine judges it now.
    """
    own = [log for log in logs if log.service_date in month]
    of_matter = {matter.pk: log.pk for log in own for matter in log.matters.all()}
    units = {"session": {log.pk: log.pk for log in own}, "matter": of_matter}
    notes: dict[int, list[str]] = {}
    for bureau_id, villages in _villages_of(own).items():
        for rule, verdict in _answers(Desk(bureau_id, villages=villages), month, today):
            if rule.records is None or rule.force not in DECIDING or rule.measure is Measure.SHARE:
                continue
            mine = units.get(rule.records.unit, {})
            for refusal in verdict.refused:
                said = f"{rule.title}：{reason(refusal, rule)}。"
                for pk in {mine[pk] for pk in refusal.ids if pk in mine}:
                    notes.setdefault(pk, []).append(said)
    return {pk: "".join(dict.fromkeys(said)) for pk, said in notes.items()}


def _answers(desk: Desk, month: Period, today: date) -> Iterable[Answer]:
    closes = MonthClose.objects.filter(bureau=desk.bureau_id, month=month.start)
    close = closes.exclude(closed_at=None).order_by("-revision").first()
    if close is None:
        return judged_today(desk, {Subject.APPOINTMENT}, min(today, month.last_day))
    rules = rules_in_force(desk.bureau_id, month)
    kept = Verdict.objects.filter(
        close=close,
        subject_kind=SubjectKind.APPOINTMENT,
        appointment__village__in=desk.villages or (),
    )
    return [(rules[row.rule_id], judged_from(row)) for row in kept.select_related("rule")]


def _villages_of(logs: Iterable[ServiceLog]) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = {}
    for log in logs:
        village = log.appointment.village
        found.setdefault(village.township.bureau_id, set()).add(village.pk)
    return {bureau: frozenset(villages) for bureau, villages in found.items()}
