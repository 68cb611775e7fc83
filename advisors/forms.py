"""Forms of the roster's daily work. What they refuse, the services refuse too."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from advisors.enums import Category, Education, OrganisationKind
from advisors.models import Advisor, Organisation, ServiceTeam
from advisors.rules import REASON_LENGTH
from lawadvisor.foundation.office.deeds import DayField, DeedForm
from villages.forms import OwnBureauForm


class ReasonField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        kwargs = {"label": "事由", "max_length": REASON_LENGTH, **kwargs}
        super().__init__(widget=forms.Textarea(attrs={"rows": 2}), **kwargs)


class OrganisationField(forms.ModelChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Organisation.objects.none(), **{"label": "所属机构", **kwargs})


class AdvisorField(forms.ModelChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Advisor.objects.none(), **{"label": "法律顾问", **kwargs})

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name}　{obj.organisation.name}"


def own_organisations(form: DeedForm) -> QuerySet[Organisation]:
    organisations = Organisation.objects.visible_to(form.viewer)
    return organisations.filter(bureau__in=form.viewer.bureaus).order_by("name")


def own_advisors(form: DeedForm) -> QuerySet[Advisor]:
    """Those of the viewer's own organisations, and those from elsewhere who serve there."""
    return Advisor.objects.visible_to(form.viewer).select_related("organisation").order_by("pinyin")


def offer_rows(form: DeedForm, name: str, rows: QuerySet[Any]) -> None:
    field: Any = form.fields[name]
    field.queryset = rows


# ---------------------------------------------------------------- organisations and people


class OrganisationForm(DeedForm):
    name = forms.CharField(label="名称", max_length=80)
    kind = forms.ChoiceField(label="性质", choices=OrganisationKind.choices)


class NewOrganisationForm(OwnBureauForm, OrganisationForm):
    field_order = ("bureau", "name", "kind")


class AdvisorForm(DeedForm):
    name = forms.CharField(label="姓名", max_length=50)
    category = forms.ChoiceField(label="类别", choices=Category.choices)
    licence_no = forms.CharField(
        label="执业证号",
        max_length=30,
        required=False,
        help_text="律师和基层法律服务工作者必填。",
    )
    education = forms.ChoiceField(
        label="学历", choices=[("", "未填"), *Education.choices], required=False
    )
    practice_start = DayField(label="开始执业日期", required=False)
    is_volunteer = forms.BooleanField(label="志愿者", required=False)


class NewAdvisorForm(AdvisorForm):
    organisation = OrganisationField()
    field_order = ("organisation",)

    def prepare(self) -> None:
        offer_rows(self, "organisation", own_organisations(self))


class MoveForm(DeedForm):
    organisation = OrganisationField(label="变更为")
    reason = ReasonField()

    def prepare(self) -> None:
        others = own_organisations(self).exclude(pk=self.row.organisation_id)
        offer_rows(self, "organisation", others)
        self.initial["organisation"] = None


class TeamForm(DeedForm):
    name = forms.CharField(label="名称", max_length=50)
    lead = AdvisorField(label="负责人", required=False)

    def prepare(self) -> None:
        organisation = getattr(self.row, "organisation_id", None)
        offer_rows(self, "lead", own_advisors(self).filter(organisation=organisation))


class NewTeamForm(DeedForm):
    """On an organisation's page, which is the row."""

    name = forms.CharField(label="团队名称", max_length=50)
    lead = AdvisorField(label="负责人", required=False)

    def known(self, name: str) -> Any:  # noqa: ARG002 the organisation's own name is none
        return None

    def prepare(self) -> None:
        offer_rows(self, "lead", own_advisors(self).filter(organisation=self.row.pk))


# ---------------------------------------------------------------- appointments


class EndForm(DeedForm):
    on = DayField(label="结束日期", help_text="从这一天起不再服务。")
    reason = ReasonField(label="结束事由")

    def known(self, name: str) -> Any:
        return timezone.localdate() if name == "on" else None


class SuspendForm(DeedForm):
    on = DayField(label="暂停起始日", help_text="暂停期间不计入考核，仍占聘任名额。")
    reason = ReasonField(label="暂停事由")

    def known(self, name: str) -> Any:
        return timezone.localdate() if name == "on" else None


class ResumeForm(DeedForm):
    on = DayField(label="恢复日期", help_text="原聘任到前一天为止，从这一天起另立一条聘任。")
    reason = ReasonField(label="恢复事由")

    def known(self, name: str) -> Any:
        return timezone.localdate() if name == "on" else None


class AbsenceForm(DeedForm):
    start = DayField(label="请假第一天")
    last = DayField(label="请假最后一天")
    reason = ReasonField()
    approved_by = forms.CharField(label="批准人", max_length=50)
    substitute = AdvisorField(label="代班人", required=False)

    def known(self, name: str) -> Any:  # noqa: ARG002 nothing of the appointment's
        return None

    def prepare(self) -> None:
        offer_rows(self, "substitute", own_advisors(self).exclude(pk=self.row.advisor_id))


class TeamChoiceForm(DeedForm):
    team = forms.ModelChoiceField(
        ServiceTeam.objects.none(), label="服务团队", required=False, empty_label="单独服务"
    )

    def prepare(self) -> None:
        organisation = self.row.advisor.organisation_id
        teams = ServiceTeam.objects.visible_to(self.viewer).filter(organisation=organisation)
        offer_rows(self, "team", teams)
