"""A named person lets a soft rule pass; nobody a hard one."""

from __future__ import annotations

from typing import Any

import pytest

from assessments.models import Rule, Waiver
from assessments.services import waive
from lawadvisor.foundation.errors import Conflict, DomainError
from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.viewer import Actor
from tests.factories import OCTOBER, make_bureau, make_policy, make_rule

CLERK = Actor(user_id=7, name="王科员", address="10.0.0.7")


def given(force: str, **changes: Any) -> dict[str, Any]:
    bureau = make_bureau()
    rule: Rule = make_rule(policy=make_policy(bureau=bureau), definition={"force": force})
    return {
        "by": CLERK,
        "bureau": bureau,
        "rule": rule,
        "subject_kind": "village",
        "subject_id": 3,
        "period_start": OCTOBER.start,
        "reason": "防汛",
        "approved_by": "李四",
        **changes,
    }


def test_a_waiver_keeps_reason_and_approver_and_leaves_its_audit_row(db: None) -> None:
    asked = given("soft")
    waiver = waive(**asked)
    assert (waiver.rule_key, waiver.subject_id) == (asked["rule"].key, 3)
    entry = AuditEntry.objects.get(verb="waiver.grant")
    assert (entry.actor_name, entry.reason) == ("王科员", "防汛")
    assert entry.after == {"subject": "village 3", "approved_by": "李四"}
    with pytest.raises(Conflict, match="已有此项例外"):
        waive(**asked)


@pytest.mark.parametrize("force", ["hard", "warning", "information"])
def test_only_a_soft_rule_can_be_let_pass(db: None, force: str) -> None:
    with pytest.raises(DomainError, match="不是原则性要求"):
        waive(**given(force))
    assert not Waiver.objects.exists()


@pytest.mark.parametrize("field", ["reason", "approved_by"])
def test_who_and_why_are_asked(db: None, field: str) -> None:
    with pytest.raises(DomainError, match="事由和批准人"):
        waive(**given("soft", **{field: " "}))
