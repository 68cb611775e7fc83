"""The back office's law: everything by role, everything within scope, nothing is changed here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from lawadvisor.foundation.models import AuditEntry, Job
from lawadvisor.foundation.requests import viewer_of
from lawadvisor.foundation.roles import Verb
from lawadvisor.foundation.scoping import ScopedQuerySet

M = TypeVar("M", bound=Model)
if TYPE_CHECKING:
    _Admin = admin.ModelAdmin[M]
else:

    class _Admin(admin.ModelAdmin):
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
        named = (name for name in self.get_list_filter(request) if isinstance(name, str))
        return lookup in {f"{name}{asked}" for name in named for asked in _ASKED}

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
    list_display = ("at", "actor_name", "verb", "subject_label", "reason")
    list_filter = ("at", "verb")
    search_fields = ("actor_name", "subject_label")


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin[Job]):
    list_display = ("key", "kind", "state", "attempts", "created_at", "finished_at")
    list_filter = ("state", "kind")
    search_fields = ("key",)
