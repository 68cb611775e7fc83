"""The boundary cases of the JC policy, and every one of its rules met and not met."""

from __future__ import annotations

from datetime import date

import pytest

from assessments.quota.engine import judge
from assessments.quota.facts import Record
from assessments.quota.rules import Subject
from assessments.quota.verdicts import Refusal, Status
from lawadvisor.foundation.periods import Period
from tests.quota.build import (
    OCTOBER,
    Try,
    facts,
    filed_by,
    filing,
    lecture,
    matter,
    october,
    owed_tries,
    pack,
    place,
    session,
    term,
    verdict,
)

DECEMBER = Period.month(2026, 12)
GROUPS = ("cadres", "grid_workers", "mediators", "legal_literates")
SHOWN = ("place", "audience", "photo")
HILLS = [place(1, terrain="mountain")]


def training(*shown: str, **other: object) -> list[Record]:
    return [matter(1, "training", october(5), **{"state": "reviewed", "evidence": shown, **other})]


def told_of(*shown: str, **other: object) -> list[Record]:
    return [lecture(1, october(5), evidence=shown, **other)]


def test_a_lecture_without_a_photo_does_not_count() -> None:
    records = told_of("place", "audience")
    found = verdict("JC-49", facts(records), DECEMBER, of=Subject.VILLAGE)
    assert (found.status, found.actual, found.counted) == (Status.NOT_MET, 0, ())
    assert found.refused == (Refusal((1,), "incomplete", ("photo",)),)


def test_a_training_of_cadres_and_mediators_only_counts_and_is_incomplete() -> None:
    told = facts(training("cadres", "mediators"))
    assert verdict("JC-36", told, DECEMBER).status is Status.MET
    found = verdict("JC-37", told, DECEMBER, of=Subject.VILLAGE)
    assert found.status is Status.NOTICE
    assert found.refused == (Refusal((1,), "incomplete", ("grid_workers", "legal_literates")),)


def test_a_lecture_is_no_training() -> None:
    told = facts(told_of(*SHOWN, state="reviewed"))
    assert verdict("JC-36", told, DECEMBER).status is Status.NOT_MET


TERRAINS = [
    ("plain", "JC-36", "on_site", Status.MET),
    ("plain", "JC-36", "wechat", Status.NOT_MET),
    ("mountain", "JC-36-mountain", "wechat", Status.MET),
    ("mountain", "JC-36-mountain", "on_site", Status.MET),
]


@pytest.mark.parametrize(("terrain", "key", "mode", "expected"), TERRAINS)
def test_only_mountain_townships_may_be_trained_online(
    terrain: str, key: str, mode: str, expected: Status
) -> None:
    told = facts(training(mode=mode), places=[place(1, terrain=terrain)])
    assert verdict(key, told, DECEMBER).status is expected
    trained = {v.rule for v in judge(pack("jc").rules, told, DECEMBER, date(2027, 1, 1))}
    assert len(trained & {"JC-36", "JC-36-mountain"}) == 1


@pytest.mark.parametrize(
    ("terrain", "key", "mode", "expected"),
    [
        ("plain", "JC-40", "on_site", Status.MET),
        ("plain", "JC-40", "phone", Status.NOTICE),
        ("mountain", "JC-39", "phone", Status.MET),
    ],
)
def test_served_this_month(terrain: str, key: str, mode: str, expected: Status) -> None:
    told = facts([session(1, october(5), mode=mode)], places=[place(1, terrain=terrain)])
    assert verdict(key, told).status is expected
    assert verdict(key, told, of=Subject.VILLAGE).status is expected


def test_nothing_done_in_a_month_is_a_remark_and_no_failure() -> None:
    for places, key in ((None, "JC-40"), (HILLS, "JC-39")):
        found = verdict(key, facts(places=places), of=Subject.VILLAGE)
        assert found.status is Status.NOTICE


def test_no_quota_of_visits_or_hours_is_asked() -> None:
    asked = {v.rule for v in judge(pack("jc").rules, facts(), OCTOBER, date(2026, 11, 1))}
    hard = {rule.key for rule in pack("jc").rules if rule.force == "hard"}
    about_sessions = {
        rule.key for rule in pack("jc").rules if rule.records and rule.records.unit == "session"
    }
    assert asked & hard & about_sessions == set()


def book(handed: date, **other: object) -> list[Record]:
    made = filing(1, "logbook", handed, october(1), until=date(2026, 11, 1))
    return [made._replace(**other)]


NOVEMBER_3 = date(2026, 11, 3)
BOOKS = {
    "on the last day": (book(october(31)), date(2026, 11, 1), Status.MET, Status.MET),
    "never": ([], NOVEMBER_3, Status.NOT_MET, Status.NOTICE),
    "two days late": (book(date(2026, 11, 2)), NOVEMBER_3, Status.MET, Status.NOTICE),
    "two days late, seen before": (
        book(date(2026, 11, 2)),
        date(2026, 11, 1),
        Status.NOT_MET,
        Status.NOTICE,
    ),
    "of another month": (
        book(october(31), covers=date(2026, 9, 1), until=october(1)),
        NOVEMBER_3,
        Status.NOT_MET,
        Status.NOTICE,
    ),
    "still running": ([], october(30), Status.OPEN, Status.OPEN),
}


@pytest.mark.parametrize("case", BOOKS)
def test_the_paper_book_is_due_on_the_last_day(case: str) -> None:
    records, as_of, there, in_time = BOOKS[case]
    assert verdict("JC-47", facts(records), as_of=as_of).status is there
    assert verdict("JC-47-late", facts(records), as_of=as_of).status is in_time


def test_a_late_book_says_by_how_many_days() -> None:
    found = verdict("JC-47-late", facts(book(date(2026, 11, 2))), as_of=NOVEMBER_3)
    assert found.refused == (Refusal((1,), "late", (2, "2026-10-31")),)


def checked(advisor: int = 1) -> list[Record]:
    month = {"appointment": None, "advisor": advisor, "until": date(2026, 11, 1)}
    return [filing(1, "monthly_check", october(20), october(1), **month)]


def test_the_check_of_one_advisor_is_not_that_of_another() -> None:
    told = facts(checked(2), [term(1), term(2, advisor=2)])
    assert verdict("JC-29", told, number=1).status is Status.NOT_MET
    assert verdict("JC-29", told, number=2).status is Status.MET
    assert verdict("JC-29-share", told, of=Subject.TOWNSHIP).status is Status.MET


@pytest.mark.parametrize("category", ["lawyer", "legal_worker", "legal_aid_staff", "notary"])
def test_four_categories_cover_a_village(category: str) -> None:
    told = facts(terms=[term(category=category)])
    assert verdict("JC-14", told, of=Subject.TOWNSHIP).status is Status.MET


def advice(*shown: str) -> list[Record]:
    return [matter(1, "consultation", october(5), evidence=shown)]


def courses(*contents: str) -> list[Record]:
    return [filed_by("bureau", 1, "advisor_training", october(5), evidence=contents)]


SUBMITTED = training(state="submitted")
LATE_TERM = [term(start=date(2026, 12, 1))]
PART = {"terms": [term(start=october(2))]}
VILLAGE = {"of": Subject.VILLAGE, "period": DECEMBER}
BUREAU = {"of": Subject.BUREAU, "period": DECEMBER}
IN_HILLS = {"period": DECEMBER, "places": HILLS}
FOUR = ("ethics", "discipline", "mediation_skill", "case_files")
TRIES = [
    Try("JC-36", Status.MET, training(), period=DECEMBER),
    Try("JC-36", Status.NOT_MET, period=DECEMBER),
    Try("JC-36", Status.PENDING, SUBMITTED, period=DECEMBER),
    Try("JC-36", Status.NOT_ASSESSED, period=DECEMBER, terms=LATE_TERM),
    Try("JC-36-mountain", Status.MET, training(mode="app"), **IN_HILLS),
    Try("JC-36-mountain", Status.NOT_MET, **IN_HILLS),
    Try("JC-36-mountain", Status.PENDING, SUBMITTED, **IN_HILLS),
    Try("JC-36-mountain", Status.NOT_ASSESSED, terms=LATE_TERM, **IN_HILLS),
    Try("JC-37", Status.MET, training(*GROUPS), **VILLAGE),
    Try("JC-37", Status.NOTICE, training(*GROUPS[:3]), **VILLAGE),
    Try("JC-49", Status.MET, told_of(*SHOWN), **VILLAGE),
    Try("JC-49", Status.NOT_MET, told_of("photo"), **VILLAGE),
    Try("JC-49-training", Status.MET, training(*SHOWN), **VILLAGE),
    Try("JC-49-training", Status.NOTICE, training("place", "audience"), **VILLAGE),
    Try("JC-40", Status.MET, [session(1, october(5), "9:00-9:20")]),
    Try("JC-40", Status.NOTICE),
    Try("JC-40", Status.NOT_ASSESSED, **PART),
    Try("JC-39", Status.MET, [session(1, october(5), mode="qq")], places=HILLS),
    Try("JC-39", Status.NOTICE, places=HILLS),
    Try("JC-39", Status.NOT_ASSESSED, places=HILLS, **PART),
    Try("JC-48", Status.MET, advice("client", "phone", "content")),
    Try("JC-48", Status.NOT_MET, advice("client", "content")),
    Try("JC-47", Status.MET, book(october(31))),
    Try("JC-47", Status.NOT_MET),
    Try("JC-47", Status.NOT_ASSESSED, **PART),
    Try("JC-47-late", Status.MET, book(october(1))),
    Try("JC-47-late", Status.NOTICE),
    Try("JC-47-late", Status.NOT_ASSESSED, **PART),
    Try("JC-29", Status.MET, checked()),
    Try("JC-29", Status.NOT_MET),
    Try("JC-29", Status.NOT_ASSESSED, **PART),
    Try("JC-29-share", Status.MET, checked(), of=Subject.BUREAU),
    Try("JC-29-share", Status.NOT_MET, of=Subject.TOWNSHIP),
    Try("JC-21", Status.MET, courses(), **BUREAU),
    Try("JC-21", Status.NOT_MET, **BUREAU),
    Try("JC-22", Status.MET, courses(*FOUR), **BUREAU),
    Try("JC-22", Status.NOTICE, courses(*FOUR[1:]), **BUREAU),
    Try("JC-14", Status.MET, of=Subject.TOWNSHIP),
    Try("JC-14", Status.NOT_MET, of=Subject.BUREAU, terms=[term(category="retired_cadre")]),
]


@pytest.mark.parametrize("tried", TRIES, ids=lambda tried: f"{tried.rule} {tried.status}")
def test_rules(tried: Try) -> None:
    assert tried.found() is tried.status


def test_every_rule_is_tried_in_every_state() -> None:
    assert owed_tries("jc") <= {(tried.rule, tried.status) for tried in TRIES}
