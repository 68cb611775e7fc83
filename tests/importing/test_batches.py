"""A batch's life: long files by the worker, clerks at one moment, a broken connection."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from lawadvisor.foundation import jobs
from lawadvisor.foundation.errors import Conflict
from lawadvisor.foundation.importing import batches, files
from lawadvisor.foundation.importing.plans import importers
from lawadvisor.foundation.models import AuditEntry, BatchState, ImportBatch, Job, JobState
from lawadvisor.foundation.tasks import forget_uploads
from tests import factories
from tests.conftest import County, _make_county
from tests.importing.books import book_of, brought_in, confirmed
from villages.models import Village

HEAD = ("镇街", "村名", "区划代码")


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, settings: Settings) -> None:
    settings.MEDIA_ROOT = tmp_path


def roster(county: County, count: int = 3) -> bytes:
    rows = [
        (county.township.name, f"新{n}村", f"{county.township.code}{500 + n}") for n in range(count)
    ]
    return book_of(HEAD, *rows)


@pytest.fixture
def by_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file counts as long."""
    monkeypatch.setattr(batches, "CHECKED_AT_ONCE", 0)
    monkeypatch.setattr(batches, "WRITTEN_AT_ONCE", 0)


@pytest.mark.django_db
@pytest.mark.usefixtures("by_worker", "bell")
def test_a_long_file_is_checked_and_written_by_the_worker(county: County):
    batch = brought_in(county.bureau_user, county.bureau, "villages", roster(county))
    assert (batch.state, batch.counts) == (BatchState.UPLOADED, {})
    with pytest.raises(Conflict, match="正在检查"):
        confirmed(county.bureau_user, batch)

    assert jobs.run(Job.objects.get(group=batch.group).pk)
    batch.refresh_from_db()
    assert (batch.state, batch.counts["new"]) == (BatchState.CHECKED, 3)

    batch = confirmed(county.bureau_user, batch)
    assert (batch.state, Village.objects.filter(name__startswith="新").count()) == (
        *(BatchState.WRITING, 0),
    )
    assert jobs.run(Job.objects.filter(group=batch.group).latest("pk").pk)
    batch.refresh_from_db()
    assert (batch.state, Village.objects.filter(name__startswith="新").count()) == (
        *(BatchState.DONE, 3),
    )
    told = AuditEntry.objects.filter(verb="village.import")
    assert {entry.actor_name for entry in told} == {county.bureau_user.name}


@pytest.mark.django_db
@pytest.mark.usefixtures("by_worker", "bell")
def test_a_worker_that_fails_leaves_nothing_and_is_tried_again(
    county: County, monkeypatch: pytest.MonkeyPatch, settings: Settings
):
    settings.JOB_TRIES = 1
    batch = brought_in(county.bureau_user, county.bureau, "villages", roster(county))
    jobs.run(Job.objects.get(group=batch.group).pk)
    batch.refresh_from_db()
    batch = confirmed(county.bureau_user, batch)
    job = Job.objects.filter(group=batch.group).latest("pk")
    write = type(importers()["villages"]).write

    def torn(self, desk, lines, tell):
        write(self, desk, lines, tell)
        raise OSError("disk")

    monkeypatch.setattr(type(importers()["villages"]), "write", torn)
    assert not jobs.run(job.pk)
    monkeypatch.undo()
    assert not Village.objects.filter(name__startswith="新").exists()
    job.refresh_from_db()
    assert job.state == JobState.FAILED

    assert batches.retry(by=county.bureau_user.as_actor(), batch=batch)
    assert not batches.retry(by=county.bureau_user.as_actor(), batch=batch)
    assert jobs.run(job.pk)
    assert Village.objects.filter(name__startswith="新").count() == 3


@pytest.mark.django_db
def test_progress_is_seen_from_outside_and_forgotten_in_the_end(county: County):
    batch = factories.make_batch(bureau=county.bureau)
    assert files.progress_of(batch.pk) is None
    files.note_progress(batch.pk, 500, 2000)
    assert files.progress_of(batch.pk) == (500, 2000)
    files.end_progress(batch.pk)
    assert files.progress_of(batch.pk) is None

    files.note_progress(batch.pk, 500, 2000)
    (path,) = (files.path_of("x").parent).glob("progress-*")
    os.utime(path, (time.time() - 3600,) * 2)
    assert files.progress_of(batch.pk) is None


@pytest.mark.django_db
def test_uploads_are_forgotten_after_their_days(county: County):
    batch = brought_in(county.bureau_user, county.bureau, "villages", roster(county))
    path = files.path_of(batch.checksum)
    assert forget_uploads() == 0
    os.utime(path, (time.time() - (files.KEPT_DAYS + 1) * 86400,) * 2)
    assert forget_uploads() == 1

    again = confirmed(county.bureau_user, batch)
    assert (again.state, "已过期删除" in again.note) == (BatchState.CHECKED, True)


@pytest.mark.django_db(transaction=True)
def test_two_clerks_who_confirm_at_one_moment_write_once(elsewhere: Callable):
    county = _make_county()
    batch = brought_in(county.bureau_user, county.bureau, "villages", roster(county, 40))
    other = factories.make_user()

    work = [elsewhere(confirmed, user, batch) for user in (county.bureau_user, other)]
    answers = [_outcome(each) for each in work]

    assert sorted(answers) == ["done", "当前状态为“已导入”，不能改为“正在写入”。"]
    assert Village.objects.filter(name__startswith="新").count() == 40
    assert AuditEntry.objects.filter(verb="import.write").count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_file_confirmed_in_two_batches_is_written_once(elsewhere: Callable):
    county = _make_county()
    both = [
        brought_in(county.bureau_user, county.bureau, "villages", roster(county, 40))
        for _ in range(2)
    ]
    work = [elsewhere(confirmed, county.bureau_user, batch) for batch in both]

    assert sorted(_outcome(each) for each in work) == ["checked", "done"]
    assert Village.objects.filter(name__startswith="新").count() == 40
    late = ImportBatch.objects.get(state=BatchState.CHECKED)
    assert (late.note, late.counts["same"]) == (batches.MOVED_ON, 40)


def _outcome(work) -> str:
    try:
        return str(work.result().state)
    except Conflict as refusal:
        return str(refusal)
