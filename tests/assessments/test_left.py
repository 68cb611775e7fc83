"""What is left in the running period, as phone and desk are told."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from advisors.models import Appointment
from assessments.enums import VerdictStatus
from assessments.left import Left, left_for_appointments, standing_of, unfinished_in
from assessments.services import PACKS, adopt_policy
from lawadvisor.foundation.viewer import SYSTEM
from tests.conftest import County
from tests.factories import make_appointment, make_log, make_matter, make_village, term

TODAY = date(2026, 10, 20)


@pytest.fixture
def policy(county: County) -> None:
    adopt_policy(bureau=county.bureau, pack_path=PACKS / "zx.toml", by=SYSTEM)


def left(county: County, today: date = TODAY) -> dict[str, Left]:
    """What is left of the county's own appointment, by rule."""
    own = Appointment.objects.select_related("village__township").filter(pk=county.appointment.pk)
    return {each.rule: each for each in left_for_appointments(list(own), today)}


def test_one_of_two_visits_is_done(county: County, policy: None) -> None:
    make_log(appointment=county.appointment, day=date(2026, 10, 9))
    make_log(appointment=county.appointment, day=date(2026, 10, 12), end="12:50")
    visits = left(county)["ZX-34"]
    assert visits.sentence == "现场咨询服务 1/2次，还差1次，最迟10月31日"
    assert visits.status is VerdictStatus.OPEN
    assert (visits.done, visits.missing, visits.last_day) == (1, 1, date(2026, 10, 31))
    assert visits.refused == (
        "2026年10月12日09:00至12:50：3小时50分，未满4小时，差10分钟，不计入。",
    )


def test_todays_visit_counts_today(county: County, policy: None) -> None:
    make_log(appointment=county.appointment, day=TODAY)
    assert left(county)["ZX-34"].done == 1


@pytest.mark.parametrize(
    ("today", "sentence", "at_risk"),
    [
        (date(2026, 10, 20), "现场咨询服务 0/2次，还差2次，最迟10月31日", False),
        (date(2026, 10, 22), "现场咨询服务 0/2次，还差2次，最迟10月31日，尚未开始", True),
        (date(2026, 10, 31), "现场咨询服务 0/2次，还差2次，最迟10月31日，尚未开始", True),
    ],
)
def test_it_is_at_risk_from_the_last_third_on(
    county: County, policy: None, today: date, sentence: str, at_risk: bool
) -> None:
    visits = left(county, today)["ZX-34"]
    assert (visits.sentence, visits.at_risk) == (sentence, at_risk)


def test_each_rule_speaks_of_its_own_period(county: County, policy: None) -> None:
    make_matter(log=make_log(appointment=county.appointment), kind="lecture", focus="婚姻")
    lectures = left(county)["ZX-36"]
    assert (lectures.sentence, lectures.period.label) == ("法治讲座 1/1次", "2026年第四季度")
    assert lectures.status is VerdictStatus.MET


def test_a_term_too_short_to_be_judged_is_told_so(county: County, policy: None) -> None:
    county.appointment.term = term(date(2026, 10, 15))
    county.appointment.save()
    assert left(county)["ZX-34"].sentence == "现场咨询服务 0/2次，不足期，不考核"


def test_without_a_policy_nothing_is_left(county: County) -> None:
    assert left(county) == {}


def test_warnings_are_never_urgent(county: County, policy: None) -> None:
    found = left(county, date(2026, 10, 31))
    assert {each.rule for each in found.values() if each.decides} == {"ZX-34", "ZX-36"}
    assert all(each.decides for each in found.values() if each.at_risk)


def test_what_awaits_confirmation_is_told_apart(county: County) -> None:
    adopt_policy(bureau=county.bureau, pack_path=PACKS / "dg.toml", by=SYSTEM)
    make_log(appointment=county.appointment, day=date(2026, 10, 9))
    hours = left(county)["DG-57"]
    assert (
        hours.sentence == "值班和现场服务时长 0分钟/8小时，还差8小时，其中4小时待确认，最迟10月31日"
    )
    assert hours.pending == 240


def test_appointments_of_two_bureaus_are_judged_by_their_own_policies(
    county: County, foreign: County, policy: None
) -> None:
    adopt_policy(bureau=foreign.bureau, pack_path=PACKS / "cz.toml", by=SYSTEM)
    make_appointment(advisor=county.advisor, village=foreign.village)
    own = Appointment.objects.select_related("village__township").filter(advisor=county.advisor)
    rules = {each.rule for each in left_for_appointments(list(own), TODAY)}
    assert {"ZX-34", "CZ-39"} <= rules


def test_a_township_sees_what_is_urgent_first(county: County, policy: None) -> None:
    busy = make_village(township=county.township, name="忙碌村委会")
    appointment = make_appointment(village=busy)
    make_log(appointment=appointment, day=date(2026, 10, 9))
    found = unfinished_in(county.township, date(2026, 10, 23))
    own = county.village.short_name
    urgent = {
        owed.title: [(v, left.progress) for v, left in owed.villages] for owed in found.urgent
    }
    others = {
        owed.title: [(v, left.progress) for v, left in owed.villages] for owed in found.others
    }
    assert urgent == {
        "现场咨询服务": [(own, "0/2次")],
        "“法治”提升建议报告": [(own, "0/1份"), ("忙碌村", "0/1份")],  # from September on
        "法治档案": [(own, "0/1卷"), ("忙碌村", "0/1卷")],
    }
    assert others == {
        "现场咨询服务": [("忙碌村", "1/2次")],
        "法治讲座": [(own, "0/1次"), ("忙碌村", "0/1次")],
    }
    assert found.urgent[0].last_day == date(2026, 10, 31)


def test_the_bureau_counts_by_rule(county: County, policy: None) -> None:
    make_log(appointment=county.appointment, day=date(2026, 10, 9))
    found = {each.title: each for each in standing_of(county.bureau, date(2026, 10, 23))}
    visits = found["现场咨询服务"]
    assert (visits.owing, visits.urgent, visits.last_day) == (2, 1, date(2026, 10, 31))
    assert (found["法治讲座"].owing, found["法治讲座"].urgent) == (2, 0)
    assert "服务记录及时录入" not in found


def test_the_number_of_queries_does_not_grow(county: County, policy: None) -> None:
    def asked() -> int:
        own = Appointment.objects.select_related("village__township").filter(advisor=county.advisor)
        found = list(own)
        with CaptureQueriesContext(connection) as queries:
            left_for_appointments(found, TODAY)
            unfinished_in(county.township, TODAY)
            standing_of(county.bureau, TODAY)
        return len(queries)

    make_log(appointment=county.appointment, end="10:00")
    make_matter(
        log=make_log(appointment=county.appointment, day=date(2026, 10, 11)), kind="lecture"
    )
    before = asked()
    for n in range(30):
        village = make_village(township=county.township)
        appointment = make_appointment(advisor=county.advisor, village=village)
        make_log(appointment=appointment, day=date(2026, 8, 1 + n))
    assert asked() == before
