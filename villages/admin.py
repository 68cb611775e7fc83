from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.urls import reverse

from lawadvisor.foundation.admin import ReadOnlyAdmin
from lawadvisor.foundation.office.deeds import Deed, offer
from lawadvisor.foundation.office.pages import Belonging, belongs_to
from lawadvisor.foundation.viewer import Actor
from villages.filters import by_bureau, by_township
from villages.forms import VillageForm
from villages.models import Bureau, Township, Village
from villages.services import edit_village


@admin.register(Bureau)
class BureauAdmin(ReadOnlyAdmin[Bureau]):
    list_display = ("name", "code", "kind")
    search_fields = ("name", "code")
    search_help_text = "名称、区划代码"

    def ways(self, row: Any) -> Iterable[tuple[str, str]]:
        return (
            ("工作情况", reverse("bureau", args=[row.code])),
            ("村×月一览", reverse("bureau-matrix", args=[row.code])),
        )


@admin.register(Township)
class TownshipAdmin(ReadOnlyAdmin[Township]):
    list_display = ("name", "code", "judicial_office", "bureau")
    list_filter = (by_bureau("bureau"),)
    list_select_related = ("bureau",)
    search_fields = ("name", "code", "judicial_office")
    search_help_text = "名称、区划代码、司法所"

    def ways(self, row: Any) -> Iterable[tuple[str, str]]:
        return (("工作情况", reverse("township", args=[row.code])),)


@admin.register(Village)
class VillageAdmin(ReadOnlyAdmin[Village]):
    list_display = ("name", "code", "township", "kind", "klass", "terrain", "is_active")
    list_filter = (
        *(by_bureau("township__bureau"), by_township("township")),
        *("kind", "terrain", "is_active"),
    )
    list_select_related = ("township",)
    search_fields = ("name", "code", "pinyin", "township__name")
    search_help_text = "名称、拼音首字母、区划代码"
    own_by = "township.bureau_id"

    def ways(self, row: Any) -> Iterable[tuple[str, str]]:
        return (("本月情况", reverse("village", args=[row.code])),)


def _edit(by: Actor, village: Any, typed: dict[str, Any]) -> Village:
    return edit_village(by=by, village=village, **typed)


offer(
    "villages.village",
    Deed("edit", "修改", _edit, "已修改{}。", form=VillageForm),
)
belongs_to(
    "villages.township",
    Belonging("villages.village", "township", "村（社区）", ("name", "code", "kind", "is_active")),
)
belongs_to(
    "villages.bureau",
    Belonging("villages.township", "bureau", "镇街", ("name", "code", "judicial_office")),
)
