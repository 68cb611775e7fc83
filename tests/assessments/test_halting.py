"""A close is stopped, goes on or is given up, and of two who begin it one is told so."""

from collections.abc import Callable
from concurrent.futures import Future
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from assessments import papers
from assessments.closing import (
    begin_close,
    halt_close,
    leave_close,
    open_close,
    open_due_closes,
    progress_of,
    reopen_close,
    resume_close,
)
from assessments.enums import FileFormat, ReportKey
from assessments.handing import standing
from assessments.models import GeneratedFile, MonthClose
from assessments.services import PACKS, adopt_policy
from assessments.stages import Stage, closing
from lawadvisor.foundation import jobs
from lawadvisor.foundation.errors import Conflict, DomainError
from lawadvisor.foundation.models import AuditEntry, Job, JobState
from lawadvisor.foundation.viewer import SYSTEM, Actor
from tests.conftest import County
from tests.factories import OCTOBER, make_bureau, make_log, make_township
from tests.web.conftest import signed_in
from villages.models import Bureau

TODAY = date(2026, 11, 5)
CLERK = Actor(None, "局员乙")
#: Two townships and the bureau: each is judged, and has all papers.
DESKS = 3
JOBS = DESKS * (1 + len(ReportKey))


@pytest.fixture
def close(county: County, bell: list[int], monkeypatch: pytest.MonkeyPatch) -> MonthClose:
    """Papers of a few bytes."""
    light = {form: lambda document: document.checksum.encode() for form in FileFormat}
    monkeypatch.setattr(papers, "RENDERERS", light)
    adopt_policy(bureau=county.bureau, pack_path=PACKS / "zx.toml", by=SYSTEM)
    make_log(appointment=county.appointment)
    return open_close(bureau=county.bureau, month=OCTOBER, by=SYSTEM, today=TODAY)


def work(most: int = 1000) -> int:
    """Do waiting jobs, oldest first; returns how many."""
    for done in range(most):
        waiting = Job.objects.filter(state=JobState.QUEUED).first()
        if waiting is None:
            return done
        assert jobs.run(waiting.pk)
    return most


def halt(county: County) -> MonthClose:
    return halt_close(bureau=county.bureau, month=OCTOBER, by=CLERK)


def resume(county: County) -> MonthClose:
    return resume_close(bureau=county.bureau, month=OCTOBER, by=CLERK)


def stage(county: County) -> tuple[Stage, bool]:
    """As the bureau's page says it, and whether the grid would call the month closed."""
    viewer = signed_in(county.bureau_user).get("/").wsgi_request.viewer
    stand = closing(bureau=county.bureau, month=OCTOBER, viewer=viewer)
    ends = MonthClose.objects.values_list("closed_at", flat=True)
    told = standing(None, closed=True, due=None, whole=any(ends)).label
    return stand.stage, told == "已关账"


@pytest.mark.parametrize("done", [0, 1, DESKS - 1, DESKS, DESKS + 1, JOBS - 2, JOBS - 1])
def test_halted_after_any_job_it_goes_on_to_the_same_end(
    county: County, close: MonthClose, done: int
) -> None:
    assert work(done) == done
    halted = halt(county)
    assert (halted.halted_by, work(), stage(county)) == ("局员乙", 0, (Stage.HALTED, False))
    assert progress_of(close).done == done
    resume(county)
    assert work() == close.planned - done
    close.refresh_from_db()
    assert close.closed_at is not None
    assert (close.halted_at, close.halted_by) == (None, "")
    assert stage(county) == (Stage.CLOSED, True)
    judged = AuditEntry.objects.filter(verb="close.judge")
    assert close.verdicts.count() == sum(entry.after["verdicts"] for entry in judged)
    files = GeneratedFile.objects.filter(close=close, version=1)
    assert files.count() == (JOBS - DESKS) * len(FileFormat)
    told = AuditEntry.objects.filter(verb__in=("close.halt", "close.resume")).order_by("pk")
    assert [(each.verb, each.actor_name, each.after["done"]) for each in told] == [
        ("close.halt", "局员乙", done),
        ("close.resume", "局员乙", done),
    ]


@pytest.mark.parametrize("done", [DESKS - 1, JOBS - 1])
def test_the_last_job_of_a_step_finds_that_it_was_halted_meanwhile(
    county: County, close: MonthClose, done: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Halted while a worker is in the step's last job: it ends, and nothing follows."""
    work(done)
    last = Job.objects.get(state=JobState.QUEUED)
    handle = jobs._handlers[last.kind]

    def halted_within(job: Job) -> None:
        # what the row lock does to a second connection
        Job.objects.filter(pk=job.pk).update(state=JobState.DONE, finished_at=timezone.now())
        halt(county)
        Job.objects.filter(pk=job.pk).update(state=JobState.QUEUED, finished_at=None)
        handle(job)

    monkeypatch.setitem(jobs._handlers, last.kind, halted_within)
    assert work() == 1
    monkeypatch.undo()
    close.refresh_from_db()
    assert (close.closed_at, progress_of(close).done) == (None, done + 1)
    resume(county)
    work()
    close.refresh_from_db()
    assert close.closed_at is not None


def test_a_failed_job_does_not_keep_the_close_from_being_halted(
    county: County, close: MonthClose
) -> None:
    failed = Job.objects.filter(group=close.group).earliest("pk")
    failed.state, failed.finished_at, failed.last_error = JobState.FAILED, timezone.now(), "磁盘"
    failed.save()
    halt(county)
    resume(county)
    assert work() == 2
    assert jobs.retry(failed)
    work()
    close.refresh_from_db()
    assert close.closed_at is not None


def test_what_is_not_at_work_is_not_halted_and_what_is_not_halted_not_resumed(
    county: County, close: MonthClose
) -> None:
    with pytest.raises(Conflict, match="2026年10月的关账没有中止。"):
        resume(county)
    halt(county)
    with pytest.raises(Conflict, match="2026年10月的关账已由局员乙中止。"):
        halt(county)
    resume(county)
    work()
    for deed in (halt, resume):
        with pytest.raises(Conflict, match="2026年10月没有正在进行的关账。"):
            deed(county)
    with pytest.raises(IntegrityError, match="month_close_whole_or_halted"), transaction.atomic():
        MonthClose.objects.update(halted_at=timezone.now())
    with pytest.raises(IntegrityError, match="month_close_left_when_halted"), transaction.atomic():
        MonthClose.objects.update(left_at=timezone.now())


def test_what_was_left_is_never_shown_and_the_next_revision_closes_the_month(
    county: County, close: MonthClose
) -> None:
    work(5)
    halt(county)
    asked = {"bureau": county.bureau, "month": OCTOBER, "by": CLERK}
    with pytest.raises(Conflict, match="还没有完成，不能重新核算"):
        reopen_close(**asked, reason="政策用错", today=TODAY)
    with pytest.raises(DomainError, match="请填写放弃本次关账的事由。"):
        leave_close(**asked, reason=" ")
    leave_close(**asked, reason="政策用错")
    assert open_due_closes(today=TODAY) == 0
    assert stage(county) == (Stage.NONE, False)
    with pytest.raises(Conflict, match="没有正在进行的关账"):
        resume(county)
    second = reopen_close(**asked, reason="改用新版政策", today=TODAY)
    work()
    second.refresh_from_db()
    close.refresh_from_db()
    assert (second.revision, close.closed_at) == (2, None)
    assert second.closed_at is not None
    assert stage(county) == (Stage.CLOSED, True)
    left = AuditEntry.objects.get(verb="close.leave")
    assert (left.reason, left.actor_name) == ("政策用错", "局员乙")


@pytest.mark.parametrize("again", [False, True])
def test_of_two_who_close_at_once_one_wins_and_the_other_is_told(
    elsewhere: Callable[..., Future], transactional_db: None, bell: list[int], again: bool
) -> None:
    bureau = make_bureau()
    make_township(bureau=bureau)
    adopt_policy(bureau=bureau, pack_path=PACKS / "zx.toml", by=SYSTEM)
    if again:
        open_close(bureau=bureau, month=OCTOBER, by=SYSTEM, today=TODAY)
        MonthClose.objects.update(closed_at=timezone.now())

    def begin(name: str) -> str:
        asked = {"bureau": Bureau.objects.get(), "month": OCTOBER, "by": Actor(None, name)}
        try:
            if again:
                return reopen_close(**asked, reason="补录", today=TODAY).opened_by
            return begin_close(**asked, today=TODAY).opened_by
        except Conflict as told:
            return str(told)
        finally:
            connection.close()

    won, told = sorted((each.result() for each in map_at_once(elsewhere, begin)), key=len)
    assert won in told
    assert "第2版重新核算，还没有完成" in told if again else "开始关账，不需要再次关账。" in told
    assert MonthClose.objects.filter(closed_at=None).count() == 1
    assert Job.objects.filter(key__contains=":judge:").count() == (4 if again else 2)


def map_at_once(elsewhere: Callable[..., Future], work: Callable[[str], str]) -> list[Future]:
    return [elsewhere(work, name) for name in ("甲甲", "乙乙")]
