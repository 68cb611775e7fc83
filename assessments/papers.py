"""Papers as files: written once, named by what they hold, never half there."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from pathlib import Path

from django.conf import settings

from assessments.enums import FileFormat, ReportKey
from assessments.models import GeneratedFile, MonthClose
from assessments.reports import collect
from lawadvisor.foundation import paper, sheets, snapshot
from lawadvisor.foundation.tables import Document

RENDERERS = {
    FileFormat.PDF: paper.render,
    FileFormat.XLSX: sheets.write,
    FileFormat.JSON: snapshot.freeze,
}
# No paper is written for so long, seconds: its worker was killed.
_DRAFT_LIFE = 24 * 3600


def write_paper(
    *, close: MonthClose, township_id: int | None, report: ReportKey
) -> list[GeneratedFile]:
    """Render one report of a close in every format that is not there yet.

    ``township_id`` None writes the bureau's own paper. Returns the new files;
    a paper that is ready is not rendered again.
    """
    ready = set(
        GeneratedFile.objects.filter(close=close, township=township_id, report=report).values_list(
            "format", flat=True
        )
    )
    missing = [form for form in FileFormat if form not in ready]
    if not missing:
        return []
    document = collect(report, close, township_id)
    return [
        _keep(close, township_id, report, form, document)
        for form in missing
        if _printable(form, document)
    ]


def document_of(close: MonthClose, township_id: int | None, report: ReportKey) -> Document:
    """The report as it was written: later records change no closed month.

    While the close still works on this paper it is collected as it will be.
    """
    kept = GeneratedFile.objects.filter(
        close=close, township=township_id, report=report, format=FileFormat.JSON
    ).first()
    if kept is None:
        return collect(report, close, township_id)
    return snapshot.thaw(path_of(kept).read_bytes())


def path_of(file: GeneratedFile) -> Path:
    return _path(file.checksum, FileFormat(file.format))


def _printable(form: FileFormat, document: Document) -> bool:
    """A table too long to be read on paper is kept as a workbook only."""
    return form is not FileFormat.PDF or document.row_count <= paper.ROW_LIMIT


def _keep(
    close: MonthClose,
    township_id: int | None,
    report: ReportKey,
    form: FileFormat,
    document: Document,
) -> GeneratedFile:
    content = RENDERERS[form](document)
    checksum = hashlib.sha256(content).hexdigest()
    _write_whole(_path(checksum, form), content)
    return GeneratedFile.objects.create(
        close=close,
        township_id=township_id,
        report=report,
        format=form,
        checksum=checksum,
        size=len(content),
    )


def _path(checksum: str, form: FileFormat) -> Path:
    return Path(settings.MEDIA_ROOT) / "papers" / checksum[:2] / f"{checksum}.{form.value}"


def _write_whole(path: Path, content: bytes) -> None:
    """All of it or nothing: a file appears under its name only when it is on the disk.

    The folders follow, so that a power cut takes no name that a committed row
    holds. A worker killed after this and before its commit leaves a file that no
    row names; the next try writes the same bytes under the same name.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep_drafts(path.parent)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".draft-", delete=False) as draft:
        draft.write(content)
        draft.flush()
        os.fchmod(draft.fileno(), 0o640)  # a draft is made for its owner alone
        os.fsync(draft.fileno())
    Path(draft.name).replace(path)
    for folder in (path.parent, path.parent.parent):
        _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sweep_drafts(folder: Path) -> None:
    """Delete what workers left that were killed while they wrote, at least a day ago."""
    for draft in folder.glob(".draft-*"):
        try:
            if draft.stat().st_mtime < time.time() - _DRAFT_LIFE:
                draft.unlink()
        except FileNotFoundError:
            pass  # another worker swept it
