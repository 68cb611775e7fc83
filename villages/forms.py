"""Forms of the floor, and fields that offer the viewer's own places."""

from __future__ import annotations

from typing import Any

from django import forms

from lawadvisor.foundation.office.deeds import DeedForm
from villages.enums import Terrain
from villages.models import Bureau, Village


class VillageForm(DeedForm):
    klass = forms.CharField(
        label="类别", max_length=20, required=False, help_text="本局自己的村居分类，没有就不填。"
    )
    terrain = forms.ChoiceField(label="地形", choices=Terrain.choices)
    is_active = forms.BooleanField(
        label="在册", required=False, help_text="撤并的村（社区）去掉勾选；已关账的月份不变。"
    )


class OwnBureauForm(DeedForm):
    """Asks for the bureau only whom has several."""

    bureau = forms.ModelChoiceField(Bureau.objects.none(), label="司法局")

    def prepare(self) -> None:
        own = own_bureaus(self)
        choose(self, "bureau", own)
        if len(own) == 1:
            self.fields["bureau"].widget = forms.HiddenInput()
            self.initial["bureau"] = own[0].pk


def own_bureaus(form: DeedForm) -> list[Bureau]:
    return list(Bureau.objects.visible_to(form.viewer).filter(pk__in=form.viewer.bureaus))


def choose(form: DeedForm, name: str, rows: list[Any]) -> None:
    """Offer these rows, which are read already, in a field."""
    field: Any = form.fields[name]
    model = field.queryset.model
    field.queryset = model.objects.filter(pk__in=[row.pk for row in rows])


class VillageField(forms.ModelChoiceField):
    """A village named with its township; set ``queryset`` to what the viewer may choose."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Village.objects.none(), label="村（社区）", **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.township.name}　{obj.short_name}"


def own_villages(form: DeedForm) -> Any:
    """Villages in use of the viewer's own bureaus, by township."""
    villages = Village.objects.visible_to(form.viewer).active()
    own = villages.filter(township__bureau__in=form.viewer.bureaus)
    return own.select_related("township").order_by("township__code", "code")
