"""What the product says no with."""

from __future__ import annotations


class DomainError(Exception):
    """A refusal that a person can act on.

    ``str(error)`` is the Chinese sentence the user reads; ``field`` names the
    form field it belongs to, "" when it concerns the whole entry.
    """

    def __init__(self, sentence: str, *, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


class Conflict(DomainError):
    """The world has moved on: the state no longer allows what was asked."""
