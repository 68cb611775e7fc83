"""Workbooks for tests, made by openpyxl or put together by hand."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Sequence
from itertools import count
from pathlib import Path

from django.utils import timezone
from openpyxl import Workbook, load_workbook

from advisors.viewers import viewer_for
from lawadvisor.accounts.models import User
from lawadvisor.foundation.importing import batches
from lawadvisor.foundation.importing.plans import Desk, importers
from lawadvisor.foundation.importing.templates import write_template
from lawadvisor.foundation.models import ImportBatch
from tests.conftest import County
from villages.models import Bureau


def book_of(*rows: Sequence[object], title: str = "名册", more: Callable | None = None) -> bytes:
    """One sheet with these rows; ``more`` is given the workbook before it is saved."""
    book = Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    if more is not None:
        more(book)
    return saved(book)


def saved(book: Workbook) -> bytes:
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def opened(content: bytes) -> Workbook:
    return load_workbook(io.BytesIO(content))


def rezipped(content: bytes, change: Callable[[str, bytes], Iterable[tuple[str, bytes]]]) -> bytes:
    """The archive with each entry as ``change`` gives it back."""
    kept = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            for entry, data in change(name, old.read(name)):
                new.writestr(entry, data)
    return kept.getvalue()


def with_part(content: bytes, part: str, change: Callable[[str], str]) -> bytes:
    """One part of the archive rewritten as text."""
    return rezipped(
        content,
        lambda name, data: [
            (name, change(data.decode()).encode() if name == part else data),
        ],
    )


def with_shared_strings(content: bytes, shared: str) -> bytes:
    """The sheet's texts, one after the other, replaced by the items of a table as Excel has it."""
    numbers = count()
    sheet = re.compile(r't="inlineStr"><is><t>[^<]*</t></is>')
    changed = with_part(
        content,
        "xl/worksheets/sheet1.xml",
        lambda xml: sheet.sub(lambda _: f't="s"><v>{next(numbers)}</v>', xml),
    )
    table = f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{shared}</sst>'
    part = "xl/sharedStrings.xml"
    others = rezipped(changed, lambda name, data: [] if name == part else [(name, data)])
    kept = io.BytesIO(others)
    with zipfile.ZipFile(kept, "a", zipfile.ZIP_DEFLATED) as book:
        book.writestr(part, table)
    return kept.getvalue()


def at(folder: Path, content: bytes) -> Path:
    path = folder / "book.xlsx"
    path.write_bytes(content)
    return path


def brought_in(
    user: User, bureau: Bureau, kind: str, content: bytes, name: str = "名册.xlsx"
) -> ImportBatch:
    """The file uploaded and checked."""
    return batches.open_batch(
        by=user.as_actor(),
        bureau_id=bureau.pk,
        kind=kind,
        file_name=name,
        chunks=[content],
    )


def confirmed(user: User, batch: ImportBatch, *, partial: bool = False) -> ImportBatch:
    return batches.confirm(by=user.as_actor(), batch=batch, digest=batch.digest, partial=partial)


def exported(county: County, kind: str) -> bytes:
    """What the county's bureau takes out."""
    importer = importers()[kind]
    desk = Desk(county.bureau.pk, county.bureau_user.as_actor(), timezone.now())
    return write_template(
        importer, importer.columns(desk), importer.rows(desk, viewer_for(county.bureau_user))
    )


def said_of(batch: ImportBatch) -> list[tuple[str, str, str]]:
    """Address, what was expected and the nearest value of every bad cell."""
    return [(bad["address"], bad["expected"], bad["nearest"]) for bad in batch.findings["bad"]]
