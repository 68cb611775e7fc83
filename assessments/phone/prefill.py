"""What the log screen asks for and what it fills in by itself, so that a visit needs few taps."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q

from advisors.models import Appointment
from assessments.demands import demands_of
from assessments.left import by_subject, left_for_appointments
from assessments.phone.teaching import Teaching, teaching_in
from lawadvisor.foundation.periods import local_minute
from lawadvisor.foundation.viewer import Viewer
from villages.models import short_village_name
from worklogs.enums import LogState, MatterKind, Mode, Purpose
from worklogs.models import ServiceLog

#: A village that was left may still be told of.
AFTERWARDS = timedelta(days=62)
#: The chip that stands for a duty stay to which nobody came; no kind of matter.
NOBODY_CAME = "no_visitors"
#: What a first visit is taken for: from nine, two hours.
FIRST_START, FIRST_MINUTES = 9 * 60, 120

K = MatterKind
#: The chips in sight; the other kinds are one tap further.
USUAL_KINDS = (K.CONSULTATION, K.MEDIATION, K.LECTURE, K.DOCUMENT)
#: What a stay was for, told by what was done in it; a kind that is not named makes it a duty.
PURPOSE_OF: Mapping[str, Purpose] = {
    **dict.fromkeys((K.LECTURE, K.TRAINING, K.PUBLICITY), Purpose.LECTURE_ONLY),
    K.MEDIATION: Purpose.MEDIATION,
    **dict.fromkeys((K.INCIDENT, K.CONTACT, K.ELECTION, K.OTHER), Purpose.OTHER),
}
#: Fields that only some kinds have, and what is in sight for them without being demanded.
FIELDS_OF: Mapping[str, tuple[str, ...]] = {
    "audience": (K.LECTURE, K.TRAINING, K.PUBLICITY),
    "succeeded": (K.MEDIATION,),
}
SHOWN_FOR: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (K.LECTURE, K.TRAINING, K.PUBLICITY), ("focus", "audience", "marks", "photo", "place")
    ),
    K.MEDIATION: ("succeeded",),
}
#: One tap instead of typing: whole sentences, true of many visits, and free to be changed.
PHRASES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "content": {
        K.CONSULTATION: (
            "解答婚姻家庭方面的咨询。",
            "解答土地、邻里纠纷方面的咨询。",
            "解答劳动、社会保障方面的咨询。",
            "解答借贷、合同方面的咨询。",
        ),
        K.MEDIATION: ("参与调解邻里纠纷。", "参与调解家庭纠纷。", "参与调解土地、房屋纠纷。"),
        K.LECTURE: ("结合案例讲解，现场答疑。", "发放宣传资料，现场答疑。"),
        K.DOCUMENT: ("代写起诉状。", "代写协议书。", "审查合同。"),
        K.OPINION: ("就村（社区）事务提出法律意见。",),
        K.VILLAGE_RULES: ("协助审查、修订村规民约。",),
        K.LEGAL_AID: ("说明法律援助条件，协助提出申请。",),
        K.PETITION: ("说明依法反映诉求的途径。",),
        K.PUBLICITY: ("发放宣传资料。", "设点宣传，现场解答。"),
        K.CONTACT: ("了解近期法律服务需求。",),
    },
    "client": {"": ("村（居）民委员会", "来访群众（未留姓名）")},
    "method": {"": ("当面解答", "电话解答", "查阅资料后答复")},
    "result": {"": ("当事人表示理解", "告知依法处理途径", "另约时间继续处理")},
}


def purpose_of(kinds: Iterable[str]) -> Purpose:
    """Of a stay in which just this was done; several purposes, or nobody came: a duty."""
    found = {PURPOSE_OF.get(kind, Purpose.DUTY) for kind in kinds}
    return found.pop() if len(found) == 1 else Purpose.DUTY


@dataclass(frozen=True, slots=True)
class Place:
    """One village that may be chosen, as at the last visit on ``day``; None before the first.

    ``start`` is in minutes after midnight.

    ``kinds`` are the last visit's, ``NOBODY_CAME`` alone where nobody came, () before the first
    one. By kind of matter, ``required`` are the fields without which no record is taken, and
    ``wanted`` those without which it does not count.
    """

    pk: int
    name: str
    day: date | None
    required: Mapping[str, Sequence[str]]
    wanted: Mapping[str, Sequence[str]]
    teaching: Teaching
    start: int
    minutes: int
    mode: str
    purpose: str
    place: str
    kinds: tuple[str, ...]

    @property
    def as_json(self) -> str:
        """As the script reads it from the chip."""
        told = {
            "required": self.required,
            "wanted": self.wanted,
            "teaching": self.teaching.as_json(),
            "day": self.day.isoformat() if self.day else "",
            "start": self.start,
            "minutes": self.minutes,
            "mode": self.mode,
            "purpose": self.purpose,
            "place": self.place,
            "kinds": self.kinds,
        }
        return json.dumps(told, ensure_ascii=False)


def own_places(*, today: date, viewer: Viewer, also: int | None = None) -> tuple[Place, ...]:
    """The viewer's appointments: those that run, by village, then those that ended lately.

    ``also`` is one that is wanted however long ago it ended. As many queries as bureaus are
    served, however many villages.
    """
    near = Q(term__overlap=DateRange(today - AFTERWARDS, today + timedelta(days=1)))
    own = (
        Appointment.objects.visible_to(viewer)
        .filter(advisor=viewer.advisor)
        .holding()
        .filter(near | Q(pk=also))
        .select_related("village__township")
        .order_by("village__code", "pk")
    )
    rows = sorted(own, key=lambda row: not row.serves_on(today))
    bureaus = {row.village.township.bureau_id for row in rows}
    asked = {bureau: demands_of(bureau, today) for bureau in bureaus}
    last = _last_logs(rows)
    serving = [row for row in rows if row.serves_on(today)]
    teaching = teaching_in(rows, by_subject(left_for_appointments(serving, today)), today)
    return tuple(
        _place(
            row, asked[row.village.township.bureau_id], teaching[row.pk], last.get(row.pk), today
        )
        for row in rows
    )


def _last_logs(rows: Sequence[Appointment]) -> dict[int, ServiceLog]:
    """The newest visit of each appointment, with its matters' kinds."""
    logs = (
        ServiceLog.objects.filter(appointment__in=rows)
        .exclude(state__in=(LogState.DRAFT, LogState.WITHDRAWN))
        .order_by("appointment_id", "-service_date", "-started_at")
        .distinct("appointment_id")
        .prefetch_related("matters")
    )
    return {log.appointment_id: log for log in logs}


def _place(
    row: Appointment,
    asked: Mapping[str, Any],
    teaching: Teaching,
    last: ServiceLog | None,
    today: date,
) -> Place:
    kinds: tuple[str, ...] = ()
    if last is not None:
        done = tuple(dict.fromkeys(matter.kind for matter in last.matters.all()))
        kinds = (NOBODY_CAME,) if last.no_visitors else done
    timed = last is not None and last.started_at is not None and last.minutes is not None
    over = "" if row.serves_on(today) else "（已结束）"
    return Place(
        pk=row.pk,
        name=f"{short_village_name(row.village.name)}{over}",
        day=last.service_date if last else None,
        required=asked["required"],
        wanted=asked["wanted"],
        teaching=teaching,
        start=local_minute(last.started_at) if last and last.started_at else FIRST_START,
        minutes=last.minutes if timed and last else FIRST_MINUTES,
        mode=last.mode if last else Mode.ON_SITE,
        purpose=last.purpose if last else "",
        place=last.place if last else "",
        kinds=kinds,
    )
