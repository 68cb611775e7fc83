"""Reading a table of a policy file strictly: a wrong, missing or unknown key is an error
that names file, line, key and what was expected. Nothing here knows any rule."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from enum import StrEnum
from itertools import islice
from typing import Any, NamedTuple, NoReturn, TypeVar

E = TypeVar("E", bound=StrEnum)
D = TypeVar("D", date, None)
Path = tuple[str | int, ...]

#: Between them a date lies far enough from the calendar's ends to count on from.
EARLIEST, LATEST = date(1980, 1, 1), date(2099, 12, 31)
#: How many words a free list holds at most, and of how many characters each.
MAX_WORDS, MAX_WORD = 1_000, 200
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class PackError(ValueError):
    """A policy that cannot be loaded. ``line`` is 0 where there is no file behind it."""

    def __init__(self, file: str, line: int, key: str, expected: str, found: str) -> None:
        self.file, self.line, self.key, self.expected, self.found = file, line, key, expected, found
        where = f"第 {line} 行 " if line else ""
        sentence = f"{file} {where}{key or '全文'}：{found}，{expected}。"
        super().__init__("".join(c if c.isprintable() or c == "　" else "□" for c in sentence))


class Source(NamedTuple):
    file: str
    text: str

    def fail(self, path: Path, expected: str, found: str) -> NoReturn:
        raise PackError(self.file, locate(self.text, path), dotted(path), expected, found)


def dotted(path: Path) -> str:
    """``("rule", 2, "bound")`` as a clerk counts: ``rule[3].bound``."""
    words = [f"[{part + 1}]" if isinstance(part, int) else f".{part[:40]}" for part in path]
    return "".join(words).lstrip(".")


def locate(text: str, path: Path) -> int:
    """The line of a key, or of the nearest table around it that is written; 0 if none."""
    best, line_found = 0, 0
    for line, written in written_lines(text):
        depth = len(written)
        if best < depth <= len(path) and path[:depth] == written:
            best, line_found = depth, line
    return line_found


_HEADER = re.compile(r"\s*(\[\[?)\s*([\w.\-]+)\s*\]")
_KEY = re.compile(r"\s*([\w.\-]+)\s*=")


def written_lines(text: str) -> Iterator[tuple[int, Path]]:
    """Each line that opens a table or sets a key, with the path it stands for."""
    table: Path = ()
    count: dict[Path, int] = {}
    quoted = False
    for number, line in enumerate(text.split("\n"), start=1):
        opened, quoted = quoted, quoted ^ ((line.count('"""') + line.count("'''")) % 2 == 1)
        if opened:
            continue
        if header := _HEADER.match(line):
            table = _opened(header[2].split("."), header[1] == "[[", count)
            yield number, table
        elif key := _KEY.match(line):
            yield number, (*table, *key[1].split("."))


def _opened(parts: list[str], is_row: bool, count: dict[Path, int]) -> Path:
    """The path of a header; ``count`` remembers the number of the last row of each list."""
    path: Path = ()
    for depth, part in enumerate(parts, start=1):
        path = (*path, part)
        if is_row and depth == len(parts):
            count[path] = count.get(path, -1) + 1
        if path in count:
            path = (*path, count[path])
    return path


def shown(value: object) -> str:
    """A wrong value as a clerk wrote it, cut; of any value that TOML can hold."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value) if abs(value) < 10**20 else "过大的数字"
        case str():
            return f"“{value[:40]}”"
        case dict():
            return "一组键值"
        case list():
            words = "、".join(shown(each) for each in value[:4] if isinstance(each, str))
            return f"列表[{words}]" if words else "列表"
        case _:
            return str(value)[:40]


class Table:
    """One table; every ``take`` of a key must succeed, and ``close`` refuses the rest."""

    def __init__(self, data: object, path: Path, source: Source, *, stored: bool = False) -> None:
        """``stored``: read back from the database, with what only that holds."""
        if not isinstance(data, dict):
            source.fail(path, "应为一组键值", "格式不符")
        self.data: dict[str, Any] = dict(data)
        self.path, self.source, self.stored = path, source, stored
        self._known: list[str] = []

    def fail(self, key: str, expected: str, found: str) -> NoReturn:
        """``key`` may be dotted: a key of a table below; "" is the table itself."""
        self.source.fail((*self.path, *key.split(".")) if key else self.path, expected, found)

    def fail_at(self, key: str, expected: str, found: str) -> NoReturn:
        """The same for a key that the file made up: a dot in it is just a dot."""
        self.source.fail((*self.path, key), expected, found)

    def close(self) -> None:
        for key in self.data:
            near = get_close_matches(key[:40], self._known, 1)
            hint = f"，是否应为 {near[0]}" if near else ""
            self.fail_at(key, f"此处没有这个键，请核对拼写{hint}", "不认识的键")

    def _take(self, key: str, expected: str) -> Any:
        self._known.append(key)
        if key not in self.data:
            near = get_close_matches(key, [each[:40] for each in islice(self.data, 50)], 1)
            hint = f"（是否误写作 {near[0]}）" if near else ""
            self.fail(key, expected, f"缺少此项{hint}")
        return self.data.pop(key)

    def _wrong(self, key: str, expected: str, value: object) -> NoReturn:
        self.fail(key, expected, f"现为 {shown(value)}")

    def table(self, key: str) -> Table:
        value = self._take(key, "应为一组键值")
        return Table(value, (*self.path, key), self.source)

    def tables(self, key: str) -> list[Table]:
        """A list of tables; may be empty."""
        value = self._take(key, "应为若干组键值")
        if not isinstance(value, list):
            self._wrong(key, "应为若干组键值", value)
        path = (*self.path, key)
        return [Table(each, (*path, number), self.source) for number, each in enumerate(value)]

    def text(self, key: str, expected: str = "应为非空文字", most: int = 500) -> str:
        value = self._take(key, expected)
        if not isinstance(value, str) or not value.strip():
            self._wrong(key, expected, value)
        if len(value) > most:
            self.fail(key, f"应不超过{most}字", f"共{len(value)}字")
        self._check_plain(key, value)
        return value

    def _check_plain(self, key: str, value: str) -> None:
        """A NUL cannot even be stored, and a line break upsets what prints a sentence."""
        if _CONTROL.search(value):
            self.fail(key, "应写在一行里，删去换行和看不见的字符", "含有换行或控制字符")

    def matching(self, key: str, pattern: str, expected: str) -> str:
        value = self._take(key, expected)
        if not isinstance(value, str) or not re.fullmatch(pattern, value, re.ASCII):
            self._wrong(key, expected, value)
        return value

    def flag(self, key: str) -> bool:
        value = self._take(key, "应为 true 或 false")
        if type(value) is not bool:
            self._wrong(key, "应为 true 或 false", value)
        return value

    def one_of(self, key: str, words: tuple[str, ...], *, pack: str | None = None) -> str:
        """One of the words; ``pack`` is what that word stands for, None forbids it."""
        more = () if pack is None else ("pack",)
        expected = f"应为 {'、'.join((*words, *more))} 之一"
        value = self.text(key, expected)
        if value == "pack" and pack is not None:
            return pack
        if value not in words:
            self._wrong(key, expected, value)
        return value

    def number(self, key: str, low: int, high: int) -> int:
        expected = f"应为{low}至{high}的整数"
        value = self._take(key, expected)
        if type(value) is not int or not low <= value <= high:
            self._wrong(key, expected, value)
        return value

    def number_or(self, word: str, key: str, low: int, high: int) -> int | None:
        """A number, or None for the word that asks nothing."""
        expected = f"应为{low}至{high}的整数，或 {word}"
        value = self._take(key, expected)
        if value == word:
            return None
        if type(value) is not int or not low <= value <= high:
            self._wrong(key, expected, value)
        return value

    def number_or_any(self, key: str, low: int, high: int) -> int | None:
        return self.number_or("any", key, low, high)

    def choice(self, key: str, choices: type[E]) -> E:
        names = [choice.value for choice in choices]
        expected = f"应为 {'、'.join(names)} 之一"
        value = self._take(key, expected)
        if value not in names:
            self._wrong(key, expected, value)
        return choices(value)

    def listed(self, key: str, allowed: Collection[str] | None = None) -> tuple[str, ...]:
        """A list of words in the order written, from ``allowed`` (None: any words)."""
        which = f"，只能用 {'、'.join(allowed)}" if allowed is not None else ""
        expected = f"应为文字列表{which}"
        value = self._take(key, expected)
        if not isinstance(value, list) or not all(isinstance(v, str) and v for v in value):
            self._wrong(key, expected, value)
        for word in value:
            if allowed is not None and word not in allowed:
                self._wrong(key, expected, word)
        if len(set(value)) < len(value):
            self._wrong(key, "列表中不应重复", value)
        if allowed is None:
            self._check_words(key, value)
        return tuple(value)

    def _check_words(self, key: str, words: list[str]) -> None:
        if len(words) > MAX_WORDS:
            self.fail(key, f"应不超过{MAX_WORDS}项", f"共{len(words)}项")
        for word in words:
            if len(word) > MAX_WORD:
                self.fail(key, f"每项应不超过{MAX_WORD}字", f"其中一项共{len(word)}字")
            self._check_plain(key, word)

    def some(self, key: str, allowed: Collection[str] | None) -> frozenset[str] | None:
        """A choice of words; None when the list is ``["any"]``."""
        words = self.listed(key, None if allowed is None else ("any", *allowed))
        if words == ("any",):
            return None
        if not words or "any" in words:
            self._wrong(key, '应为至少一项；不限时写 ["any"]', list(words))
        return frozenset(words)

    def codes(self, key: str) -> tuple[str, ...] | None:
        """Beginnings of division codes; None when the list is ``["any"]``."""
        expected = '应为区划代码或其前几位（2至12位数字）的列表；不限时写 ["any"]'
        words = self.some(key, None)
        if words is None:
            return None
        for word in words:
            if not re.fullmatch(r"\d{2,12}", word, re.ASCII):
                self._wrong(key, expected, word)
        return tuple(sorted(words))

    def day(self, key: str, words: Mapping[str, D]) -> date | D:
        """A date, written as such or as text in ISO form, or one of the words given."""
        expected = f"应为日期，如 2026-01-01{''.join(f'，或 {word}' for word in words)}"
        value = self._take(key, expected)
        if isinstance(value, str):
            if value in words:
                return words[value]
            found = _day_of(value)
        else:
            found = value
        if not isinstance(found, date) or isinstance(found, datetime):
            self._wrong(key, expected, value)
        if not EARLIEST <= found <= LATEST:
            self._wrong(key, f"应在{EARLIEST.year}年至{LATEST.year}年之间", value)
        return found


def _day_of(text: str) -> date | None:
    """``2026-01-01`` and no other of the ways in which a date can be written."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text else None
