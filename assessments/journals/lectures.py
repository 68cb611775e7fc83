"""R6 法治讲座（培训）记录表: what was taught, where, before whom, with all its pictures.

Clauses: 每次讲堂要有不同法律重点 (ZX-37), 大讲堂内容 in the archive (ZX-47), trainings of cadres by
groups (JC-36, JC-37), place, people and time (JC-49), 图片佐证 (JC-50).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from assessments.journals.journal import clock
from assessments.journals.photos import Photo, photos_of
from lawadvisor.foundation.viewer import Viewer
from worklogs.faces import face_of
from worklogs.lectures import AUDIENCE
from worklogs.models import Matter


@dataclass(frozen=True, slots=True)
class LectureRecord:
    """One lecture or training; ``groups`` are those that may listen, each with whether it did.

    ``audience`` None: nobody counted. ``host`` is the village, for the texts name no other;
    ``village`` is its code.
    """

    pk: int
    kind: str
    focus: str
    topic: str
    day: date
    clock: str
    place: str
    host: str
    village: str
    township: str
    office: str
    advisor: str
    organisation: str
    audience: int | None
    groups: tuple[tuple[str, bool], ...]
    outline: str
    result: str
    photos: tuple[Photo, ...]

    @property
    def rows(self) -> tuple[tuple[Photo, ...], ...]:
        """The pictures two by two."""
        return tuple(self.photos[place : place + 2] for place in range(0, len(self.photos), 2))


def lecture_record(matter: Matter, viewer: Viewer) -> LectureRecord:
    """``matter`` comes with its record, term, place and attachments, and is one of ``TAUGHT``."""
    log, face = matter.log, face_of(matter, viewer)
    village, advisor = log.appointment.village, log.appointment.advisor
    return LectureRecord(
        pk=matter.pk,
        kind=face.kind,
        focus=matter.focus,
        topic=str(matter.get_topic_display()),
        day=log.service_date,
        clock=clock(log),
        place=log.place,
        host=village.short_name,
        village=village.code,
        township=village.township.name,
        office=village.township.judicial_office,
        advisor=advisor.name,
        organisation=advisor.organisation.name,
        audience=matter.audience,
        groups=tuple((str(mark.label), mark in matter.marks) for mark in AUDIENCE),
        outline=face.content,
        result=face.result,
        photos=photos_of(matter, viewer),
    )
