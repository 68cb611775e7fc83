"""A rule in Chinese sentences: what a clerk compares with the paper, and what a verdict
prints as the reading by which it was counted. Pure text."""

from __future__ import annotations

from collections.abc import Iterator

from assessments.quota.rules import (
    Applies,
    Basis,
    Bound,
    Complete,
    Credit,
    Due,
    Excused,
    Filter,
    Force,
    Having,
    Join,
    Joining,
    Late,
    Measure,
    Over,
    Part,
    PartMode,
    Persons,
    Phase,
    Rule,
    SameDay,
    Subject,
    Substitute,
)
from assessments.quota.words import (
    CATEGORY,
    EVERY,
    EVIDENCE,
    FILING,
    MATTER,
    MODE,
    PURPOSE,
    SUBJECT,
    TERRAIN,
    UNIT,
    VILLAGE_KIND,
    duration,
    listed,
)
from lawadvisor.foundation.periods import chinese_date

DEFAULT_MARK = "（系统默认）"
_FROM = {
    "submitted": "提交后即计入",
    "confirmed": "联络员确认后计入",
    "reviewed": "司法所核验后计入",
}
_FORCE = {
    Force.HARD: "硬性要求，达不到为未达标",
    Force.SOFT: "原则性要求，有事由并经批准可以例外，例外逐条列出",
    Force.WARNING: "达不到只作提醒，不算未达标",
    Force.INFORMATION: "只列出情况，不作评价",
}
_BOUND = {
    Bound.AT_LEAST: "不少于",
    Bound.AT_MOST: "不超过",
    Bound.EXACTLY: "应为",
    Bound.TARGET: "力争达到",
}
_JOIN = {
    Join.EACH: "逐条计算，不合并",
    Join.STAY: "同一顾问同日同村的几段合并为一次，间断时间不计",
    Join.VILLAGE_DAY: "同日同村各位顾问的服务合并为一次，重叠时间只计一遍",
    Join.ADVISOR_DAY: "同一顾问同日在各村的服务合并为一次",
}


def describe(rule: Rule) -> tuple[str, ...]:
    """The rule in sentences, the demand first; an inherited reading bears DEFAULT_MARK."""
    return tuple(_sentences(rule))


def readings(rule: Rule) -> tuple[str, ...]:
    """How it is counted: all but the demand itself, as a verdict prints it."""
    return describe(rule)[1:]


def _sentences(rule: Rule) -> Iterator[str]:
    yield f"{_demand(rule)}。"
    for keys, words in _readings(rule):
        is_default = bool(keys) and rule.inherited.issuperset(keys)
        yield f"{words}{DEFAULT_MARK if is_default else ''}。"
    own = "数值由本局设定，原文没有规定" if rule.basis is Basis.BUREAU else "数值出自原文"
    yield f"{_FORCE[rule.force]}；{own}。"


def _demand(rule: Rule) -> str:
    whom = "、".join(SUBJECT[subject] for subject in rule.subjects)
    every = EVERY[rule.period]
    if rule.window is not None:
        first, last = map(chinese_date, rule.window)
        every = f"{first}至{last}"
    return f"对每个{whom}，{every}：{rule.title}{_asked(rule)}"


def _asked(rule: Rule) -> str:
    if rule.bound is Bound.SHARE:
        return f"达到{rule.target}%（{_whole(rule)}）"
    if rule.due is not None:
        return f"{_BOUND[rule.bound]}{rule.target}{rule.unit}，{_dates(rule.due)}前提交"
    how = duration(rule.target) if rule.measure is Measure.MINUTES else f"{rule.target}{rule.unit}"
    kinds = {
        Measure.DISTINCT_DAYS: "（按不同日期计）",
        Measure.HALF_DAYS: "（按半天计）",
        Measure.DISTINCT_TOPICS: "（按不同法律重点计）",
    }
    return f"{_BOUND[rule.bound]}{how}{kinds.get(rule.measure, '')}"


def _whole(rule: Rule) -> str:
    if rule.measure is Measure.SHARE:
        has = (
            "在最后一日有在任且未暂停的顾问"
            if rule.having is Having.APPOINTMENT
            else "有符合条件的记录"
        )
        return f"{has}的村（社区）占全部"
    if rule.measure is Measure.DISTINCT_TOPICS:
        return "法律重点互不重复的占全部"
    if rule.complete is not None and rule.complete.over is Over.TOGETHER:
        return "合起来体现的要素占所列要素"
    return "要素齐全的占全部记录"


def _dates(due: Due) -> str:
    if due.month_days:
        return "、".join(f"{month}月{day}日" for month, day in due.month_days)
    return "、".join("期末当日" if days == 0 else f"期满后第{days}日" for days in due.after)


def _readings(rule: Rule) -> Iterator[tuple[tuple[str, ...], str]]:
    """The keys of the file behind each sentence, and the sentence."""
    if rule.records is not None:
        yield from _about_records(rule.records)
    if rule.joining is not None and rule.records and rule.records.unit == "session":
        yield ("joining.join", "joining.same_day"), _about_joining(rule.joining)
    if rule.day is not None:
        yield from _about_day(rule)
    if rule.complete is not None:
        yield ("complete.needs",), _about_complete(rule.complete)
    if rule.due is not None:
        late = "逾期提交也算完成" if rule.due.late is Late.COUNTS else "逾期提交不算完成"
        yield ("due.late",), late
    if rule.measure is Measure.CONCURRENT:
        yield (), "按同一天在任的不同村（社区）计算，暂停期间仍占名额，任期止日之后不再占"
    if rule.part is not None:
        keys = ("part.mode", "part.min_share", "part.basis")
        yield keys if rule.part.min_share else keys[:1], _about_part(rule.part)
    if rule.persons is not None:
        yield from _about_persons(rule.persons, rule)
    yield from _about_applies(rule.applies)
    if rule.tightens:
        yield (), f"在所列区划内代替{rule.tightens}"


def _about_records(wanted: Filter) -> Iterator[tuple[tuple[str, ...], str]]:
    labels = FILING if wanted.unit == "filing" else MATTER
    kinds = "" if wanted.kinds is None else f"（{listed(wanted.kinds, labels)}）"
    yield ("records.state",), f"计{UNIT[wanted.unit]}{kinds}，{_FROM[wanted.state]}"
    if wanted.unit == "filing":
        return
    modes = "不限服务方式" if wanted.modes is None else f"服务方式限{listed(wanted.modes, MODE)}"
    yield ("records.modes",), modes
    purposes = "不限到村目的，只为讲座或调解的也计"
    if wanted.purposes is not None:
        purposes = f"到村目的限{listed(wanted.purposes, PURPOSE)}"
    yield ("records.purposes",), purposes
    if wanted.min_minutes:
        yield (), f"每次不少于{duration(wanted.min_minutes)}，差一分钟也不计"
    if wanted.evidence:
        yield (), f"须有{listed(wanted.evidence, EVIDENCE)}"
    late = "补录的也计入"
    if wanted.entered_within is not None:
        late = f"服务后{wanted.entered_within}天内录入的才计入"
    yield ("records.entered_within",), late


def _about_joining(joining: Joining) -> str:
    once = joining.same_day is SameDay.ONCE
    return f"{_JOIN[joining.join]}；同日同村{'至多计一次' if once else '不限次数'}"


def _about_day(rule: Rule) -> Iterator[tuple[tuple[str, ...], str]]:
    day = rule.day
    if day is None:
        return
    same, one, two = "同一天", "一天", "两天"
    if rule.measure is Measure.HALF_DAYS:
        same, one, two = "同一个半天", "一个半天", "两个半天"
    least = f"合计满{duration(day.min_minutes)}的" if day.min_minutes else "有服务即"
    per = f"在两个村算{two}" if day.per_village else f"在几个村也只算{one}"
    yield (), f"{same}{least}算{one}，{per}"
    if rule.measure is Measure.HALF_DAYS:
        noon = f"{day.noon // 60:02d}:{day.noon % 60:02d}"
        yield ("day.noon",), f"上午、下午以{noon}为界"


def _about_complete(complete: Complete) -> str:
    parts = []
    if complete.needs:
        each = "各次合起来应体现" if complete.over is Over.TOGETHER else "每条应有"
        parts.append(f"{each}{listed(complete.needs, EVIDENCE)}")
    if complete.entered_within is not None:
        parts.append(f"应在服务后{complete.entered_within}天内录入")
    return "；".join(parts)


def _about_part(part: Part) -> str:
    own = "（比例由本局设定）" if part.basis is Basis.BUREAU else ""
    if part.mode is PartMode.FULL:
        return "任期只占期间一部分的，仍按全额要求"
    if part.mode is PartMode.PRORATE:
        return "任期只占期间一部分的，按在任天数折算，分钟数进一"
    share = "整期" if part.min_share == 1 else f"全期的{part.min_share}"
    return f"在任天数不足{share}的不考核，达到的按全额要求{own}"


def _about_persons(persons: Persons, rule: Rule) -> Iterator[tuple[tuple[str, ...], str]]:
    if Subject.APPOINTMENT in rule.subjects:
        credit = {
            Credit.OWN: "只计本人在该村的记录",
            Credit.TEAM: "同一团队在该村的记录合并计算",
            Credit.VILLAGE: "该村各位顾问的记录合并计算",
        }
        yield ("persons.credit",), credit[persons.credit]
    away = "经批准的请假不算在任天数"
    if persons.excused is Excused.ACTIVE:
        away = "经批准的请假仍算在任天数"
    stands = "代班人的记录归代班人和该村"
    if persons.substitute is Substitute.ABSENT:
        stands = "代班人的记录也计给请假人"
    yield ("persons.excused", "persons.substitute"), f"{away}；{stands}"


def _about_applies(applies: Applies) -> Iterator[tuple[tuple[str, ...], str]]:
    if applies.categories is not None:
        yield (), f"适用于{listed(applies.categories, CATEGORY)}"
    if not applies.volunteers:
        yield ("applies.volunteers",), "志愿者不计"
    where = [
        listed(words, labels)
        for words, labels in (
            (applies.village_kinds, VILLAGE_KIND),
            (applies.terrains, TERRAIN),
            (applies.classes, {}),
        )
        if words is not None
    ]
    if applies.codes is not None:
        where.append(f"区划代码以{'、'.join(applies.codes)}开头的")
    if where:
        yield (), f"适用地方：{'，'.join(where)}"
    until = f"，到{chinese_date(applies.until)}前" if applies.until else "起"
    yield (), f"自{chinese_date(applies.start)}{until}适用，按每期第一天是否在内判断"
    for phase in applies.phases:
        yield (), f"分步实施：{chinese_date(phase.start)}起，{_phase(phase)}"


def _phase(phase: Phase) -> str:
    where = []
    if phase.codes is not None:
        where.append(f"区划代码以{'、'.join(phase.codes)}开头的地方")
    if phase.classes is not None:
        where.append(f"类别为{'、'.join(sorted(phase.classes))}的村")
    if phase.terrains is not None:
        where.append(f"{listed(phase.terrains, TERRAIN)}的村")
    return "、".join(where) or "全部地方"
