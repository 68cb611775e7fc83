"""Pure checks of the floor: how many villages at once, and which slot each one takes."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import count
from typing import NamedTuple

from advisors.enums import Education
from lawadvisor.foundation.errors import DomainError

#: The scheme is younger and no clerk plans further; a year beyond is a slip of the finger.
EARLIEST, LATEST = date(2010, 1, 1), date(2099, 12, 31)
LONGEST_YEARS = 20
REASON_LENGTH = 200


class Term(NamedTuple):
    """Half-open days; ``end`` None is open-ended."""

    start: date
    end: date | None


def clean_reason(text: str, *, field: str) -> str:
    """Trimmed, "" when blank; DomainError when the column has no room for it."""
    reason = text.strip()
    if len(reason) > REASON_LENGTH:
        raise DomainError(f"事由最多{REASON_LENGTH}个字，现有{len(reason)}个。", field=field)
    return reason


def check_day(day: date, *, field: str) -> None:
    """A day on which a term may begin or end."""
    if not EARLIEST <= day <= LATEST:
        raise DomainError(
            f"日期{day.isoformat()}有误，应在{EARLIEST.isoformat()}至{LATEST.isoformat()}之间。",
            field=field,
        )


def check_term(term: Term) -> None:
    """Not empty, in days that can be meant, and not longer than ``LONGEST_YEARS`` if it ends."""
    start, end = term
    check_day(start, field="start")
    if end is None:
        return
    if end <= start:
        raise DomainError("任期止日应在起始日之后。", field="end")
    check_day(end, field="end")
    if (end.year - LONGEST_YEARS, end.month, end.day) > (start.year, start.month, start.day):
        raise DomainError(
            f"任期最长{LONGEST_YEARS}年，{start.isoformat()}至{end.isoformat()}过长。", field="end"
        )


def check_practice(practice_start: date | None, start: date, years: int) -> None:
    """Refuse an appointment before so many whole years in practice (执业两年以上, A43).

    Counted from the first day of practice to the same calendar day; a leap day's is 1 March.
    """
    if practice_start is None:
        raise DomainError(f"须执业满{years}年，请先填写开始执业日期。", field="advisor")
    try:
        earliest = practice_start.replace(year=practice_start.year + years)
    except ValueError:
        earliest = date(practice_start.year + years, 3, 1)
    if start < earliest:
        raise DomainError(
            f"须执业满{years}年：{practice_start:%Y-%m-%d}开始执业，"
            f"最早可从{earliest:%Y-%m-%d}起受聘。",
            field="start",
        )


def check_education(education: str, least: str) -> None:
    """Refuse less than the least education that the policy asks for (大专以上, SH-17)."""
    order = list(Education)
    if not education:
        raise DomainError(f"须有{Education(least).label}以上学历，请先填写学历。", field="advisor")
    if order.index(Education(education)) < order.index(Education(least)):
        raise DomainError(
            f"须有{Education(least).label}以上学历，现为{Education(education).label}。",
            field="advisor",
        )


def number_slots(terms: Sequence[Term], caps: Sequence[int | None] = ()) -> list[int]:
    """A slot 1, 2, 3 … for each term, so that terms sharing a day never share a slot.

    ``caps`` holds, in the same order, the cap that binds each term, None where
    none does: without a limit, or with an approved exception. Without ``caps``
    nothing binds. Bound terms are numbered first, in order of their start, and
    each takes the lowest free slot: it never exceeds the number of bound terms
    running on its first day, so whoever keeps within the cap on every day gets
    a slot within it. The others take what is left. Under caps of several sizes
    the strictest goes first; where that finds no way, all bound terms are
    numbered by their start, and only the widest cap is sure to hold.
    """
    limits = list(caps) or [None] * len(terms)
    by_start = sorted(range(len(terms)), key=lambda i: (limits[i] is None, terms[i].start, i))
    strictest_first = sorted(by_start, key=lambda i: limits[i] or sys.maxsize)
    slots = _lowest_free(terms, strictest_first)
    within = all(limit is None or n <= limit for n, limit in zip(slots, limits, strict=True))
    return slots if within else _lowest_free(terms, by_start)


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


def _lowest_free(terms: Sequence[Term], order: Sequence[int]) -> list[int]:
    """Each term's slot when they take, in ``order``, the lowest that is free all their days."""
    slots = [0] * len(terms)
    for place, index in enumerate(order):
        taken = {slots[i] for i in order[:place] if _share_a_day(terms[i], terms[index])}
        slots[index] = next(slot for slot in count(1) if slot not in taken)
    return slots


def _runs_on(term: Term, day: date) -> bool:
    return term.start <= day and (term.end is None or day < term.end)


def _share_a_day(one: Term, other: Term) -> bool:
    return (other.end is None or one.start < other.end) and (
        one.end is None or other.start < one.end
    )
