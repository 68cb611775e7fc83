"""Forms for appointing under the policy and for letting a soft rule pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone

from advisors.forms import AdvisorField, ReasonField, offer_rows, own_advisors
from assessments.models import Rule
from assessments.quota.rules import Force
from lawadvisor.foundation.office.deeds import DayField, DeedForm
from lawadvisor.foundation.periods import Period, PeriodKind
from villages.forms import VillageField, own_villages


class _AppointForm(DeedForm):
    start = DayField(label="任期起始日")
    last = DayField(label="任期最后一天", required=False, help_text="没有约定就不填。")
    reason = ReasonField(
        label="超限事由",
        required=False,
        help_text="只在政策允许例外、且已超过担任上限时填写，须同时写明批准人。",
    )
    approved_by = forms.CharField(label="批准人", max_length=50, required=False)

    def known(self, name: str) -> Any:
        return timezone.localdate() if name == "start" else None


class AppointToForm(_AppointForm):
    """On an advisor's page."""

    village = VillageField()
    field_order: Sequence[str] | None = ("village", "start", "last")

    def prepare(self) -> None:
        offer_rows(self, "village", own_villages(self))


class AppointWhomForm(_AppointForm):
    """On a village's page."""

    advisor = AdvisorField()
    field_order = ("advisor", "start", "last")

    def prepare(self) -> None:
        offer_rows(self, "advisor", own_advisors(self))


class NewAppointmentForm(AppointToForm):
    """On the list of appointments."""

    advisor = AdvisorField()
    field_order = ("advisor", "village", "start", "last")

    def prepare(self) -> None:
        super().prepare()
        offer_rows(self, "advisor", own_advisors(self))
        self.initial["start"] = timezone.localdate()


class MonthField(forms.CharField):
    """A month as 2026-11; its first day."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"type": "month"})
        super().__init__(**{"label": "月份", "widget": widget, **kwargs})

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            month = Period.parse(text)
        except ValueError:
            month = None
        if month is None or month.kind is not PeriodKind.MONTH:
            raise forms.ValidationError("月份应为2026-01这样的年月。")
        return month.start


class RuleField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.title}（{obj.clause}）"


class WaiverForm(DeedForm):
    """For one of the subjects that soft rules judge: an advisor or a village."""

    rule = RuleField(Rule.objects.none(), label="规则")
    advisor = AdvisorField(required=False, help_text="规则考核法律顾问时选择。")
    village = VillageField(required=False, help_text="规则考核村（社区）时选择。")
    period_start = MonthField()
    reason = ReasonField()
    approved_by = forms.CharField(label="批准人", max_length=50)

    def prepare(self) -> None:
        rules = Rule.objects.visible_to(self.viewer).filter(definition__force=Force.SOFT.value)
        own = rules.filter(policy__bureau__in=self.viewer.bureaus).select_related("policy")
        offer_rows(self, "rule", own.order_by("-policy__effective_from", "position"))
        offer_rows(self, "advisor", own_advisors(self))
        offer_rows(self, "village", own_villages(self))

    def clean(self) -> dict[str, Any]:
        typed: dict[str, Any] = super().clean() or {}
        rule = typed.get("rule")
        if rule is None:
            return typed
        fitting = [kind for kind in rule.definition["subjects"] if typed.get(kind)]
        given = [kind for kind in ("advisor", "village") if typed.get(kind)]
        if fitting != given or len(given) != 1:
            wanted = "或".join(
                str(self.fields[kind].label)
                for kind in rule.definition["subjects"]
                if kind in self.fields
            )
            raise forms.ValidationError(f"“{rule.title}”的例外请只选择一个{wanted}。")
        return typed


class PassForm(DeedForm):
    """On a verdict's page, where rule, subject and period are known."""

    reason = ReasonField()
    approved_by = forms.CharField(label="批准人", max_length=50)

    def known(self, name: str) -> Any:  # noqa: ARG002 nothing of the verdict's
        return None
