"""A list of the back office: what is asked of it, what it finds, and its workbook."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from urllib.parse import parse_qs

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.templatetags.admin_list import result_headers
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse

from lawadvisor.foundation.office import cells
from lawadvisor.foundation.office.deeds import offered
from lawadvisor.foundation.office.export import Listing, send
from lawadvisor.foundation.office.pages import page_of
from lawadvisor.foundation.requests import viewer_of
from lawadvisor.foundation.roles import Thing, Verb

if TYPE_CHECKING:
    from collections.abc import Sequence


class Option(NamedTuple):
    value: str
    label: str
    selected: bool


class Asked(NamedTuple):
    """One filter as a field of the form above a list."""

    name: str
    title: str
    options: tuple[Option, ...]

    @property
    def chosen(self) -> str:
        """The label of what is chosen, "" for everything."""
        return next((o.label for o in self.options if o.selected and o.value), "")


class Text(NamedTuple):
    text: str
    is_short: bool


class Line(NamedTuple):
    """A row: its key, the address of its page, and its cells."""

    key: Any
    link: str
    texts: tuple[Text, ...]


class OfficeList(ChangeList):
    """Django's list, which can also say what is asked of it and what its cells read."""

    def columns(self) -> tuple[Any, ...]:
        """Names, or functions of a row where what is shown depends on who looks."""
        return tuple(name for name in self.list_display if name != "action_checkbox")

    def heads(self) -> Iterator[Any]:
        """The headings with the addresses that sort by them."""
        return (head for head in result_headers(self) if "action-checkbox" not in _marks(head))

    def lines(self) -> Iterator[Line]:
        readers = [cells.reader(self.model_admin, name) for name in self.columns()]
        for row in self.result_list:
            texts = (cells.text(read(row)) for read in readers)
            shown = tuple(Text(text, cells.is_short(text)) for text in texts)
            yield Line(row.pk, page_of(self.model_admin, row.pk), shown)

    def asked(self) -> Iterator[Asked]:
        """The filters in their order: an address holds one parameter for each."""
        for spec in self.filter_specs:
            name = str(next(iter(spec.expected_parameters())))
            options = tuple(
                Option(
                    parse_qs(str(choice["query_string"])[1:]).get(name, [""])[-1],
                    str(choice["display"]),
                    bool(choice["selected"]),
                )
                for choice in spec.choices(self)
            )
            yield Asked(name, str(spec.title), options)

    def kept(self) -> Iterator[tuple[str, str]]:
        """What the form carries along besides its own fields: the order."""
        own = {asked.name for asked in self.asked()} | {"q"}
        yield from ((key, value) for key, value in self.params.items() if key not in own)

    def in_words(self) -> tuple[str, ...]:
        """What is asked, as a workbook tells it; empty when nothing is."""
        said = [f"{asked.title}：{asked.chosen}" for asked in self.asked() if asked.chosen]
        return (*said, f"搜索：{self.query}") if self.query else tuple(said)

    def address(self) -> str:
        """The query string of this list without its page."""
        return self.get_query_string(remove=["p"])


class ListPages(cells.Office):
    """Lists with a form of filters above and a workbook of everything that they find.

    ``export_columns`` are the workbook's besides those of the list. ``exact_search`` holds
    lookups that a search must match whole, such as ``phone__is``, for whoever sees
    ``exact_needs``: to others a hit would tell what they may not read.
    """

    export_columns: Sequence[str] = ()
    exact_search: Sequence[str] = ()
    exact_needs = Thing.CLIENTS

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:  # noqa: ARG002
        return OfficeList

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        _forget_blanks(request)
        may_export = viewer_of(request).may(Verb.EXPORT)
        address = reverse(f"admin:{self._route('export')}") if may_export else ""
        return super().changelist_view(
            request,
            {**(extra_context or {}), "export_to": address, "deeds": offered(self, request, None)},
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        found, several = super().get_search_results(request, queryset, search_term)
        typed = search_term.strip()
        if not (typed and self.exact_search and viewer_of(request).sees(self.exact_needs)):
            return found, several
        whole = reduce(or_, (Q((lookup, typed)) for lookup in self.exact_search))
        return queryset.filter(Q(pk__in=found.order_by().values("pk")) | whole), False

    def get_urls(self) -> list[URLPattern]:
        export = self.admin_site.admin_view(self.export_view)
        return [path("export/", export, name=self._route("export")), *super().get_urls()]

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """Everything that the list finds, on all its pages, as a workbook."""
        if not (self.has_view_permission(request) and viewer_of(request).may(Verb.EXPORT)):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        _forget_blanks(request)
        try:
            found = cast(OfficeList, self.get_changelist_instance(request))
        except IncorrectLookupParameters:
            return redirect(f"admin:{self._route('changelist')}")
        columns = list(found.columns())
        columns += [name for name in self.export_columns if name not in columns]
        return send(request, Listing(self, tuple(columns), found.queryset, found.in_words()))

    def _route(self, verb: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{verb}"


def _marks(head: Any) -> str:
    return str(head.get("class_attrib", ""))


def _forget_blanks(request: HttpRequest) -> None:
    """A form of filters sends every field: one that was left alone asks nothing."""
    asked = QueryDict(mutable=True)
    for name, values in request.GET.lists():
        if any(values):
            asked.setlist(name, [value for value in values if value])
    request.GET = asked  # type: ignore[assignment]
