"""Every rule of the ZX policy met and not met; its boundary cases stand in test_zx_cases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from assessments.quota.facts import Record, Term
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
    october,
    owed_tries,
    session,
    term,
    verdict,
)

DECEMBER = Period.month(2026, 12)
NOVEMBER = Period.month(2026, 11)
TWO_VISITS = [session(1, october(5)), session(2, october(6))]
REPEATED = [lecture(1, date(2026, 3, 2)), lecture(2, october(5))]


def held(count: int, category: str) -> list[Term]:
    return [term(n, village=n, category=category) for n in range(1, count + 1)]


def paper(kind: str) -> list[Record]:
    return [filing(1, kind, date(2026, 12, 20), date(2026, 1, 1))]


def group(first: date, after: date | None = None) -> list[Record]:
    """A group from one day on; ``after`` is the first day on which it is no more."""
    return [filing(1, "online_group", first, first, until=after or date(2100, 1, 1))]


def entered(days: int) -> list[Record]:
    return [session(1, october(5), entered=october(5) + timedelta(days=days))]


def summary(handed: date, covers: date = OCTOBER.start) -> list[Record]:
    return [filed_by("township", 1, "monthly_summary", handed, covers=covers)]


def test_a_group_registered_once_serves_every_month_until_it_is_closed() -> None:
    told = facts(group(date(2024, 5, 6), after=october(2)))
    assert verdict("ZX-32", told, OCTOBER, of=Subject.VILLAGE).status is Status.MET
    assert verdict("ZX-32", told, NOVEMBER, of=Subject.VILLAGE).status is Status.NOTICE


SUMMARIES = {
    "on the fifth": (summary(date(2026, 11, 5)), date(2026, 12, 1), Status.MET),
    "within the month itself": (summary(october(31)), date(2026, 12, 1), Status.MET),
    "on the sixth": (summary(date(2026, 11, 6)), date(2026, 12, 1), Status.NOTICE),
    "of the month before": (
        summary(date(2026, 11, 3), covers=date(2026, 9, 1)),
        date(2026, 12, 1),
        Status.NOTICE,
    ),
    "still time": ([], date(2026, 11, 5), Status.OPEN),
    "missing": ([], date(2026, 11, 6), Status.NOTICE),
}


@pytest.mark.parametrize("case", SUMMARIES)
def test_the_months_summary_is_due_on_the_fifth(case: str) -> None:
    records, as_of, expected = SUMMARIES[case]
    found = verdict("ZX-72", facts(records), NOVEMBER, as_of=as_of, of=Subject.TOWNSHIP)
    assert (found.status, found.period) == (expected, OCTOBER)


def test_a_late_summary_says_by_how_many_days() -> None:
    told = facts(summary(date(2026, 11, 8)))
    found = verdict("ZX-72", told, NOVEMBER, as_of=date(2026, 12, 1), of=Subject.TOWNSHIP)
    assert found.refused == (Refusal((1,), "late", (3, "2026-11-05")),)


def test_a_late_entry_is_shown_and_counts_all_the_same() -> None:
    told = facts([*entered(9), session(2, october(20))])
    found = verdict("ZX-39-entry", told)
    assert (found.status, found.required, found.actual) == (Status.NOTICE, 2, 1)
    assert found.refused == (Refusal((1,), "entered_late", (9, 3)),)
    assert verdict("ZX-34", told).status is Status.MET


PART = {"terms": [term(start=october(2))]}
VILLAGE, ADVISOR = {"of": Subject.VILLAGE}, {"of": Subject.ADVISOR}
IN_YEAR = {"of": Subject.VILLAGE, "period": DECEMBER}
TOWNSHIP = {"of": Subject.TOWNSHIP, "period": NOVEMBER, "as_of": date(2026, 12, 1)}
TRIES = [
    Try("ZX-34", Status.MET, TWO_VISITS),
    Try("ZX-34", Status.NOT_MET, TWO_VISITS[:1]),
    Try("ZX-34", Status.NOT_ASSESSED, **PART),
    Try("ZX-36", Status.MET, [lecture(1, october(5))], period=DECEMBER),
    Try("ZX-36", Status.NOT_MET, period=DECEMBER),
    Try("ZX-36", Status.NOT_ASSESSED, period=DECEMBER, terms=[term(start=date(2026, 12, 1))]),
    Try("ZX-37", Status.MET, REPEATED[:1], **VILLAGE),
    Try("ZX-37", Status.NOTICE, REPEATED, **VILLAGE),
    Try("ZX-24", Status.MET, terms=held(3, "lawyer"), **ADVISOR),
    Try("ZX-24", Status.NOT_MET, terms=held(4, "lawyer"), **ADVISOR),
    Try("ZX-24-others", Status.MET, terms=held(3, "bureau_staff"), **ADVISOR),
    Try("ZX-24-others", Status.NOTICE, terms=held(4, "bureau_staff"), **ADVISOR),
    Try("ZX-44", Status.MET, paper("suggestion_report"), **IN_YEAR),
    Try("ZX-44", Status.NOT_MET, paper("dossier"), **IN_YEAR),
    Try("ZX-45", Status.MET, paper("dossier"), **IN_YEAR),
    Try("ZX-45", Status.NOT_MET, paper("suggestion_report"), **IN_YEAR),
    Try("ZX-38", Status.MET, [session(1, october(5), mode="qq")], **ADVISOR),
    Try("ZX-38", Status.NOTICE, **ADVISOR),
    Try("ZX-38", Status.NOT_ASSESSED, **ADVISOR, **PART),
    Try("ZX-04", Status.MET, of=Subject.TOWNSHIP),
    Try("ZX-04", Status.NOT_MET, of=Subject.BUREAU, terms=[]),
    Try("ZX-32", Status.MET, group(date(2024, 5, 6)), **VILLAGE),
    Try("ZX-32", Status.NOTICE, **VILLAGE),
    Try("ZX-39-entry", Status.MET, entered(3)),
    Try("ZX-39-entry", Status.NOTICE, entered(4)),
    Try("ZX-72", Status.MET, summary(date(2026, 11, 5)), **TOWNSHIP),
    Try("ZX-72", Status.NOTICE, summary(date(2026, 11, 6)), **TOWNSHIP),
]


@pytest.mark.parametrize("tried", TRIES, ids=lambda tried: f"{tried.rule} {tried.status}")
def test_rules(tried: Try) -> None:
    assert tried.found() is tried.status


def test_every_rule_is_tried_in_every_state() -> None:
    assert owed_tries("zx") <= {(tried.rule, tried.status) for tried in TRIES}
