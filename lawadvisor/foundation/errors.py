"""What the product says no with."""

from __future__ import annotations

from collections.abc import Sequence


class DomainError(Exception):
    """A refusal that a person can act on.

    ``str(error)`` is the Chinese sentence the user reads; ``field`` names the
    form field it belongs to, "" when it concerns the whole entry. ``beside``
    are further fields that the same sentence is about.
    """

    def __init__(self, sentence: str, *, field: str = "", beside: Sequence[str] = ()) -> None:
        super().__init__(sentence)
        self.field = field
        self.beside = tuple(beside)


class Conflict(DomainError):
    """The world has moved on: the state no longer allows what was asked."""
