"""Suspending and ending an appointment in the back office: only this floor sees the records that
would be left outside the term."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from advisors import forms
from advisors.deeds import is_active, runs
from lawadvisor.foundation.office.deeds import Deed, offer
from lawadvisor.foundation.viewer import Actor
from worklogs.services import end_service, suspend_service


def _end(by: Actor, row: Any, typed: dict[str, Any]) -> Model:
    return end_service(by=by, appointment=row, **typed)


def _suspend(by: Actor, row: Any, typed: dict[str, Any]) -> Model:
    return suspend_service(by=by, appointment=row, **typed)


offer(
    "advisors.appointment",
    Deed(
        "suspend", "暂停", _suspend, "已暂停{}。",
        form=forms.SuspendForm, fits=is_active, bulk="暂停所选聘任",
    ),
    Deed(
        "end", "结束聘任", _end, "已结束{}。",
        form=forms.EndForm, fits=runs, bulk="结束所选聘任",
        warning="结束后不能撤回，需要时只能重新聘任；已有的服务记录和已关账的月份不变。",
    ),
)  # fmt: skip
