"""What clerks do with organisations, advisors, teams and appointments in the back office."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Model

from advisors import forms, registering, services
from advisors.enums import AppointmentStatus
from lawadvisor.foundation.office.deeds import Deed, offer
from lawadvisor.foundation.viewer import Actor

Typed = dict[str, Any]


def _new_organisation(by: Actor, _: Any, typed: Typed) -> Model:
    return registering.create_organisation(by=by, **typed)


def _edit_organisation(by: Actor, row: Any, typed: Typed) -> Model:
    return registering.edit_organisation(by=by, organisation=row, **typed)


def _new_team(by: Actor, row: Any, typed: Typed) -> Model:
    return registering.create_team(by=by, organisation=row, **typed)


def _edit_team(by: Actor, row: Any, typed: Typed) -> Model:
    return registering.edit_team(by=by, team=row, **typed)


def _new_advisor(by: Actor, _: Any, typed: Typed) -> Model:
    return registering.create_advisor(by=by, **typed)


def _edit_advisor(by: Actor, row: Any, typed: Typed) -> Model:
    return registering.edit_advisor(by=by, advisor=row, **typed)


def _move(by: Actor, row: Any, typed: Typed) -> Model:
    return registering.move_advisor(by=by, advisor=row, **typed)


def _resume(by: Actor, row: Any, typed: Typed) -> Model:
    return services.resume_appointment(by=by, appointment=row, **typed)


def _absence(by: Actor, row: Any, typed: Typed) -> Model:
    last = typed.pop("last")
    services.record_absence(by=by, appointment=row, end=last + timedelta(days=1), **typed)
    return row


def _team(by: Actor, row: Any, typed: Typed) -> Model:
    return registering.put_in_team(by=by, appointment=row, **typed)


def is_active(row: Any) -> bool:
    return bool(row.status == AppointmentStatus.ACTIVE)


def _is_suspended(row: Any) -> bool:
    return bool(row.status == AppointmentStatus.SUSPENDED)


def runs(row: Any) -> bool:
    return is_active(row) or _is_suspended(row)


offer(
    "advisors.organisation",
    Deed(
        "new", "登记机构", _new_organisation, "已登记{}。",
        form=forms.NewOrganisationForm, makes=True,
    ),
    Deed("edit", "修改", _edit_organisation, "已修改{}。", form=forms.OrganisationForm),
    Deed("team", "建立服务团队", _new_team, "已建立服务团队{}。", form=forms.NewTeamForm),
)  # fmt: skip
offer(
    "advisors.serviceteam",
    Deed("edit", "修改", _edit_team, "已修改{}。", form=forms.TeamForm),
)
offer(
    "advisors.advisor",
    Deed("new", "登记法律顾问", _new_advisor, "已登记{}。", form=forms.NewAdvisorForm, makes=True),
    Deed("edit", "修改", _edit_advisor, "已修改{}。", form=forms.AdvisorForm),
    Deed("move", "变更所属机构", _move, "已变更{}的所属机构。", form=forms.MoveForm),
)
offer(
    "advisors.appointment",
    Deed("absence", "登记请假", _absence, "已登记{}的请假。", form=forms.AbsenceForm, fits=runs),
    Deed("team", "编入团队", _team, "已更新{}的服务团队。", form=forms.TeamChoiceForm, fits=runs),
    Deed("resume", "恢复", _resume, "已恢复：{}。", form=forms.ResumeForm, fits=_is_suspended),
)
