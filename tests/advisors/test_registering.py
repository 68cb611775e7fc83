"""The roster's writes: what they refuse, what they write down, and what they leave alone."""

from __future__ import annotations

from datetime import date

import pytest

from advisors import registering, services
from advisors.enums import AppointmentStatus
from advisors.models import Appointment
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.viewer import Actor
from tests import factories
from tests.conftest import County
from villages.services import edit_village

CLERK = Actor(1, "李四", "10.0.0.1")


def test_an_edit_that_changes_nothing_writes_nothing(county: County) -> None:
    row = county.organisation
    registering.edit_organisation(by=CLERK, organisation=row, name=f" {row.name} ", kind=row.kind)
    village = county.village
    edit_village(
        by=CLERK, village=village, klass="", terrain=village.terrain, is_active=village.is_active
    )
    assert not AuditEntry.objects.exists()


def test_a_licence_number_of_another_person_is_refused_at_its_field(county: County) -> None:
    taken = county.sibling_advisor.licence_no
    with pytest.raises(DomainError, match="已登记给另一位") as refusal:
        registering.create_advisor(
            by=CLERK,
            organisation=county.organisation,
            name="张三",
            category="lawyer",
            licence_no=taken,
        )
    assert refusal.value.field == "licence_no"


@pytest.mark.parametrize("name", ["", "   "])
def test_a_blank_name_is_refused(county: County, name: str) -> None:
    with pytest.raises(DomainError) as refusal:
        registering.create_organisation(by=CLERK, bureau=county.bureau, name=name, kind="law_firm")
    assert refusal.value.field == "name"


def test_who_moves_leaves_the_teams_of_the_old_organisation(county: County) -> None:
    team = factories.make_team(organisation=county.organisation, lead=county.advisor)
    registering.put_in_team(by=CLERK, appointment=county.appointment, team=team)
    other = factories.make_organisation(bureau=county.bureau)
    registering.move_advisor(by=CLERK, advisor=county.advisor, organisation=other, reason="转所")
    team.refresh_from_db()
    county.appointment.refresh_from_db()
    assert (team.lead, county.appointment.team) == (None, None)
    entry = AuditEntry.objects.latest("pk")
    assert (entry.verb, entry.before, entry.after) == (
        "advisor.move",
        {"organisation": county.organisation.name},
        {"organisation": other.name},
    )


def test_nobody_moves_without_a_reason_to_himself_or_to_another_bureau(
    county: County, foreign: County
) -> None:
    other = factories.make_organisation(bureau=county.bureau)
    for organisation, reason, field in (
        (other, " ", "reason"),
        (county.organisation, "转所", "organisation"),
        (foreign.organisation, "转所", "organisation"),
    ):
        with pytest.raises(DomainError) as refusal:
            registering.move_advisor(
                by=CLERK, advisor=county.advisor, organisation=organisation, reason=reason
            )
        assert refusal.value.field == field


def test_a_team_is_led_and_filled_by_people_of_its_organisation(county: County) -> None:
    stranger = factories.make_advisor()
    with pytest.raises(DomainError, match="负责人须是该机构的"):
        registering.create_team(
            by=CLERK, organisation=county.organisation, name="甲", lead=stranger
        )
    team = factories.make_team()
    with pytest.raises(DomainError, match="所属机构的团队"):
        registering.put_in_team(by=CLERK, appointment=county.appointment, team=team)


# ── resuming ────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def paused(county: County) -> Appointment:
    return services.suspend_appointment(
        by=CLERK, appointment=county.appointment, on=date(2026, 3, 1), reason="外出"
    )


def test_resuming_leaves_the_days_between_as_they_were(paused: Appointment) -> None:
    team = factories.make_team(organisation=paused.advisor.organisation)
    registering.put_in_team(by=CLERK, appointment=paused, team=team)
    new = services.resume_appointment(
        by=CLERK, appointment=paused, on=date(2026, 5, 1), reason="返岗"
    )
    paused.refresh_from_db()
    assert (paused.status, paused.suspended_from, paused.ends_before) == (
        AppointmentStatus.ENDED,
        date(2026, 3, 1),
        date(2026, 5, 1),
    )
    assert (new.starts_on, new.ends_before, new.team, new.suspended_from) == (
        date(2026, 5, 1),
        None,
        team,
        None,
    )


@pytest.mark.parametrize(
    ("on", "reason", "field"),
    [
        (date(2026, 2, 28), "返岗", "on"),
        (date(2026, 12, 31), "返岗", "on"),
        (date(2026, 5, 1), " ", "reason"),
    ],
)
def test_resuming_is_refused_outside_the_suspension_or_without_a_reason(
    county: County, on: date, reason: str, field: str
) -> None:
    row = county.appointment
    row.term = factories.term(date(2026, 1, 1), date(2026, 12, 31))
    row.save()
    services.suspend_appointment(by=CLERK, appointment=row, on=date(2026, 3, 1), reason="外出")
    with pytest.raises(DomainError) as refusal:
        services.resume_appointment(by=CLERK, appointment=row, on=on, reason=reason)
    assert refusal.value.field == field
    row.refresh_from_db()
    assert row.status == AppointmentStatus.SUSPENDED


def test_who_serves_cannot_be_resumed(county: County) -> None:
    with pytest.raises(DomainError, match="只有暂停的聘任"):
        services.resume_appointment(
            by=CLERK, appointment=county.appointment, on=date(2026, 5, 1), reason="返岗"
        )


def test_resuming_within_the_cap_takes_no_second_place(county: County) -> None:
    for _ in range(2):
        services.appoint(
            by=CLERK,
            advisor=county.advisor,
            village=factories.make_village(township=county.township),
            start=date(2026, 1, 1),
            end=None,
            limit=3,
        )
    row = county.appointment
    row.slot_limit = 3
    row.save()
    paused = services.suspend_appointment(
        by=CLERK, appointment=row, on=date(2026, 3, 1), reason="外出"
    )
    new = services.resume_appointment(
        by=CLERK, appointment=paused, on=date(2026, 5, 1), reason="返岗"
    )
    assert new.slot_limit == 3
