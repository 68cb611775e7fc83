"""How far the close of a month is, as pages say it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from assessments.closing import JUDGE
from assessments.enums import ReportKey
from assessments.models import MonthClose
from lawadvisor.foundation.models import Job, JobState
from lawadvisor.foundation.periods import Period
from lawadvisor.foundation.viewer import Viewer
from villages.models import Bureau


class Stage(StrEnum):
    """How far the close of a month is; the value also names the style class."""

    NONE = "none"
    RUNNING = "running"
    CLOSED = "closed"
    FAILED = "failed"
    HALTED = "halted"

    @property
    def label(self) -> str:
        return _STAGES[self]


_STAGES = {
    Stage.NONE: "未关账",
    Stage.RUNNING: "关账中",
    Stage.CLOSED: "已关账",
    Stage.FAILED: "失败",
    Stage.HALTED: "已中止",
}


class Work(NamedTuple):
    """One job of a close; ``township`` None is the work on the whole bureau."""

    pk: int
    kind: str
    township: int | None
    report: str
    state: str
    error: str

    @property
    def name(self) -> str:
        return "达标核算" if self.kind == JUDGE else ReportKey(self.report).label


@dataclass(frozen=True, slots=True)
class Closing:
    """Where a month's close stands.

    ``judged`` is the newest finished revision, whose figures are shown, None
    before the first; ``running`` the newest revision while it is at work, and
    ``work`` its jobs as far as they were ordered. ``left``: the newest revision,
    where it was given up.
    """

    judged: MonthClose | None = None
    running: MonthClose | None = None
    work: tuple[Work, ...] = ()
    left: MonthClose | None = None

    @property
    def stage(self) -> Stage:
        if self.halted:
            return Stage.HALTED
        if self.failed:
            return Stage.FAILED
        if self.running:
            return Stage.RUNNING
        return Stage.CLOSED if self.judged else Stage.NONE

    @property
    def is_new(self) -> bool:
        """Was this month never closed, nor a close begun?"""
        return self.judged is None and self.running is None and self.left is None

    @property
    def halted(self) -> bool:
        return self.running is not None and self.running.halted_at is not None

    @property
    def failed(self) -> tuple[Work, ...]:
        return tuple(job for job in self.work if job.state == JobState.FAILED)

    @property
    def done(self) -> int:
        return sum(job.state == JobState.DONE for job in self.work)

    @property
    def planned(self) -> int:
        return self.running.planned if self.running else 0

    @property
    def moving(self) -> bool:
        """Is there work that goes on by itself? A page that waits for it looks again."""
        return any(job.state == JobState.QUEUED for job in self.work)

    def at(self, township_id: int) -> tuple[Stage, int]:
        """One township's stage, and how many of its jobs are done."""
        own = [job for job in self.work if job.township == township_id]
        done = sum(job.state == JobState.DONE for job in own)
        if self.halted:
            return Stage.HALTED, done
        if any(job.state == JobState.FAILED for job in own):
            return Stage.FAILED, done
        if self.running:
            return Stage.RUNNING, done
        return Stage.CLOSED if self.judged else Stage.NONE, done


def closing(*, bureau: Bureau, month: Period, viewer: Viewer) -> Closing:
    closes = MonthClose.objects.visible_to(viewer).filter(bureau=bureau, month=month.start)
    found = list(closes.select_related("policy", "bureau").newest_first())
    if not found:
        return Closing()
    judged = next((close for close in found if close.closed_at), None)
    if found[0].closed_at:
        return Closing(judged)
    if found[0].left_at:
        return Closing(judged, left=found[0])
    return Closing(judged, found[0], _work_of(found[0]))


def _work_of(close: MonthClose) -> tuple[Work, ...]:
    rows = Job.objects.filter(group=close.group).values_list(
        "pk", "kind", "payload__township", "payload__report", "state", "last_error"
    )
    return tuple(map(Work._make, rows))
