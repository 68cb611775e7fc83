"""The boundary cases of the DG policy, and every one of its rules met and not met."""

from __future__ import annotations

from datetime import date

import pytest

from assessments.quota.facts import Record
from assessments.quota.rules import Subject
from assessments.quota.verdicts import Refusal, Status
from lawadvisor.foundation.periods import Period
from tests.quota.build import (
    BUREAU,
    Try,
    facts,
    filed_by,
    filing,
    matter,
    october,
    owed_tries,
    place,
    session,
    term,
    verdict,
)

DECEMBER = Period.month(2026, 12)
JULY = Period.month(2026, 7)
LAST_OF_JUNE = date(2026, 6, 30)
EIGHT_HOURS = [session(1, october(5), "9:00-17:00", state="confirmed")]
FIVE_KINDS = ("township_leaders", "office_head", "cadres", "villagers", "advisors")


def on(day: int, hours: str, **other: object) -> Record:
    return session(day, october(day), hours, **{"state": "confirmed", **other})


HOURS = {
    "8 h on site submitted, 5 h of them confirmed": (
        [on(5, "9:00-14:00"), on(6, "9:00-12:00", state="submitted")],
        (Status.PENDING, 300, 180),
    ),
    "7 h 30 on site and 3 h by phone": (
        [on(5, "9:00-16:30"), on(6, "9:00-12:00", mode="phone")],
        (Status.NOT_MET, 450, 0),
    ),
    "7 h on site submitted, 5 h confirmed": (
        [on(5, "9:00-14:00"), on(6, "9:00-11:00", state="submitted")],
        (Status.NOT_MET, 300, 120),
    ),
    "8 visits of 1 h": ([on(day, "9:00-10:00") for day in range(1, 9)], (Status.MET, 480, 0)),
    "duty, lecture, mediation and other work in the village": (
        [
            on(1, "9:00-11:00"),
            on(2, "9:00-11:00", purpose="lecture_only"),
            on(3, "9:00-11:00", purpose="mediation"),
            on(4, "9:00-11:00", purpose="other"),
        ],
        (Status.MET, 480, 0),
    ),
    "reviewed counts as well as confirmed": (
        [on(5, "9:00-17:00", state="reviewed")],
        (Status.MET, 480, 0),
    ),
    "a returned record awaits nothing": (
        [on(5, "9:00-17:00", state="returned")],
        (Status.NOT_MET, 0, 0),
    ),
}


@pytest.mark.parametrize("case", HOURS)
def test_hours(case: str) -> None:
    records, expected = HOURS[case]
    for of in (Subject.APPOINTMENT, Subject.VILLAGE):
        found = verdict("DG-57", facts(records), of=of)
        assert (found.status, found.actual, found.pending) == expected


def checked(village: int = 1, **other: object) -> Record:
    made = filing(village, "monthly_check", october(20), october(1), until=date(2026, 11, 1))
    return made._replace(appointment=None, advisor=None, village=village, **other)


def test_a_village_not_checked_in_the_month_is_on_the_branchs_list() -> None:
    told = facts([checked(1)], places=[place(1), place(2)])
    share = verdict("DG-53-share", told, of=Subject.TOWNSHIP)
    assert (share.status, share.required, share.actual) == (Status.NOT_MET, 2, 1)
    assert share.counted == ((1,),)
    assert share.refused == (Refusal((2,), "uncovered", (31,)),)
    assert verdict("DG-53", told, of=Subject.VILLAGE, number=2).status is Status.NOT_MET
    assert verdict("DG-53", told, of=Subject.VILLAGE, number=1).status is Status.MET


def test_a_check_of_another_month_does_not_help() -> None:
    september = checked(1, covers=date(2026, 9, 1), until=october(1))
    found = verdict("DG-53", facts([september]), of=Subject.VILLAGE)
    assert found.status is Status.NOT_MET


def report(level: str, handed: date) -> Record:
    half = {"covers": date(2026, 1, 1), "until": date(2026, 7, 1)}
    return filed_by(level, 1, "half_year_report", handed, **half)


HALF_YEAR = {
    "on the last day": ([report("bureau", date(2026, 7, 31))], date(2026, 8, 1), Status.MET),
    "before the half-year ended": ([report("bureau", LAST_OF_JUNE)], date(2026, 8, 1), Status.MET),
    "missing while there is time": ([], date(2026, 7, 20), Status.OPEN),
    "missing afterwards": ([], date(2026, 8, 1), Status.NOT_MET),
    "late and not yet known": (
        [report("bureau", date(2026, 8, 20))],
        date(2026, 8, 1),
        Status.NOT_MET,
    ),
    "late": ([report("bureau", date(2026, 8, 20))], date(2026, 9, 1), Status.MET),
    "of the township": ([report("township", date(2026, 7, 3))], date(2026, 8, 1), Status.NOT_MET),
}


@pytest.mark.parametrize("case", HALF_YEAR)
def test_half_year_report(case: str) -> None:
    records, as_of, expected = HALF_YEAR[case]
    tried = Try("DG-19-bureau", expected, records, Subject.BUREAU, JULY, as_of)
    assert tried.found() is expected


def meeting(*kinds: str) -> Record:
    return filed_by("township", 1, "annual_review", october(5), evidence=kinds)


def test_a_yearly_meeting_without_one_kind_names_it() -> None:
    told = facts([meeting(*FIVE_KINDS[:-2])])
    of = Subject.TOWNSHIP
    held = verdict("DG-21", told, DECEMBER, of=of)
    assert held.refused == (Refusal((1,), "evidence", ("advisors", "villagers")),)
    persons = verdict("DG-21-persons", told, DECEMBER, of=of)
    assert persons.refused == (Refusal((1,), "incomplete", ("villagers", "advisors")),)


def test_a_second_meeting_of_all_five_kinds_mends_the_year() -> None:
    told = facts([meeting("cadres"), meeting(*FIVE_KINDS)._replace(id=2)])
    assert verdict("DG-21", told, DECEMBER, of=Subject.TOWNSHIP).status is Status.MET
    found = verdict("DG-21-persons", told, DECEMBER, of=Subject.TOWNSHIP)
    assert (found.status, found.required, found.actual) == (Status.NOTICE, 2, 1)


def test_inspections_are_asked_each_quarter() -> None:
    told = facts([filed_by("bureau", 1, "inspection", date(2026, 9, 30))])
    of, number = Subject.BUREAU, BUREAU
    september, december = Period.month(2026, 9), DECEMBER
    assert verdict("DG-50", told, september, of=of, number=number).status is Status.MET
    assert verdict("DG-50", told, december, of=of, number=number).status is Status.NOT_MET


def liaisons(*shown: str) -> list[Record]:
    return [filed_by("township", 1, "liaison_training", october(5), evidence=shown)]


def of_bureau(kind: str, count: int = 1) -> list[Record]:
    return [filed_by("bureau", n, kind, october(n)) for n in range(1, count + 1)]


def of_township(kind: str) -> list[Record]:
    return [filed_by("township", 1, kind, october(1))]


CONTACT = [matter(1, "contact", october(5), mode="phone")]
CITY, TOWN = {"of": Subject.BUREAU}, {"of": Subject.TOWNSHIP}
IN_YEAR = {"period": DECEMBER}
OFFICES = {"of": Subject.TOWNSHIP, "period": JULY, "as_of": date(2026, 8, 1)}
TRIES = [
    Try("DG-57", Status.MET, EIGHT_HOURS),
    Try("DG-57", Status.NOT_MET),
    Try("DG-57", Status.PENDING, [on(5, "9:00-17:00", state="submitted")]),
    Try("DG-57", Status.NOT_ASSESSED, terms=[term(start=october(2))]),
    Try("DG-58", Status.MET, CONTACT),
    Try("DG-58", Status.NOTICE, [matter(1, "consultation", october(5), mode="phone")]),
    Try("DG-58", Status.NOTICE, [matter(1, "contact", october(5))]),  # on site is not asked
    Try("DG-58", Status.NOT_ASSESSED, terms=[term(start=october(2))]),
    Try("DG-53", Status.MET, [checked()], Subject.VILLAGE),
    Try("DG-53", Status.NOT_MET, of=Subject.VILLAGE),
    Try("DG-53-share", Status.MET, [checked()], **CITY),
    Try("DG-53-share", Status.NOT_MET, **CITY),
    Try("DG-53-share", Status.AT_RISK, as_of=october(25), **TOWN),
    Try("DG-50", Status.MET, of_bureau("inspection"), **CITY, **IN_YEAR),
    Try("DG-50", Status.NOT_MET, **CITY, **IN_YEAR),
    Try("DG-09-bureau", Status.MET, of_bureau("joint_meeting"), **CITY, **IN_YEAR),
    Try("DG-09-bureau", Status.NOT_MET, of_township("joint_meeting"), **CITY, **IN_YEAR),
    Try("DG-09-township", Status.MET, of_township("joint_meeting"), **TOWN, **IN_YEAR),
    Try("DG-09-township", Status.NOTICE, of_bureau("joint_meeting"), **TOWN, **IN_YEAR),
    Try(
        "DG-19-bureau",
        Status.MET,
        [report("bureau", date(2026, 7, 31))],
        Subject.BUREAU,
        JULY,
        date(2026, 8, 1),
    ),
    Try("DG-19-bureau", Status.NOT_MET, (), Subject.BUREAU, JULY, date(2026, 8, 1)),
    Try("DG-19-township", Status.MET, [report("township", date(2026, 7, 31))], **OFFICES),
    Try("DG-19-township", Status.NOT_MET, **OFFICES),
    Try("DG-21", Status.MET, [meeting(*FIVE_KINDS)], **TOWN, **IN_YEAR),
    Try("DG-21", Status.NOT_MET, [meeting(*FIVE_KINDS[1:])], **TOWN, **IN_YEAR),
    Try("DG-21-persons", Status.MET, [meeting(*FIVE_KINDS)], **TOWN, **IN_YEAR),
    Try("DG-21-persons", Status.NOTICE, [meeting(*FIVE_KINDS[1:])], **TOWN, **IN_YEAR),
    Try("DG-34", Status.MET, liaisons(), **TOWN, **IN_YEAR),
    Try("DG-34", Status.NOT_MET, **TOWN, **IN_YEAR),
    Try("DG-34-persons", Status.MET, liaisons("liaisons", "office_staff"), **TOWN, **IN_YEAR),
    Try("DG-34-persons", Status.NOTICE, liaisons("liaisons"), **TOWN, **IN_YEAR),
    Try(
        "DG-35",
        Status.MET,
        liaisons("necessity", "work_system", "cooperation"),
        **TOWN,
        **IN_YEAR,
    ),
    Try("DG-35", Status.NOT_MET, liaisons("necessity", "cooperation"), **TOWN, **IN_YEAR),
    Try("DG-44", Status.MET, of_bureau("guidance_meeting", 2), **CITY, **IN_YEAR),
    Try("DG-44", Status.NOT_MET, of_bureau("guidance_meeting"), **CITY, **IN_YEAR),
    Try("DG-48", Status.MET, of_bureau("advisor_training", 2), **CITY, **IN_YEAR),
    Try("DG-48", Status.NOT_MET, of_bureau("advisor_training"), **CITY, **IN_YEAR),
    Try("DG-76-bureau", Status.MET, of_bureau("campaign"), **CITY, **IN_YEAR),
    Try("DG-76-bureau", Status.NOT_MET, of_township("campaign"), **CITY, **IN_YEAR),
    Try("DG-76-township", Status.MET, of_township("campaign"), **TOWN, **IN_YEAR),
    Try("DG-76-township", Status.NOT_MET, of_bureau("campaign"), **TOWN, **IN_YEAR),
]


@pytest.mark.parametrize("tried", TRIES, ids=lambda tried: f"{tried.rule} {tried.status}")
def test_rules(tried: Try) -> None:
    assert tried.found() is tried.status


def test_every_rule_is_tried_in_every_state() -> None:
    assert owed_tries("dg") <= {(tried.rule, tried.status) for tried in TRIES}
