"""Files that are no honest workbook: each is refused or read, with one clear sentence."""

from __future__ import annotations

import io
import os
import resource
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook
from pytest_django.fixtures import Settings

from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.importing import archive, cells, files, reader
from lawadvisor.foundation.importing.reader import read_workbook
from lawadvisor.foundation.models import BatchState
from tests.conftest import County
from tests.importing.books import at, book_of, brought_in, rezipped, with_part, with_shared_strings
from villages.models import Village

PLAIN = book_of(("镇街", "村名"), ("河口镇", "新桥村"))
SHEET = "xl/worksheets/sheet1.xml"


def with_entry(name: str, data: bytes) -> bytes:
    kept = io.BytesIO(PLAIN)
    with zipfile.ZipFile(kept, "a", zipfile.ZIP_DEFLATED) as book:
        book.writestr(name, data)
    return kept.getvalue()


def with_many_entries() -> bytes:
    kept = io.BytesIO(PLAIN)
    with zipfile.ZipFile(kept, "a") as book:
        for number in range(archive.MOST_ENTRIES):
            book.writestr(f"xl/media/{number}.png", b"x")
    return kept.getvalue()


def with_twins() -> bytes:
    """The second entry by another case: Windows takes both for one."""
    return with_entry(SHEET.upper(), b"<worksheet/>")


def with_link() -> bytes:
    entry = zipfile.ZipInfo("xl/link")
    entry.external_attr = 0o120777 << 16
    kept = io.BytesIO(PLAIN)
    with zipfile.ZipFile(kept, "a") as book:
        book.writestr(entry, "/etc/passwd")
    return kept.getvalue()


def with_lzma() -> bytes:
    kept = io.BytesIO(PLAIN)
    with zipfile.ZipFile(kept, "a") as book:
        book.writestr("xl/media/1.png", b"x" * 100, zipfile.ZIP_LZMA)
    return kept.getvalue()


def wrong_string(number: int) -> bytes:
    shared = with_shared_strings(PLAIN, "<si><t>镇街</t></si>" * 4)
    return with_part(shared, SHEET, lambda xml: xml.replace("<v>0</v>", f"<v>{number}</v>", 1))


def encrypted_entry() -> bytes:
    """The flag that says so, in both places where a zip keeps it."""
    content = bytearray(PLAIN)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1
    return bytes(content)


def strict() -> bytes:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return with_part(
        PLAIN,
        "xl/workbook.xml",
        lambda xml: xml.replace(main, "http://purl.oclc.org/ooxml/spreadsheetml/main"),
    )


def cut_sheet() -> bytes:
    return with_part(PLAIN, SHEET, lambda xml: xml[: xml.index("</sheetData>")])


def with_entities() -> bytes:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    return with_part(PLAIN, SHEET, lambda xml: bomb + xml)


def without(part: str) -> bytes:
    return rezipped(PLAIN, lambda name, data: [] if name == part else [(name, data)])


def too_wide() -> bytes:
    return book_of(["列"] * (cells.MOST_COLUMNS + 1))


def too_many_merges() -> bytes:
    merges = "".join(f'<mergeCell ref="A{n}:B{n}"/>' for n in range(1, cells.MOST_MERGES + 2))
    return with_part(
        PLAIN,
        SHEET,
        lambda xml: xml.replace("</sheetData>", f"</sheetData><mergeCells>{merges}</mergeCells>"),
    )


def too_many_sheets() -> bytes:
    def more(book: Workbook) -> None:
        for number in range(cells.MOST_SHEETS):
            book.create_sheet(f"表{number}")

    return book_of(("镇街", "村名"), more=more)


def no_number() -> bytes:
    return with_part(
        book_of(("镇街", 5)), SHEET, lambda xml: xml.replace("<v>5</v>", "<v>five</v>")
    )


OLE = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600
HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "文件是空的"),
    "csv": ("镇街,村名\n河口镇,新桥村\n".encode, "其实是文本（如 CSV）"),
    "csv in gbk": (lambda: "镇街,村名\n河口镇,新桥村\n".encode("gbk"), "其实是文本（如 CSV）"),
    "html": (lambda: b"\xef\xbb\xbf\n<html><table></table></html>", "其实是网页"),
    "xls": (lambda: OLE, "旧的 .xls 格式"),
    "encrypted": (lambda: OLE + "EncryptedPackage".encode("utf-16-le"), "设有打开密码"),
    "encrypted entry": (encrypted_entry, "设有打开密码"),
    "picture": (lambda: b"\x89PNG\r\n\x1a\n\0\0\0\0", "不是 Excel 工作簿"),
    "word": (lambda: without("xl/workbook.xml"), "不是 Excel 工作簿"),
    "truncated": (lambda: PLAIN[: len(PLAIN) // 2], "不完整或已损坏"),
    "cut sheet": (cut_sheet, "不完整或已损坏"),
    "damaged part": (lambda: PLAIN.replace(b"xl/styles.xml", b"xl/stylez.xml", 1), "已损坏"),
    "no relations": (lambda: without("xl/_rels/workbook.xml.rels"), "不完整或已损坏"),
    "no sheet": (lambda: without(SHEET), "不完整或已损坏"),
    "no number": (no_number, "不完整或已损坏"),
    "no such string": (lambda: wrong_string(99), "不完整或已损坏"),
    "string before the first": (lambda: wrong_string(-1), "不完整或已损坏"),
    "lzma": (with_lzma, "不是 Excel 工作簿"),
    "entities": (with_entities, "不完整或已损坏"),
    "strict": (strict, "Strict Open XML"),
    "many entries": (with_many_entries, "最多200个"),
    "twins": (with_twins, "重名的部分"),
    "link": (with_link, "不是 Excel 工作簿"),
    "bomb": (lambda: with_entry("xl/media/bomb.xml", b"\0" * 90_000_000), "解压后过大"),
    "huge": (lambda: with_entry("xl/a.xml", b"\0" * 60_000_000 * 2), "解压后过大"),
    "too wide": (too_wide, "超过200列"),
    "merges": (too_many_merges, "合并单元格超过10000处"),
    "sheets": (too_many_sheets, "最多50个"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_each_is_refused_with_its_sentence(name: str, tmp_path: Path):
    make, sentence = HOSTILE[name]
    path = at(tmp_path, make())

    with pytest.raises(DomainError, match=sentence) as refusal:
        read_workbook(path)
    assert str(refusal.value).endswith(("。", "）"))


def test_too_many_rows_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reader, "MOST_ROWS", 3)
    with pytest.raises(DomainError, match="分成几个文件"):
        read_workbook(at(tmp_path, book_of(*[("村", 1)] * 4)))


def test_too_many_cells_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reader, "MOST_CELLS", 5)
    with pytest.raises(DomainError, match="分成几个文件"):
        read_workbook(at(tmp_path, book_of(*[("村", 1)] * 3)))


def test_a_workbook_that_takes_too_long_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(reader, "LONGEST", -1.0)
    with pytest.raises(DomainError, match="过于复杂"):
        read_workbook(at(tmp_path, PLAIN))


def test_millions_of_empty_cells_take_no_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Sixty megabytes of them, no row of which packs by its neighbour: deflate sees 32 KB back."""
    monkeypatch.setattr(reader, "LONGEST", 600.0)
    row = "".join(f'<c s="{digit}"/>' for digit in os.urandom(4000))
    dense = with_part(
        PLAIN,
        SHEET,
        lambda xml: xml.replace("</sheetData>", f"<row>{row}</row>" * 1200 + "</sheetData>"),
    )
    path, used = at(tmp_path, dense), _peak()

    assert len(read_workbook(path).sheets[0].rows) == 2
    assert _peak() - used < 100 * 1024


def _peak() -> int:
    """Kilobytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def test_macros_and_links_to_other_files_are_passed_over(tmp_path: Path):
    content = rezipped(
        PLAIN,
        lambda name, data: [
            (name, data),
            *(
                [("xl/vbaProject.bin", OLE), ("xl/externalLinks/externalLink1.xml", b"<x/>")]
                if name == SHEET
                else []
            ),
        ],
    )
    book = read_workbook(at(tmp_path, content))
    assert [sheet.rows[2] for sheet in book.sheets] == [{1: "河口镇", 2: "新桥村"}]


@pytest.mark.django_db
def test_what_no_database_keeps_is_left_out(county: County, tmp_path: Path, settings: Settings):
    settings.MEDIA_ROOT = tmp_path
    content = book_of(
        ("镇街", "村名", "备_x0000__xD800_注"), ("河_x0000_口", "新桥_xDFFF_村_xFFFF_")
    )
    batch = brought_in(county.bureau_user, county.bureau, "villages", content)
    assert [bad["found"] for bad in batch.findings["bad"]] == ["河口"]
    assert "备注" in batch.findings["notes"][0]


def test_hidden_sheets_are_not_read(tmp_path: Path):
    def more(book: Workbook) -> None:
        book.create_sheet("选项").append(["镇街", "村名"])
        book["选项"].sheet_state = "hidden"

    book = read_workbook(at(tmp_path, book_of(("镇街", "村名"), more=more)))
    assert [sheet.name for sheet in book.sheets] == ["名册"]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["csv", "truncated", "bomb", "strict"])
def test_a_refused_file_is_a_batch_with_a_sentence_and_writes_nothing(
    name: str, county: County, tmp_path: Path, settings: Settings
):
    settings.MEDIA_ROOT = tmp_path
    make, sentence = HOSTILE[name]
    before = Village.objects.count()

    batch = brought_in(county.bureau_user, county.bureau, "villages", make())
    assert (batch.state, sentence in batch.note) == (BatchState.REFUSED, True)
    assert Village.objects.count() == before


def test_a_file_beyond_the_largest_size_is_not_even_kept(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(files, "LARGEST_FILE", 10)
    with pytest.raises(DomainError, match="超过50MB"):
        files.keep([b"123456", b"123456"])
    assert list((tmp_path / "imports").iterdir()) == []
    monkeypatch.setattr(archive, "LARGEST_FILE", 10)
    with pytest.raises(DomainError, match="超过50MB"):
        read_workbook(at(tmp_path, PLAIN))
