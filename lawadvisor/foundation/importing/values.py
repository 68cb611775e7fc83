"""What a cell means: one parser per kind of column, each with the sentence that it expects.

Nothing is guessed. A parser returns the value or raises ``Misread``, which says what was
expected and, where one is near, the valid value that may have been meant.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from openpyxl.utils.datetime import WINDOWS_EPOCH

from lawadvisor.foundation.importing.cells import Broken, Cell, Number

#: A spreadsheet keeps fifteen digits of a number; what stood behind them is lost.
KEPT_DIGITS = 15
LOST_DIGITS = "数字超过15位，表格已丢失末尾几位，无法还原；请先把单元格设为文本格式，再重新填写"
#: How alike two texts must be for one to be offered in place of the other.
_ALIKE = 0.5
#: How many of the options are looked at closely.
_COMPARED = 30
_MINUTES_A_DAY = 24 * 60
_DAY_ZERO: datetime = WINDOWS_EPOCH
_FULL_WIDTH = re.compile(r"[０-９Ａ-Ｚａ-ｚ\u3000\u00a0]")
_INVISIBLE = re.compile(r"[\u0000-\u0008\u000b-\u001f\u007f\u200b-\u200f\u2028-\u202e\ufeff]")
_DAY = re.compile(
    r"(?P<y>\d{4})(?:年|[-/.])(?P<m>\d{1,2})(?:月|[-/.])(?P<d>\d{1,2})日?(?:[T\s]*00?:00(?::00)?)?"
)
_COMPACT_DAY = re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})")

_CLOCK = re.compile(
    r"(?P<half>上午|下午|晚上)?(?P<hour>\d{1,2})"
    r"(?:[:.](?P<colon>\d{2})(?::00)?|[时点](?:(?P<words>\d{1,2})分?)?|(?P<compact>\d{2}))"
)

Parser = Callable[[Cell], Any]


class Misread(Exception):
    """``expected`` ends without a full stop; ``nearest`` is a valid value, "" for none."""

    def __init__(self, expected: str, nearest: str = "") -> None:
        super().__init__(expected)
        self.expected = expected
        self.nearest = nearest


def shown(cell: Cell) -> str:
    """The cell as a person finds it, for the list of bad cells."""
    if isinstance(cell, Broken):
        return cell.found
    if isinstance(cell, Number):
        try:
            return _day_of_serial(cell).isoformat() if cell.dated else _digits_of(cell)
        except Misread:
            return _digits_of(cell)
    return cell.strip()


def plain_text(text: str) -> str:
    """Trimmed, full-width letters, digits and blanks made plain; 。，（） stay Chinese."""
    text = _INVISIBLE.sub("", text)
    return _FULL_WIDTH.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text).strip()


def text_of(cell: Cell) -> str:
    """A cell's text; a number as its digits, 13800138000.0 without its point."""
    if isinstance(cell, Broken):
        raise Misread(cell.why)
    if isinstance(cell, str):
        return plain_text(cell)
    if cell.dated:
        raise Misread("表格把它存成了日期；请把单元格设为文本格式，再重新填写")
    if len(Decimal(cell.raw).normalize().as_tuple().digits) > KEPT_DIGITS or _beyond(cell):
        raise Misread(LOST_DIGITS)
    return _digits_of(cell)


def without_blanks(said: str) -> str:
    return "".join(said.split())


def _compact(said: str) -> str:
    """Without any blank, everything full-width made plain."""
    return "".join(unicodedata.normalize("NFKC", said).split())


def text(label: str, most: int) -> Parser:
    """Up to ``most`` characters; line breaks become blanks."""

    def parse(cell: Cell) -> str:
        said = " ".join(text_of(cell).split("\n"))
        if len(said) > most:
            raise Misread(f"{label}最多{most}个字，现有{len(said)}个")
        return said

    return parse


def name(label: str, most: int) -> Parser:
    """A name: like a text, but without any blank inside; 张 三 is 张三."""

    def parse(cell: Cell) -> str:
        said = without_blanks(text_of(cell))
        if len(said) > most:
            raise Misread(f"{label}最多{most}个字，现有{len(said)}个")
        if not re.search(r"\w", said):
            raise Misread(f"应填写{label}")
        return said

    return parse


def code(label: str, length: int) -> Parser:
    """Exactly so many digits."""

    def parse(cell: Cell) -> str:
        said = _compact(text_of(cell))
        if not (said.isascii() and said.isdigit()):
            raise Misread(f"{label}应为{length}位数字")
        if len(said) != length:
            raise Misread(f"{label}应为{length}位数字，现有{len(said)}位")
        return said

    return parse


def number_text(
    label: str, pattern: str, expected: str, *, normal: Callable[[str], str] = _compact
) -> Parser:
    """A number that is no quantity, such as a phone's or a licence's: ``pattern`` must match."""
    wanted = re.compile(pattern)

    def parse(cell: Cell) -> str:
        said = normal(text_of(cell))
        if not wanted.fullmatch(said):
            raise Misread(f"{label}应为{expected}")
        return said

    return parse


def whole(label: str, least: int, most: int) -> Parser:
    def parse(cell: Cell) -> int:
        said = _compact(text_of(cell)).removesuffix("人")
        if not re.fullmatch(r"\d{1,9}", said) or not least <= int(said) <= most:
            raise Misread(f"{label}应为{least}至{most}之间的整数")
        return int(said)

    return parse


def choice(
    label: str, options: Mapping[str, str], synonyms: Mapping[str, str] | None = None
) -> Parser:
    """One of the labels in ``options`` (label → stored value), or a synonym of one."""
    known = {_folded(each): value for each, value in {**(synonyms or {}), **options}.items()}
    labels = tuple(options)

    def parse(cell: Cell) -> str:
        said = text_of(cell)
        if (found := known.get(_folded(said))) is not None:
            return found
        listed = "、".join(labels) if len(labels) <= 10 else f"{'、'.join(labels[:9])}等"
        raise Misread(f"{label}应为下列之一：{listed}", nearest(said, labels))

    return parse


def yes_no(label: str) -> Parser:
    words = {"是": True, "有": True, "√": True, "y": True, "yes": True, "true": True, "1": True}
    words |= {"否": False, "无": False, "×": False, "n": False, "no": False, "false": False}
    words["0"] = False

    def parse(cell: Cell) -> bool:
        found = words.get(_folded(text_of(cell)))
        if found is None:
            raise Misread(f"{label}应填“是”或“否”")
        return found

    return parse


def day(label: str, earliest: date, latest: date) -> Parser:
    """A date: as text in the usual spellings, as 20260301, or as the sheet's own date."""

    def parse(cell: Cell) -> date:
        found = _day(cell)
        if found is None:
            raise Misread(f"{label}应为日期，如 2026-03-01 或 2026年3月1日")
        if not earliest <= found <= latest:
            raise Misread(
                f"{label}应在{earliest.isoformat()}至{latest.isoformat()}之间，"
                f"读到的是{found.isoformat()}"
            )
        return found

    return parse


def clock(label: str) -> Parser:
    """Minutes after midnight, of 9:30, 09：30, 9时30分, 上午9:30, or the sheet's own time."""

    def parse(cell: Cell) -> int:
        minutes = _minutes_of_serial(cell) if isinstance(cell, Number) else None
        if minutes is None and _may_be_typed(cell):
            found = _CLOCK.fullmatch(_compact(text_of(cell)))
            minutes = _minutes(found) if found else None
        if minutes is None or not 0 <= minutes <= _MINUTES_A_DAY:
            raise Misread(f"{label}应为时刻，如 09:30 或 9时30分")
        return minutes

    return parse


def day_of(said: str) -> date | None:
    """2026-03-01, 2026年3月1日, 2026.3.1, 2026/3/1 or 20260301; None for anything else."""
    said = plain_text(said).replace("。", ".").replace("．", ".").replace("－", "-")
    said = re.sub(r"\s*([年月日./-])\s*", r"\1", said)
    found = _DAY.fullmatch(said) or _COMPACT_DAY.fullmatch(said)
    if found is None:
        return None
    try:
        return date(int(found["y"]), int(found["m"]), int(found["d"]))
    except ValueError:
        return None


def nearest(said: str, options: Collection[str]) -> str:
    """The option most like what was written; "" when none is."""
    return _nearest(said, options if isinstance(options, tuple) else tuple(options))


@lru_cache(maxsize=4096)
def _nearest(said: str, options: tuple[str, ...]) -> str:
    """Among the options that share the most characters: difflib compares each one at length."""
    by_character = _by_character(options)
    shared = Counter(n for character in set(said) for n in by_character.get(character, ()))
    likely = [options[n] for n, _ in shared.most_common(_COMPARED)]
    return next(iter(get_close_matches(said, likely, 1, _ALIKE)), "")


@lru_cache(maxsize=64)
def _by_character(options: tuple[str, ...]) -> dict[str, list[int]]:
    """Where each character stands, by the options' numbers."""
    found: dict[str, list[int]] = {}
    for number, option in enumerate(options):
        for character in set(option):
            found.setdefault(character, []).append(number)
    return found


def _day(cell: Cell) -> date | None:
    if isinstance(cell, Number):
        compact = _COMPACT_DAY.fullmatch(_digits_of(cell))
        if compact and not cell.dated:
            return day_of(_digits_of(cell))
        return _day_of_serial(cell) if _is_day(cell) or not cell.dated else None
    return day_of(text_of(cell))


def _is_day(cell: Number) -> bool:
    """Shown as a date, and not only as a time of day."""
    return cell.dated and 1 <= float(cell.raw) < 2_958_466


def _day_of_serial(cell: Number) -> date:
    """Raises Misread for a number that no day has."""
    serial = float(cell.raw)
    if not 61 <= serial < 2_958_466 or serial != int(serial):
        raise Misread("应为日期，如 2026-03-01 或 2026年3月1日")
    return (_DAY_ZERO + timedelta(days=int(serial))).date()


def _minutes_of_serial(cell: Number) -> int | None:
    """A fraction of a day; None when the number is none, or does not fall on a minute."""
    minutes = float(cell.raw) * _MINUTES_A_DAY
    if not cell.dated and not 0 < float(cell.raw) < 1:
        return None
    if not 0 <= float(cell.raw) <= 1 or abs(minutes - round(minutes)) > 0.02:
        raise Misread("应为精确到分钟的时刻，如 09:30")
    return round(minutes)


def _may_be_typed(cell: Cell) -> bool:
    """930 may be half past nine; 9.3 has lost what would tell nine thirty from three past nine."""
    return not isinstance(cell, Number) or float(cell.raw).is_integer()


def _minutes(found: re.Match[str]) -> int | None:
    half, hour = found["half"], int(found["hour"])
    minute = int(found["colon"] or found["words"] or found["compact"] or 0)
    if minute > 59 or (half and not 1 <= hour <= 12):
        return None
    if half in ("下午", "晚上") and hour < 12:
        hour += 12
    if half == "上午" and hour == 12:
        hour = 0
    return hour * 60 + minute


def _digits_of(cell: Number) -> str:
    """The number without exponent, without a point when whole."""
    return f"{Decimal(cell.raw).normalize():f}"


def _beyond(cell: Number) -> bool:
    """Whole numbers above 10^15 have been rounded to what fifteen digits can say."""
    return abs(float(cell.raw)) >= 10.0**KEPT_DIGITS


def _folded(said: str) -> str:
    return _compact(said).casefold()
