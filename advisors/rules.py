"""Pure checks of the floor: how many villages at once, and which slot each one takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from lawadvisor.foundation.errors import DomainError


class Term(NamedTuple):
    """Half-open days; ``end`` None is open-ended."""

    start: date
    end: date | None


def number_slots(terms: Sequence[Term]) -> list[int]:
    """A slot 1, 2, 3 … for each term, so that terms sharing a day never share a slot.

    Terms are numbered in order of their start, each with the lowest free slot.
    A term's slot therefore never exceeds the number of terms running on its
    first day: whoever keeps within the cap on every day gets a slot within it.
    """
    slots = [0] * len(terms)
    busy: dict[int, date | None] = {}
    for index in sorted(range(len(terms)), key=lambda i: (terms[i].start, i)):
        start, end = terms[index]
        taken = {slot for slot, until in busy.items() if until is None or start < until}
        slot = next(n for n in range(1, len(taken) + 2) if n not in taken)
        busy[slot] = end
        slots[index] = slot
    return slots


def check_cap(limit: int, terms: Iterable[Term], villages: Iterable[str], new: Term) -> None:
    """Refuse, naming the villages held, if ``new`` would exceed ``limit`` on some day.

    ``terms`` are the others that the advisor holds and ``villages`` their names
    in the same order. Clause: 最多担任3个 and its like; both ends count (A4).
    """
    held = [pair for pair in zip(terms, villages, strict=True) if _share_a_day(pair[0], new)]
    days = {new.start, *(term.start for term, _ in held if term.start > new.start)}
    for day in sorted(days):
        running = [name for term, name in held if _runs_on(term, day)]
        if len(running) >= limit:
            names = "、".join(running)
            raise DomainError(
                f"每人最多担任{limit}个村（社区）的法律顾问，"
                f"{day:%Y-%m-%d}起已担任{len(running)}个：{names}。",
                field="advisor",
            )


def _runs_on(term: Term, day: date) -> bool:
    return term.start <= day and (term.end is None or day < term.end)


def _share_a_day(one: Term, other: Term) -> bool:
    return (other.end is None or one.start < other.end) and (
        one.end is None or other.start < one.end
    )
