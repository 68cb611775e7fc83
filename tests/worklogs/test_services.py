"""A session is submitted once, says no in words, and passes from hand to hand."""

import ast
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from django.db import connection

from advisors.enums import AppointmentStatus
from advisors.models import Appointment
from assessments.quota.packs import load_pack
from lawadvisor.foundation.errors import Conflict, DomainError
from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.viewer import Actor
from tests.factories import make_appointment, make_user, make_village
from tests.quota.build import ZX_FILE
from tests.test_architecture import PACKAGES, ROOT, parsed, python_files, text_of
from worklogs import rules
from worklogs.entries import MatterEntry, SessionEntry
from worklogs.enums import LogState
from worklogs.models import Matter, ServiceLog
from worklogs.services import (
    end_service,
    move_log,
    submit_log,
    suspend_service,
)

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
    return submit_log(by=actor, appointment=appointment, entry=entry, **{**defaults, **fields})[0]


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
    again = submit(actor, appointment, client_uuid=same)
    assert again == first
    assert (ServiceLog.objects.count(), Matter.objects.count()) == (1, 1)


def test_a_repeat_is_answered_even_when_the_record_could_not_be_sent_anew(actor: Actor) -> None:
    appointment, same = make_appointment(), uuid.uuid4()
    first = submit(actor, appointment, client_uuid=same)
    move_log(by=actor, log=first, to=LogState.REVIEWED)
    end_service(by=actor, appointment=appointment, on=date(2026, 10, 10), reason="调离")
    assert submit(actor, appointment, client_uuid=same) == first


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"end": 14 * 60}, "结束时间"),
        ({"place": "村部", "mode": "phone"}, "方式、地点"),
        ({"matters": (replace(CONSULTATION, result="已另约"),)}, "事项"),
        ({"matters": (CONSULTATION, CONSULTATION)}, "事项"),
        ({"day": date(2026, 10, 8)}, "服务日期"),
    ],
)
def test_the_same_uuid_with_another_body_is_a_conflict_that_names_the_difference(
    actor: Actor, change: dict[str, object], named: str
) -> None:
    appointment, same = make_appointment(), uuid.uuid4()
    submit(actor, appointment, client_uuid=same)
    with pytest.raises(Conflict) as refusal:
        submit(actor, appointment, replace(VISIT, **change), client_uuid=same)
    assert str(refusal.value) == f"该记录已提交，内容不同：{named}。"
    assert (ServiceLog.objects.count(), Matter.objects.count()) == (1, 1)


def test_another_advisors_uuid_opens_no_record_of_his(actor: Actor) -> None:
    same = uuid.uuid4()
    submit(actor, make_appointment(), client_uuid=same)
    with pytest.raises(Conflict, match="该记录编号已被使用，请重新填写后提交。"):
        submit(actor, make_appointment(), client_uuid=same)
    assert ServiceLog.objects.count() == 1


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
            "matters.0.client",
            "请填写：服务对象、服务结果。",
        ),
        ({"day": date.min}, "service_date", "服务日期0001-01-01过早，应在2010-01-01之后。"),
        (
            {"day": date.max},
            "service_date",
            "服务日期9999-12-31在今天（2026-10-09）之后，不能提前填写。",
        ),
        ({"start": -5}, "end", "结束时间应晚于开始时间；跨过零点请分两天填写。"),
        ({"end": 24 * 60 + 1}, "end", "结束时间应晚于开始时间；跨过零点请分两天填写。"),
        (
            {"mode": "telepathy"},
            "mode",
            "方式“telepathy”不在选项中，应为现场、电话、微信、QQ、手机APP、其他线上之一。",
        ),
        (
            {"purpose": "rest"},
            "purpose",
            "事由“rest”不在选项中，应为坐班咨询、参与调解、仅讲座、其他之一。",
        ),
        ({"mode": ""}, "mode", "请填写方式。"),
        ({"place": "村" * 81}, "place", "地点最多80个字，现有81个。"),
        (
            {"matters": (CONSULTATION, replace(CONSULTATION, content="长" * 1200))},
            "matters.1.content",
            "第2个事项：内容最多1000个字，现有1200个。",
        ),
        (
            {"matters": (replace(CONSULTATION, audience=-1),)},
            "matters.0.audience",
            "第1个事项：人数不应小于0。",
        ),
        (
            {"matters": (replace(CONSULTATION, audience=2**31),)},
            "matters.0.audience",
            "第1个事项：人数不应大于2147483647。",
        ),
        (
            {"matters": (replace(CONSULTATION, kind=""),)},
            "matters.0.kind",
            "第1个事项：请填写事项。",
        ),
        (
            {"matters": (replace(CONSULTATION, succeeded=True),)},
            "matters.0.succeeded",
            "只有调解事项才有“调解成功”。",
        ),
        (
            {"no_visitors": True, "mode": "phone", "matters": ()},
            "no_visitors",
            "“坐班，无来访”只用于现场的坐班咨询。",
        ),
        (
            {"no_visitors": True, "purpose": "other", "matters": ()},
            "no_visitors",
            "“坐班，无来访”只用于现场的坐班咨询。",
        ),
        (
            {"no_visitors": True, "matters": (replace(CONSULTATION, client=""),)},
            "matters.0.client",
            "请填写：服务对象。",
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


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"kind": "magic"}, "第1个事项：事项“magic”不在选项中，应为法律咨询、参与调解、"),
        ({"topic": "luck"}, "第1个事项：领域“luck”不在选项中，应为征地拆迁、土地权属、"),
    ],
)
def test_an_unknown_kind_or_topic_is_refused_in_words(
    actor: Actor, change: dict[str, str], sentence: str
) -> None:
    with pytest.raises(DomainError, match=sentence):
        submit(
            actor, make_appointment(), replace(VISIT, matters=(replace(CONSULTATION, **change),))
        )
    assert not ServiceLog.objects.exists()


def test_a_zero_byte_is_dropped(actor: Actor) -> None:
    log = submit(actor, make_appointment(), replace(VISIT, place="村\0部"))
    assert log.place == "村部"


def test_what_a_real_policy_asks_for_is_asked_of_the_fields_there_are(actor: Actor) -> None:
    asked = frozenset(load_pack(ZX_FILE).settings.log_required_fields)
    assert asked > ASKED
    assert submit(actor, make_appointment(), required=asked)
    empty = replace(VISIT, matters=(MatterEntry(kind="consultation"),))
    with pytest.raises(DomainError, match="请填写：服务对象、服务内容、服务方法、服务结果。"):
        submit(actor, make_appointment(), empty, required=asked)


def test_a_term_that_ended_while_the_form_was_open_is_seen(actor: Actor) -> None:
    stale = make_appointment()
    end_service(by=actor, appointment=stale, on=date(2026, 10, 1), reason="调离")
    assert stale.ends_before is None
    with pytest.raises(DomainError, match=r"2026-10-09不在第.*的任期内。"):
        submit(actor, stale)
    assert not ServiceLog.objects.exists()


@pytest.mark.parametrize("cease", [end_service, suspend_service])
def test_service_does_not_cease_before_the_last_record_handed_in(
    actor: Actor, cease: Callable[..., Appointment]
) -> None:
    appointment = make_appointment()
    for day in (8, 9):
        submit(actor, appointment, replace(VISIT, day=date(2026, 10, day)))
    for on in (date(2026, 10, 1), date(2026, 10, 9)):
        with pytest.raises(DomainError) as refusal:
            cease(by=actor, appointment=appointment, on=on, reason="调离")
        assert refusal.value.field == "on"
        assert str(refusal.value) == (
            "2026-10-09还有已提交的服务记录，日期应在此之后；该记录有误的，请先退回。"
        )
    appointment.refresh_from_db()
    assert appointment.status == AppointmentStatus.ACTIVE
    assert cease(by=actor, appointment=appointment, on=date(2026, 10, 10), reason="调离")


def test_a_returned_record_stays_outside_the_term_and_is_not_submitted_again(actor: Actor) -> None:
    appointment = make_appointment()
    log = submit(actor, appointment)
    move_log(by=actor, log=log, to=LogState.RETURNED, reason="日期有误")
    end_service(by=actor, appointment=appointment, on=date(2026, 10, 1), reason="调离")
    with pytest.raises(DomainError, match=r"2026-10-09不在第.*的任期内。"):
        move_log(by=actor, log=log, to=LogState.SUBMITTED)


def test_nobody_else_ends_an_appointment() -> None:
    """``advisors`` cannot see records, so its own service must not be the door for a page."""
    doors = {"end_appointment", "suspend_appointment"}
    users = {
        path.relative_to(ROOT).as_posix()
        for path in python_files(*PACKAGES)
        for node in ast.walk(parsed(text_of(path)))
        if isinstance(node, (ast.Name, ast.Attribute, ast.alias))
        and doors & {getattr(node, "id", ""), getattr(node, "attr", ""), getattr(node, "name", "")}
    }
    # resuming ends a term too, whose days since the suspension can hold no record
    assert users == {"advisors/services.py", "worklogs/services.py"}


def test_a_reason_longer_than_its_column_is_refused_in_words(actor: Actor) -> None:
    log = submit(actor, make_appointment())
    with pytest.raises(DomainError, match="事由最多200个字，现有201个。"):
        move_log(by=actor, log=log, to=LogState.RETURNED, reason="长" * 201)


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
