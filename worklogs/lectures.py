"""Lectures and law trainings of a village: what was taught, to whom, and what is taught twice.

A lecture is a matter of a record and is written with it (``services.submit_log``); here it is read.
"""

from __future__ import annotations

from collections.abc import Collection
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


@dataclass(frozen=True, slots=True)
class Lesson:
    """One lecture as the next one is told of it."""

    focus: str
    day: date
    advisor: str

    @property
    def named(self) -> str:
        return f"{self.focus}（{self.day:%-m月%-d日}）"


def lessons_of(villages: Collection[int], year: int) -> dict[int, tuple[Lesson, ...]]:
    """By village, the lectures of a calendar year, the newest first; one query."""
    rows = (
        Matter.objects.filter(
            log__appointment__village__in=villages,
            log__service_date__year=year,
            log__state__in=_TOLD,
            kind=MatterKind.LECTURE,
        )
        .order_by("-log__service_date", "-pk")
        .values_list(
            "log__appointment__village", "focus", "log__service_date", "log__advisor__name"
        )
    )
    found: dict[int, list[Lesson]] = {}
    for village, focus, day, advisor in rows:
        found.setdefault(village, []).append(Lesson(focus, day, advisor))
    return {village: tuple(lessons) for village, lessons in found.items()}


def repeat_sentence(lesson: Lesson) -> str:
    """It warns and forbids nothing (ZX-37, A21)."""
    return (
        f"“{lesson.focus}”今年{lesson.day:%-m月%-d日}已由{lesson.advisor}讲过，"
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
