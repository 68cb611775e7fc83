"""Files that are whole or not there: what a committed row names is on the disk."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

#: Nothing is written for so long, seconds: who began it was killed.
_DRAFT_LIFE = 24 * 3600


def write_whole(path: Path, content: bytes) -> None:
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
