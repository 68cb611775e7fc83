"""What the data map says of a table: its columns by grade, who sees it, what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from lawadvisor.foundation.roles import Thing


class Grade(Enum):
    """How much a column says of a person; the value is its name on the map."""

    PLAIN = "非个人信息"
    PERSONAL = "个人信息"
    ENCRYPTED = "个人信息，加密"
    SEALED = "敏感个人信息，加密并封存"
    CREDENTIAL = "凭证"


@dataclass(frozen=True, kw_only=True)
class Table:
    """Column names are separated by blanks. ``seen`` None: nobody, by no page.

    ``user`` and ``advisor`` are lookups from a row to the person whom it concerns, "" where it
    concerns none; ``own`` tables say of him what no mask need hide.
    """

    purpose: str
    seen: Thing | None
    kept: str
    deleted: str
    plain: str
    personal: str = ""
    encrypted: str = ""
    sealed: str = ""
    credential: str = ""
    user: str = ""
    advisor: str = ""
    own: bool = False

    def grades(self) -> dict[str, Grade]:
        """Of every column that is named."""
        return {
            name: grade
            for grade in Grade
            for name in str(getattr(self, grade.name.lower())).split()
        }
