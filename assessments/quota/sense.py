"""Which switches cannot stand together, and what to write instead, in Chinese."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assessments.quota.rules import (
    Bound,
    Complete,
    Credit,
    Filter,
    Force,
    Join,
    Joining,
    Measure,
    Over,
    PartMode,
    Rule,
    SameDay,
    Subject,
)
from lawadvisor.foundation.periods import PeriodKind

Complaint = tuple[str, str]  # dotted key, what was expected

_DAYS = (Measure.DISTINCT_DAYS, Measure.HALF_DAYS)
_FILED = (Measure.DOCUMENTS, Measure.DUE_DATES)
_REGIONS = {Subject.TOWNSHIP, Subject.BUREAU}


def contradictions(rule: Rule) -> Iterator[Complaint]:
    """What cannot stand together within one rule."""
    yield from _about_bound(rule)
    yield from _about_period(rule)
    yield from _about_subjects(rule)
    if rule.records is not None and rule.joining is not None:
        yield from _about_records(rule, rule.records, rule.joining)
    yield from _about_tables(rule)
    if rule.applies.until is not None and rule.applies.until <= rule.applies.start:
        yield "applies.until", "停止日期应晚于生效日期"


def quarrels(rule: Rule, others: Sequence[Rule]) -> Iterator[Complaint]:
    """What a rule that tightens another has wrong about it."""
    if not rule.tightens:
        return
    base = next((other for other in others if other.key == rule.tightens), None)
    if base is None or base is rule:
        yield "tightens", "应为本文件中另一条规则的 key"
        return
    if base.tightens:
        yield "tightens", "被收紧的规则自身不能再收紧别的规则"
    if rule.applies.codes is None:
        yield "applies.codes", "更严的下级规定应写明适用的区划代码"
    alike = ("measure", "subjects", "period", "bound")
    if any(getattr(rule, name) != getattr(base, name) for name in alike):
        yield "tightens", f"与 {base.key} 的 measure、subjects、period、bound 应相同"
    elif not set(rule.subjects) <= {Subject.APPOINTMENT, Subject.VILLAGE}:
        yield "subjects", "只有按聘任（appointment）或按村（village）的规则可由下级收紧"
    elif not _is_stricter(rule, base):
        yield "target", f"应不宽于 {base.key}（{base.target}）"


def _is_stricter(rule: Rule, base: Rule) -> bool:
    if rule.bound is Bound.AT_MOST:
        return rule.target <= base.target
    shorter = (
        rule.records is not None
        and base.records is not None
        and rule.records.min_minutes < base.records.min_minutes
    )
    return rule.target >= base.target and not shorter


def _about_bound(rule: Rule) -> Iterator[Complaint]:
    shares = (Measure.SHARE, Measure.COMPLETE)
    if rule.bound is Bound.SHARE and rule.measure not in (*shares, Measure.DISTINCT_TOPICS):
        yield "bound", "比例（share）只用于 measure = share、complete 或 distinct_topics"
    if rule.bound is not Bound.SHARE and rule.measure in shares:
        yield "bound", f"measure = {rule.measure.value} 时应为 share"
    if rule.bound is Bound.SHARE and not 1 <= rule.target <= 100:
        yield "target", "比例的目标应为1至100的整数（百分比）"
    if rule.measure is Measure.CONCURRENT and rule.bound is not Bound.AT_MOST:
        yield "bound", "同时担任数（concurrent）是上限，应为 at_most"
    if rule.bound in (Bound.AT_LEAST, Bound.TARGET) and rule.target == 0:
        yield "target", "至少0次等于没有要求，应为1以上"
    if rule.measure is Measure.DUE_DATES and rule.bound not in (Bound.AT_LEAST, Bound.TARGET):
        yield "bound", "按期提交（due_dates）应为 at_least 或 target"
    if rule.bound is Bound.TARGET and rule.force is Force.HARD:
        yield "force", "努力目标（target）不是硬性要求，应为 warning 或 information"
    if rule.force is Force.SOFT and rule.measure in (Measure.COMPLETE, Measure.SHARE):
        yield "force", "比例类规则没有可批准的例外，应为 hard、warning 或 information"


def _about_subjects(rule: Rule) -> Iterator[Complaint]:
    subjects = set(rule.subjects)
    if not subjects:
        yield "subjects", "应至少写一个考核对象"
    if rule.measure is Measure.CONCURRENT and subjects not in (
        {Subject.ADVISOR},
        {Subject.VILLAGE},
    ):
        yield "subjects", '同时担任数按法律顾问或按村计算，应为 ["advisor"] 或 ["village"]'
    if rule.measure is Measure.SHARE and not subjects <= _REGIONS:
        yield "subjects", "比例按镇街（township）或全局（bureau）计算"
    if rule.period is PeriodKind.TERM and subjects != {Subject.APPOINTMENT}:
        yield "subjects", '按任期（term）考核的对象应为 ["appointment"]'


def _about_period(rule: Rule) -> Iterator[Complaint]:
    if rule.measure in (Measure.CONCURRENT, Measure.SHARE) and rule.period is PeriodKind.TERM:
        yield "period", "上限和比例按日历期间计算，不能为 term"
    if rule.window is not None and rule.window[1] < rule.window[0]:
        yield "window.last", "最后一天不应早于第一天"
    if rule.due is None:
        return
    if rule.due.month_days and rule.period is not PeriodKind.YEAR:
        yield "due.on", '写“月-日”的规则应为 period = "year"；其他期间写 "last" 或 "+天数"'
    if rule.target > len(rule.due.month_days or rule.due.after):
        yield "target", "不应多于所列的到期日数"
    if rule.period in (PeriodKind.TERM, PeriodKind.DAY):
        yield "period", "按期提交（due_dates）不能按任期或按日"


def _about_records(rule: Rule, wanted: Filter, joining: Joining) -> Iterator[Complaint]:
    if (rule.measure in _FILED) and wanted.unit != "filing":
        yield "records.unit", "材料份数（documents）和按期提交（due_dates）只数 filing"
    counts_filings = (*_FILED, Measure.SHARE, Measure.COMPLETE)
    if wanted.unit == "filing" and rule.measure not in counts_filings:
        yield "records.unit", "材料（filing）按 documents、due_dates、complete 或 share 计量"
    if rule.measure is Measure.DISTINCT_TOPICS and wanted.unit != "matter":
        yield "records.unit", "不同法律重点（distinct_topics）应数 matter"
    if wanted.unit == "session" and wanted.kinds is not None:
        yield "records.kinds", '服务记录按 purposes 区分，kinds 应为 ["any"]'
    if wanted.unit == "filing" and (wanted.modes or wanted.purposes or wanted.min_minutes):
        yield (
            "records.unit",
            '材料没有方式、目的和时长：modes、purposes 应为 ["any"]，时长为0',
        )
    yield from _about_joining(rule, wanted, joining)


def _about_joining(rule: Rule, wanted: Filter, joining: Joining) -> Iterator[Complaint]:
    if joining.join is not Join.EACH and wanted.unit != "session":
        yield "joining.join", "只有服务记录（session）可以合并，应为 each"
    if joining.join is not Join.EACH and rule.measure is Measure.COMPLETE:
        yield "joining.join", "是否完整（complete）逐条判断，应为 each"
    if rule.measure in (Measure.MINUTES, *_DAYS) and joining.same_day is SameDay.ONCE:
        yield "joining.same_day", "累计分钟数和天数不限同日次数，应为 every"
    if joining.join is Join.ADVISOR_DAY and joining.same_day is SameDay.ONCE:
        yield "joining.same_day", "跨村合并（advisor_day）后没有“同村同日”，应为 every"
    if joining.join is Join.ADVISOR_DAY and Subject.VILLAGE in rule.subjects:
        yield "joining.join", "按村考核不能跨村合并，应为 each、stay 或 village_day"


def _about_tables(rule: Rule) -> Iterator[Complaint]:
    if rule.part is not None:
        if rule.part.mode is PartMode.PRORATE and rule.measure is not Measure.MINUTES:
            yield "part.mode", "按天折算（prorate）只适用于分钟数（measure = minutes）"
        if (rule.part.mode is PartMode.WAIVE) != (rule.part.min_share is not None):
            yield "part.min_share", "只有 mode = waive 时才写 min_share，且必须写"
    if rule.persons is not None and rule.persons.credit is not Credit.OWN:
        if Subject.APPOINTMENT not in rule.subjects:
            yield "persons.credit", "合并计算只用于按聘任（appointment）考核，应为 own"
        if rule.records is not None and rule.records.unit == "filing":
            yield "persons.credit", "材料按提交人计算，应为 own"
    if rule.day is not None and rule.measure is Measure.HALF_DAYS and not 0 < rule.day.noon < 1440:
        yield "day.noon", "应在 00:01 与 23:59 之间"
    if rule.applies.volunteers and rule.measure is Measure.CONCURRENT:
        yield "applies.volunteers", "志愿者不受上限约束，应为 false"
    if rule.complete is not None:
        yield from _about_complete(rule.complete)


def _about_complete(complete: Complete) -> Iterator[Complaint]:
    together = complete.over is Over.TOGETHER
    if together and complete.entered_within is not None:
        yield "complete.entered_within", "录入天数逐条判断，over = together 时应为 any"
    if not complete.needs and (together or complete.entered_within is None):
        yield "complete.needs", "应至少写一项要素，或（over = each 时）写明录入天数"
