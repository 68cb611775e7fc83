"""The papers of a close under names that a person can read.

The files themselves are named by checksum below the media folder; here they
are linked, so nothing is stored twice where the file system can link.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from assessments.enums import FileFormat, ReportKey
from assessments.models import GeneratedFile, MonthClose

#: What no file system likes in a name.
_FORBIDDEN = str.maketrans(dict.fromkeys('/\\:*?"<>|', "_"))


class Shelf(NamedTuple):
    """``folder`` holds the papers of one bureau and month."""

    folder: Path
    pdfs: int
    workbooks: int


def lay_out(close: MonthClose) -> Shelf:
    """Link every paper of the close; what is there with the same content stays untouched."""
    folder = settings.VAR_DIR / "papers" / _clean(close.bureau.name) / close.period.code
    folder.mkdir(parents=True, exist_ok=True)
    files = list(
        close.files.exclude(format=FileFormat.JSON).select_related("township", "close__bureau")
    )
    for file in files:
        _put(file, folder / _name(file))
    pdfs = sum(file.format == FileFormat.PDF for file in files)
    return Shelf(folder, pdfs, len(files) - pdfs)


def _name(file: GeneratedFile) -> str:
    """``蒸湘街道 R1 月度工作汇总表.pdf``."""
    place = file.township.name if file.township else file.close.bureau.name
    title = f"{place} {file.report} {ReportKey(file.report).label}"
    return f"{_clean(title)}.{file.format}"


def _clean(name: str) -> str:
    return name.translate(_FORBIDDEN)


def _put(file: GeneratedFile, target: Path) -> None:
    """Leave what is right already; anything else under the name is replaced."""
    if target.exists() and hashlib.sha256(target.read_bytes()).hexdigest() == file.checksum:
        return
    from assessments.papers import path_of  # brings the print shop along, which takes a second

    _link(path_of(file), target)


def _link(source: Path, target: Path) -> None:
    """Put the file in place in one step; a copy where the two lie on different disks."""
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".") as folder:
        draft = Path(folder) / target.name
        try:
            os.link(source, draft)
        except OSError:
            shutil.copyfile(source, draft)
        draft.replace(target)
