"""Advisors and appointments: what the database refuses, and in which words."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction

from advisors.enums import HOLDING, LICENSED, AppointmentStatus, Category, OrganisationKind
from advisors.models import Absence, Advisor, Appointment, Organisation, ServiceTeam
from tests.factories import (
    make_absence,
    make_advisor,
    make_appointment,
    make_bureau,
    make_organisation,
    make_team,
    make_user,
    term,
)

pytestmark = pytest.mark.django_db

JAN, JULY, NEXT_JAN = date(2026, 1, 1), date(2026, 7, 1), date(2027, 1, 1)
BLANKS = ["", " ", "\u3000", "\t\n"]
NOT_HOLDING = [s for s in AppointmentStatus if s not in HOLDING]


def check_deferred() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def sentences(row: models.Model) -> list[str]:
    """What a form would show for the constraints of this row."""
    with pytest.raises(ValidationError) as refused:
        row.validate_constraints()
    return refused.value.messages


# ── organisations ───────────────────────────────────────────────────────────────────────────────


def test_an_organisation_is_entered_once_per_bureau():
    first = make_organisation()
    again = Organisation(bureau=first.bureau, name=first.name, kind=OrganisationKind.PUBLIC_BODY)

    assert sentences(again) == ["该司法局已有同名机构。"]
    with pytest.raises(IntegrityError, match="organisation_name_once"):
        again.save()


def test_two_bureaus_may_know_the_same_organisation():
    first = make_organisation()

    second = make_organisation(bureau=make_bureau(), name=first.name)
    second.full_clean()
    assert Organisation.objects.filter(name=first.name).count() == 2


@pytest.mark.parametrize("blank", BLANKS)
def test_an_organisation_has_a_name(blank: str):
    organisation = make_organisation()
    organisation.name = blank

    assert sentences(organisation) == ["请填写机构名称。"]
    with pytest.raises(IntegrityError, match="organisation_name_not_blank"):
        organisation.save()


# ── advisors ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("blank", BLANKS)
def test_an_advisor_has_a_name(blank: str):
    advisor = make_advisor()
    advisor.name = blank

    assert sentences(advisor) == ["请填写姓名。"]
    with pytest.raises(IntegrityError, match="advisor_name_not_blank"):
        advisor.save()


@pytest.mark.parametrize("category", Category)
def test_a_licence_is_asked_of_those_who_practise(category: Category):
    advisor = make_advisor(category=category)
    advisor.full_clean()  # with a number every category will do
    advisor.licence_no = ""

    if category not in LICENSED:
        advisor.full_clean()
        advisor.save()
        return
    assert sentences(advisor) == ["律师和基层法律服务工作者须填写执业证号。"]
    with pytest.raises(IntegrityError, match="advisor_licence_when_practising"):
        advisor.save()


def test_a_licence_is_one_person():
    advisor = make_advisor()
    other = make_advisor()
    other.licence_no = advisor.licence_no

    assert sentences(other) == ["该执业证号已登记给另一位法律顾问。"]
    with pytest.raises(IntegrityError, match="advisor_licence_once"):
        other.save()


def test_advisors_without_licence_are_not_one_person():
    for _ in range(2):
        make_advisor(category=Category.RETIRED_JUDGE, licence_no="").full_clean()

    assert Advisor.objects.filter(licence_no="").count() == 2


def test_database_refuses_an_unknown_category():
    with pytest.raises(IntegrityError, match="advisor_category_known"):
        make_advisor(category="wizard")


def test_an_account_is_one_advisor():
    advisor = make_advisor(user=make_user())

    with pytest.raises(IntegrityError):
        make_advisor(user=advisor.user)


# ── one advisor, one village, one term ──────────────────────────────────────────────────────────


def same_pair(first: Appointment, **fields: object) -> Appointment:
    return Appointment(
        **{
            "advisor": first.advisor,
            "village": first.village,
            "status": AppointmentStatus.ACTIVE,
            "slot": 2,
            **fields,
        }
    )


@pytest.mark.parametrize(
    "overlapping",
    [
        term(JAN, JULY),
        term(date(2026, 6, 30), NEXT_JAN),
        term(date(2025, 1, 1), date(2026, 1, 2)),
        term(date(2025, 1, 1), None),
        term(date(2026, 3, 1), date(2026, 3, 2)),
    ],
)
def test_terms_of_one_pair_do_not_overlap(overlapping: object):
    again = same_pair(make_appointment(term=term(JAN, JULY)), term=overlapping)

    assert "该顾问在此任期内已受聘于该村（社区）。" in sentences(again)
    with pytest.raises(IntegrityError, match="appointment_pair_once"), transaction.atomic():
        again.save()


@pytest.mark.parametrize("touching", [term(JULY, NEXT_JAN), term(date(2025, 1, 1), JAN)])
def test_touching_terms_of_one_pair_are_two_appointments(touching: object):
    first = make_appointment(term=term(JAN, JULY))
    again = same_pair(first, term=touching, slot=1)  # even the slot is free again

    again.full_clean()
    again.save()
    check_deferred()


def test_an_inclusive_upper_bound_is_kept_as_half_open():
    from django.db.backends.postgresql.psycopg_any import DateRange

    appointment = make_appointment(term=DateRange(JAN, date(2026, 6, 30), "[]"))
    appointment.refresh_from_db()

    assert (appointment.starts_on, appointment.ends_before) == (JAN, JULY)


def test_a_cancelled_appointment_frees_the_pair():
    first = make_appointment(status=AppointmentStatus.CANCELLED)
    again = same_pair(first, term=term(), slot=1)

    again.full_clean()
    again.save()
    check_deferred()


@pytest.mark.parametrize("status", [s for s in AppointmentStatus if s != "cancelled"])
def test_every_other_status_holds_the_pair(status: AppointmentStatus):
    suspended_from = JULY if status == AppointmentStatus.SUSPENDED else None
    first = make_appointment(status=status, suspended_from=suspended_from)

    with pytest.raises(IntegrityError, match="appointment_pair_once"):
        same_pair(first, term=term()).save()


def test_other_pairs_may_overlap():
    first = make_appointment()
    make_appointment(advisor=first.advisor)
    make_appointment(village=first.village)

    check_deferred()
    assert Appointment.objects.count() == 3


# ── slots and the cap ───────────────────────────────────────────────────────────────────────────


def test_a_slot_is_held_once_at_a_time():
    first = make_appointment(slot=1)

    make_appointment(advisor=first.advisor, slot=1)
    with pytest.raises(IntegrityError, match="appointment_slot_once"):
        check_deferred()


def test_slots_may_be_swapped_within_a_transaction():
    """Deferred: the rows cross on their way."""
    first = make_appointment(slot=1)
    second = make_appointment(advisor=first.advisor, slot=2)
    check_deferred()

    Appointment.objects.filter(pk=first.pk).update(slot=2)
    Appointment.objects.filter(pk=second.pk).update(slot=1)
    check_deferred()
    assert list(Appointment.objects.order_by("pk").values_list("slot", flat=True)) == [2, 1]


@pytest.mark.parametrize("status", NOT_HOLDING)
def test_what_is_not_in_force_holds_no_slot(status: AppointmentStatus):
    first = make_appointment(slot=1)

    make_appointment(advisor=first.advisor, slot=1, status=status)
    check_deferred()


def test_one_slot_serves_terms_that_touch():
    first = make_appointment(slot=1, term=term(JAN, JULY))

    make_appointment(advisor=first.advisor, slot=1, term=term(JULY))
    check_deferred()


@pytest.mark.parametrize("status", HOLDING)
def test_a_slot_beyond_the_limit_is_refused(status: AppointmentStatus):
    appointment = make_appointment(
        status=status,
        slot=3,
        slot_limit=3,
        suspended_from=JULY if status == AppointmentStatus.SUSPENDED else None,
    )
    appointment.slot = 4

    assert sentences(appointment) == ["超过该顾问可担任的村（社区）数上限。"]
    with pytest.raises(IntegrityError, match="appointment_within_cap"):
        appointment.save()


@pytest.mark.parametrize("blank", BLANKS)
def test_a_blank_reason_does_not_pass_the_cap(blank: str):
    appointment = make_appointment(slot=3, slot_limit=3)
    appointment.slot, appointment.cap_exception = 4, blank

    assert sentences(appointment) == ["超过该顾问可担任的村（社区）数上限。"]
    with pytest.raises(IntegrityError, match="appointment_within_cap"):
        appointment.save()


@pytest.mark.parametrize(
    "why",
    [
        {"slot_limit": 3, "cap_exception": "县局批准"},
        {"slot_limit": None},
        {"slot_limit": 4},
        {"slot_limit": 3, "status": AppointmentStatus.PROPOSED},
        {"slot_limit": 3, "status": AppointmentStatus.CANCELLED},
    ],
)
def test_a_fourth_slot_is_kept_with_a_reason_or_without_a_limit(why: dict[str, object]):
    make_appointment(slot=4, **why).full_clean()


def test_slots_count_from_one():
    with pytest.raises(IntegrityError):
        make_appointment(slot=0, slot_limit=3)


# ── term and suspension ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("bad", [term(None), term(None, JULY), term(JULY, JULY)])
def test_a_term_has_a_first_day(bad: object):
    appointment = make_appointment()
    appointment.term = bad

    assert sentences(appointment) == ["任期须有起始日，且止日在起始日之后。"]
    with pytest.raises(IntegrityError, match="appointment_term_starts"):
        appointment.save()


@pytest.mark.parametrize("status", AppointmentStatus)
@pytest.mark.parametrize("day", [None, JULY])
def test_suspension_has_its_day(status: AppointmentStatus, day: date | None):
    """Suspended: always. Ended: when it was suspended before. Otherwise: never."""
    right = {
        AppointmentStatus.SUSPENDED: day is not None,
        AppointmentStatus.ENDED: True,
    }.get(status, day is None)
    appointment = make_appointment()
    appointment.status, appointment.suspended_from = status, day

    if right:
        appointment.full_clean()
        appointment.save()
        return
    assert sentences(appointment) == ["暂停须注明起始日。"]
    with pytest.raises(IntegrityError, match="appointment_suspension_dated"):
        appointment.save()


# ── education, teams, absences ──────────────────────────────────────────────────────────────────


def test_database_refuses_an_unknown_education():
    with pytest.raises(IntegrityError, match="advisor_education_known"):
        make_advisor(education="kindergarten")


def test_a_team_is_named_once_in_its_organisation():
    first = make_team()
    make_team(name=first.name)  # elsewhere
    again = ServiceTeam(organisation=first.organisation, name=first.name)

    assert sentences(again) == ["该机构已有同名团队。"]
    with pytest.raises(IntegrityError, match="team_name_once"):
        again.save()


@pytest.mark.parametrize("name", BLANKS)
def test_a_team_has_a_name(name: str):
    team = make_team()
    team.name = name

    assert sentences(team) == ["请填写团队名称。"]
    with pytest.raises(IntegrityError, match="team_name_not_blank"):
        team.save()


def test_a_day_is_excused_once():
    first = make_absence()
    make_absence()  # another's
    again = Absence(
        appointment=first.appointment,
        days=term(date(2026, 10, 14), date(2026, 10, 20)),
        reason="病假",
        approved_by="李四",
    )

    assert sentences(again) == ["这些日期已有请假记录。"]
    with pytest.raises(IntegrityError, match="absence_once_a_day"):
        again.save()


@pytest.mark.parametrize("days", [term(JAN, None), term(None, JAN), term(JAN, JAN)])
def test_an_absence_begins_and_ends(days: object):
    absence = make_absence()
    absence.days = days

    assert sentences(absence) == ["请假须有起止日期，且止日在起始日之后。"]
    with pytest.raises(IntegrityError, match="absence_has_days"):
        absence.save()


@pytest.mark.parametrize("field", ["reason", "approved_by"])
def test_an_absence_says_why_and_who_approved_it(field: str):
    absence = make_absence()
    setattr(absence, field, " ")

    assert sentences(absence) == ["请假须写明事由和批准人。"]
    with pytest.raises(IntegrityError, match="absence_has_reason"):
        absence.save()
