"""R5 工作日志: one sheet, a month's book, a year's volume of one advisor in one village.

Clauses: 每年1本工作日志 (ZX-38), 时间、对象、内容、方法和结果详细记载 (ZX-39), 一村一卷 with the
village's basics first (ZX-40, ZX-91), 一事一记 (ZX-41), 月末纸质版 (JC-47) with client, phone,
matter, content and time (JC-48), place, people and pictures of lectures (JC-49, JC-50), confirmed
by the contact (DG-32).

It is shown to a viewer as ``faces`` allows, whether on a page or on paper.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.db.models import Prefetch

from advisors.liaisons import told_of
from advisors.models import Appointment, Liaison
from assessments.journals.photos import Photo, photos_of
from lawadvisor.foundation.masks import mask_name
from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.periods import Period, PeriodKind, local_minute
from lawadvisor.foundation.roles import Role, Thing
from lawadvisor.foundation.tables import hours
from lawadvisor.foundation.viewer import Viewer
from worklogs.enums import LogState
from worklogs.faces import face_of
from worklogs.lectures import AUDIENCE
from worklogs.models import Matter, ServiceLog

#: What stands in a journal: handed in and not taken back.
_TOLD = (LogState.SUBMITTED, LogState.CONFIRMED, LogState.REVIEWED, LogState.RETURNED)
#: Photos of one matter that a book prints; its own record (R6) has them all.
MOST_PHOTOS = 6


@dataclass(frozen=True, slots=True)
class Entry:
    """One matter as its viewer sees it; "" is a field left empty."""

    kind: str
    topic: str
    focus: str
    client: str
    phone: str
    content: str
    method: str
    result: str
    audience: int | None
    groups: tuple[str, ...]
    photos: tuple[Photo, ...]


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who moved a record and when, for the print (DG-32)."""

    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Sheet:
    """One session of service."""

    number: int
    pk: int
    day: date
    clock: str
    minutes: int
    mode: str
    purpose: str
    place: str
    state: str
    no_visitors: bool
    supplement: bool
    entries: tuple[Entry, ...]
    confirmed: Stamp | None
    reviewed: Stamp | None
    returned: str

    @property
    def hours(self) -> str:
        return hours(self.minutes)


@dataclass(frozen=True)
class Journal:
    """``period`` is a month or a year; ``contact`` the village's contact as name and number."""

    appointment: Appointment
    period: Period
    sheets: tuple[Sheet, ...]
    contact: tuple[str, str]

    @property
    def is_volume(self) -> bool:
        return self.period.kind is PeriodKind.YEAR

    @property
    def minutes(self) -> int:
        return sum(sheet.minutes for sheet in self.sheets)

    @property
    def hours(self) -> str:
        return hours(self.minutes)

    @property
    def matters(self) -> int:
        return sum(len(sheet.entries) for sheet in self.sheets)

    @property
    def empty_months(self) -> tuple[str, ...]:
        """Of a year's volume, the months up to its last record that have none (ZX-38)."""
        if not self.is_volume or not self.sheets:
            return ()
        told = {sheet.day.month for sheet in self.sheets}
        return tuple(f"{month}月" for month in range(1, max(told)) if month not in told)

    @cached_property
    def checksum(self) -> str:
        """SHA-256 of what the records say; who confirmed them is no part of it."""
        said = [
            [
                sheet.day.isoformat(),
                sheet.clock,
                sheet.mode,
                sheet.purpose,
                sheet.place,
                [
                    [
                        *(entry.kind, entry.topic, entry.focus, entry.client, entry.phone),
                        *(entry.content, entry.method, entry.result, entry.audience),
                    ]
                    for entry in sheet.entries
                ],
            ]
            for sheet in self.sheets
        ]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()

    @property
    def seal(self) -> str:
        """Its first sixteen digits, as a person compares them."""
        return " ".join(self.checksum[place : place + 4] for place in range(0, 16, 4))


def as_advisor(appointment: Appointment) -> Viewer:
    """The desk whose eyes a journal's checksum is made with, whoever looks."""
    return Viewer(user_id=None, role=Role.ADVISOR, advisor=appointment.advisor_id)


def collect(
    viewer: Viewer, appointment: Appointment, period: Period, *, only: int | None = None
) -> Journal:
    """The journal of a term in a period, or ``only`` one session of it, in seven queries."""
    matters = Matter.objects.visible_to(viewer).order_by("pk")
    logs = (
        ServiceLog.objects.visible_to(viewer)
        .filter(appointment=appointment, state__in=_TOLD)
        .within(period)
        .prefetch_related(
            Prefetch("matters", queryset=matters),
            "matters__attachments",
        )
        .order_by("service_date", "started_at", "pk")
    )
    found = list(logs)
    moved = _moved([log.pk for log in found], viewer)
    sheets = [_sheet(number, log, viewer, moved) for number, log in enumerate(found, start=1)]
    kept = [sheet for sheet in sheets if only is None or sheet.pk == only]
    contact = Liaison.objects.visible_to(viewer).serving().filter(village=appointment.village)
    liaison = contact.first()
    return Journal(
        appointment=appointment,
        period=period,
        sheets=tuple(kept),
        contact=told_of(liaison, viewer) if liaison else ("", ""),
    )


def sealed_state(appointment: Appointment, period: Period, *, only: int | None = None) -> str:
    """The checksum of the records as they stand now."""
    return collect(as_advisor(appointment), appointment, period, only=only).checksum


def _moved(logs: Sequence[int], viewer: Viewer) -> Mapping[tuple[int, str], Stamp]:
    """By record and verb, the last time it was so moved; a contact's name as he may see it."""
    clear = viewer.sees(Thing.CLIENTS)
    label = ServiceLog._meta.label_lower
    entries = AuditEntry.objects.filter(
        subject_type=label, subject_id__in=logs, verb__in=("log.confirmed", "log.reviewed")
    )
    return {
        (entry.subject_id or 0, entry.verb): Stamp(
            entry.actor_name if clear else mask_name(entry.actor_name), entry.at
        )
        for entry in entries.order_by("pk")
    }


def _sheet(
    number: int, log: ServiceLog, viewer: Viewer, moved: Mapping[tuple[int, str], Stamp]
) -> Sheet:
    stands = log.state in (LogState.CONFIRMED, LogState.REVIEWED)
    return Sheet(
        number=number,
        pk=log.pk,
        day=log.service_date,
        clock=clock(log),
        minutes=log.minutes or 0,
        mode=str(log.get_mode_display()),
        purpose=str(log.get_purpose_display()),
        place=log.place,
        state=str(log.get_state_display()),
        no_visitors=log.no_visitors,
        supplement=log.is_supplement,
        entries=tuple(_entries(log, viewer)),
        confirmed=moved.get((log.pk, "log.confirmed")) if stands else None,
        reviewed=moved.get((log.pk, "log.reviewed")) if log.state == LogState.REVIEWED else None,
        returned=log.returned_reason,
    )


def clock(log: ServiceLog) -> str:
    """09:00至13:00."""
    ends = [local_minute(end) for end in (log.started_at, log.ended_at) if end is not None]
    return "至".join(f"{minute // 60:02d}:{minute % 60:02d}" for minute in ends)


def _entries(log: ServiceLog, viewer: Viewer) -> Iterable[Entry]:
    for matter in log.matters.all():
        face = face_of(matter, viewer)
        yield Entry(
            kind=face.kind,
            topic=str(matter.get_topic_display()),
            focus=matter.focus,
            client=face.client,
            phone=face.phone,
            content=face.content,
            method=face.method,
            result=face.result,
            audience=matter.audience,
            groups=tuple(str(mark.label) for mark in AUDIENCE if mark in matter.marks),
            photos=photos_of(matter, viewer)[:MOST_PHOTOS],
        )
