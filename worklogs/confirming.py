"""A village's contact vouches for the advisor's records, or says what is wrong (DG-32).

What he disputes goes back like any other return: the same state, with his reason, because the
advisor has the same to do, and whatever counts nothing for being returned counts nothing here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from advisors.models import Liaison
from advisors.rules import clean_reason
from lawadvisor.foundation import audit
from lawadvisor.foundation.errors import Conflict, DomainError
from lawadvisor.foundation.roles import Role, Thing
from lawadvisor.foundation.viewer import Actor, Viewer
from villages.models import Village
from worklogs.enums import Dispute, LogState
from worklogs.faces import face_of
from worklogs.models import LiaisonLink, Matter, ServiceLog
from worklogs.rules import clean_text
from worklogs.services import move_log

#: What a contact may add in words.
TEXT_LENGTH = 100
#: So many are shown and answered at once, the oldest first.
MOST_AT_ONCE = 60


@dataclass(frozen=True, slots=True)
class ToldMatter:
    """One matter as a contact may see it: "" is what is empty or not for him (A50)."""

    kind: str
    focus: str
    content: str
    audience: int | None


@dataclass(frozen=True, slots=True)
class WaitingRecord:
    """One record that waits for the contact; ``advisor`` is the person who wrote it."""

    pk: int
    version: int
    advisor: str
    day: date
    started_at: datetime
    ended_at: datetime
    place: str
    mode: str
    purpose: str
    supplement: bool
    matters: tuple[ToldMatter, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """How many records were confirmed and sent back; ``passed`` had moved on meanwhile."""

    confirmed: int
    returned: int
    passed: int


def waiting(villages: Village | Sequence[int]) -> QuerySet[ServiceLog]:
    """Records of these villages that were handed in and that nobody has vouched for."""
    places = [villages.pk] if isinstance(villages, Village) else villages
    return ServiceLog.objects.filter(
        appointment__village__in=places, state=LogState.SUBMITTED
    ).order_by("service_date", "started_at", "pk")


def unanswered(
    villages: Village | Sequence[int], *, now: datetime, days: int
) -> QuerySet[ServiceLog]:
    """Those of them that were entered more than ``days`` ago: 未确认."""
    return waiting(villages).filter(entered_at__lt=now - timedelta(days=days))


def records_for(liaison: Liaison) -> tuple[WaitingRecord, ...]:
    """What waits in the contact's village, as far as he may see it."""
    viewer = as_liaison(liaison)
    logs = waiting(liaison.village).select_related("advisor").prefetch_related("matters")
    return tuple(_shown(log, viewer) for log in logs[:MOST_AT_ONCE])


def as_liaison(liaison: Liaison) -> Viewer:
    """The desk whose rights a link lends: that village's contact, and nothing beside."""
    return Viewer(user_id=None, role=Role.LIAISON, villages=frozenset({liaison.village_id}))


@transaction.atomic
def answer(
    *,
    link: LiaisonLink,
    by: Actor,
    confirmed: Collection[int],
    disputed: Mapping[int, str],
    versions: Mapping[int, int],
) -> Answer:
    """Confirm and send back records of the link's village, by their ids.

    ``disputed`` has a reason for each that is sent back (``reason_of``), ``versions`` which
    version of each was read. What was told anew meanwhile, what is no longer waiting and what
    never was of this village is passed over and counted as such.
    """
    wanted = {*confirmed, *disputed}
    logs = waiting(link.liaison.village).filter(pk__in=wanted)
    moved = {LogState.CONFIRMED: 0, LogState.RETURNED: 0}
    for log in logs.select_related("appointment__village__township"):
        reason = disputed.get(log.pk, "")
        to = LogState.RETURNED if reason else LogState.CONFIRMED
        try:
            with transaction.atomic():
                read = versions.get(log.pk, 0)
                move_log(by=by, log=log, to=to, reason=reason, version=read)
        except Conflict:
            continue  # somebody was quicker
        moved[to] += 1
    told = Answer(moved[LogState.CONFIRMED], moved[LogState.RETURNED], 0)
    told = Answer(told.confirmed, told.returned, len(wanted) - told.confirmed - told.returned)
    audit.record(
        by=by,
        verb="link.answer",
        subject=link,
        bureau_id=link.liaison.village.township.bureau_id,
        after={"confirmed": told.confirmed, "returned": told.returned},
    )
    return told


@transaction.atomic
def vouch_by_phone(*, by: Actor, village: Village, shown: Collection[int], reason: str) -> int:
    """Confirm those waiting records of the village that were shown, as the office heard; how many.

    ``reason`` says who was asked and when. Raises DomainError without one.
    """
    reason = clean_reason(clean_text(reason), field="reason")
    if not reason:
        raise DomainError("请写明向谁、何时核实。", field="reason")
    count = 0
    for log in waiting(village).filter(pk__in=shown):
        try:
            with transaction.atomic():
                move_log(by=by, log=log, to=LogState.CONFIRMED, reason=reason)
        except Conflict:
            continue  # the contact was quicker
        count += 1
    return count


def reason_of(chips: Sequence[str], text: str) -> str:
    """The contact's reasons as the advisor reads them; DomainError where none is given."""
    known = [str(Dispute(chip).label) for chip in chips if chip in Dispute.values]
    said = " ".join(clean_text(text).split())
    if len(said) > TEXT_LENGTH:
        raise DomainError(f"说明最多{TEXT_LENGTH}个字，现有{len(said)}个。", field="text")
    if not known and not said:
        raise DomainError("请点选有出入的原因。", field="why")
    if [*chips] == [Dispute.OTHER] and not said:
        raise DomainError("选“其他”的，请用几个字说明。", field="text")
    return f"联络员认为有出入：{'、'.join(known)}{'：' if known and said else ''}{said}"


def _shown(log: ServiceLog, viewer: Viewer) -> WaitingRecord:
    if log.started_at is None or log.ended_at is None:
        raise ValueError("what is handed in has its times")
    return WaitingRecord(
        pk=log.pk,
        version=log.version,
        advisor=log.advisor.name,
        day=log.service_date,
        started_at=log.started_at,
        ended_at=log.ended_at,
        place=log.place,
        mode=log.get_mode_display(),
        purpose=f"{log.get_purpose_display()}{'，无来访' if log.no_visitors else ''}",
        supplement=log.is_supplement,
        matters=tuple(_told(matter, viewer) for matter in log.matters.all()),
    )


def _told(matter: Matter, viewer: Viewer) -> ToldMatter:
    """Of what is sealed only its kind; not even that there is something to seal."""
    face = face_of(matter, viewer)
    closed = Thing.MEDIATION in face.sealed or bool(matter.special_group)
    return ToldMatter(
        kind=face.kind,
        focus="" if closed else matter.focus,
        content="" if closed else face.content,
        audience=None if closed else matter.audience,
    )
