"""R2 达标检查与异常清单: every check by rule, then what is not as it should be, with the reason.

Clauses: those of the rules themselves; the list is what a person acts on.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from assessments.enums import ReportKey, SubjectKind, VerdictStatus
from assessments.models import Rule, Verdict
from assessments.quota.explain import Explanation
from assessments.quota.rules import Measure
from assessments.reports.desk import ReportDesk, join_names
from assessments.reports.wording import Names, reason_of
from assessments.selectors import explanations
from lawadvisor.foundation.tables import Column, Document, Kind, section

#: What a person has to look at, the gravest first.
EXCEPTIONAL = (
    VerdictStatus.NOT_MET,
    VerdictStatus.PENDING,
    VerdictStatus.NOTICE,
)


@dataclass(frozen=True, slots=True)
class RuleLine:
    rule: Rule
    counts: Counter[str]


@dataclass(frozen=True, slots=True)
class ExceptionLine:
    """One verdict that is not as it should be; the numbers are in the rule's unit."""

    subject: str
    rule: Rule
    period: str
    required: str
    actual: str
    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class RiskLine:
    """What a rule still asks for; ``last_day`` as an ISO date, "" when it is too late."""

    rule: Rule
    period: str
    last_day: str
    count: int
    subjects: str


def _count(status: VerdictStatus) -> Column:
    return Column(
        status.value,
        status.label.split("，")[0],
        Kind.INT,
        3,
        total=True,
        get=lambda line: line.counts[status.value],
    )


RULE_COLUMNS = (
    Column("seq", "序号", Kind.SEQ, 2),
    Column("title", "检查项目", width=10, get=lambda line: line.rule.title),
    Column("clause", "条款", width=5, get=lambda line: line.rule.clause),
    Column("checked", "检查数", Kind.INT, 3, total=True, get=lambda line: line.counts.total()),
    *(_count(status) for status in VerdictStatus),
)
EXCEPTION_COLUMNS = (
    Column("seq", "序号", Kind.SEQ, 2),
    Column("subject", "对象", width=9),
    Column("title", "检查项目", width=7, get=lambda line: line.rule.title),
    Column("period", "期间", width=5),
    Column("required", "应完成", width=4),
    Column("actual", "已完成", width=4),
    Column("status", "结论", Kind.STATUS, 4),
    Column("reason", "原因", width=20),
    Column("clause", "条款", width=4, get=lambda line: line.rule.clause),
)
RISK_COLUMNS = (
    Column("seq", "序号", Kind.SEQ, 2),
    Column("title", "检查项目", width=8, get=lambda line: line.rule.title),
    Column("period", "期间", width=5),
    Column("last_day", "最迟日期", width=5),
    Column("count", "个数", Kind.INT, 3, total=True),
    Column("subjects", "对象", width=30),
    Column("clause", "条款", width=4, get=lambda line: line.rule.clause),
)
CAP_COLUMNS = (
    Column("seq", "序号", Kind.SEQ, 2),
    Column("subject", "法律顾问", width=5),
    Column("actual", "担任村（社区）数", width=6),
    Column("required", "上限", width=6),
    Column("status", "结论", Kind.STATUS, 4),
    Column("reason", "说明", width=24),
    Column("clause", "条款", width=4, get=lambda line: line.rule.clause),
)


def collect(desk: ReportDesk) -> Document:
    """The checks of one township, or for a bureau's desk of the whole bureau."""
    names = Names.of(desk)
    of_people = _of_people(desk, names)
    caps = [verdict for verdict in of_people if _is_cap(desk, verdict)]
    odd = _exceptions(desk, names, [verdict for verdict in of_people if verdict not in caps])
    told = _Telling(desk, names, explanations([*odd, *caps], desk.quota_rules))
    return desk.document(
        ReportKey.EXCEPTIONS,
        sections=(
            section(RULE_COLUMNS, _by_rule(desk), title="一、检查汇总"),
            section(EXCEPTION_COLUMNS, map(told.line, odd), title="二、异常清单"),
            section(RISK_COLUMNS, _at_risk(desk, names), title="三、期末前应完成"),
            section(CAP_COLUMNS, map(told.line, caps), title="四、担任村（社区）数核对"),
        ),
        lead=_lead(desk, odd, caps),
    )


def _by_rule(desk: ReportDesk) -> list[RuleLine]:
    counts: dict[int, Counter[str]] = {}
    for verdict in desk.verdicts:
        counts.setdefault(verdict.rule_id, Counter())[verdict.status] += 1
    return [RuleLine(desk.rules[pk], count) for pk, count in counts.items()]


def _exceptions(desk: ReportDesk, names: Names, of_people: list[Verdict]) -> list[Verdict]:
    """What this month got wrong, the gravest first; caps have a list of their own.

    A village is listed where no advisor of its own is (A13): one failing, one line.
    """
    odd = [
        verdict
        for verdict in desk.verdicts
        if verdict.status in EXCEPTIONAL and verdict.subject_kind != SubjectKind.ADVISOR
    ]
    answered = {
        (verdict.rule_id, names.village_of[verdict.subject_id])
        for verdict in odd
        if verdict.subject_kind == SubjectKind.APPOINTMENT
    }
    listed = [verdict for verdict in odd if (verdict.rule_id, verdict.village_id) not in answered]
    return sorted(
        [*listed, *of_people], key=lambda verdict: EXCEPTIONAL.index(VerdictStatus(verdict.status))
    )


def _at_risk(desk: ReportDesk, names: Names) -> list[RiskLine]:
    """What can still be done before its period ends: one line per rule, not per village."""
    found: dict[int, list[Verdict]] = {}
    for verdict in desk.verdicts:
        if verdict.status == VerdictStatus.AT_RISK:
            found.setdefault(verdict.rule_id, []).append(verdict)
    return [
        RiskLine(
            rule=desk.rules[pk],
            period=desk.period_label(verdicts[0]),
            last_day=max(verdict.explanation["last_day"] or "" for verdict in verdicts),
            count=len(verdicts),
            subjects=join_names((names.subject(verdict) for verdict in verdicts), most=30),
        )
        for pk, verdicts in found.items()
    ]


def _of_people(desk: ReportDesk, names: Names) -> list[Verdict]:
    """Verdicts on persons; a township lists those on the advisors who serve it."""
    return list(
        Verdict.objects.filter(
            close=desk.close,
            subject_kind=SubjectKind.ADVISOR,
            advisor__in=names.advisors,
            status__in=EXCEPTIONAL,
        )
        .select_related("rule", "close")
        .order_by("advisor__name", "pk")
    )


def _is_cap(desk: ReportDesk, verdict: Verdict) -> bool:
    return desk.quota_rules[verdict.rule_id].measure is Measure.CONCURRENT


@dataclass(frozen=True, slots=True)
class _Telling:
    """Puts verdicts into lines, with the reasons read for all of them at once."""

    desk: ReportDesk
    names: Names
    reasons: dict[int, Explanation]

    def line(self, verdict: Verdict) -> ExceptionLine:
        return ExceptionLine(
            subject=self.names.subject(verdict),
            rule=self.desk.rules[verdict.rule_id],
            period=self.desk.period_label(verdict),
            required=self.desk.amount(verdict, verdict.required),
            actual=self.desk.amount(verdict, verdict.actual),
            status=VerdictStatus(verdict.status).label,
            reason=reason_of(verdict, self.reasons[verdict.pk]),
        )


def _lead(desk: ReportDesk, odd: list[Verdict], caps: list[Verdict]) -> tuple[str, ...]:
    over = sum(verdict.status == VerdictStatus.NOT_MET for verdict in caps)
    notes = [f"本月共检查{len(desk.verdicts)}项", f"异常{len(odd)}项" if odd else "未发现异常"]
    if over:
        notes.append(f"担任村（社区）数超过上限{over}人")
    if len(caps) > over:
        notes.append(f"担任较多、不受上限约束或已说明事由{len(caps) - over}人")
    return ("，".join(notes) + "。",)
