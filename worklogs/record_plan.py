"""What a file of service records would do: its sessions, beside what is there and each other.

A row is one matter; the rows of one advisor, village, day, start and end are one session. The
checks are those of ``services.submit_log``, made for all rows at once. A session that is there
already is recognised by exactly that, whoever entered it, so a second import adds nothing; and
what was submitted is never changed by a file.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from django.utils import timezone

from advisors.enums import AppointmentStatus
from advisors.importers import People
from advisors.models import Appointment
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.importing.plans import Action, Desk, Entry, Line
from lawadvisor.foundation.masks import SEALED
from lawadvisor.foundation.periods import local_instant
from villages.roster import Places
from worklogs import rules
from worklogs.models import Matter, ServiceLog
from worklogs.record_columns import MATTER_KEYS, SESSION_KEYS
from worklogs.rules import FIELD_LABELS

_NAMESPACE = uuid.UUID("6f1c9a52-2f0e-5c57-9d0b-6b1f3c1f7a10")
_SERVED = (AppointmentStatus.ACTIVE, AppointmentStatus.SUSPENDED, AppointmentStatus.ENDED)
FROZEN = "与已登记的不同；已提交的记录不能由导入修改"

Required = Callable[[date], frozenset[str]]


class Key(NamedTuple):
    """What makes a session one: two rows that agree in this tell of the same one."""

    advisor: int
    village: int
    day: date
    start: int
    end: int

    @property
    def begins(self) -> datetime:
        return local_instant(self.day, self.start)

    @property
    def ends(self) -> datetime:
        return local_instant(self.day, self.end)


@dataclass(slots=True)
class Session:
    """One session of the file with its rows; ``known`` is the one that is there already."""

    key: Key
    appointment: Appointment
    entries: list[Entry] = field(default_factory=list)
    known: ServiceLog | None = None

    @property
    def first(self) -> Entry:
        return self.entries[0]

    @property
    def client_uuid(self) -> uuid.UUID:
        """The same for the same session, so that the database itself lets it in only once."""
        return uuid.uuid5(_NAMESPACE, "|".join(map(str, self.key)))


class Planning:
    """What the bureau has, read once, and the sessions of the file, found row by row."""

    def __init__(self, desk: Desk, entries: Sequence[Entry], required: Required) -> None:
        self.desk, self.entries, self.required = desk, entries, required
        self.today = timezone.localdate(desk.now)
        self.places = Places(desk.bureau_id)
        self.people = People(desk.bureau_id)
        self.people.welcome(entries)
        self.sessions: dict[Key, Session] = {}
        self.served: dict[tuple[int, int], list[Appointment]] = defaultdict(list)
        found = Appointment.objects.filter(
            village__township__bureau=desk.bureau_id, status__in=_SERVED
        )
        for each in found.select_related("advisor", "village__township"):
            self.served[each.advisor_id, each.village_id].append(each)

    def add(self, entry: Entry) -> None:
        """Find the row's session, or refuse what stands against it."""
        village, advisor = self.places.village(entry), self.people.advisor(entry)
        day, start, end = (entry.get(key) for key in ("day", "start", "end"))
        self._check_row(entry)
        if start is not None and end is not None and end <= start:
            entry.refuse("end", "应晚于开始时间；跨过零点的请分两天填写")
            return
        if village is None or advisor is None or day is None:
            return
        appointment = self._serving(entry, advisor.pk, village.pk, day)
        if appointment is None or start is None or end is None:
            return
        key = Key(advisor.pk, village.pk, day, start, end)
        session = self.sessions.setdefault(key, Session(key, appointment))
        session.entries.append(entry)
        for name in SESSION_KEYS:
            if entry.get(name) != session.first.get(name) and name in entry.columns:
                entry.refuse(name, f"与第{session.first.row}行是同一次服务，应一致")

    def compare(self) -> None:
        """Set the sessions beside what is there and beside each other."""
        by_advisor: dict[int, list[Session]] = defaultdict(list)
        for session in self.sessions.values():
            by_advisor[session.key.advisor].append(session)
        there = self._logs_of(by_advisor)
        for advisor, sessions in by_advisor.items():
            sessions.sort(key=lambda each: (each.key.day, each.key.start))
            self._recognise(sessions, there.get(advisor, []))
            _refuse_overlaps(sessions)
        for session in self.sessions.values():
            if session.known is None:
                _refuse_sealed(session)
            _keep_together(session)

    def lines(self) -> Iterator[Line]:
        """One for each row; the first of a new session carries it."""
        for session in self.sessions.values():
            label = f"{session.key.day.isoformat()} {session.appointment}"
            action = Action.SAME if session.known else Action.NEW
            for number, entry in enumerate(session.entries):
                carried = session if number == 0 and session.known is None else None
                yield entry.line(action, label, data=carried)

    def _check_row(self, entry: Entry) -> None:
        day = entry.get("day")
        try:
            if day is not None:
                rules.check_service_day(day, today=self.today)
        except DomainError as refusal:
            entry.refuse("day", str(refusal).rstrip("。"))
        if entry.get("no_visitors"):
            self._check_no_visitors(entry)
            return
        if entry.get("kind") is None and "kind" not in entry.cells:
            entry.refuse("kind", "请填写事项；坐班而无人来访的，请在“坐班，无来访”列填“是”")
        for name in self.required(day) if day is not None else ():
            if name in FIELD_LABELS and name in entry.columns and name not in entry.cells:
                entry.refuse(name, f"按当时的政策，{FIELD_LABELS[name]}必须填写")

    def _check_no_visitors(self, entry: Entry) -> None:
        mode, purpose = entry.get("mode"), entry.get("purpose")
        try:
            if mode is not None and purpose is not None:
                rules.check_no_visitors(mode, purpose)
        except DomainError as refusal:
            entry.refuse("no_visitors", str(refusal).rstrip("。"))
        if entry.get("kind") is not None:
            entry.refuse("kind", "填了“坐班，无来访”的，不应再写事项")

    def _serving(self, entry: Entry, advisor: int, village: int, day: date) -> Appointment | None:
        terms = self.served.get((advisor, village), ())
        for each in terms:
            paused = each.suspended_from is not None and day >= each.suspended_from
            if day in each.term and not paused:
                return each
        if terms:
            listed = "、".join(_term_in_words(each) for each in terms)
            entry.refuse("day", f"不在该顾问服务该村（社区）的任期内，任期为{listed}")
        else:
            entry.refuse("advisor", "该顾问没有受聘于该村（社区），请先导入聘任")
        return None

    def _logs_of(self, by_advisor: Mapping[int, list[Session]]) -> dict[int, list[ServiceLog]]:
        """The logs of these advisors in the days of the file, in any bureau."""
        if not self.sessions:
            return {}
        days = [key.day for key in self.sessions]
        logs = ServiceLog.objects.filter(
            advisor__in=by_advisor,
            service_date__range=(min(days), max(days)),
            started_at__isnull=False,
            ended_at__isnull=False,
        )
        found: dict[int, list[ServiceLog]] = defaultdict(list)
        related = logs.select_related("appointment__village__township")
        for log in related.prefetch_related("matters").order_by("started_at"):
            found[log.advisor_id].append(log)
        return found

    def _recognise(self, sessions: list[Session], logs: list[ServiceLog]) -> None:
        """Both in order of their start; what overlaps without being the same is refused."""
        position = 0
        for session in sessions:
            begins, ends = session.key.begins, session.key.ends
            while position < len(logs) and end_of(logs[position]) <= begins:
                position += 1
            for log in logs[position:]:
                if start_of(log) >= ends:
                    break
                if _is_the_same(session, log):
                    session.known = log
                    _compare(session, log)
                else:
                    where = self._place_of(log)
                    session.first.refuse("start", f"该顾问这段时间已有一条在{where}的服务记录")

    def _place_of(self, log: ServiceLog) -> str:
        village = log.appointment.village
        own = village.township.bureau_id == self.desk.bureau_id
        return village.name if own else "其他司法局所辖村（社区）"


def lacking(entries: Sequence[Entry], required: Required) -> list[str]:
    """The fields that the policy of some day asks for and for which some sheet has no column."""
    there = {frozenset(entry.columns) for entry in entries}
    days = {entry.get("day") for entry in entries} - {None}
    asked = {name for day in days for name in required(day)}
    return [
        label
        for name, label in FIELD_LABELS.items()
        if name in asked and any(name not in columns for columns in there)
    ]


def _is_the_same(session: Session, log: ServiceLog) -> bool:
    return (
        log.appointment.village_id == session.key.village
        and log.started_at == session.key.begins
        and log.ended_at == session.key.ends
    )


def _compare(session: Session, log: ServiceLog) -> None:
    """Refuse, cell by cell, what the file says otherwise; empty cells say nothing."""
    for name in SESSION_KEYS:
        said = session.first.get(name)
        if said is not None and said != getattr(log, name):
            session.first.refuse(name, FROZEN)
    left = list(log.matters.all())
    for entry in session.entries:
        if entry.get("kind") is None:
            continue
        close = max(left, key=lambda each: _agreement(entry, each), default=None)
        if close is None:
            entry.refuse("kind", "这次服务已登记，没有这个事项；已提交的记录不能由导入修改")
            continue
        left.remove(close)
        for name in MATTER_KEYS:
            said = entry.get(name)
            if said not in (None, SEALED) and said != getattr(close, name):
                entry.refuse(name, FROZEN)


def _agreement(entry: Entry, matter: Matter) -> int:
    return sum(entry.get(name) == getattr(matter, name) for name in MATTER_KEYS)


def _refuse_overlaps(sessions: list[Session]) -> None:
    """``sessions`` of one advisor in order of their start."""
    last: Session | None = None
    for session in sessions:
        if last is not None and session.key.begins < last.key.ends:
            session.first.refuse("start", f"与第{last.first.row}行的时间重叠")
        if last is None or session.key.ends > last.key.ends:
            last = session


def _refuse_sealed(session: Session) -> None:
    for entry in session.entries:
        for name in MATTER_KEYS:
            if entry.get(name) == SEALED:
                entry.refuse(name, f"“{SEALED}”不是内容，不能作为新记录写入")


def _keep_together(session: Session) -> None:
    """A session goes in whole or not at all."""
    bad = next((entry for entry in session.entries if entry.bad), None)
    if bad is not None:
        for entry in session.entries:
            if not entry.bad:
                entry.refuse("start", f"与第{bad.row}行是同一次服务，那一行有问题，须一并改好")


def start_of(log: ServiceLog) -> datetime:
    if log.started_at is None:
        raise ValueError("a draft without times is no session yet")
    return log.started_at


def end_of(log: ServiceLog) -> datetime:
    if log.ended_at is None:
        raise ValueError("a draft without times is no session yet")
    return log.ended_at


def _term_in_words(each: Appointment) -> str:
    end = each.suspended_from or each.ends_before
    return f"{each.starts_on.isoformat()}至{f'{end.isoformat()}前' if end else '长期'}"
