"""Reasons to look: each is found where it is, and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from assessments.review.oddities import Asked, Told, oddities

ASKED = Asked(late_days=3, confirmation=False, lecture_photo=False)
ONE = Told(
    pk=1,
    advisor=7,
    village=11,
    place="甲村",
    day=date(2026, 10, 9),
    start=540,
    end=660,
    entered=date(2026, 10, 9),
    confirmed=False,
    supplement=False,
    kinds=("consultation",),
)
#: The same advisor in another village, the same day, an hour later.
OTHER = replace(ONE, pk=2, village=12, place="乙村", start=720, end=780)


def test_an_ordinary_month_asks_nobody_to_look() -> None:
    weekly = [
        replace(ONE, pk=n, day=date(2026, 10, n), entered=date(2026, 10, n + 3))
        for n in (2, 9, 16, 23)
    ]
    assert oddities(weekly, ASKED) == {}


def test_two_villages_on_one_day_are_told_at_both() -> None:
    assert oddities([ONE, OTHER], ASKED) == {
        1: ("同日两村：当天还在乙村",),
        2: ("同日两村：当天还在甲村",),
    }


def test_a_village_elsewhere_is_not_named() -> None:
    found = oddities([ONE, replace(OTHER, place="")], ASKED)
    assert found[1] == ("同日两村：当天还在外镇街的村（社区）",)


def test_two_advisors_do_not_meet() -> None:
    assert oddities([ONE, replace(OTHER, advisor=8)], ASKED) == {}


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (659, "时间重叠：与当天另一条记录"),
        (660, "两村之间只隔0分钟"),
        (669, "两村之间只隔9分钟"),
        (670, None),
    ],
)
def test_the_way_between_two_villages_takes_time(start: int, words: str | None) -> None:
    found = oddities([ONE, replace(OTHER, start=start, end=start + 60)], ASKED)
    for pk in (1, 2):
        assert (words in found[pk]) is (words is not None)
        assert len(found[pk]) == 1 + (words is not None)


@pytest.mark.parametrize(("end", "long"), [(1020, False), (1021, True)])
def test_a_day_longer_than_eight_hours(end: int, long: bool) -> None:
    found = oddities([replace(ONE, end=end)], ASKED)
    assert found == ({1: ("当天合计8小时1分，超过8小时",)} if long else {})


def test_a_day_is_added_up() -> None:
    later = replace(ONE, pk=2, start=700, end=1120, kinds=("mediation",))
    words = "当天合计9小时，超过8小时"
    assert oddities([ONE, later], ASKED) == {1: (words,), 2: (words,)}


def test_the_same_matters_in_one_village_on_one_day() -> None:
    again = replace(ONE, pk=2, start=700, end=760)
    words = "可能重复：同日同村有事项相同的记录"
    assert oddities([ONE, again], ASKED) == {1: (words,), 2: (words,)}
    assert oddities([ONE, replace(again, kinds=("mediation",))], ASKED) == {}
    nobody_came = [replace(each, kinds=()) for each in (ONE, again)]
    assert oddities(nobody_came, ASKED) == {}


@pytest.mark.parametrize(("entered", "words"), [(12, None), (13, "补录4天：服务后4天才录入")])
def test_late_by_the_policys_days(entered: int, words: str | None) -> None:
    found = oddities([replace(ONE, entered=date(2026, 10, entered))], ASKED)
    assert found == ({1: (words,)} if words else {})


def test_a_supplement_says_so_instead_of_its_days() -> None:
    late = replace(ONE, supplement=True, entered=date(2026, 11, 20))
    assert oddities([late], ASKED) == {1: ("关账后补录",)}


def test_confirmation_and_photos_are_asked_only_where_the_policy_asks() -> None:
    bare = replace(ONE, bare_lecture=True)
    strict = Asked(late_days=3, confirmation=True, lecture_photo=True)
    assert oddities([bare], ASKED) == {}
    assert oddities([bare], strict) == {1: ("未确认：村（社区）尚未确认", "照片缺失：讲座没有照片")}
    assert oddities([replace(bare, confirmed=True, bare_lecture=False)], strict) == {}


def test_reasons_add_up_in_one_order() -> None:
    found = oddities([replace(ONE, entered=date(2026, 10, 20)), OTHER], ASKED)
    assert found[1] == ("同日两村：当天还在乙村", "补录11天：服务后11天才录入")
