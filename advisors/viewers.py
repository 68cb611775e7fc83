"""The one place where a Viewer is made: the lowest floor that knows posts and advisors."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from advisors.models import Advisor
from lawadvisor.accounts.models import Post, User
from lawadvisor.foundation.viewer import NOBODY, Role, Viewer


def viewer_for(user: User | AnonymousUser, *, on: date | None = None) -> Viewer:
    """What this user may see on a day (``on`` None: today), from his running posts."""
    if not isinstance(user, User) or not user.is_active:
        return NOBODY
    posts = Post.objects.filter(user=user, term__contains=on or timezone.localdate())
    held = list(posts.values_list("role", "bureau", "township"))
    advisor = Advisor.objects.filter(user=user).values_list("pk", flat=True).first()
    roles = {Role(role) for role, _, _ in held} | ({Role.ADVISOR} if advisor else set())
    return Viewer(
        user_id=user.pk,
        name=user.name,
        roles=frozenset(roles),
        bureaus=frozenset(bureau for _, bureau, _ in held if bureau),
        townships=frozenset(township for _, _, township in held if township),
        advisor=advisor,
    )
