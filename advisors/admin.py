from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from advisors import deeds, post_deeds  # noqa: F401 they offer what may be done
from advisors.enums import AppointmentStatus
from advisors.models import Absence, Advisor, Appointment, Organisation, Post, ServiceTeam
from lawadvisor.foundation.admin import ReadOnlyAdmin
from lawadvisor.foundation.office.cells import span
from lawadvisor.foundation.office.filters import by_month
from lawadvisor.foundation.office.pages import Belonging, belongs_to
from lawadvisor.foundation.requests import viewer_of
from villages.filters import by_bureau, by_township


@admin.register(Organisation)
class OrganisationAdmin(ReadOnlyAdmin[Organisation]):
    list_display = ("name", "kind", "people", "bureau")
    list_filter = (by_bureau("bureau"), "kind")
    list_select_related = ("bureau",)
    search_fields = ("name", "pinyin")
    search_help_text = "名称、拼音首字母"
    own_by = "bureau_id"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Organisation]:
        return super().get_queryset(request).annotate(n=Count("advisors"))

    @admin.display(description="法律顾问数", ordering="n")
    def people(self, organisation: Any) -> int:
        return int(organisation.n)


@admin.register(ServiceTeam)
class ServiceTeamAdmin(ReadOnlyAdmin[ServiceTeam]):
    list_display = ("name", "organisation", "lead")
    list_filter = (by_bureau("organisation__bureau"),)
    list_select_related = ("organisation", "lead")
    search_fields = ("name", "organisation__name", "organisation__pinyin")
    search_help_text = "团队、机构"
    own_by = "organisation.bureau_id"


@admin.register(Advisor)
class AdvisorAdmin(ReadOnlyAdmin[Advisor]):
    """Also whoever comes from elsewhere and serves here; only one's own are changed here."""

    list_display = ("name", "category", "organisation", "licence_no", "serving", "is_volunteer")
    list_filter = (
        *(by_bureau("organisation__bureau"), by_township("appointments__village__township")),
        *("category", "is_volunteer"),
    )
    list_select_related = ("organisation",)
    search_fields = ("name", "pinyin", "licence_no", "organisation__name", "organisation__pinyin")
    search_help_text = "姓名、拼音首字母、执业证号、机构"
    export_columns = ("education", "practice_start")
    facts = (
        *("name", "category", "organisation", "licence_no", "education", "practice_start"),
        *("is_volunteer", "serving"),
    )
    own_by = "organisation.bureau_id"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Advisor]:
        """With the villages that each serves today, as far as the viewer may know of them."""
        seen = Appointment.objects.visible_to(viewer_of(request))
        today = Q(
            appointments__in=seen,
            appointments__status=AppointmentStatus.ACTIVE,
            appointments__term__contains=timezone.localdate(),
        )
        return super().get_queryset(request).annotate(n=Count("appointments", filter=today))

    @admin.display(description="在任村（社区）数", ordering="n")
    def serving(self, advisor: Any) -> int:
        return int(advisor.n)


@admin.register(Appointment)
class AppointmentAdmin(ReadOnlyAdmin[Appointment]):
    list_display = ("advisor", "village", "township", "days", "status", "team")
    list_filter = (
        *(by_bureau("village__township__bureau"), by_township("village__township")),
        *("status", by_month("term", "任期内的月份")),
    )
    list_select_related = ("advisor", "village__township", "team")
    search_fields = (
        *("advisor__name", "advisor__pinyin", "advisor__licence_no"),
        *("village__name", "village__pinyin", "village__code"),
    )
    search_help_text = "顾问、村（社区）、拼音首字母、代码"
    export_columns = (
        *("licence_no", "village_code", "suspended_from", "cap_exception", "end_reason"),
    )
    facts = (
        *("advisor", "village", "township", "days", "status", "team"),
        *("suspended_from", "cap_exception", "end_reason"),
    )
    own_by = "village.township.bureau_id"

    @admin.display(description="镇街", ordering="village__township__code")
    def township(self, appointment: Appointment) -> str:
        return str(appointment.village.township)

    @admin.display(description="任期", ordering="term")
    def days(self, appointment: Appointment) -> str:
        return span(appointment.term)

    @admin.display(description="执业证号")
    def licence_no(self, appointment: Appointment) -> str:
        return appointment.advisor.licence_no

    @admin.display(description="村（社区）代码")
    def village_code(self, appointment: Appointment) -> str:
        return appointment.village.code


@admin.register(Absence)
class AbsenceAdmin(ReadOnlyAdmin[Absence]):
    list_display = ("advisor", "village", "excused", "reason", "approved_by", "substitute")
    list_filter = (
        by_bureau("appointment__village__township__bureau"),
        by_township("appointment__village__township"),
        by_month("days"),
    )
    list_select_related = ("appointment__advisor", "appointment__village", "substitute")
    search_fields = ("appointment__advisor__name", "appointment__advisor__pinyin", "reason")
    search_help_text = "顾问、拼音首字母、事由"

    @admin.display(description="法律顾问", ordering="appointment__advisor__pinyin")
    def advisor(self, absence: Absence) -> str:
        return str(absence.appointment.advisor)

    @admin.display(description="村（社区）", ordering="appointment__village__code")
    def village(self, absence: Absence) -> str:
        return str(absence.appointment.village)

    @admin.display(description="请假日期", ordering="days")
    def excused(self, absence: Absence) -> str:
        return span(absence.days)


@admin.register(Post)
class PostAdmin(ReadOnlyAdmin[Post]):
    list_display = ("user", "role", "place_name", "held")
    list_filter = ("role", by_month("term", "任期内的月份"))
    list_select_related = ("user", "bureau", "township", "village", "organisation")
    search_fields = ("user__name", "user__username")
    search_help_text = "姓名、用户名"

    @admin.display(description="任期", ordering="term")
    def held(self, post: Post) -> str:
        return span(post.term)


_SERVES = ("advisor", "village", "township", "days", "status")
_WHERE = ("village", "township", "days", "status", "team")
_WHO = ("advisor", "days", "status", "end_reason")
_PEOPLE = ("name", "category", "licence_no", "serving")
_EXCUSED = ("excused", "reason", "approved_by", "substitute")
_HELD = ("role", "place_name", "held")
for _page, _belonging in (
    ("advisors.organisation", Belonging("advisors.advisor", "organisation", "法律顾问", _PEOPLE)),
    (
        "advisors.organisation",
        Belonging("advisors.serviceteam", "organisation", "服务团队", ("name", "lead")),
    ),
    ("advisors.advisor", Belonging("advisors.appointment", "advisor", "聘任", _WHERE)),
    ("advisors.serviceteam", Belonging("advisors.appointment", "team", "编入的聘任", _SERVES)),
    ("advisors.appointment", Belonging("advisors.absence", "appointment", "请假", _EXCUSED)),
    ("villages.village", Belonging("advisors.appointment", "village", "历任法律顾问", _WHO)),
    ("accounts.user", Belonging("advisors.post", "user", "岗位", _HELD)),
):
    belongs_to(_page, _belonging)
