"""A verdict in Chinese sentences. Pure text; who shows it decides how it looks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import NamedTuple

from assessments.quota.facts import Record
from assessments.quota.rules import Bound, Measure, Rule
from assessments.quota.verdicts import Refusal, Status, Verdict
from lawadvisor.foundation.periods import chinese_date

STATUS = {
    Status.MET: "达标",
    Status.NOT_MET: "未达标",
    Status.PENDING: "待确认",
    Status.OPEN: "进行中",
    Status.AT_RISK: "有风险",
    Status.NOT_ASSESSED: "不足期，不考核",
    Status.NOTICE: "提示",
}
MODE = {
    "on_site": "现场",
    "phone": "电话",
    "wechat": "微信",
    "qq": "QQ",
    "app": "手机APP",
    "other_online": "其他线上方式",
}
PURPOSE = {"duty": "坐班咨询", "mediation": "调解", "lecture_only": "讲座", "other": "其他事项"}
STATE = {
    "draft": "草稿",
    "returned": "已退回",
    "submitted": "已提交",
    "confirmed": "已确认",
    "reviewed": "已核验",
}
STEP = {"confirmed": "联络员确认", "reviewed": "司法所核验"}
EVIDENCE = {"photo": "照片", "client": "服务对象", "phone": "联系电话", "village": "村情卡"}


class Explanation(NamedTuple):
    """``counted`` and ``refused`` hold one sentence per entry of the verdict, in its order."""

    result: str
    counted: tuple[str, ...]
    refused: tuple[str, ...]
    missing: str  # "" when nothing is
    clause: str

    @property
    def sentences(self) -> tuple[str, ...]:
        last = (self.missing, self.clause) if self.missing else (self.clause,)
        return (self.result, *self.counted, *self.refused, *last)


def explain(
    verdict: Verdict,
    rule: Rule,
    records: Mapping[int, Record] | None = None,
    names: Mapping[int, str] | None = None,
) -> Explanation:
    """Put a verdict into words.

    ``records`` are those the verdict names, by id, for their dates and hours; ``names`` are
    village names by id, for shares and caps. What is not given is named by its number.
    """
    speaker = _Speaker(rule, records or {}, names or {})
    return Explanation(
        _result(verdict, rule),
        tuple(speaker.counted(ids) for ids in verdict.counted),
        tuple(f"{speaker.named(r.ids)}：{reason(r, rule)}。" for r in verdict.refused),
        _missing(verdict, rule),
        f"依据：{rule.clause}“{rule.phrase.rstrip('。')}。”",
    )


def duration(minutes: int) -> str:
    """``230`` is 3小时50分, ``240`` is 4小时, ``10`` is 10分钟."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest}分钟"
    return f"{hours}小时{rest}分" if rest else f"{hours}小时"


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
    return f"{on}同时担任，超过{cap}{rule.unit}{excused}"


_REASONS: dict[str, Callable[[Params, Rule], str]] = {
    "too_short": _too_short,
    "mode": _mode,
    "purpose": _purpose,
    "awaiting": _awaiting,
    "over_cap": _over_cap,
    "same_day": lambda _given, _rule: "同日同村已计一次，不重复计入",
    "state": lambda given, _: f"{STATE.get(str(given[0]), given[0])}，不计入",
    "late_entry": lambda given, _: f"服务后{given[0]}天才录入，超过{given[1]}天，不计入",
    "evidence": lambda given, _: (
        f"缺少{'、'.join(EVIDENCE.get(str(e), str(e)) for e in given)}，不计入"
    ),
    "no_topic": lambda _given, _rule: "未填写法律重点",
    "repeated_topic": lambda given, _: f"法律重点“{given[0]}”本期已讲过",
    "uncovered": lambda given, _: f"本期已有{given[0]}天未覆盖",
}


class _Speaker(NamedTuple):
    """Names the things a verdict points at."""

    rule: Rule
    records: Mapping[int, Record]
    names: Mapping[int, str]

    def counted(self, ids: tuple[int, ...]) -> str:
        return f"{self.named(ids)}：计入。"

    def named(self, ids: tuple[int, ...]) -> str:
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


_ASKED = {Bound.AT_LEAST: "应不少于", Bound.AT_MOST: "应不超过", Bound.EXACTLY: "应为"}


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
