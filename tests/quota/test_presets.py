"""The numbers of each policy, as a table to be laid beside its document."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from assessments.quota.engine import judge
from assessments.quota.packs import PackStatus, Settings
from assessments.quota.rules import Basis, Force, Rule, Subject
from assessments.quota.verdicts import Status
from assessments.quota.words import CATEGORY, EVIDENCE, FILING, MATTER, MODE, PURPOSE
from lawadvisor.foundation.periods import Period
from tests.quota.build import OCTOBER, PLACES, facts, history, october, pack, term, verdict

#: Rule: force, measure, bound, target, period.
NUMBERS = {
    "zx": {
        "ZX-34": ("hard", "events", "at_least", 2, "month"),
        "ZX-36": ("hard", "events", "at_least", 1, "quarter"),
        "ZX-37": ("warning", "distinct_topics", "share", 100, "year"),
        "ZX-24": ("hard", "concurrent", "at_most", 3, "month"),
        "ZX-24-others": ("information", "concurrent", "at_most", 3, "month"),
        "ZX-44": ("hard", "documents", "at_least", 1, "year"),
        "ZX-45": ("hard", "documents", "at_least", 1, "year"),
        "ZX-38": ("warning", "events", "at_least", 1, "month"),
        "ZX-04": ("hard", "share", "share", 100, "month"),
        "ZX-32": ("warning", "documents", "at_least", 1, "month"),
        "ZX-39-entry": ("warning", "complete", "share", 100, "month"),
        "ZX-72": ("warning", "due_dates", "at_least", 1, "month"),
    },
    "cz": {
        "CZ-39": ("hard", "minutes", "at_least", 300, "month"),
        "CZ-40": ("hard", "events", "at_least", 1, "year"),
        "CZ-43": ("warning", "complete", "share", 100, "month"),
        "CZ-20": ("soft", "concurrent", "at_most", 5, "month"),
        "CZ-09": ("hard", "share", "share", 100, "month"),
        "CZ-17": ("information", "concurrent", "at_most", 1, "month"),
        "CZ-57": ("hard", "documents", "at_least", 1, "year"),
        "CZ-56": ("warning", "complete", "share", 100, "year"),
        "CZ-78": ("hard", "documents", "at_least", 1, "year"),
    },
    "sh": {
        "SH-33": ("hard", "events", "at_least", 1, "month"),
        "SH-34": ("hard", "minutes", "at_least", 360, "month"),
        "SH-35": ("hard", "events", "at_least", 1, "quarter"),
        "SH-38": ("warning", "complete", "share", 100, "month"),
        "SH-13": ("soft", "concurrent", "at_most", 3, "month"),
        "SH-08": ("hard", "share", "share", 100, "month"),
        "SH-76": ("hard", "documents", "at_least", 1, "year"),
    },
    "dg": {
        "DG-57": ("hard", "minutes", "at_least", 480, "month"),
        "DG-58": ("information", "events", "at_least", 1, "month"),
        "DG-53": ("hard", "documents", "at_least", 1, "month"),
        "DG-53-share": ("hard", "share", "share", 100, "month"),
        "DG-50": ("hard", "documents", "at_least", 1, "quarter"),
        "DG-09-bureau": ("hard", "documents", "at_least", 1, "year"),
        "DG-09-township": ("warning", "documents", "at_least", 1, "year"),
        "DG-19-bureau": ("hard", "due_dates", "at_least", 1, "half_year"),
        "DG-19-township": ("hard", "due_dates", "at_least", 1, "half_year"),
        "DG-21": ("hard", "documents", "at_least", 1, "year"),
        "DG-21-persons": ("warning", "complete", "share", 100, "year"),
        "DG-34": ("hard", "documents", "at_least", 1, "year"),
        "DG-34-persons": ("warning", "complete", "share", 100, "year"),
        "DG-35": ("hard", "complete", "share", 100, "year"),
        "DG-44": ("hard", "documents", "at_least", 2, "year"),
        "DG-48": ("hard", "documents", "at_least", 2, "year"),
        "DG-76-bureau": ("hard", "documents", "at_least", 1, "year"),
        "DG-76-township": ("hard", "documents", "at_least", 1, "year"),
    },
    "jc": {
        "JC-36": ("hard", "events", "at_least", 1, "quarter"),
        "JC-36-mountain": ("hard", "events", "at_least", 1, "quarter"),
        "JC-37": ("warning", "complete", "share", 100, "quarter"),
        "JC-49": ("hard", "complete", "share", 100, "quarter"),
        "JC-49-training": ("warning", "complete", "share", 100, "quarter"),
        "JC-40": ("warning", "events", "at_least", 1, "month"),
        "JC-39": ("warning", "events", "at_least", 1, "month"),
        "JC-48": ("hard", "complete", "share", 100, "month"),
        "JC-47": ("hard", "due_dates", "at_least", 1, "month"),
        "JC-47-late": ("warning", "due_dates", "at_least", 1, "month"),
        "JC-29": ("hard", "documents", "at_least", 1, "month"),
        "JC-29-share": ("hard", "share", "share", 100, "month"),
        "JC-21": ("hard", "documents", "at_least", 1, "year"),
        "JC-22": ("warning", "complete", "share", 100, "year"),
        "JC-14": ("hard", "share", "share", 100, "month"),
    },
}
#: Demands whose number, day or extent no text gives.
OURS = {
    "zx": {"ZX-24-others", "ZX-38", "ZX-39-entry", "ZX-72"},
    "cz": {"CZ-43", "CZ-56"},
    "sh": {"SH-38"},
    "dg": {"DG-58", "DG-09-township", "DG-19-bureau", "DG-19-township"},
    "jc": {"JC-49-training", "JC-40", "JC-39"},
}
SETTINGS = {
    "zx": Settings(
        allowed_categories=("lawyer", "legal_worker", "bureau_staff", "retired_cadre"),
        volunteer_categories=(),
        min_practice_years=None,
        min_education="none",
        log_required_fields=(
            *("village_basics", "start_end", "client", "content", "method", "result"),
        ),
        lecture_photo_required=False,
        counting_state="submitted",
        incident_recipients=("office", "bureau", "township"),
        entry_warn_days=3,
        close_day=5,
        assessment_period="year",
        assessment_window_days=31,
        training_is_renewal_condition=False,
        selection_actor="bureau",
        min_subsidy_yuan=None,
        subsidy_counts="none",
        planned_grant_yuan=None,
    ),
    "cz": Settings(
        allowed_categories=("lawyer", "legal_worker"),
        volunteer_categories=(),
        min_practice_years=None,
        min_education="none",
        log_required_fields=("start_end", "content"),
        lecture_photo_required=False,
        counting_state="submitted",
        incident_recipients=("office", "bureau"),
        entry_warn_days=3,
        close_day=5,
        assessment_period="year",
        assessment_window_days=31,
        training_is_renewal_condition=True,
        selection_actor="bureau",
        min_subsidy_yuan=3000,
        subsidy_counts="county",
        planned_grant_yuan=2000,
    ),
    "sh": Settings(
        allowed_categories=("lawyer", "legal_worker"),
        volunteer_categories=("retired_judge", "retired_prosecutor", "legal_scholar"),
        min_practice_years=2,
        min_education="junior_college",
        log_required_fields=("start_end", "content"),
        lecture_photo_required=False,
        counting_state="submitted",
        incident_recipients=("village", "office"),
        entry_warn_days=3,
        close_day=5,
        assessment_period="year",
        assessment_window_days=31,
        training_is_renewal_condition=False,
        selection_actor="office",
        min_subsidy_yuan=10000,
        subsidy_counts="all",
        planned_grant_yuan=None,
    ),
    "dg": Settings(
        allowed_categories=("lawyer",),
        volunteer_categories=(),
        min_practice_years=None,
        min_education="none",
        log_required_fields=("start_end", "content"),
        lecture_photo_required=False,
        counting_state="confirmed",
        incident_recipients=("office", "bureau"),
        entry_warn_days=3,
        close_day=5,
        assessment_period="half_year",
        assessment_window_days=10,
        training_is_renewal_condition=False,
        selection_actor="bureau",
        min_subsidy_yuan=None,
        subsidy_counts="none",
        planned_grant_yuan=None,
    ),
    "jc": Settings(
        allowed_categories=("lawyer", "legal_worker", "legal_aid_staff", "notary"),
        volunteer_categories=(),
        min_practice_years=None,
        min_education="none",
        log_required_fields=("start_end", "client", "phone", "matter", "content"),
        lecture_photo_required=True,
        counting_state="reviewed",
        incident_recipients=("office", "bureau"),
        entry_warn_days=3,
        close_day=5,
        assessment_period="year",
        assessment_window_days=31,
        training_is_renewal_condition=False,
        selection_actor="bureau",
        min_subsidy_yuan=None,
        subsidy_counts="none",
        planned_grant_yuan=None,
    ),
}
#: Issued on, in force from, and a draft or not.
HEADS = {
    "zx": (None, date(2021, 1, 1), PackStatus.DRAFT),
    "cz": (date(2017, 12, 29), date(2018, 1, 1), PackStatus.IN_FORCE),
    "sh": (date(2017, 10, 26), date(2017, 11, 1), PackStatus.IN_FORCE),
    "dg": (date(2016, 6, 14), date(2016, 7, 1), PackStatus.IN_FORCE),
    "jc": (None, date(2024, 1, 1), PackStatus.IN_FORCE),
}
#: From when full coverage is asked.
COVERED_FROM = {
    "ZX-04": date(2021, 12, 1),
    "CZ-09": date(2018, 12, 1),
    "SH-08": date(2017, 12, 1),
    "JC-14": date(2024, 1, 1),
}


def numbers(rule: Rule) -> tuple[str, str, str, int, str]:
    words = rule.force, rule.measure, rule.bound
    return (*(word.value for word in words), rule.target, rule.period.value)


@pytest.mark.parametrize("place", PLACES)
def test_numbers(place: str) -> None:
    assert {rule.key: numbers(rule) for rule in pack(place).rules} == NUMBERS[place]


@pytest.mark.parametrize("place", PLACES)
def test_what_no_text_gives_is_marked(place: str) -> None:
    assert {rule.key for rule in pack(place).rules if rule.basis is Basis.BUREAU} == OURS[place]


@pytest.mark.parametrize("place", PLACES)
def test_settings(place: str) -> None:
    assert pack(place).settings == SETTINGS[place]


@pytest.mark.parametrize("place", PLACES)
def test_heads(place: str) -> None:
    told = pack(place)
    assert (told.issued, told.effective_from, told.status) == HEADS[place]
    assert told.key == place.upper()


@pytest.mark.parametrize("place", PLACES)
def test_every_key_names_its_document(place: str) -> None:
    assert all(rule.key.startswith(f"{place.upper()}-") for rule in pack(place).rules)


@pytest.mark.parametrize(("key", "first"), COVERED_FROM.items())
def test_coverage_is_asked_from_the_month_that_the_text_names(key: str, first: date) -> None:
    of, before = Subject.TOWNSHIP, Period.containing(OCTOBER.kind, first - timedelta(days=1))
    month = Period.month(first.year, first.month)
    nobody = facts(terms=[])
    assert verdict(key, nobody, month, of=of).status is Status.NOT_MET
    assert not judge(
        [r for r in pack(key[:2].lower()).rules if r.key == key], nobody, before, first
    )


def test_a_warning_never_fails_anybody() -> None:
    """A number of ours fails somebody only where the text asks for the thing itself."""
    asked = {"DG-19-bureau", "DG-19-township"}
    for place in PLACES:
        ours = {rule.key for rule in pack(place).rules if rule.key in OURS[place] - asked}
        mild = {
            rule.key
            for rule in pack(place).rules
            if rule.force in (Force.WARNING, Force.INFORMATION)
        }
        assert ours <= mild


@pytest.mark.parametrize("place", PLACES)
def test_judging_twice_gives_the_same(place: str) -> None:
    rules, after = pack(place).rules, date(2027, 1, 1)
    for seed in range(20):
        told = history(seed)
        for month in (OCTOBER, Period.month(2026, 12)):
            assert judge(rules, told, month, after) == judge(rules, told, month, after)


MONTHLY = ("ZX-34", "CZ-39", "SH-33", "SH-34", "DG-57")


@pytest.mark.parametrize("key", MONTHLY)
def test_appointed_from_the_15th_without_a_visit(key: str) -> None:
    """Nobody is blamed, and the village is listed (A12, A13)."""
    told = facts(terms=[term(start=october(15))])
    assert verdict(key, told).status is Status.NOT_ASSESSED
    assert verdict(key, told, of=Subject.VILLAGE).status is Status.NOT_MET


def test_every_word_that_a_policy_uses_has_its_chinese() -> None:
    words: set[str] = set()
    for rule in (rule for place in PLACES for rule in pack(place).rules):
        words |= set(rule.complete.needs if rule.complete else ())
        words |= set(rule.applies.categories or ())
        if rule.records is not None:
            wanted = rule.records
            for chosen in (wanted.kinds, wanted.modes, wanted.purposes, wanted.evidence):
                words |= chosen or set()
    assert words <= {*CATEGORY, *EVIDENCE, *FILING, *MATTER, *MODE, *PURPOSE}


@pytest.mark.parametrize("place", PLACES)
def test_every_rule_is_told_in_the_readings(place: str) -> None:
    told = (Path(__file__).parents[2] / "docs" / "readings.md").read_text(encoding="utf-8")
    assert [rule.key for rule in pack(place).rules if f"`{rule.key}`" not in told] == []
