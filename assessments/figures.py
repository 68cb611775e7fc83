"""What was done against what was owed, per village and month: frozen, or as it stands today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import Count, F
from django.db.models.functions import TruncMonth
from django.urls import reverse

from assessments.enums import SubjectKind, VerdictStatus
from assessments.facts import Desk
from assessments.models import MonthClose, Policy, Verdict
from assessments.models import Rule as StoredRule
from assessments.quota.packs import rule_from_json
from assessments.quota.rules import DECIDING, Measure, Rule, Subject
from assessments.reports.activity import SUBMITTED
from assessments.selectors import judge_desk, rules_in_force
from lawadvisor.foundation.periods import Period, PeriodKind
from lawadvisor.foundation.tables import hours
from lawadvisor.foundation.viewer import Viewer
from villages.models import Bureau
from worklogs.models import ServiceLog

#: What the figures count, the first that a policy asks for every month.
_COUNTED = (Measure.EVENTS, Measure.DISTINCT_DAYS, Measure.HALF_DAYS, Measure.MINUTES)
_ONE_DAY = timedelta(days=1)

# ---------------------------------------------------------------- what a figure counts


def counting(policies: Iterable[Policy]) -> dict[int, Rule]:
    """The monthly rules on villages that cells show, by the stored rule's id: of each policy
    those of one measure (山区 and 平川 have each their own), the binding ones first.
    """
    stored = StoredRule.objects.filter(policy__in=list(policies)).order_by("position")
    by_policy: dict[int, list[tuple[int, Rule]]] = {}
    for row in stored:
        rule = rule_from_json(row.definition)
        monthly = rule.period is PeriodKind.MONTH and Subject.VILLAGE in rule.subjects
        if monthly and rule.measure in _COUNTED:
            by_policy.setdefault(row.policy_id, []).append((row.pk, rule))
    found: dict[int, Rule] = {}
    for rules in by_policy.values():
        first = min(rules, key=lambda pair: _rank(pair[1]))[1]
        found |= {pk: rule for pk, rule in rules if _rank(rule) == _rank(first)}
    return found


def _rank(rule: Rule) -> tuple[bool, int]:
    return rule.force not in DECIDING, _COUNTED.index(rule.measure)


def said(rules: Mapping[int, Rule]) -> str:
    """What the figures are, in words."""
    if not rules:
        return "格中为当月服务记录数。"
    titles = dict.fromkeys(rule.title for rule in rules.values())
    first = next(iter(rules.values()))
    unit = "小时" if first.measure is Measure.MINUTES else first.unit
    return f"格中为{'、'.join(titles)}：已完成/应完成（{unit}）。"


def _text(rule: Rule, actual: int, required: int) -> str:
    if rule.measure is not Measure.MINUTES:
        return f"{actual}/{required}"
    return f"{hours(actual).removesuffix('.0')}/{hours(required).removesuffix('.0')}"


# ---------------------------------------------------------------- the answers


class Answer(NamedTuple):
    status: VerdictStatus
    text: str
    link: str
    missing: bool


Answers = dict[tuple[int, date], Answer]


def _frozen(
    bureau: Bureau, months: Sequence[Period], rules: Mapping[int, Rule], viewer: Viewer
) -> Answers:
    """What the newest finished close of each month found."""
    closes = MonthClose.objects.visible_to(viewer).filter(
        bureau=bureau, month__gte=months[0].start, month__lt=months[-1].end
    )
    newest: dict[date, int] = {}
    rows = closes.exclude(closed_at=None).order_by("revision").values_list("month", "pk")
    newest.update(rows)
    verdicts = Verdict.objects.visible_to(viewer).filter(
        close__in=list(newest.values()),
        rule__in=list(rules),
        subject_kind=SubjectKind.VILLAGE,
        period_start=F("close__month"),
    )
    link = reverse("verdict", args=[0]).replace("0", "{}")
    return {
        (village, month): Answer(
            VerdictStatus(status),
            _text(rules[rule], int(actual), int(required)),
            link.format(pk),
            missing > 0,
        )
        for village, month, pk, rule, status, actual, required, missing in verdicts.values_list(
            *("village_id", "period_start", "pk", "rule_id"),
            *("status", "actual", "required", "missing"),
        )
    }


def _running(
    bureau: Bureau, months: Sequence[Period], rules: Mapping[int, Rule], today: date
) -> Answers:
    """The running month as it stands now, judged by the rules that cells show and no other."""
    month = Period.containing(PeriodKind.MONTH, today)
    if month not in months or not rules:
        return {}
    asked = {pk: rule for pk, rule in rules_in_force(bureau.pk, month).items() if pk in rules}
    by_key = {rule.key: rule for rule in asked.values()}
    judged = judge_desk(
        Desk(bureau.pk), asked, month, today + _ONE_DAY, {Subject.VILLAGE}, today=today
    )
    return {
        (verdict.subject_id, month.start): Answer(
            VerdictStatus(verdict.status.value),
            _text(by_key[verdict.rule], verdict.actual, verdict.required),
            _running_link(bureau, verdict.rule, verdict.subject_id),
            verdict.missing > 0,
        )
        for verdict in judged
    }


def _running_link(bureau: Bureau, key: str, village: int) -> str:
    base = reverse("running-verdict", args=[bureau.code, key, "village", 0])
    return f"{base.removesuffix('0/')}{village}/"


def _records(
    bureau: Bureau, months: Sequence[Period], viewer: Viewer
) -> dict[tuple[int, date], int]:
    """How many records of each village and month were handed in."""
    logs = ServiceLog.objects.visible_to(viewer).filter(
        appointment__village__township__bureau=bureau,
        state__in=SUBMITTED,
        service_date__gte=months[0].start,
        service_date__lt=months[-1].end,
    )
    counted = (
        logs.order_by()
        .annotate(month=TruncMonth("service_date"))
        .values_list("appointment__village_id", "month")
        .annotate(n=Count("pk"))
    )
    return {(village, month): n for village, month, n in counted}


@dataclass(frozen=True, slots=True)
class Figures:
    """What is known of each village and month, by the month's first day."""

    frozen: Answers
    running: Answers
    records: Mapping[tuple[int, date], int]
    months: tuple[Period, ...]

    def answer(self, village: int, month: Period) -> Answer | None:
        """A close's word stands; before it, how the running month is."""
        key = village, month.start
        return self.frozen.get(key) or self.running.get(key)

    def owes(self, village: int, month: Period) -> bool:
        answer = self.answer(village, month)
        return answer is not None and answer.missing


def figures(
    *,
    bureau: Bureau,
    months: tuple[Period, ...],
    rules: Mapping[int, Rule],
    today: date,
    viewer: Viewer,
) -> Figures:
    """``rules`` are those of ``counting``."""
    return Figures(
        frozen=_frozen(bureau, months, rules, viewer),
        running=_running(bureau, months, rules, today),
        records=_records(bureau, months, viewer),
        months=months,
    )
