"""Forms for posts: who sits where, from when; ended, handed over."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from advisors.forms import OrganisationField, ReasonField, offer_rows
from advisors.models import PLACE_OF, Organisation
from advisors.posting import may_give
from lawadvisor.accounts.models import User
from lawadvisor.foundation.office.deeds import DayField, DeedForm
from lawadvisor.foundation.roles import GIVEN_BY_A_BUREAU, ROLES, Role
from villages.forms import VillageField, choose
from villages.models import Bureau, Township, Village


class UserField(forms.ModelChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(User.objects.none(), **{"label": "用户", **kwargs})

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name}（{obj.username}）"


class PlaceForm(DeedForm):
    """A role and, by how far it reaches, where; ``place`` among the cleaned values is the row."""

    role = forms.ChoiceField(label="角色")
    bureau = forms.ModelChoiceField(Bureau.objects.none(), label="司法局", required=False)
    township = forms.ModelChoiceField(
        Township.objects.none(), label="镇街", required=False, help_text="司法所、镇街的岗位选择。"
    )
    village = VillageField(required=False, help_text="联络员、人民调解员的岗位选择。")
    organisation = OrganisationField(
        label="机构", required=False, help_text="律师事务所、法律服务所的岗位选择。"
    )
    area = forms.CharField(
        label="区划代码前几位",
        max_length=4,
        required=False,
        help_text="律师协会、上级机关的岗位填写：省2位，市4位。",
    )
    start = DayField(label="任期起始日")

    def prepare(self) -> None:
        viewer, everywhere = self.viewer, self.viewer.sees_all
        roles = [role for role in ROLES if role != Role.ADVISOR]
        if not everywhere:
            roles = [role for role in roles if role in GIVEN_BY_A_BUREAU]
        field: Any = self.fields["role"]
        field.choices = [("", "请选择"), *((str(role), role.label) for role in roles)]
        own = Bureau.objects.visible_to(viewer)
        choose(self, "bureau", list(own))
        offer_rows(self, "township", Township.objects.visible_to(viewer).order_by("code"))
        villages = Village.objects.visible_to(viewer).active().select_related("township")
        offer_rows(self, "village", villages.order_by("code"))
        offer_rows(self, "organisation", Organisation.objects.visible_to(viewer).order_by("name"))
        self.initial["start"] = timezone.localdate()
        if not everywhere:
            del self.fields["bureau"], self.fields["area"]

    def clean(self) -> dict[str, Any]:
        typed: dict[str, Any] = super().clean() or {}
        if "role" not in typed:
            return typed
        role = Role(typed["role"])
        name = PLACE_OF[ROLES[role].scope]
        place = self._place(name, typed) if name else None
        if name and not place:
            self.add_error(name, f"“{role.label}”的岗位请填写{self.fields[name].label}。")
        elif not may_give(self.viewer, role, place):
            self.add_error("role", "您不能设置这个岗位。")
        return {
            **{key: typed[key] for key in typed if key not in PLACE_OF.values()},
            "role": role,
            "place": place,
        }

    def _place(self, name: str, typed: dict[str, Any]) -> Any:
        """A bureau's staff give posts in their own bureau, and are not asked which."""
        if name == "bureau" and name not in self.fields:
            return Bureau.objects.filter(pk__in=self.viewer.bureaus).first()
        return typed.get(name)

    def said(self) -> Any:
        return ()


class PostForm(PlaceForm):
    user = UserField()
    field_order = ("user", "role")

    def prepare(self) -> None:
        super().prepare()
        offer_rows(self, "user", User.objects.visible_to(self.viewer).filter(is_active=True))


class EndPostForm(DeedForm):
    on = DayField(label="结束日期", help_text="从这一天起不再担任。")
    reason = ReasonField(label="结束事由")

    def known(self, name: str) -> Any:
        return timezone.localdate() if name == "on" else None


class HandOverForm(EndPostForm):
    to = UserField(label="接任人", help_text="接任人还没有账号的，请先在“用户”中开通。")
    on = DayField(label="交接日期", help_text="从这一天起由接任人担任；原有的工作记录不变。")
    reason = ReasonField(label="交接事由")
    field_order = ("to", "on", "reason")

    def prepare(self) -> None:
        others = User.objects.visible_to(self.viewer).filter(is_active=True)
        offer_rows(self, "to", others.exclude(pk=self.row.user_id))


# ---------------------------------------------------------------- accounts


class NewUserForm(PlaceForm):
    """A person with his first post; further ones are given on the list of posts."""

    username = forms.CharField(
        label="用户名", max_length=50, help_text="登录用，如姓名拼音，开通后不能修改。"
    )
    name = forms.CharField(label="姓名", max_length=50)
    phone = forms.CharField(
        label="手机号", max_length=20, required=False, help_text="填写后也可以用手机号登录。"
    )
    field_order = ("username", "name", "phone", "role")


class PhoneForm(DeedForm):
    """The number that is stored is not shown: a new one is typed whole."""

    phone = forms.CharField(
        label="新手机号", max_length=20, required=False, help_text="不填就只能用用户名登录。"
    )

    def known(self, name: str) -> Any:  # noqa: ARG002
        return None


class WhyForm(DeedForm):
    reason = ReasonField()
