from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone

from assessments import policy_pages
from assessments.models import GeneratedFile, MonthClose, Policy, PolicyDraft, Rule, Waiver
from assessments.versions import shipped_packs, state_of
from lawadvisor.foundation.admin import ReadOnlyAdmin
from lawadvisor.foundation.requests import viewer_of
from villages.models import Bureau


@admin.register(Policy)
class PolicyAdmin(ReadOnlyAdmin[Policy]):
    """The list is Django's; a version is read beside its text (``policy_pages``)."""

    list_display = ("title", "state", "bureau", "effective_from", "rule_count", "closed_months")
    list_select_related = ("bureau",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Policy]:
        return super().get_queryset(request).with_standing()  # type: ignore[attr-defined]

    @admin.display(description="状态")
    def state(self, policy: Any) -> str:
        standing = state_of(policy.effective_from, policy.replaced_on, timezone.localdate())
        return str(standing.label)

    @admin.display(description="规则数")
    def rule_count(self, policy: Any) -> int:
        return int(policy.rule_count)

    @admin.display(description="已据以关账的月数")
    def closed_months(self, policy: Any) -> int:
        return int(policy.closed_months)

    def get_urls(self) -> list[URLPattern]:
        own = [
            ("copy/", policy_pages.copy_policy, "policy-copy"),
            ("compare/", policy_pages.compare_policies, "policy-compare"),
        ]
        return [*_routes(own), *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        viewer = viewer_of(request)
        more = {
            "own_bureaus": Bureau.objects.filter(pk__in=viewer.bureaus),
            "shipped": shipped_packs(),
        }
        return super().changelist_view(request, {**(extra_context or {}), **more})

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method == "GET" and self.get_object(request, object_id):
            return policy_pages.read_policy(request, int(object_id))
        return super().change_view(request, object_id, form_url, extra_context)


@admin.register(PolicyDraft)
class PolicyDraftAdmin(ReadOnlyAdmin[PolicyDraft]):
    list_display = ("title", "bureau", "changed_at", "changed_by")
    list_select_related = ("bureau", "changed_by")

    def get_urls(self) -> list[URLPattern]:
        own = [
            ("<int:pk>/save/", policy_pages.save_draft, "draft-save"),
            ("<int:pk>/numbers/", policy_pages.save_numbers, "draft-numbers"),
            ("<int:pk>/adopt/", policy_pages.adopt_draft, "draft-adopt"),
            ("<int:pk>/discard/", policy_pages.discard_draft, "draft-discard"),
            ("<int:pk>/try/", policy_pages.try_policy, "draft-try"),
        ]
        return [*_routes(own), *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method == "GET" and self.get_object(request, object_id):
            return policy_pages.edit_draft(request, int(object_id))
        return super().change_view(request, object_id, form_url, extra_context)


def _routes(own: list[tuple[str, Any, str]]) -> list[URLPattern]:
    """Pages of ours behind the admin's door."""
    return [path(route, admin.site.admin_view(view), name=name) for route, view, name in own]


@admin.register(Rule)
class RuleAdmin(ReadOnlyAdmin[Rule]):
    list_display = ("key", "title", "clause", "phrase", "policy")
    list_select_related = ("policy",)
    search_fields = ("key", "title", "clause")


@admin.register(Waiver)
class WaiverAdmin(ReadOnlyAdmin[Waiver]):
    list_display = ("rule_key", "period_start", "subject_kind", "reason", "approved_by")
    list_filter = ("period_start", "subject_kind")
    search_fields = ("rule_key", "reason")


@admin.register(MonthClose)
class MonthCloseAdmin(ReadOnlyAdmin[MonthClose]):
    list_display = ("month", "bureau", "revision", "opened_at", "opened_by", "closed_at")
    list_filter = ("month",)
    list_select_related = ("bureau",)


@admin.register(GeneratedFile)
class GeneratedFileAdmin(ReadOnlyAdmin[GeneratedFile]):
    list_display = ("close", "report", "township", "format", "version", "size", "created_at")
    list_filter = ("report", "format")
    list_select_related = ("close__bureau", "township")
