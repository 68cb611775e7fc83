"""All kept papers of a closed month in one ZIP, with names that a clerk understands."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from typing import IO

from django.db import transaction

from assessments.desk import file_name
from assessments.enums import FileFormat
from assessments.models import GeneratedFile, MonthClose
from assessments.papers import path_of
from lawadvisor.foundation import audit
from lawadvisor.foundation.viewer import Actor, Viewer

#: Up to so many bytes it is put together in memory.
_IN_MEMORY = 8 * 1024 * 1024
_LIST = "目录.txt"


@transaction.atomic
def bundle(*, close: MonthClose, viewer: Viewer, by: Actor) -> tuple[IO[bytes], str]:
    """The ZIP, at its beginning, and what to call it; the taking of it is audited.

    Files are stored as they are, for they are packed already. A file that is gone is named in
    the list and missing from the ZIP.
    """
    label = f"{close.bureau.name}{close.period.label}"
    revision = f"（第{close.revision}版）" if close.revision > 1 else ""
    target = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 the answer closes it
    lines, count = [f"{label}报表{revision}", ""], 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for file in _newest(close, viewer):
            name = f"{_folder(file)}/{file.report} {file_name(file)}"
            try:
                archive.write(path_of(file), name)
            except FileNotFoundError:
                lines.append(f"{name}　文件缺失，请联系管理员")
                continue
            count += 1
            lines.append(f"{name}　SHA-256 {file.checksum}")
        archive.writestr(_LIST, "\r\n".join(lines).encode("utf-8-sig"))
    audit.record(
        by=by,
        verb="papers.take",
        subject=close,
        bureau_id=close.bureau_id,
        after={"files": count, "month": close.period.code},
    )
    target.seek(0)
    return target, f"{label}报表{revision}.zip"


def _newest(close: MonthClose, viewer: Viewer) -> Iterator[GeneratedFile]:
    """The newest version of each paper, the bureau's own first, then by township and report."""
    files = GeneratedFile.objects.visible_to(viewer).filter(close=close)
    papers = files.exclude(format=FileFormat.JSON).select_related("township", "close__bureau")
    kept: dict[tuple[int | None, str, str], GeneratedFile] = {}
    for file in papers.order_by("version"):
        kept[file.township_id, file.report, file.format] = file
    yield from sorted(kept.values(), key=_place_in_order)


def _place_in_order(file: GeneratedFile) -> tuple[str, int, str]:
    code = file.township.code if file.township else ""
    return code, int(file.report[1:]), file.format


def _folder(file: GeneratedFile) -> str:
    return file.township.name if file.township else "全局"
