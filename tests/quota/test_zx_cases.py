"""The boundary cases of the ZX policy, one by one, as the readings name them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from assessments.quota.engine import judge
from assessments.quota.facts import Record
from assessments.quota.rules import Subject
from assessments.quota.verdicts import Refusal, Status
from assessments.quota.wholes import peak
from lawadvisor.foundation.periods import Period, local_date, local_minute
from tests.quota.build import (
    OCTOBER,
    facts,
    filing,
    lecture,
    october,
    place,
    session,
    term,
    verdict,
    zx,
)

WHOLE_STAY = "9:00-13:00"

VISITS = {
    "4 h 00 and 4 h 00 on two days": (
        [session(1, october(5)), session(2, october(6))],
        (Status.MET, 2, 480),
    ),
    "4 h 00 and 3 h 59": (
        [session(1, october(5)), session(2, october(6), "9:00-12:59")],
        (Status.NOT_MET, 1, 479),
    ),
    "same day 09:00-11:00 and 14:00-16:00, another day 4 h": (
        [
            session(1, october(5), "9:00-11:00"),
            session(2, october(5), "14:00-16:00"),
            session(3, october(6)),
        ],
        (Status.MET, 2, 480),
    ),
    "four visits of 2 h on four days": (
        [session(day, october(day), "9:00-11:00") for day in (5, 6, 7, 8)],
        (Status.NOT_MET, 0, 480),
    ),
    "4 h on-site and 4 h WeChat": (
        [session(1, october(5)), session(2, october(6), mode="wechat")],
        (Status.NOT_MET, 1, 240),
    ),
    "two duty visits with nobody coming": (
        [session(1, october(5), focus=""), session(2, october(20), focus="")],
        (Status.MET, 2, 480),
    ),
    "one duty visit and one lecture-only stay of 4 h": (
        [
            session(1, october(5)),
            session(2, october(6), kind="lecture_only", purpose="lecture_only"),
            lecture(7, october(6), purpose="lecture_only"),
        ],
        (Status.NOT_MET, 1, 240),
    ),
    "two stays of 4 h on one day are one visit": (
        [session(1, october(5), "8:00-12:00"), session(2, october(5), "13:00-17:00")],
        (Status.NOT_MET, 1, 480),
    ),
    "a stay for mediation alone is no consultation": (
        [session(1, october(5)), session(2, october(6), purpose="mediation")],
        (Status.NOT_MET, 1, 240),
    ),
    "drafts and returned logs do not count": (
        [session(1, october(5), state="draft"), session(2, october(6), state="returned")],
        (Status.NOT_MET, 0, 0),
    ),
    "shared time counts once": (
        [session(1, october(5), "9:00-12:00"), session(2, october(5), "11:00-12:30")],
        (Status.NOT_MET, 0, 210),
    ),
}


@pytest.mark.parametrize("case", VISITS)
def test_visits(case: str) -> None:
    records, expected = VISITS[case]
    found = verdict("ZX-34", facts(records))
    assert (found.status, found.actual, found.minutes) == expected


def test_lecture_only_stay_still_meets_the_lecture() -> None:
    records, _ = VISITS["one duty visit and one lecture-only stay of 4 h"]
    assert verdict("ZX-36", facts(records)).status is Status.MET


def test_a_lecture_within_a_duty_stay_counts_for_both() -> None:
    told = facts([session(1, october(5)), lecture(1, october(5)), session(2, october(6))])
    assert verdict("ZX-34", told).status is Status.MET
    assert verdict("ZX-36", told).status is Status.MET


def test_an_online_lecture_does_not_count() -> None:
    told = facts([lecture(1, october(5), mode="wechat")])
    found = verdict("ZX-36", told)
    assert found.status is Status.NOT_MET
    assert found.refused == (Refusal((1,), "mode", ("wechat",)),)


QUARTER_SHARES = [
    (date(2026, 1, 20), None, Status.NOT_MET),  # 71 of 90 days
    (date(2026, 1, 31), None, Status.NOT_MET),  # 60 of 90: exactly two thirds
    (date(2026, 2, 1), None, Status.NOT_ASSESSED),  # 59 of 90
    (date(2024, 1, 31), None, Status.NOT_MET),  # 61 of 91 in a leap year
    (date(2024, 2, 1), None, Status.NOT_ASSESSED),  # 60 of 91: short of two thirds
    (date(2020, 1, 1), date(2026, 3, 2), Status.NOT_MET),  # until 1 March: 60 days
    (date(2020, 1, 1), date(2026, 3, 1), Status.NOT_ASSESSED),
]


@pytest.mark.parametrize(("start", "end", "expected"), QUARTER_SHARES)
def test_no_lecture_and_part_of_a_quarter(start: date, end: date | None, expected: Status) -> None:
    year = 2024 if start.year == 2024 else 2026
    told = facts(terms=[term(start=start, end=end)])
    assert verdict("ZX-36", told, Period.month(year, 3)).status is expected


def test_appointed_from_the_15th_without_a_visit() -> None:
    told = facts(terms=[term(start=october(15))])
    assert verdict("ZX-34", told).status is Status.NOT_ASSESSED
    assert verdict("ZX-34", told, of=Subject.VILLAGE).status is Status.NOT_MET


def test_suspended_days_are_not_active() -> None:
    told = facts(terms=[term(suspended=october(31))])
    found = verdict("ZX-34", told)
    assert (found.status, found.active_days) == (Status.NOT_ASSESSED, 30)


def test_a_month_of_28_days_served_whole_is_assessed() -> None:
    told = facts(terms=[term(start=date(2026, 2, 1), end=date(2026, 3, 1))])
    assert verdict("ZX-34", told, Period.month(2026, 2)).status is Status.NOT_MET


def test_replaced_within_the_month_the_village_is_met_and_nobody_is_blamed() -> None:
    old, new = term(1, end=october(16)), term(2, advisor=2, start=october(16))
    told = facts(
        [session(1, october(5)), session(2, october(20), appointment=2, advisor=2)], [old, new]
    )
    assert verdict("ZX-34", told, number=1).status is Status.NOT_ASSESSED
    assert verdict("ZX-34", told, number=2).status is Status.NOT_ASSESSED
    assert verdict("ZX-34", told, of=Subject.VILLAGE).status is Status.MET


def test_two_advisors_on_one_day_are_one_visit_for_the_village() -> None:
    told = facts(
        [session(1, october(5)), session(2, october(5), appointment=2, advisor=2)],
        [term(1), term(2, advisor=2)],
    )
    found = verdict("ZX-34", told, of=Subject.VILLAGE)
    assert (found.actual, found.counted) == (1, ((1,),))
    assert found.refused == (Refusal((2,), "same_day", ()),)
    assert verdict("ZX-34", told, number=2).actual == 1


def test_short_stays_of_two_advisors_do_not_join() -> None:
    told = facts(
        [
            session(1, october(5), "9:00-11:00"),
            session(2, october(5), "11:00-13:00", appointment=2, advisor=2),
        ],
        [term(1), term(2, advisor=2)],
    )
    assert verdict("ZX-34", told, of=Subject.VILLAGE).actual == 0


def test_three_villages_need_six_visits() -> None:
    villages = (1, 2, 3)
    told = facts(
        [session(v, october(5 + v), village=v, appointment=v) for v in villages]
        + [session(3 + v, october(15 + v), village=v, appointment=v) for v in villages],
        [term(v, village=v) for v in villages],
        [place(v) for v in villages],
    )
    for village in villages:
        assert verdict("ZX-34", told, number=village).status is Status.MET
    without_one = facts(told.records[:-1], told.terms, told.places)
    assert verdict("ZX-34", without_one, number=3).status is Status.NOT_MET


def test_a_visit_of_31_january_23_30_entered_as_utc_counts_in_january() -> None:
    begun = datetime(2026, 1, 31, 11, 30, tzinfo=UTC)  # 19:30 in Shanghai
    ended = datetime(2026, 1, 31, 15, 30, tzinfo=UTC)  # 23:30
    late = session(1, local_date(begun))._replace(
        start=local_minute(begun), end=local_minute(ended), minutes=240
    )
    january, february = Period.month(2026, 1), Period.month(2026, 2)
    assert verdict("ZX-34", facts([late]), january).actual == 1
    assert verdict("ZX-34", facts([late]), february).actual == 0


def test_judging_twice_gives_the_same() -> None:
    told = facts([session(1, october(5)), lecture(1, october(5)), session(1, october(5))])
    first = judge(zx().rules, told, OCTOBER, date(2026, 11, 1))
    assert judge(zx().rules, told, OCTOBER, date(2026, 11, 1)) == first


# The cap


def held(count: int, category: str = "lawyer") -> list:
    return [term(n, village=n, category=category, end=october(31)) for n in range(1, count + 1)]


def test_a_fourth_village_overlapping_by_one_day_is_over_the_cap() -> None:
    fourth = term(4, village=4, start=october(30))
    told = facts(terms=[*held(3), fourth], places=[place(n) for n in (1, 2, 3, 4)])
    found = verdict("ZX-24", told, of=Subject.ADVISOR)
    assert (found.status, found.actual) == (Status.NOT_MET, 4)
    assert found.refused == (Refusal((1, 2, 3, 4), "over_cap", ("2026-10-30", 3)),)


def test_a_fourth_village_from_the_day_after_the_last_is_within_the_cap() -> None:
    fourth = term(4, village=4, start=october(31))
    told = facts(terms=[*held(3), fourth], places=[place(n) for n in (1, 2, 3, 4)])
    assert verdict("ZX-24", told, of=Subject.ADVISOR).status is Status.MET
    most = peak([*held(3), fourth], fourth.start, fourth.end)
    assert most is not None
    assert most.held == (4,)


def test_a_village_in_another_bureau_counts_for_the_cap_and_a_suspended_one_too() -> None:
    elsewhere = term(4, village=77, suspended=date(2026, 1, 1))
    told = facts(terms=[*held(3), elsewhere], places=[place(n) for n in (1, 2, 3)])
    assert verdict("ZX-24", told, of=Subject.ADVISOR).actual == 4


def test_two_appointments_in_one_village_count_once() -> None:
    told = facts(terms=[*held(3), term(4, village=3)], places=[place(n) for n in (1, 2, 3)])
    assert verdict("ZX-24", told, of=Subject.ADVISOR).status is Status.MET


def test_a_retired_cadre_with_four_villages_gets_an_information_line() -> None:
    told = facts(terms=held(4, "retired_cadre"), places=[place(n) for n in (1, 2, 3, 4)])
    assert verdict("ZX-24-others", told, of=Subject.ADVISOR).status is Status.NOTICE
    assert not [v for v in judge(zx().rules, told, OCTOBER, october(31)) if v.rule == "ZX-24"]


# Lectures with the same focus, documents, journal, coverage


def test_a_repeated_focus_is_shown_and_does_not_void_the_lecture() -> None:
    told = facts([lecture(1, date(2026, 3, 2), "物业服务"), lecture(2, october(5), "物业 服务")])
    found = verdict("ZX-37", told, of=Subject.VILLAGE)
    assert (found.status, found.required, found.actual) == (Status.NOTICE, 2, 1)
    assert found.refused == (Refusal((2,), "repeated_topic", ("物业 服务",)),)
    assert verdict("ZX-36", told).status is Status.MET


def test_the_same_focus_in_another_year_or_village_is_no_repeat() -> None:
    told = facts(
        [
            lecture(1, date(2025, 12, 31)),
            lecture(2, october(5)),
            lecture(3, october(6), village=2),
        ],
        places=[place(1), place(2)],
    )
    assert verdict("ZX-37", told, of=Subject.VILLAGE).status is Status.MET


def test_report_and_dossier_are_due_from_whoever_serves_on_31_december() -> None:
    old, new = term(1, end=date(2026, 7, 1)), term(2, advisor=2, start=date(2026, 7, 1))
    december = Period.month(2026, 12)
    found = verdict("ZX-44", facts(terms=[old, new]), december, of=Subject.VILLAGE)
    assert (found.status, found.owed_by) == (Status.NOT_MET, (2,))


def test_a_report_counts_for_the_year_it_is_written_for() -> None:
    late = filing(1, "suggestion_report", date(2027, 1, 4), date(2026, 1, 1))
    december, january = Period.month(2026, 12), Period.month(2027, 1)
    told, village = facts([late]), Subject.VILLAGE
    known = date(2027, 1, 5)
    assert verdict("ZX-44", told, december, of=village).status is Status.NOT_MET
    assert verdict("ZX-44", told, december, as_of=known, of=village).status is Status.MET
    assert verdict("ZX-44", told, january, as_of=known, of=village).actual == 0
    assert verdict("ZX-45", told, december, as_of=known, of=village).actual == 0


def test_a_month_without_any_entry_is_shown_and_is_no_failure() -> None:
    found = verdict("ZX-38", facts(), of=Subject.ADVISOR)
    assert found.status is Status.NOTICE
    online = facts([session(1, october(5), mode="phone")])
    assert verdict("ZX-38", online, of=Subject.ADVISOR).status is Status.MET


COVERAGE = {
    "in force": ([term()], Status.MET, ()),
    "from the last day on": ([term(start=october(31))], Status.MET, ()),
    "ended the day before": ([term(end=october(31))], Status.NOT_MET, (1,)),
    "suspended": ([term(suspended=october(11))], Status.NOT_MET, (21,)),
    "category not allowed": ([term(category="notary")], Status.NOT_MET, (31,)),
    "nobody": ([], Status.NOT_MET, (31,)),
}


@pytest.mark.parametrize("case", COVERAGE)
def test_coverage(case: str) -> None:
    terms, status, bare_days = COVERAGE[case]
    for kind, number in ((Subject.TOWNSHIP, 1), (Subject.BUREAU, 9)):
        found = verdict("ZX-04", facts(terms=terms), of=kind, number=number)
        assert found.status is status
        assert tuple(refusal.params[0] for refusal in found.refused) == bare_days


def test_a_record_the_day_after_the_month_does_not_count() -> None:
    edge: list[Record] = [
        session(1, OCTOBER.start - timedelta(days=1)),
        session(2, OCTOBER.start),
        session(3, OCTOBER.last_day),
        session(4, OCTOBER.end),
    ]
    assert verdict("ZX-34", facts(edge)).counted == ((2,), (3,))
