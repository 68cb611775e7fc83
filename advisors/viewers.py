"""The one place where a Viewer is made: the lowest floor that knows posts and advisors."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from advisors.models import Advisor, Post
from lawadvisor.accounts.models import User
from lawadvisor.foundation.roles import ROLES, Role, Scope
from lawadvisor.foundation.viewer import NOBODY, Desk, Viewer
from villages.models import Bureau

#: Where the session remembers the chosen desk.
DESK_KEY = "desk"
_OWN_DESK = Desk("advisor", Role.ADVISOR, "")


def viewer_for(user: User | AnonymousUser, *, on: date | None = None, desk: str = "") -> Viewer:
    """What this user may see on a day (``on`` None: today) at one of his desks.

    ``desk`` is the key of the desk he chose. It is asked for, not trusted: once that post has
    ended, or was never his, he sits at his first desk, in the order of the roles' table.
    """
    if not isinstance(user, User) or not user.is_active:
        return NOBODY
    posts = {f"post-{post.pk}": post for post in _posts_of(user, on or timezone.localdate())}
    advisor = Advisor.objects.filter(user=user).values_list("pk", flat=True).first()
    desks = [Desk(key, Role(post.role), post.place_name) for key, post in posts.items()]
    desks += [_OWN_DESK] if advisor else []
    desks.sort(key=lambda one: (list(ROLES).index(one.role), one.place, one.key))
    chosen = next((one for one in desks if one.key == desk), desks[0] if desks else None)
    reach: dict[str, Any] = {}
    if chosen is not None:
        reach = _reach_of(posts[chosen.key]) if chosen.key in posts else {"advisor": advisor}
    return Viewer(
        user_id=user.pk,
        name=user.name,
        role=chosen.role if chosen else None,
        desk=chosen,
        desks=tuple(desks),
        **reach,
    )


def _posts_of(user: User, day: date) -> Sequence[Post]:
    return list(
        Post.objects.filter(user=user, term__contains=day).select_related(
            "bureau", "township", "village", "organisation"
        )
    )


def _reach_of(post: Post) -> dict[str, Any]:
    """What the post reaches, as the Viewer keeps it."""
    if post.scope is Scope.AREA:
        within = Bureau.objects.filter(code__startswith=post.area)
        return {"bureaus": frozenset(within.values_list("pk", flat=True))}
    if post.scope is Scope.BUREAU:
        return {"bureaus": frozenset({post.bureau_id})}
    if post.scope is Scope.TOWNSHIP:
        return {"townships": frozenset({post.township_id})}
    if post.scope is Scope.VILLAGE:
        return {"villages": frozenset({post.village_id})}
    return {"organisation": post.organisation_id} if post.scope is Scope.ORGANISATION else {}
