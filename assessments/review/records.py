"""The month's records of a township, each with the reasons to look at it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Exists, OuterRef

from assessments.handing import UNREVIEWED
from assessments.models import Policy
from assessments.reports.activity import SUBMITTED
from assessments.review.oddities import Asked, Told, oddities
from lawadvisor.foundation.periods import Period, local_date, local_minute
from lawadvisor.foundation.viewer import Viewer
from villages.models import Township
from worklogs.enums import AttachmentKind, LogState, MatterKind, Mode, Purpose
from worklogs.models import Attachment, Matter, ServiceLog

#: What the office is shown; a draft is its writer's own affair.
SHOWN = (*SUBMITTED, LogState.RETURNED)


class MatterTold(NamedTuple):
    pk: int
    kind: str

    @property
    def label(self) -> str:
        return str(MatterKind(self.kind).label)


@dataclass(frozen=True, slots=True)
class Record:
    """One session; ``words`` are the reasons to look at it, ``reason`` why it was sent back."""

    pk: int
    version: int
    day: date
    started_at: datetime
    ended_at: datetime
    minutes: int
    entered: date
    mode: Mode
    purpose: Purpose
    no_visitors: bool
    state: LogState
    reason: str
    supplement: bool
    matters: tuple[MatterTold, ...]
    words: tuple[str, ...]

    @property
    def waits(self) -> bool:
        return self.state in UNREVIEWED

    @property
    def may_be_returned(self) -> bool:
        return self.state in SUBMITTED


def asked_by(policy: Policy | None) -> Asked | None:
    if policy is None:
        return None
    return Asked(
        late_days=policy.settings["entry_warn_days"],
        confirmation=policy.settings["counting_state"] == LogState.CONFIRMED,
        lecture_photo=policy.settings["lecture_photo_required"],
    )


def records_of(
    township: Township, month: Period, viewer: Viewer, asked: Asked | None
) -> dict[int, list[Record]]:
    """By appointment, in the order of their days."""
    logs = list(
        ServiceLog.objects.visible_to(viewer)
        .within(month)
        .filter(appointment__village__township=township, state__in=SHOWN)
        .select_related("appointment__village")
        .order_by("service_date", "started_at", "pk")
    )
    matters, bare = _matters(logs)
    elsewhere = (
        ServiceLog.objects.within(month)
        .filter(advisor__in={log.advisor_id for log in logs}, state__in=SUBMITTED)
        .exclude(appointment__village__township=township)
        .select_related("appointment__village")
    )
    told = [_told(log, matters, bare) for log in logs if log.state in SUBMITTED]
    # only that he was elsewhere is told, for what he did there is not this office's
    told += [_told(log, {}, set(), named=False) for log in elsewhere]
    words = oddities(told, asked) if asked else {}
    found: dict[int, list[Record]] = {}
    for log in logs:
        record = _record(log, matters.get(log.pk, ()), words.get(log.pk, ()))
        found.setdefault(log.appointment_id, []).append(record)
    return found


def _matters(logs: Sequence[ServiceLog]) -> tuple[dict[int, list[MatterTold]], set[int]]:
    """The matters of each record, and the records with a lecture that has no photo."""
    photo = Attachment.objects.filter(matter=OuterRef("pk"), kind=AttachmentKind.PHOTO)
    rows = Matter.objects.filter(log__in=logs).order_by("pk").annotate(photo=Exists(photo))
    found: dict[int, list[MatterTold]] = {}
    bare = set()
    for log, pk, kind, has_photo in rows.values_list("log_id", "pk", "kind", "photo"):
        found.setdefault(log, []).append(MatterTold(pk, kind))
        if kind == MatterKind.LECTURE and not has_photo:
            bare.add(log)
    return found, bare


def _told(
    log: ServiceLog,
    matters: Mapping[int, Sequence[MatterTold]],
    bare: Collection[int],
    *,
    named: bool = True,
) -> Told:
    if log.started_at is None or log.ended_at is None:
        raise ValueError("only a draft has no times")
    start = local_minute(log.started_at)
    return Told(
        pk=log.pk,
        advisor=log.advisor_id,
        village=log.appointment.village_id,
        place=log.appointment.village.short_name if named else "",
        day=log.service_date,
        start=start,
        end=start + (log.minutes or 0),
        entered=local_date(log.entered_at),
        confirmed=log.state != LogState.SUBMITTED,
        supplement=log.is_supplement,
        kinds=tuple(matter.kind for matter in matters.get(log.pk, ())),
        bare_lecture=log.pk in bare,
    )


def _record(log: ServiceLog, matters: Sequence[MatterTold], words: tuple[str, ...]) -> Record:
    if log.started_at is None or log.ended_at is None:
        raise ValueError("only a draft has no times")
    return Record(
        pk=log.pk,
        version=log.version,
        day=log.service_date,
        started_at=log.started_at,
        ended_at=log.ended_at,
        minutes=log.minutes or 0,
        entered=local_date(log.entered_at),
        mode=Mode(log.mode),
        purpose=Purpose(log.purpose),
        no_visitors=log.no_visitors,
        state=LogState(log.state),
        reason=log.returned_reason,
        supplement=log.is_supplement,
        matters=tuple(matters),
        words=words,
    )
