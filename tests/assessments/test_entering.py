"""A record is known to the close of its month or marked as late, and what was judged stays."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Event

import pytest
from django.db import transaction

from advisors.models import Appointment
from assessments.closing import open_close
from assessments.entering import enter_log, revise_entry, withdraw_entry
from assessments.facts import Desk, facts_for
from assessments.models import MonthClose
from assessments.selectors import rules_in_force
from assessments.services import PACKS, adopt_policy
from lawadvisor.foundation.errors import Conflict, DomainError
from lawadvisor.foundation.viewer import SYSTEM, Actor
from tests.factories import (
    OCTOBER,
    make_appointment,
    make_bureau,
    make_close,
    make_reopening,
    make_township,
    make_user,
    make_village,
)
from worklogs.entries import MatterEntry, SessionEntry
from worklogs.enums import LogState
from worklogs.models import ServiceLog
from worklogs.services import move_log

MATTER = MatterEntry(
    kind="consultation", client="张三", content="赡养纠纷", method="面谈", result="已答复"
)
VISIT = SessionEntry(
    day=date(2026, 10, 9), start=540, end=780, mode="on_site", purpose="duty", matters=(MATTER,)
)
NOW = datetime(2026, 11, 10, 2, tzinfo=UTC)


def served(db: None) -> Appointment:
    bureau = make_bureau()
    adopt_policy(bureau=bureau, pack_path=PACKS / "zx.toml", by=SYSTEM)
    return make_appointment(village=make_village(township=make_township(bureau=bureau)))


appointment = pytest.fixture(served)


@pytest.fixture
def actor(db: None) -> Actor:
    return make_user().as_actor()


def enter(actor: Actor, appointment: Appointment, entry: SessionEntry = VISIT) -> ServiceLog:
    return enter_log(
        by=actor, appointment=appointment, entry=entry, client_uuid=uuid.uuid4(), received_at=NOW
    )[0]


def closed(appointment: Appointment, **fields: object) -> MonthClose:
    policy = appointment.village.township.bureau.policies.get()
    return make_close(policy=policy, **fields)


def revise(
    actor: Actor, log: ServiceLog, entry: SessionEntry, *, to: Appointment | None = None
) -> ServiceLog:
    return revise_entry(
        by=actor,
        log=log,
        appointment=to or log.appointment,
        entry=entry,
        version=log.version,
        received_at=NOW,
    )


def test_the_policy_of_the_day_says_what_is_asked(actor: Actor, appointment: Appointment) -> None:
    with pytest.raises(DomainError, match="请填写：服务方法。") as refusal:
        enter(actor, appointment, replace(VISIT, matters=(replace(MATTER, method=""),)))
    assert refusal.value.field == "matters.0.method"
    lecture = MatterEntry(kind="lecture", content="宪法宣传")
    assert enter(actor, appointment, replace(VISIT, matters=(lecture,)))
    assert enter(actor, make_appointment(), replace(VISIT, matters=(replace(MATTER, method=""),)))


def test_after_the_close_it_is_a_supplement_that_the_close_does_not_know(
    actor: Actor, appointment: Appointment
) -> None:
    assert not enter(actor, appointment).is_supplement
    close = closed(appointment)
    MonthClose.objects.update(opened_at=NOW + timedelta(seconds=5))
    close.refresh_from_db()
    with pytest.raises(Conflict, match="没有开锁，不能再补录或改动记录") as refusal:
        enter(actor, appointment, replace(VISIT, start=800, end=900))
    assert refusal.value.field == "day"
    make_reopening(village=appointment.village)
    late = enter(actor, appointment, replace(VISIT, start=800, end=900))
    assert late.is_supplement
    assert late.entered_at == close.opened_at
    rules = rules_in_force(close.bureau_id, OCTOBER)
    known = facts_for(Desk(close.bureau_id), list(rules.values()), OCTOBER, close.opened_at)
    assert late.pk not in {record.id for record in known.records if record.unit == "session"}
    assert not enter(actor, appointment, replace(VISIT, day=date(2026, 11, 6))).is_supplement


def test_what_was_judged_is_changed_only_after_it_was_returned(
    actor: Actor, appointment: Appointment
) -> None:
    log = enter(actor, appointment)
    closed(appointment)
    with pytest.raises(Conflict, match="2026年10月已经关账，该记录不能再改动"):
        revise(actor, log, replace(VISIT, place="村部"))
    with pytest.raises(Conflict, match="2026年10月已经关账"):
        withdraw_entry(by=actor, log=log, reason="记错了")
    move_log(by=actor, log=log, to=LogState.RETURNED, reason="地点不清")
    again = revise(actor, log, replace(VISIT, place="村部"))
    assert (again.state, again.is_supplement) == (LogState.SUBMITTED, True)


def test_a_record_that_moves_into_a_closed_month_is_a_supplement(
    actor: Actor, appointment: Appointment
) -> None:
    log = enter(actor, appointment, replace(VISIT, day=date(2026, 11, 6)))
    closed(appointment)
    with pytest.raises(Conflict, match="没有开锁"):
        revise(actor, log, VISIT)
    make_reopening(village=appointment.village)
    assert revise(actor, log, VISIT).is_supplement


def test_a_withdrawal_is_done_once(actor: Actor, appointment: Appointment) -> None:
    log = enter(actor, appointment)
    first = withdraw_entry(by=actor, log=log, reason="重复填写")
    closed(appointment)
    again = withdraw_entry(by=actor, log=log, reason="重复填写")
    assert (first.state, again.state) == (LogState.WITHDRAWN, LogState.WITHDRAWN)


def test_a_withdrawn_record_is_told_to_no_engine(actor: Actor, appointment: Appointment) -> None:
    log = enter(actor, appointment)
    bureau_id = appointment.village.township.bureau_id
    rules = list(rules_in_force(bureau_id, OCTOBER).values())
    assert log.pk in {r.id for r in facts_for(Desk(bureau_id), rules, OCTOBER).records}
    withdraw_entry(by=actor, log=log, reason="重复填写")
    assert [
        r for r in facts_for(Desk(bureau_id), rules, OCTOBER).records if r.day.month == 10
    ] == []


def test_a_close_waits_for_what_is_being_entered_and_knows_it(
    elsewhere: Callable[..., Future], transactional_db: None, bell: list[int]
) -> None:
    appointment, actor = served(None), make_user().as_actor()
    bureau = appointment.village.township.bureau
    entered, may_commit = Event(), Event()

    def enter_slowly() -> ServiceLog:
        with transaction.atomic():
            log = enter(actor, appointment)
            entered.set()
            assert may_commit.wait(10)
        return log

    log = elsewhere(enter_slowly)
    assert entered.wait(10)
    close = elsewhere(
        lambda: open_close(bureau=bureau, month=OCTOBER, by=SYSTEM, today=date(2026, 11, 10))
    )
    with pytest.raises(TimeoutError):
        close.result(timeout=0.3)
    may_commit.set()
    assert not log.result().is_supplement
    assert close.result().revision == 1
    make_reopening(village=appointment.village)
    assert enter(actor, appointment, replace(VISIT, start=800, end=900)).is_supplement
