"""Cases that the engine once judged wrongly, told literally."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from assessments.quota.facts import Absence, Facts, Waiver
from assessments.quota.reading import PackError
from assessments.quota.rulebook import rule_from_json, rule_to_json
from assessments.quota.rules import (
    Bound,
    Complete,
    Credit,
    Day,
    Due,
    Force,
    Having,
    Join,
    Joining,
    Late,
    Measure,
    Over,
    Rule,
    SameDay,
    Subject,
    Substitute,
)
from assessments.quota.verdicts import Refusal, Status
from lawadvisor.foundation.periods import Period
from tests.quota.build import (
    counting,
    facts,
    filing,
    lecture,
    october,
    place,
    rule,
    session,
    term,
    verdict,
)


def test_absences_of_the_same_days_with_and_without_a_substitute() -> None:
    away = [Absence(1, october(5), october(9), 2), Absence(1, october(5), october(9), None)]
    told = replace(facts([session(1, october(1))]), absences=away)
    found = verdict(rule("ZX-34"), told)
    assert (found.active_days, found.status) == (27, Status.NOT_ASSESSED)


def test_a_session_without_appointment_is_the_villages_alone() -> None:
    """Its advisor's old appointment there does not get it."""
    told = facts(
        [session(1, october(5), appointment=None), session(2, october(6), appointment=None)]
    )
    assert verdict("ZX-34", told).actual == 0
    assert verdict("ZX-34", told, of=Subject.VILLAGE).actual == 2


def test_a_filing_of_a_volunteer_that_names_no_appointment_does_not_count() -> None:
    made = filing(1, "dossier", october(5), october(1), appointment=None)
    told = facts([made], [term(volunteer=True)])
    found = verdict("ZX-45", told, of=Subject.VILLAGE)
    assert (found.actual, found.refused) == (0, (Refusal((1,), "volunteer", ()),))
    assert verdict("ZX-45", facts([made]), of=Subject.VILLAGE).actual == 1


def persons(**changes: object) -> Rule:
    judged = rule("ZX-34")
    assert judged.persons is not None
    return replace(judged, persons=replace(judged.persons, **changes))


def test_a_substitute_named_in_two_absences_stood_in_once() -> None:
    stood_in = session(1, october(5), appointment=None, advisor=2)
    away = [Absence(1, october(1), october(8), 2), Absence(1, october(5), october(9), 2)]
    told = replace(facts([stood_in]), absences=away)
    found = verdict(persons(substitute=Substitute.ABSENT), told)
    assert found.counted == ((1,),)


def test_a_substitute_helps_the_team_of_the_absent() -> None:
    terms = [term(1, team=7), term(2, advisor=2, team=7), term(3, advisor=3)]
    stood_in = session(1, october(5), appointment=None, advisor=5)
    told = facts([stood_in], terms)
    told = replace(told, absences=[Absence(1, october(5), october(6), 5)])
    helping = persons(credit=Credit.TEAM, substitute=Substitute.ABSENT)
    assert [verdict(helping, told, number=n).actual for n in (1, 2, 3)] == [1, 1, 0]
    own = persons(credit=Credit.TEAM, substitute=Substitute.OWN)
    assert [verdict(own, told, number=n).actual for n in (1, 2, 3)] == [0, 0, 0]


def two_villages(**other: object) -> Facts:
    return facts((), [term(1), term(2, village=2, **other)], [place(1), place(2)])


def test_what_a_volunteer_holds_is_no_part_of_the_cap() -> None:
    one = replace(rule("ZX-24"), target=1)
    assert verdict(one, two_villages(), of=Subject.ADVISOR).status is Status.NOT_MET
    found = verdict(one, two_villages(volunteer=True), of=Subject.ADVISOR)
    assert (found.status, found.counted) == (Status.MET, ((1,),))


def test_a_soft_cap_may_be_waived_for_a_period() -> None:
    soft = replace(rule("ZX-24"), force=Force.SOFT, target=1)
    waivers = {("ZX-24", "advisor", 1, october(1)): Waiver("灾后", "李四")}
    told = replace(two_villages(), waivers=waivers)
    found = verdict(soft, told, of=Subject.ADVISOR)
    assert (found.status, found.refused[-1]) == (
        Status.NOTICE,
        Refusal((), "excused", ("灾后", "李四")),
    )
    hard = replace(soft, force=Force.HARD)
    assert verdict(hard, told, of=Subject.ADVISOR).status is Status.NOT_MET


def served_share(**changes: object) -> Rule:
    """Villages with a confirmed stay, of all."""
    return replace(
        counting("ZX-34", min_minutes=0, state="confirmed"),
        measure=Measure.SHARE,
        having=Having.RECORD,
        subjects=(Subject.BUREAU,),
        bound=Bound.SHARE,
        target=100,
        part=None,
        persons=None,
        **changes,
    )


def test_a_share_of_villages_awaits_confirmation_too() -> None:
    found = verdict(served_share(), facts([session(1, october(5))]), of=Subject.BUREAU, number=9)
    assert (found.status, found.actual, found.pending) == (Status.PENDING, 0, 1)
    assert verdict(served_share(), facts(), of=Subject.BUREAU, number=9).status is Status.NOT_MET


def test_a_share_of_records_awaits_confirmation_measured_against_all_of_them() -> None:
    photos = replace(
        counting("ZX-37", state="confirmed"),
        measure=Measure.COMPLETE,
        complete=Complete(("photo",), Over.EACH, None),
        force=Force.HARD,
        target=60,
    )
    bare = lecture(1, october(1), state="confirmed")
    shown = lecture(2, october(2), evidence=("photo",))
    one = verdict(photos, facts([bare, shown]), of=Subject.VILLAGE)
    assert (one.status, one.actual, one.pending) == (Status.NOT_MET, 0, 1)  # 1 of 2 once confirmed
    told = facts([bare, shown, shown._replace(id=3)])
    assert verdict(photos, told, of=Subject.VILLAGE).status is Status.PENDING  # 2 of 3


def test_the_first_visit_of_a_day_is_the_first_that_counts() -> None:
    """Not the one whose first hour still awaits."""
    confirmed = replace(counting("ZX-34", state="confirmed"), subjects=(Subject.VILLAGE,))
    told = facts(
        [
            session(1, october(5), "8:00-9:00"),
            session(2, october(5), "13:00-17:00", state="confirmed"),
            session(3, october(5), "9:00-13:00", state="confirmed", appointment=2, advisor=2),
        ],
        [term(1), term(2, advisor=2)],
    )
    assert verdict(confirmed, told, of=Subject.VILLAGE).counted == ((3,),)


@pytest.mark.parametrize("measure", ["complete", "distinct_topics"])
def test_what_is_compared_record_by_record_has_no_once_a_day(measure: str) -> None:
    told = rule_to_json(rule("ZX-37")) | {"measure": measure}
    told["joining"] = {"join": "each", "same_day": "once"}
    if measure == "complete":
        told["complete"] = {"needs": ["photo"], "over": "each"}
    with pytest.raises(PackError, match="不限同日次数，应为 every"):
        rule_from_json(told)


def reports_due(late: Late, target: int) -> Rule:
    """A report on 31 January and one on 30 June."""
    return replace(
        rule("ZX-44"),
        measure=Measure.DUE_DATES,
        due=Due(((1, 31), (6, 30)), (), late),
        target=target,
    )


JUNE = Period.month(2026, 6)


@pytest.mark.parametrize(
    ("late", "target", "expected", "last_day"),
    [
        (Late.REFUSED, 2, Status.NOT_MET, None),  # January is lost
        (Late.COUNTS, 2, Status.AT_RISK, date(2026, 6, 30)),  # another one may still come
        (Late.REFUSED, 1, Status.MET, None),
    ],
)
def test_a_report_early_for_the_second_date_does_not_stand_for_the_first(
    late: Late, target: int, expected: Status, last_day: date | None
) -> None:
    early = filing(1, "suggestion_report", date(2026, 3, 1), date(2026, 1, 1))
    found = verdict(
        reports_due(late, target), facts([early]), JUNE, as_of=date(2026, 6, 1), of=Subject.VILLAGE
    )
    assert (found.status, found.actual, found.last_day) == (expected, 1, last_day)


def visits(target: int, subject: Subject, join: Join = Join.STAY) -> Rule:
    joining = Joining(join, SameDay.EVERY if join is Join.ADVISOR_DAY else SameDay.ONCE)
    return replace(rule("ZX-34"), subjects=(subject,), target=target, joining=joining)


@pytest.mark.parametrize(
    ("judged", "expected"),
    [
        (visits(5, Subject.APPOINTMENT), Status.AT_RISK),  # 3 days left, one visit a day
        (visits(5, Subject.VILLAGE), Status.AT_RISK),
        (visits(5, Subject.ADVISOR), Status.OPEN),  # in several villages
        (visits(5, Subject.TOWNSHIP), Status.OPEN),
        (visits(5, Subject.ADVISOR, Join.ADVISOR_DAY), Status.AT_RISK),
        (visits(5, Subject.TOWNSHIP, Join.ADVISOR_DAY), Status.OPEN),  # by several advisors
    ],
)
def test_who_can_do_more_than_one_visit_a_day(judged: Rule, expected: Status) -> None:
    (kind,) = judged.subjects
    told = facts([session(1, october(5))], [term(), term(2, village=2)], [place(), place(2)])
    assert verdict(judged, told, as_of=october(29), of=kind).status is expected


def test_both_halves_of_today_may_be_used_up() -> None:
    halves = replace(
        counting("ZX-34", min_minutes=0),
        measure=Measure.HALF_DAYS,
        day=Day(per_village=False, min_minutes=60, noon=12 * 60),
        joining=Joining(Join.EACH, SameDay.EVERY),
        target=4,
    )
    eve = {"as_of": october(31), "today": october(30)}  # two days left, today included
    morning = [session(1, october(30), "9:00-10:00")]
    assert verdict(halves, facts(morning), **eve).status is Status.OPEN
    whole_day = [*morning, session(2, october(30), "14:00-15:00")]
    assert verdict(halves, facts(whole_day), **eve).status is Status.OPEN
    five = replace(halves, target=5)  # 2 done, 3 missing, and tomorrow brings 2
    assert verdict(five, facts(whole_day), **eve).status is Status.AT_RISK
