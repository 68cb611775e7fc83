"""A session is submitted once, says no in words, and passes from hand to hand."""

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from django.db import connection

from advisors.models import Appointment
from lawadvisor.foundation.errors import Conflict, DomainError
from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.viewer import Actor
from tests.factories import make_appointment, make_user, make_village
from worklogs import rules
from worklogs.enums import LogState
from worklogs.models import Matter, ServiceLog
from worklogs.services import MatterEntry, SessionEntry, move_log, submit_log

ASKED = frozenset({"client", "content", "method", "result"})
CONSULTATION = MatterEntry(
    kind="consultation", client="村民甲", content="赡养纠纷", method="当面解答", result="已答复"
)
VISIT = SessionEntry(
    day=date(2026, 10, 9),
    start=9 * 60,
    end=13 * 60,
    mode="on_site",
    purpose="duty",
    matters=(CONSULTATION,),
)
RECEIVED = datetime(2026, 10, 9, 12, tzinfo=UTC)


@pytest.fixture
def actor(db: None) -> Actor:
    return make_user(name="张律师").as_actor("10.0.0.9")


def submit(
    actor: Actor, appointment: Appointment, entry: SessionEntry = VISIT, **fields: object
) -> ServiceLog:
    defaults = {"client_uuid": uuid.uuid4(), "received_at": RECEIVED, "required": ASKED}
    return submit_log(by=actor, appointment=appointment, entry=entry, **{**defaults, **fields})


def test_a_submitted_session_holds_its_matters_and_its_audit_row(actor: Actor) -> None:
    log = submit(actor, make_appointment())
    log.refresh_from_db()
    assert (log.state, log.minutes, log.entered_by_id) == (LogState.SUBMITTED, 240, actor.user_id)
    assert [matter.content for matter in log.matters.all()] == ["赡养纠纷"]
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.actor_name, entry.subject_id) == ("log.submit", "张律师", log.pk)
    connection.check_constraints()


def test_a_repeat_of_the_same_uuid_changes_nothing(actor: Actor) -> None:
    appointment, same = make_appointment(), uuid.uuid4()
    first = submit(actor, appointment, client_uuid=same)
    again = submit(actor, appointment, replace(VISIT, end=14 * 60), client_uuid=same)
    assert again == first
    assert (ServiceLog.objects.count(), Matter.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        (
            {"day": date(2026, 10, 10)},
            "service_date",
            "服务日期2026-10-10在今天（2026-10-09）之后，不能提前填写。",
        ),
        (
            {"day": date(2009, 12, 31)},
            "service_date",
            "服务日期2009-12-31过早，应在2010-01-01之后。",
        ),
        ({"end": 9 * 60}, "end", "结束时间应晚于开始时间；跨过零点请分两天填写。"),
        ({"matters": ()}, "matters", "请至少填写一个服务事项，或勾选“坐班，无来访”。"),
        (
            {"matters": (replace(CONSULTATION, client="　", result=""),)},
            "matters",
            "请填写：服务对象、服务结果。",
        ),
    ],
)
def test_a_bad_entry_is_refused_at_its_field_and_nothing_is_written(
    actor: Actor, change: dict[str, object], field: str, sentence: str
) -> None:
    with pytest.raises(DomainError) as refusal:
        submit(actor, make_appointment(), replace(VISIT, **change))
    assert (refusal.value.field, str(refusal.value)) == (field, sentence)
    assert not ServiceLog.objects.exists()
    assert not AuditEntry.objects.exists()


def test_a_duty_with_no_visitors_owes_no_matter(actor: Actor) -> None:
    log = submit(actor, make_appointment(), replace(VISIT, no_visitors=True, matters=()))
    assert log.matters.count() == 0


def test_a_session_at_the_same_time_in_another_village_is_refused_in_words(actor: Actor) -> None:
    here = make_appointment(village=make_village(name="红湖社区居委会"))
    there = make_appointment(advisor=here.advisor)
    submit(actor, here)
    with pytest.raises(
        Conflict, match="这段时间已有一条在红湖社区居委会的服务记录，时间不能重叠。"
    ):
        submit(actor, there, replace(VISIT, start=12 * 60 + 59, end=15 * 60))
    assert submit(actor, there, replace(VISIT, start=13 * 60, end=15 * 60)).minutes == 120


def test_a_day_outside_the_term_or_suspended_is_refused(actor: Actor) -> None:
    appointment = make_appointment(status="suspended", suspended_from=date(2026, 10, 9))
    with pytest.raises(DomainError, match=r"2026-10-09不在第.*的任期内。"):
        submit(actor, appointment)
    assert submit(actor, appointment, replace(VISIT, day=date(2026, 10, 8)))


def test_a_session_to_midnight_is_accepted(actor: Actor) -> None:
    log = submit(actor, make_appointment(), replace(VISIT, start=20 * 60, end=24 * 60))
    log.refresh_from_db()
    assert log.minutes == 240


def test_a_return_needs_a_reason_and_can_be_submitted_again(actor: Actor) -> None:
    log = submit(actor, make_appointment())
    with pytest.raises(DomainError, match="请填写退回原因。"):
        move_log(by=actor, log=log, to=LogState.RETURNED, reason=" ")
    returned = move_log(by=actor, log=log, to=LogState.RETURNED, reason="时间有误")
    assert returned.returned_reason == "时间有误"
    again = move_log(by=actor, log=log, to=LogState.SUBMITTED)
    assert (again.state, again.returned_reason) == (LogState.SUBMITTED, "")
    assert AuditEntry.objects.filter(verb="log.returned").get().reason == "时间有误"


def test_a_state_that_cannot_follow_is_refused(actor: Actor) -> None:
    log = submit(actor, make_appointment())
    with pytest.raises(Conflict, match="当前状态为“已提交”，不能改为“草稿”。"):
        move_log(by=actor, log=log, to=LogState.DRAFT)


@pytest.mark.parametrize("text", ["9:30", "０９：３０", "0930", " 09.30 "])
def test_clock_times_are_read_as_people_write_them(text: str) -> None:
    assert rules.parse_clock(text, field="start") == 570


@pytest.mark.parametrize("text", ["", "9", "25:00", "24:01", "09:60", "九点", "-1:30"])
def test_other_clock_times_are_refused_in_words(text: str) -> None:
    with pytest.raises(DomainError, match=f"时间“{text}”无法识别，应为如 09:30 的时刻。"):
        rules.parse_clock(text, field="start")


@pytest.mark.parametrize("text", ["2026-11-05", "２０２６年１１月５日", "20261105", "2026/11/5"])
def test_days_are_read_as_people_write_them(text: str) -> None:
    assert rules.parse_day(text, field="day") == date(2026, 11, 5)


@pytest.mark.parametrize("text", ["", "2026-02-30", "26-11-05", "11月5日"])
def test_other_days_are_refused_in_words(text: str) -> None:
    with pytest.raises(DomainError, match=f"日期“{text}”无法识别，应为如 2026-11-05 的日期。"):
        rules.parse_day(text, field="day")


def test_full_width_letters_and_blanks_become_plain_and_chinese_marks_stay() -> None:
    assert rules.clean_text("　ＡＢ１２（村）：　") == "AB12（村）："
