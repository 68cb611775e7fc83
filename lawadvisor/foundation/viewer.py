"""Who is looking: built once per request or task, asked by every queryset."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import models


class Role(models.TextChoices):
    """Who may act in the portal; a role without a scope opens nothing."""

    SYSTEM_ADMIN = "system_admin", "系统管理员"
    BUREAU = "bureau", "司法局工作人员"
    JUDICIAL_OFFICE = "judicial_office", "司法所"
    TOWNSHIP = "township", "镇街"
    ADVISOR = "advisor", "法律顾问"


@dataclass(frozen=True, slots=True)
class Viewer:
    """One person's rights, resolved.

    The id sets hold primary keys: ``bureaus`` that are seen whole and
    ``townships`` that are seen whole. ``advisor`` is the viewer's own Advisor
    id, None for everybody else. ``sees_all`` is the system administrator.
    """

    user_id: int | None
    name: str = ""
    roles: frozenset[Role] = frozenset()
    bureaus: frozenset[int] = frozenset()
    townships: frozenset[int] = frozenset()
    advisor: int | None = None

    @property
    def sees_all(self) -> bool:
        return Role.SYSTEM_ADMIN in self.roles

    def has(self, *roles: Role) -> bool:
        return not self.roles.isdisjoint(roles)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who writes: a person, or the system itself when ``user_id`` is None."""

    user_id: int | None
    name: str
    address: str = field(default="", compare=False)


#: Jobs act under this name; a person's name never stands for the machine.
SYSTEM = Actor(user_id=None, name="系统")
NOBODY = Viewer(user_id=None)
