"""Papers as files: written once, named by what they hold, never half there."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.conf import settings

from assessments.enums import FileFormat, ReportKey
from assessments.models import GeneratedFile, MonthClose
from assessments.reports import collect
from lawadvisor.foundation import paper, sheets, snapshot
from lawadvisor.foundation.files import write_whole
from lawadvisor.foundation.tables import Document

RENDERERS = {
    FileFormat.PDF: paper.render,
    FileFormat.XLSX: sheets.write,
    FileFormat.JSON: snapshot.freeze,
}
CONTENT_TYPES = {
    FileFormat.PDF: "application/pdf",
    FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileFormat.JSON: "application/json",
}


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
    write_whole(_path(checksum, form), content)
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
