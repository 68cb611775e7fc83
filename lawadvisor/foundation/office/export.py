"""A list as a workbook: what the filter shows, who took it, when, and an audit row."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, NamedTuple

from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import FileResponse, HttpRequest
from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from lawadvisor.foundation import audit
from lawadvisor.foundation.office import cells
from lawadvisor.foundation.plain_text import plain
from lawadvisor.foundation.requests import address_of, viewer_of
from lawadvisor.foundation.sheets import FORMULA_STARTS
from lawadvisor.foundation.viewer import Actor, Viewer

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Rows that are held at a time.
_CHUNK = 2000
#: Up to here a workbook stays in memory (bytes).
_IN_MEMORY = 5_000_000
_ALL = "全部"


class Listing(NamedTuple):
    """What is exported: a list's columns and rows, and what was asked of it in words."""

    office: cells.Office
    columns: tuple[Any, ...]
    rows: QuerySet[Any]
    asked: tuple[str, ...]

    @property
    def name(self) -> str:
        return str(self.office.opts.verbose_name_plural)


@dataclass(frozen=True, slots=True)
class _Note:
    """The last sheet: whose workbook this is."""

    name: str
    by: str
    at: datetime
    asked: tuple[str, ...]
    count: int

    def lines(self) -> Iterator[tuple[str, str | int]]:
        yield "内容", self.name
        yield "筛选条件", "；".join(self.asked) or _ALL
        yield "行数", self.count
        yield "导出人", self.by
        yield "导出时间", f"{self.at:%Y-%m-%d %H:%M}"
        yield "说明", "内容以导出人当时可查看的范围为准。含个人信息的文件请妥善保管，用完删除。"


def send(request: HttpRequest, listing: Listing) -> FileResponse:
    """The workbook as a download. An audit row says who took how many rows of what."""
    viewer, now = viewer_of(request), timezone.localtime()
    file = _room()
    count = write(file, listing, by=viewer.name, at=now)
    with transaction.atomic():
        audit.record(
            by=Actor(viewer.user_id, viewer.name, address_of(request)),
            verb="list.export",
            subject=listing.office.model,
            bureau_id=_only_bureau(viewer),
            after={"rows": count, "asked": list(listing.asked) or [_ALL]},
        )
    file.seek(0)
    name = f"{listing.name}{now:%Y%m%d-%H%M}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name, content_type=MEDIA_TYPE)


def _room() -> IO[bytes]:
    return tempfile.SpooledTemporaryFile(_IN_MEMORY)


def _only_bureau(viewer: Viewer) -> int | None:
    return next(iter(viewer.bureaus)) if len(viewer.bureaus) == 1 else None


def write(file: IO[bytes], listing: Listing, *, by: str, at: datetime) -> int:
    """Write the workbook row by row; how many rows there were."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_sheet_name(listing.name))
    titles = [cells.title(listing.office, name) for name in listing.columns]
    for number, title in enumerate(titles, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = max(12, 3 * len(title))
    sheet.freeze_panes = "B2"
    sheet.append([_heading(sheet, title) for title in titles])
    count, readers = 0, [cells.reader(listing.office, name) for name in listing.columns]
    for row in _read(listing.rows):
        count += 1
        sheet.append([_cell(sheet, read(row)) for read in readers])
    note = book.create_sheet("导出说明")
    note.column_dimensions["A"].width, note.column_dimensions["B"].width = 12, 80
    for label, value in _Note(listing.name, by, at, listing.asked, count).lines():
        note.append([_heading(note, label), _cell(note, value)])
    book.save(file)
    return count


def _read(rows: QuerySet[Any]) -> Iterable[Model]:
    return rows.iterator(chunk_size=_CHUNK)


def _sheet_name(name: str) -> str:
    return name.replace("/", "、")[:31]


def _heading(sheet: Any, title: str) -> Any:
    cell = WriteOnlyCell(sheet, plain(title))
    cell.font = Font(bold=True)
    return cell


def _cell(sheet: Any, value: cells.Plain) -> Any:
    """A text stays a text whatever it begins with (the rule of ``sheets``)."""
    if not isinstance(value, str):
        return value
    value = plain(value)
    if not value.startswith((*FORMULA_STARTS, "#")):
        return value
    cell = WriteOnlyCell(sheet, value)
    cell.data_type, cell.quotePrefix = "s", True
    return cell
