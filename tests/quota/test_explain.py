"""What a verdict says, word for word."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from assessments.quota.explain import STATUS, duration, explain, reason
from assessments.quota.rules import Force, Subject
from assessments.quota.verdicts import Refusal, Status
from tests.quota.build import counting, facts, lecture, october, place, rule, session, term, verdict

REASONS = {
    Refusal((1,), "too_short", (230, 240)): "3小时50分，未满4小时，差10分钟，不计入",
    Refusal((1,), "too_short", (45, 240)): "45分钟，未满4小时，差3小时15分，不计入",
    Refusal((1,), "mode", ("wechat",)): "线上服务（微信）不计入现场次数",
    Refusal((1,), "mode", ("phone",)): "电话服务不计入现场次数",
    Refusal((1,), "purpose", ("lecture_only",)): "仅为讲座到村，不计入坐班咨询",
    Refusal((1,), "purpose", ("mediation",)): "仅为调解到村，不计入坐班咨询",
    Refusal((1,), "same_day", ()): "同日同村已计一次，不重复计入",
    Refusal((1,), "state", ("draft",)): "草稿，不计入",
    Refusal((1,), "state", ("returned",)): "已退回，不计入",
    Refusal((1,), "awaiting", ("submitted", "confirmed")): "已提交，待联络员确认后计入",
    Refusal((1,), "late_entry", (9, 3)): "服务后9天才录入，超过3天，不计入",
    Refusal((1,), "evidence", ("photo",)): "缺少照片，不计入",
    Refusal((1,), "no_topic", ()): "未填写法律重点",
    Refusal((1,), "repeated_topic", ("物业服务",)): "法律重点“物业服务”本期已讲过",
    Refusal((1,), "uncovered", (31,)): "本期已有31天未覆盖",
}


@pytest.mark.parametrize(("refusal", "words"), REASONS.items())
def test_reasons(refusal: Refusal, words: str) -> None:
    assert reason(refusal, rule("ZX-34")) == words


def test_every_status_has_a_word() -> None:
    assert set(STATUS) == set(Status)


@pytest.mark.parametrize(
    ("minutes", "words"), [(0, "0分钟"), (59, "59分钟"), (60, "1小时"), (479, "7小时59分")]
)
def test_duration(minutes: int, words: str) -> None:
    assert duration(minutes) == words


def test_a_whole_explanation() -> None:
    records = [session(1, october(5)), session(2, october(6), "9:00-12:50")]
    found = verdict("ZX-34", facts(records))
    said = explain(found, rule("ZX-34"), {record.id: record for record in records})
    assert said.sentences == (
        "2026年10月现场咨询服务：应不少于2次，已计1次，符合方式的时长共7小时50分。结论：未达标。",
        "2026年10月5日09:00至13:00：计入。",
        "2026年10月6日09:00至12:50：3小时50分，未满4小时，差10分钟，不计入。",
        "还差1次。",
        "依据：二（四）2“每月到顾问村（社区）现场提供法律咨询服务不少于2次，每次不少于4小时。”",
    )


def test_joined_sessions_are_named_together() -> None:
    records = [session(1, october(5), "9:00-11:00"), session(2, october(5), "14:00-16:00")]
    found = verdict("ZX-34", facts(records))
    said = explain(found, rule("ZX-34"), {record.id: record for record in records})
    assert said.counted == ("2026年10月5日09:00至11:00、2026年10月5日14:00至16:00：计入。",)
    assert explain(found, rule("ZX-34")).counted == ("记录1、记录2：计入。",)


def test_a_running_period_says_by_when() -> None:
    found = verdict("ZX-34", facts([session(1, october(5))]), as_of=october(9))
    assert explain(found, rule("ZX-34")).missing == "还差1次，最迟2026年10月31日完成。"


def test_a_pending_one_says_that_confirmation_is_enough() -> None:
    confirmed = counting("ZX-34", state="confirmed")
    told = facts([session(1, october(5)), session(2, october(6))])
    said = explain(verdict(confirmed, told), confirmed)
    assert "另有2次待确认" in said.result
    assert said.missing == "还差2次，待确认的记录确认后即可补足。"


def test_one_not_assessed_says_for_how_long_it_was_in_office() -> None:
    found = verdict("ZX-34", facts(terms=[term(start=october(15))]))
    said = explain(found, rule("ZX-34"))
    assert said.result.endswith("本期31天中在任17天。结论：不足期，不考核。")
    assert said.missing == ""


def test_a_repeated_focus_names_the_lecture() -> None:
    records = [lecture(1, date(2026, 3, 2), "物业服务"), lecture(2, october(5), "物业服务")]
    found = verdict("ZX-37", facts(records), of=Subject.VILLAGE)
    said = explain(found, rule("ZX-37"), {record.id: record for record in records})
    assert said.refused == (
        "2026年10月5日09:00至10:00《物业服务》：法律重点“物业服务”本期已讲过。",
    )


def test_a_cap_names_the_villages() -> None:
    soft = replace(rule("ZX-24"), force=Force.SOFT, target=1)
    told = facts(
        terms=[term(1), term(2, village=2, start=october(8), reason="李四批准")],
        places=[place(1), place(2)],
    )
    said = explain(verdict(soft, told, of=Subject.ADVISOR), soft, names={1: "甲村", 2: "乙社区"})
    assert said.counted == ("甲村：计入。", "乙社区：计入。")
    assert said.refused == (
        "甲村、乙社区：2026年10月8日同时担任，超过1个村（社区），事由：李四批准。",
    )


def test_coverage_names_the_uncovered() -> None:
    told = facts(terms=[], places=[place(1)])
    found = verdict("ZX-04", told, of=Subject.TOWNSHIP)
    said = explain(found, rule("ZX-04"), names={1: "甲村"})
    assert said.result == (
        "2026年10月法律顾问有效配备比例：应达到1个村（社区），已计0个村（社区）。结论：未达标。"
    )
    assert said.refused == ("甲村：本期已有31天未覆盖。",)
