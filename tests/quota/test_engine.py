"""The rule form beyond ZX: every measure, bound and switch, and the states of a running period."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from assessments.quota.engine import judge
from assessments.quota.rules import (
    Basis,
    Bound,
    Force,
    Having,
    Join,
    Joining,
    Measure,
    Part,
    PartMode,
    Rule,
    SameDay,
    Subject,
)
from assessments.quota.spans import Need, needs
from assessments.quota.verdicts import Refusal, Status
from assessments.quota.wholes import peak
from lawadvisor.foundation.periods import Period, PeriodKind
from tests.quota.build import (
    OCTOBER,
    counting,
    facts,
    lecture,
    october,
    place,
    rule,
    session,
    term,
    verdict,
    zx,
)

# A running month


RUNNING = [
    ([], october(2), Status.OPEN),
    ([], october(21), Status.OPEN),  # two thirds of 31 days end on the 21st
    ([], october(22), Status.AT_RISK),
    ([session(1, october(5))], october(22), Status.OPEN),
    ([session(1, october(5))], october(31), Status.OPEN),  # the last day can still bring one
    ([session(1, october(5)), session(2, october(6))], october(7), Status.MET),
    ([session(1, october(5)), session(2, october(30))], october(30), Status.OPEN),  # not yet known
]


@pytest.mark.parametrize(("records", "as_of", "expected"), RUNNING)
def test_running_month(records: list, as_of: date, expected: Status) -> None:
    assert verdict("ZX-34", facts(records), as_of=as_of).status is expected


def test_two_missing_on_the_last_day_cannot_be_done_any_more() -> None:
    short = [session(1, october(5), "9:00-10:00")]
    assert verdict("ZX-34", facts(short), as_of=october(30)).status is Status.AT_RISK
    three = replace(rule("ZX-34"), target=3)
    told = facts([session(1, october(5))])
    assert verdict(three, told, as_of=october(30)).status is Status.OPEN
    assert verdict(three, told, as_of=october(31)).status is Status.AT_RISK


def test_a_day_that_is_not_over_shows_its_records_and_is_used_up_by_them() -> None:
    told = facts([session(1, october(31))])
    live = verdict("ZX-34", told, as_of=date(2026, 11, 1), today=october(31))
    assert (live.status, live.actual, live.last_day) == (Status.AT_RISK, 1, october(31))
    assert verdict("ZX-34", told, as_of=date(2026, 11, 1)).status is Status.NOT_MET


def test_the_last_day_is_that_of_the_appointment() -> None:
    half = replace(rule("ZX-34"), part=Part(PartMode.FULL, None, Basis.BUREAU))
    told = facts(terms=[term(end=october(16))])
    assert verdict(half, told, as_of=october(2)).last_day == october(15)
    over = verdict(half, told, as_of=october(20))
    assert (over.status, over.last_day, over.missing) == (Status.AT_RISK, None, 2)


@pytest.mark.parametrize(
    ("as_of", "expected"), [(date(2026, 11, 30), Status.OPEN), (date(2026, 12, 1), Status.AT_RISK)]
)
def test_a_quarter_is_at_risk_when_its_third_month_starts_without_a_lecture(
    as_of: date, expected: Status
) -> None:
    assert verdict("ZX-36", facts(), as_of=as_of).status is expected


# Counting state


def test_pending_when_confirmation_would_close_the_gap() -> None:
    confirmed = counting("ZX-34", state="confirmed")
    told = facts([session(1, october(5), state="confirmed"), session(2, october(6))])
    found = verdict(confirmed, told)
    assert (found.status, found.actual, found.pending) == (Status.PENDING, 1, 1)
    assert found.refused == (Refusal((2,), "awaiting", ("submitted", "confirmed")),)
    assert verdict(confirmed, facts([session(2, october(6))])).status is Status.NOT_MET


def test_a_stay_half_confirmed_awaits_as_a_whole() -> None:
    reviewed = counting("ZX-34", state="reviewed")
    told = facts(
        [
            session(1, october(5), "8:00-10:00", state="reviewed"),
            session(2, october(5), "14:00-16:00", state="confirmed"),
        ]
    )
    found = verdict(reviewed, told)
    assert (found.actual, found.pending, found.counted) == (0, 1, ())
    assert found.refused == (Refusal((1, 2), "awaiting", ("confirmed", "reviewed")),)


# Minutes, days, topics, evidence, entry


def hours(target: int, state: str = "submitted") -> Rule:
    """Hours on site per month, whatever the purpose and however short each (CZ, SH, DG)."""
    told = counting("ZX-34", purposes=None, min_minutes=0, state=state)
    return replace(
        told,
        measure=Measure.MINUTES,
        target=target,
        joining=Joining(Join.STAY, SameDay.EVERY),
    )


def days(number: int, length: str, **other: object) -> list:
    return [session(n, october(n), length, **other) for n in range(1, number + 1)]


HOURS = {
    "CZ 5 visits of 1 h": (300, days(5, "9:00-10:00"), Status.MET),
    "CZ 299 min in all": (
        300,
        [*days(4, "9:00-10:00"), session(9, october(9), "9:00-9:59")],
        Status.NOT_MET,
    ),
    "SH 1 visit of 6 h": (360, days(1, "9:00-15:00"), Status.MET),
    "SH 2 visits of 3 h": (360, days(2, "9:00-12:00"), Status.MET),
    "SH 5 h and 2 h online": (
        360,
        [session(1, october(1), "9:00-14:00"), session(2, october(2), "9:00-11:00", mode="qq")],
        Status.NOT_MET,
    ),
    "SH 6 h online": (360, days(1, "9:00-15:00", mode="app"), Status.NOT_MET),
    "DG 7 h 30 on site and 3 h by phone": (
        480,
        [session(1, october(1), "9:00-16:30"), session(2, october(2), "9:00-12:00", mode="phone")],
        Status.NOT_MET,
    ),
}


@pytest.mark.parametrize("case", HOURS)
def test_hours(case: str) -> None:
    target, records, expected = HOURS[case]
    assert verdict(hours(target), facts(records)).status is expected


def test_dg_8_h_on_site_submitted_5_h_confirmed_is_pending() -> None:
    records = [
        session(1, october(1), "9:00-14:00", state="confirmed"),
        session(2, october(2), "9:00-12:00"),
    ]
    found = verdict(hours(480, "confirmed"), facts(records))
    assert (found.status, found.actual, found.pending) == (Status.PENDING, 300, 180)


def test_cz_lecture_a_year_and_half_a_year_of_service() -> None:
    yearly = replace(
        rule("ZX-36"),
        period=PeriodKind.YEAR,
        part=Part(PartMode.WAIVE, Fraction(1, 2), Basis.BUREAU),
    )
    july = facts(terms=[term(start=date(2026, 7, 1), end=date(2027, 7, 1))])
    december, next_year = Period.month(2026, 12), Period.month(2027, 12)
    assert verdict(yearly, july, december).status is Status.NOT_MET  # 184 of 365
    assert verdict(yearly, july, next_year).status is Status.NOT_ASSESSED  # 181 of 365


def test_minutes_pro_rata_are_rounded_up() -> None:
    part = replace(hours(300), part=Part(PartMode.PRORATE, None, Basis.BUREAU))
    found = verdict(part, facts(terms=[term(start=october(21))]))
    assert found.required == 107  # 300 × 11 ÷ 31 = 106.45
    assert verdict(part, facts()).required == 300


def test_shared_time_of_all_advisors_counts_once_for_a_village_day() -> None:
    together = replace(hours(300), joining=Joining(Join.VILLAGE_DAY, SameDay.EVERY))
    told = facts(
        [
            session(1, october(5), "9:00-12:00"),
            session(2, october(5), "11:00-13:00", advisor=2, appointment=2),
        ]
    )
    assert verdict(together, told, of=Subject.VILLAGE).actual == 240
    assert verdict(hours(300), told, of=Subject.VILLAGE).actual == 300


def test_distinct_days() -> None:
    duty_days = replace(
        counting("ZX-34", min_minutes=120),
        measure=Measure.DISTINCT_DAYS,
        unit="天",
        joining=Joining(Join.ADVISOR_DAY, SameDay.EVERY),
        subjects=(Subject.ADVISOR,),
    )
    told = facts(
        [
            session(1, october(5), "9:00-10:00"),
            session(2, october(5), "10:00-11:00", village=2),
            session(3, october(6), "9:00-10:59"),
        ],
        places=[place(1), place(2)],
    )
    assert verdict(duty_days, told, of=Subject.ADVISOR).actual == 1


def test_distinct_topics_at_least() -> None:
    three = replace(rule("ZX-37"), bound=Bound.AT_LEAST, target=3, force=Force.HARD)
    told = facts([lecture(n, october(n), focus) for n, focus in enumerate("甲乙乙", start=1)])
    assert verdict(three, told, of=Subject.VILLAGE).missing == 1
    blank = facts([lecture(1, october(1), "")])
    assert verdict(three, blank, of=Subject.VILLAGE).refused == (Refusal((1,), "no_topic", ()),)


def test_required_evidence() -> None:
    photo = counting("ZX-36", evidence=frozenset({"photo"}))
    assert verdict(photo, facts([lecture(1, october(5))])).refused == (
        Refusal((1,), "evidence", ("photo",)),
    )
    assert verdict(photo, facts([lecture(1, october(5), evidence=("photo",))])).actual == 1


def test_entered_in_time() -> None:
    prompt = counting("ZX-36", entered_within=3)
    on_time = lecture(1, october(5), entered=october(8))
    late = lecture(2, october(5), entered=october(9))
    found = verdict(prompt, facts([on_time, late]))
    assert found.counted == ((1,),)
    assert found.refused == (Refusal((2,), "late_entry", (4, 3)),)


# Bounds, subjects, shares


def bounded(bound: Bound, target: int) -> Rule:
    return replace(rule("ZX-34"), bound=bound, target=target)


def test_at_most_and_exactly() -> None:
    two = facts([session(1, october(5)), session(2, october(6))])
    assert verdict(bounded(Bound.AT_MOST, 2), two).status is Status.MET
    assert verdict(bounded(Bound.AT_MOST, 1), two).status is Status.NOT_MET
    assert verdict(bounded(Bound.AT_MOST, 2), two, as_of=october(9)).status is Status.OPEN
    assert verdict(bounded(Bound.EXACTLY, 2), two).status is Status.MET
    assert verdict(bounded(Bound.EXACTLY, 1), two).status is Status.NOT_MET
    assert verdict(bounded(Bound.EXACTLY, 1), two, as_of=october(9)).status is Status.AT_RISK


def test_wider_subjects_add_up() -> None:
    wide = replace(rule("ZX-34"), subjects=(Subject.TOWNSHIP, Subject.BUREAU, Subject.ADVISOR))
    told = facts(
        [session(1, october(5)), session(2, october(5), village=2), session(3, october(6))],
        places=[place(1, township=1), place(2, township=2)],
    )
    assert verdict(wide, told, of=Subject.TOWNSHIP, number=1).actual == 2
    assert verdict(wide, told, of=Subject.TOWNSHIP, number=2).actual == 1
    assert verdict(wide, told, of=Subject.BUREAU, number=9).actual == 3
    assert verdict(wide, told, of=Subject.ADVISOR, number=1).actual == 3


def test_share_of_villages_served() -> None:
    served = replace(
        counting("ZX-34", min_minutes=0),
        measure=Measure.SHARE,
        having=Having.RECORD,
        subjects=(Subject.BUREAU,),
        bound=Bound.SHARE,
        target=60,
        part=None,
    )
    told = facts([session(1, october(5))], places=[place(1), place(2)])
    found = verdict(served, told, of=Subject.BUREAU, number=9)
    assert (found.required, found.actual, found.status) == (2, 1, Status.NOT_MET)
    assert found.refused == (Refusal((2,), "uncovered", (31,)),)


def test_applicability_by_place_and_category() -> None:
    applies = replace(
        rule("ZX-34").applies,
        categories=frozenset({"notary"}),
        village_kinds=frozenset({"community"}),
        terrains=frozenset({"mountain"}),
        classes=frozenset({"key"}),
    )
    narrow = replace(rule("ZX-34"), applies=applies)
    key_village = place(2, kind="community", terrain="mountain", klass="key")
    told = facts(
        terms=[
            term(1, category="notary"),
            term(2, village=2),
            term(3, village=2, category="notary"),
        ],
        places=[place(1), key_village],
    )
    found = judge([narrow], told, OCTOBER, OCTOBER.end)
    assert [(v.subject_kind, v.subject_id) for v in found] == [
        (Subject.APPOINTMENT, 3),
        (Subject.VILLAGE, 2),
    ]


# Periods and versions


def test_a_rule_holds_for_periods_whose_first_day_it_is_in_force() -> None:
    applies = replace(rule("ZX-36").applies, start=date(2026, 10, 2), until=date(2027, 4, 1))
    phased = replace(rule("ZX-36"), applies=applies)
    for month, count in ((Period.month(2026, 12), 0), (Period.month(2027, 1), 2)):
        assert len(judge([phased], facts(), month, month.end)) == count
    assert judge([phased], facts(), Period.month(2027, 4), date(2027, 5, 1)) == []


def test_shorter_periods_are_judged_where_they_begin() -> None:
    weekly = replace(rule("ZX-34"), period=PeriodKind.WEEK, target=1)
    found = [
        v for v in judge([weekly], facts(), OCTOBER, OCTOBER.end) if v.subject_kind == "village"
    ]
    assert [v.period.start for v in found] == [october(n) for n in (5, 12, 19, 26)]
    assert found[-1].status is Status.AT_RISK  # ends on 1 November


def test_what_to_load() -> None:
    year = date(2026, 1, 1), date(2027, 1, 1)
    assert needs(zx().rules, OCTOBER) == [
        Need("filing", frozenset({"dossier", "suggestion_report"}), *year),
        Need("filing", frozenset({"monthly_summary"}), date(2026, 9, 1), october(1)),
        Need("filing", frozenset({"online_group"}), october(1), date(2026, 11, 1)),
        Need("matter", frozenset({"lecture"}), *year),
        Need("session", None, october(1), date(2026, 11, 1)),
    ]


def test_a_soft_cap_with_a_reason_is_listed() -> None:
    soft = replace(rule("ZX-24"), force=Force.SOFT, target=1)
    terms, places = [term(1), term(2, village=2)], [place(1), place(2)]
    assert verdict(soft, facts((), terms, places), of=Subject.ADVISOR).status is Status.NOT_MET
    terms[1] = terms[1]._replace(reason="张三批准")
    found = verdict(soft, facts((), terms, places), of=Subject.ADVISOR)
    assert found.status is Status.NOTICE
    assert found.refused[0].params == ("2026-10-01", 1, "张三批准")


def test_no_appointment_no_peak() -> None:
    assert peak([term(end=october(1))], october(1), None) is None


def test_advisor_days_under_two_appointments_count_once() -> None:
    told = facts(
        terms=[term(1, end=october(11)), term(2, village=2, start=october(6), end=october(21))],
        places=[place(1), place(2)],
    )
    assert verdict("ZX-38", told, of=Subject.ADVISOR).active_days == 20
