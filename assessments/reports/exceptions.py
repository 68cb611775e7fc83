"""R2 达标检查与异常清单: every check by rule, then what is not as it should be, with the reason.

Clauses: those of the rules themselves; the list is what a person acts on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from assessments.enums import ReportKey, SubjectKind, VerdictStatus
from assessments.models import MonthClose, Rule, Verdict
from assessments.reports.desk import ReportDesk
from assessments.reports.wording import Names, reason_of
from lawadvisor.foundation.tables import Column, Document, Kind, section

#: What a person has to look at, the gravest first.
EXCEPTIONAL = (
    VerdictStatus.NOT_MET,
    VerdictStatus.PENDING,
    VerdictStatus.AT_RISK,
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
    Column("required", "应完成", width=3),
    Column("actual", "已完成", width=3),
    Column("status", "结论", Kind.STATUS, 4),
    Column("reason", "原因", width=20),
    Column("clause", "条款", width=4, get=lambda line: line.rule.clause),
)
CAP_COLUMNS = (
    Column("seq", "序号", Kind.SEQ, 2),
    Column("subject", "法律顾问", width=5),
    Column("actual", "担任村（社区）数", width=5),
    Column("required", "上限", width=3),
    Column("status", "结论", Kind.STATUS, 4),
    Column("reason", "说明", width=24),
    Column("clause", "条款", width=4, get=lambda line: line.rule.clause),
)


def collect(close: MonthClose, township_id: int | None) -> Document:
    """The checks of one township, or with ``township_id`` None of the whole bureau."""
    desk = ReportDesk.of(close, township_id)
    names = Names.of(desk)
    caps = [verdict for verdict in _caps(desk, names) if verdict.status in EXCEPTIONAL]
    odd = [
        verdict
        for verdict in desk.verdicts
        if verdict.status in EXCEPTIONAL and verdict.subject_kind != SubjectKind.ADVISOR
    ]
    odd.sort(key=lambda verdict: EXCEPTIONAL.index(VerdictStatus(verdict.status)))
    return desk.document(
        ReportKey.EXCEPTIONS,
        sections=(
            section(RULE_COLUMNS, _by_rule(desk), title="一、检查汇总"),
            section(EXCEPTION_COLUMNS, [_line(desk, names, v) for v in odd], title="二、异常清单"),
            section(
                CAP_COLUMNS,
                [_line(desk, names, v) for v in caps],
                title="三、担任村（社区）数超限清单",
            ),
        ),
        lead=_lead(desk, odd, caps),
        measure="数量单位见各检查项目",
    )


def _by_rule(desk: ReportDesk) -> list[RuleLine]:
    counts: dict[int, Counter[str]] = {}
    for verdict in desk.verdicts:
        counts.setdefault(verdict.rule_id, Counter())[verdict.status] += 1
    return [RuleLine(desk.rules[pk], count) for pk, count in counts.items()]


def _caps(desk: ReportDesk, names: Names) -> Iterable[Verdict]:
    """Caps are the person's: a township lists those of the advisors who serve it."""
    return Verdict.objects.filter(
        close=desk.close, subject_kind=SubjectKind.ADVISOR, advisor__in=names.advisors
    ).order_by("advisor__name", "pk")


def _line(desk: ReportDesk, names: Names, verdict: Verdict) -> ExceptionLine:
    rule = desk.rules[verdict.rule_id]
    return ExceptionLine(
        subject=names.subject(verdict),
        rule=rule,
        period=desk.period_label(verdict),
        required=desk.amount(verdict, verdict.required),
        actual=desk.amount(verdict, verdict.actual),
        status=VerdictStatus(verdict.status).label,
        reason=reason_of(verdict, desk.quota_rules[verdict.rule_id], names),
    )


def _lead(desk: ReportDesk, odd: list[Verdict], caps: list[Verdict]) -> tuple[str, ...]:
    total = len(desk.verdicts)
    if not odd and not caps:
        return (f"本月共检查{total}项，未发现异常。",)
    return (f"本月共检查{total}项，异常{len(odd)}项，担任村（社区）数超限{len(caps)}人。",)
