"""The generated county: equal for equal seeds, never copied, flawed as real ones are."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import transaction

from advisors.enums import LICENSED, AppointmentStatus, Category
from advisors.models import Appointment
from lawadvisor.demo import build_county
from lawadvisor.demo.names import RARE
from lawadvisor.demo.places import VILLAGES_PER_TOWNSHIP, village_rows
from lawadvisor.foundation.errors import Conflict
from lawadvisor.foundation.periods import Period, PeriodKind, local_date
from tests.demo.data import SMALL, SPEC, TODAY, Generated, clock, days_late, generate, month_of
from villages.importers import CODE_LENGTHS
from worklogs.enums import FilingKind, LogState, MatterKind, Mode, Purpose
from worklogs.models import ServiceLog


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Generated:
    with django_db_blocker.unblock():
        return generate(SPEC)


@pytest.fixture(scope="module")
def clean(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Generated:
    with django_db_blocker.unblock():
        return generate(replace(SPEC, flaws=False, villages=34, months=6, records_per_month=5))


@pytest.mark.django_db
def test_one_seed_gives_one_county():
    first = generate(SMALL)
    random.seed(1)
    assert generate(SMALL).digest == first.digest


@pytest.mark.django_db
@pytest.mark.parametrize("other", [{"seed": 2}, {"today": date(2026, 12, 1)}, {"flaws": False}])
def test_another_seed_or_day_gives_another(other):
    assert generate(replace(SMALL, **other)).digest != generate(SMALL).digest


def test_two_counties_share_no_chance():
    assert SPEC.stream("people").random() != replace(SPEC, code="990002").stream("people").random()


@pytest.mark.django_db
def test_a_county_with_appointments_is_not_built_upon():
    with transaction.atomic():
        build_county(SMALL)
        with pytest.raises(Conflict, match="演示县司法局已有聘任数据，不能再生成演示数据。"):
            build_county(SMALL)
        transaction.set_rollback(True)


def test_months_end_with_the_last_full_one(made: Generated):
    months = sorted({month_of(log.service_date) for log in made.logs})
    assert (len(months), months[-1]) == (14, Period.month(2026, 10))
    assert all(local_date(log.entered_at) < TODAY for log in made.logs)
    assert all(log.entered_at > log.ended_at for log in made.logs if log.ended_at)


@pytest.mark.django_db
@pytest.mark.parametrize("today", [date(2026, 1, 1), date(2026, 3, 1), date(2028, 2, 29)])
def test_any_day_may_be_today(today):
    found = generate(replace(SMALL, today=today, service_year_month=1))
    assert {month_of(log.service_date) for log in found.logs} == set(
        replace(SMALL, today=today).periods
    )
    assert all(local_date(log.entered_at) < today for log in found.logs)
    assert all(f.filed_on is None or f.filed_on < today for f in found.filings)


def test_invented_places_have_official_codes():
    rows = village_rows(replace(SPEC, villages=3000))
    assert len({row.code for row in rows}) == 3000
    assert all(len(getattr(row, column)) == n for row in rows for column, n in CODE_LENGTHS.items())
    assert len({row.name for row in rows}) == 3000
    sizes = Counter(row.township_code for row in rows)
    assert max(sizes.values()) == VILLAGES_PER_TOWNSHIP


# -- people --------------------------------------------------------------------------------------


def test_loads_are_realistic(made: Generated):
    categories = Counter(advisor.category for advisor in made.advisors)
    assert categories[Category.LAWYER] > categories[Category.LEGAL_WORKER] > 0
    assert categories[Category.BUREAU_STAFF] > 0
    loads = Counter(a.advisor_id for a in made.appointments if a.status == AppointmentStatus.ACTIVE)
    assert 2 <= sum(loads.values()) / len(loads) <= 3
    cadres = [a.pk for a in made.advisors if a.category == Category.RETIRED_CADRE]
    assert max(loads[pk] for pk in cadres) == 4


def test_the_cap_is_kept_by_slots(made: Generated):
    for appointment in made.appointments:
        limit = 3 if appointment.advisor.category in LICENSED else None
        assert appointment.slot_limit == limit
        assert limit is None or appointment.slot <= limit


def test_people_are_clearly_invented(made: Generated):
    licences = [a.licence_no for a in made.advisors if a.category in LICENSED]
    assert all(number.startswith("演示990001") for number in licences)
    assert len(set(licences)) == len(licences)
    assert len({a.name for a in made.advisors}) == len(made.advisors)
    assert any(character in a.name for a in made.advisors for character in RARE)
    assert all(a.user.is_demo for a in made.advisors)


def test_terms_change_hands_start_late_and_are_suspended(made: Generated):
    replaced = [a for a in made.appointments if "接任" in a.end_reason]
    assert replaced
    for old in replaced:
        heirs = [a for a in made.appointments if a.village_id == old.village_id]
        assert any(old.ends_before <= a.starts_on <= old.ends_before + timedelta(6) for a in heirs)
    assert any(a.ends_before.month == 10 and a.ends_before.day != 1 for a in replaced)
    assert any(a.status == AppointmentStatus.SUSPENDED for a in made.appointments)
    assert any(a.starts_on.day != 1 and not _has_before(made, a) for a in made.appointments)
    served = {a.village_id for a in made.appointments}
    assert 0 < len([v for v in made.villages if v.pk not in served]) <= 2


def _has_before(made: Generated, one: Appointment) -> bool:
    return any(
        a.village_id == one.village_id and a.starts_on < one.starts_on for a in made.appointments
    )


def test_nobody_serves_outside_his_term(made: Generated):
    for log in made.logs:
        term = log.appointment.term
        until = log.appointment.suspended_from or term.upper
        assert term.lower <= log.service_date < until
        assert log.entered_by == log.advisor.user


# -- records -------------------------------------------------------------------------------------


def test_without_flaws_every_duty_is_done(clean: Generated):
    assert len(clean.logs) == 34 * 6 * 5
    assert {log.state for log in clean.logs} == {LogState.REVIEWED}
    assert not any(log.is_supplement or log.no_visitors for log in clean.logs)
    months = Counter(
        (log.appointment.village_id, month_of(log.service_date))
        for log in clean.visits
        if log.minutes >= 240
    )
    assert len(months) == 34 * 6
    assert set(months.values()) == {2}
    assert all(matters for matters in (clean.matters[log.pk] for log in clean.logs))
    assert len(clean.lectures()) >= 34


def test_most_villages_have_two_full_visits(made: Generated):
    full = Counter(
        (log.appointment_id, month_of(log.service_date))
        for log in made.visits
        if log.minutes >= 240
    )
    assert 0.6 < sum(n >= 2 for n in full.values()) / len(full) < 0.95


def _joined(made: Generated, low: int, high: int) -> int:
    return sum(
        len(stays) == 2 and low <= sum(s.minutes for s in stays) < high
        for stays in made.visit_days().values()
    )


def _alone(made: Generated) -> list[ServiceLog]:
    return [stays[0] for stays in made.visit_days().values() if len(stays) == 1]


def _visits_per_month(made: Generated, number: int) -> int:
    """How many months, of terms that ran through them, had this many days with a visit."""
    days = Counter((pk, month_of(day)) for pk, day in made.visit_days())
    return sum(
        days[a.pk, month] == number
        for a in made.appointments
        for month in SPEC.periods
        if a.starts_on <= month.start and a.ends_before >= month.end and not a.suspended_from
    )


def _repeated_focus(made: Generated) -> int:
    told = Counter(
        (log.appointment.village_id, log.service_date.year, matter.focus)
        for log, matter in made.lectures()
    )
    return sum(n > 1 for n in told.values())


def _missed_lectures(made: Generated) -> int:
    held = {
        (log.appointment.village_id, Period.containing(PeriodKind.QUARTER, log.service_date))
        for log, _ in made.lectures()
    }
    served = {a.village_id for a in made.appointments}
    quarters = [Period.parse(code) for code in ("2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3")]
    return sum((village, quarter) not in held for village in served for quarter in quarters)


def _logs(test: Callable[[ServiceLog], bool]) -> Callable[[Generated], int]:
    return lambda made: sum(test(log) for log in made.logs)


FLAWS: dict[str, Callable[[Generated], int]] = {
    "a visit of 3 h 50": lambda made: sum(log.minutes == 230 for log in _alone(made)),
    "two half visits that join": lambda made: _joined(made, 240, 1000),
    "two half visits too short": lambda made: _joined(made, 0, 240),
    "online instead of on site": _logs(
        lambda log: (
            log.purpose == Purpose.DUTY and log.mode != Mode.ON_SITE and (log.minutes or 0) >= 180
        )
    ),
    "one visit in a month": lambda made: _visits_per_month(made, 1),
    "a month without a visit": lambda made: _visits_per_month(made, 0),
    "a duty without visitors": _logs(lambda log: log.no_visitors),
    "a stay only for a lecture": _logs(lambda log: log.purpose == Purpose.LECTURE_ONLY),
    "a late entry": _logs(lambda log: days_late(log) >= 4 and not log.is_supplement),
    "an entry after the close": _logs(lambda log: log.is_supplement),
    "a draft": _logs(lambda log: log.state == LogState.DRAFT),
    "a draft without times": _logs(lambda log: log.started_at is None),
    "a returned record": _logs(lambda log: bool(log.returned_reason)),
    "a record not reviewed yet": _logs(lambda log: log.state == LogState.SUBMITTED),
    "a repeated focus": _repeated_focus,
    "a missed lecture": _missed_lectures,
}


@pytest.mark.parametrize("flaw", FLAWS)
def test_every_flaw_occurs_and_stays_rare(made: Generated, flaw: str):
    assert 0 < FLAWS[flaw](made) < len(made.logs) * 0.15


def test_a_supplement_is_what_comes_after_the_fifth(made: Generated):
    for log in made.logs:
        fifth = month_of(log.service_date).end + timedelta(days=4)
        assert log.is_supplement == (local_date(log.entered_at) > fifth)


def test_a_duty_without_visitors_has_no_matter(made: Generated):
    assert all(not made.matters[log.pk] for log in made.logs if log.no_visitors)
    assert all(made.matters[log.pk] for log in made.logs if not log.no_visitors)


def test_matters_have_the_fields_that_their_kind_asks_for(made: Generated):
    found = [matter for matters in made.matters.values() for matter in matters]
    assert {m.kind for m in found} == set(MatterKind) - {MatterKind.INCIDENT, MatterKind.CONTACT}
    assert all(m.content and m.method and m.result and m.client for m in found)
    assert all("{" not in text.reveal() for m in found for text in (m.content, m.method, m.result))
    lectures = [m for m in found if m.kind == MatterKind.LECTURE]
    assert all(m.focus and m.topic and m.audience for m in lectures)
    mediations = Counter(m.succeeded for m in found if m.kind == MatterKind.MEDIATION)
    assert mediations[True] > mediations[False] > mediations[None] > 0


def test_past_years_have_their_papers_for_most_villages(made: Generated):
    kinds = Counter(filing.kind for filing in made.filings)
    for kind in (FilingKind.SUGGESTION_REPORT, FilingKind.DOSSIER):
        assert 0.75 * 70 < kinds[kind] < 70
    assert {f.period_start for f in made.filings} == {date(2025, 1, 1)}


# -- never two alike by copying --------------------------------------------------------------------


def test_no_two_records_of_an_advisor_are_alike(made: Generated):
    seen = Counter(
        (log.advisor_id, clock(log), tuple(m.content for m in made.matters[log.pk]))
        for log in made.logs
        if log.started_at and made.matters[log.pk]
    )
    assert max(seen.values()) == 1


def test_texts_are_rarely_the_same(made: Generated):
    texts = Counter(
        (m.content, m.method, m.result) for matters in made.matters.values() for m in matters
    )
    assert len(texts) > 0.93 * sum(texts.values())
    assert texts.most_common(1)[0][1] <= 6


def test_times_vary_in_steps_of_five_minutes(made: Generated):
    by_advisor: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for log in made.visits:
        by_advisor[log.advisor_id].append(clock(log))
    assert all(n % 5 == 0 for spans in by_advisor.values() for span in spans for n in span)
    busy = [spans for spans in by_advisor.values() if len(spans) >= 30]
    assert busy
    assert all(Counter(spans).most_common(1)[0][1] / len(spans) < 0.2 for spans in busy)
