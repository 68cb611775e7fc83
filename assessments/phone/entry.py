"""A visit as the log screen sends it: kept as typed, read once, refused at its fields."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.db import transaction
from django.http import QueryDict

from advisors.models import Appointment
from assessments.entering import enter_log
from assessments.phone.prefill import FIELDS_OF, NOBODY_CAME, Place, purpose_of
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.periods import local_date
from lawadvisor.foundation.viewer import Actor
from worklogs import rules
from worklogs.entries import MatterEntry, SessionEntry
from worklogs.enums import Mark, Mode
from worklogs.models import ServiceLog

OTHER = "other"
#: Where a sentence stands that belongs to no field.
WHOLE = "whole"
#: Whole hours that are one tap.
HOUR_CHIPS = (1, 2, 4, 8)
#: So many things in one visit; more is a second visit.
MOST_MATTERS = 10
#: Who took part, as far as an advisor can tell.
PEOPLE_MARKS = (
    *(Mark.CADRES, Mark.GRID_WORKERS, Mark.MEDIATORS, Mark.LEGAL_LITERATES, Mark.VILLAGERS),
    *(Mark.TOWNSHIP_LEADERS, Mark.OFFICE_HEAD),
)
_TEXTS = ("topic", "focus", "client", "phone", "special_group", "content", "method", "result")
_ASKED = (*_TEXTS, "audience", "succeeded")
#: Where a refusal of the services is shown, if not under its own name.
_SHOWN_AT = {
    "service_date": "day",
    "started_at": "start",
    "ended_at": "end",
    "matters": WHOLE,
    "no_visitors": "m0-kind",
}


class EntryRefused(Exception):
    """``errors`` holds a sentence for each field by its name on the page, ``WHOLE`` for none."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("；".join(errors.values()))
        self.errors = dict(errors)


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedMatter:
    """One thing done, every field as it was typed."""

    kind: str = ""
    topic: str = ""
    focus: str = ""
    client: str = ""
    phone: str = ""
    special_group: str = ""
    content: str = ""
    method: str = ""
    result: str = ""
    audience: str = ""
    succeeded: str = ""
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedVisit:
    """The log screen as it stands; ``hours`` OTHER means that ``end`` was typed.

    ``purpose`` "" is told by the kinds. Several ``villages`` share the day and what was done,
    one after the other.
    """

    uuid: str
    villages: tuple[str, ...] = ()
    day: str = ""
    other_day: str = ""
    start: str = ""
    hours: str = ""
    end: str = ""
    mode: str = Mode.ON_SITE
    purpose: str = ""
    place: str = ""
    matters: tuple[TypedMatter, ...] = (TypedMatter(),)

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(matter.kind for matter in self.matters if matter.kind)


# ── filling in and taking down ──────────────────────────────────────────────────────────────────


def prefilled(
    places: Sequence[Place], *, today: date, chosen: str = "", again: bool = False
) -> TypedVisit:
    """A screen on which a visit like the last one is only to be saved.

    ``chosen`` names the appointment, else the first; ``again`` also takes what was done.
    """
    visit = TypedVisit(uuid=str(uuid.uuid4()), day=today.isoformat())
    if not places:
        return visit
    place = next((each for each in places if str(each.pk) == chosen), places[0])
    end = min(place.start + place.minutes, rules.DAY_MINUTES)
    hours = (end - place.start) / 60
    return replace(
        visit,
        villages=(str(place.pk),),
        start=clock(place.start),
        hours=str(int(hours)) if hours in HOUR_CHIPS else OTHER,
        end=clock(end),
        mode=place.mode,
        purpose=place.purpose if again else "",
        place=place.place,
        matters=tuple(TypedMatter(kind=kind) for kind in place.kinds if again) or visit.matters,
    )


def typed_from(post: QueryDict) -> TypedVisit:
    """What was sent, nothing judged yet; at most ``MOST_MATTERS`` matters."""
    count = post.get("matters", "1")
    wanted = int(count) if count.isascii() and count.isdecimal() and len(count) < 3 else 1
    return TypedVisit(
        uuid=post.get("uuid", ""),
        villages=tuple(post.getlist("village")),
        **{
            name: post.get(name, "")
            for name in ("day", "other_day", "start", "hours", "end", "mode", "purpose", "place")
        },
        matters=tuple(
            TypedMatter(
                kind=post.get(f"m{n}-kind", ""),
                marks=tuple(post.getlist(f"m{n}-marks")),
                **{name: post.get(f"m{n}-{name}", "") for name in _ASKED},
            )
            for n in range(min(max(wanted, 1), MOST_MATTERS))
        ),
    )


def with_one_more(typed: TypedVisit) -> TypedVisit:
    """One more thing in the same visit, unless there are ``MOST_MATTERS``."""
    return replace(typed, matters=(*typed.matters, TypedMatter())[:MOST_MATTERS])


def number_for(first: uuid.UUID, appointment: int, n: int) -> uuid.UUID:
    """The number of the ``n``th record of one save: the same again when it is sent again."""
    return first if n == 0 else uuid.uuid5(first, str(appointment))


def clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


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
    typed: TypedVisit, places: Sequence[Place], *, today: date
) -> tuple[tuple[Place, SessionEntry], ...]:
    """Each chosen village with its session, one after the other; EntryRefused with all faults."""
    reading = _Reading()
    chosen = [place for place in places if str(place.pk) in typed.villages]
    if not chosen:
        reading.note("village", "请选择村（社区）。")
    day = reading.day(typed, today)
    start = reading.clock("start", typed.start, "开始")
    end = _end(typed, start, reading)
    matters = _matters(typed, chosen, reading)
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


def _end(typed: TypedVisit, start: int | None, reading: _Reading) -> int | None:
    if typed.hours in {str(hours) for hours in HOUR_CHIPS}:
        return None if start is None else start + int(typed.hours) * 60
    return reading.clock("end", typed.end, "结束")


def _matters(
    typed: TypedVisit, chosen: Sequence[Place], reading: _Reading
) -> tuple[MatterEntry, ...]:
    """None of a stay to which nobody came."""
    required = {name for place in chosen for name in place.required}
    if NOBODY_CAME in typed.kinds:
        for n, matter in enumerate(typed.matters):
            if matter.kind not in ("", NOBODY_CAME):
                reading.note(f"m{n}-kind", "选了“坐班，无来访”，就不再填写其他事项。")
        return ()
    return tuple(_matter(n, each, required, reading) for n, each in enumerate(typed.matters))


def _matter(n: int, typed: TypedMatter, required: set[str], reading: _Reading) -> MatterEntry:
    if not typed.kind:
        reading.note(f"m{n}-kind", "请选择做了什么。")
    for name in rules.asked_of(typed.kind, required):
        if not getattr(typed, name).strip():
            reading.note(f"m{n}-{name}", f"请填写{rules.FIELD_LABELS[name]}。")
    audience = rules.clean_text(typed.audience)
    if audience and not (audience.isascii() and audience.isdecimal() and len(audience) < 7):
        reading.note(f"m{n}-audience", f"人数“{audience[:20]}”无法识别，应为如 30 的数字。")
        audience = ""
    belongs = {name for name, kinds in FIELDS_OF.items() if typed.kind in kinds}
    return MatterEntry(
        kind=typed.kind,
        **{name: getattr(typed, name) for name in _TEXTS},
        audience=int(audience) if audience and "audience" in belongs else None,
        succeeded={"yes": True, "no": False}.get(typed.succeeded)
        if "succeeded" in belongs
        else None,
        marks=typed.marks,
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
    rows = {
        row.pk: row
        for row in Appointment.objects.filter(
            pk__in=[place.pk for place, _ in sessions]
        ).select_related("village__township__bureau")
    }
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
        raise EntryRefused({_field_of(refusal): str(refusal)}) from refusal


def _field_of(refusal: DomainError) -> str:
    """``matters.0.client`` is ``m0-client`` on the page."""
    if found := re.fullmatch(r"matters\.(\d+)\.(\w+)", refusal.field):
        return f"m{found[1]}-{found[2]}"
    return _SHOWN_AT.get(refusal.field, refusal.field) or WHOLE


def late_days(log: ServiceLog) -> int:
    """How many days after the service it was written down."""
    return (local_date(log.entered_at) - log.service_date).days
