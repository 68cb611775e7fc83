"""The numbers of a policy file: which there are, and one of them changed within its text.

Only the value on its own line is rewritten, so that comments and layout stay. What came of
it is read again: if anything but that one value would differ, nothing is changed.
"""

from __future__ import annotations

import copy
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from assessments.quota.packs import Pack
from assessments.quota.reading import Path, written_lines
from assessments.quota.rules import Basis, Bound, PartMode, Rule


class NumberError(ValueError):
    """``key`` as ``Number.key``; the sentence says what is wrong with it."""

    def __init__(self, key: str, sentence: str) -> None:
        super().__init__(sentence)
        self.key = key


class Number(NamedTuple):
    """One number of a rule, as the file has it.

    ``key`` is ``ZX-34.target``; ``value`` the text of it, a share as ``2/3``. ``is_written``
    False: the file leaves it to the default. ``is_own``: no text gives it.
    """

    key: str
    rule: str
    what: str  # target, min_minutes, min_share
    value: str
    unit: str
    is_written: bool
    is_own: bool


_PLACE = {
    "target": ("target",),
    "min_minutes": ("records", "min_minutes"),
    "min_share": ("part", "min_share"),
}
_LINE = re.compile(r"""^(\s*[\w.\-]+\s*=\s*)("(?:\\.|[^"\\])*"|'[^']*'|[^\s#]+)(.*)$""")


def numbers_of(pack: Pack) -> tuple[Number, ...]:
    """The numbers that a clerk may change, rule by rule."""
    return tuple(number for rule in pack.rules for number in _of_rule(rule))


def with_numbers(text: str, pack: Pack, wanted: Mapping[str, str]) -> str:
    """``text``, the file of ``pack``, with the numbers that ``wanted`` gives by ``Number.key``.

    What equals the present value is not touched. Raises NumberError for what is no number,
    and where a value stands so that it cannot be changed by itself.
    """
    for index, rule in enumerate(pack.rules):
        for number in _of_rule(rule):
            value = wanted.get(number.key, number.value).strip()
            if value != number.value:
                path: Path = ("rule", index, *_PLACE[number.what])
                text = _changed(text, path, _literal(number, value), number.key)
    return text


def with_value(text: str, path: Path, value: str | int) -> str:
    """``text`` with one value at a path such as ``("pack", "title")``; NumberError as above."""
    return _changed(text, path, value, ".".join(map(str, path)))


def _of_rule(rule: Rule) -> Iterator[Number]:
    own = rule.basis is Basis.BUREAU
    unit = "%" if rule.bound is Bound.SHARE else rule.unit
    yield Number(f"{rule.key}.target", rule.key, "target", str(rule.target), unit, True, own)
    if rule.records is not None and rule.records.unit != "filing":
        least = str(rule.records.min_minutes)
        is_written = "records.min_minutes" not in rule.inherited
        key = f"{rule.key}.min_minutes"
        yield Number(key, rule.key, "min_minutes", least, "分钟", is_written, own)
    part = rule.part
    if part is not None and part.mode is PartMode.WAIVE:
        is_written = "part.min_share" not in rule.inherited
        is_own = part.basis is Basis.BUREAU
        key, share = f"{rule.key}.min_share", str(part.min_share)
        yield Number(key, rule.key, "min_share", share, "", is_written, is_own)


def _literal(number: Number, value: str) -> str | int:
    """The value for the file; its limits are the file's own affair."""
    if number.what == "min_share":
        if not re.fullmatch(r"[1-9]\d{0,3}(/[1-9]\d{0,3})?", value, re.ASCII):
            raise NumberError(number.key, "应为大于0、不超过1的分数，如 2/3。")
        return value
    if not re.fullmatch(r"\d{1,6}", value, re.ASCII):
        raise NumberError(number.key, "应为不小于0的整数。")
    return int(value)


def _changed(text: str, path: Path, value: str | int, key: str) -> str:
    lines, word = text.split("\n"), _toml(value)
    at, table = _line_of(text, path), _line_of(text, path[:-1])
    if at is not None:
        lines[at] = _LINE.sub(rf"\g<1>{_escaped(word)}\g<3>", lines[at])
    elif table is None:
        _add_part(lines, text, path, word)
    elif lines[table].lstrip().startswith("["):
        lines.insert(table + 1, f"{path[-1]} = {word}")
    else:
        lines[table] = _within_braces(lines[table], str(path[-1]), word)
    changed = "\n".join(lines)
    if not _differs_only_in(text, changed, path, value):
        raise NumberError(key, "此项的写法不便自动改写，请在下面的文本中修改。")
    return changed


def _line_of(text: str, path: Path) -> int | None:
    """The index of the line that sets exactly this key; None if no line does."""
    return next((line - 1 for line, found in written_lines(text) if found == path), None)


def _within_braces(line: str, key: str, word: str) -> str:
    """``{ unit = "session" }`` with a key changed, or put first."""
    known = re.compile(rf"([{{,]\s*{key}\s*=\s*)(\"[^\"]*\"|'[^']*'|[^\s,}}]+)")
    if known.search(line):
        return known.sub(rf"\g<1>{_escaped(word)}", line, count=1)
    return line.replace("{", f"{{ {key} = {word},", 1)


def _add_part(lines: list[str], text: str, path: Path, word: str) -> None:
    """A rule that left its part to the default gets one, below its target."""
    target = _line_of(text, (*path[:2], "target"))
    if path[2] == "part" and target is not None:
        part = f'part = {{ mode = "waive", min_share = {word}, basis = "bureau" }}'
        lines.insert(target + 1, part)


def _escaped(word: str) -> str:
    return word.replace("\\", r"\\")


def _toml(value: str | int) -> str:
    return json.dumps(value, ensure_ascii=False)


def _differs_only_in(old: str, new: str, path: Path, value: str | int) -> bool:
    try:
        before, after = tomllib.loads(old), tomllib.loads(new)
    except (tomllib.TOMLDecodeError, RecursionError):
        return False
    return after == _with(before, path, value)


def _with(data: dict[str, Any], path: Path, value: str | int) -> dict[str, Any]:
    wanted = copy.deepcopy(data)
    *tables, key = path
    at: Any = wanted
    for step in tables:
        if step == "part" and step not in at:
            at[step] = {"mode": "waive", "basis": "bureau"}
        at = at[step]
    at[key] = value
    return wanted
