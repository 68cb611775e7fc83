"""May this file be opened as a workbook? Whatever it is instead, one sentence says so."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

from lawadvisor.foundation.errors import DomainError

MEGABYTE = 1024 * 1024
LARGEST_FILE = 50 * MEGABYTE
MOST_ENTRIES = 200
MOST_UNPACKED = 100 * MEGABYTE
#: Unpacked by packed. Below ``_WORTH_A_LOOK`` bytes a ratio says nothing: blanks pack well.
HIGHEST_RATIO = 100
_WORTH_A_LOOK = MEGABYTE

SAVE_AS = "请用 Excel 或 WPS 打开，另存为“Excel 工作簿（*.xlsx）”后再上传。"
NOT_A_WORKBOOK = f"文件不是 Excel 工作簿。{SAVE_AS}"
BROKEN = "文件不完整或已损坏，可能没有传完。请重新保存后再上传。"
TOO_LARGE = f"文件超过{LARGEST_FILE // MEGABYTE}MB，不能上传。请删去图片，或分成几个文件。"
LOCKED = "文件设有打开密码。请去掉密码后再上传。"
TOO_PACKED = "文件解压后过大，不能打开。请只保留要导入的表，另存后再上传。"
STRICT = "文件是“Strict Open XML”格式，不能读取。请另存为普通的“Excel 工作簿（*.xlsx）”后再上传。"

#: No spreadsheet packs otherwise.
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def open_archive(path: Path) -> zipfile.ZipFile:
    """The workbook's archive, checked by its directory alone: nothing is unpacked yet.

    Raises DomainError for whatever is no workbook, or is one that would not fit.
    """
    if path.stat().st_size > LARGEST_FILE:
        raise DomainError(TOO_LARGE)
    _check_beginning(path)
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise DomainError(BROKEN) from error
    try:
        _check_entries(archive, path.stat().st_size)
    except DomainError:
        archive.close()
        raise
    return archive


def _check_beginning(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(4096)
        if head.startswith(b"PK"):
            return
        if not head:
            raise DomainError("文件是空的。请选择填好的 Excel 工作簿。")
        if head.startswith(_OLE):
            raise DomainError(LOCKED if _ENCRYPTED in head + file.read(MEGABYTE) else _OLD)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta")):
        raise DomainError(f"文件其实是网页，不是 Excel 工作簿。{SAVE_AS}")
    if b"\0" not in head:
        raise DomainError(f"文件其实是文本（如 CSV），不是 Excel 工作簿。{SAVE_AS}")
    raise DomainError(NOT_A_WORKBOOK)


_OLD = f"文件是旧的 .xls 格式。{SAVE_AS}"


def _check_entries(archive: zipfile.ZipFile, packed: int) -> None:
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    if len(entries) > MOST_ENTRIES:
        raise DomainError(
            f"文件内有{len(entries)}个部分，最多{MOST_ENTRIES}个。"
            "请只保留要导入的表，另存后再上传。"
        )
    if len({name.lower() for name in names}) < len(names):
        raise DomainError("文件内部有重名的部分，不是正常的 Excel 工作簿。请另存后再上传。")
    if any(stat.S_ISLNK(entry.external_attr >> 16) for entry in entries):
        raise DomainError(NOT_A_WORKBOOK)
    if any(entry.flag_bits & 1 for entry in entries):
        raise DomainError(LOCKED)
    if any(entry.compress_type not in _PACKINGS for entry in entries):
        raise DomainError(NOT_A_WORKBOOK)
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MOST_UNPACKED or _too_dense(unpacked, packed):
        raise DomainError(TOO_PACKED)
    if any(_too_dense(entry.file_size, entry.compress_size) for entry in entries):
        raise DomainError(TOO_PACKED)
    if "xl/workbook.xml" not in names:
        raise DomainError(NOT_A_WORKBOOK)


def _too_dense(unpacked: int, packed: int) -> bool:
    return unpacked > _WORTH_A_LOOK and unpacked > HIGHEST_RATIO * max(packed, 1)
