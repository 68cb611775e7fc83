"""The five bureaus as `make run` shows them: whole places, judged for their last month.

They are built once. What the tests look at is read before all of it is rolled back.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test import override_settings

from advisors.enums import HOLDING
from advisors.models import Absence, Advisor, Appointment, ServiceTeam
from advisors.rules import check_education, check_practice
from assessments.facts import Desk
from assessments.models import Policy
from assessments.quota.rules import Subject
from assessments.selectors import judge_desk, rules_in_force
from lawadvisor.demo import Counts, photos, showcase
from lawadvisor.demo.county import count
from lawadvisor.foundation.periods import Period
from tests.demo.data import TODAY
from tests.test_architecture import ROOT
from villages.models import Bureau
from worklogs.models import Attachment, ServiceLog

pytestmark = pytest.mark.django_db  # or there is no test database for the fixture

#: Statuses that say how it ended, or how it will end unless something is done.
JUDGED = {"met", "not_met", "notice", "pending", "at_risk"}
#: The report on a half-year that still runs is due a month after it.
NOT_DUE_IN_OCTOBER = {"DG-19-bureau", "DG-19-township"}
#: The database refuses a fourth village; no advisor of 蒸湘区 lets a whole month pass unnoticed.
NOBODY_FAILS = {"ZX-24", "ZX-38"}
#: Of fewer subjects nothing is asked but that one of them holds.
MANY = 10
PREFIXES = tuple(place.prefix for place in showcase.PLACES)

Tally = dict[tuple[str, str], Counter[str]]


@dataclass(frozen=True, slots=True)
class Shown:
    """One bureau: ``judged`` is how many of each status by month, rule and subject."""

    counts: Counts
    policy: str
    settings: dict
    judged: dict[str, Tally]
    advisors: list[Advisor]
    appointments: list[Appointment]
    absences: list[Absence]
    teams: list[ServiceTeam]
    logs: list[ServiceLog]
    photos: list[tuple[str, Path]]


@pytest.fixture(scope="module")
def five(
    django_db_setup: None,
    django_db_blocker: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Shown]:
    media = tmp_path_factory.mktemp("media")
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=media), transaction.atomic():
        specs = showcase.specs(TODAY)
        for spec in specs:
            showcase.set_up(spec)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        found = {spec.prefix: _read(Bureau.objects.get(code=spec.code)) for spec in specs}
        transaction.set_rollback(True)
    return found


def _read(bureau: Bureau) -> Shown:
    policy = Policy.objects.get(bureau=bureau)
    here = {"village__township__bureau": bureau}
    pictures = Attachment.objects.filter(matter__log__appointment__village__township__bureau=bureau)
    appointments = Appointment.objects.filter(**here).select_related("advisor", "village__township")
    logs = ServiceLog.objects.filter(appointment__in=appointments)
    months = ("2026-07", "2026-09", "2026-10")
    return Shown(
        counts=count(bureau),
        policy=policy.key,
        settings=policy.settings,
        judged={code: _judged(bureau, Period.parse(code)) for code in months},
        advisors=list(Advisor.objects.filter(organisation__bureau=bureau)),
        appointments=list(appointments),
        absences=list(Absence.objects.filter(appointment__in=appointments)),
        teams=list(ServiceTeam.objects.filter(organisation__bureau=bureau)),
        logs=list(logs.annotate(village=F("appointment__village"))),
        photos=[(photo.checksum, photos.path_of(photo)) for photo in pictures],
    )


def _judged(bureau: Bureau, month: Period) -> Tally:
    rules = rules_in_force(bureau.pk, month)
    found: Tally = {}
    for one in judge_desk(Desk(bureau.pk), rules, month, month.end, frozenset(Subject)):
        found.setdefault((one.rule, one.subject_kind.value), Counter())[one.status.value] += 1
    return found


# -- places and policies -----------------------------------------------------------------------


def test_five_real_places_fit_into_one_database(five: dict[str, Shown]):
    size = {key: (one.counts.townships, one.counts.villages) for key, one in five.items()}
    assert size == {"zx": (5, 54), "jc": (9, 111), "sh": (3, 45), "cz": (5, 41), "dg": (3, 36)}
    served = {a.village.name for one in five.values() for a in one.appointments}
    assert not any("虚拟" in name for name in served)


def test_each_bureau_stands_under_its_own_policy(five: dict[str, Shown]):
    assert {key: one.policy for key, one in five.items()} == {key: key.upper() for key in PREFIXES}


@pytest.mark.parametrize("path", ["README.md", "README.zh-CN.md"])
@pytest.mark.parametrize("key", PREFIXES)
def test_each_bureau_has_its_login_in_the_readme(path: str, key: str):
    assert f"{key}-bureau" in (ROOT / path).read_text(encoding="utf-8")


def test_the_first_line_of_the_run_is_quoted_in_the_readme(five: dict[str, Shown]):
    counts = five["zx"].counts
    line = (
        f"蒸湘区司法局：镇街{counts.townships}个，村（社区）{counts.villages}个，"
        f"法律顾问{counts.advisors}人，聘任{counts.appointments}条，服务记录{counts.logs}条，"
        f"事项{counts.matters}件，文书{counts.filings}份"
    )
    assert line in (ROOT / "README.md").read_text(encoding="utf-8")


# -- the outcome -------------------------------------------------------------------------------


@pytest.mark.parametrize("key", PREFIXES)
def test_every_rule_is_met_by_somebody(five: dict[str, Shown], key: str):
    tallies = five[key].judged["2026-10"]
    never = {rule for (rule, subject), tally in tallies.items() if not _is_met(tallies, rule)}
    assert never <= NOT_DUE_IN_OCTOBER
    assert all(set(tallies[pair]) == {"open"} for pair in tallies if pair[0] in never)


def _is_met(tallies: Tally, rule: str) -> bool:
    return any(tally["met"] for (key, _), tally in tallies.items() if key == rule)


@pytest.mark.parametrize("key", PREFIXES)
def test_no_rule_on_many_holds_for_all_or_for_none(five: dict[str, Shown], key: str):
    for (rule, subject), tally in five[key].judged["2026-10"].items():
        judged = sum(tally[status] for status in JUDGED)
        if judged >= MANY and rule not in NOBODY_FAILS:
            elsewhere = judged - tally["met"] + tally["open"]
            assert tally["met"] > 0, (rule, subject, tally)
            assert elsewhere > 0, (rule, subject, tally)


def test_the_two_places_that_confirm_and_review_have_every_outcome(five: dict[str, Shown]):
    dg, jc = five["dg"].judged["2026-10"], five["jc"].judged
    for status in ("met", "not_met", "pending"):
        assert dg["DG-57", "village"][status] > 0
    assert jc["2026-10"]["JC-36", "village"]["pending"] > 0
    assert jc["2026-10"]["JC-47", "appointment"]["not_met"] > 0
    # a quarter shows who failed only once it is over
    for status in ("met", "not_met", "pending"):
        assert jc["2026-09"]["JC-36", "village"][status] > 0


def test_half_year_reports_are_judged_in_the_month_of_their_due_date(five: dict[str, Shown]):
    july = five["dg"].judged["2026-07"]
    assert july["DG-19-bureau", "bureau"]["met"] == 1
    assert july["DG-19-township", "township"]["met"] > 0


# -- people ------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", PREFIXES)
def test_everybody_may_serve_as_the_policy_says(five: dict[str, Shown], key: str):
    allowed = five[key].settings["allowed_categories"]
    volunteers = five[key].settings["volunteer_categories"]
    for advisor in five[key].advisors:
        assert advisor.category in (volunteers if advisor.is_volunteer else allowed)
    assert any(advisor.is_volunteer for advisor in five[key].advisors) == bool(volunteers)


def test_shanghai_asks_for_school_and_practice(five: dict[str, Shown]):
    for appointment in five["sh"].appointments:
        advisor = appointment.advisor
        if not advisor.is_volunteer:
            check_education(advisor.education, "junior_college")
            check_practice(advisor.practice_start, appointment.starts_on, 2)


@pytest.mark.parametrize(("key", "cap"), [("sh", 3), ("cz", 5)])
def test_one_holds_a_village_more_with_a_reason_and_who_allowed_it(
    five: dict[str, Shown], key: str, cap: int
):
    beyond = [a for a in five[key].appointments if a.slot > cap]
    assert len({appointment.advisor_id for appointment in beyond}) == 1
    assert all("批准人：" in appointment.cap_exception for appointment in beyond)
    assert {a.slot_limit for a in five[key].appointments if not a.advisor.is_volunteer} == {cap}
    rule = {"sh": "SH-13", "cz": "CZ-20"}[key]
    assert five[key].judged["2026-10"][rule, "advisor"]["notice"] == 1


@pytest.mark.parametrize("key", ["jc", "sh", "cz", "dg"])
def test_whoever_is_away_serves_nowhere_and_a_substitute_does(five: dict[str, Shown], key: str):
    one = five[key]
    holding = {a.pk: a for a in one.appointments if a.status in HOLDING}
    away = {absence.appointment_id: absence for absence in one.absences}
    assert away
    for pk, absence in away.items():
        term = holding[pk].term
        assert term.lower <= absence.days.lower
        assert absence.days.upper <= term.upper
        assert absence.approved_by
    assert not [
        log
        for log in one.logs
        if (absence := away.get(log.appointment_id)) and log.service_date in absence.days
    ]
    stood_in = {
        (absence.substitute_id, holding[pk].village_id)
        for pk, absence in away.items()
        if absence.substitute_id
    }
    assert stood_in & {(log.advisor_id, log.village) for log in one.logs}


def test_some_serve_in_teams_of_their_firm(five: dict[str, Shown]):
    sizes = {key: len(one.teams) for key, one in five.items()}
    assert sizes == {"zx": 0, "jc": 1, "sh": 2, "cz": 1, "dg": 2}
    for one in five.values():
        teams = {team.pk: team for team in one.teams}
        members = [a for a in one.appointments if a.team_id]
        assert {a.team_id for a in members} == set(teams)
        for appointment in members:
            assert appointment.advisor.organisation_id == teams[appointment.team_id].organisation_id


# -- pictures ----------------------------------------------------------------------------------


def test_pictures_lie_under_their_checksums(five: dict[str, Shown]):
    assert not any(one.photos for key, one in five.items() if key != "jc")
    taken = five["jc"].photos
    assert len(taken) > 500
    assert len({checksum for checksum, _ in taken}) == len(taken)
    for checksum, path in taken[:50]:
        assert sha256(path.read_bytes()).hexdigest() == checksum == path.stem


def test_the_mountains_are_named_by_townships_that_exist(five: dict[str, Shown]):
    place = next(place for place in showcase.PLACES if place.mountains)
    found = {
        appointment.village.township.code: appointment.village.terrain
        for appointment in five[place.prefix].appointments
    }
    assert {code for code, terrain in found.items() if terrain == "mountain"} == set(
        place.mountains
    )
