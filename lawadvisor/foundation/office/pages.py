"""The page of one row: its facts, what belongs to it, what may be done, what happened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from django.apps import apps
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db.models import ForeignKey, Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from lawadvisor.foundation.office import cells, deeds
from lawadvisor.foundation.office.cells import Office
from lawadvisor.foundation.office.history import history
from lawadvisor.foundation.requests import viewer_of

#: So many rows of a kind stand on the page of what they belong to.
MOST = 50


class Belonging(NamedTuple):
    """Rows shown on the page of what ``path`` leads to, with the columns of their own list."""

    model: str
    path: str
    title: str
    columns: tuple[str, ...]


class Fact(NamedTuple):
    """``link`` "" leads nowhere."""

    title: str
    text: str
    link: str = ""


class Rows(NamedTuple):
    """``all_of_them`` is the address of the whole list, "" while the page shows all."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Fact, ...], ...]
    more: bool


_belongings: dict[str, list[Belonging]] = {}


def belongs_to(model: str, belonging: Belonging) -> None:
    """Show rows of an upper floor on the page of a lower one's."""
    _belongings.setdefault(model, []).append(belonging)


class ObjectPages(Office):
    """``facts`` names what the page tells, the list's columns when empty; read only.

    ``has_history`` False: a register's own rows have none.
    """

    facts: Sequence[str] = ()
    has_history = True

    def ways(self, row: Any) -> Iterable[tuple[str, str]]:  # noqa: ARG002
        """Where a row's page leads besides: what a link says, and its address."""
        return ()

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",  # noqa: ARG002 Django's signature
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        row = self._seen(request, object_id)
        if row is None:
            return _nothing_there(request)
        return render(
            request,
            "admin/change_form.html",
            {
                **self.admin_site.each_context(request),
                "title": str(row),
                "opts": self.opts,
                "original": row,
                "told": tuple(self._told(row)),
                "belongings": tuple(self._belonging(request, row)),
                "ways": tuple(self.ways(row)),
                "deeds": deeds.offered(self, request, row),
                "events": history(row, viewer_of(request)) if self.has_history else None,
                **(extra_context or {}),
            },
        )

    def history_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> HttpResponse:
        """A row's history stands on its page."""
        row = self._seen(request, object_id)
        if row is None:
            return _nothing_there(request)
        return redirect(page_of(self, row.pk))

    def _seen(self, request: HttpRequest, object_id: str) -> Any:
        """The row if the viewer sees it, else None; PermissionDenied where he has no list."""
        row = self.get_object(request, unquote(object_id))
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        return row

    def _told(self, row: Model) -> Iterator[Fact]:
        for name in self.facts or self.list_display:
            text = cells.text(cells.plain(self, name, row))
            yield Fact(cells.title(self, name), text, self._link(name, row))

    def _link(self, name: Any, row: Model) -> str:
        """Where a fact about another row leads: to that row's page, if it has one."""
        try:
            field = self.opts.get_field(name)
        except FieldDoesNotExist:
            return ""
        if not isinstance(field, ForeignKey):
            return ""
        key = getattr(row, field.attname)
        model: Any = field.related_model
        if key is None or not self.admin_site.is_registered(model):
            return ""
        return page_of(self.admin_site.get_model_admin(model), key)

    def _belonging(self, request: HttpRequest, row: Model) -> Iterator[Rows]:
        for each in _belongings.get(self.opts.label_lower, ()):
            office: Any = self.admin_site.get_model_admin(apps.get_model(each.model))
            if not office.has_view_permission(request):
                continue
            found = office.get_queryset(request).filter((each.path, row.pk))
            if office.list_select_related:
                found = found.select_related(*office.list_select_related)
            rows = list(found[: MOST + 1])
            yield Rows(
                each.title,
                tuple(cells.title(office, name) for name in each.columns),
                tuple(tuple(_cells(office, each.columns, own)) for own in rows[:MOST]),
                len(rows) > MOST,
            )


def _cells(office: Office, columns: Sequence[str], row: Model) -> Iterator[Fact]:
    for number, name in enumerate(columns):
        link = "" if number else page_of(office, row.pk)
        yield Fact(name, cells.text(cells.plain(office, name, row)), link)


def _nothing_there(request: HttpRequest) -> HttpResponse:
    """Alike for what is gone and for what others may see."""
    messages.error(request, "没有这条内容，或者您不能查看。")
    return redirect("admin:index")


def page_of(office: Office, key: Any) -> str:
    """The address of a row's page."""
    return reverse(f"admin:{office.opts.app_label}_{office.opts.model_name}_change", args=[key])
