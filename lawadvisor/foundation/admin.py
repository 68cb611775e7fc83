"""The back office's law: everything by role, everything within scope, nothing is changed here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

from lawadvisor.foundation.models import AuditEntry, Job
from lawadvisor.foundation.office.deeds import Deeds
from lawadvisor.foundation.office.filters import by_month, own_filter
from lawadvisor.foundation.office.lists import ListPages
from lawadvisor.foundation.office.pages import ObjectPages
from lawadvisor.foundation.office.words import VERBS, changes, subject_in_words, verb_in_words
from lawadvisor.foundation.requests import viewer_of
from lawadvisor.foundation.roles import Verb
from lawadvisor.foundation.scoping import ScopedQuerySet

#: Verbs as the 操作日志 offers them for choice.
VerbFilter = own_filter(
    "操作",
    "of-verb",
    offers=lambda _: sorted(VERBS.items(), key=lambda pair: pair[1]),
    condition=lambda verb: Q(verb=verb),
)

M = TypeVar("M", bound=Model)
if TYPE_CHECKING:

    class _Admin(ListPages, ObjectPages, Deeds, admin.ModelAdmin[M]): ...

else:

    class _Admin(ListPages, ObjectPages, Deeds):
        """At run time ModelAdmin takes no parameter."""

        def __class_getitem__(cls, _: object) -> type:
            return cls


#: What the filters of a list may ask of their own column.
_ASKED = ("", "__exact", "__isnull", "__gte", "__lt")


class ReadOnlyAdmin(_Admin[M]):
    """Rows that the viewer's desk reaches, to look at.

    Rights come from the role, never from Django's permission tables: the model's
    queryset says what its rows hold and ``visible_to`` which of them the viewer
    reaches. Filters list choices and dates only: one over a related model would
    name other bureaus' rows.
    """

    actions = None
    list_per_page = 50
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[M]:
        found = super().get_queryset(request)
        if not (isinstance(found, ScopedQuerySet) and self.has_view_permission(request)):
            return found.none()
        return found.visible_to(viewer_of(request))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:  # noqa: ARG002
        """Only what a filter of this list asks: any other lookup spells out a hidden column.

        Django would let everybody ask ``password__startswith`` and count the rows.
        """
        filters = self.get_list_filter(request)
        named = {f"{name}{asked}" for name in filters if isinstance(name, str) for asked in _ASKED}
        ours = {getattr(each, "parameter_name", "") for each in filters}
        return lookup in named | ours

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        viewer, rows = viewer_of(request), super().get_queryset(request)
        holds = rows.holds if isinstance(rows, ScopedQuerySet) else None
        return viewer.may(Verb.ENTER_BACK_OFFICE) and holds is not None and viewer.sees(holds)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin[AuditEntry]):
    """操作日志: who did what to which row, and what it changed, in words."""

    list_display = ("at", "actor_name", "did", "kind", "subject_label", "changed", "reason")
    list_filter = (by_month("at"), VerbFilter)
    search_fields = ("actor_name", "subject_label", "reason")
    search_help_text = "操作人、对象、事由"
    has_history = False
    facts = (*list_display, "address")
    export_columns = ("address",)

    @admin.display(description="操作", ordering="verb")
    def did(self, entry: AuditEntry) -> str:
        return verb_in_words(entry.verb)

    @admin.display(description="对象类型")
    def kind(self, entry: AuditEntry) -> str:
        return subject_in_words(entry.subject_type)

    @admin.display(description="变更")
    def changed(self, entry: AuditEntry) -> str:
        return "；".join(map(str, changes(entry.subject_type, entry.before, entry.after)))


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin[Job]):
    list_display = ("key", "kind", "state", "attempts", "created_at", "finished_at")
    list_filter = (by_month("created_at"), "state", "kind")
    search_fields = ("key",)
    search_help_text = "标识"
    has_history = False
    facts = (*list_display, "group", "last_error")
