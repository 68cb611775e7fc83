"""The visit that was typed is read once, refused at its fields, and written by the services."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from advisors.models import Appointment
from assessments.entering import enter_log, revise_entry
from assessments.phone.prefill import FIELDS_OF, NOBODY_CAME, Place, purpose_of
from assessments.phone.spans import parse_span
from assessments.phone.typed import HOUR_CHIPS, OTHER, TEXTS, TypedMatter, TypedVisit
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.periods import local_date
from lawadvisor.foundation.requests import number_in
from lawadvisor.foundation.viewer import Actor
from worklogs import rules
from worklogs.entries import MatterEntry, SessionEntry
from worklogs.faces import sealed_columns
from worklogs.models import ServiceLog

#: What a record is read with, for the services.
PLACE = "appointment__village__township__bureau"
#: Where a sentence stands that belongs to no field.
WHOLE = "whole"
#: Where a refusal of the services is shown, if not under its own name.
_SHOWN_AT = {
    "service_date": "day",
    "started_at": "start",
    "ended_at": "end",
    "matters": WHOLE,
    "no_visitors": "m0-kind",
}
#: By matter, the columns that its own advisor may not read: left empty they stay as they are.
Sealed = Mapping[str, tuple[str, ...]]


class EntryRefused(Exception):
    """``errors`` holds a sentence for each field by its name on the page, ``WHOLE`` for none."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("；".join(errors.values()))
        self.errors = dict(errors)


# ── reading ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class _Reading:
    """Collects a sentence per field, so that one look finds them all."""

    errors: dict[str, str] = field(default_factory=dict)

    def note(self, name: str, sentence: str) -> None:
        self.errors.setdefault(name, sentence)

    def clock(self, name: str, text: str, label: str) -> int | None:
        if not text:
            self.note(name, f"请填写{label}时间。")
            return None
        try:
            return rules.parse_clock(text, field=name)
        except DomainError as refusal:
            self.note(name, str(refusal))
            return None

    def day(self, typed: TypedVisit, today: date) -> date:
        name = "other_day" if typed.day == OTHER else "day"
        text = getattr(typed, name)
        if not text:
            self.note(name, "请选择服务日期。")
            return today
        try:
            day = rules.parse_day(text, field=name)
            rules.check_service_day(day, today=today)
        except DomainError as refusal:
            self.note(name, str(refusal))
            return today
        return day


def read(
    typed: TypedVisit, places: Sequence[Place], *, today: date, sealed: Sealed | None = None
) -> tuple[tuple[Place, SessionEntry], ...]:
    """Each chosen village with its session, one after the other; EntryRefused with all faults."""
    reading = _Reading()
    chosen = [place for place in places if str(place.pk) in typed.villages]
    if not chosen:
        reading.note("village", "请选择村（社区）。")
    day = reading.day(typed, today)
    start, end = _times(typed, reading)
    matters = _matters(typed, chosen, reading, sealed or {})
    if start is not None and end is not None:
        length = end - start
        try:
            rules.check_times(start, end)
            rules.check_times(start, start + length * max(len(chosen), 1))
        except DomainError as refusal:
            reading.note("end", str(refusal))
    if reading.errors or start is None or end is None:
        raise EntryRefused(reading.errors)
    return tuple(
        (place, _session(typed, day, start + n * length, length, matters))
        for n, place in enumerate(chosen)
    )


def _session(
    typed: TypedVisit, day: date, start: int, length: int, matters: Sequence[MatterEntry]
) -> SessionEntry:
    return SessionEntry(
        day=day,
        start=start,
        end=start + length,
        mode=typed.mode,
        purpose=typed.purpose or purpose_of(matter.kind for matter in matters),
        place=typed.place,
        no_visitors=NOBODY_CAME in typed.kinds,
        matters=matters,
    )


def _times(typed: TypedVisit, reading: _Reading) -> tuple[int | None, int | None]:
    """Start and end, None for one that cannot be read."""
    if typed.length.strip():
        try:
            span = parse_span(typed.length, field="length")
        except DomainError as refusal:
            reading.note("length", str(refusal))
            return None, None
        start = span.start
        if start is None:
            start = reading.clock("start", typed.start, "开始")
        return start, None if start is None else start + span.minutes
    start = reading.clock("start", typed.start, "开始")
    if typed.hours in {str(hours) for hours in HOUR_CHIPS}:
        return start, None if start is None else start + int(typed.hours) * 60
    return start, reading.clock("end", typed.end, "结束")


def _matters(
    typed: TypedVisit, chosen: Sequence[Place], reading: _Reading, sealed: Sealed
) -> tuple[MatterEntry, ...]:
    """None of a stay to which nobody came."""
    if NOBODY_CAME in typed.kinds:
        for n, matter in enumerate(typed.matters):
            if matter.kind not in ("", NOBODY_CAME):
                reading.note(f"m{n}-kind", "选了“坐班，无来访”，就不再填写其他事项。")
        return ()
    return tuple(_matter(n, each, chosen, reading, sealed) for n, each in enumerate(typed.matters))


def _matter(
    n: int, typed: TypedMatter, chosen: Sequence[Place], reading: _Reading, sealed: Sealed
) -> MatterEntry:
    if not typed.kind:
        reading.note(f"m{n}-kind", "请选择做了什么。")
    untold = {name for name in sealed.get(typed.pk, ()) if not getattr(typed, name).strip()}
    asked = {name for place in chosen for name in place.required.get(typed.kind, ())}
    for name, label in rules.FIELD_LABELS.items():
        if name in asked - untold and not getattr(typed, name).strip():
            reading.note(f"m{n}-{name}", f"请填写{label}。")
    audience = rules.clean_text(typed.audience)
    if audience and number_in(audience, digits=6) is None:
        reading.note(f"m{n}-audience", f"人数“{audience[:20]}”无法识别，应为如 30 的数字。")
        audience = ""
    belongs = {name for name, kinds in FIELDS_OF.items() if typed.kind in kinds}
    outcome = {"yes": True, "no": False}.get(typed.succeeded)
    return MatterEntry(
        pk=int(typed.pk) if typed.pk in sealed else None,
        kind=typed.kind,
        **{name: getattr(typed, name) for name in TEXTS},
        audience=int(audience) if audience and "audience" in belongs else None,
        succeeded=outcome if "succeeded" in belongs else None,
        marks=typed.marks,
        untold=frozenset(untold),
    )


# ── writing ─────────────────────────────────────────────────────────────────────────────────────


def submit_visit(
    *, by: Actor, typed: TypedVisit, places: Sequence[Place], received_at: datetime
) -> tuple[ServiceLog, ...]:
    """One record for each chosen village, all or none; twice sent is once written.

    Raises EntryRefused with a sentence for every field that is wrong.
    """
    sessions = read(typed, places, today=local_date(received_at))
    try:
        first = uuid.UUID(typed.uuid)
    except ValueError:
        raise EntryRefused({WHOLE: "这一页已经失效，请重新打开后填写。"}) from None
    rows = _appointments([place.pk for place, _ in sessions])
    try:
        with transaction.atomic():
            return tuple(
                enter_log(
                    by=by,
                    appointment=rows[place.pk],
                    entry=session,
                    client_uuid=number_for(first, place.pk, n),
                    received_at=received_at,
                )[0]
                for n, (place, session) in enumerate(sessions)
            )
    except DomainError as refusal:
        raise EntryRefused(_at_fields(refusal)) from refusal


def revise_visit(
    *,
    by: Actor,
    log: ServiceLog,
    typed: TypedVisit,
    places: Sequence[Place],
    version: int,
    received_at: datetime,
) -> ServiceLog:
    """What is typed instead of what ``log`` says; ``version`` is the one that was read.

    ``log`` comes with its appointment, village and township. Raises EntryRefused, also when
    somebody changed the record meanwhile, and then in words that name what.
    """
    sessions = read(typed, places, today=local_date(received_at), sealed=sealed_in(log))
    if len(sessions) > 1:
        raise EntryRefused({"village": "一条记录只能是一个村（社区）。"})
    ((place, session),) = sessions
    try:
        return revise_entry(
            by=by,
            log=log,
            appointment=_appointments([place.pk])[place.pk],
            entry=session,
            version=version,
            received_at=received_at,
        )
    except DomainError as refusal:
        raise EntryRefused(_at_fields(refusal)) from refusal


def sealed_in(log: ServiceLog) -> Sealed:
    return {str(matter.pk): sealed_columns(matter) for matter in log.matters.all()}


def _appointments(pks: Sequence[int]) -> dict[int, Appointment]:
    rows = Appointment.objects.filter(pk__in=pks)
    return {row.pk: row for row in rows.select_related("village__township__bureau")}


def _at_fields(refusal: DomainError) -> dict[str, str]:
    """``matters.0.client`` stands on the page as ``m0-client``."""
    head, _, rest = refusal.field.partition(".")
    if head == "matters" and rest:
        number, _, name = rest.partition(".")
        return {f"m{number}-{name}": str(refusal)}
    name = _SHOWN_AT.get(refusal.field, refusal.field)
    return {name or WHOLE: str(refusal)}


def number_for(first: uuid.UUID, appointment: int, n: int) -> uuid.UUID:
    """The number of the ``n``th record of one save: the same again when it is sent again."""
    return first if n == 0 else uuid.uuid5(first, str(appointment))


def late_days(log: ServiceLog) -> int:
    """How many days after the service it was written down."""
    return (local_date(log.entered_at) - log.service_date).days
