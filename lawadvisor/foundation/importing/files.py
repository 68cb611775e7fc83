"""Uploaded workbooks on disk, named by what they hold, and how far a long job has come."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.conf import settings

from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.importing.archive import LARGEST_FILE, TOO_LARGE

#: Uploads hold personal data: after so many days only the batch's row is left.
KEPT_DAYS = 30
_DAY = 24 * 3600
#: A progress note this old is of a job that died.
_STALE = 600


def keep(chunks: Iterable[bytes]) -> tuple[str, int]:
    """Store what comes; its SHA-256 and size. Raises DomainError beyond the largest size."""
    digest = hashlib.sha256()
    size = 0
    handle, draft = tempfile.mkstemp(dir=_folder(), prefix=".draft-")
    try:
        with os.fdopen(handle, "wb") as file:
            for chunk in _bounded(chunks):
                size += file.write(chunk)
                digest.update(chunk)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(path_of(digest.hexdigest()))
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    return digest.hexdigest(), size


def _bounded(chunks: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > LARGEST_FILE:
            raise DomainError(TOO_LARGE)
        yield chunk


def path_of(checksum: str) -> Path:
    return _folder() / f"{checksum}.xlsx"


def forget_old() -> int:
    """Delete what is older than ``KEPT_DAYS``; how many files went."""
    limit = time.time() - KEPT_DAYS * _DAY
    old = [path for path in _folder().iterdir() if path.stat().st_mtime < limit]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def note_progress(batch_id: int, done: int, total: int) -> None:
    """Say how far a job is. Outside its transaction: what is written in it nobody else sees."""
    path = _progress(batch_id)
    draft = path.with_suffix(".draft")
    draft.write_text(f"{done}/{total}", encoding="ascii")
    draft.replace(path)


def progress_of(batch_id: int) -> tuple[int, int] | None:
    """Rows done of rows in all; None when no job has said so lately."""
    path = _progress(batch_id)
    try:
        if time.time() - path.stat().st_mtime > _STALE:
            return None
        done, _, total = path.read_text(encoding="ascii").partition("/")
        return int(done), int(total)
    except (OSError, ValueError):
        return None


def end_progress(batch_id: int) -> None:
    _progress(batch_id).unlink(missing_ok=True)


def _progress(batch_id: int) -> Path:
    return _folder() / f"progress-{int(batch_id)}"


def _folder() -> Path:
    folder = Path(settings.MEDIA_ROOT) / "imports"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
