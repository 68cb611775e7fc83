"""Posts: a place that fits the role, one desk once at a time, given and handed on by others."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction

from advisors.models import POST_ROLES, Post
from advisors.posting import end_post, hand_over, may_give, open_post
from advisors.viewers import viewer_for
from lawadvisor.foundation.errors import Conflict, DomainError
from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.roles import Role
from lawadvisor.foundation.viewer import Actor
from tests.conftest import County
from tests.factories import DAY, make_bureau, make_log, make_post, make_township, make_user, term

pytestmark = pytest.mark.django_db

WRONG_PLACE = (
    "岗位的单位应与角色相符：司法局的岗位选司法局，司法所和镇街的选镇街，村（社区）的选村（社区），"
    "机构的选机构，市级以上的填区划代码前几位。"
)
SAME_DESK = "该用户在此任期内已有同一岗位。"
CLERK = Actor(user_id=None, name="管理员")
START = date(2026, 11, 1)

#: Of each role by the column that says where.
FITTING = {
    Role.SYSTEM_ADMIN: "",
    **dict.fromkeys((Role.BAR_ASSOCIATION, Role.HIGHER_ORGAN), "area"),
    **dict.fromkeys((Role.BUREAU, Role.FINANCE, Role.MEDIATION, Role.AUDITOR), "bureau"),
    **dict.fromkeys((Role.JUDICIAL_OFFICE, Role.TOWNSHIP), "township"),
    **dict.fromkeys((Role.LIAISON, Role.MEDIATOR), "village"),
    Role.ORGANISATION: "organisation",
}
PLACES = ["", "area", "bureau", "township", "village", "organisation", "bureau+township"]


def place_of(county: County, kinds: str) -> dict[str, object]:
    return {kind: getattr(county, kind, "4304") for kind in kinds.split("+") if kind}


def test_every_post_role_has_a_place():
    assert set(FITTING) == set(POST_ROLES) == set(Role) - {Role.ADVISOR}


@pytest.mark.parametrize("role", POST_ROLES)
@pytest.mark.parametrize("kinds", PLACES)
def test_place_must_fit_the_role(county: County, role: Role, kinds: str):
    post = Post(user=make_user(), role=role, term=term(), **place_of(county, kinds))
    if FITTING[role] == kinds:
        post.full_clean()
        post.save()
        return

    with pytest.raises(ValidationError) as refused:
        post.validate_constraints()
    assert refused.value.messages == [WRONG_PLACE]
    with pytest.raises(IntegrityError, match="post_place_fits_role"):
        post.save()


@pytest.mark.parametrize("role", [Role.ADVISOR, "mayor", ""])
@pytest.mark.parametrize("kinds", PLACES)
def test_no_post_gives_another_role(county: County, role: str, kinds: str):
    with pytest.raises(IntegrityError, match="post_place_fits_role"):
        make_post(role=role, **place_of(county, kinds))


@pytest.mark.parametrize("area", ["4", "430", "43040", "四三", "43 "])
def test_an_area_is_the_beginning_of_a_code(db: None, area: str):
    with pytest.raises((IntegrityError, DataError)):
        make_post(role=Role.HIGHER_ORGAN, area=area)


def test_a_desk_is_held_once_at_a_time():
    held = make_post(role=Role.BUREAU, bureau=make_bureau(), term=term(date(2026, 1, 1)))
    again = Post(user=held.user, role=held.role, bureau=held.bureau, term=term(date(2026, 6, 1)))

    with pytest.raises(ValidationError) as refused:
        again.validate_constraints()
    assert refused.value.messages == [SAME_DESK]
    with pytest.raises(IntegrityError, match="post_same_desk_once"):
        again.save()


def test_two_system_administrator_posts_of_one_person_are_the_same_desk():
    """The places are null, which would be unequal without the constraint's Coalesce."""
    held = make_post(role=Role.SYSTEM_ADMIN)

    with pytest.raises(IntegrityError, match="post_same_desk_once"):
        make_post(user=held.user, role=Role.SYSTEM_ADMIN)


def test_touching_terms_of_one_desk_are_two_posts():
    day = date(2026, 7, 1)
    held = make_post(role=Role.TOWNSHIP, township=make_township(), term=term(end=day))
    after = make_post(
        user=held.user, role=Role.TOWNSHIP, township=held.township, term=term(start=day)
    )

    after.full_clean()
    assert held.user.posts.count() == 2


def test_one_person_may_hold_several_desks(county: County):
    user = make_user()
    for role in (Role.JUDICIAL_OFFICE, Role.TOWNSHIP):
        make_post(user=user, role=role, township=county.township)
        make_post(user=user, role=role, township=county.sibling_township)
    make_post(user=user, role=Role.BUREAU, bureau=county.bureau)

    assert user.posts.count() == 5


def test_several_persons_may_hold_one_desk(county: County):
    with transaction.atomic():
        for _ in range(2):
            make_post(role=Role.BUREAU, bureau=county.bureau)

    assert Post.objects.filter(bureau=county.bureau).count() == 3  # and the county's own


@pytest.mark.parametrize("bad", [term(date(2026, 1, 1), date(2026, 1, 1)), term(None)])
def test_a_term_has_a_first_day(bad: object):
    with pytest.raises(IntegrityError):
        make_post(role=Role.SYSTEM_ADMIN, term=bad)


# ── given, ended, handed on ─────────────────────────────────────────────────────────────────────


def test_a_post_is_opened_with_its_audit_row(county: County):
    user = make_user()

    post = open_post(by=CLERK, user=user, role=Role.TOWNSHIP, place=county.township, start=START)

    assert viewer_for(user, on=START).townships == {county.township.pk}
    entry = AuditEntry.objects.get(verb="post.open")
    assert (entry.subject_id, entry.bureau_id) == (post.pk, county.bureau.pk)
    assert entry.after == {
        "role": "township",
        "place": county.township.name,
        "start": "2026-11-01",
        "end": None,
    }


@pytest.mark.parametrize(
    ("role", "place", "sentence"),
    [
        (Role.BUREAU, "township", "请选择与角色相符的单位。"),
        (Role.BUREAU, "none", WRONG_PLACE),
        (Role.HIGHER_ORGAN, "area", "区划代码前几位应为2位（省）或4位（市）数字。"),
    ],
)
def test_a_place_that_does_not_fit_is_refused_in_words(
    county: County, role: Role, place: str, sentence: str
):
    given = {"township": county.township, "none": None, "area": "430"}[place]
    with pytest.raises(DomainError) as refused:
        open_post(by=CLERK, user=make_user(), role=role, place=given, start=START)
    assert str(refused.value) == sentence
    assert not AuditEntry.objects.exists()


def test_a_desk_twice_is_refused_in_words(county: County):
    with pytest.raises(DomainError, match=SAME_DESK):
        open_post(
            by=CLERK,
            user=county.bureau_user,
            role=Role.BUREAU,
            place=county.bureau,
            start=START,
        )


def test_nobody_gives_himself_a_desk_or_ends_his_own(county: County):
    user = county.bureau_user
    own = Actor(user_id=user.pk, name=user.name)
    with pytest.raises(DomainError, match="另一位"):
        open_post(by=own, user=user, role=Role.MEDIATION, place=county.bureau, start=START)
    with pytest.raises(DomainError, match="另一位"):
        end_post(by=own, post=user.posts.get(), on=START, reason="调离")
    assert user.posts.count() == 1


def test_a_post_that_ended_opens_nothing_from_that_day(county: County):
    user = county.office_user

    end_post(by=CLERK, post=user.posts.get(), on=START, reason="调离")

    assert viewer_for(user, on=date(2026, 10, 31)).role == Role.JUDICIAL_OFFICE
    assert viewer_for(user, on=START).role is None
    entry = AuditEntry.objects.get(verb="post.end")
    assert (entry.reason, entry.before["end"], entry.after["end"]) == ("调离", None, "2026-11-01")


@pytest.mark.parametrize(
    ("on", "reason", "sentence"),
    [
        (date(2026, 1, 1), "调离", "结束日期应在任期之内。"),
        (START, " ", "请填写结束事由。"),
        (date(1999, 1, 1), "调离", "日期1999-01-01有误"),
    ],
)
def test_an_end_that_cannot_be_is_refused(county: County, on: date, reason: str, sentence: str):
    with pytest.raises(DomainError, match=sentence):
        end_post(by=CLERK, post=county.office_user.posts.get(), on=on, reason=reason)


def test_somebody_always_administers_the_system(system_admin):
    with pytest.raises(Conflict, match="将没有系统管理员"):
        end_post(by=CLERK, post=system_admin.posts.get(), on=START, reason="调离")

    make_post(role=Role.SYSTEM_ADMIN, term=term(START))
    end_post(by=CLERK, post=system_admin.posts.get(), on=START, reason="调离")
    assert viewer_for(system_admin, on=START).role is None


def test_a_desk_is_handed_over_and_the_work_stays(county: County):
    post, successor = county.office_user.posts.get(), make_user()
    log = make_log(appointment=county.appointment, entered_by=county.office_user)

    new = hand_over(by=CLERK, post=post, to=successor, on=START, reason="轮岗")

    assert viewer_for(successor, on=START).townships == {county.township.pk}
    assert viewer_for(successor, on=DAY).role is None
    assert viewer_for(county.office_user, on=START).role is None
    assert (new.starts_on, new.ends_before) == (START, None)
    log.refresh_from_db()
    assert log.entered_by == county.office_user
    assert [*AuditEntry.objects.order_by("id").values_list("verb", flat=True)] == [
        "post.end",
        "post.open",
    ]


def test_a_refused_handover_ends_nothing(county: County):
    post = county.office_user.posts.get()
    make_post(user=(taken := make_user()), role=post.role, township=post.township)

    with pytest.raises(DomainError, match=SAME_DESK):
        hand_over(by=CLERK, post=post, to=taken, on=START, reason="轮岗")
    with pytest.raises(DomainError, match="现任本人"):
        hand_over(by=CLERK, post=post, to=county.office_user, on=START, reason="轮岗")
    post.refresh_from_db()
    assert post.ends_before is None


def test_who_may_give_which_desk(county: County, foreign: County, system_admin):
    clerk, admin = viewer_for(county.bureau_user, on=DAY), viewer_for(system_admin, on=DAY)
    office = viewer_for(county.office_user, on=DAY)

    within = [
        (Role.BUREAU, county.bureau),
        (Role.TOWNSHIP, county.township),
        (Role.LIAISON, county.village),
        (Role.ORGANISATION, county.organisation),
    ]
    beyond = [
        (Role.BUREAU, foreign.bureau),
        (Role.TOWNSHIP, foreign.township),
        (Role.LIAISON, foreign.village),
        (Role.ORGANISATION, foreign.organisation),
        (Role.SYSTEM_ADMIN, None),
        (Role.HIGHER_ORGAN, county.bureau.code[:4]),
    ]
    assert [may_give(clerk, *desk) for desk in within] == [True] * 4
    assert [may_give(clerk, *desk) for desk in beyond] == [False] * 6
    assert all(may_give(admin, *desk) for desk in within + beyond)
    assert not any(may_give(office, *desk) for desk in within + beyond)
