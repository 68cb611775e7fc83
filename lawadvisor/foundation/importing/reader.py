"""Read a workbook's cells, with their addresses, in one pass and within limits.

Only what was stored is read: values, never formulas; a formula without a stored result is a
``Broken`` cell. Macros, pictures and links to other files are not touched. The sheets' XML is
streamed through expat, which knows where it stands: a sheet that was cut off is an error and
not a sheet of no rows. A document type, and so every entity, is refused.
"""

from __future__ import annotations

import re
import time
import zipfile
import zlib
from collections.abc import Callable
from math import isfinite
from pathlib import Path
from typing import NamedTuple
from xml.parsers import expat

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format

from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.importing.archive import BROKEN, STRICT, open_archive
from lawadvisor.foundation.importing.cells import (
    MOST_CELLS,
    MOST_COLUMNS,
    MOST_MERGES,
    MOST_ROWS,
    MOST_SHEETS,
    Book,
    Broken,
    Cell,
    Merge,
    Number,
    Sheet,
    too_many_cells,
)

#: Seconds for the whole workbook; the other limits are met long before in any honest one.
LONGEST = 10.0
#: Apple's day zero is 1 January 1904.
DAYS_FROM_1900_TO_1904 = 1462
_CHUNK = 1 << 16
_STRICT_MARK = "purl.oclc.org/ooxml"
#: Number formats that only Excel's Chinese edition has, all of dates and times.
_CHINESE_DATES = {*range(27, 37), *range(50, 59)}

NO_RESULT = "公式没有保存结果，请用 Excel 打开后重新保存，或改成填好的内容"
#: What such an escape can spell and no database keeps.
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")

Attributes = dict[str, str]
Start = Callable[[str, Attributes], None]


class _Listed(NamedTuple):
    name: str
    relation: str


def read_workbook(path: Path) -> Book:
    """Every visible sheet. Raises DomainError, one sentence, for a file that cannot be read."""
    with open_archive(path) as archive:
        reading = _Reading(archive)
        try:
            return reading.book()
        except (
            *(zipfile.BadZipFile, zlib.error, EOFError, KeyError, OSError),
            *(expat.ExpatError, ValueError, NotImplementedError),
        ) as error:
            raise DomainError(BROKEN) from error


class _Reading:
    """One workbook being read, and the clock that runs meanwhile."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.deadline = time.monotonic() + LONGEST
        self.cells = 0
        self.strings: list[str] = []
        self.dated: list[bool] = []
        self.from_1904 = False

    def book(self) -> Book:
        listed = self._listed_sheets()
        if len(listed) > MOST_SHEETS:
            raise DomainError(f"文件有{len(listed)}个工作表，最多{MOST_SHEETS}个。")
        targets = self._targets()
        names = set(self.archive.namelist())
        if "xl/sharedStrings.xml" in names:
            self._read_strings()
        if "xl/styles.xml" in names:
            self._read_styles()
        sheets = [self._sheet(sheet, targets) for sheet in listed if sheet.relation in targets]
        return Book(tuple(sheets))

    def parse(
        self,
        part_name: str,
        start: Start,
        end: Callable[[str], None] | None = None,
        text: Callable[[str], None] | None = None,
    ) -> None:
        """Stream one part through the handlers; names come without their prefix."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = lambda name, found: start(_local(name), found)
        parser.StartDoctypeDeclHandler = _refuse_doctype
        if end is not None:
            parser.EndElementHandler = lambda name: end(_local(name))
        if text is not None:
            parser.CharacterDataHandler = text
        with self.archive.open(part_name) as part:
            while chunk := part.read(_CHUNK):
                if time.monotonic() > self.deadline:
                    raise DomainError(
                        f"读取超过{LONGEST:.0f}秒，文件过于复杂。请只保留要导入的表，另存后再上传。"
                    )
                parser.Parse(chunk, False)
            parser.Parse(b"", True)

    def _listed_sheets(self) -> list[_Listed]:
        found: list[_Listed] = []

        def start(name: str, attributes: Attributes) -> None:
            if name == "workbook" and any(_STRICT_MARK in each for each in attributes.values()):
                raise DomainError(STRICT)
            if name == "workbookPr":
                self.from_1904 = attributes.get("date1904") in ("1", "true")
            if name == "sheet" and attributes.get("state", "visible") == "visible":
                by_local = {_local(key): value for key, value in attributes.items()}
                found.append(_Listed(attributes["name"], by_local["id"]))

        self.parse("xl/workbook.xml", start)
        return found

    def _targets(self) -> dict[str, str]:
        """Each worksheet's part by its relation's id; charts and links are left out."""
        found: dict[str, str] = {}

        def start(name: str, attributes: Attributes) -> None:
            if name == "Relationship" and attributes["Type"].endswith("/worksheet"):
                target = attributes["Target"]
                part = target[1:] if target.startswith("/") else f"xl/{target}"
                found[attributes["Id"]] = part

        self.parse("xl/_rels/workbook.xml.rels", start)
        return found

    def _read_strings(self) -> None:
        parts: list[str] = []
        inside = False
        phonetic = False

        def start(name: str, _: Attributes) -> None:
            nonlocal inside, phonetic
            if name == "si":
                parts.clear()
            elif name == "rPh":
                phonetic = True
            inside = name == "t" and not phonetic

        def end(name: str) -> None:
            nonlocal inside, phonetic
            if name == "si":
                self.strings.append(_unescaped("".join(parts)))
                if len(self.strings) > MOST_CELLS:
                    raise DomainError(too_many_cells())
            elif name == "rPh":
                phonetic = False
            inside = False

        self.parse(
            "xl/sharedStrings.xml", start, end, lambda said: parts.append(said) if inside else None
        )

    def string(self, number: int) -> str:
        """ValueError for a number that no shared string has."""
        if not 0 <= number < len(self.strings):
            raise ValueError(f"no shared string {number}")
        return self.strings[number]

    def _read_styles(self) -> None:
        own: dict[int, str] = {}
        in_cells = False

        def start(name: str, attributes: Attributes) -> None:
            nonlocal in_cells
            if name == "numFmt":
                own[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
            elif name == "cellXfs":
                in_cells = True
            elif name == "xf" and in_cells:
                number = int(attributes.get("numFmtId", 0))
                code = own.get(number) or BUILTIN_FORMATS.get(number)
                self.dated.append(number in _CHINESE_DATES or is_date_format(code))

        def end(name: str) -> None:
            nonlocal in_cells
            in_cells = in_cells and name != "cellXfs"

        self.parse("xl/styles.xml", start, end)

    def _sheet(self, listed: _Listed, targets: dict[str, str]) -> Sheet:
        sheet = Sheet(listed.name)
        handlers = _SheetHandlers(self, sheet)
        self.parse(targets[listed.relation], handlers.start, handlers.end, handlers.text)
        sheet.fill_merges()
        return sheet


class _SheetHandlers:
    """What expat calls while it walks one sheet."""

    def __init__(self, reading: _Reading, sheet: Sheet) -> None:
        self.reading = reading
        self.sheet = sheet
        self.row = self.column = 0
        self.kind = ""
        self.style = 0
        self.formula = False
        self.cells_of_row: dict[int, Cell] = {}
        self.parts: list[str] = []
        self.hears = False
        self.phonetic = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self._begin_cell(attributes)
        elif name == "row":
            self._begin_row(attributes)
        elif name in ("v", "t"):
            self.hears = not self.phonetic
        elif name == "f":
            self.formula = True
        elif name == "rPh":
            self.phonetic = True
        elif name == "mergeCell":
            self._merge(attributes["ref"])

    def end(self, name: str) -> None:
        if name == "c":
            self._end_cell()
        elif name == "row":
            self._end_row()
        elif name == "rPh":
            self.phonetic = False
        self.hears = False

    def text(self, said: str) -> None:
        if self.hears:
            self.parts.append(said)

    def _begin_row(self, attributes: Attributes) -> None:
        self.row = int(attributes.get("r", self.row + 1))
        self.column = 0
        self.cells_of_row = {}
        if attributes.get("hidden") in ("1", "true"):
            self.sheet.hidden_rows.add(self.row)

    def _begin_cell(self, attributes: Attributes) -> None:
        place = attributes.get("r")
        self.column = _column_of(place) if place else self.column + 1
        self.kind = attributes.get("t", "n")
        self.style = int(attributes.get("s", 0))
        self.formula = False
        self.parts.clear()

    def _end_cell(self) -> None:
        value = self._value("".join(self.parts))
        if value is None:
            return
        if self.column > MOST_COLUMNS:
            raise DomainError(
                f"工作表“{self.sheet.name}”第{self.row}行超过{MOST_COLUMNS}列，请删去多余的列。"
            )
        self.reading.cells += 1
        if self.reading.cells > MOST_CELLS:
            raise DomainError(too_many_cells())
        self.cells_of_row[self.column] = value

    def _end_row(self) -> None:
        if not self.cells_of_row:
            return
        self.sheet.rows[self.row] = self.cells_of_row
        if len(self.sheet.rows) > MOST_ROWS:
            raise DomainError(
                f"工作表“{self.sheet.name}”超过{MOST_ROWS}行，请分成几个文件分别导入。"
            )

    def _value(self, said: str) -> Cell | None:
        if self.formula and not said and self.kind != "str":
            return Broken("公式", NO_RESULT)
        if self.kind == "e":
            return Broken(said, f"单元格显示的是错误值{said}，请改成填好的内容")
        if self.kind == "n":
            return self._number(said) if said else None
        if self.kind == "s":
            said = self.reading.string(int(said)) if said else ""
        elif self.kind == "b":
            said = "是" if said == "1" else "否"
        elif self.kind in ("inlineStr", "str"):
            said = _unescaped(said)
        return said if said.strip() else None

    def _number(self, said: str) -> Cell:
        """Raises ValueError for what is no number: then the part is damaged."""
        value = float(said)
        if not isfinite(value):
            return Broken(said, f"单元格的数字{said[:20]}过大")
        dated = self.style < len(self.reading.dated) and self.reading.dated[self.style]
        if dated and self.reading.from_1904 and value >= 1:
            value += DAYS_FROM_1900_TO_1904
        # the shortest decimal that means this number: 13800138000.0 and 1.3800138E10 are one
        return Number(repr(value), dated)

    def _merge(self, ref: str) -> None:
        if len(self.sheet.merges) >= MOST_MERGES:
            raise DomainError(
                f"工作表“{self.sheet.name}”的合并单元格超过{MOST_MERGES}处，请取消合并。"
            )
        first, _, last = ref.partition(":")
        last = last or first
        self.sheet.merges.append(
            Merge(_row_of(first), _column_of(first), _row_of(last), _column_of(last))
        )


def _refuse_doctype(*_: object) -> None:
    raise DomainError(BROKEN)


def _local(name: str) -> str:
    return name[name.rfind(":") + 1 :] if ":" in name else name


def _unescaped(text: str) -> str:
    """Excel writes a control character as ``_x000D_``."""
    if "_x" not in text:
        return text
    return _UNSTORABLE.sub("", _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text))


def _column_of(place: str) -> int:
    number = 0
    for character in place:
        if not "A" <= character <= "Z":
            break
        number = number * 26 + ord(character) - 64
    return number


def _row_of(place: str) -> int:
    return int(place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
