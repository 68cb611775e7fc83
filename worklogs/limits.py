"""Time limits that no text numbers: one table of defaults, each bureau's own number before them.

No default is a rule of a text. Every one is the portal's own, says which clause made it
necessary, and is shown with the bureau's page of numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from lawadvisor.foundation import audit
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.viewer import Actor
from villages.models import Bureau
from worklogs.enums import LimitKey, RequestKind
from worklogs.models import BureauLimit


@dataclass(frozen=True, slots=True)
class Limit:
    """``clause``: what the text says instead of a number."""

    default: int
    most: int
    unit: str
    clause: str


LIMITS: Mapping[LimitKey, Limit] = {
    LimitKey.CONFIRM_DAYS: Limit(7, 60, "天", "东莞三5“及时确认”"),
    LimitKey.VISIT_DAYS: Limit(7, 60, "天", "嘉定二（三）2“及时提供法律服务”"),
    LimitKey.ADVICE_DAYS: Limit(3, 60, "天", "蒸湘二（一）3“及时解答”"),
    LimitKey.HARD_DAYS: Limit(7, 60, "天", "嘉定二（三）2“在规定时限内予以解答”"),
    LimitKey.ACKNOWLEDGE_HOURS: Limit(24, 240, "小时", "蒸湘二（四）4“及时报告”"),
}
#: By what is asked.
LIMIT_OF_KIND: Mapping[RequestKind, LimitKey] = {
    RequestKind.VISIT: LimitKey.VISIT_DAYS,
    RequestKind.ADVICE: LimitKey.ADVICE_DAYS,
    RequestKind.HARD: LimitKey.HARD_DAYS,
}
#: Who is told of grave matters where no policy says so (A27); the portal's own.
RECIPIENTS_BY_DEFAULT = ("office", "bureau")


def limit_of(bureau_id: int, key: LimitKey) -> int:
    """The bureau's own number, else the default."""
    own = BureauLimit.objects.filter(bureau=bureau_id, key=key).values_list("amount", flat=True)
    return own.first() or LIMITS[key].default


def limits_of(bureau: Bureau) -> dict[LimitKey, int | None]:
    """The bureau's own numbers; None where the default holds."""
    own = dict(BureauLimit.objects.filter(bureau=bureau).values_list("key", "amount"))
    return {key: own.get(key) for key in LIMITS}


@transaction.atomic
def set_limit(*, by: Actor, bureau: Bureau, key: LimitKey, amount: int | None) -> None:
    """Give the bureau a number of its own; None goes back to the default.

    What was due before stays due by the number of its day. Raises DomainError for one that is
    out of range.
    """
    limit = LIMITS[key]
    if amount is not None and not 1 <= amount <= limit.most:
        raise DomainError(
            f"“{key.label}”应为1至{limit.most}{limit.unit}，现为{amount}。", field=key.value
        )
    before = limits_of(bureau)[key]
    if amount == before:
        return
    if amount is None:
        BureauLimit.objects.filter(bureau=bureau, key=key).delete()
    else:
        BureauLimit.objects.update_or_create(bureau=bureau, key=key, defaults={"amount": amount})
    audit.record(
        by=by,
        verb="limit.set",
        subject=bureau,
        bureau_id=bureau.pk,
        before={"limit": key.label, "amount": before},
        after={"limit": key.label, "amount": amount},
    )
