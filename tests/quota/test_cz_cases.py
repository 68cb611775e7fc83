"""The boundary cases of the CZ policy, and every one of its rules met and not met."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from assessments.quota.facts import Record, Term
from assessments.quota.rules import Subject
from assessments.quota.verdicts import Refusal, Status
from lawadvisor.foundation.periods import Period
from tests.quota.build import (
    Try,
    facts,
    filed_by,
    lecture,
    october,
    owed_tries,
    place,
    rule,
    session,
    term,
    verdict,
)

DECEMBER = Period.month(2026, 12)
LAST = date(2026, 12, 31)


def visits(count: int, hours: str = "9:00-10:00") -> list[Record]:
    return [session(day, october(day), hours) for day in range(1, count + 1)]


HOURS = {
    "5 visits of 1 h": (visits(5), Status.MET, 300),
    "299 min in all": ([*visits(4), session(9, october(9), "9:00-9:59")], Status.NOT_MET, 299),
    "one visit of 5 h": (visits(1, "9:00-14:00"), Status.MET, 300),
    "5 h of lecture and mediation": (
        [
            session(1, october(1), "9:00-12:00", purpose="lecture_only"),
            session(2, october(2), "9:00-11:00", purpose="mediation"),
        ],
        Status.MET,
        300,
    ),
    "4 h on site and 3 h by phone": (
        [*visits(1, "9:00-13:00"), session(9, october(9), "9:00-12:00", mode="phone")],
        Status.NOT_MET,
        240,
    ),
    "an hour entered twice": (
        [*visits(4), session(8, october(4), "9:30-10:30")],
        Status.NOT_MET,
        270,
    ),
}


@pytest.mark.parametrize("case", HOURS)
def test_hours(case: str) -> None:
    records, status, minutes = HOURS[case]
    found = verdict("CZ-39", facts(records))
    assert (found.status, found.actual) == (status, minutes)


def test_a_term_from_july_to_june_owes_its_yearly_lecture() -> None:
    told = facts(terms=[term(start=date(2026, 7, 1), end=date(2027, 7, 1))])
    found = verdict("CZ-40", told, DECEMBER)
    assert (found.status, found.active_days) == (Status.NOT_MET, 184)


@pytest.mark.parametrize(
    ("start", "expected"),
    [(date(2026, 7, 2), Status.NOT_MET), (date(2026, 7, 3), Status.NOT_ASSESSED)],
)
def test_half_a_year_is_183_of_365_days(start: date, expected: Status) -> None:
    assert verdict("CZ-40", facts(terms=[term(start=start)]), DECEMBER).status is expected


def six(reason: str) -> list[Term]:
    return [term(n, village=n, reason=reason if n == 6 else "") for n in range(1, 7)]


SIXTH = {
    "with reason and approver": ("山区缺少律师，王五批准", Status.NOTICE),
    "without": ("", Status.NOT_MET),
}


@pytest.mark.parametrize("case", SIXTH)
def test_a_sixth_village(case: str) -> None:
    reason, expected = SIXTH[case]
    told = facts(terms=six(reason), places=[place(n) for n in range(1, 7)])
    found = verdict("CZ-20", told, of=Subject.ADVISOR)
    assert (found.status, found.actual) == (expected, 6)
    params = ("2026-10-01", 5, *([reason] if reason else []))
    assert found.refused == (Refusal((1, 2, 3, 4, 5, 6), "over_cap", params),)


def test_a_legal_worker_is_bound_by_the_soft_cap_too() -> None:
    terms = [each._replace(category="legal_worker") for each in six("")]
    told = facts(terms=terms, places=[place(n) for n in range(1, 7)])
    assert verdict("CZ-20", told, of=Subject.ADVISOR).status is Status.NOT_MET


def test_only_the_two_categories_cover_a_village() -> None:
    for category, expected in (("legal_worker", Status.MET), ("retired_cadre", Status.NOT_MET)):
        told = facts(terms=[term(category=category)])
        assert verdict("CZ-09", told, of=Subject.TOWNSHIP).status is expected


def test_a_second_advisor_is_allowed_and_shown() -> None:
    told = facts(terms=[term(1), term(2, advisor=2)])
    found = verdict("CZ-17", told, of=Subject.VILLAGE)
    assert (found.status, found.actual) == (Status.NOTICE, 2)


def training(number: int, *contents: str) -> Record:
    return filed_by("bureau", number, "advisor_training", october(number), evidence=contents)


def test_contents_are_asked_of_all_trainings_together() -> None:
    two = [training(1, "state_policy", "legal_practice"), training(2, "local_conditions")]
    of, number = Subject.BUREAU, 9
    found = verdict("CZ-56", facts(two), DECEMBER, of=of, number=number)
    assert (found.status, found.actual) == (Status.MET, 3)
    found = verdict("CZ-56", facts(two[:1]), DECEMBER, of=of, number=number)
    assert found.refused == (Refusal((), "lacking", ("local_conditions",)),)


def test_a_training_of_a_township_is_not_the_bureaus() -> None:
    other = [filed_by("township", 1, "advisor_training", october(1))]
    found = verdict("CZ-57", facts(other), DECEMBER, of=Subject.BUREAU, number=9)
    assert found.status is Status.NOT_MET


def entered(days: int) -> list[Record]:
    return [session(1, october(5), entered=october(5) + timedelta(days=days))]


TRIES = [
    Try("CZ-39", Status.MET, visits(5)),
    Try("CZ-39", Status.NOT_MET, visits(4), of=Subject.VILLAGE),
    Try("CZ-39", Status.NOT_ASSESSED, visits(4), terms=[term(start=october(2))]),
    Try("CZ-40", Status.MET, [lecture(1, date(2026, 2, 3))], period=DECEMBER),
    Try("CZ-40", Status.NOT_MET, [lecture(1, LAST, mode="qq")], period=DECEMBER),
    Try("CZ-40", Status.NOT_ASSESSED, period=DECEMBER, terms=[term(start=date(2026, 8, 1))]),
    Try("CZ-40", Status.OPEN, period=Period.month(2026, 8), as_of=date(2026, 8, 31)),
    Try("CZ-40", Status.AT_RISK, period=Period.month(2026, 9), as_of=date(2026, 9, 1)),
    Try("CZ-43", Status.MET, entered(3)),
    Try("CZ-43", Status.NOTICE, entered(4)),
    Try("CZ-43", Status.MET),  # nothing was entered, so nothing late
    Try("CZ-20", Status.MET, of=Subject.ADVISOR),
    Try("CZ-20", Status.NOT_MET, of=Subject.ADVISOR, terms=six("")),
    Try("CZ-20", Status.NOTICE, of=Subject.ADVISOR, terms=six("王五批准")),
    Try("CZ-09", Status.MET, of=Subject.BUREAU),
    Try("CZ-09", Status.NOT_MET, of=Subject.BUREAU, terms=[]),
    Try("CZ-17", Status.MET, of=Subject.VILLAGE),
    Try("CZ-17", Status.NOTICE, of=Subject.VILLAGE, terms=[term(1), term(2, advisor=2)]),
    Try("CZ-57", Status.MET, [training(1)], of=Subject.BUREAU, period=DECEMBER),
    Try("CZ-57", Status.NOT_MET, of=Subject.BUREAU, period=DECEMBER),
    Try(
        "CZ-56",
        Status.MET,
        [training(1, "state_policy", "local_conditions", "legal_practice")],
        of=Subject.BUREAU,
        period=DECEMBER,
    ),
    Try("CZ-56", Status.NOTICE, of=Subject.BUREAU, period=DECEMBER),
    Try(
        "CZ-78",
        Status.MET,
        [filed_by("bureau", 1, "inspection", LAST)],
        of=Subject.BUREAU,
        period=DECEMBER,
    ),
    Try("CZ-78", Status.NOT_MET, of=Subject.BUREAU, period=DECEMBER),
]


@pytest.mark.parametrize("tried", TRIES, ids=lambda tried: f"{tried.rule} {tried.status}")
def test_rules(tried: Try) -> None:
    assert tried.found() is tried.status


def test_every_rule_is_tried_in_every_state() -> None:
    assert owed_tries("cz") <= {(tried.rule, tried.status) for tried in TRIES}


def test_the_day_of_entry_is_the_bureaus_own_number() -> None:
    complete = rule("CZ-43").complete
    assert complete is not None
    assert complete.entered_within == 3
