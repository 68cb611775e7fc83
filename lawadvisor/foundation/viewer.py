"""Who is looking: built once per request or task, asked by every queryset."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from lawadvisor.foundation.roles import ROLES, Role, Scope, Thing, Verb


class Desk(NamedTuple):
    """One of the desks that a person may sit at; ``key`` is how the session remembers it."""

    key: str
    role: Role
    place: str

    @property
    def label(self) -> str:
        return f"{self.place} {self.role.label}".strip()


@dataclass(frozen=True, slots=True)
class Viewer:
    """One person at one desk, resolved. ``role`` None sits at no desk and sees nothing.

    The id sets hold primary keys of what is seen whole: ``bureaus``, ``townships`` or
    ``villages``, whichever the role reaches. ``organisation`` and ``advisor`` are the desk's
    own, None at other desks. ``desks`` are all that the person may choose from.
    """

    user_id: int | None
    name: str = ""
    role: Role | None = None
    bureaus: frozenset[int] = frozenset()
    townships: frozenset[int] = frozenset()
    villages: frozenset[int] = frozenset()
    organisation: int | None = None
    advisor: int | None = None
    desk: Desk | None = None
    desks: tuple[Desk, ...] = ()

    @property
    def scope(self) -> Scope | None:
        return ROLES[self.role].scope if self.role else None

    @property
    def sees_all(self) -> bool:
        """The system administrator: every place, of the things that his role sees."""
        return self.scope is Scope.ALL

    @property
    def enters_back_office(self) -> bool:
        return self.may(Verb.ENTER_BACK_OFFICE)

    def sees(self, thing: Thing) -> bool:
        return self.role is not None and thing in ROLES[self.role].sees

    def may(self, verb: Verb, *, bureau: int | None = None) -> bool:
        """Does the role do this, and, where ``bureau`` is named, in that bureau?"""
        does = self.role is not None and verb in ROLES[self.role].does
        return does and (bureau is None or self.sees_all or bureau in self.bureaus)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who writes: a person, or the system itself when ``user_id`` is None."""

    user_id: int | None
    name: str
    address: str = field(default="", compare=False)


#: Jobs act under this name; a person's name never stands for the machine.
SYSTEM = Actor(user_id=None, name="系统")
NOBODY = Viewer(user_id=None)
