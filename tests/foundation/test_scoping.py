"""Who sees which rows: the whole matrix of desks and tables, in two counties."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser

from advisors.models import Absence, Advisor, Appointment, Organisation
from advisors.viewers import viewer_for
from assessments.enums import SubjectKind
from assessments.models import DailyCheck, GeneratedFile, MonthClose, Policy, Verdict
from lawadvisor.accounts.models import User
from lawadvisor.foundation.viewer import NOBODY, Role, Viewer
from tests import factories
from tests.conftest import County
from tests.test_house import scoped_models
from villages.models import Bureau, Township, Village
from worklogs.enums import FilingKind
from worklogs.models import Attachment, Filing, Matter, ServiceLog

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
    of_bureau = [
        *(county.bureau, county.organisation, policy, close),
        factories.make_team(organisation=county.organisation),
        factories.make_draft(bureau=county.bureau),
        factories.make_waiver(bureau=county.bureau),
        factories.make_filing(kind=FilingKind.JOINT_MEETING, bureau=county.bureau),
        factories.make_verdict(close=close),
        factories.make_file(close=close),
        factories.make_daily_check(policy=policy),
    ]
    return Rows(
        bureau=frozenset(of_bureau),
        township=frozenset(desk_rows(county.township, county.appointment, close)),
        sibling=frozenset(desk_rows(county.sibling_township, county.sibling_appointment, close)),
    )


def desk_rows(township: Township, appointment: Appointment, close: MonthClose) -> list[object]:
    log = factories.make_log(appointment=appointment)
    advisor, village = appointment.advisor, appointment.village
    matter = factories.make_matter(log=log)
    return [
        *(township, village, advisor, appointment, log, matter),
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
    ]


@pytest.fixture
def own(county: County) -> Rows:
    return fill(county)


@pytest.fixture
def others(foreign: County) -> Rows:
    return fill(foreign)


def seen_by(user: User) -> frozenset[object]:
    viewer = viewer_for(user, on=TODAY)
    return frozenset(
        row for model in scoped_models() for row in model._default_manager.visible_to(viewer)
    )


def only(rows: frozenset[object], *kinds: type) -> frozenset[object]:
    return frozenset(row for row in rows if isinstance(row, kinds))


def advisor_verdicts(rows: frozenset[object]) -> frozenset[object]:
    return frozenset(v for v in only(rows, Verdict) if v.subject_kind == SubjectKind.ADVISOR)


def test_the_matrix_knows_every_scoped_model(own: Rows):
    """A new scoped model must be put into ``fill``."""
    assert {type(row) for row in own.all} == set(scoped_models())


def test_a_system_administrator_sees_both_counties(system_admin: User, own: Rows, others: Rows):
    assert seen_by(system_admin) == own.all | others.all


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
    mine = (Advisor, Appointment, Absence, ServiceLog, Matter, Attachment, Filing, Verdict)
    seen = only(own.township, *mine)
    of_the_township = {row for row in only(seen, Filing) if row.township_id}

    assert seen_by(county.advisor_user) == seen - of_the_township


def test_nobody_sees_nothing(own: Rows, others: Rows):
    assert seen_by(factories.make_user()) == frozenset()
    assert seen_by(AnonymousUser()) == frozenset()


def test_a_row_is_seen_once_by_a_desk_of_two_townships(county: County, own: Rows):
    """Paths over many rows (a bureau's townships) must not double what they reach."""
    factories.make_post(
        user=county.township_user, role=Role.TOWNSHIP, township=county.sibling_township
    )
    viewer = viewer_for(county.township_user, on=TODAY)

    for model in scoped_models():
        seen = list(model._default_manager.visible_to(viewer))
        assert len(seen) == len(set(seen)), model
    assert MonthClose.objects.visible_to(viewer).count() == 1


def test_two_posts_add_up(county: County, own: Rows, others: Rows):
    factories.make_post(
        user=county.township_user, role=Role.JUDICIAL_OFFICE, township=county.sibling_township
    )
    expected = (own.township | own.sibling) - advisor_verdicts(own.all)

    assert seen_by(county.township_user) == expected | only(own.bureau, MonthClose)


def test_an_advisor_from_elsewhere_is_seen_where_he_serves(county: County, foreign: County):
    visiting = factories.make_appointment(advisor=foreign.advisor, village=county.village)

    assert foreign.advisor in seen_by(county.bureau_user)
    assert foreign.advisor in seen_by(county.township_user)
    assert foreign.advisor not in seen_by(county.sibling_township_user)
    assert visiting not in seen_by(foreign.bureau_user)
    assert foreign.appointment not in seen_by(county.bureau_user)


# ── the viewer ──────────────────────────────────────────────────────────────────────────────────


def test_a_viewer_holds_what_the_posts_give(county: County):
    user = county.bureau_user
    factories.make_post(user=user, role=Role.TOWNSHIP, township=county.township)

    assert viewer_for(user, on=TODAY) == Viewer(
        user_id=user.pk,
        name=user.name,
        roles=frozenset({Role.BUREAU, Role.TOWNSHIP}),
        bureaus=frozenset({county.bureau.pk}),
        townships=frozenset({county.township.pk}),
    )


def test_an_advisor_needs_no_post(county: County):
    viewer = viewer_for(county.advisor_user, on=TODAY)

    assert (viewer.roles, viewer.advisor) == (frozenset({Role.ADVISOR}), county.advisor.pk)
    assert viewer.has(Role.ADVISOR)
    assert not viewer.has(Role.BUREAU, Role.TOWNSHIP)


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


def test_a_superuser_without_post_sees_nothing(own: Rows):
    """The flag opens Django's admin; what stands in it is a matter of posts."""
    user = factories.make_user(is_superuser=True, is_staff=True)

    assert seen_by(user) == frozenset()


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
