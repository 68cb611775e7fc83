"""Lectures and law trainings of a village: what was taught, to whom, and what is taught twice.

A lecture is a matter of a record and is written with it (``services.submit_log``); here it is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from worklogs.enums import LogState, Mark, MatterKind
from worklogs.models import Matter
from worklogs.querysets import MatterQuerySet

#: Who may have listened, as an advisor tells it (JC-36, JC-37, R6).
AUDIENCE = (
    *(Mark.VILLAGERS, Mark.CADRES, Mark.YOUTH, Mark.GRID_WORKERS, Mark.MEDIATORS),
    *(Mark.LEGAL_LITERATES,),
)
#: Handed in and standing.
_TOLD = (LogState.SUBMITTED, LogState.CONFIRMED, LogState.REVIEWED)
_TAUGHT = (MatterKind.LECTURE, MatterKind.TRAINING)


@dataclass(frozen=True, slots=True)
class Taught:
    """One lecture or training; ``audience`` None: nobody counted. ``groups`` are those present."""

    pk: int
    kind: str
    day: date
    focus: str
    topic: str
    place: str
    advisor: str
    audience: int | None
    groups: tuple[str, ...]
    photos: int


def taught_in(village_id: int, year: int) -> tuple[Taught, ...]:
    """A village's lectures and trainings of a calendar year, the newest first."""
    rows = (
        _of(village_id, year)
        .filter(kind__in=_TAUGHT)
        .select_related("log__advisor")
        .prefetch_related("attachments")
        .order_by("-log__service_date", "-pk")
    )
    return tuple(map(_told, rows))


def repeats(village_id: int, focus: str, day: date) -> Taught | None:
    """The lecture of the same calendar year that had this focus already (ZX-37, A21).

    Compared like the engine does, without blanks; None where it is new, or where none is given.
    """
    wanted = "".join(focus.split())
    if not wanted:
        return None
    lectures = _of(village_id, day.year).filter(kind=MatterKind.LECTURE).exclude(focus="")
    for row in lectures.select_related("log__advisor").order_by("log__service_date", "pk"):
        if "".join(row.focus.split()) == wanted:
            return _told(row)
    return None


def repeat_hint(village_id: int, focus: str, day: date) -> str:
    """A sentence for the form; "" where there is nothing to say. It warns and forbids nothing."""
    found = repeats(village_id, focus, day)
    if found is None:
        return ""
    return (
        f"“{found.focus}”今年{found.day:%-m月%-d日}已由{found.advisor}讲过，"
        "建议换一个法律重点；仍要讲的，请在内容中说明理由。"
    )


def _of(village_id: int, year: int) -> MatterQuerySet:
    return Matter.objects.filter(
        log__appointment__village=village_id,
        log__service_date__year=year,
        log__state__in=_TOLD,
    )


def _told(row: Matter) -> Taught:
    return Taught(
        pk=row.pk,
        kind=row.get_kind_display(),
        day=row.log.service_date,
        focus=row.focus,
        topic=row.get_topic_display(),
        place=row.log.place,
        advisor=row.log.advisor.name,
        audience=row.audience,
        groups=tuple(str(mark.label) for mark in AUDIENCE if mark in row.marks),
        photos=len(row.attachments.all()),
    )
