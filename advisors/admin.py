from __future__ import annotations

from django.contrib import admin

from advisors.models import Advisor, Appointment, Organisation, Post
from lawadvisor.foundation.admin import ReadOnlyAdmin


@admin.register(Organisation)
class OrganisationAdmin(ReadOnlyAdmin[Organisation]):
    list_display = ("name", "kind", "bureau")
    list_filter = ("kind",)
    list_select_related = ("bureau",)
    search_fields = ("name",)


@admin.register(Advisor)
class AdvisorAdmin(ReadOnlyAdmin[Advisor]):
    list_display = ("name", "category", "organisation", "licence_no", "is_volunteer")
    list_filter = ("category", "is_volunteer")
    list_select_related = ("organisation",)
    search_fields = ("name", "licence_no", "organisation__name")


@admin.register(Appointment)
class AppointmentAdmin(ReadOnlyAdmin[Appointment]):
    list_display = ("advisor", "village", "township", "term", "status")
    list_filter = ("status",)
    list_select_related = ("advisor", "village__township")
    search_fields = ("advisor__name", "village__name")

    @admin.display(description="镇街")
    def township(self, appointment: Appointment) -> str:
        return str(appointment.village.township)


@admin.register(Post)
class PostAdmin(ReadOnlyAdmin[Post]):
    list_display = ("user", "role", "place_name", "term")
    list_filter = ("role",)
    list_select_related = ("user", "bureau", "township", "village", "organisation")
    search_fields = ("user__name", "user__username")
