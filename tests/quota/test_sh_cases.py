"""The boundary cases of the SH policy, and every one of its rules met and not met."""

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
    session,
    term,
    verdict,
)

DECEMBER = Period.month(2026, 12)
SIX_HOURS = [session(1, october(5), "9:00-15:00")]

# The visit and the hours are two tests; the month is met when both are.
VISITS = {
    "1 visit of 6 h": (SIX_HOURS, (Status.MET, Status.MET)),
    "2 visits of 3 h": (
        [session(1, october(5), "9:00-12:00"), session(2, october(6), "9:00-12:00")],
        (Status.MET, Status.MET),
    ),
    "1 visit of 5 h and 2 h online": (
        [session(1, october(5), "9:00-14:00"), session(2, october(6), "9:00-11:00", mode="wechat")],
        (Status.MET, Status.NOT_MET),
    ),
    "no visit and 6 h online": (
        [session(1, october(5), "9:00-15:00", mode="other_online")],
        (Status.NOT_MET, Status.NOT_MET),
    ),
    "6 h without a minute": (
        [session(1, october(5), "9:00-14:59")],
        (Status.MET, Status.NOT_MET),
    ),
    "a visit for a lecture alone counts for both": (
        [session(1, october(5), "9:00-15:00", purpose="lecture_only")],
        (Status.MET, Status.MET),
    ),
}


@pytest.mark.parametrize("case", VISITS)
def test_visits(case: str) -> None:
    records, expected = VISITS[case]
    for of in (Subject.APPOINTMENT, Subject.VILLAGE):
        found = tuple(verdict(key, facts(records), of=of).status for key in ("SH-33", "SH-34"))
        assert found == expected


def test_each_of_two_advisors_of_a_village_owes_the_hours_himself() -> None:
    told = facts(
        [
            session(1, october(5), "9:00-12:00"),
            session(2, october(6), "9:00-12:00", appointment=2, advisor=2),
        ],
        [term(1), term(2, advisor=2)],
    )
    assert verdict("SH-34", told, number=1).status is Status.NOT_MET
    assert verdict("SH-34", told, number=2).status is Status.NOT_MET
    assert verdict("SH-34", told, of=Subject.VILLAGE).status is Status.MET


def volunteer() -> Term:
    return term(category="retired_judge", volunteer=True)


def test_a_volunteer_counts_for_no_quota_no_coverage_and_no_cap() -> None:
    told = facts(SIX_HOURS, [volunteer()])
    village = verdict("SH-34", told, of=Subject.VILLAGE)
    assert village.status is Status.NOT_MET
    assert village.refused == (Refusal((1,), "volunteer", ()),)
    assert verdict("SH-08", told, of=Subject.TOWNSHIP).status is Status.NOT_MET
    for key, of in (("SH-33", Subject.APPOINTMENT), ("SH-13", Subject.ADVISOR)):
        with pytest.raises(StopIteration):  # he is not judged at all
            verdict(key, told, of=of)


def test_hours_short_while_the_month_runs() -> None:
    told = facts([session(1, october(5), "9:00-12:00")])
    assert verdict("SH-34", told, as_of=october(31)).status is Status.OPEN
    assert verdict("SH-34", facts(), as_of=october(22)).status is Status.AT_RISK


def four(reason: str, category: str = "lawyer") -> list[Term]:
    return [
        term(n, village=n, category=category, reason=reason if n == 4 else "") for n in (1, 2, 3, 4)
    ]


@pytest.mark.parametrize("category", ["lawyer", "legal_worker"])
def test_the_soft_cap_binds_all_who_are_appointed(category: str) -> None:
    told = facts(terms=four("", category), places=[place(n) for n in (1, 2, 3, 4)])
    found = verdict("SH-13", told, of=Subject.ADVISOR)
    assert (found.status, found.actual, found.required) == (Status.NOT_MET, 4, 3)


def entered(days: int) -> list[Record]:
    return [session(1, october(5), entered=october(5) + timedelta(days=days))]


TRIES = [
    Try("SH-33", Status.MET, [session(1, october(31), "9:00-9:01")]),
    Try("SH-33", Status.NOT_MET),
    Try("SH-33", Status.NOT_ASSESSED, terms=[term(start=october(2))]),
    Try("SH-34", Status.MET, SIX_HOURS),
    Try("SH-34", Status.NOT_MET, of=Subject.VILLAGE),
    Try("SH-34", Status.NOT_ASSESSED, terms=[term(end=october(31))]),
    Try("SH-35", Status.MET, [lecture(1, october(5))], period=DECEMBER),
    Try("SH-35", Status.NOT_MET, [lecture(1, date(2026, 9, 30))], period=DECEMBER),
    Try("SH-35", Status.NOT_ASSESSED, period=DECEMBER, terms=[term(start=date(2026, 12, 1))]),
    Try("SH-38", Status.MET, entered(3)),
    Try("SH-38", Status.NOTICE, entered(4)),
    Try("SH-13", Status.MET, of=Subject.ADVISOR, terms=four("")[:3]),
    Try("SH-13", Status.NOT_MET, of=Subject.ADVISOR, terms=four("")),
    Try("SH-13", Status.NOTICE, of=Subject.ADVISOR, terms=four("郊区缺员，赵六批准")),
    Try("SH-08", Status.MET, of=Subject.TOWNSHIP),
    Try("SH-08", Status.NOT_MET, of=Subject.BUREAU, terms=[volunteer()]),
    Try(
        "SH-76",
        Status.MET,
        [filed_by("bureau", 1, "inspection", october(5))],
        of=Subject.BUREAU,
        period=DECEMBER,
    ),
    Try("SH-76", Status.NOT_MET, of=Subject.BUREAU, period=DECEMBER),
]


@pytest.mark.parametrize("tried", TRIES, ids=lambda tried: f"{tried.rule} {tried.status}")
def test_rules(tried: Try) -> None:
    assert tried.found() is tried.status


def test_every_rule_is_tried_in_every_state() -> None:
    assert owed_tries("sh") <= {(tried.rule, tried.status) for tried in TRIES}
