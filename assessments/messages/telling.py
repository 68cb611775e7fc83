"""Telling people: a message is a row, written with what it is about; the ways out are jobs.

What a message may say: what is to be done, where and by when. Never a client, never what was
told to an advisor, never a reason or a text that somebody typed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from assessments.enums import Channel, DeliveryState, MessageKind
from assessments.models import BureauChannel, Delivery, Message, MessageChoice
from lawadvisor.accounts.models import User
from lawadvisor.foundation import jobs
from villages.models import Bureau

DELIVER = "deliver_message"
#: What nobody can switch off: the policy sets a clock for whoever must acknowledge it.
DUTIES = frozenset({MessageKind.INCIDENT})
#: What each can switch off for himself.
SWITCHES = (MessageKind.DIGEST, MessageKind.RETURNED)
#: Ways that lead to a group and not to one person.
GROUPS = (Channel.WECOM, Channel.DINGTALK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What is told. ``key``: telling it again under the same key is telling it once."""

    kind: MessageKind
    title: str
    text: str
    link: str
    key: str


def tell(*, user: User, bureau: Bureau, words: Words, now: datetime) -> Message | None:
    """Within a transaction: one person, in the portal and by e-mail where both sides want it.

    None where he was told already, or has switched this kind off.
    """
    choice = MessageChoice.objects.filter(user=user).first()
    if choice is not None and words.kind in choice.muted and words.kind not in DUTIES:
        return None
    made, fresh = _write(user, bureau, words, now)
    if not fresh:
        return None
    Delivery.objects.create(message=made, channel=Channel.IN_APP, state=DeliveryState.SENT, tries=1)
    wants_mail = choice is not None and bool(choice.email)
    if wants_mail and _ways(bureau).filter(channel=Channel.EMAIL).exists():
        _send_by(made, Channel.EMAIL)
    return made


def tell_group(*, bureau: Bureau, words: Words, now: datetime) -> Message | None:
    """Within a transaction: the bureau's groups, once for all who are in them.

    None where they were told already, or there is none.
    """
    channels = list(_ways(bureau).filter(channel__in=GROUPS).values_list("channel", flat=True))
    if not channels:
        return None
    made, fresh = _write(None, bureau, words, now)
    if not fresh:
        return None
    for channel in channels:
        _send_by(made, Channel(channel))
    return made


def order(delivery: Delivery) -> None:
    """A job for the next try of a way out; ordering the same try twice is ordering it once."""
    key = f"deliver:{delivery.pk}:{delivery.tries + 1}"
    jobs.enqueue(kind=DELIVER, key=key, payload={"delivery": delivery.pk})


def _ways(bureau: Bureau) -> QuerySet[BureauChannel]:
    return BureauChannel.objects.filter(bureau=bureau)


def _write(user: User | None, bureau: Bureau, words: Words, now: datetime) -> tuple[Message, bool]:
    values: Mapping[str, object] = {
        "user": user,
        "bureau": bureau,
        "kind": words.kind,
        "title": words.title,
        "text": words.text,
        "link": words.link,
        "made_at": now,
    }
    return Message.objects.get_or_create(key=words.key, defaults=values)


def _send_by(message: Message, channel: Channel) -> None:
    order(Delivery.objects.create(message=message, channel=channel))
