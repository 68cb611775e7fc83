"""Rules in Chinese, sentence by sentence, as a clerk lays them beside the document."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from assessments.quota.explain import explain, reason
from assessments.quota.rules import (
    Applies,
    Basis,
    Bound,
    Credit,
    Day,
    Due,
    Excused,
    Force,
    Late,
    Measure,
    Part,
    PartMode,
    Persons,
    Phase,
    Rule,
    Subject,
    Substitute,
)
from assessments.quota.verdicts import Refusal
from assessments.quota.wording import DEFAULT_MARK, describe, readings
from lawadvisor.foundation.periods import PeriodKind
from tests.quota.build import PLACES, counting, facts, pack, rule, term, verdict

DAYS = replace(
    counting("ZX-38", modes=frozenset({"on_site"})),
    title="到村天数",
    unit="天",
    measure=Measure.DISTINCT_DAYS,
    target=4,
    day=Day(per_village=False, min_minutes=120, noon=720),
)
HALF_DAYS = replace(
    DAYS,
    title="坐班半天数",
    unit="个半天",
    measure=Measure.HALF_DAYS,
    day=Day(per_village=True, min_minutes=0, noon=780),
)
IN_2021 = "自2021年1月1日起适用，每期以第一天为准。"
IN_2016 = "自2016年7月1日起适用，每期以第一天为准。"
IN_2024 = "自2024年1月1日起适用，每期以第一天为准。"
HARD = "硬性要求，达不到为未达标；要求出自原文。"
MILD = "达不到只作提醒，不算未达标；要求出自原文。"
NO_VOLUNTEERS = "志愿者不计（系统默认）。"
OWN = "只计本人在该村的记录（系统默认）。"
AWAY = "经批准的请假不算在任天数；代班人的记录归代班人和该村（系统默认）。"
WHOLE_PERIOD = "在任不满整期的不考核（比例由本局设定）（系统默认）。"
LATE_ENTRY = "补录的也计入（系统默认）。"

SENTENCES = {
    "events": (
        rule("ZX-34"),
        (
            "以聘任（一名顾问在一个村）、村（社区）为对象分别计算，每月：现场咨询服务，不少于2次。",
            "统计服务记录，提交后即计入（系统默认）。",
            "服务方式限现场。",
            "到村目的限坐班咨询。",
            "每次不少于4小时，差一分钟也不计。",
            LATE_ENTRY,
            "同一顾问同日同村的几段合并为一次，间断时间不计；同日同村至多计一次。",
            WHOLE_PERIOD,
            OWN,
            AWAY,
            NO_VOLUNTEERS,
            IN_2021,
            HARD,
        ),
    ),
    "minutes": (
        rule("DG-57"),
        (
            (
                "以聘任（一名顾问在一个村）、村（社区）为对象分别计算，每月："
                "值班和现场服务时长，不少于8小时。"
            ),
            "统计服务记录，联络员确认后计入（系统默认）。",
            "服务方式限现场。",
            "不限服务目的，只为讲座或调解的也计入（系统默认）。",
            LATE_ENTRY,
            "同一顾问同日同村的几段合并为一次，间断时间不计；同日同村不限次数。",
            WHOLE_PERIOD,
            OWN,
            AWAY,
            NO_VOLUNTEERS,
            IN_2016,
            HARD,
        ),
    ),
    "distinct_topics": (
        rule("ZX-37"),
        (
            (
                "以村（社区）为对象，每年：讲座法律重点不重复，"
                "法律重点互不重复的应达到全部记录的100%。"
            ),
            "统计事项（法治讲座），提交后即计入（系统默认）。",
            "不限服务方式。",
            "在坐班、调解等任何服务中办理的都计入（系统默认）。",
            LATE_ENTRY,
            NO_VOLUNTEERS,
            IN_2021,
            MILD,
        ),
    ),
    "complete, of each": (
        rule("JC-37"),
        (
            "以村（社区）为对象，每季度：法治培训参加人员，要素齐全的应达到全部记录的100%。",
            "统计事项（法治培训），提交后即计入。",
            "不限服务方式。",
            "在坐班、调解等任何服务中办理的都计入（系统默认）。",
            LATE_ENTRY,
            "每条应有“两委”干部、网格员、人民调解员、法律明白人。",
            NO_VOLUNTEERS,
            IN_2024,
            MILD,
        ),
    ),
    "complete, of all together": (
        rule("DG-35"),
        (
            "以镇街（司法所）为对象，每年：联络员培训内容，各次合起来应达到所列各项的100%。",
            "统计材料（联络员培训），提交后即计入（系统默认）。",
            "各次合起来应有工作必要性、工作制度、与律师配合。",
            IN_2016,
            HARD,
        ),
    ),
    "complete, by the day of entry": (
        rule("ZX-39-entry"),
        (
            (
                "以聘任（一名顾问在一个村）为对象，每月：服务记录及时录入，"
                "按时录入的应达到全部记录的100%。"
            ),
            "统计服务记录，提交后即计入（系统默认）。",
            "不限服务方式。",
            "不限服务目的，只为讲座或调解的也计入（系统默认）。",
            LATE_ENTRY,
            "逐条计算，不合并；同日同村不限次数（系统默认）。",
            "应在服务后3天内录入。",
            "任期只占期间一部分的，要求不变。",
            OWN,
            AWAY,
            NO_VOLUNTEERS,
            IN_2021,
            "达不到只作提醒，不算未达标；要求的数值由本局设定，原文没有规定。",
        ),
    ),
    "documents": (
        rule("DG-21"),
        (
            "以镇街（司法所）为对象，每年：总结分析会议，不少于1次。",
            "统计材料（年度工作会议），提交后即计入（系统默认）。",
            "须有“两委”干部、镇街领导、司法所（分局）负责人、群众代表、法律顾问，缺一不计。",
            IN_2016,
            HARD,
        ),
    ),
    "due_dates": (
        rule("DG-19-bureau"),
        (
            "以司法局为对象，每半年：半年书面报告（市），不少于1份，最迟期满后第31日提交。",
            "统计材料（半年工作报告），提交后即计入（系统默认）。",
            "逾期提交的也算完成。",
            IN_2016,
            "硬性要求，达不到为未达标；到期日由本局设定，原文没有规定。",
        ),
    ),
    "share of villages with an appointment": (
        rule("CZ-09"),
        (
            (
                "以镇街（司法所）、司法局为对象分别计算，每月：聘请法律顾问的村（社区）比例，"
                "期末有法律顾问在任且未暂停的村（社区）应达到全部的100%。"
            ),
            "只对律师、基层法律服务工作者计算。",
            NO_VOLUNTEERS,
            "自2018年12月1日起适用，每期以第一天为准。",
            HARD,
        ),
    ),
    "share of villages with a record": (
        rule("DG-53-share"),
        (
            (
                "以镇街（司法所）、司法局为对象分别计算，每月：每月核查的村（社区）比例，"
                "本期有符合条件的记录的村（社区）应达到全部的100%。"
            ),
            "统计材料（每月核查记录），提交后即计入（系统默认）。",
            IN_2016,
            HARD,
        ),
    ),
    "concurrent, of an advisor": (
        rule("SH-13"),
        (
            "以法律顾问为对象，每月：服务居村（社区）数上限，不超过3个居村（社区）。",
            "按同一天在任的不同村（社区）计算，暂停期间仍占名额，任期止日之后不再占。",
            NO_VOLUNTEERS,
            "自2017年11月1日起适用，每期以第一天为准。",
            "原则性要求，有事由并经批准可以例外，例外逐条列出；要求出自原文。",
        ),
    ),
    "concurrent, of a village": (
        rule("CZ-17"),
        (
            "以村（社区）为对象，每月：一个村（社区）的法律顾问人数，不超过1名。",
            "按同一天在任的不同法律顾问计算，暂停期间仍占名额，任期止日之后不再占。",
            "只对律师、基层法律服务工作者计算。",
            NO_VOLUNTEERS,
            "自2018年1月1日起适用，每期以第一天为准。",
            "只列出情况，不作评价；要求出自原文。",
        ),
    ),
}


@pytest.mark.parametrize("case", SENTENCES)
def test_a_whole_rule(case: str) -> None:
    told, sentences = SENTENCES[case]
    assert describe(told) == sentences
    assert readings(told) == sentences[1:]


# rule, one sentence of it
SWITCHES = [
    (DAYS, "以法律顾问为对象，每月：到村天数，不少于4天（按不同日期计）。"),
    (DAYS, "一天内合计满2小时的算一天，同一天在几个村的只算一次。"),
    (HALF_DAYS, "以法律顾问为对象，每月：坐班半天数，不少于4个半天（按半天计）。"),
    (HALF_DAYS, "半天内有服务的即算半天，同一半天在几个村的分别计算。"),
    (HALF_DAYS, "上午、下午以13:00为界。"),
]


def changed(key: str, **changes: object) -> Rule:
    return replace(rule(key), **changes)


def applying(**changes: object) -> Rule:
    applies: Applies = rule("ZX-34").applies
    return changed("ZX-34", applies=replace(applies, **changes))


YEARLY = Due(((6, 30), (12, 31)), (), Late.REFUSED)
PHASE = Phase(date(2027, 1, 1), ("4304",), frozenset({"重点村"}), frozenset({"mountain"}))
SWITCHES += [
    (
        changed("ZX-72", period=PeriodKind.YEAR, target=2, due=YEARLY),
        "以镇街（司法所）为对象，每年：月度工作汇总，不少于2份，最迟分别于6月30日、12月31日提交。",
    ),
    (
        changed("ZX-72", due=Due((), (0,), Late.COUNTS)),
        "以镇街（司法所）为对象，每月：月度工作汇总，不少于1份，最迟期末最后一日提交。",
    ),
    (rule("ZX-72"), "逾期提交的不算完成。"),
    (
        changed("ZX-36", bound=Bound.TARGET, force=Force.WARNING, subjects=(Subject.VILLAGE,)),
        "以村（社区）为对象，每季度：法治讲座，力争达到1次。",
    ),
    (
        changed(
            "ZX-36",
            period=PeriodKind.WINDOW,
            window=(date(2026, 3, 1), date(2026, 4, 30)),
            subjects=(Subject.VILLAGE,),
        ),
        "以村（社区）为对象，2026年3月1日至2026年4月30日：法治讲座，不少于1次。",
    ),
    (
        rule("ZX-36"),
        "在任天数不足全期2/3的不考核，达到的按全额要求（比例由本局设定）。",
    ),
    (
        changed("CZ-39", part=Part(PartMode.PRORATE, None, Basis.BUREAU)),
        "任期只占期间一部分的，按在任天数折算，不足一分钟的按一分钟计。",
    ),
    (
        changed("CZ-39", persons=Persons(Credit.TEAM, Excused.ACTIVE, Substitute.ABSENT)),
        "同一团队在该村的记录合并计算。",
    ),
    (
        changed("CZ-39", persons=Persons(Credit.TEAM, Excused.ACTIVE, Substitute.ABSENT)),
        "经批准的请假仍算在任天数；代班人的记录也计给请假人。",
    ),
    (applying(until=date(2027, 1, 1)), "自2021年1月1日起至2026年12月31日适用，每期以第一天为准。"),
    (
        applying(phases=(PHASE,)),
        "分步实施：2027年1月1日起，区划代码以4304开头的地方、类别为重点村的村、山区的村。",
    ),
    (rule("JC-36"), "适用地方：平川。"),
    (counting("ZX-34", entered_within=3), "服务后3天内录入的才计入。"),
    (counting("ZX-34", evidence=frozenset({"photo"})), "须有照片，缺一不计。"),
]


@pytest.mark.parametrize(("told", "sentence"), SWITCHES)
def test_a_switch(told: Rule, sentence: str) -> None:
    assert sentence in describe(replace(told, inherited=frozenset()))


def test_only_what_the_file_leaves_open_is_marked() -> None:
    marked = {said for said in describe(rule("DG-58")) if DEFAULT_MARK in said}
    assert "统计事项（联系“两委”干部），提交后即计入。" not in marked
    assert WHOLE_PERIOD in marked


@pytest.mark.parametrize("place", PLACES)
def test_every_rule_speaks_chinese(place: str) -> None:
    """No word of the file is left as it stands there."""
    english = {"QQ", "APP"}
    for each in pack(place).rules:
        for sentence in describe(each):
            words = {word for word in _latin(sentence) if word not in english}
            assert words == set(), sentence
            assert sentence.endswith("。")


def _latin(sentence: str) -> list[str]:
    return "".join(char if char.isascii() and char.isalpha() else " " for char in sentence).split()


def test_too_many_advisors_are_named_as_people() -> None:
    told = facts(terms=[term(1), term(2, advisor=2)])
    found = verdict("CZ-17", told, of=Subject.VILLAGE)
    said = explain(found, rule("CZ-17"), names={1: "甲村", 2: "乙村"}, advisors={1: "张三"})
    assert said.counted == ("张三：计入。", "法律顾问2：计入。")
    assert said.refused == ("张三、法律顾问2：2026年10月1日同时在任，超过1名。",)


def test_a_late_paper_says_until_when_and_by_how_much() -> None:
    late = Refusal((1,), "late", (2, "2026-10-31"))
    assert reason(late, rule("JC-47-late")) == "最迟应于2026年10月31日提交，晚了2天，不计入"


def test_what_a_meeting_lacked_is_named() -> None:
    short = Refusal((1,), "incomplete", ("villagers", "advisors"))
    assert reason(short, rule("DG-21-persons")) == "要素不全，缺少群众代表、法律顾问"
