"""How much of a matter a viewer is shown: the one place that decides, for every page and file.

Pages, exports and papers take a ``MatterFace`` and never the columns themselves. Names and
numbers are masked for whoever does not see clients (section "masked" of the roles); what was said
in a mediation and whether somebody belongs to a special group is sealed for everybody, and opened
by ``unseal`` alone, which writes down who read it and why (JC-09, ZX-18).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.db import transaction

from advisors.rules import clean_reason
from lawadvisor.foundation import audit
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.masks import ERASED, SEALED, mask_name, mask_phone, masked_within
from lawadvisor.foundation.roles import Thing, Verb
from lawadvisor.foundation.secrets import Secret
from lawadvisor.foundation.viewer import Actor, Viewer
from worklogs.enums import MatterKind, SpecialGroup
from worklogs.models import Attachment, Matter

#: What is sealed for everybody, in the order of a page.
SEALS = (Thing.MEDIATION, Thing.MARKS)
#: What was said in a mediation.
SEALED_TEXTS = ("content", "method", "result")
_NOBODY_IN_NEED = "无"
#: Seconds for which what was opened, and the photos with it, may be looked at.
OPEN_SECONDS = 600
_SALT = "lawadvisor.matter.opened"


@dataclass(frozen=True, slots=True)
class MatterFace:
    """One matter as one viewer sees it, in plain text; "" is a field left empty.

    ``sealed`` are the things that are shown as 已封存, ``may_open`` those of them that this
    viewer may open. ``shows_group`` False: not even that there is such a field.
    """

    pk: int
    kind: str
    client: str
    phone: str
    content: str
    method: str
    result: str
    special_group: str
    shows_group: bool
    sealed: frozenset[Thing]
    may_open: frozenset[Thing]


def face_of(matter: Matter, viewer: Viewer, opened: Collection[Thing] = ()) -> MatterFace:
    """Of a matter that ``visible_to(viewer)`` let through; ``opened`` is what was unsealed."""
    in_clear = viewer.sees(Thing.CLIENTS)
    closed = {seal for seal in SEALS if _is_sealed(matter, seal) and seal not in opened}
    # a name in a text is a name; and who belongs to a special group is known by his story (A50)
    knows_group = viewer.sees(Thing.MARKS) or bool(opened)
    unsaid = Thing.MEDIATION in closed or (bool(matter.special_group) and not knows_group)
    client, phone = matter.client.reveal(), matter.phone.reveal()

    def told(secret: Secret) -> str:
        if unsaid and secret.reveal() != ERASED:
            return SEALED if secret else ""
        return secret.reveal() if in_clear else masked_within(secret.reveal(), client, phone)

    return MatterFace(
        pk=matter.pk,
        kind=matter.get_kind_display(),
        client=client if in_clear else mask_name(client),
        phone=phone if in_clear else mask_phone(phone),
        content=told(matter.content),
        method=told(matter.method),
        result=told(matter.result),
        special_group=SEALED if Thing.MARKS in closed else group_of(matter),
        shows_group=Thing.MARKS in opened or may_open(viewer, Thing.MARKS),
        sealed=frozenset(closed),
        may_open=frozenset(seal for seal in closed if may_open(viewer, seal)),
    )


def sealed_columns(matter: Matter) -> tuple[str, ...]:
    """The columns that only ``unseal`` shows, whoever looks; his own advisor is no exception."""
    said = SEALED_TEXTS if matter.kind == MatterKind.MEDIATION else ()
    return (*said, "special_group")


def open_text(value: Any) -> Any:
    """A column that is not sealed, for the advisor who wrote it; clear text of a ``Secret``."""
    return value.reveal() if isinstance(value, Secret) else value


#: A shorter text may well be anybody's.
_LEAST_TEXT = 12


def text_mark(matter: Matter) -> bytes:
    """Equal for matters that tell the same in the same words, and telling none of them.

    Spaces and punctuation aside. Empty of a mediation, of a text that was erased, and of one too
    short to be anybody's own.
    """
    if matter.kind == MatterKind.MEDIATION or matter.content.reveal() == ERASED:
        return b""
    words = "".join(filter(str.isalnum, matter.content.reveal()))
    return hashlib.sha256(words.encode()).digest() if len(words) >= _LEAST_TEXT else b""


def group_of(matter: Matter) -> str:
    """The special group in words, for whoever has opened it."""
    group = matter.special_group.reveal()
    return str(SpecialGroup(group).label) if group else _NOBODY_IN_NEED


def may_open(viewer: Viewer, thing: Thing) -> bool:
    """Who needs to know, and, since any opening is written down, the system administrator."""
    return viewer.may(Verb.UNSEAL) and (viewer.sees(thing) or viewer.sees_all)


@transaction.atomic
def unseal(*, by: Actor, viewer: Viewer, matter: Matter, thing: Thing, reason: str) -> MatterFace:
    """Show one sealed thing of one matter once, and write down who read it and why.

    Raises DomainError without a reason, for one that names the client, and for
    whom the thing stays closed.
    """
    if thing not in SEALS or not may_open(viewer, thing) or not _is_sealed(matter, thing):
        raise DomainError("您的岗位不能查看这项封存内容。")
    reason = clean_reason(reason, field="reason")
    if not reason:
        raise DomainError("请写明查看的事由。", field="reason")
    check_names_nobody(reason, [matter])
    audit.record(
        by=by,
        verb="matter.unseal",
        subject=matter,
        bureau_id=matter.log.appointment.village.township.bureau_id,
        after={"opened": thing.name},
        reason=reason,
    )
    return face_of(matter, viewer, opened=(thing,))


def check_names_nobody(reason: str, matters: Iterable[Matter]) -> None:
    """DomainError where a reason, which the audit keeps, names a client or a number."""
    for matter in matters:
        if masked_within(reason, matter.client.reveal(), matter.phone.reveal()) != reason:
            raise DomainError(
                "事由会留在操作日志中，请不要写服务对象的姓名或电话。", field="reason"
            )


# ── photos and sheets ───────────────────────────────────────────────────────────────────────────


def may_see_files(matter: Matter, viewer: Viewer) -> bool:
    """A picture cannot be masked: who sees clients sees it, of a mediation who needs to know."""
    mediated = matter.kind == MatterKind.MEDIATION
    return may_open(viewer, Thing.MEDIATION) if mediated else viewer.sees(Thing.CLIENTS)


def pass_for(matter: Matter, viewer: Viewer) -> str:
    """What an address of a sealed matter's file must carry: given with what was unsealed."""
    return signing.dumps([viewer.user_id, matter.pk], salt=_SALT)


def may_open_file(attachment: Attachment, viewer: Viewer, given: str = "") -> bool:
    """A file of an ordinary matter is looked at; one of a mediation with a ``pass_for`` alone."""
    matter = attachment.matter
    if not may_see_files(matter, viewer):
        return False
    if matter.kind != MatterKind.MEDIATION:
        return True
    try:
        told = signing.loads(given, salt=_SALT, max_age=OPEN_SECONDS)
    except signing.BadSignature:
        return False
    return bool(told == [viewer.user_id, matter.pk])


def _is_sealed(matter: Matter, thing: Thing) -> bool:
    """A mark is sealed whether or not there is one, for a seal that is there would tell."""
    return thing is Thing.MARKS or matter.kind == MatterKind.MEDIATION
