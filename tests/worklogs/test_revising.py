"""A record told anew: nobody overwrites what he has not read, and both tellings are kept."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection

from lawadvisor.foundation.errors import Conflict, DomainError
from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.viewer import Actor
from tests.factories import make_appointment, make_attachment, make_log, make_matter, make_user
from worklogs.entries import Different, MatterEntry, SessionEntry, Stale
from worklogs.enums import LogState
from worklogs.models import Matter, ServiceLog
from worklogs.revising import revise_log
from worklogs.services import move_log, submit_log

CONSULTATION = MatterEntry(
    kind="consultation",
    client="张三",
    phone="13800138000",
    content="赡养纠纷",
    method="当面解答",
    result="已答复",
)
VISIT = SessionEntry(
    day=date(2026, 10, 9),
    start=540,
    end=780,
    mode="on_site",
    purpose="duty",
    matters=(CONSULTATION,),
)
RECEIVED = datetime(2026, 10, 9, 12, tzinfo=UTC)
LATER = datetime(2026, 10, 10, 12, tzinfo=UTC)


@pytest.fixture
def actor(db: None) -> Actor:
    return make_user(name="张律师").as_actor()


@pytest.fixture
def log(actor: Actor) -> ServiceLog:
    return submit_log(
        by=actor,
        appointment=make_appointment(),
        entry=VISIT,
        client_uuid=uuid.uuid4(),
        received_at=RECEIVED,
        required=frozenset(),
    )[0]


def revise(actor: Actor, log: ServiceLog, entry: SessionEntry, **told: Any) -> ServiceLog:
    defaults = {"version": 1, "appointment": log.appointment, "required": frozenset()}
    return revise_log(by=actor, log=log, entry=entry, received_at=LATER, **{**defaults, **told})


def of(log: ServiceLog) -> MatterEntry:
    """The one matter of the log, told as it was."""
    return replace(CONSULTATION, pk=log.matters.get().pk)


def test_a_revision_replaces_what_was_told_and_counts_up(actor: Actor, log: ServiceLog) -> None:
    told = replace(VISIT, end=840, matters=(replace(of(log), result="已调解"),))
    revise(actor, log, told)
    kept = ServiceLog.objects.get()
    assert (kept.version, kept.minutes, kept.state) == (2, 300, LogState.SUBMITTED)
    assert kept.entered_at == RECEIVED
    assert kept.matters.get().result == "已调解"
    assert kept.matters.get().pk == of(log).pk


def test_the_audit_keeps_both_tellings_and_no_client(actor: Actor, log: ServiceLog) -> None:
    matter = replace(of(log), client="李小四", phone="13900139000", content="改了一段话")
    revise(actor, log, replace(VISIT, mode="phone", matters=(matter,)))
    entry = AuditEntry.objects.get(verb="log.revise")
    assert entry.before == {
        "mode": "现场",
        "matters.0.client": "张*",
        "matters.0.phone": "138****8000",
        "matters.0.content": "（4个字）",
    }
    assert entry.after["matters.0.client"] == "李*"
    assert entry.after["matters.0.content"] == "（5个字）"
    assert entry.actor_name == "张律师"


def test_the_same_again_is_written_once(actor: Actor, log: ServiceLog) -> None:
    told = replace(VISIT, matters=(MatterEntry(kind="document", content="合同"), of(log)))
    revise(actor, log, told)
    again = revise(actor, log, told)
    assert again.version == 2
    assert [matter.kind for matter in again.matters.order_by("id")] == ["consultation", "document"]
    assert AuditEntry.objects.filter(verb="log.revise").count() == 1


def test_what_was_changed_meanwhile_is_not_overwritten(actor: Actor, log: ServiceLog) -> None:
    revise(actor, log, replace(VISIT, place="村部", matters=(of(log),)))
    with pytest.raises(Stale, match="该记录已在别处修改过，请核对：地点。") as refusal:
        revise(actor, log, replace(VISIT, place="广场", matters=(of(log),)))
    assert refusal.value.differences == (("place", "地点", "村部", "广场"),)
    assert refusal.value.log.version == 2
    assert ServiceLog.objects.get().place == "村部"


def test_a_returned_record_is_handed_in_again(actor: Actor, log: ServiceLog) -> None:
    move_log(by=actor, log=log, to=LogState.RETURNED, reason="时间有误")
    kept = revise(actor, log, replace(VISIT, end=800, matters=(of(log),)))
    assert (kept.state, kept.returned_reason) == (LogState.SUBMITTED, "")
    assert AuditEntry.objects.get(verb="log.revise").before["state"] == "returned"


@pytest.mark.parametrize("state", [LogState.CONFIRMED, LogState.REVIEWED, LogState.WITHDRAWN])
def test_what_somebody_vouched_for_stays(actor: Actor, log: ServiceLog, state: LogState) -> None:
    move_log(by=actor, log=log, to=state, reason="记错了")
    with pytest.raises(Conflict, match=f"该记录{state.label}，不能再修改"):
        revise(actor, log, replace(VISIT, place="村部", matters=(of(log),)))
    assert ServiceLog.objects.get().place == ""


def test_a_revision_is_held_to_the_rules_of_an_entry(actor: Actor, log: ServiceLog) -> None:
    make_log(appointment=log.appointment, start="14:00", end="16:00")
    with pytest.raises(Conflict, match="时间不能重叠"):
        revise(actor, log, replace(VISIT, end=900, matters=(of(log),)))
    told = replace(VISIT, matters=(replace(of(log), client=""),))
    with pytest.raises(DomainError, match="请填写：服务对象。"):
        revise(actor, log, told, required=frozenset({"client"}))
    with pytest.raises(Conflict, match="不在"):
        revise(actor, log, replace(VISIT, day=date(2025, 10, 9), matters=(of(log),)))


def test_a_record_may_move_to_another_of_ones_villages(actor: Actor, log: ServiceLog) -> None:
    other = make_appointment(advisor=log.advisor)
    assert revise(actor, log, replace(VISIT, matters=(of(log),)), appointment=other)
    kept = ServiceLog.objects.get()
    connection.check_constraints()
    assert kept.appointment == other
    with pytest.raises(ValueError, match="its advisor"):
        revise(actor, log, VISIT, appointment=make_appointment())


def test_what_the_teller_may_not_read_stays(actor: Actor, log: ServiceLog) -> None:
    matter = log.matters.get()
    matter.special_group = "released"
    matter.save()
    told = replace(of(log), content="改了", untold=frozenset({"special_group"}))
    revise(actor, log, replace(VISIT, matters=(told,)))
    assert Matter.objects.get().special_group == "released"
    assert Matter.objects.get().content == "改了"


def test_a_matter_told_no_more_goes_unless_it_has_photos(actor: Actor, log: ServiceLog) -> None:
    photographed = make_matter(log=log, kind="lecture")
    make_attachment(matter=photographed)
    revise(actor, log, replace(VISIT, matters=(MatterEntry(kind="lecture", pk=photographed.pk),)))
    assert list(log.matters.all()) == [photographed]
    with pytest.raises(DomainError, match="“法治讲座”已有照片，不能删去"):
        revise(actor, log, replace(VISIT, matters=(CONSULTATION,)), version=2)


def test_matters_without_numbers_are_known_by_their_place(actor: Actor, log: ServiceLog) -> None:
    make_attachment(matter=log.matters.get())
    before = log.matters.get().pk
    lecture = MatterEntry(kind="lecture", content="普法")
    told = replace(VISIT, matters=(replace(CONSULTATION, result="已调解"), lecture))
    revise(actor, log, told)
    assert revise(actor, log, told).version == 2
    assert [m.kind for m in log.matters.order_by("id")] == ["consultation", "lecture"]
    assert (log.matters.order_by("id")[0].pk, Matter.objects.get(pk=before).result) == (
        before,
        "已调解",
    )
    with pytest.raises(DomainError, match="已有照片，不能删去"):
        revise(actor, log, replace(VISIT, matters=(lecture,)), version=2)


def test_another_logs_matter_is_not_taken(actor: Actor, log: ServiceLog) -> None:
    foreign = make_matter(content="别人的")
    revise(actor, log, replace(VISIT, matters=(replace(CONSULTATION, pk=foreign.pk),)))
    foreign.refresh_from_db()
    assert foreign.content == "别人的"


# ── withdrawing ─────────────────────────────────────────────────────────────────────────────────


def test_a_withdrawn_record_stays_and_frees_its_time(actor: Actor, log: ServiceLog) -> None:
    with pytest.raises(DomainError, match="请填写撤回原因。"):
        move_log(by=actor, log=log, to=LogState.WITHDRAWN)
    move_log(by=actor, log=log, to=LogState.WITHDRAWN, reason="重复填写")
    assert ServiceLog.objects.get().state == LogState.WITHDRAWN
    assert AuditEntry.objects.get(verb="log.withdrawn").reason == "重复填写"
    make_log(appointment=log.appointment)  # at the same time


@pytest.mark.parametrize("state", [LogState.CONFIRMED, LogState.REVIEWED, LogState.RETURNED])
def test_only_what_nobody_has_seen_is_withdrawn(
    actor: Actor, log: ServiceLog, state: LogState
) -> None:
    move_log(by=actor, log=log, to=state, reason="看不清")
    with pytest.raises(Conflict, match="不能改为“已撤回”"):
        move_log(by=actor, log=log, to=LogState.WITHDRAWN, reason="记错了")


def test_what_was_changed_after_reading_is_not_confirmed_unread(
    actor: Actor, log: ServiceLog
) -> None:
    revise(actor, log, replace(VISIT, place="村部", matters=(of(log),)))
    with pytest.raises(Conflict, match="刚被修改过"):
        move_log(by=actor, log=log, to=LogState.CONFIRMED, version=1)
    assert move_log(by=actor, log=log, to=LogState.CONFIRMED, version=2)


# ── numbers of change, differences ──────────────────────────────────────────────────────────────


def test_every_write_gives_a_higher_number(actor: Actor, log: ServiceLog) -> None:
    def number() -> int:
        return ServiceLog.objects.get(pk=log.pk).change_no

    numbers = [number()]
    for change in (
        lambda: revise(actor, log, replace(VISIT, place="村部", matters=(of(log),))),
        lambda: move_log(by=actor, log=log, to=LogState.CONFIRMED),
        lambda: ServiceLog.objects.update(place="广场"),
    ):
        change()
        numbers.append(number())
    assert numbers == sorted(set(numbers))


def test_differences_name_the_field_and_both_tellings(actor: Actor, log: ServiceLog) -> None:
    with pytest.raises(Different) as refusal:
        submit_log(
            by=actor,
            appointment=log.appointment,
            entry=replace(
                VISIT,
                end=24 * 60,
                no_visitors=True,
                matters=(replace(CONSULTATION, kind="mediation", content="另一件"), CONSULTATION),
            ),
            client_uuid=log.client_uuid,
            received_at=RECEIVED,
            required=frozenset(),
        )
    assert [tuple(each) for each in refusal.value.differences] == [
        ("end", "结束时间", "13:00", "24:00"),
        ("no_visitors", "坐班，无来访", "否", "是"),
        ("matters.0.kind", "第1个事项：事项", "法律咨询", "参与调解"),
        ("matters.0.content", "第1个事项：内容", "已封存", "已封存"),
        ("matters.1", "第2个事项", "", "法律咨询"),
    ]
