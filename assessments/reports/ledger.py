"""R4 工作台账: a line per thing done, in the order of the days, whoever was served masked.

Clauses: 工作台帐 (ZX-51), entered promptly (CZ-43), 日志台账 of mediation (JC-28). A ledger is
handed around, so it is written with the eyes of a township whoever asks for it: names and numbers
masked, mediations and special groups sealed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch

from assessments.enums import PaperKey
from assessments.reports.asked import AskedDesk
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.periods import local_minute
from lawadvisor.foundation.roles import Role
from lawadvisor.foundation.tables import Column, Document, Kind, section
from lawadvisor.foundation.viewer import Viewer
from worklogs.enums import LogState
from worklogs.faces import face_of
from worklogs.models import Matter, ServiceLog

#: Beyond this a ledger is asked for by quarter, month or township.
MOST_LINES = 20_000
#: A township's eyes, which see no client in clear and nothing that is sealed.
_MASKED = Viewer(user_id=None, role=Role.TOWNSHIP)
#: What was handed in, whatever became of it, but what its advisor took back.
_TOLD = (LogState.SUBMITTED, LogState.CONFIRMED, LogState.REVIEWED, LogState.RETURNED)


@dataclass(frozen=True, slots=True)
class Line:
    day: date
    clock: str
    township: str
    village: str
    advisor: str
    client: str
    kind: str
    topic: str
    mode: str
    content: str
    result: str
    state: str


_TOWNSHIP = Column("township", "镇街", width=4.5)
_COLUMNS = (
    Column("seq", "序号", Kind.SEQ, 2.2),
    Column("day", "日期", Kind.DATE, 4.6),
    Column("clock", "起止时间", Kind.STATUS, 5.8),
    Column("village", "村（社区）", width=5.5),
    Column("advisor", "法律顾问", width=3.6),
    Column("client", "服务对象", width=3.4),
    Column("kind", "事项", width=4.2),
    Column("topic", "领域", width=4),
    Column("mode", "方式", width=2.8),
    Column("content", "内容", width=12),
    Column("result", "结果", width=8),
    Column("state", "状态", Kind.STATUS, 3),
)


def collect(desk: AskedDesk) -> Document:
    """Two queries. Raises DomainError where it would have more than ``MOST_LINES`` lines."""
    lines = list(_lines(desk))
    columns = _COLUMNS if desk.township else (*_COLUMNS[:3], _TOWNSHIP, *_COLUMNS[3:])
    said = (
        f"{desk.period.label}共{len(lines)}条。" if lines else f"{desk.period.label}没有服务记录。"
    )
    return desk.document(
        PaperKey.LEDGER,
        sections=(section(columns, lines),),
        lead=(said, "服务对象以掩码显示；调解内容和特殊群体的情况封存，不在台账中显示。"),
    )


def _lines(desk: AskedDesk) -> Iterable[Line]:
    matters = Matter.objects.visible_to(desk.viewer).order_by("pk")
    logs = (
        ServiceLog.objects.visible_to(desk.viewer)
        .filter(state__in=_TOLD, **desk.within("appointment__village__township"))
        .within(desk.period)
        .select_related("appointment__village", "advisor")
        .prefetch_related(Prefetch("matters", queryset=matters))
        .order_by("service_date", "started_at", "pk")
    )
    count = logs.count()
    if count > MOST_LINES:
        raise DomainError(
            f"{desk.period.label}共{count}条记录，台账过长，请按镇街、季度或月份查看。"
        )
    for log in logs:
        for matter in log.matters.all() or [None]:
            face = face_of(matter, _MASKED) if matter else None
            yield Line(
                day=log.service_date,
                clock=_clock(log),
                township=desk.townships.get(log.appointment.village.township_id, ""),
                village=log.appointment.village.short_name,
                advisor=log.advisor.name,
                client=face.client if face else "",
                kind=face.kind if face else log.get_purpose_display(),
                topic=str(matter.get_topic_display()) if matter else "",
                mode=log.get_mode_display(),
                content=face.content if face else ("无来访" if log.no_visitors else ""),
                result=face.result if face else "",
                state=log.get_state_display(),
            )


def _clock(log: ServiceLog) -> str:
    """09:00–13:00."""
    ends = [local_minute(end) for end in (log.started_at, log.ended_at) if end is not None]
    return "–".join(f"{minute // 60:02d}:{minute % 60:02d}" for minute in ends)
