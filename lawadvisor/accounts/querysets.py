"""Accounts, as far as a viewer may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db.models import Q

from lawadvisor.foundation.roles import Thing
from lawadvisor.foundation.scoping import ScopedQuerySet
from lawadvisor.foundation.viewer import Viewer

if TYPE_CHECKING:
    from lawadvisor.accounts.models import SignIn, User  # noqa: F401  (generics)

#: From a post to the bureau whose desk it is, whichever column names the place.
POST_TO_BUREAU = ("bureau", "township__bureau", "village__township__bureau", "organisation__bureau")


def within(bureaus: frozenset[int], paths: tuple[str, ...], prefix: str = "") -> Q:
    """Any of the paths leads to one of the bureaus."""
    reach = Q()
    for path in paths:
        reach |= Q((f"{prefix}{path}__in", bureaus))
    return reach


class UserQuerySet(ScopedQuerySet["User"]):
    """A bureau sees who holds, or held, a post in it, and the advisors of its organisations."""

    holds = Thing.ACCOUNTS
    bureau_path = "posts"

    def visible_to(self, viewer: Viewer) -> Self:
        return super().visible_to(viewer).distinct()

    def _reach(self, viewer: Viewer) -> Q:
        return of_bureaus(viewer.bureaus)


def of_bureaus(bureaus: frozenset[int]) -> Q:
    """The users who belong to one of them; empty, which is no filter, without any."""
    if not bureaus:
        return Q()
    by_posts = within(bureaus, POST_TO_BUREAU, "posts__")
    return by_posts | Q(advisor__organisation__bureau__in=bureaus)


class SignInQuerySet(ScopedQuerySet["SignIn"]):
    """A bureau sees the tries at its own people's accounts, and none at a name of nobody."""

    holds = Thing.AUDIT
    bureau_path = "user_id"

    def _reach(self, viewer: Viewer) -> Q:
        from lawadvisor.accounts.models import User  # the querysets are imported by the models

        people = of_bureaus(viewer.bureaus)
        return Q(user_id__in=User.objects.filter(people).values("pk")) if people else Q()
