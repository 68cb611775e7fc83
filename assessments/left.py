"""What is left in the running period: the one answer for phone, desk and dashboard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from advisors.models import Appointment
from assessments.enums import VerdictStatus
from assessments.facts import Desk
from assessments.quota.explain import Explanation, progress, standing
from assessments.quota.rules import DECIDING, Rule, Subject
from assessments.quota.verdicts import Verdict as Judged
from assessments.selectors import in_words, judge_desk, rules_in_force
from lawadvisor.foundation.periods import Period, PeriodKind
from villages.models import Bureau, Township, Village, short_village_name

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Left:
    """One rule on one subject in the period that runs; figures are in the rule's own unit.

    ``sentence`` says how it stands, ``progress`` its figures alone (``1/2次``); ``refused`` why
    something did not count. ``decides``: falling short will be a failing, not only shown.
    ``last_day`` None: too late or all done.
    """

    rule: str
    title: str
    progress: str
    subject_kind: Subject
    subject_id: int
    period: Period
    status: VerdictStatus
    done: int
    pending: int
    missing: int
    last_day: date | None
    decides: bool
    sentence: str
    refused: tuple[str, ...]

    @property
    def asked(self) -> int:
        """What would be enough, for a bar; at least 1."""
        return max(self.done + self.missing, 1)

    @property
    def at_risk(self) -> bool:
        return self.decides and self.status in (VerdictStatus.AT_RISK, VerdictStatus.NOT_MET)


Answer = tuple[Rule, Judged]


def judged_today(desk: Desk, subjects: Iterable[Subject], today: date) -> list[Answer]:
    """Verdicts of the month that runs, today's records counted although today is not over.

    In 2 queries for the rules and those of ``facts_for``, whatever the size of the desk.
    """
    month = Period.containing(PeriodKind.MONTH, today)
    rules = rules_in_force(desk.bureau_id, month)
    judged = judge_desk(desk, rules, month, today + _ONE_DAY, subjects, today=today)
    versions = list(rules.values())
    return [(_rule_of(verdict, versions), verdict) for verdict in judged]


def left_for_appointments(appointments: Sequence[Appointment], today: date) -> list[Left]:
    """What is left of each of these appointments, in the order of the policy.

    They come with their village and its township; those of several bureaus are judged by
    each one's policy.
    """
    by_bureau: dict[int, list[Appointment]] = {}
    for appointment in appointments:
        by_bureau.setdefault(appointment.village.township.bureau_id, []).append(appointment)
    found: list[Left] = []
    for bureau_id, own in by_bureau.items():
        desk = Desk(bureau_id, villages=frozenset(a.village_id for a in own))
        wanted = {appointment.pk for appointment in own}
        answers = judged_today(desk, {Subject.APPOINTMENT}, today)
        found += _told([each for each in answers if each[1].subject_id in wanted], bureau_id)
    return found


class Owed(NamedTuple):
    """One rule with the villages that still owe it by one day, by the villages' codes."""

    title: str
    last_day: date | None
    villages: tuple[tuple[str, Left], ...]


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What the villages of a township still owe: ``urgent`` is at risk or lost, ``others``
    have time. In the order of the policy."""

    urgent: tuple[Owed, ...]
    others: tuple[Owed, ...]


def unfinished_in(township: Township, today: date) -> Unfinished:
    """Of all villages, all advisors of each together; warnings are left out."""
    desk = Desk(township.bureau_id, township.pk)
    villages = Village.objects.filter(township=township).order_by("code")
    names = {pk: short_village_name(name) for pk, name in villages.values_list("pk", "name")}
    found = [_left(answer, None) for answer in judged_today(desk, {Subject.VILLAGE}, today)]
    owed = [left for left in found if left.decides and left.missing]
    return Unfinished(
        urgent=_by_rule([left for left in owed if left.at_risk], names),
        others=_by_rule([left for left in owed if not left.at_risk], names),
    )


class Standing(NamedTuple):
    """One rule over a whole bureau: how many villages still owe it, and how many are short of
    time for it."""

    title: str
    last_day: date | None
    owing: int
    urgent: int


def standing_of(bureau: Bureau, today: date) -> tuple[Standing, ...]:
    """For the bureau's own desk: each rule that some village still owes, in their order."""
    found = [
        _left(answer, None) for answer in judged_today(Desk(bureau.pk), {Subject.VILLAGE}, today)
    ]
    grouped: dict[tuple[str, date | None], list[Left]] = {}
    for left in found:
        if left.decides and left.missing:
            grouped.setdefault((left.rule, left.last_day), []).append(left)
    return tuple(
        Standing(same[0].title, last_day, len(same), sum(left.at_risk for left in same))
        for (_, last_day), same in grouped.items()
    )


def _by_rule(found: Sequence[Left], names: Mapping[int, str]) -> tuple[Owed, ...]:
    grouped: dict[tuple[str, date | None], list[Left]] = {}
    for left in found:
        grouped.setdefault((left.rule, left.last_day), []).append(left)
    order = list(names)
    return tuple(
        Owed(
            same[0].title,
            last_day,
            tuple(
                (names[left.subject_id], left)
                for left in sorted(same, key=lambda left: order.index(left.subject_id))
            ),
        )
        for (_, last_day), same in grouped.items()
    )


def by_subject(found: Iterable[Left]) -> Mapping[int, list[Left]]:
    grouped: dict[int, list[Left]] = {}
    for each in found:
        grouped.setdefault(each.subject_id, []).append(each)
    return grouped


def _rule_of(verdict: Judged, versions: Sequence[Rule]) -> Rule:
    """The version it was judged by: two may share a key, and only one binds the period."""
    return next(
        rule
        for rule in versions
        if (rule.key, rule.period) == (verdict.rule, verdict.period.kind)
        and rule.applies.in_force(verdict.period.start)
    )


def _told(answers: Sequence[Answer], bureau_id: int) -> list[Left]:
    said = in_words(answers, bureau_id)
    return [_left(answer, words) for answer, words in zip(answers, said, strict=True)]


def _left(answer: Answer, words: Explanation | None) -> Left:
    rule, verdict = answer
    return Left(
        rule=rule.key,
        title=rule.title,
        progress=progress(verdict, rule),
        subject_kind=verdict.subject_kind,
        subject_id=verdict.subject_id,
        period=verdict.period,
        status=VerdictStatus(verdict.status.value),
        done=verdict.actual,
        pending=verdict.pending,
        missing=verdict.missing,
        last_day=verdict.last_day,
        decides=rule.force in DECIDING,
        sentence=standing(verdict, rule),
        refused=words.refused if words else (),
    )
