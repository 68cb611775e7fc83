"""Who sees which rows: the whole matrix of desks and tables, in two counties."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from advisors.models import (
    Absence,
    Advisor,
    Appointment,
    Liaison,
    Organisation,
    Post,
    ServiceTeam,
)
from advisors.viewers import viewer_for
from assessments.enums import SubjectKind
from assessments.models import (
    DailyCheck,
    FormFilling,
    FormTemplate,
    FormVersion,
    GeneratedFile,
    MonthClose,
    MonthDesk,
    MonthlyBook,
    MonthlyCheck,
    Policy,
    PolicyDraft,
    Reopening,
    Rule,
    SpotCheck,
    SpotDraw,
    Verdict,
    Waiver,
)
from lawadvisor.accounts.models import SignIn, User
from lawadvisor.foundation.models import AuditEntry, ImportBatch, Job
from lawadvisor.foundation.roles import Role
from lawadvisor.foundation.viewer import NOBODY, Desk, Viewer
from tests import factories
from tests.conftest import County, desk_of
from tests.test_house import scoped_models
from villages.models import Bureau, Township, Village
from worklogs.enums import FilingKind
from worklogs.models import (
    Attachment,
    BureauLimit,
    Filing,
    Incident,
    IncidentNote,
    IncidentNotice,
    LiaisonLink,
    Matter,
    ServiceLog,
    ServiceRequest,
)

pytestmark = pytest.mark.django_db

#: Between the first day of the factories' terms and forever.
TODAY = date(2026, 10, 9)


@dataclass(frozen=True, slots=True)
class Rows:
    """What stands in every table, by the place that it belongs to."""

    bureau: frozenset[object]
    township: frozenset[object]
    sibling: frozenset[object]

    @property
    def all(self) -> frozenset[object]:
        return self.bureau | self.township | self.sibling


def fill(county: County) -> Rows:
    """One row per table and place."""
    policy = factories.make_policy(bureau=county.bureau)
    close = factories.make_close(policy=policy)
    filling = factories.make_filling(version=factories.make_form_version(bureau=county.bureau))
    message = factories.make_message(user=county.bureau_user, bureau=county.bureau)
    of_bureau = [
        *(filling, filling.version, filling.version.form),
        *(message, *message.deliveries.all(), factories.make_channel(bureau=county.bureau)),
        *(county.bureau, county.organisation, policy, close),
        factories.make_audit_entry(bureau=county.bureau),
        factories.make_sign_in(user=county.bureau_user),
        factories.make_batch(bureau=county.bureau),
        *Post.objects.filter(posts_of(county)),
        factories.make_team(organisation=county.organisation),
        factories.make_draft(bureau=county.bureau),
        factories.make_waiver(bureau=county.bureau),
        factories.make_filing(kind=FilingKind.JOINT_MEETING, bureau=county.bureau),
        factories.make_verdict(close=close),
        factories.make_file(close=close),
        factories.make_daily_check(policy=policy),
        factories.make_limit(bureau=county.bureau),
    ]
    township = desk_rows(county.township, county.appointment, close)
    sibling = desk_rows(county.sibling_township, county.sibling_appointment, close)
    of_bureau += Rule.objects.filter(policy=policy)  # one for each verdict
    return Rows(frozenset(of_bureau), frozenset(township), frozenset(sibling))


def desk_rows(township: Township, appointment: Appointment, close: MonthClose) -> list[object]:
    log = factories.make_log(appointment=appointment)
    advisor, village = appointment.advisor, appointment.village
    matter = factories.make_matter(log=log)
    liaison = factories.make_liaison(village=village)
    check = factories.make_check(village=village, advisor=advisor)
    looked = factories.make_spot_check(appointment=appointment)
    book = factories.make_book(appointment=appointment)
    incident = factories.make_incident(
        appointment=appointment, recipients=("office", "bureau", "township", "village")
    )
    return [
        *(township, village, advisor, appointment, log, matter, liaison),
        factories.make_link(liaison=liaison),
        factories.make_request(village=village),
        *(incident, *incident.notices.all(), factories.make_note(incident=incident)),
        factories.make_attachment(matter=matter),
        factories.make_absence(appointment=appointment),
        factories.make_filing(village=village, advisor=advisor),
        factories.make_filing(kind=FilingKind.JOINT_MEETING, township=township),
        factories.make_verdict(
            close=close,
            subject_kind=SubjectKind.APPOINTMENT,
            appointment=appointment,
            scope_township=township,
        ),
        factories.make_verdict(close=close, subject_kind=SubjectKind.ADVISOR, advisor=advisor),
        factories.make_file(close=close, township=township),
        factories.make_month_desk(township=township),
        factories.make_reopening(village=village),
        *(check.filing, check, book.filing, book),
        *(looked.draw, looked),
    ]


@pytest.fixture
def own(county: County) -> Rows:
    return fill(county)


@pytest.fixture
def others(foreign: County) -> Rows:
    return fill(foreign)


#: Rows that no place owns: accounts have tests of their own, work is the machine's.
APART = (User, Job)


def posts_of(county: County) -> Q:
    townships = (county.township, county.sibling_township)
    return Q(bureau=county.bureau) | Q(township__in=townships)


def seen_by(user: User, desk: str = "") -> frozenset[object]:
    viewer = viewer_for(user, on=TODAY, desk=desk)
    return frozenset(
        row
        for model in scoped_models()
        if model not in APART
        for row in model._default_manager.visible_to(viewer)
    )


def only(rows: frozenset[object], *kinds: type) -> frozenset[object]:
    return frozenset(row for row in rows if isinstance(row, kinds))


def advisor_verdicts(rows: frozenset[object]) -> frozenset[object]:
    return frozenset(v for v in only(rows, Verdict) if v.subject_kind == SubjectKind.ADVISOR)


def test_the_matrix_knows_every_scoped_model(own: Rows):
    """A new scoped model must be put into ``fill``."""
    assert {type(row) for row in own.all} == set(scoped_models()) - set(APART)


def test_a_system_administrator_sees_both_counties(system_admin: User, own: Rows, others: Rows):
    """But for what a bureau uploaded, which names whom it likes, and what it tells its superior."""
    both = own.all | others.all
    uploaded = only(both, ImportBatch, FormTemplate, FormVersion, FormFilling)

    assert seen_by(system_admin) - {system_admin.posts.get()} == both - uploaded


def test_a_bureau_sees_the_whole_of_its_own_county(county: County, own: Rows, others: Rows):
    assert seen_by(county.bureau_user) == own.all


@pytest.mark.parametrize("desk", ["office_user", "township_user"])
def test_a_township_desk_sees_its_township(county: County, own: Rows, others: Rows, desk: str):
    """And that its bureau has closed; not the sibling's rows, nor verdicts on a whole person."""
    expected = own.township - advisor_verdicts(own.township) | only(own.bureau, MonthClose)

    assert seen_by(getattr(county, desk)) == expected


@pytest.mark.parametrize("desk", ["sibling_office_user", "sibling_township_user"])
def test_the_sibling_sees_its_own(county: County, own: Rows, others: Rows, desk: str):
    expected = own.sibling - advisor_verdicts(own.sibling) | only(own.bureau, MonthClose)

    assert seen_by(getattr(county, desk)) == expected


def test_an_advisor_sees_himself_and_what_he_did(county: County, own: Rows, others: Rows):
    mine = (Advisor, Appointment, Absence, ServiceLog, Matter, Attachment, Filing, Verdict, Liaison)
    mine += (*CALLS, Reopening, MonthlyBook, MonthlyCheck, SpotCheck)
    seen = only(own.township, *mine)
    of_the_township = {row for row in only(seen, Filing) if row.township_id}

    assert seen_by(county.advisor_user) == seen - of_the_township


def test_nobody_sees_nothing(own: Rows, others: Rows):
    assert seen_by(factories.make_user()) == frozenset()
    assert seen_by(AnonymousUser()) == frozenset()


#: What each further desk sees of its own bureau or prefecture; what it reaches is its scope's.
BOOKS = (
    Bureau,
    Township,
    Village,
    Organisation,
    Advisor,
    Appointment,
    ServiceTeam,
    Absence,
    Liaison,
)
FIGURES = (MonthClose, MonthDesk, Reopening, Verdict, GeneratedFile, DailyCheck, Waiver)
POLICY = (Policy, PolicyDraft, Rule, BureauLimit)
CALLS = (ServiceRequest, Incident, IncidentNotice, IncidentNote)
FOUND = (Filing, MonthlyBook, MonthlyCheck, SpotCheck)
RECORDS = (ServiceLog, Matter, Attachment, *FOUND, SpotDraw, LiaisonLink)
WIDE = {
    Role.FINANCE: (*BOOKS, *FIGURES, *POLICY),
    Role.MEDIATION: (*BOOKS, *FIGURES, *POLICY, *RECORDS),
    Role.AUDITOR: (*BOOKS, *FIGURES, *POLICY, *FOUND, AuditEntry, SignIn),
    Role.HIGHER_ORGAN: (*BOOKS, *FIGURES, *POLICY, *FOUND),
    Role.BAR_ASSOCIATION: BOOKS,
}


@pytest.mark.parametrize("role", WIDE)
def test_a_desk_over_a_whole_county_sees_what_its_role_sees(
    county: County, own: Rows, others: Rows, role: Role
):
    in_area = role in (Role.HIGHER_ORGAN, Role.BAR_ASSOCIATION)
    # six digits would be no area: the two counties must not begin alike
    Bureau.objects.filter(pk=county.bureau.pk).update(code="431199")
    place = {"area": "4311"} if in_area else {"bureau": county.bureau}
    post = factories.make_post(role=role, **place)

    assert seen_by(post.user) == only(own.all, *WIDE[role])


def test_an_area_is_every_bureau_whose_code_begins_alike(county: County, foreign: County):
    Bureau.objects.filter(pk=county.bureau.pk).update(code="431199")
    Bureau.objects.filter(pk=foreign.bureau.pk).update(code="431299")
    province, city = (factories.make_post(role=Role.HIGHER_ORGAN, area=a) for a in ("43", "4312"))

    both = frozenset({county.bureau.pk, foreign.bureau.pk})
    assert viewer_for(province.user, on=TODAY).bureaus == both
    assert viewer_for(city.user, on=TODAY).bureaus == {foreign.bureau.pk}


@pytest.mark.parametrize(
    ("role", "kinds"),
    [
        (
            Role.LIAISON,
            (Village, Appointment, Advisor, Liaison, ServiceLog, Matter, *CALLS),
        ),
        (Role.MEDIATOR, (Village, Appointment, Advisor, Liaison)),
    ],
)
def test_a_desk_of_a_village_sees_that_village(
    county: County, own: Rows, others: Rows, role: Role, kinds: tuple[type, ...]
):
    neighbour = factories.make_village(township=county.township)
    factories.make_log(appointment=factories.make_appointment(village=neighbour))
    post = factories.make_post(role=role, village=county.village)

    # all that the township has but for what stands in no village
    assert seen_by(post.user) == only(own.township, *kinds)


def test_an_organisation_sees_its_own_people_without_their_records(
    county: County, own: Rows, others: Rows
):
    factories.make_appointment(
        village=county.village, advisor=factories.make_advisor(organisation=None)
    )
    post = factories.make_post(role=Role.ORGANISATION, organisation=county.organisation)
    expected = only(own.all, Organisation, ServiceTeam, Advisor, Appointment, Absence)
    on_people = {v for v in only(own.all, Verdict) if v.subject_kind != SubjectKind.BUREAU}

    assert seen_by(post.user) == expected | on_people


def test_accounts_are_seen_where_their_posts_or_their_organisation_stand(
    county: County, foreign: County, system_admin: User
):
    liaison = factories.make_post(role=Role.LIAISON, village=county.village).user
    firm = factories.make_post(role=Role.ORGANISATION, organisation=county.organisation).user
    viewer = viewer_for(county.bureau_user, on=TODAY)

    assert set(User.objects.visible_to(viewer)) == {
        *(county.bureau_user, county.office_user, county.township_user),
        *(county.sibling_office_user, county.sibling_township_user),
        *(county.advisor_user, county.sibling_advisor_user, liaison, firm),
    }
    for user in (county.office_user, county.township_user, county.advisor_user, liaison, firm):
        assert not User.objects.visible_to(viewer_for(user, on=TODAY)).exists()
    assert User.objects.visible_to(viewer_for(system_admin, on=TODAY)).count() > 12


# ── several desks ───────────────────────────────────────────────────────────────────────────────


def test_one_sits_at_one_desk_at_a_time(county: County, own: Rows, others: Rows):
    """Rights do not add up: what one does as the one is not done as the other."""
    user = county.township_user
    first = user.posts.get()
    second = factories.make_post(
        user=user, role=Role.JUDICIAL_OFFICE, township=county.sibling_township
    )
    closes = only(own.bureau, MonthClose)

    at_first = seen_by(user, f"post-{first.pk}")
    at_second = seen_by(user, f"post-{second.pk}")
    assert at_first == own.township - advisor_verdicts(own.all) | closes
    assert at_second == own.sibling - advisor_verdicts(own.all) | closes


def test_the_desks_are_offered_in_the_order_of_the_table(county: County):
    user = county.advisor_user
    town = factories.make_post(user=user, role=Role.TOWNSHIP, township=county.township)
    bureau = factories.make_post(user=user, role=Role.BUREAU, bureau=county.bureau)
    factories.make_post(
        user=user, role=Role.FINANCE, bureau=county.bureau, term=factories.term(end=TODAY)
    )
    viewer = viewer_for(user, on=TODAY)

    assert viewer.desks == (
        Desk(f"post-{bureau.pk}", Role.BUREAU, county.bureau.name),
        Desk(f"post-{town.pk}", Role.TOWNSHIP, county.township.name),
        Desk("advisor", Role.ADVISOR, ""),
    )
    assert (viewer.desk, viewer.role) == (viewer.desks[0], Role.BUREAU)
    assert viewer_for(user, on=TODAY, desk="advisor").advisor == county.advisor.pk


@pytest.mark.parametrize("asked", ["post-0", "advisor", "", "post-", "rubbish"])
def test_a_desk_that_is_not_ones_own_is_not_sat_at(county: County, asked: str):
    assert viewer_for(county.bureau_user, on=TODAY, desk=asked).role == Role.BUREAU
    theirs = f"post-{county.bureau_user.posts.get().pk}"
    assert viewer_for(county.township_user, on=TODAY, desk=theirs).role == Role.TOWNSHIP


def test_an_advisor_from_elsewhere_is_seen_where_he_serves(county: County, foreign: County):
    visiting = factories.make_appointment(advisor=foreign.advisor, village=county.village)

    assert foreign.advisor in seen_by(county.bureau_user)
    assert foreign.advisor in seen_by(county.township_user)
    assert foreign.advisor not in seen_by(county.sibling_township_user)
    assert visiting not in seen_by(foreign.bureau_user)
    assert foreign.appointment not in seen_by(county.bureau_user)


# ── the viewer ──────────────────────────────────────────────────────────────────────────────────


def test_a_viewer_holds_what_the_post_gives(county: County):
    user = county.bureau_user
    desk = Desk(f"post-{user.posts.get().pk}", Role.BUREAU, county.bureau.name)

    assert viewer_for(user, on=TODAY) == Viewer(
        user_id=user.pk,
        name=user.name,
        role=Role.BUREAU,
        bureaus=frozenset({county.bureau.pk}),
        desk=desk,
        desks=(desk,),
    )


def test_an_advisor_needs_no_post(county: County):
    viewer = viewer_for(county.advisor_user, on=TODAY)

    assert (viewer.role, viewer.advisor) == (Role.ADVISOR, county.advisor.pk)


@pytest.mark.parametrize(
    ("day", "open_"),
    [
        (date(2026, 2, 28), False),
        (date(2026, 3, 1), True),
        (date(2026, 3, 31), True),
        (date(2026, 4, 1), False),
    ],
)
def test_a_post_opens_from_its_first_to_its_last_day(day: date, open_: bool):
    post = factories.make_post(
        role=Role.SYSTEM_ADMIN, term=factories.term(date(2026, 3, 1), date(2026, 4, 1))
    )

    assert viewer_for(post.user, on=day).sees_all == open_


def test_a_closed_account_is_nobody(county: County):
    user = county.bureau_user
    user.is_active = False

    assert viewer_for(user, on=TODAY) == NOBODY


def test_a_viewer_costs_two_queries(county: County, django_assert_num_queries):
    with django_assert_num_queries(2):
        viewer_for(county.bureau_user, on=TODAY)


def test_visible_to_can_be_narrowed_further(county: County, own: Rows):
    viewer = viewer_for(county.bureau_user, on=TODAY)

    assert list(Village.objects.visible_to(viewer).filter(township=county.township)) == [
        county.village
    ]
    assert list(Bureau.objects.filter(pk=county.bureau.pk).visible_to(viewer)) == [county.bureau]
    assert Organisation.objects.visible_to(viewer).get() == county.organisation
    assert Policy.objects.visible_to(viewer).count() == 1
    assert GeneratedFile.objects.visible_to(viewer).count() == 3
    assert DailyCheck.objects.visible_to(viewer).count() == 1


@pytest.mark.parametrize(
    ("role", "recipient"), [(Role.TOWNSHIP, "township"), (Role.LIAISON, "village")]
)
def test_a_grave_matter_is_for_whom_it_was_reported_to(county: County, role: Role, recipient: str):
    """Office and bureau answer for the place; the others see what is addressed to them."""
    kept = factories.make_incident(appointment=county.appointment)
    sent = factories.make_incident(appointment=county.appointment, recipients=(recipient,))
    factories.make_note(incident=kept)
    seen = seen_by(desk_of(county, role))

    assert only(seen, Incident, IncidentNote) == {sent}
    assert only(seen_by(county.office_user), Incident) == {kept, sent}
