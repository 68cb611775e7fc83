from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from lawadvisor.foundation.admin import ReadOnlyAdmin
from lawadvisor.foundation.office.filters import by_month
from lawadvisor.foundation.office.pages import Belonging, belongs_to
from lawadvisor.foundation.requests import viewer_of
from lawadvisor.foundation.viewer import Viewer
from villages.filters import by_bureau, by_township
from worklogs import deeds  # noqa: F401 it offers what may be done
from worklogs.faces import face_of
from worklogs.models import Filing, Matter, ServiceLog


@admin.register(ServiceLog)
class ServiceLogAdmin(ReadOnlyAdmin[ServiceLog]):
    list_display = (
        *("service_date", "advisor", "village", "township", "clock", "length"),
        *("mode", "purpose", "state", "is_supplement"),
    )
    list_filter = (
        *(by_bureau("appointment__village__township__bureau"),),
        *(by_township("appointment__village__township"), by_month("service_date")),
        *("state", "mode", "purpose", "is_supplement"),
    )
    list_select_related = ("advisor", "appointment__village__township", "entered_by")
    search_fields = (
        *("advisor__name", "advisor__pinyin", "advisor__licence_no"),
        *("appointment__village__name", "appointment__village__pinyin"),
        "appointment__village__code",
    )
    search_help_text = "顾问、村（社区）、拼音首字母、代码"
    export_columns = ("place", "entered_at", "entered_by", "returned_reason")
    facts = (
        *("service_date", "clock", "length", "advisor", "appointment", "township", "mode"),
        *("purpose", "no_visitors", "place", "state", "returned_reason", "is_supplement"),
        *("entered_at", "entered_by"),
    )

    @admin.display(description="起止时间", ordering="started_at")
    def clock(self, log: ServiceLog) -> str:
        if log.started_at is None or log.ended_at is None:
            return ""
        start, end = timezone.localtime(log.started_at), timezone.localtime(log.ended_at)
        return f"{start:%H:%M}–{end:%H:%M}"

    @admin.display(description="时长（分钟）", ordering="minutes")
    def length(self, log: ServiceLog) -> int | None:
        return log.minutes

    @admin.display(description="村（社区）", ordering="appointment__village__code")
    def village(self, log: ServiceLog) -> str:
        return str(log.appointment.village)

    @admin.display(description="镇街", ordering="appointment__village__township__code")
    def township(self, log: ServiceLog) -> str:
        return str(log.appointment.village.township)


@admin.register(Matter)
class MatterAdmin(ReadOnlyAdmin[Matter]):
    """What was done, and for whom as far as the viewer's role shows it (``faces``)."""

    list_display = ("day", "kind", "topic", "focus", "advisor", "village", "audience", "succeeded")
    list_filter = (
        *(by_bureau("log__appointment__village__township__bureau"),),
        *(by_township("log__appointment__village__township"), by_month("log__service_date")),
        *("kind", "topic", "log__state"),
    )
    list_select_related = ("log__advisor", "log__appointment__village")
    search_fields = (
        *("log__advisor__name", "log__advisor__pinyin", "focus"),
        *("log__appointment__village__name", "log__appointment__village__pinyin"),
    )
    search_help_text = "顾问、村（社区）、法律重点、服务对象全名或电话"
    exact_search = ("client__is", "phone__is")
    facts = (
        *("day", "kind", "topic", "focus", "advisor", "village", "audience", "succeeded"),
        "log",
    )

    def get_list_display(self, request: HttpRequest) -> tuple[Any, ...]:
        viewer = viewer_of(request)
        return (*self.list_display, *(_shown(name, viewer) for name in ("client", "phone")))

    def ways(self, row: Any) -> Iterable[tuple[str, str]]:
        return (("查看内容", reverse("matter", args=[row.pk])),)

    @admin.display(description="服务日期", ordering="log__service_date")
    def day(self, matter: Matter) -> date:
        return matter.log.service_date

    @admin.display(description="法律顾问", ordering="log__advisor__pinyin")
    def advisor(self, matter: Matter) -> str:
        return str(matter.log.advisor)

    @admin.display(description="村（社区）", ordering="log__appointment__village__code")
    def village(self, matter: Matter) -> str:
        return str(matter.log.appointment.village)


def _shown(name: str, viewer: Viewer) -> Callable[[Matter], str]:
    """A column of a matter's face, as this viewer is shown it."""

    @admin.display(description=str(getattr(Matter._meta.get_field(name), "verbose_name", name)))
    def column(matter: Matter) -> str:
        return str(getattr(face_of(matter, viewer), name))

    return column


@admin.register(Filing)
class FilingAdmin(ReadOnlyAdmin[Filing]):
    list_display = ("title", "kind", "period_start", "where", "advisor", "state", "filed_on")
    list_filter = (
        *(by_bureau("bureau"), by_township("village__township"), by_month("period_start")),
        *("kind", "state"),
    )
    list_select_related = ("bureau", "township", "village", "advisor")
    search_fields = (
        *("title", "village__name", "village__pinyin", "advisor__name", "advisor__pinyin"),
    )
    search_help_text = "标题、村（社区）、顾问、拼音首字母"
    export_columns = ("period_end",)
    facts = (
        *("title", "kind", "where", "advisor", "period_start", "period_end", "state", "filed_on"),
    )

    @admin.display(description="单位")
    def where(self, filing: Filing) -> str:
        return str(filing.village or filing.township or filing.bureau)


_DONE = ("kind", "topic", "focus", "audience", "succeeded")
_SERVED = ("service_date", "advisor", "village", "clock", "mode", "purpose", "state")
belongs_to("worklogs.servicelog", Belonging("worklogs.matter", "log", "事项", _DONE))
belongs_to(
    "advisors.appointment", Belonging("worklogs.servicelog", "appointment", "服务记录", _SERVED)
)
