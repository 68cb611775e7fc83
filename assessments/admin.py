from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Case, Model, OuterRef, QuerySet, Subquery, Value, When
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from advisors.models import Advisor, Organisation, ServiceTeam
from assessments import deeds, policy_pages  # noqa: F401 deeds offers what may be done
from assessments.desk import file_name
from assessments.enums import SubjectKind, VerdictStatus
from assessments.models import (
    DailyCheck,
    GeneratedFile,
    MonthClose,
    Policy,
    PolicyDraft,
    Rule,
    Verdict,
    Waiver,
)
from assessments.versions import shipped_packs, state_of
from lawadvisor.foundation.admin import ReadOnlyAdmin
from lawadvisor.foundation.office.filters import by_month
from lawadvisor.foundation.periods import Period, PeriodKind
from lawadvisor.foundation.requests import viewer_of
from villages.filters import by_bureau, by_township
from villages.models import Bureau, Township, Village


@admin.register(Policy)
class PolicyAdmin(ReadOnlyAdmin[Policy]):
    """The list is Django's; a version is read beside its text (``policy_pages``)."""

    list_display = ("title", "state", "bureau", "effective_from", "rule_count", "closed_months")
    list_filter = (by_bureau("bureau"),)
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
    list_filter = (by_bureau("bureau"),)
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
    list_display = ("title", "key", "clause", "phrase", "policy")
    list_filter = (by_bureau("policy__bureau"),)
    list_select_related = ("policy__bureau",)
    search_fields = ("key", "title", "clause")
    search_help_text = "名称、编号、条款"
    has_history = False


@admin.register(Verdict)
class VerdictAdmin(ReadOnlyAdmin[Verdict]):
    """达标结论, as closes found them."""

    list_display = (
        *("subject", "rule", "period_start", "status", "actual", "required", "scope_township"),
        "close",
    )
    list_filter = (
        *(by_bureau("close__bureau"), by_township("scope_township"), by_month("close__month")),
        *("status", "subject_kind"),
    )
    list_select_related = (
        *("rule", "close__bureau", "scope_township", "advisor", "village", "team"),
        *("organisation", "township", "appointment__advisor", "appointment__village"),
    )
    search_fields = (
        *("rule__key", "rule__title", "village__name", "village__pinyin", "advisor__name"),
        *("advisor__pinyin", "appointment__advisor__name", "appointment__village__name"),
    )
    search_help_text = "规则、村（社区）、顾问、拼音首字母"
    ordering = ("-close__month", "-close__revision", "pk")
    export_columns = ("missing", "period_end")
    facts = (*list_display, "missing", "period_end")
    has_history = False
    own_by = "close.bureau_id"

    @admin.display(description="对象")
    def subject(self, verdict: Verdict) -> str:
        if verdict.subject_kind == SubjectKind.BUREAU:
            return str(verdict.close.bureau)
        return str(getattr(verdict, verdict.subject_kind))

    def ways(self, row: Any) -> Iterable[tuple[str, str]]:
        return (("查看依据", reverse("verdict", args=[row.pk])),)


@admin.register(DailyCheck)
class DailyCheckAdmin(ReadOnlyAdmin[DailyCheck]):
    list_display = ("day", "bureau", "unmet", "at_risk", "met")
    list_filter = (by_bureau("bureau"), by_month("day"))
    list_select_related = ("bureau",)
    has_history = False

    @admin.display(description="未达标")
    def unmet(self, check: DailyCheck) -> int:
        return int(check.counts.get(VerdictStatus.NOT_MET, 0))

    @admin.display(description="有风险")
    def at_risk(self, check: DailyCheck) -> int:
        return int(check.counts.get(VerdictStatus.AT_RISK, 0))

    @admin.display(description="达标")
    def met(self, check: DailyCheck) -> int:
        return int(check.counts.get(VerdictStatus.MET, 0))

    def ways(self, row: Any) -> Iterable[tuple[str, str]]:
        month = Period.containing(PeriodKind.MONTH, row.day)
        return (("查看当月情况", reverse("bureau-month", args=[row.bureau.code, month])),)


@admin.register(Waiver)
class WaiverAdmin(ReadOnlyAdmin[Waiver]):
    list_display = ("subject", "rule_key", "period_start", "reason", "approved_by")
    list_filter = (by_bureau("bureau"), by_month("period_start"), "subject_kind")
    search_fields = ("rule_key", "reason", "approved_by")
    search_help_text = "规则编号、事由、批准人"
    facts = ("subject", "subject_kind", "rule_key", "period_start", "reason", "approved_by")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Waiver]:
        """With the name of the subject, which is kept as a plain key."""
        found = super().get_queryset(request)
        return found.annotate(
            subject_name=Case(
                *(When(subject_kind=kind, then=_name_of(model)) for kind, model in _NAMED),
                default=Value(""),
            )
        )

    @admin.display(description="对象", ordering="subject_name")
    def subject(self, waiver: Any) -> str:
        return waiver.subject_name or f"{waiver.get_subject_kind_display()}{waiver.subject_id}"


_NAMED: tuple[tuple[SubjectKind, type[Model]], ...] = (
    (SubjectKind.ADVISOR, Advisor),
    (SubjectKind.VILLAGE, Village),
    (SubjectKind.TOWNSHIP, Township),
    (SubjectKind.BUREAU, Bureau),
    (SubjectKind.ORGANISATION, Organisation),
    (SubjectKind.TEAM, ServiceTeam),
)


def _name_of(model: Any) -> Subquery:
    return Subquery(model.objects.filter(pk=OuterRef("subject_id")).values("name")[:1])


@admin.register(MonthClose)
class MonthCloseAdmin(ReadOnlyAdmin[MonthClose]):
    list_display = ("label", "bureau", "revision", "opened_at", "opened_by", "closed_at", "reason")
    list_filter = (by_bureau("bureau"), by_month("month"))
    list_select_related = ("bureau", "policy")
    facts = (*list_display, "policy")

    @admin.display(description="月份", ordering="month")
    def label(self, close: MonthClose) -> str:
        return close.period.label

    def ways(self, row: Any) -> Iterable[tuple[str, str]]:
        return (("查看当月情况", reverse("bureau-month", args=[row.bureau.code, row.period])),)


@admin.register(GeneratedFile)
class GeneratedFileAdmin(ReadOnlyAdmin[GeneratedFile]):
    list_display = (
        *("report", "month", "unit", "format", "revision", "version", "size", "created_at"),
    )
    list_filter = (
        *(by_bureau("close__bureau"), by_township("township"), by_month("close__month")),
        *("report", "format"),
    )
    list_select_related = ("close__bureau", "township")
    facts = (*list_display, "checksum")
    has_history = False

    @admin.display(description="月份", ordering="close__month")
    def month(self, file: GeneratedFile) -> str:
        return file.close.period.label

    @admin.display(description="单位", ordering="township__code")
    def unit(self, file: GeneratedFile) -> str:
        return str(file.township or file.close.bureau)

    @admin.display(description="版次", ordering="close__revision")
    def revision(self, file: GeneratedFile) -> int:
        return file.close.revision

    def ways(self, row: Any) -> Iterable[tuple[str, str]]:
        return (("下载", reverse("file", args=[row.pk, file_name(row)])),)
