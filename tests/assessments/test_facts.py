"""What the engine is told of the database: every level, every piece of evidence, once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from advisors.models import Appointment
from assessments.closing import judge_into
from assessments.facts import Desk, facts_for
from assessments.models import Verdict
from assessments.quota.facts import Absence, Record, Waiver
from assessments.quota.packs import Pack, load_pack
from assessments.quota.rules import Subject
from assessments.selectors import rules_in_force
from assessments.services import _write
from lawadvisor.foundation.periods import Period, PeriodKind
from tests.conftest import County
from tests.factories import (
    make_absence,
    make_appointment,
    make_attachment,
    make_close,
    make_filing,
    make_log,
    make_matter,
    make_team,
    make_waiver,
    term,
)
from tests.quota.build import ZX_FILE
from worklogs.enums import FilingKind

OCTOBER = Period.month(2026, 10)
HEAD = ZX_FILE.read_text(encoding="utf-8").partition("[[rule]]")[0]


def pack_of(*rules: str) -> Pack:
    """A policy of the rules given, under the head of the shipped one."""
    return load_pack(HEAD + "\n".join(f"[[rule]]\n{COMMON}{rule}" for rule in rules))


COMMON = """
title = "某事"
clause = "一（一）"
phrase = "某事。"
basis = "text"
unit = "次"
bound = "at_least"
target = 1
"""
DOCUMENTS = """
key = "D"
force = "hard"
measure = "documents"
subjects = ["village", "township", "bureau", "appointment"]
period = "month"
records = { unit = "filing", kinds = ["joint_meeting", "monthly_check"] }
"""
SHOWN = """
key = "E"
force = "soft"
measure = "events"
subjects = ["village"]
period = "week"
records = { unit = "matter", kinds = ["lecture"], modes = ["on_site"], evidence = ["photo"] }
"""
TERM = """
key = "T"
force = "hard"
measure = "events"
subjects = ["appointment"]
period = "term"
records = { unit = "session", modes = ["on_site"] }
"""
TEAM = """
key = "G"
force = "hard"
measure = "events"
subjects = ["team", "organisation"]
period = "month"
records = { unit = "session", modes = ["on_site"] }
"""


def told(county: County, pack: Pack, township: bool = False) -> Any:
    desk = Desk(county.bureau.pk, county.township.pk if township else None)
    return facts_for(desk, pack.rules, OCTOBER)


def records_of(county: County, rule: str, township: bool = False) -> dict[int, Record]:
    return {record.id: record for record in told(county, pack_of(rule), township).records}


def test_a_matter_shows_what_is_filled_in(county: County) -> None:
    log = make_log(appointment=county.appointment, place="村委会")
    bare = make_matter(log=make_log(appointment=county.sibling_appointment), kind="lecture")
    full = make_matter(
        log=log, kind="lecture", client="张三", phone="13800000000", content="讲", method="讲",
        result="好", focus="婚姻", audience=0, marks=["cadres"],
    )  # fmt: skip
    make_attachment(matter=full)
    found = records_of(county, SHOWN)
    assert list(found[bare.pk].evidence) == []
    assert set(found[full.pk].evidence) == {
        *("place", "client", "phone", "content", "method", "result", "focus", "audience"),
        *("photo", "cadres"),
    }


def test_a_sheet_is_no_photo(county: County) -> None:
    matter = make_matter(log=make_log(appointment=county.appointment), kind="lecture")
    make_attachment(matter=matter, kind="sheet")
    assert "photo" not in records_of(county, SHOWN)[matter.pk].evidence


def filings_of_october(county: County) -> dict[str, int]:
    meeting = {"kind": FilingKind.JOINT_MEETING, "period_end": OCTOBER.end}
    meeting["period_start"] = OCTOBER.start
    check = {**meeting, "kind": FilingKind.MONTHLY_CHECK}
    made = {
        "bureau": make_filing(bureau=county.bureau, **meeting),
        "township": make_filing(township=county.township, **meeting),
        "sibling": make_filing(township=county.sibling_township, **meeting),
        "village": make_filing(village=county.village, advisor=county.advisor, **check),
        "older": make_filing(
            bureau=county.bureau, **{**meeting, "period_start": date(2026, 1, 1),
                                     "period_end": date(2026, 10, 1)},
        ),
        "lasting": make_filing(
            bureau=county.bureau, **{**meeting, "period_start": date(2020, 1, 1),
                                     "period_end": None},
        ),
    }  # fmt: skip
    return {name: filing.pk for name, filing in made.items()}


def test_filings_come_with_their_level_and_what_they_cover(county: County, foreign: County) -> None:
    made = filings_of_october(county)
    filings_of_october(foreign)
    found = records_of(county, DOCUMENTS)
    assert set(found) == {pk for name, pk in made.items() if name != "older"}
    levels = {name: (found[pk].village, found[pk].township) for name, pk in made.items()
              if pk in found}  # fmt: skip
    assert levels == {
        "bureau": (0, 0),
        "township": (0, county.township.pk),
        "sibling": (0, county.sibling_township.pk),
        "village": (county.village.pk, 0),
        "lasting": (0, 0),
    }
    assert found[made["lasting"]].until == date(9999, 12, 31)
    desk = records_of(county, DOCUMENTS, township=True)
    assert set(desk) == {made["township"], made["village"]}


def test_terms_bring_team_organisation_and_volunteer(county: County) -> None:
    county.appointment.team = make_team(organisation=county.organisation)
    county.appointment.save()
    county.sibling_advisor.is_volunteer = True
    county.sibling_advisor.save()
    terms = {t.id: t for t in told(county, pack_of(TEAM)).terms}
    own, sibling = terms[county.appointment.pk], terms[county.sibling_appointment.pk]
    assert (own.team, own.organisation, own.volunteer) == (
        county.appointment.team_id, county.organisation.pk, False,
    )  # fmt: skip
    assert (sibling.team, sibling.volunteer) == (0, True)


def test_absences_and_waivers_of_this_bureau_only(county: County, foreign: County) -> None:
    make_absence(appointment=county.appointment, substitute=county.sibling_advisor)
    make_absence(appointment=foreign.appointment)
    given = {"rule_key": "E", "subject_kind": "village", "subject_id": county.village.pk}
    make_waiver(bureau=county.bureau, **given)
    make_waiver(bureau=foreign.bureau, **given)
    make_waiver(bureau=county.bureau, rule_key="D")  # a hard rule has none
    found = told(county, pack_of(SHOWN, DOCUMENTS))
    assert found.absences == [
        Absence(
            county.appointment.pk,
            date(2026, 10, 8),
            date(2026, 10, 15),
            county.sibling_advisor.pk,
        )
    ]
    assert found.waivers == {
        ("E", "village", county.village.pk, OCTOBER.start): Waiver("防汛", "李四")
    }


def judged(county: County, *rules: str) -> list[Verdict]:
    """Adopted, judged for October and stored."""
    policy = _write(county.bureau, pack_of(*rules), "", date(2021, 1, 1))
    close = make_close(policy=policy)
    judge_into(close, Desk(county.bureau.pk), Subject)
    return list(Verdict.objects.filter(close=close).select_related("rule", "close").order_by("pk"))


def test_every_subject_and_period_is_stored_and_read_back(county: County) -> None:
    county.appointment.team = make_team(organisation=county.organisation)
    county.appointment.term = term(date(2026, 3, 1), date(2027, 3, 1))
    county.appointment.save()
    stored = judged(county, DOCUMENTS, SHOWN, TERM, TEAM)
    kinds = {verdict.subject_kind for verdict in stored}
    assert kinds == {"village", "township", "bureau", "appointment", "team", "organisation"}
    weeks = [v for v in stored if v.rule.key == "E" and v.village_id == county.village.pk]
    assert [v.period_start for v in weeks] == [date(2026, 10, day) for day in (5, 12, 19, 26)]
    of_term = next(
        v for v in stored if v.rule.key == "T" and v.appointment_id == county.appointment.pk
    )
    assert (of_term.period_start, of_term.period_end) == (date(2026, 3, 1), date(2027, 3, 1))
    assert of_term.status == "at_risk"  # its last third begins on 1 November with nothing


def test_the_number_of_queries_does_not_grow(county: County) -> None:
    pack = pack_of(DOCUMENTS, SHOWN, TERM, TEAM)

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            told(county, pack)
        return len(queries)

    before = asked()
    for _ in range(5):
        make_log(appointment=make_appointment(village=county.village))
        make_absence(appointment=make_appointment(village=county.sibling_village))
    assert asked() == before == 4 + 3


def test_a_rule_on_terms_binds_those_that_began_under_its_version(county: County) -> None:
    """A47 for terms: a term goes on to be judged by the version of its first day."""
    old, new = pack_of(TERM), pack_of(TERM.replace('"T"', '"T2"'))
    _write(county.bureau, old, "", date(2021, 1, 1))
    _write(county.bureau, new, "", date(2026, 6, 1))
    appointment: Appointment = county.appointment  # since January
    county.sibling_appointment.term = term(date(2026, 7, 1))
    county.sibling_appointment.save()
    policy = county.bureau.policies.latest("effective_from")
    close = make_close(policy=policy)
    judge_into(close, Desk(county.bureau.pk), Subject)
    found = {v.rule.key: v.appointment_id for v in Verdict.objects.select_related("rule")}
    assert found == {"T": appointment.pk, "T2": county.sibling_appointment.pk}
    rules = rules_in_force(county.bureau.pk, OCTOBER).values()
    assert {rule.period for rule in rules} == {PeriodKind.TERM}


@pytest.mark.parametrize("change", [date(2026, 10, 1), date(2026, 9, 15)])
def test_what_was_due_for_september_stays_due_by_septembers_version(
    county: County, change: date
) -> None:
    due = """
key = "S"
force = "hard"
measure = "due_dates"
subjects = ["township"]
period = "month"
due = { on = ["+5"], late = "refused" }
records = { unit = "filing", kinds = ["monthly_summary"] }
"""
    _write(county.bureau, pack_of(due), "", date(2021, 1, 1))
    _write(county.bureau, pack_of(due.replace('"+5"', '"+20"')), "", change)
    close = make_close(policy=county.bureau.policies.latest("effective_from"))
    judge_into(close, Desk(county.bureau.pk), Subject)
    found = Verdict.objects.filter(township=county.township).values_list("period_start", "status")
    assert list(found) == [(date(2026, 9, 1), "not_met")]
