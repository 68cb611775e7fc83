"""Reasons to look at a record before it is verified: pure, and never a penalty.

A reason says what was noticed and asks a person to look. It takes nothing from anybody's count:
that is the policy's business alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from assessments.quota.words import duration

#: A day's service beyond this is worth a look (the system's own number), in minutes.
LONG_DAY = 8 * 60
#: So short a way between two villages is worth a look (the system's own number), in minutes.
SHORT_WAY = 10


@dataclass(frozen=True, slots=True)
class Told:
    """What a record says of itself; ``start`` and ``end`` are minutes after midnight.

    ``kinds`` are those of its matters, ``bare_lecture``: a lecture without a photo.
    ``place`` is how the village may be named, "" where it lies elsewhere.
    """

    pk: int
    advisor: int
    village: int
    place: str
    day: date
    start: int
    end: int
    entered: date
    confirmed: bool
    supplement: bool
    kinds: tuple[str, ...]
    bare_lecture: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What the policy asks of records. ``late_days``: entered later than so many days is late.

    ``apart``: two villages on one day are told even where the way between them was long enough.
    """

    late_days: int
    confirmation: bool
    lecture_photo: bool
    apart: bool = True


def oddities(told: Sequence[Told], asked: Asked) -> dict[int, tuple[str, ...]]:
    """The reasons to look at each record, by its ``pk``, in words; a record without is left out."""
    found: dict[int, list[str]] = {}
    for day in _days(told):
        for pk, words in _in_a_day(day, apart=asked.apart):
            found.setdefault(pk, []).append(words)
    for record in told:
        found.setdefault(record.pk, []).extend(_of_itself(record, asked))
    return {pk: tuple(words) for pk, words in found.items() if words}


def _days(told: Iterable[Told]) -> Iterable[list[Told]]:
    """What one advisor did on one day, in the order of the clock."""
    days: dict[tuple[int, date], list[Told]] = {}
    for record in sorted(told, key=lambda each: (each.start, each.pk)):
        days.setdefault((record.advisor, record.day), []).append(record)
    return days.values()


def _in_a_day(day: Sequence[Told], *, apart: bool) -> Iterable[tuple[int, str]]:
    places = {record.village: record.place or "外镇街的村（社区）" for record in day}
    minutes = sum(record.end - record.start for record in day)
    for record in day:
        others = [name for village, name in places.items() if village != record.village]
        if others and apart:
            yield record.pk, f"同日两村：当天还在{'、'.join(others)}"
        if minutes > LONG_DAY:
            yield record.pk, f"当天合计{duration(minutes)}，超过8小时"
    for before, after in pairwise(day):
        yield from _one_after_another(before, after)
    yield from _alike(day)


def _one_after_another(before: Told, after: Told) -> Iterable[tuple[int, str]]:
    gap = after.start - before.end
    if gap < 0:
        words = "时间重叠：与当天另一条记录"
    elif before.village != after.village and gap < SHORT_WAY:
        words = f"两村之间只隔{gap}分钟"
    else:
        return
    yield before.pk, words
    yield after.pk, words


def _alike(day: Sequence[Told]) -> Iterable[tuple[int, str]]:
    same: dict[tuple[int, tuple[str, ...]], list[int]] = {}
    for record in day:
        if record.kinds:
            same.setdefault((record.village, tuple(sorted(record.kinds))), []).append(record.pk)
    for pks in same.values():
        if len(pks) > 1:
            yield from ((pk, "可能重复：同日同村有事项相同的记录") for pk in pks)


def _of_itself(record: Told, asked: Asked) -> Iterable[str]:
    days = (record.entered - record.day).days
    if record.supplement:
        yield "关账后补录"
    elif days > asked.late_days:
        yield f"补录{days}天：服务后{days}天才录入"
    if asked.confirmation and not record.confirmed:
        yield "未确认：村（社区）尚未确认"
    if asked.lecture_photo and record.bare_lecture:
        yield "照片缺失：讲座没有照片"
