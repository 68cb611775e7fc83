"""T1, the month's task list: what a township still has to do, each as one line with one word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import Count, Q
from django.utils import timezone

from assessments.handing import UNREVIEWED, Standing
from assessments.models import Reopening
from assessments.review.records import SHOWN, asked_by
from assessments.review.table import standing_of, zero_reports
from assessments.selectors import policy_for
from lawadvisor.foundation.periods import Period
from lawadvisor.foundation.viewer import Viewer
from villages.models import Township
from worklogs.enums import LogState
from worklogs.models import Filing, ServiceLog


class Word(StrEnum):
    """How a task stands; the value also names the style class. What is done is told plainly."""

    DONE = "plain"
    TO_DO = "at_risk"
    LATE = "not_met"
    WAITING = "open"


@dataclass(frozen=True, slots=True)
class Task:
    """``said`` is the whole of it in words; ``word`` only repeats how it stands."""

    name: str
    said: str
    word: Word


@dataclass(frozen=True, slots=True)
class Todo:
    """``reopened`` are the villages of a closed month that are open again."""

    standing: Standing
    tasks: tuple[Task, ...]
    reopened: tuple[Reopening, ...]


def todo(*, township: Township, month: Period, today: date, viewer: Viewer) -> Todo:
    """In six queries at most; for whoever sees the township's records."""
    policy = policy_for(township.bureau, month.start)
    stand, asked = standing_of(township, month, policy), asked_by(policy)
    counts = _counts(township, month, viewer)
    tasks = [_to_verify(counts), *([_to_confirm(counts)] if asked and asked.confirmation else [])]
    if counts["returned"]:
        said = f"{counts['returned']}条退回给顾问修改，尚未重新提交"
        tasks.append(Task("退回", said, Word.WAITING))
    if zero := _zero(township, month, viewer):
        tasks.append(Task("零申报", f"{zero}份", Word.DONE))
    tasks += [_handed_in(stand, month, today), _closed(stand)]
    return Todo(stand, tuple(tasks), _reopened(township, month, viewer) if stand.closed else ())


def _reopened(township: Township, month: Period, viewer: Viewer) -> tuple[Reopening, ...]:
    found = Reopening.objects.visible_to(viewer).open_at(timezone.now())
    own = found.filter(village__township=township, month=month.start)
    return tuple(own.select_related("village").order_by("village__code"))


def _counts(township: Township, month: Period, viewer: Viewer) -> dict[str, int]:
    logs = (
        ServiceLog.objects.visible_to(viewer)
        .within(month)
        .filter(appointment__village__township=township, state__in=SHOWN)
    )
    found: dict[str, int] = logs.aggregate(
        all=Count("pk", filter=~Q(state=LogState.RETURNED)),
        waiting=Count("pk", filter=Q(state__in=UNREVIEWED)),
        unconfirmed=Count("pk", filter=Q(state=LogState.SUBMITTED)),
        returned=Count("pk", filter=Q(state=LogState.RETURNED)),
    )
    return found


def _zero(township: Township, month: Period, viewer: Viewer) -> int:
    filings = Filing.objects.visible_to(viewer).filter(village__township=township)
    return zero_reports(filings, month).count()


def _to_verify(counts: dict[str, int]) -> Task:
    if counts["waiting"]:
        said, word = f"待核验{counts['waiting']}条，共{counts['all']}条", Word.TO_DO
    elif counts["all"]:
        said, word = f"{counts['all']}条已全部核验", Word.DONE
    else:
        said, word = "还没有服务记录", Word.WAITING
    return Task("核验服务记录", said, word)


def _to_confirm(counts: dict[str, int]) -> Task:
    if counts["unconfirmed"]:
        said = f"未确认{counts['unconfirmed']}条，可电话核实后核验"
        return Task("村（社区）确认", said, Word.TO_DO)
    return Task("村（社区）确认", "没有未确认的记录", Word.DONE)


def _handed_in(stand: Standing, month: Period, today: date) -> Task:
    desk = stand.desk
    if stand.for_silent_office and desk is not None and desk.submitted_at is not None:
        said = f"{desk.submitted_by}由局代办，未经司法所审核，{stand.label}"
        return Task("报送司法局", said, Word.LATE)
    if desk is not None and desk.submitted_at is not None:
        on = f"{desk.submitted_by}于{timezone.localtime(desk.submitted_at):%-m月%-d日}报送"
        if stand.reviewing:
            said = f"{on}，司法局已退回：{desk.reason}"
            return Task("报送司法局", said, Word.LATE)
        return Task("报送司法局", f"{on}，{stand.label}", Word.DONE)
    if stand.for_silent_office:
        return Task("报送司法局", "未报送，由局代办，未经司法所审核", Word.LATE)
    due = f"最迟{stand.due:%-m月%-d日}（系统默认）" if stand.due else ""
    if month.end > today:
        said, word = "，".join(filter(None, (f"{month.label}结束后报送", due))), Word.WAITING
    elif stand.is_late(today):
        said, word = f"未报送，{due}，已过", Word.LATE
    else:
        said, word = "，".join(filter(None, ("未报送", due))), Word.TO_DO
    return Task("报送司法局", said, word)


def _closed(stand: Standing) -> Task:
    if stand.closed:
        return Task("关账", stand.label, Word.DONE if stand.whole else Word.WAITING)
    return Task("关账", "由司法局办理，尚未关账", Word.WAITING)
