"""What stands in a cell, alike on a list, on an object's page and in a workbook."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.utils import label_for_field
from django.core.exceptions import FieldDoesNotExist
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Model
from django.utils import timezone

if TYPE_CHECKING:
    Office = admin.ModelAdmin[Any]
else:
    Office = admin.ModelAdmin  # takes no parameter at run time

Plain = str | int | float | date | datetime | None


def title(office: Office, name: Any) -> str:
    """A column's heading."""
    return str(label_for_field(name, office.model, office))


def reader(office: Office, name: Any) -> Callable[[Model], Plain]:
    """What reads a column from a row: a text, a number, a local date or time; None is empty.

    A list looks a column up once and not for each of its cells.
    """
    if callable(name):
        return lambda row: as_plain(name(row))
    try:
        field = office.opts.get_field(name)
    except FieldDoesNotExist:
        own = getattr(office, name, None)
        return lambda row: as_plain(own(row) if own else getattr(row, name))
    choices = dict(getattr(field, "flatchoices", None) or ())
    if not choices:
        return lambda row: as_plain(getattr(row, name))
    return lambda row: as_plain(choices.get(value := getattr(row, name), value))


def plain(office: Office, name: Any, row: Model) -> Plain:
    """One column of one row."""
    return reader(office, name)(row)


def as_plain(value: Any) -> Plain:
    match value:
        case None | "":
            return None
        case bool():
            return "是" if value else "否"
        case datetime():
            return timezone.localtime(value).replace(tzinfo=None, microsecond=0)
        case int() | date():
            return value
        case Decimal():
            return int(value) if value == int(value) else float(value)
        case DateRange():
            return span(value)
        case _:
            return str(value)


def text(value: Plain) -> str:
    """As people read it on a page."""
    match value:
        case None:
            return "—"
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}"
        case date():
            return value.isoformat()
        case _:
            return str(value)


def span(days: DateRange) -> str:
    """Days by their first and last one; an open end has no last."""
    if days.upper is None:
        return f"{days.lower:%Y-%m-%d}起"
    return f"{days.lower:%Y-%m-%d}至{days.upper - timedelta(days=1):%Y-%m-%d}"


#: Up to so many Chinese characters a cell stays on one line.
_ONE_LINE = 10


def is_short(words: str) -> bool:
    return len(words) + sum(character > "\u2e7f" for character in words) <= 2 * _ONE_LINE
