"""Papers under readable names."""

from __future__ import annotations

from hashlib import sha256

import pytest

from assessments.enums import FileFormat
from assessments.papers import path_of
from lawadvisor.demo.shelf import lay_out
from tests import factories


@pytest.fixture
def close(db: None, settings, tmp_path):
    settings.VAR_DIR, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"
    bureau = factories.make_bureau(name="甲县司法局")
    close = factories.make_close(policy=factories.make_policy(bureau=bureau))
    township = factories.make_township(bureau=bureau, name="乙/镇")
    for fields in ({}, {"township": township}, {"township": township, "format": FileFormat.XLSX}):
        _write(close, **fields)
    return close


def _write(close, **fields):
    content = repr(sorted(fields)).encode()
    file = factories.make_file(close=close, checksum=sha256(content).hexdigest(), **fields)
    path_of(file).parent.mkdir(parents=True, exist_ok=True)
    path_of(file).write_bytes(content)


def test_papers_are_linked_under_bureau_month_and_township(close, tmp_path):
    shelf = lay_out(close)
    assert shelf.folder == tmp_path / "papers" / "甲县司法局" / "2026-10"
    assert (shelf.pdfs, shelf.workbooks) == (2, 1)
    assert sorted(path.name for path in shelf.folder.iterdir()) == [
        "乙_镇 R1 月度工作汇总表.pdf",
        "乙_镇 R1 月度工作汇总表.xlsx",
        "甲县司法局 R1 月度工作汇总表.pdf",
    ]
    assert all(path.stat().st_nlink == 2 for path in shelf.folder.iterdir())


def test_a_second_time_changes_nothing_and_repairs_what_was_changed(close):
    folder = lay_out(close).folder
    before = {path.name: path.stat().st_ino for path in folder.iterdir()}
    spoiled = folder / "乙_镇 R1 月度工作汇总表.pdf"
    spoiled.unlink()
    spoiled.write_bytes(b"half")
    lay_out(close)
    assert {path.name: path.stat().st_ino for path in folder.iterdir()} == before
