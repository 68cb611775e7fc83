"""Logs, matters and filings: what the database refuses, and in which words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction

from tests.factories import (
    DAY,
    at,
    make_advisor,
    make_appointment,
    make_attachment,
    make_bureau,
    make_filing,
    make_log,
    make_matter,
    make_township,
    make_user,
    make_village,
)
from worklogs.enums import (
    ADVISOR_FILINGS,
    VILLAGE_FILINGS,
    FilingKind,
    FilingState,
    LogState,
    MatterKind,
    Mode,
    Purpose,
)
from worklogs.models import Attachment, Filing, Matter, ServiceLog

pytestmark = pytest.mark.django_db

NEXT_DAY = DAY + timedelta(days=1)


def check_deferred() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def refused(row: models.Model, constraint: str, *words: str) -> None:
    """Both refuse: the form with exactly these words, the database by the constraint's name."""
    with pytest.raises(ValidationError) as by_form:
        row.validate_constraints()
    assert by_form.value.messages == list(words)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        row.save()


# ── times of a session ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("09:00", "13:00", 240),
        ("09:00", "12:59", 239),
        ("00:00", "24:00", 1440),
        ("23:59", "24:00", 1),
    ],
)
def test_minutes_are_reckoned_by_the_database(start: str, end: str, minutes: int):
    log = make_log(start=start, end=end)
    log.refresh_from_db()

    log.full_clean()
    assert log.minutes == minutes


def test_minutes_follow_a_change_of_times():
    log = make_log(start="09:00", end="13:00")

    ServiceLog.objects.filter(pk=log.pk).update(ended_at=at(DAY, "10:30"))
    log.refresh_from_db()
    assert log.minutes == 90


def test_half_a_minute_short_of_four_hours_is_not_four_hours():
    log = make_log()
    log.ended_at = at(DAY, "12:59") + timedelta(seconds=30)

    refused(log, "log_in_whole_minutes", "时间应精确到分钟。")


def test_a_session_takes_time():
    log = make_log()
    log.ended_at = log.started_at

    refused(log, "log_end_after_start", "结束时间应晚于开始时间。")


@pytest.mark.parametrize("end", ["08:59", "00:01"])
def test_database_refuses_a_session_that_ends_before_it_starts(end: str):
    with pytest.raises(IntegrityError, match="log_end_after_start"):
        make_log(start="09:00", end=end)


def test_a_session_that_ends_before_it_starts_is_refused_in_one_sentence():
    log = make_log(start="09:00")
    log.ended_at = at(DAY, "08:59")

    with pytest.raises(ValidationError) as refusal:
        log.validate_constraints()
    assert refusal.value.messages == ["结束时间应晚于开始时间。"]


@pytest.mark.parametrize("end", ["24:01", "24:30", "33:00"])
def test_a_session_does_not_pass_midnight(end: str):
    log = make_log(start="22:00", end="24:00")
    log.ended_at = at(DAY, end)

    refused(log, "log_not_past_midnight", "一次服务不能跨过零点，请分两天填写。")


@pytest.mark.parametrize("day", [DAY - timedelta(days=1), NEXT_DAY])
def test_a_session_starts_on_its_service_date(day: date):
    log = make_log()
    log.service_date = day

    refused(
        log,
        r"log_starts_on_its_day|log_not_past_midnight",
        "开始时间应在服务日期当天。",
        "一次服务不能跨过零点，请分两天填写。",
    )


def test_the_service_date_is_the_shanghai_date_of_the_start():
    """31 January 23:30 in Shanghai is 15:30 UTC: still January; 15:59 the last minute."""
    log = make_log(
        day=date(2026, 1, 31),
        started_at=datetime(2026, 1, 31, 15, 30, tzinfo=UTC),
        ended_at=datetime(2026, 1, 31, 16, 0, tzinfo=UTC),
    )
    log.refresh_from_db()
    assert (log.service_date, log.minutes) == (date(2026, 1, 31), 30)


def test_the_utc_date_of_the_start_does_not_matter():
    """1 February 00:30 in Shanghai is 31 January in UTC, and is February here."""
    times = {
        "started_at": datetime(2026, 1, 31, 16, 30, tzinfo=UTC),
        "ended_at": datetime(2026, 1, 31, 18, 0, tzinfo=UTC),
    }
    make_log(day=date(2026, 2, 1), **times).full_clean()

    with pytest.raises(IntegrityError, match=r"log_starts_on_its_day|log_not_past_midnight"):
        make_log(day=date(2026, 1, 31), **times)


@pytest.mark.parametrize("missing", [("started_at",), ("ended_at",), ("started_at", "ended_at")])
@pytest.mark.parametrize("state", LogState)
def test_only_a_draft_may_lack_times(state: LogState, missing: tuple[str, ...]):
    log = make_log(state=state, returned_reason="看不清")
    for field in missing:
        setattr(log, field, None)

    if state != LogState.DRAFT:
        refused(log, "log_times_unless_draft", "请填写开始和结束时间。")
        return
    log.full_clean()
    log.save()
    log.refresh_from_db()
    assert log.minutes is None


# ── one advisor, one place ──────────────────────────────────────────────────────────────────────

OVERLAP = "该顾问在这段时间已有另一条服务记录。"


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("09:00", "13:00"),
        ("12:59", "14:00"),
        ("08:00", "09:01"),
        ("10:00", "11:00"),
        ("08:00", "20:00"),
    ],
)
@pytest.mark.parametrize("state", [LogState.DRAFT, LogState.REVIEWED])
def test_one_advisor_is_not_in_two_villages_at_once(start: str, end: str, state: LogState):
    first = make_log(start="09:00", end="13:00")
    elsewhere = make_appointment(advisor=first.advisor)
    second = make_log(appointment=elsewhere, start="20:00", end="21:00", state=state)
    second.started_at, second.ended_at = at(DAY, start), at(DAY, end)

    refused(second, "log_advisor_one_place_at_a_time", OVERLAP)


@pytest.mark.parametrize(("start", "end"), [("13:00", "14:00"), ("08:00", "09:00")])
def test_touching_sessions_are_two(start: str, end: str):
    first = make_log(start="09:00", end="13:00")
    elsewhere = make_appointment(advisor=first.advisor)

    make_log(appointment=elsewhere, start=start, end=end).full_clean()
    assert first.advisor.logs.count() == 2


def test_two_advisors_may_serve_one_village_at_once():
    first = make_log()

    make_log(appointment=make_appointment(village=first.appointment.village)).full_clean()
    assert ServiceLog.objects.count() == 2


def test_drafts_without_times_do_not_collide():
    first = make_log(state=LogState.DRAFT, start=None, end=None)

    make_log(appointment=first.appointment, state=LogState.DRAFT, start="09:00", end=None)
    make_log(appointment=first.appointment)
    assert ServiceLog.objects.count() == 3


# ── the advisor of the log ──────────────────────────────────────────────────────────────────────


def test_a_log_belongs_to_the_advisor_of_its_appointment():
    appointment = make_appointment()
    log = make_log(appointment=appointment)
    check_deferred()

    ServiceLog.objects.filter(pk=log.pk).update(advisor=make_advisor())
    with pytest.raises(IntegrityError, match="log_advisor_is_the_appointments"):
        check_deferred()


def test_an_appointment_with_logs_does_not_change_its_advisor():
    log = make_log()
    check_deferred()

    type(log.appointment).objects.filter(pk=log.appointment_id).update(advisor=make_advisor())
    with pytest.raises(IntegrityError, match="log_advisor_is_the_appointments"):
        check_deferred()


def test_appointment_and_logs_may_change_their_advisor_together():
    """Deferred: only the end of the transaction counts."""
    log, advisor = make_log(), make_advisor()

    type(log.appointment).objects.filter(pk=log.appointment_id).update(advisor=advisor)
    ServiceLog.objects.filter(pk=log.pk).update(advisor=advisor)
    check_deferred()


# ── the rest of a log ───────────────────────────────────────────────────────────────────────────


def test_a_record_sent_twice_is_one():
    log = make_log()

    with pytest.raises(IntegrityError, match="client_uuid"):
        make_log(day=NEXT_DAY, appointment=log.appointment, client_uuid=log.client_uuid)


def test_records_get_different_client_numbers():
    first = make_log()
    second = make_log(appointment=first.appointment, day=NEXT_DAY)

    assert first.client_uuid != second.client_uuid


def test_a_returned_record_says_why():
    log = make_log()
    log.state = LogState.RETURNED

    refused(log, "log_return_has_reason", "退回须写明原因。")
    log.returned_reason = "时间有误"
    log.full_clean()
    log.save()


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("purpose", Purpose)
def test_nobody_came_only_to_a_duty_on_site(mode: Mode, purpose: Purpose):
    log = make_log(mode=mode, purpose=purpose)
    log.no_visitors = True

    if (mode, purpose) == (Mode.ON_SITE, Purpose.DUTY):
        log.full_clean()
        log.save()
        return
    refused(log, "log_nobody_came_to_a_duty", "“坐班，无来访”只用于现场的坐班咨询。")


@pytest.mark.parametrize("field", ["mode", "purpose", "state"])
def test_database_refuses_an_unknown_choice(field: str):
    with pytest.raises(IntegrityError, match="log_choices_known"):
        make_log(**{field: "unheard"})


# ── matters ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", MatterKind)
@pytest.mark.parametrize("succeeded", [True, False])
def test_only_a_mediation_succeeds_or_fails(kind: MatterKind, succeeded: bool):
    matter = make_matter(kind=kind)
    matter.succeeded = succeeded

    if kind == MatterKind.MEDIATION:
        matter.full_clean()
        matter.save()
        return
    refused(matter, "matter_outcome_of_mediation", "只有调解事项才有“调解成功”。")


def test_a_mediation_may_be_without_outcome_yet():
    make_matter(kind=MatterKind.MEDIATION).full_clean()


def test_database_refuses_an_unknown_kind():
    with pytest.raises(IntegrityError, match="matter_kind_known"):
        make_matter(kind="magic")


def test_matters_go_with_their_log():
    matter = make_matter()

    matter.log.delete()
    assert not Matter.objects.exists()


# ── filings ─────────────────────────────────────────────────────────────────────────────────────


def again(first: Filing, **other: object) -> Filing:
    """The same filing a second time, but for what is named."""
    same = ("kind", "bureau", "township", "village", "advisor", "period_start", "period_end")
    return Filing(**{**{name: getattr(first, name) for name in same}, "title": "又一份", **other})


ONCE = {
    FilingKind.SUGGESTION_REPORT: ("filing_once_per_village", "该村（社区）本期已有此文书。"),
    FilingKind.DOSSIER: ("filing_once_per_village", "该村（社区）本期已有此文书。"),
    FilingKind.JOURNAL: ("filing_once_per_advisor", "该顾问在该村（社区）本期已有此文书。"),
    FilingKind.LOGBOOK: ("filing_once_per_advisor", "该顾问在该村（社区）本期已有此文书。"),
    FilingKind.ZERO_REPORT: ("filing_once_per_advisor", "该顾问在该村（社区）本期已有此文书。"),
    FilingKind.MONTHLY_SUMMARY: ("filing_once_per_township", "该镇街本期已有此文书。"),
    FilingKind.HALF_YEAR_REPORT: ("filing_once_per_bureau", "本期已有此文书。"),
}


def made(kind: FilingKind) -> Filing:
    """At the lowest level that the kind may have."""
    if kind in VILLAGE_FILINGS:
        return make_filing(kind=kind)
    if kind == FilingKind.HALF_YEAR_REPORT:
        return make_filing(kind=kind, bureau=make_bureau())
    return make_filing(kind=kind, township=make_township())


@pytest.mark.parametrize("kind", FilingKind)
def test_what_is_owed_once_a_period_is_filed_once(kind: FilingKind):
    """Meetings, trainings and checks may be as many as people hold."""
    first = made(kind)
    if kind in ONCE:
        refused(again(first), *ONCE[kind])
    else:
        again(first).full_clean()


@pytest.mark.parametrize(
    "other",
    [
        {"kind": FilingKind.DOSSIER},
        {"period_start": date(2025, 1, 1), "period_end": date(2026, 1, 1)},
    ],
)
def test_another_kind_or_period_is_another_filing(other: dict[str, object]):
    first = make_filing()

    make_filing(village=first.village, advisor=first.advisor, **other).full_clean()
    make_filing(village=make_village(), advisor=first.advisor).full_clean()
    assert Filing.objects.count() == 3


@pytest.mark.parametrize("kind", VILLAGE_FILINGS)
def test_what_belongs_to_a_village_names_it(kind: FilingKind):
    filing = again(make_filing(kind=kind), village=None)

    refused(filing, "filing_of_a_village", "此文书须写明村（社区）。")


@pytest.mark.parametrize("kind", ADVISOR_FILINGS)
def test_what_an_advisor_owes_names_him(kind: FilingKind):
    filing = again(make_filing(kind=kind), advisor=None, period_start=date(2020, 1, 1))

    refused(filing, "filing_by_an_advisor", "此文书须写明法律顾问。")


def test_a_filing_has_one_level():
    with pytest.raises(IntegrityError, match="filing_of_one_level"):
        make_filing(village=make_village(), advisor=make_advisor(), township=make_township())


def test_marks_are_of_the_list():
    filing = make_filing(marks=["cadres", "ethics"])
    filing.marks = ["cadres", "somebody"]
    refused(filing, "filing_marks_known", "要素不在选项中。")
    matter = make_matter(marks=["cadres"])
    matter.marks = ["somebody"]
    refused(matter, "matter_marks_known", "要素不在选项中。")


# ── attachments ─────────────────────────────────────────────────────────────────────────────────


def test_the_same_picture_proves_a_matter_once():
    first = make_attachment()
    make_attachment()  # of another matter
    twice = Attachment(matter=first.matter, kind=first.kind, checksum=first.checksum, size=5,
                       media_type="image/jpeg", added_at=first.added_at)  # fmt: skip

    refused(twice, "attachment_once", "该事项已有这份附件。")


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [({"kind": "film"}, "attachment_kind_known"), ({"checksum": "x"}, "attachment_checksum")],
)
def test_database_refuses_what_is_no_attachment(wrong: dict[str, str], constraint: str):
    with pytest.raises(IntegrityError, match=constraint):
        make_attachment(**wrong)


@pytest.mark.parametrize("end", [date(2026, 1, 1), date(2025, 12, 31)])
def test_a_filing_period_ends_after_it_starts(end: date):
    with pytest.raises(IntegrityError, match="filing_period_ordered"):
        make_filing(period_start=date(2026, 1, 1), period_end=end)


@pytest.mark.parametrize("state", FilingState)
def test_what_is_handed_in_has_its_day(state: FilingState):
    filing = make_filing(state=state)
    filing.filed_on = None

    if state == FilingState.DRAFT:
        filing.full_clean()
        filing.save()
        return
    refused(filing, "filing_dated_when_submitted", "已提交的文书须有提交日期。")


def test_database_refuses_an_unknown_state_of_a_filing():
    with pytest.raises(IntegrityError):
        make_filing(state="lost")


def test_an_account_that_entered_records_stays():
    user = make_user()
    make_log(entered_by=user)

    with pytest.raises(models.ProtectedError):
        user.delete()
