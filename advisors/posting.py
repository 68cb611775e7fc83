"""Writes of posts: opened, ended, handed over. What their holders did stays where it is."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from advisors.models import PLACE_OF, Organisation, Post
from advisors.rules import Term, check_day, check_term, clean_reason
from lawadvisor.accounts.models import User
from lawadvisor.foundation import audit
from lawadvisor.foundation.errors import Conflict, DomainError
from lawadvisor.foundation.locks import hold
from lawadvisor.foundation.roles import GIVEN_BY_A_BUREAU, ROLES, Role, Verb
from lawadvisor.foundation.viewer import Actor, Viewer
from villages.models import Bureau, Township, Village

#: Where a desk stands: the first digits of a division code for an area, None for everywhere.
Place = Bureau | Township | Village | Organisation | str | None


def may_give(viewer: Viewer, role: Role, place: Place) -> bool:
    """A bureau fills the desks within its own bounds, the system administrator all."""
    if viewer.sees_all:
        return viewer.may(Verb.KEEP_ACCOUNTS)
    bureau = bureau_of(place)
    return (
        role in GIVEN_BY_A_BUREAU
        and bureau is not None
        and viewer.may(Verb.KEEP_ACCOUNTS, bureau=bureau)
    )


def may_keep(viewer: Viewer, user: User) -> bool:
    """May the viewer touch this account: reset its password, close it, end its sessions?

    A bureau only where all that the account opens lies within its bounds: else a clerk who
    resets a password would walk into his neighbour's house.
    """
    if viewer.sees_all:
        return viewer.may(Verb.KEEP_ACCOUNTS)
    bureaus = bureaus_of(user)
    posts = _unended(user)
    return (
        viewer.may(Verb.KEEP_ACCOUNTS)
        and bool(bureaus)
        and bureaus <= viewer.bureaus
        and all(may_give(viewer, Role(post.role), place_of(post)) for post in posts)
    )


def bureaus_of(user: User) -> set[int]:
    """The bureaus that the account reaches now or later, as a post or as an advisor."""
    found = {bureau_of(place_of(post)) for post in _unended(user)} - {None}
    own = Organisation.objects.filter(advisors__user=user).values_list("bureau_id", flat=True)
    return {*own, *(bureau for bureau in found if bureau is not None)}


def _unended(user: User) -> list[Post]:
    posts = Post.objects.filter(user=user, term__overlap=DateRange(timezone.localdate(), None))
    return list(posts.select_related("bureau", "township", "village__township", "organisation"))


def bureau_of(place: Place) -> int | None:
    """The bureau within whose bounds the place lies; None for what reaches beyond one."""
    if isinstance(place, Bureau):
        return place.pk
    if isinstance(place, Village):
        return place.township.bureau_id
    return place.bureau_id if isinstance(place, Township | Organisation) else None


def place_of(post: Post) -> Place:
    name = PLACE_OF[post.scope]
    return getattr(post, name) if name else None


@transaction.atomic
def open_post(
    *, by: Actor, user: User, role: Role, place: Place, start: date, end: date | None = None
) -> Post:
    """Give the user a desk for ``[start, end)``; ``end`` None is open-ended.

    Raises DomainError for a place that does not fit the role, an empty term, or a desk that he
    holds already, and when somebody would give a desk to himself.
    """
    _check_not_oneself(by, user)
    check_term(Term(start, end))
    name = PLACE_OF[ROLES[role].scope]
    post = Post(user=user, role=role, term=DateRange(start, end))
    if name:
        try:
            setattr(post, name, place)
        except ValueError as error:
            raise DomainError("请选择与角色相符的单位。", field="place") from error
    hold(_lock_of(user))
    _check_fits(post)
    post.save()
    _record(by, "post.open", post, after=_facts(post))
    return post


@transaction.atomic
def end_post(*, by: Actor, post: Post, on: date, reason: str) -> Post:
    """End the post: ``on`` is the first day no longer held.

    Raises DomainError without a reason, for a day outside the term, for one's own post, and
    where no system administrator would be left.
    """
    fresh = _locked(post)
    _check_not_oneself(by, fresh.user)
    reason = clean_reason(reason, field="reason")
    if not reason:
        raise DomainError("请填写结束事由。", field="reason")
    check_day(on, field="on")
    if on <= fresh.starts_on or (fresh.ends_before is not None and on > fresh.ends_before):
        raise DomainError("结束日期应在任期之内。", field="on")
    if fresh.role == Role.SYSTEM_ADMIN:
        _check_somebody_stays(fresh, on)
    before = _facts(fresh)
    fresh.term = DateRange(fresh.starts_on, on)
    fresh.save(update_fields=("term",))
    _record(by, "post.end", fresh, before=before, after=_facts(fresh), reason=reason)
    return fresh


@transaction.atomic
def hand_over(*, by: Actor, post: Post, to: User, on: date, reason: str) -> Post:
    """End the post and open the same desk for ``to`` from that day on; the work stays.

    Raises DomainError as ``end_post`` and ``open_post`` do, and for a successor who is the
    present holder. Returns the successor's post.
    """
    if to.pk == post.user_id:
        raise DomainError("接任人不能是现任本人。", field="to")
    end = post.ends_before
    ended = end_post(by=by, post=post, on=on, reason=reason)
    return open_post(
        by=by,
        user=to,
        role=Role(ended.role),
        place=place_of(ended),
        start=on,
        end=end if end is not None and end > on else None,
    )


def _lock_of(user: User) -> str:
    return f"user:{user.pk}"


def _locked(post: Post) -> Post:
    # every administrator's post by one lock, so that two cannot end each other's at one moment
    hold(_lock_of(post.user), *(["administrators"] if post.role == Role.SYSTEM_ADMIN else []))
    return Post.objects.select_related(
        "user", "bureau", "township", "village__township", "organisation"
    ).get(pk=post.pk)


def _check_not_oneself(by: Actor, user: User) -> None:
    if by.user_id == user.pk:
        raise DomainError("自己的岗位须由另一位有权限的人员变更。")


def _check_somebody_stays(post: Post, on: date) -> None:
    others = Post.objects.filter(role=Role.SYSTEM_ADMIN, user__is_active=True)
    if not others.exclude(user=post.user_id).running_on(on).exists():
        raise Conflict(f"{on:%Y-%m-%d}起将没有系统管理员，请先为接任人设置岗位。")


def _check_fits(post: Post) -> None:
    try:
        post.full_clean()
    except ValidationError as error:
        raise DomainError(error.messages[0]) from error


def _facts(post: Post) -> dict[str, Any]:
    return {
        "role": post.role,
        "place": post.place_name,
        "start": post.starts_on.isoformat(),
        "end": post.ends_before.isoformat() if post.ends_before else None,
    }


def _record(by: Actor, verb: str, post: Post, **change: Any) -> None:
    bureau_id = bureau_of(place_of(post))
    audit.record(by=by, verb=verb, subject=post, bureau_id=bureau_id, **change)
