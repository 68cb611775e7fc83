"""A row's own promises, asked before it is written: the refusal names the field."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from lawadvisor.foundation.errors import DomainError


def check_whole(row: models.Model) -> None:
    """Raises DomainError with the first sentence that stands against the row.

    Fields answer first, then the constraints; one that must be unique blames its last column.
    """
    try:
        row.clean_fields()
    except ValidationError as error:
        field, sentences = next(iter(error.message_dict.items()))
        raise DomainError(sentences[0], field=field) from error
    for constraint in row._meta.constraints:
        try:
            constraint.validate(type(row), row)
        except ValidationError as error:
            raise DomainError(error.messages[0], field=_blamed(constraint)) from error


def _blamed(constraint: models.BaseConstraint) -> str:
    fields = getattr(constraint, "fields", ())
    return str(fields[-1]) if fields else ""


def facts_of(row: models.Model, names: tuple[str, ...]) -> dict[str, Any]:
    """These columns as an audit row keeps them: plain values, other rows by their name."""
    return {name: _kept(getattr(row, name)) for name in names}


def _kept(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | str) else str(value)
