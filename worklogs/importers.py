"""Historic service records as a workbook: in and out."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from advisors.importers import pair_columns
from lawadvisor.foundation import audit
from lawadvisor.foundation.importing import rowwise
from lawadvisor.foundation.importing.columns import Column
from lawadvisor.foundation.importing.plans import Desk, Entry, Importer, Line, Tell, Trace
from lawadvisor.foundation.locks import hold
from lawadvisor.foundation.viewer import Viewer
from worklogs.enums import LogState
from worklogs.faces import face_of
from worklogs.models import Attachment, Matter, RemovedLog, ServiceLog, advisor_lock
from worklogs.record_columns import MATTER_KEYS, OWN_COLUMNS, clock_of
from worklogs.record_plan import Planning, Required, Session, end_of, lacking, start_of

#: Sessions of one INSERT.
CHUNK = 2_000


class RecordImporter(Importer):
    """What it must ask of the floor above, where months are closed, a subclass answers."""

    key = "records"
    title = "服务记录"
    notes = (
        "一行写一个事项；同一顾问、同一村（社区）、同一日期和起止时间的几行，是同一次服务。",
        "开始和结束须在同一天，精确到分钟；同一顾问的两次服务，时间不能重叠。",
        "服务日期须在聘任期内。导入到已关账月份的，记为补录，不改变已有的核算结果。",
        "已登记的服务记录不能由导入修改；与已登记的完全一致的行，不重复写入。",
        "调解内容导出时写作“已封存”；原样导入的，不改动登记的内容。",
    )

    @abstractmethod
    def closed_months(self, bureau_id: int) -> set[date]:
        """The first days of the months whose close was ever begun."""

    @abstractmethod
    def required_on(self, bureau_id: int) -> Required:
        """Which fields of a matter the policy of a day asks for."""

    @abstractmethod
    def closed_since(self, bureau_id: int, months: set[date], moment: datetime) -> list[str]:
        """Those of the months, in words, whose close was begun after the moment."""

    def columns(self, desk: Desk) -> tuple[Column, ...]:
        return (*pair_columns(desk.bureau_id), *OWN_COLUMNS)

    def plan(self, desk: Desk, entries: Sequence[Entry], tell: Tell) -> Iterator[Line]:
        planning = Planning(desk, entries, self.required_on(desk.bureau_id))
        for number, entry in enumerate(entries, start=1):
            planning.add(entry)
            if number % 1000 == 0:
                tell(number, len(entries))
        planning.compare()
        yield from planning.lines()

    def remarks(self, desk: Desk, entries: Sequence[Entry]) -> list[str]:
        labels = "、".join(lacking(entries, self.required_on(desk.bureau_id)))
        if not labels:
            return []
        return [f"文件没有这些列，而当时的政策要求填写：{labels}。可以导入，但核算时可能不计入。"]

    def write(self, desk: Desk, lines: Sequence[Line], tell: Tell) -> list[Trace]:
        sessions = [line.data for line in lines if line.data is not None]
        hold(*{advisor_lock(session.appointment.advisor_id) for session in sessions})
        closed = self.closed_months(desk.bureau_id)
        traces: list[Trace] = []
        for begin in range(0, len(sessions), CHUNK):
            traces += _written(desk, sessions[begin : begin + CHUNK], closed)
            tell(min(begin + CHUNK, len(sessions)), len(sessions))
        return traces

    def undo(self, desk: Desk, traces: Sequence[Trace], reason: str) -> None:
        pks = [trace.pk for trace in traces]
        logs = ServiceLog.objects.filter(pk__in=pks)
        entered = logs.order_by("entered_at").values_list("entered_at", flat=True).first()
        months = {day.replace(day=1) for day in logs.values_list("service_date", flat=True)}
        obstacles = []
        if entered is not None:
            closed = self.closed_since(desk.bureau_id, months, entered)
            obstacles += [f"{month}已关账" for month in closed]
        if found := Attachment.objects.filter(matter__log__in=pks).count():
            obstacles.append(f"已有{found}个附件")
        rowwise.refuse(obstacles)
        told = list(logs.values_list("client_uuid", "advisor"))
        hold(*{advisor_lock(advisor) for _, advisor in told})
        RemovedLog.objects.bulk_create(
            RemovedLog(client_uuid=number, advisor=advisor) for number, advisor in told
        )
        rowwise.take_back(desk, "log", traces, reason, own=("matters",))

    def rows(self, desk: Desk, viewer: Viewer) -> Iterator[Mapping[str, str]]:
        logs = ServiceLog.objects.filter(
            appointment__village__township__bureau=desk.bureau_id, started_at__isnull=False
        ).exclude(state=LogState.DRAFT)
        related = ("advisor__organisation", "appointment__village__township")
        ordered = logs.select_related(*related).prefetch_related("matters")
        for log in ordered.order_by("service_date", "started_at", "pk").iterator(chunk_size=2_000):
            session = _session_texts(log)
            for matter in log.matters.all() or (None,):
                yield {**session, **(_matter_texts(matter, viewer) if matter else {})}


def _written(desk: Desk, sessions: Sequence[Session], closed: set[date]) -> list[Trace]:
    logs = [_log_of(desk, session, closed) for session in sessions]
    ServiceLog.objects.bulk_create(logs, batch_size=CHUNK)
    matters = [
        matter
        for session, log in zip(sessions, logs, strict=True)
        for matter in _matters_of(session, log)
    ]
    Matter.objects.bulk_create(matters, batch_size=CHUNK)
    audit.record_all(
        by=desk.by,
        verb="log.import",
        bureau_id=desk.bureau_id,
        changes=[(log, None, _told(log)) for log in logs],
    )
    label = ServiceLog._meta.label_lower
    return [Trace(label, log.pk, None, {"state": str(log.state)}) for log in logs]


def _told(log: ServiceLog) -> dict[str, object]:
    return {
        "state": str(log.state),
        "date": log.service_date.isoformat(),
        "supplement": log.is_supplement,
    }


def _log_of(desk: Desk, session: Session, closed: set[date]) -> ServiceLog:
    key, first = session.key, session.first
    if desk.by.user_id is None:
        raise ValueError("a session is entered by a person")
    return ServiceLog(
        client_uuid=session.client_uuid,
        appointment=session.appointment,
        advisor_id=key.advisor,
        service_date=key.day,
        started_at=key.begins,
        ended_at=key.ends,
        mode=first.get("mode"),
        purpose=first.get("purpose"),
        no_visitors=bool(first.get("no_visitors")),
        place=first.get("place") or "",
        state=LogState.SUBMITTED,
        is_supplement=key.day.replace(day=1) in closed,
        entered_at=desk.now,
        entered_by_id=desk.by.user_id,
    )


def _matters_of(session: Session, log: ServiceLog) -> Iterator[Matter]:
    for entry in session.entries:
        if entry.get("kind") is not None:
            given = {name: entry.get(name) for name in MATTER_KEYS}
            yield Matter(
                log=log, **{name: said for name, said in given.items() if said is not None}
            )


def _session_texts(log: ServiceLog) -> dict[str, str]:
    village, advisor = log.appointment.village, log.advisor
    return {
        "township": village.township.name,
        "village": village.name,
        "code": village.code,
        "advisor": advisor.name,
        "licence": advisor.licence_no,
        "organisation": advisor.organisation.name,
        "day": log.service_date.isoformat(),
        "start": clock_of(log.service_date, start_of(log)),
        "end": clock_of(log.service_date, end_of(log)),
        "mode": log.get_mode_display(),
        "purpose": log.get_purpose_display(),
        "no_visitors": "是" if log.no_visitors else "否",
        "place": log.place,
    }


def _matter_texts(matter: Matter, viewer: Viewer) -> dict[str, str]:
    """As this viewer may read it: what is sealed says so, and on its way back changes nothing."""
    face = face_of(matter, viewer)
    return {
        "kind": face.kind,
        "topic": matter.get_topic_display(),
        "focus": matter.focus,
        "client": face.client,
        "phone": face.phone,
        "content": face.content,
        "method": face.method,
        "result": face.result,
        "audience": "" if matter.audience is None else str(matter.audience),
    }
