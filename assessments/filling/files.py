"""Blank and filled forms on the disk, named by what they hold, and how a blank looks beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import NamedTuple

from django.conf import settings

from lawadvisor.foundation.blanks import LARGEST_BLANK, TOO_LARGE, Layout, layout_of, look
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.files import write_whole


class Kept(NamedTuple):
    checksum: str
    size: int


def keep_blank(chunks: Iterable[bytes]) -> Kept:
    """Look at an uploaded form and keep it; DomainError for one that cannot be filled."""
    content = b""
    for chunk in chunks:
        content += chunk
        if len(content) > LARGEST_BLANK:
            raise DomainError(TOO_LARGE, field="file")
    with NamedTemporaryFile(suffix=".xlsx") as draft:
        draft.write(content)
        draft.flush()
        looked = look(Path(draft.name))
    if not any(sheet.rows for sheet in layout_of(looked).sheets):
        raise DomainError("空白表里没有看得见的内容，请核对后再上传。", field="file")
    kept = keep(content)
    write_whole(path_of(kept.checksum).with_suffix(".json"), looked)
    return kept


def keep(content: bytes) -> Kept:
    checksum = hashlib.sha256(content).hexdigest()
    write_whole(path_of(checksum), content)
    return Kept(checksum, len(content))


def path_of(checksum: str) -> Path:
    return Path(settings.MEDIA_ROOT) / "forms" / checksum[:2] / f"{checksum}.xlsx"


def layout(checksum: str) -> Layout:
    """How a kept blank looks. OSError where its file is gone."""
    return _layout(path_of(checksum).with_suffix(".json"))


@lru_cache(maxsize=8)
def _layout(path: Path) -> Layout:
    return layout_of(path.read_bytes())
