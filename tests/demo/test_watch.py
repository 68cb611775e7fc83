"""Waiting for the worker: done, failed, or silent."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management.base import OutputWrapper
from django.utils import timezone

from lawadvisor.demo.watch import ProgressLine, wait_for
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.jobs import Progress
from lawadvisor.foundation.models import Job, JobState
from tests import factories


@pytest.fixture
def close(db: None):
    close = factories.make_close(planned=2)
    for key in ("a", "b"):
        Job.objects.create(kind="write_paper", key=f"{close.group}:{key}", group=close.group)
    return close


def _finish_one(_seconds: float) -> None:
    job = Job.objects.filter(state=JobState.QUEUED).earliest("pk")
    Job.objects.filter(pk=job.pk).update(state=JobState.DONE, finished_at=timezone.now())


def test_it_tells_of_every_change_and_ends(close):
    heard: list[Progress] = []
    wait_for([close], heard.append, pause=_finish_one)
    assert [(p.done, p.total) for p in heard] == [(0, 2), (1, 2), (2, 2)]


def test_a_failed_job_is_named(close):
    Job.objects.filter(key__endswith=":b").update(
        state=JobState.FAILED, finished_at=timezone.now(), last_error="OSError：磁盘已满"
    )
    with pytest.raises(DomainError) as refused:
        wait_for([close], lambda _: None, pause=lambda _: None)
    assert str(refused.value) == f"后台任务失败：{close.group}:b，OSError：磁盘已满。"


def test_silence_points_to_the_log(close, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    with pytest.raises(DomainError) as refused:
        wait_for([close], lambda _: None, pause=lambda _: None, patience=0.0)
    assert str(refused.value) == (
        f"后台任务已有0秒没有进展（0/2），请查看 {tmp_path / 'log' / 'worker.log'}。"
    )


class _Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_keeps_one_line():
    out = _Terminal()
    line = ProgressLine(OutputWrapper(out))
    line(Progress(2, 1, 0))
    line(Progress(2, 2, 0))
    assert out.getvalue() == "\r正在由后台任务关账：已处理 1/2\r正在由后台任务关账：已处理 2/2\n"


def test_a_log_gets_a_line_now_and_then():
    out, now = StringIO(), iter((0.0, 1.0, 6.0))
    line = ProgressLine(OutputWrapper(out), clock=lambda: next(now))
    for done in (0, 1, 2, 3):
        line(Progress(3, done, 0))
    assert [said[-3:] for said in out.getvalue().splitlines()] == ["0/3", "2/3", "3/3"]
