"""Filters of lists that offer the viewer's own rows and no others.

Django's filters over a related model would list every bureau's. The parameter names hold a
dash, so that none is ever taken for a lookup on a column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import DateField, DateTimeField, Model, Q, QuerySet
from django.db.models.fields.related import RelatedField
from django.http import HttpRequest
from django.utils import timezone

from lawadvisor.foundation.office.cells import Office
from lawadvisor.foundation.periods import Period, PeriodKind, local_instant
from lawadvisor.foundation.requests import viewer_of
from lawadvisor.foundation.viewer import Viewer

#: How many months are offered; any other may be asked in the address.
MONTHS_OFFERED = 18

Offers = Callable[[Viewer], Iterable[tuple[str, str]]]


class OwnFilter(SimpleListFilter):
    """One of the values that this viewer is offered; any other is refused."""

    condition: Callable[[str], Q]
    offers: Offers

    def lookups(self, request: HttpRequest, model_admin: Office) -> list[tuple[str, str]]:  # noqa: ARG002
        return list(type(self).offers(viewer_of(request)))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        value = self.value()
        if value is None:
            return queryset
        if value not in dict(self.lookup_choices):
            raise IncorrectLookupParameters
        # by key: a row with several matches is one row
        found = queryset.model.objects.filter(type(self).condition(value))
        return queryset.filter(pk__in=found.order_by().values("pk"))


def own_filter(
    name: str, parameter: str, *, offers: Offers, condition: Callable[[str], Q]
) -> type[SimpleListFilter]:
    """A filter called ``name`` on the list; ``condition`` says what a value asks of a row."""
    attributes = {
        "title": name,
        "parameter_name": parameter,
        "offers": staticmethod(offers),
        "condition": staticmethod(condition),
    }
    return type("OneOfOurs", (OwnFilter,), attributes)


class MonthFilter(SimpleListFilter):
    """Rows of one month by a column of days, instants or stretches of days."""

    parameter_name = "in-month"
    column: str

    def lookups(self, request: HttpRequest, model_admin: Office) -> list[tuple[str, str]]:  # noqa: ARG002
        month = Period.containing(PeriodKind.MONTH, timezone.localdate())
        offered = []
        for _ in range(MONTHS_OFFERED):
            offered.append((month.code, month.label))
            month = month.previous()
        asked = _month(self.value()) if self.value() else None
        if asked and asked.code not in dict(offered):
            offered.append((asked.code, asked.label))
        return offered

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        value = self.value()
        if value is None:
            return queryset
        month = _month(value)
        if month is None:
            raise IncorrectLookupParameters
        return queryset.filter(_within(queryset.model, self.column, month))


def by_month(column: str, name: str = "月份") -> type[SimpleListFilter]:
    return type("OneMonth", (MonthFilter,), {"title": name, "column": column})


def _month(code: str | None) -> Period | None:
    try:
        month = Period.parse(code or "")
    except ValueError:
        return None
    return month if month.kind is PeriodKind.MONTH else None


def _within(model: type[Model], path: str, month: Period) -> Q:
    field: Any = model
    for part in path.split("__"):
        field = (field.related_model if isinstance(field, RelatedField) else field)._meta.get_field(
            part
        )
    if isinstance(field, DateTimeField):
        start, end = local_instant(month.start, 0), local_instant(month.end, 0)
        return Q((f"{path}__gte", start), (f"{path}__lt", end))
    if isinstance(field, DateField):
        return Q((f"{path}__gte", month.start), (f"{path}__lt", month.end))
    return Q((f"{path}__overlap", (month.start, month.end)))
