"""Appointing under the policy, and letting a soft rule pass, in the back office."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Model

from advisors.models import Advisor
from assessments import forms
from assessments.appointing import appoint_by_policy
from assessments.enums import VerdictStatus
from assessments.quota.rules import Force
from assessments.services import waive
from lawadvisor.foundation.office.deeds import Deed, offer
from lawadvisor.foundation.viewer import Actor
from villages.models import Village

Typed = dict[str, Any]


def _appoint(by: Actor, typed: Typed, *, advisor: Advisor, village: Village) -> Model:
    last: date | None = typed["last"]
    return appoint_by_policy(
        by=by,
        advisor=advisor,
        village=village,
        start=typed["start"],
        end=last + timedelta(days=1) if last else None,
        reason=typed["reason"],
        approved_by=typed["approved_by"],
    )


def _appoint_to(by: Actor, row: Any, typed: Typed) -> Model:
    return _appoint(by, typed, advisor=row, village=typed["village"])


def _appoint_whom(by: Actor, row: Any, typed: Typed) -> Model:
    return _appoint(by, typed, advisor=typed["advisor"], village=row)


def _appoint_anew(by: Actor, _: Any, typed: Typed) -> Model:
    return _appoint(by, typed, advisor=typed["advisor"], village=typed["village"])


def _waive(by: Actor, _: Any, typed: Typed) -> Model:
    kind = "advisor" if typed["advisor"] else "village"
    rule = typed["rule"]
    return waive(
        by=by,
        bureau=rule.policy.bureau,
        rule=rule,
        subject_kind=kind,
        subject_id=typed[kind].pk,
        period_start=typed["period_start"],
        reason=typed["reason"],
        approved_by=typed["approved_by"],
    )


def _pass(by: Actor, row: Any, typed: Typed) -> Model:
    waive(
        by=by,
        bureau=row.close.bureau,
        rule=row.rule,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        period_start=row.period_start,
        **typed,
    )
    return row


def _may_pass(row: Any) -> bool:
    soft = row.rule.definition["force"] == Force.SOFT.value
    return bool(soft and row.status == VerdictStatus.NOT_MET)


_APPOINTED = "已聘任：{}。"
offer(
    "advisors.advisor",
    Deed("appoint", "聘任到村（社区）", _appoint_to, _APPOINTED, form=forms.AppointToForm),
)
offer(
    "villages.village",
    Deed("appoint", "聘任法律顾问", _appoint_whom, _APPOINTED, form=forms.AppointWhomForm),
)
offer(
    "advisors.appointment",
    Deed("new", "聘任", _appoint_anew, _APPOINTED, form=forms.NewAppointmentForm, makes=True),
)
_PASSES = "批准以后开始的关账将按例外处理；已关账的月份须重新核算才会改变。例外不能撤回。"
offer(
    "assessments.waiver",
    Deed(
        "new", "批准例外", _waive, "已批准例外：{}。",
        form=forms.WaiverForm, makes=True, warning=_PASSES,
    ),
)  # fmt: skip
offer(
    "assessments.verdict",
    Deed(
        "pass", "批准例外", _pass, "已批准例外：{}。",
        form=forms.PassForm, fits=_may_pass, warning=_PASSES,
    ),
)  # fmt: skip
