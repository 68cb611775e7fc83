"""零申报: said once a month, and only as long as it is true."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from typing import Any

import pytest

from advisors.models import Appointment
from lawadvisor.foundation.errors import Conflict, DomainError
from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.viewer import Actor
from tests.factories import OCTOBER, make_appointment, make_log, make_user, make_village, term
from worklogs.entries import SessionEntry
from worklogs.enums import FilingState, LogState
from worklogs.models import Filing
from worklogs.services import move_log, submit_log
from worklogs.zero import file_zero

NOW = datetime(2026, 10, 30, 4, tzinfo=UTC)


@pytest.fixture
def actor(db: None) -> Actor:
    return make_user().as_actor()


def say(actor: Actor, appointment: Appointment, **told: Any) -> tuple[Filing, bool]:
    defaults = {"month": OCTOBER, "reason": "未接到服务需求", "now": NOW}
    return file_zero(by=actor, appointment=appointment, **{**defaults, **told})


def hand_in(actor: Actor, appointment: Appointment) -> Any:
    entry = SessionEntry(
        day=date(2026, 10, 9),
        start=540,
        end=780,
        mode="on_site",
        purpose="duty",
        no_visitors=True,
    )
    told = {"client_uuid": uuid.uuid4(), "received_at": NOW, "required": frozenset()}
    return submit_log(by=actor, appointment=appointment, entry=entry, **told)[0]


def test_it_is_said_once_a_month(actor: Actor) -> None:
    appointment = make_appointment()
    filing, new = say(actor, appointment)
    assert new
    assert (filing.title, filing.body) == ("2026年10月零申报", "未接到服务需求")
    assert (filing.filed_on, filing.village) == (date(2026, 10, 30), appointment.village)
    assert say(actor, appointment, reason="") == (filing, False)
    assert AuditEntry.objects.get(verb="zero.file").after == {"month": "2026-10"}


def test_who_served_needs_none(actor: Actor) -> None:
    appointment = make_appointment(village=make_village(name="红湖社区居委会"))
    log = make_log(appointment=appointment)
    with pytest.raises(Conflict, match="2026年10月在红湖社区居委会已有1条服务记录，不需要零申报。"):
        say(actor, appointment)
    move_log(by=actor, log=log, to=LogState.RETURNED, reason="有误")
    assert say(actor, appointment)[1]


def test_a_record_that_comes_later_withdraws_it(actor: Actor) -> None:
    appointment = make_appointment()
    filing, _ = say(actor, appointment)
    log = hand_in(actor, appointment)
    filing.refresh_from_db()
    assert filing.state == FilingState.WITHDRAWN
    assert AuditEntry.objects.filter(verb="zero.withdraw").count() == 1
    move_log(by=actor, log=log, to=LogState.WITHDRAWN, reason="不是这个村")
    again, new = say(actor, appointment, reason="确无需求")
    assert (again.pk, again.state, again.body, new) == (filing.pk, "submitted", "确无需求", True)


def test_another_village_is_left_alone(actor: Actor) -> None:
    appointment = make_appointment()
    filing, _ = say(actor, appointment)
    hand_in(actor, make_appointment(advisor=appointment.advisor))
    filing.refresh_from_db()
    assert filing.state == FilingState.SUBMITTED


def test_a_month_that_cannot_be_meant_is_refused(actor: Actor) -> None:
    with pytest.raises(DomainError, match="2026年11月还没有开始"):
        say(actor, make_appointment(), month=OCTOBER.next())
    with pytest.raises(Conflict, match="2026年10月不在"):
        say(actor, make_appointment(term=term(date(2026, 11, 1))))
    with pytest.raises(Conflict, match="2026年10月不在"):
        say(actor, make_appointment(term=term(end=date(2026, 10, 1))))
    with pytest.raises(DomainError, match="请填写零申报的原因"):
        say(actor, make_appointment(), reason=" ")
    assert not Filing.objects.exists()
