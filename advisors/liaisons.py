"""Who is a village's contact: written by the judicial office or the bureau, one at a time."""

from __future__ import annotations

import re
from datetime import date

from django.db import transaction

from advisors.models import Liaison
from lawadvisor.foundation import audit
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.locks import hold
from lawadvisor.foundation.masks import phone_digits
from lawadvisor.foundation.roles import Thing
from lawadvisor.foundation.viewer import Actor, Viewer
from villages.models import Village

_NAME_LENGTH = 20
#: A mobile number, or a landline with its area code and extension, however it is spaced.
_SPELLED = re.compile(r"[0-9０-９ 　+()（）\-－—转]*")
_DIGITS = re.compile(r"[0-9]{7,16}")


def told_of(liaison: Liaison, viewer: Viewer) -> tuple[str, str]:
    """Name and number: in clear for whoever sees clients, since he has to call him; else masked."""
    if viewer.sees(Thing.CLIENTS):
        return liaison.name.reveal(), liaison.phone.reveal()
    return str(liaison.name), str(liaison.phone)


def own_name(liaison: Liaison) -> str:
    """For himself, and for the register of what he did."""
    return liaison.name.reveal()


@transaction.atomic
def name_liaison(*, by: Actor, village: Village, name: str, phone: str, today: date) -> Liaison:
    """Make this person the village's contact from ``today`` on.

    The same name as before only gets the new number; another name ends the term of the one
    before. Raises DomainError for a name that is empty or too long and for what is no number.
    """
    name, phone = name.strip(), phone.strip()
    _check(name, phone)
    hold(_lock_of(village))
    known = Liaison.objects.serving().filter(village=village).first()
    if known is not None and known.name == name:
        if known.phone != phone:
            known.phone = phone
            known.save(update_fields=("phone",))
            _record(by, "liaison.edit", known)
        return known
    if known is not None:
        _end(by, known, today)
    made = Liaison.objects.create(village=village, name=name, phone=phone, since=today)
    _record(by, "liaison.name", made)
    return made


@transaction.atomic
def end_liaison(*, by: Actor, liaison: Liaison, today: date) -> None:
    """He is the contact no longer, and his links open nothing. Twice is once."""
    hold(_lock_of(liaison.village))
    fresh = Liaison.objects.serving().filter(pk=liaison.pk).first()
    if fresh is not None:
        _end(by, fresh, today)


def _check(name: str, phone: str) -> None:
    if not name:
        raise DomainError("请填写联络员姓名。", field="name")
    if len(name) > _NAME_LENGTH:
        raise DomainError(f"姓名最多{_NAME_LENGTH}个字，现有{len(name)}个。", field="name")
    numeric = _SPELLED.fullmatch(phone) and _DIGITS.fullmatch(phone_digits(phone))
    if phone and not numeric:
        raise DomainError(
            "联系电话应为手机号，或带区号的固定电话，如 0734-1234567。", field="phone"
        )


def _end(by: Actor, liaison: Liaison, today: date) -> None:
    liaison.until = max(today, liaison.since)
    liaison.save(update_fields=("until",))
    _record(by, "liaison.end", liaison)


def _lock_of(village: Village) -> str:
    return f"liaison:{village.pk}"


def _record(by: Actor, verb: str, liaison: Liaison) -> None:
    """Without the number, and with the name masked: the register is read by many."""
    audit.record(
        by=by,
        verb=verb,
        subject=liaison,
        bureau_id=liaison.village.township.bureau_id,
        after={"name": str(liaison.name)},
    )
