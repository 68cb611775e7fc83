"""What a bureau's policy asks of a record, by kind of matter: for its forms on phone and API."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from assessments.models import Policy
from assessments.quota.rules import DECIDING
from assessments.selectors import rules_in_force
from lawadvisor.foundation.periods import Period, PeriodKind
from worklogs import rules
from worklogs.enums import LogState, MatterKind


def demands_of(bureau_id: int, today: date) -> dict[str, Any]:
    """``required``: no record is taken without; ``wanted``: it is, but then does not count, or
    counts as incomplete. Both by kind of matter. ``confirmation``: counted once the liaison
    has confirmed it; ``counted_from`` is the state from which a record counts."""
    policy = Policy.objects.filter(bureau=bureau_id).in_force_on(today).first()
    settings: Mapping[str, Any] = policy.settings if policy else {}
    counted_from = settings.get("counting_state", LogState.SUBMITTED.value)
    required = settings.get("log_required_fields", ())
    wanted = _wanted(bureau_id, today) if policy else {}
    if settings.get("lecture_photo_required"):
        wanted.setdefault(MatterKind.LECTURE.value, []).append("photo")
    return {
        "required": {kind: list(rules.asked_of(kind, required)) for kind in MatterKind.values},
        "wanted": {
            kind: [name for name in dict.fromkeys(names) if name not in required]
            for kind, names in sorted(wanted.items())
        },
        "confirmation": counted_from == LogState.CONFIRMED,
        "counted_from": counted_from,
    }


def _wanted(bureau_id: int, today: date) -> dict[str, list[str]]:
    month = Period.containing(PeriodKind.MONTH, today)
    found: dict[str, list[str]] = {}
    for rule in rules_in_force(bureau_id, month).values():
        if rule.records is None or rule.records.unit != "matter" or rule.force not in DECIDING:
            continue
        names = [*sorted(rule.records.evidence), *(rule.complete.needs if rule.complete else ())]
        for kind in rule.records.kinds or ():
            found.setdefault(kind, []).extend(names)
    return {kind: names for kind, names in found.items() if names}
