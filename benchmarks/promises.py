"""What was found beside what was promised, as one table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

_HEADINGS = ("row", "what", "network", "found", "promised", "")


class Promise(NamedTuple):
    """``row`` is the number of the target in the usability brief, "" for one that is not there."""

    row: str
    what: str
    network: str
    found: str
    promised: str
    holds: bool


def as_table(promises: Iterable[Promise]) -> str:
    rows = [_HEADINGS, *((*each[:5], "held" if each.holds else "MISSED") for each in promises)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def all_of(row: str, what: str, network: str, good: int, of: int) -> Promise:
    """A count that must be full."""
    return Promise(row, what, network, f"{good:,} of {of:,}", "all", good == of > 0)


def at_most(row: str, what: str, network: str, found: float, most: float, unit: str) -> Promise:
    said = f"{found:.0f} {unit}" if unit == "ms" else f"{found:.2f} {unit}"
    return Promise(row, what, network, said, f"{most:g} {unit}", found <= most)
