"""Reading a table of a policy file strictly: a wrong, missing or unknown key is an error
that names file, line, key and what was expected. Nothing here knows any rule."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple, NoReturn, TypeVar

E = TypeVar("E", bound=StrEnum)
D = TypeVar("D", date, None)
Path = tuple[str | int, ...]


class PackError(ValueError):
    """A policy that cannot be loaded. ``line`` is 0 where there is no file behind it."""

    def __init__(self, file: str, line: int, key: str, expected: str, found: str) -> None:
        self.file, self.line, self.key, self.expected, self.found = file, line, key, expected, found
        where = f"第 {line} 行 " if line else ""
        super().__init__(f"{file} {where}{key or '全文'}：{found}，{expected}。")


class Source(NamedTuple):
    file: str
    text: str

    def fail(self, path: Path, expected: str, found: str) -> NoReturn:
        raise PackError(self.file, locate(self.text, path), dotted(path), expected, found)


def dotted(path: Path) -> str:
    """``("rule", 2, "bound")`` as a clerk counts: ``rule[3].bound``."""
    words = [f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path]
    return "".join(words).lstrip(".")


def locate(text: str, path: Path) -> int:
    """The line of a key, or of the nearest table around it that is written; 0 if none."""
    best, line_found = 0, 0
    for line, written in _written(text):
        depth = len(written)
        if best < depth <= len(path) and path[:depth] == written:
            best, line_found = depth, line
    return line_found


_HEADER = re.compile(r"\s*(\[\[?)\s*([\w.\-]+)\s*\]")
_KEY = re.compile(r"\s*([\w.\-]+)\s*=")


def _written(text: str) -> Iterator[tuple[int, Path]]:
    """Each line that opens a table or sets a key, with the path it stands for."""
    table: Path = ()
    count: dict[str, int] = {}
    quoted = False
    for number, line in enumerate(text.splitlines(), start=1):
        opened, quoted = quoted, quoted ^ ((line.count('"""') + line.count("'''")) % 2 == 1)
        if opened:
            continue
        if header := _HEADER.match(line):
            parts = header[2].split(".")
            if header[1] == "[[":
                count[parts[0]] = count.get(parts[0], -1) + 1
            index: Path = (count[parts[0]],) if parts[0] in count else ()
            table = (parts[0], *index, *parts[1:])
            yield number, table
        elif key := _KEY.match(line):
            yield number, (*table, *key[1].split("."))


class Table:
    """One table; every ``take`` of a key must succeed, and ``close`` refuses the rest."""

    def __init__(self, data: object, path: Path, source: Source, *, stored: bool = False) -> None:
        """``stored``: read back from the database, with what only that holds."""
        if not isinstance(data, dict):
            source.fail(path, "应为一组键值", "格式不符")
        self.data: dict[str, Any] = dict(data)
        self.path, self.source, self.stored = path, source, stored

    def fail(self, key: str, expected: str, found: str) -> NoReturn:
        self.source.fail((*self.path, *key.split(".")) if key else self.path, expected, found)

    def close(self) -> None:
        for key in self.data:
            self.fail(key, "此处没有这个键，请核对拼写", "不认识的键")

    def _take(self, key: str, expected: str) -> Any:
        if key not in self.data:
            self.fail(key, expected, "缺少此项")
        return self.data.pop(key)

    def _wrong(self, key: str, expected: str, value: object) -> NoReturn:
        self.fail(key, expected, f"现为 {str(value)[:40]!r}")

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
        return value

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
            self.fail(key, expected, f"现为 {value!r}")
        return value

    def number(self, key: str, low: int, high: int) -> int:
        expected = f"应为{low}至{high}的整数"
        value = self._take(key, expected)
        if type(value) is not int or not low <= value <= high:
            self._wrong(key, expected, value)
        return value

    def number_or(self, word: str, key: str, low: int, high: int) -> int | None:
        """A number, or None for the word that asks nothing."""
        if self.data.get(key) == word:
            del self.data[key]
            return None
        if isinstance(self.data.get(key), str):
            self._wrong(key, f"应为{low}至{high}的整数，或 {word}", self.data[key])
        return self.number(key, low, high)

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
        return tuple(value)

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
            try:
                return date.fromisoformat(value)
            except ValueError:
                self._wrong(key, expected, value)
        if not isinstance(value, date) or isinstance(value, datetime):
            self._wrong(key, expected, value)
        return value
