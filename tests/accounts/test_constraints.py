"""Posts: a place that fits the role, and one desk once at a time."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from lawadvisor.accounts.models import POST_ROLES, TOWNSHIP_ROLES, Post
from lawadvisor.foundation.viewer import Role
from tests.conftest import County
from tests.factories import make_bureau, make_post, make_township, make_user, term

pytestmark = pytest.mark.django_db

WRONG_PLACE = "司法局岗位须选司法局，司法所和镇街岗位须选镇街。"
SAME_DESK = "该用户在此任期内已有同一岗位。"


def place_of(county: County, *kinds: str) -> dict[str, object]:
    return {kind: getattr(county, kind) for kind in kinds}


FITTING = {
    Role.SYSTEM_ADMIN: (),
    Role.BUREAU: ("bureau",),
    Role.JUDICIAL_OFFICE: ("township",),
    Role.TOWNSHIP: ("township",),
}
PLACES = [(), ("bureau",), ("township",), ("bureau", "township")]


@pytest.mark.parametrize("role", POST_ROLES)
@pytest.mark.parametrize("kinds", PLACES, ids="+".join)
def test_place_must_fit_the_role(county: County, role: Role, kinds: tuple[str, ...]):
    post = Post(user=make_user(), role=role, term=term(), **place_of(county, *kinds))
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
@pytest.mark.parametrize("kinds", PLACES, ids="+".join)
def test_no_post_gives_another_role(county: County, role: str, kinds: tuple[str, ...]):
    with pytest.raises(IntegrityError, match="post_place_fits_role"):
        make_post(role=role, **place_of(county, *kinds))


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
    for role in TOWNSHIP_ROLES:
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
