"""What a person and a bureau choose of messages."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from assessments.enums import Channel
from assessments.models import BureauChannel, MessageChoice
from lawadvisor.accounts.models import User
from lawadvisor.foundation import audit
from lawadvisor.foundation.viewer import Actor
from villages.models import Bureau


def choose(*, user: User, email: str, muted: Sequence[str]) -> MessageChoice:
    """One's own affair: kept, and in nobody's register."""
    choice, _ = MessageChoice.objects.update_or_create(
        user=user, defaults={"email": email, "muted": list(muted)}
    )
    return choice


@transaction.atomic
def set_channel(
    *, by: Actor, bureau: Bureau, channel: Channel, on: bool, address: str = ""
) -> None:
    """Switch a way on, with the group robot's ``address``, or off, which forgets it."""
    known = BureauChannel.objects.filter(bureau=bureau, channel=channel)
    before = {"on": known.exists()}
    if on:
        BureauChannel.objects.update_or_create(
            bureau=bureau, channel=channel, defaults={"address": address}
        )
    else:
        known.delete()
    audit.record(
        by=by,
        verb="channel.set",
        subject=bureau,
        bureau_id=bureau.pk,
        before=before,
        after={"on": on, "channel": channel.label},
    )
