"""The columns of an import, and where a sheet has them: titles, synonyms, the header's row."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from openpyxl.utils import get_column_letter

from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.importing.cells import Book, Cell, Sheet, rows_of
from lawadvisor.foundation.importing.values import Parser, choice, nearest, shown, text

#: The template's example row bears this in its first column and is skipped.
EXAMPLE = "示例"
#: The template's own sheet of notes, in which titles stand one below the other.
NOTES = "填写说明"
#: Titles stand above the header, never so many rows.
HEADER_WITHIN = 30
#: A row is a header when it names as many columns.
_LEAST_NAMED = 2
_DECORATION = re.compile(r"[\s*＊:：☆★]|[(（](?:必填|选填|可不填|必须)[)）]")


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``needed``: the sheet must have it; ``filled``: every row must say something.

    ``options`` are offered as a drop-down; ``hint`` tells on the sheet of notes what to write.
    What a ``private`` column says stays in the file: no list of bad cells repeats it.
    """

    key: str
    title: str
    parse: Parser
    synonyms: tuple[str, ...] = ()
    needed: bool = False
    filled: bool = False
    options: tuple[str, ...] = ()
    hint: str = ""
    example: str = ""
    width: float = 14
    private: bool = False


#: 序号: counted by the clerk and read by nobody, but for the mark of the example.
SEQUENCE = Column("seq", "序号", text("序号", 40), ("编号", "No", "No."), example=EXAMPLE, width=6)


def choice_column(
    key: str,
    title: str,
    choices: Iterable[tuple[str, object]],
    *,
    words: Mapping[str, str] | None = None,
    **more: Any,
) -> Column:
    """A column of a field's choices: its labels are the drop-down, ``words`` say the same."""
    options = {str(label): value for value, label in choices}
    return Column(
        key,
        title,
        choice(title, options, words),
        options=tuple(options),
        example=more.pop("example", next(iter(options))),
        **more,
    )


class Header(NamedTuple):
    """Where the columns are: ``places`` by the column's place in the sheet, from 1."""

    row: int
    places: dict[int, Column]
    unknown: tuple[str, ...]

    def place_of(self, key: str) -> int | None:
        return next((place for place, column in self.places.items() if column.key == key), None)


def address(row: int, column: int) -> str:
    return f"{get_column_letter(column)}{row}"


def plain_title(title: str) -> str:
    """A title as it is compared: without blanks, stars and 必填."""
    return _DECORATION.sub("", unicodedata.normalize("NFKC", title)).casefold()


def find_headers(book: Book, columns: Sequence[Column]) -> list[tuple[Sheet, Header]]:
    """The sheets that have a header, with it, in their order.

    Raises DomainError when no sheet has one, when a header lacks a needed column, and when
    two cells of it name the same column.
    """
    known = {
        plain_title(title): column
        for column in (SEQUENCE, *columns)
        for title in (column.title, *column.synonyms)
    }
    found = []
    for sheet in data_sheets(book):
        if (header := _header_of(sheet, known)) is not None:
            _check_whole(sheet, header, columns)
            found.append((sheet, header))
    if not found:
        wanted = "、".join(column.title for column in columns if column.needed)
        raise DomainError(
            f"每个工作表的前{HEADER_WITHIN}行里都没有找到表头。表头应有这些列：{wanted}。"
            "请对照模板核对，或直接把内容粘贴到模板里。"
        )
    return found


def data_sheets(book: Book) -> list[Sheet]:
    return [sheet for sheet in book.sheets if sheet.rows and sheet.name != NOTES]


def _header_of(sheet: Sheet, known: dict[str, Column]) -> Header | None:
    """The row of the first thirty that names the most columns; None where none names two."""
    best: Header | None = None
    for number, cells in list(rows_of(sheet))[:HEADER_WITHIN]:
        header = _read_header(number, cells, known)
        if len(header.places) >= _LEAST_NAMED and (
            best is None or len(header.places) > len(best.places)
        ):
            best = header
    if best is not None:
        _check_once(sheet, best, known)
    return best


def _read_header(number: int, cells: dict[int, Cell], known: dict[str, Column]) -> Header:
    places: dict[int, Column] = {}
    unknown = []
    for place, cell in sorted(cells.items()):
        column = known.get(plain_title(shown(cell)))
        if column is None:
            unknown.append(shown(cell))
        elif column not in places.values():
            places[place] = column
    return Header(number, places, tuple(unknown))


def _check_once(sheet: Sheet, header: Header, known: dict[str, Column]) -> None:
    first: dict[str, int] = {}
    for place, cell in sorted(sheet.rows[header.row].items()):
        column = known.get(plain_title(shown(cell)))
        if column is None:
            continue
        if column.key in first:
            both = address(header.row, first[column.key]), address(header.row, place)
            raise DomainError(
                f"工作表“{sheet.name}”的{both[0]}和{both[1]}都是“{column.title}”，"
                "同一列只能出现一次。请删去或改名其中一列。"
            )
        first[column.key] = place


def _check_whole(sheet: Sheet, header: Header, columns: Sequence[Column]) -> None:
    there = {column.key for column in header.places.values()}
    missing = [column for column in columns if column.needed and column.key not in there]
    if not missing:
        return
    titles = "、".join(column.title for column in missing)
    sentence = f"工作表“{sheet.name}”第{header.row}行是表头，但缺少这些列：{titles}。"
    for said in header.unknown:
        for column in missing:
            if nearest(said, (column.title, *column.synonyms)):
                sentence += f"如果“{said}”就是“{column.title}”，请把列名改成“{column.title}”。"
    raise DomainError(sentence)
