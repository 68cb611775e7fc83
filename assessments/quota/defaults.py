"""What a rule takes over where its pack is silent.

Each default is a reading of what most texts leave open. It is written into the rule like
any other switch, remembered as inherited, and printed with the rule and every verdict by it.
``docs/policy-guide.md`` lists them with their reasons; a test keeps the two equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: From which share of its days a period is assessed (A12): a quota of 1 cannot be divided.
MIN_SHARE = {
    "day": "1",
    "week": "1",
    "half_month": "1",
    "month": "1",
    "quarter": "2/3",
    "half_year": "2/3",
    "year": "1/2",
    "term": "1/2",
    "window": "1/2",
}

_ANY = ["any"]
_TABLES: dict[str, dict[str, Any]] = {
    "records": {
        "kinds": _ANY,
        "purposes": _ANY,
        "min_minutes": 0,
        "evidence": [],
        "entered_within": "any",  # late entries are warned about, not void (A16)
    },
    "joining": {"join": "each", "same_day": "every"},
    "persons": {"credit": "own", "excused": "inactive", "substitute": "own"},
    "day": {"noon": "12:00"},
    "complete": {"over": "each", "entered_within": "any"},
    "applies": {
        "categories": _ANY,
        "village_kinds": _ANY,
        "classes": _ANY,
        "terrains": _ANY,
        "codes": _ANY,
        "volunteers": False,
        "from": "pack",
        "until": "open",
        "phases": [],
    },
}
#: Tables that may be left out whole.
_WHOLE = ("joining", "persons", "part", "applies")


def completed(
    row: Mapping[str, Any], present: frozenset[str], period: str
) -> tuple[dict[str, Any], frozenset[str]]:
    """The row with what it leaves open filled in, and the dotted keys that were."""
    filled, inherited = dict(row), set[str]()
    for name in (*_TABLES, "part"):
        if name != "applies" and name not in present:
            continue
        given = row.get(name, {} if name in _WHOLE else None)
        if isinstance(given, dict):
            defaults = _defaults_of(name, given, period)
            filled[name] = {**defaults, **given}
            inherited |= {f"{name}.{key}" for key in defaults if key not in given}
    return filled, frozenset(inherited)


def _defaults_of(name: str, given: Mapping[str, Any], period: str) -> dict[str, Any]:
    if name == "part":
        if given:  # once it is written, all of it is
            return {}
        return {"mode": "waive", "min_share": MIN_SHARE.get(period, "1"), "basis": "bureau"}
    if name != "records":
        return _TABLES[name]
    filings = given.get("unit") == "filing"
    more = {"modes": _ANY, "state": "submitted"} if filings else {"state": "pack"}
    return {**_TABLES[name], **more}


def documented() -> dict[str, Any]:
    """Every default by its dotted key, as the guide lists them."""
    found = {
        f"{name}.{key}": value for name, keys in _TABLES.items() for key, value in keys.items()
    }
    return {**found, "records.state": "pack", "part": "waive"}
