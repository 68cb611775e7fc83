"""Writes of the roster: organisations, advisors, teams. Each leaves its audit row."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import models, transaction

from advisors.models import Advisor, Appointment, Organisation, ServiceTeam
from advisors.rules import clean_reason
from lawadvisor.foundation import audit
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.viewer import Actor
from lawadvisor.foundation.whole import check_whole, facts_of
from villages.models import Bureau

M = TypeVar("M", bound=models.Model)

ORGANISATION_FACTS = ("name", "kind")
ADVISOR_FACTS = (
    *("name", "category", "licence_no", "education", "practice_start", "is_volunteer"),
)
_TEAM_FACTS = ("name", "lead")


@transaction.atomic
def create_organisation(*, by: Actor, bureau: Bureau, name: str, kind: str) -> Organisation:
    """Raises DomainError for a name that the bureau has already."""
    organisation = Organisation(bureau=bureau, name=name.strip(), kind=kind)
    return _create(by, "organisation.create", organisation, bureau.pk, ORGANISATION_FACTS)


@transaction.atomic
def edit_organisation(
    *, by: Actor, organisation: Organisation, name: str, kind: str
) -> Organisation:
    fresh = Organisation.objects.select_for_update().get(pk=organisation.pk)
    change = {"name": name.strip(), "kind": kind}
    return _edit(by, "organisation.edit", fresh, fresh.bureau_id, change)


@transaction.atomic
def create_advisor(*, by: Actor, organisation: Organisation, **facts: Any) -> Advisor:
    """``facts`` are those of ``ADVISOR_FACTS``. Raises DomainError for a licence number that
    another person has, or that is missing where the category practises under one (ZX-22).
    """
    advisor = Advisor(organisation=organisation, **_trimmed(facts))
    bureau_id = organisation.bureau_id
    return _create(by, "advisor.create", advisor, bureau_id, (*ADVISOR_FACTS, "organisation"))


@transaction.atomic
def edit_advisor(*, by: Actor, advisor: Advisor, **facts: Any) -> Advisor:
    """As ``create_advisor``; appointments that stand are not judged anew."""
    fresh = _locked(advisor)
    return _edit(by, "advisor.edit", fresh, fresh.organisation.bureau_id, _trimmed(facts))


@transaction.atomic
def move_advisor(
    *, by: Actor, advisor: Advisor, organisation: Organisation, reason: str
) -> Advisor:
    """To another organisation of the same bureau. Appointments run on; a team of the old
    organisation is left.

    Raises DomainError without a reason, for the present organisation, or one of another bureau.
    """
    fresh = _locked(advisor)
    reason = clean_reason(reason, field="reason")
    if not reason:
        raise DomainError("请填写变更事由。", field="reason")
    if organisation.pk == fresh.organisation_id:
        raise DomainError(f"{fresh}现在就属于{organisation}。", field="organisation")
    if organisation.bureau_id != fresh.organisation.bureau_id:
        raise DomainError("只能变更为本局登记的机构。", field="organisation")
    Appointment.objects.filter(advisor=fresh, team__organisation=fresh.organisation_id).update(
        team=None
    )
    ServiceTeam.objects.filter(lead=fresh).update(lead=None)
    change = {"organisation": organisation}
    return _edit(by, "advisor.move", fresh, organisation.bureau_id, change, reason)


@transaction.atomic
def create_team(
    *, by: Actor, organisation: Organisation, name: str, lead: Advisor | None
) -> ServiceTeam:
    """Raises DomainError for a name that the organisation has, or a lead from elsewhere."""
    _check_lead(organisation, lead)
    team = ServiceTeam(organisation=organisation, name=name.strip(), lead=lead)
    return _create(by, "team.create", team, organisation.bureau_id, (*_TEAM_FACTS, "organisation"))


@transaction.atomic
def edit_team(*, by: Actor, team: ServiceTeam, name: str, lead: Advisor | None) -> ServiceTeam:
    fresh = (
        ServiceTeam.objects.select_for_update(of=("self",))
        .select_related("organisation", "lead")
        .get(pk=team.pk)
    )
    _check_lead(fresh.organisation, lead)
    change = {"name": name.strip(), "lead": lead}
    return _edit(by, "team.edit", fresh, fresh.organisation.bureau_id, change)


@transaction.atomic
def put_in_team(*, by: Actor, appointment: Appointment, team: ServiceTeam | None) -> Appointment:
    """Let the appointment be served with a team of the advisor's organisation; None: by himself."""
    fresh = (
        Appointment.objects.select_for_update(of=("self",))
        .select_related("advisor", "village__township", "team")
        .get(pk=appointment.pk)
    )
    if team is not None and team.organisation_id != fresh.advisor.organisation_id:
        raise DomainError("只能编入该顾问所属机构的团队。", field="team")
    bureau_id = fresh.village.township.bureau_id
    return _edit(by, "appointment.team", fresh, bureau_id, {"team": team}, checks=False)


def _check_lead(organisation: Organisation, lead: Advisor | None) -> None:
    if lead is not None and lead.organisation_id != organisation.pk:
        raise DomainError("负责人须是该机构的法律顾问。", field="lead")


def _locked(advisor: Advisor) -> Advisor:
    return (
        Advisor.objects.select_for_update(of=("self",))
        .select_related("organisation")
        .get(pk=advisor.pk)
    )


def _trimmed(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: v.strip() if isinstance(v, str) else v for name, v in facts.items()}


def _create(by: Actor, verb: str, row: M, bureau_id: int, names: tuple[str, ...]) -> M:
    check_whole(row)
    row.save()
    audit.record(by=by, verb=verb, subject=row, bureau_id=bureau_id, after=facts_of(row, names))
    return row


def _edit(
    by: Actor,
    verb: str,
    row: M,
    bureau_id: int,
    change: dict[str, Any],
    reason: str = "",
    *,
    checks: bool = True,
) -> M:
    """Write what differs; nothing at all when nothing does."""
    names = tuple(change)
    before = facts_of(row, names)
    for name, value in change.items():
        setattr(row, name, value)
    after = facts_of(row, names)
    if before == after:
        return row
    if checks:
        check_whole(row)
    row.save()
    audit.record(
        by=by,
        verb=verb,
        subject=row,
        bureau_id=bureau_id,
        before=before,
        after=after,
        reason=reason,
    )
    return row
