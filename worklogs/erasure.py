"""A client's own records, found by name or number within a bureau, and deleted at his request.

Deleted is who he is and what he told. That there was a service, of what kind and on which day,
stays as a figure, and with it every verdict; the audit says that something was deleted, by whom
and why, and repeats nothing of it (个人信息保护法 47 条).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from enum import Enum

from django.db import transaction
from django.db.models import F

from advisors.rules import clean_reason
from lawadvisor.foundation import audit
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.locks import hold
from lawadvisor.foundation.masks import ERASED, names_in, phone_digits, plain_name
from lawadvisor.foundation.roles import Verb
from lawadvisor.foundation.viewer import Actor, Viewer
from worklogs.models import Attachment, Matter, ServiceLog, advisor_lock
from worklogs.photos import drop_unused

#: What is searched for, and deleted, besides the fields for name and number.
TEXTS = ("focus", "content", "method", "result")
_LEAST_NAME, _LEAST_NUMBER = 2, 7
#: What may stand between the digits of one number.
_ONE_NUMBER = re.compile(r"[\d\s()（）—–－-]+")


class Basis(Enum):
    """Why a matter was found; the value is what the clerk reads."""

    BOTH = "姓名和电话相同"
    PHONE = "电话相同"
    NAME = "姓名相同"
    MENTIONED = "内容中提到"


@dataclass(frozen=True, slots=True)
class Person:
    """Whom to look for, in the plain spelling of ``masks``; one of the two may be ""."""

    name: str = ""
    phone: str = ""

    @classmethod
    def typed(cls, name: str, phone: str) -> Person:
        """DomainError for what is too short to be somebody's name or number, or nothing."""
        person = cls(plain_name(name), phone_digits(phone))
        if not person.name and not person.phone:
            raise DomainError("请填写姓名或电话。", field="name")
        if person.name and len(person.name) < _LEAST_NAME:
            raise DomainError("请填写完整的姓名。", field="name")
        if phone.strip() and len(person.phone) < _LEAST_NUMBER:
            raise DomainError("请填写完整的电话号码。", field="phone")
        return person

    def places(self, text: str) -> list[tuple[int, int]]:
        """Where name or number stand in whatever spelling: first letter, one behind the last."""
        found = list(_places(text, self.name, plain_name))
        return found + [
            (start, end)
            for start, end in _places(text, self.phone, phone_digits)
            if _ONE_NUMBER.fullmatch(text, start, end)
        ]

    def is_named_in(self, text: str) -> bool:
        return bool(self.places(text))


def _places(text: str, word: str, plain: Callable[[str], str]) -> Iterator[tuple[int, int]]:
    kept = [(spelled, at) for at, letter in enumerate(text) for spelled in plain(letter)]
    line = "".join(spelled for spelled, _ in kept)
    at = line.find(word) if word else -1
    while at >= 0:
        yield kept[at][1], kept[at + len(word) - 1][1] + 1
        at = line.find(word, at + len(word))


@dataclass(frozen=True, slots=True)
class Hit:
    matter: Matter
    basis: Basis


def find_client(*, viewer: Viewer, person: Person) -> list[Hit]:
    """Every matter of the viewer's own bureaus that is his or names him, newest first.

    Reads through the bureau's matters, for a name may be one of several in a
    field, or stand in somebody else's record. DomainError for other roles.
    """
    _check_may(viewer)
    own = Matter.objects.visible_to(viewer).select_related(
        "log__appointment__village__township", "log__appointment__advisor"
    )
    found = ((matter, _basis(matter, person)) for matter in own.iterator(chunk_size=2000))
    hits = [Hit(matter, basis) for matter, basis in found if basis is not None]
    return sorted(hits, key=lambda hit: (hit.matter.log.service_date, hit.matter.pk), reverse=True)


@transaction.atomic
def erase_client(
    *, by: Actor, viewer: Viewer, person: Person, matters: Collection[int], reason: str
) -> int:
    """Delete this person from the matters with these ids; returns how many were changed.

    Where he alone was served, name, number, texts, special group and photos
    go; where he was one of several or is only mentioned, his name and number.
    Fields that were filled stay filled, by 已删除, so that no verdict changes.
    Raises DomainError without a reason, for one that repeats what is to be
    deleted, and when nothing of the person is found in them any more.
    """
    reason = clean_reason(reason, field="reason")
    if not reason:
        raise DomainError("请写明删除的事由。", field="reason")
    if person.is_named_in(reason):
        raise DomainError("事由会留在操作日志中，请不要写本人的姓名或电话。", field="reason")
    hits = [hit for hit in find_client(viewer=viewer, person=person) if hit.matter.pk in matters]
    if not hits:
        raise DomainError("所选记录中已没有此人的信息，请重新查找。")
    hold(*{advisor_lock(hit.matter.log.advisor_id) for hit in hits})
    for hit in hits:
        _erase(by, hit.matter, person, reason)
    # a phone that still has the name must read the record anew before it sends it again
    logs = ServiceLog.objects.filter(pk__in={hit.matter.log_id for hit in hits})
    logs.update(version=F("version") + 1)
    return len(hits)


def others_in(matter: Matter, person: Person) -> tuple[str, str]:
    """Names and numbers of everybody else in the matter, each joined by 、."""
    names = [n for n in names_in(matter.client.reveal()) if plain_name(n) != person.name]
    numbers = [n for n in names_in(matter.phone.reveal()) if phone_digits(n) != person.phone]
    if _alone(matter, person):
        return "", ""
    return "、".join(names), "、".join(numbers)


def _check_may(viewer: Viewer) -> None:
    if not viewer.may(Verb.ERASE):
        raise DomainError("只有司法局工作人员可以按本人要求查找和删除个人信息。")


def _basis(matter: Matter, person: Person) -> Basis | None:
    named = person.name and person.name in map(plain_name, names_in(matter.client.reveal()))
    called = person.phone and person.phone in map(phone_digits, names_in(matter.phone.reveal()))
    if named or called:
        return Basis.BOTH if named and called else Basis.NAME if named else Basis.PHONE
    texts = (_text(matter, name) for name in ("client", *TEXTS))
    return Basis.MENTIONED if any(map(person.is_named_in, texts)) else None


def _text(matter: Matter, name: str) -> str:
    value = getattr(matter, name)
    return value if isinstance(value, str) else str(value.reveal())


def _erase(by: Actor, matter: Matter, person: Person, reason: str) -> None:
    matter = Matter.objects.select_for_update(of=("self",)).get(pk=matter.pk)
    alone = _alone(matter, person)
    changed = []
    for name in ("client", "phone", *TEXTS):
        before = _text(matter, name)
        after = (ERASED if before else "") if alone else _without(before, person)
        if after != before:
            setattr(matter, name, after)
            changed.append(name)
    if matter.special_group and _basis(matter, person) is not Basis.MENTIONED:
        matter.special_group = ""
        changed.append("special_group")
    matter.save(update_fields=changed)
    photos = _erase_photos(matter) if alone else 0
    audit.record(
        by=by,
        verb="client.erase",
        subject=matter,
        bureau_id=matter.log.appointment.village.township.bureau_id,
        after={"fields": changed, "photos": photos},
        reason=reason,
    )


def _alone(matter: Matter, person: Person) -> bool:
    """He is the one person served: the whole record is his."""
    names = [plain_name(name) for name in names_in(matter.client.reveal())]
    numbers = [phone_digits(number) for number in names_in(matter.phone.reveal())]
    by_name = bool(names) and set(names) == {person.name}
    nobody_else = not names or (not person.name and len(names) == 1)
    return by_name or (nobody_else and bool(numbers) and set(numbers) == {person.phone})


def _without(text: str, person: Person) -> str:
    for start, end in sorted(person.places(text), reverse=True):
        text = f"{text[:start]}{ERASED}{text[end:]}"
    return text


def _dropping(checksum: str) -> Callable[[], None]:
    """What fails after the commit, or is killed, ``sweep_photos`` makes good."""

    def drop() -> None:
        drop_unused(checksum)

    return drop


def _erase_photos(matter: Matter) -> int:
    """The rows stay, and say that there was a photo; the bytes go with the commit."""
    photos = list(matter.attachments.exclude(size=0))
    for photo in photos:
        transaction.on_commit(_dropping(photo.checksum), robust=True)
        photo.checksum = hashlib.sha256(f"erased {photo.pk}".encode()).hexdigest()
        photo.size, photo.media_type = 0, ""
    Attachment.objects.bulk_update(photos, ["checksum", "size", "media_type"])
    return len(photos)
