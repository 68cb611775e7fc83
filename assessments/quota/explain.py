"""A verdict in Chinese sentences. Pure text; who shows it decides how it looks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import NamedTuple

from assessments.quota.facts import Record
from assessments.quota.rules import Bound, Measure, Rule, Subject
from assessments.quota.verdicts import Refusal, Status, Verdict
from assessments.quota.wording import readings
from assessments.quota.words import (
    CATEGORY,
    EVIDENCE,
    MODE,
    PURPOSE,
    STATE,
    STATUS,
    STEP,
    duration,
)
from lawadvisor.foundation.periods import chinese_date


class Explanation(NamedTuple):
    """``counted`` and ``refused`` hold one sentence per entry of the verdict, in its order."""

    result: str
    counted: tuple[str, ...]
    refused: tuple[str, ...]
    missing: str  # "" when nothing is
    clause: str
    readings: tuple[str, ...] = ()  # how it is counted, defaults marked as such

    @property
    def sentences(self) -> tuple[str, ...]:
        last = (self.missing, self.clause) if self.missing else (self.clause,)
        return (self.result, *self.counted, *self.refused, *last)


def explain(
    verdict: Verdict,
    rule: Rule,
    records: Mapping[int, Record] | None = None,
    names: Mapping[int, str] | None = None,
    advisors: Mapping[int, str] | None = None,
) -> Explanation:
    """Put a verdict into words.

    ``records`` are those the verdict names, by id, for their dates and hours; ``names`` are
    village names by id, for shares and caps; ``advisors`` are people's, for the number of
    advisors in a village. What is not given is named by its number.
    """
    speaker = _Speaker(rule, records or {}, names or {}, advisors or {})
    return Explanation(
        _result(verdict, rule),
        tuple(speaker.counted(ids) for ids in verdict.counted),
        tuple(speaker.refused(refusal) for refusal in verdict.refused),
        _missing(verdict, rule),
        f"依据：{rule.clause}“{rule.phrase.rstrip('。')}。”",
        readings(rule),
    )


def standing(verdict: Verdict, rule: Rule) -> str:
    """How a running period stands, on one line: ``现场咨询服务 1/2次，还差1次，最迟11月30日``."""
    parts = [f"{rule.title} {progress(verdict, rule)}"]
    if verdict.status is Status.NOT_ASSESSED:
        parts.append("不足期，不考核")
    elif verdict.missing:
        parts.append(f"还差{_amount(verdict.missing, rule)}")
        if verdict.pending:
            parts.append(f"其中{_amount(min(verdict.pending, verdict.missing), rule)}待确认")
        if verdict.last_day is not None:
            parts.append(f"最迟{verdict.last_day.month}月{verdict.last_day.day}日")
        if verdict.status is Status.AT_RISK:
            parts.append("时间可能不够" if verdict.actual + verdict.pending else "尚未开始")
    return "，".join(parts)


def progress(verdict: Verdict, rule: Rule) -> str:
    """``1/2次``, ``4小时/8小时``."""
    done, asked = _amount(verdict.actual, rule), _amount(verdict.required, rule)
    return f"{done if rule.measure is Measure.MINUTES else verdict.actual}/{asked}"


def reason(refusal: Refusal, rule: Rule) -> str:
    """Why it does not count, without naming the record."""
    return _REASONS[refusal.reason](refusal.params, rule)


Params = tuple[int | str, ...]


def _too_short(given: Params, _: Rule) -> str:
    done, needed = int(given[0]), int(given[1])
    return f"{duration(done)}，未满{duration(needed)}，差{duration(needed - done)}，不计入"


def _mode(given: Params, rule: Rule) -> str:
    mode = str(given[0])
    if rule.records is None or rule.records.modes != frozenset({"on_site"}):
        return f"服务方式为{MODE[mode]}，不计入"
    word = "电话服务" if mode == "phone" else f"线上服务（{MODE[mode]}）"
    return f"{word}不计入现场次数" if rule.unit == "次" else f"{word}不计入现场服务"


def _purpose(given: Params, rule: Rule) -> str:
    only = rule.records is not None and rule.records.purposes == frozenset({"duty"})
    return f"仅为{PURPOSE[str(given[0])]}到村，不计入{PURPOSE['duty'] if only else '本项'}"


def _awaiting(given: Params, _: Rule) -> str:
    return f"{STATE[str(given[0])]}，待{STEP[str(given[1])]}后计入"


def _over_cap(given: Params, rule: Rule) -> str:
    day, cap, *why = given
    excused = f"，事由：{'；'.join(str(each) for each in why)}" if why else ""
    on = chinese_date(date.fromisoformat(str(day)))
    does = "同时在任" if Subject.VILLAGE in rule.subjects else "同时担任"
    return f"{on}{does}，超过{cap}{rule.unit}{excused}"


def _lacking(given: Params) -> str:
    return "、".join(EVIDENCE.get(str(each), str(each)) for each in given)


def _late(given: Params, _: Rule) -> str:
    due = chinese_date(date.fromisoformat(str(given[1])))
    return f"最迟应于{due}提交，晚了{given[0]}天，不计入"


def _short_day(given: Params, rule: Rule) -> str:
    what = "半天" if rule.measure is Measure.HALF_DAYS else "一天"
    return f"{duration(int(given[0]))}，不足{what}所需的{duration(int(given[1]))}，不计入"


_REASONS: dict[str, Callable[[Params, Rule], str]] = {
    "too_short": _too_short,
    "mode": _mode,
    "purpose": _purpose,
    "awaiting": _awaiting,
    "over_cap": _over_cap,
    "same_day": lambda _given, _rule: "同日同村已计一次，不重复计入",
    "state": lambda given, _: f"{STATE.get(str(given[0]), given[0])}，不计入",
    "late_entry": lambda given, _: f"服务后{given[0]}天才录入，超过{given[1]}天，不计入",
    "evidence": lambda given, _: f"缺少{_lacking(given)}，不计入",
    "incomplete": lambda given, _: f"要素不全，缺少{_lacking(given)}",
    "lacking": lambda given, _: f"各次都没有体现：{_lacking(given)}",
    "entered_late": lambda given, _: f"服务后{given[0]}天才录入，超过{given[1]}天",
    "late": _late,
    "surplus": lambda _given, _rule: "本期已按期提交，多出的不重复计入",
    "short_day": _short_day,
    "category": lambda given, _: f"{CATEGORY[str(given[0])]}的服务不计入本项",
    "volunteer": lambda _given, _rule: "志愿者的服务不计入本项",
    "excused": lambda given, _: f"本期例外，事由：{given[0]}；批准人：{given[1]}",
    "no_topic": lambda _given, _rule: "未填写法律重点",
    "repeated_topic": lambda given, _: f"法律重点“{given[0]}”本期已讲过",
    "uncovered": lambda given, _: f"本期已有{given[0]}天未覆盖",
}


class _Speaker(NamedTuple):
    """Names the things a verdict points at."""

    rule: Rule
    records: Mapping[int, Record]
    names: Mapping[int, str]
    advisors: Mapping[int, str]

    def counted(self, ids: tuple[int, ...]) -> str:
        return f"{self.named(ids)}：计入。"

    def refused(self, refusal: Refusal) -> str:
        """Without ids it is about the verdict as a whole."""
        why = f"{reason(refusal, self.rule)}。"
        return f"{self.named(refusal.ids)}：{why}" if refusal.ids else why

    def named(self, ids: tuple[int, ...]) -> str:
        if self.rule.measure is Measure.CONCURRENT and Subject.VILLAGE in self.rule.subjects:
            return "、".join(self.advisors.get(each, f"法律顾问{each}") for each in ids)
        if self.rule.measure in (Measure.SHARE, Measure.CONCURRENT):
            return "、".join(self.names.get(each, f"村（社区）{each}") for each in ids)
        return "、".join(self._record(each) for each in ids)

    def _record(self, number: int) -> str:
        record = self.records.get(number)
        if record is None:
            return f"记录{number}"
        hours = f"{_clock(record.start)}至{_clock(record.end)}" if record.end else ""
        focus = f"《{record.focus}》" if record.focus else ""
        return f"{chinese_date(record.day)}{hours}{focus}"


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _amount(number: int, rule: Rule) -> str:
    return duration(number) if rule.measure is Measure.MINUTES else f"{number}{rule.unit}"


_ASKED = {
    Bound.AT_LEAST: "应不少于",
    Bound.AT_MOST: "应不超过",
    Bound.EXACTLY: "应为",
    Bound.TARGET: "力争",
}


def _result(verdict: Verdict, rule: Rule) -> str:
    asked = f"{_ASKED.get(rule.bound, '应达到')}{_amount(verdict.required, rule)}"
    done = f"已计{_amount(verdict.actual, rule)}"
    parts = [f"{verdict.period.label}{rule.title}：{asked}", done]
    if verdict.pending:
        parts.append(f"另有{_amount(verdict.pending, rule)}待确认")
    if rule.records is not None and rule.records.min_minutes:
        parts.append(f"符合方式的时长共{duration(verdict.minutes)}")
    if verdict.status is Status.NOT_ASSESSED:
        parts.append(f"本期{verdict.period.days}天中在任{verdict.active_days}天")
    return f"{'，'.join(parts)}。结论：{STATUS[verdict.status]}。"


def _missing(verdict: Verdict, rule: Rule) -> str:
    if not verdict.missing or verdict.status is Status.NOT_ASSESSED:
        return ""
    what = f"还差{_amount(verdict.missing, rule)}"
    if verdict.status is Status.PENDING:
        return f"{what}，待确认的记录确认后即可补足。"
    if verdict.last_day is None:
        return f"{what}。"
    return f"{what}，最迟{chinese_date(verdict.last_day)}完成。"
