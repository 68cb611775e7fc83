"""A month is closed by jobs: once, by the policy of its first day, and never by an edited file."""

import errno
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.db import InternalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments import closing, papers
from assessments.closing import open_close, open_due_closes, progress_of, reopen_close
from assessments.daily import order_checks
from assessments.enums import FileFormat, ReportKey, SubjectKind, VerdictStatus
from assessments.facts import Desk
from assessments.models import DailyCheck, GeneratedFile, MonthClose, Policy, Verdict
from assessments.selectors import explained, judge_desk, rules_in_force
from assessments.services import PACKS, adopt_policy
from assessments.verdicts import judged_from, store
from lawadvisor.foundation import jobs
from lawadvisor.foundation.errors import Conflict, DomainError
from lawadvisor.foundation.models import AuditEntry, Job, JobState
from lawadvisor.foundation.periods import Period
from lawadvisor.foundation.viewer import SYSTEM
from tests.factories import (
    make_appointment,
    make_bureau,
    make_filing,
    make_log,
    make_matter,
    make_township,
    make_village,
    term,
)
from villages.models import Bureau, Township

ZX = PACKS / "zx.toml"
OCTOBER = Period.month(2026, 10)
TODAY = date(2026, 11, 5)


@pytest.fixture
def bureau(db: None) -> Bureau:
    bureau = make_bureau(name="蒸湘区司法局")
    adopt_policy(bureau=bureau, pack_path=ZX, by=SYSTEM)
    return bureau


@pytest.fixture
def township(bureau: Bureau) -> Township:
    return make_township(bureau=bureau, name="蒸湘街道", judicial_office="蒸湘司法所")


@pytest.fixture
def light_papers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Papers of a few bytes, where a test is not about papers."""
    monkeypatch.setattr(
        papers,
        "RENDERERS",
        {form: lambda document: document.checksum.encode() for form in FileFormat},
    )


def work_off() -> None:
    """Do every job that waits, in the order in which they were written."""
    while job := Job.objects.filter(state=JobState.QUEUED, attempts=0).first():
        jobs.run(job.pk)


def close(bureau: Bureau, month: Period = OCTOBER) -> MonthClose:
    closed = open_close(bureau=bureau, month=month, by=SYSTEM, today=TODAY)
    work_off()
    closed.refresh_from_db()
    return closed


def verdict_on(closed: MonthClose, rule: str, kind: SubjectKind) -> Verdict:
    return closed.verdicts.select_related("rule", "close").get(rule__key=rule, subject_kind=kind)


def test_a_close_judges_writes_its_papers_and_ends(bureau: Bureau, township: Township) -> None:
    make_log(appointment=make_appointment(village=make_village(township=township)))
    closed = close(bureau)
    assert closed.closed_at is not None
    each = 1 + len(ReportKey)  # for the township and for the bureau: judged, and all papers
    assert progress_of(closed) == jobs.Progress(total=2 * each, done=2 * each, failed=0)
    files = GeneratedFile.objects.filter(close=closed)
    assert set(files.values_list("township", "report", "format")) == {
        (place, report, form)
        for place in (township.pk, None)
        for report in ReportKey.values
        for form in FileFormat.values
    }
    for file in files:
        assert papers.path_of(file).stat().st_size == file.size


def test_the_verdict_explains_itself(
    bureau: Bureau, township: Township, light_papers: None
) -> None:
    appointment = make_appointment(village=make_village(township=township))
    make_log(appointment=appointment, day=date(2026, 10, 9))
    make_log(appointment=appointment, day=date(2026, 10, 16), end="12:59")
    verdict = verdict_on(close(bureau), "ZX-34", SubjectKind.APPOINTMENT)
    assert (verdict.status, verdict.required, verdict.actual) == (VerdictStatus.NOT_MET, 2, 1)
    assert explained(verdict).sentences == (
        "2026年10月现场咨询服务：应不少于2次，已计1次，符合方式的时长共7小时59分。结论：未达标。",
        "2026年10月9日09:00至13:00：计入。",
        "2026年10月16日09:00至12:59：3小时59分，未满4小时，差1分钟，不计入。",
        "还差1次。",
        "依据：二（四）2“每月到顾问村（社区）现场提供法律咨询服务不少于2次，每次不少于4小时。”",
    )


def test_a_visit_entered_as_utc_counts_in_its_shanghai_month(
    bureau: Bureau, township: Township, light_papers: None
) -> None:
    """2b, any: 31 January 23:30 Shanghai time is 15:30 UTC."""
    appointment = make_appointment(village=make_village(township=township))
    make_log(appointment=appointment, day=date(2026, 1, 31), start="19:30", end="23:30")
    make_log(appointment=appointment, day=date(2026, 1, 5))
    closed = close(bureau, Period.month(2026, 1))
    assert verdict_on(closed, "ZX-34", SubjectKind.APPOINTMENT).actual == 2


def test_an_advisor_from_the_fifteenth_is_not_assessed_and_the_village_is_listed(
    bureau: Bureau, township: Township, light_papers: None
) -> None:
    village = make_village(township=township)
    make_appointment(village=village, term=term(date(2026, 10, 15)))
    closed = close(bureau)
    assert verdict_on(closed, "ZX-34", SubjectKind.APPOINTMENT).status == "not_assessed"
    assert verdict_on(closed, "ZX-34", SubjectKind.VILLAGE).status == "not_met"


def test_closing_twice_gives_the_same_results_and_one_file_set(
    bureau: Bureau, township: Township, light_papers: None
) -> None:
    make_log(appointment=make_appointment(village=make_village(township=township)))
    first = close(bureau)
    kept = list(first.verdicts.order_by("pk").values())
    files = list(first.files.order_by("pk").values())
    entries = AuditEntry.objects.count()
    assert close(bureau) == first
    for job in Job.objects.all():
        assert jobs.run(job.pk) is False
    assert list(first.verdicts.order_by("pk").values()) == kept
    assert list(first.files.order_by("pk").values()) == files
    assert AuditEntry.objects.count() == entries


def test_judging_again_needs_a_reason_and_stands_beside_the_first(
    bureau: Bureau, township: Township, light_papers: None
) -> None:
    appointment = make_appointment(village=make_village(township=township))
    make_log(appointment=appointment, day=date(2026, 10, 9))
    first = close(bureau)
    make_log(appointment=appointment, day=date(2026, 10, 16), is_supplement=True)
    with pytest.raises(DomainError, match="请填写重新核算的事由。"):
        reopen_close(bureau=bureau, month=OCTOBER, by=SYSTEM, reason=" ", today=TODAY)
    reopen_close(bureau=bureau, month=OCTOBER, by=SYSTEM, reason="补录一次", today=TODAY)
    work_off()
    second = MonthClose.objects.get(bureau=bureau, revision=2)
    assert second.reason == "补录一次"
    judged = [verdict_on(each, "ZX-34", SubjectKind.APPOINTMENT).status for each in (first, second)]
    assert judged == ["not_met", "met"]
    assert open_close(bureau=bureau, month=OCTOBER, by=SYSTEM, today=TODAY) == second


def test_a_running_close_cannot_be_judged_again(bureau: Bureau) -> None:
    open_close(bureau=bureau, month=OCTOBER, by=SYSTEM, today=TODAY)
    with pytest.raises(
        Conflict, match=r"2026年10月已由系统于.+开始关账，还没有完成，不能重新核算。"
    ):
        reopen_close(bureau=bureau, month=OCTOBER, by=SYSTEM, reason="试", today=TODAY)


def test_a_month_that_still_runs_is_refused(bureau: Bureau) -> None:
    with pytest.raises(DomainError, match="2026年11月尚未结束，不能关账。"):
        open_close(bureau=bureau, month=OCTOBER.next(), by=SYSTEM, today=date(2026, 11, 30))
    assert not Job.objects.exists()


def test_a_month_before_any_policy_is_refused(bureau: Bureau) -> None:
    with pytest.raises(DomainError, match="2020-12-01没有生效的政策，请先采用政策。"):
        open_close(bureau=bureau, month=Period.month(2020, 12), by=SYSTEM, today=TODAY)


@pytest.mark.parametrize(("day", "opened"), [(4, 0), (5, 1), (6, 1)])
def test_the_timetable_closes_from_the_policys_day_on(
    bureau: Bureau, light_papers: None, day: int, opened: int
) -> None:
    today = date(2026, 11, day)
    assert open_due_closes(today=today) == opened
    assert open_due_closes(today=today) == 0
    assert MonthClose.objects.filter(month=OCTOBER.start).count() == opened


def test_a_failing_paper_is_named_and_a_retry_ends_the_close(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch, light_papers: None
) -> None:
    def out_of_ink(document: object) -> bytes:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setitem(papers.RENDERERS, FileFormat.XLSX, out_of_ink)
    closed = open_close(bureau=bureau, month=OCTOBER, by=SYSTEM, today=TODAY)
    for _ in range(3):
        for job in Job.objects.filter(state=JobState.QUEUED):
            jobs.run(job.pk)
    for job in Job.objects.filter(state=JobState.QUEUED):
        jobs.run(job.pk)
    failed = Job.objects.filter(state=JobState.FAILED)
    assert {job.last_error for job in failed} == {
        "磁盘空间不足（No space left on device），请联系系统管理员"
    }
    assert not GeneratedFile.objects.exists()
    assert progress_of(closed).failed == len(ReportKey)
    monkeypatch.setitem(papers.RENDERERS, FileFormat.XLSX, lambda _: b"ink")
    for job in failed:
        jobs.retry(job)
    work_off()
    closed.refresh_from_db()
    assert closed.closed_at is not None


def edited(tmp_path: Path, change: Callable[[str], str]) -> Path:
    path = tmp_path / "zx.toml"
    path.write_text(change(ZX.read_text(encoding="utf-8")), encoding="utf-8")
    return path


def test_an_edited_policy_file_does_not_change_a_closed_period(
    bureau: Bureau, township: Township, light_papers: None, tmp_path: Path
) -> None:
    make_log(appointment=make_appointment(village=make_village(township=township)))
    closed = close(bureau)
    before = explained(verdict_on(closed, "ZX-34", SubjectKind.APPOINTMENT))
    stricter = edited(tmp_path, lambda text: text.replace("target = 2", "target = 9", 1))
    with pytest.raises(Conflict, match="2021-01-01生效的版本已用于关账，不能更改"):
        adopt_policy(bureau=bureau, pack_path=stricter, by=SYSTEM)
    adopt_policy(bureau=bureau, pack_path=stricter, by=SYSTEM, effective_from=date(2026, 11, 1))
    reopen_close(bureau=bureau, month=OCTOBER, by=SYSTEM, reason="核对", today=TODAY)
    work_off()
    again = MonthClose.objects.get(bureau=bureau, revision=2)
    assert again.policy == closed.policy
    assert explained(verdict_on(again, "ZX-34", SubjectKind.APPOINTMENT)) == before
    november = Policy.objects.filter(bureau=bureau).in_force_on(date(2026, 11, 1)).first()
    assert november != closed.policy


def test_a_version_that_judged_nothing_may_be_replaced(bureau: Bureau, tmp_path: Path) -> None:
    stricter = edited(tmp_path, lambda text: text.replace("target = 2", "target = 9", 1))
    adopt_policy(bureau=bureau, pack_path=stricter, by=SYSTEM)
    definitions = Policy.objects.get(bureau=bureau).rules.values_list("definition", flat=True)
    assert definitions[0]["target"] == 9


def test_rules_do_not_change_under_a_running_close(
    bureau: Bureau, light_papers: None, tmp_path: Path
) -> None:
    """Only a month that the new version would judge is in the way."""
    stricter = edited(tmp_path, lambda text: text.replace("target = 2", "target = 9", 1))
    running = open_close(bureau=bureau, month=OCTOBER, by=SYSTEM, today=TODAY)
    from_october = {"bureau": bureau, "pack_path": stricter, "effective_from": date(2026, 10, 1)}
    with pytest.raises(Conflict, match=r"2026年10月正在关账.*2026-10-01"):
        adopt_policy(**from_october, by=SYSTEM)
    assert Policy.objects.get(bureau=bureau) == running.policy
    adopt_policy(bureau=bureau, pack_path=stricter, by=SYSTEM, effective_from=date(2026, 10, 2))
    work_off()
    adopt_policy(**from_october, by=SYSTEM)


def test_adopting_the_same_pack_again_changes_nothing(bureau: Bureau) -> None:
    entries = AuditEntry.objects.count()
    policy = Policy.objects.get(bureau=bureau)
    assert adopt_policy(bureau=bureau, pack_path=ZX, by=SYSTEM) == policy
    assert AuditEntry.objects.count() == entries


def test_a_policy_keeps_the_text_it_was_read_from(bureau: Bureau, tmp_path: Path) -> None:
    text = edited(tmp_path, lambda text: f"# 本局修订\n{text}").read_text(encoding="utf-8")
    assert Policy.objects.get(bureau=bureau).text == ZX.read_text(encoding="utf-8")
    commented = adopt_policy(bureau=bureau, text=text, by=SYSTEM, effective_from=TODAY)
    assert (commented.text, commented.rules.count()) == (text, text.count("[[rule]]"))


def test_a_text_that_cannot_be_read_names_its_line(bureau: Bureau) -> None:
    with pytest.raises(DomainError, match="政策文本 第 1 行 TOML") as refusal:
        adopt_policy(bureau=bureau, text="pack", by=SYSTEM)
    assert refusal.value.field == "pack"


def test_a_pack_that_cannot_be_read_says_file_line_key_and_expectation(
    bureau: Bureau, tmp_path: Path
) -> None:
    wrong = edited(tmp_path, lambda text: text.replace('clause = "二（四）2"', 'clause = ""', 1))
    line = wrong.read_text(encoding="utf-8").splitlines().index('clause = ""') + 1
    with pytest.raises(DomainError) as refusal:
        adopt_policy(bureau=bureau, pack_path=wrong, by=SYSTEM)
    assert str(refusal.value) == (
        f"zx.toml 第 {line} 行 rule[1].clause：现为 “”，应写明所依据的条款，如 二（四）2。"
    )
    assert Policy.objects.filter(bureau=bureau).count() == 1


def test_the_number_of_queries_does_not_grow_with_villages(
    bureau: Bureau, township: Township
) -> None:
    policy = Policy.objects.get(bureau=bureau)
    spent = []
    for villages in (1, 29):
        for _ in range(villages):
            appointment = make_appointment(village=make_village(township=township))
            make_matter(log=make_log(appointment=appointment), kind="lecture", focus="婚姻")
            make_filing(village=appointment.village, advisor=appointment.advisor)
        closed = MonthClose.objects.create(
            bureau=bureau,
            policy=policy,
            month=date(2026, villages % 12 + 1, 1),
            planned=1,
            opened_by="甲",
        )
        with CaptureQueriesContext(connection) as queries:
            closing.judge_into(closed, Desk(bureau.pk, township.pk), closing.DESK_SUBJECTS)
            closing.judge_into(closed, Desk(bureau.pk), closing.BUREAU_SUBJECTS)
        spent.append(len(queries))
    assert spent[0] == spent[1]


def test_verdicts_come_back_as_they_were_judged(bureau: Bureau, township: Township) -> None:
    appointment = make_appointment(village=make_village(township=township))
    make_log(appointment=appointment, day=date(2026, 10, 16), end="12:59")
    policy = Policy.objects.get(bureau=bureau)
    rules = rules_in_force(bureau.pk, OCTOBER)
    judged = judge_desk(Desk(bureau.pk), rules, OCTOBER, OCTOBER.end, closing.DESK_SUBJECTS)
    closed = MonthClose.objects.create(
        bureau=bureau, policy=policy, month=OCTOBER.start, planned=1, opened_by="甲"
    )
    store(closed, rules, judged)
    rows = closed.verdicts.select_related("rule", "close").order_by("pk")
    assert [judged_from(row) for row in rows] == judged


def test_the_daily_check_keeps_one_row_a_day(bureau: Bureau, township: Township) -> None:
    make_appointment(village=make_village(township=township))
    today = date(2026, 10, 23)
    for _ in range(2):
        order_checks(today=today)
        work_off()
    check = DailyCheck.objects.get(bureau=bureau)
    assert check.day == date(2026, 10, 22)
    late = [finding for finding in check.findings if finding[0] == "ZX-34"]
    assert {finding[3] for finding in late} == {"at_risk"}
    assert sum(check.counts.values()) > len(check.findings)


def test_each_period_is_judged_by_the_version_of_its_first_day(
    bureau: Bureau, township: Township, light_papers: None, tmp_path: Path
) -> None:
    """A47: a version from 1 November judges November; the quarter and year go on by the old."""
    make_appointment(village=make_village(township=township))
    new = edited(
        tmp_path,
        lambda text: text.replace("target = 2", "target = 9", 1).replace(
            "effective_from = 2021-01-01", "effective_from = 2026-11-01", 1
        ),
    )
    adopt_policy(bureau=bureau, pack_path=new, by=SYSTEM)
    closed = open_close(
        bureau=bureau, month=OCTOBER.next().next(), by=SYSTEM, today=date(2027, 1, 5)
    )
    work_off()
    judged = {
        key: (required, start.isoformat())
        for key, required, start in closed.verdicts.filter(
            subject_kind__in=("village", "township")
        ).values_list("rule__key", "required", "rule__policy__effective_from")
    }
    assert judged == {
        "ZX-34": (9, "2026-11-01"),
        "ZX-36": (1, "2021-01-01"),
        "ZX-37": (0, "2021-01-01"),
        "ZX-44": (1, "2021-01-01"),
        "ZX-45": (1, "2021-01-01"),
        "ZX-04": (1, "2026-11-01"),
        "ZX-32": (1, "2026-11-01"),
        "ZX-72": (1, "2026-11-01"),  # November's, due in December
    }


def test_a_record_entered_while_the_close_works_is_in_none_of_its_papers(
    bureau: Bureau, township: Township
) -> None:
    appointment = make_appointment(village=make_village(township=township))
    make_log(appointment=appointment, day=date(2026, 10, 9))
    closed = open_close(bureau=bureau, month=OCTOBER, by=SYSTEM, today=TODAY)
    make_log(appointment=appointment, day=date(2026, 10, 16), entered_at=timezone.now())
    work_off()
    assert verdict_on(closed, "ZX-34", SubjectKind.APPOINTMENT).actual == 1
    for place in (township.pk, None):
        table = papers.document_of(closed, place, ReportKey.MONTHLY_SUMMARY).sections[0]
        visits = [column.key for column in table.columns].index("visits")
        assert table.totals[visits] == (1, 1)


def test_a_policy_that_only_daily_checks_used_may_be_replaced(
    bureau: Bureau, tmp_path: Path
) -> None:
    order_checks(today=date(2026, 10, 23))
    work_off()
    stricter = edited(tmp_path, lambda text: text.replace("target = 2", "target = 9", 1))
    adopt_policy(bureau=bureau, pack_path=stricter, by=SYSTEM)
    assert not DailyCheck.objects.exists()


def test_what_was_missed_is_caught_up_since_the_first_close(
    bureau: Bureau, light_papers: None
) -> None:
    close(bureau, Period.month(2026, 8))
    assert open_due_closes(today=date(2026, 11, 4)) == 1  # October's day is the fifth
    assert open_due_closes(today=date(2026, 11, 5)) == 1
    months = MonthClose.objects.order_by("month").values_list("month__month", flat=True)
    assert list(months) == [8, 9, 10]


def test_an_adopted_policy_is_never_altered(bureau: Bureau) -> None:
    policy = Policy.objects.get(bureau=bureau)
    for row in (policy, policy.rules.first()):
        with pytest.raises(InternalError, match="Cannot update"), transaction.atomic():
            row.save()
