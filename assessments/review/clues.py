"""Reasons to look at one advisor's month in one village: pure, and never a penalty.

A clue says what was noticed in words that name the records, so that whoever looks can see for
himself. Nobody's count or score knows of it. Numbers here are the system's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from assessments.quota.words import duration
from lawadvisor.foundation.periods import Period

#: From so many visits on it is odd that all are equally long.
SAME_LENGTH = 4
#: How many others a sentence names.
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Mark:
    """A text or a photo of a record: where and when. ``place`` "" is not for this reader to know.

    ``what`` is equal for equal texts, and for photos that look alike.
    """

    what: object
    record: int
    village: int
    place: str
    day: date

    def __str__(self) -> str:
        return f"{self.place or '外镇街的村（社区）'}{self.day:%-m月%-d日}"


@dataclass(frozen=True, slots=True)
class Written:
    """One record as it was entered; ``words`` are the oddities of its day."""

    pk: int
    day: date
    entered: date
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheaf:
    """One advisor's month in one village.

    ``lengths`` are the minutes of his visits on site there in the months up to this one; ``texts``
    and ``photos`` are the marks on the records of this month.
    """

    records: tuple[Written, ...]
    lengths: tuple[int, ...] = ()
    texts: tuple[Mark, ...] = ()
    photos: tuple[Mark, ...] = ()


def clues(
    sheaf: Sheaf,
    month: Period,
    texts: Mapping[object, Sequence[Mark]],
    photos: Mapping[object, Sequence[Mark]],
) -> tuple[str, ...]:
    """The reasons to look, each once. ``texts`` and ``photos`` are all that are known, by what."""
    found = [
        *_same_texts(sheaf.texts, texts),
        *_same_photos(sheaf.photos, photos),
        *(word for record in sheaf.records for word in _dated(record)),
        *_entered_at_the_end(sheaf.records, month),
        *_always_as_long(sheaf.lengths),
    ]
    return tuple(dict.fromkeys(found))


def _same_texts(own: Iterable[Mark], known: Mapping[object, Sequence[Mark]]) -> Iterator[str]:
    for mark in own:
        others = [each for each in known.get(mark.what, ()) if each.village != mark.village]
        if others:
            villages = len({each.village for each in others})
            yield (
                f"文字雷同：{mark.day:%-m月%-d日}的内容与另外{villages}个村（社区）的记录"
                f"一字不差（{_listed(others)}）"
            )


def _same_photos(own: Iterable[Mark], known: Mapping[object, Sequence[Mark]]) -> Iterator[str]:
    for mark in own:
        others = [each for each in known.get(mark.what, ()) if each.record != mark.record]
        if others:
            yield (
                f"照片雷同：{mark.day:%-m月%-d日}的照片与别的记录相同或极相似（{_listed(others)}）"
            )


def _listed(marks: Sequence[Mark]) -> str:
    found = list(dict.fromkeys(map(str, sorted(marks, key=lambda each: (each.day, each.place)))))
    shown = "、".join(found[:_NAMED])
    return shown if len(found) <= _NAMED else f"{shown}等{len(found)}处"


def _dated(record: Written) -> Iterator[str]:
    return (f"{record.day:%-m月%-d日}{word}" for word in record.words)


def _entered_at_the_end(records: Sequence[Written], month: Period) -> Iterator[str]:
    """Several days' work, all typed on one day, the month's last or later."""
    typed = {record.entered for record in records}
    days = {record.day for record in records}
    if len(days) > 1 and len(typed) == 1 and (day := min(typed)) >= month.last_day:
        yield f"集中录入：本月{len(records)}条记录都在{day:%-m月%-d日}录入"


def _always_as_long(lengths: Sequence[int]) -> Iterator[str]:
    if len(lengths) >= SAME_LENGTH and len(set(lengths)) == 1:
        yield f"时长雷同：近三个月{len(lengths)}次现场服务，每次都恰好{duration(lengths[0])}"
