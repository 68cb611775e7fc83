from __future__ import annotations

from django.contrib import admin

from assessments.models import GeneratedFile, MonthClose, Policy, Rule
from lawadvisor.foundation.admin import ReadOnlyAdmin


@admin.register(Policy)
class PolicyAdmin(ReadOnlyAdmin[Policy]):
    list_display = ("title", "key", "bureau", "effective_from", "source")
    list_select_related = ("bureau",)


@admin.register(Rule)
class RuleAdmin(ReadOnlyAdmin[Rule]):
    bureau_path = "policy__bureau"
    list_display = ("key", "title", "clause", "phrase", "policy")
    list_select_related = ("policy",)
    search_fields = ("key", "title", "clause")


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
