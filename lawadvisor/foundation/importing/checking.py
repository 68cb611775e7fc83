"""From a workbook to a plan: every cell read, every bad one named, nothing written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.importing.cells import Book, Broken, Cell, Sheet, rows_of
from lawadvisor.foundation.importing.columns import (
    EXAMPLE,
    SEQUENCE,
    Column,
    Header,
    address,
    data_sheets,
    find_headers,
)
from lawadvisor.foundation.importing.plans import BadCell, Desk, Entry, Importer, Line, Tell
from lawadvisor.foundation.importing.values import Misread, plain_text, shown

#: A file with so many is not meant for these columns; a list of them would help nobody.
MOST_BAD = 50_000
BLANK = "必填，不能为空"
_TOTALS = {"合计", "总计", "小计", "共计"}
_NAMED_ROWS = 20

#: A person's own choice of another value, by sheet and address.
Fixes = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Check:
    """``bad`` names every bad cell; ``lines`` what the good rows would do.

    ``last_columns``: by sheet, its last column in use; ``headers``: its header's row.
    ``notes`` are sentences on what was passed over; ``absent`` what the file does not name.
    """

    bad: tuple[BadCell, ...]
    lines: tuple[Line, ...]
    notes: tuple[str, ...]
    absent: tuple[str, ...]
    headers: Mapping[str, int]

    @property
    def counts(self) -> dict[str, int]:
        """Rows by action, bad cells as ``bad`` and rows that have one as ``bad_rows``."""
        counts = Counter(line.action.value for line in self.lines)
        bad_rows = {(bad.sheet, bad.row) for bad in self.bad}
        return {**counts, "bad": len(self.bad), "bad_rows": len(bad_rows)}


def check(
    importer: Importer, book: Book, desk: Desk, *, tell: Tell, fixes: Fixes | None = None
) -> Check:
    """Read, compare and plan. Raises DomainError when the workbook as a whole is unusable."""
    columns = importer.columns(desk)
    found = find_headers(book, columns)
    notes: list[str] = []
    entries = [
        entry
        for sheet, header in found
        for entry in _entries(sheet, header, columns, notes, fixes or {})
    ]
    if not entries:
        raise DomainError("表头下面没有数据行。请填写后再上传（示例行不导入）。")
    planned = list(importer.plan(desk, entries, tell))
    notes += importer.remarks(desk, entries)
    bad = [cell for entry in entries for cell in sorted(entry.bad, key=lambda each: each.column)]
    if len(bad) > MOST_BAD:
        raise DomainError(
            f"有问题的单元格超过{MOST_BAD}个，可能是列错位了。请对照模板核对表头后再上传。"
        )
    bad_rows = {(cell.sheet, cell.row) for cell in bad}
    lines = tuple(line for line in planned if (line.sheet, line.row) not in bad_rows)
    named = {sheet.name for sheet, _ in found}
    if left := [sheet.name for sheet in data_sheets(book) if sheet.name not in named]:
        notes.append(f"没有表头的工作表不导入：{'、'.join(left)}。")
    return Check(
        bad=tuple(bad),
        lines=lines,
        notes=tuple(notes),
        absent=() if bad else tuple(importer.absent(desk, lines)),
        headers={sheet.name: header.row for sheet, header in found},
    )


def _entries(
    sheet: Sheet, header: Header, columns: Sequence[Column], notes: list[str], fixes: Fixes
) -> Iterator[Entry]:
    if header.unknown:
        notes.append(f"工作表“{sheet.name}”中不认识的列不导入：{'、'.join(header.unknown[:20])}。")
    places = {column.key: (place, column) for place, column in header.places.items()}
    totals, hidden = [], []
    for number, cells in rows_of(sheet):
        if number <= header.row or _is_example(cells, header):
            continue
        named = {
            key: _fixed(sheet.name, number, place, cells, fixes)
            for key, (place, _) in places.items()
            if place in cells and key != SEQUENCE.key
        }
        if not named:
            continue
        if _is_total(cells):
            totals.append(number)
            continue
        if number in sheet.hidden_rows:
            hidden.append(number)
        yield _entry(sheet.name, number, places, named, columns)
    if totals:
        notes.append(f"工作表“{sheet.name}”的合计行不导入：第{_listed(totals)}行。")
    if hidden:
        notes.append(
            f"工作表“{sheet.name}”有{len(hidden)}行是隐藏的，也会导入：第{_listed(hidden)}行。"
            "不要导入的，请先删去。"
        )


def _entry(
    sheet: str,
    number: int,
    places: Mapping[str, tuple[int, Column]],
    cells: dict[str, Cell],
    columns: Sequence[Column],
) -> Entry:
    entry = Entry(sheet, number, places, cells)
    for column in columns:
        cell = cells.get(column.key)
        if cell is None:
            if column.filled:
                entry.refuse(column.key, BLANK)
            continue
        try:
            if isinstance(cell, Broken):
                raise Misread(cell.why)  # noqa: TRY301  (a formula without a result is read by no parser)
            entry.values[column.key] = column.parse(cell)
        except Misread as misread:
            entry.refuse(column.key, misread.expected, misread.nearest)
    return entry


def _fixed(sheet: str, number: int, place: int, cells: Mapping[int, Cell], fixes: Fixes) -> Cell:
    return fixes.get((sheet, address(number, place)), cells[place]) if fixes else cells[place]


def _is_example(cells: Mapping[int, Cell], header: Header) -> bool:
    place = header.place_of(SEQUENCE.key)
    return (
        place is not None and place in cells and plain_text(shown(cells[place])).startswith(EXAMPLE)
    )


def _is_total(cells: Mapping[int, Cell]) -> bool:
    first = shown(cells[min(cells)])
    return "".join(plain_text(first).split()).rstrip(":：") in _TOTALS


def _listed(numbers: Sequence[int]) -> str:
    more = f"等{len(numbers)}" if len(numbers) > _NAMED_ROWS else ""
    return "、".join(map(str, numbers[:_NAMED_ROWS])) + more
