from __future__ import annotations

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html_join

from lawadvisor.foundation.admin import ReadOnlyAdmin
from worklogs.models import ServiceLog


@admin.register(ServiceLog)
class ServiceLogAdmin(ReadOnlyAdmin[ServiceLog]):
    list_display = (
        *("service_date", "started_at", "length", "advisor", "village"),
        *("mode", "purpose", "state", "is_supplement"),
    )
    list_filter = ("service_date", "state", "mode", "purpose", "is_supplement")
    list_select_related = ("advisor", "appointment__village")
    search_fields = ("advisor__name", "appointment__village__name")
    readonly_fields = ("matters",)

    @admin.display(description="时长（分钟）", ordering="minutes")
    def length(self, log: ServiceLog) -> int | None:
        return log.minutes

    @admin.display(description="服务事项")
    def matters(self, log: ServiceLog) -> str:
        """Only that they are: who came and what was said is on the page of each."""
        pairs = [(reverse("matter", args=(m.pk,)), str(m)) for m in log.matters.all()]
        return format_html_join("；", '<a href="{}">{}</a>', pairs) or "无"

    @admin.display(description="村（社区）")
    def village(self, log: ServiceLog) -> str:
        return str(log.appointment.village)
