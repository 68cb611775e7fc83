from __future__ import annotations

from django.contrib import admin

from lawadvisor.foundation.admin import ReadOnlyAdmin
from villages.models import Bureau, Township, Village


@admin.register(Bureau)
class BureauAdmin(ReadOnlyAdmin[Bureau]):
    list_display = ("name", "code", "kind")


@admin.register(Township)
class TownshipAdmin(ReadOnlyAdmin[Township]):
    list_display = ("name", "code", "judicial_office", "bureau")
    list_select_related = ("bureau",)
    search_fields = ("name", "code")


@admin.register(Village)
class VillageAdmin(ReadOnlyAdmin[Village]):
    list_display = ("name", "code", "township", "kind", "terrain", "is_active")
    list_filter = ("kind", "terrain", "is_active")
    list_select_related = ("township",)
    search_fields = ("name", "code", "pinyin", "township__name")
