"""The PDF: read back as text, looked at as a picture, and refused what it must not fetch."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from django.test import override_settings
from PIL import Image, ImageChops, ImageDraw, ImageFont, ImageOps

from lawadvisor.foundation import fontcut, fonts, paper
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.tables import Document, cells
from tests.foundation.sample_report import RARE, report

MADE = datetime(2026, 11, 3, 9, 30)  # noqa: DTZ001


@pytest.fixture(scope="module")
def var(places: fonts.Places, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A var folder of our own: some tests cut more characters in."""
    folder = tmp_path_factory.mktemp("papers")
    shutil.copytree(places.cut, folder / "fonts")
    return folder


@pytest.fixture(autouse=True)
def _own_fonts(settings, var: Path) -> None:
    settings.VAR_DIR, settings.FONTS_DIR = var, None


@pytest.fixture
def template(settings):
    """Put templates in the place of the project's."""

    def put(**sources: str) -> None:
        loader = (
            "django.template.loaders.locmem.Loader",
            {f"{name}.html": text for name, text in sources.items()},
        )
        settings.TEMPLATES = [{
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {"loaders": [loader]},
        }]  # fmt: skip

    return put


def run(*command: str, data: bytes) -> bytes:
    return subprocess.run(command, input=data, capture_output=True, check=True, timeout=60).stdout


def pages(pdf: bytes) -> list[str]:
    text = run("pdftotext", "-layout", "-", "-", data=pdf).decode()
    return text.split("\f")[:-1]


@pytest.fixture(scope="module")
def long_report() -> Document:
    return report(60, watermark="未关账")


@pytest.fixture(scope="module")
def long_pdf(long_report: Document, var: Path) -> bytes:
    with override_settings(VAR_DIR=var, FONTS_DIR=None):
        return paper.render(long_report)


def test_every_cell_of_three_pages_comes_back_as_text(
    long_report: Document, long_pdf: bytes
) -> None:
    assert len(pages(long_pdf)) == 3
    lines = [line.split() for page in pages(long_pdf) for line in page.splitlines()]
    rows: dict[int | None, list[str]] = {}
    for cell in cells(long_report):
        rows.setdefault(cell.row, []).append(cell.display)
    shown = [list(filter(None, row)) for row in rows.values()]
    # The watermark is text too and may stand in a row's line.
    clean = [[w for w in line if not set(w) <= set("未关账")] for line in lines]
    assert [row for row in shown if row in clean] == shown


def test_each_page_repeats_the_header_and_counts_the_pages(long_pdf: bytes) -> None:
    for number, page in enumerate(pages(long_pdf), start=1):
        assert {"序号", "村名", "现场时长", "计入/全部", "备注"} <= set(page.split())
        assert f"第{number}页共3页" in re.sub(r"\s+", "", page)
        assert "生成时间：2026-11-03 09:30" in page


def test_signatures_stand_together_on_the_last_page(long_report: Document, long_pdf: bytes) -> None:
    *first, last = pages(long_pdf)
    signed = "填报人：审核人：报送日期：（盖章）"
    assert signed in re.sub(r"\s+", "", last)
    assert not any("填报人：" in page for page in first)
    assert long_report.seal in last


def test_all_fonts_are_embedded_and_ours(long_pdf: bytes, tmp_path: Path) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(long_pdf)
    lines = run("pdffonts", str(file), data=b"").decode().splitlines()[2:]
    assert {line.split()[0].split("+")[1].split("-")[1] for line in lines} == set(fonts.STYLES)
    assert all(re.search(r"\byes yes yes\b", line) for line in lines)


def test_the_same_document_gives_the_same_bytes_in_another_process(var: Path) -> None:
    script = (
        "import sys, django; django.setup();"
        "from tests.foundation.sample_report import report;"
        "from lawadvisor.foundation import paper;"
        "sys.stdout.buffer.write(paper.render(report(3)))"
    )
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "lawadvisor.settings",
           "LAWADVISOR_VAR": str(var), "PYTHONHASHSEED": "5"}  # fmt: skip
    ours = paper.render(report(3))
    done = subprocess.run(
        [sys.executable, "-c", script], env=env, capture_output=True, check=True, timeout=90
    )
    assert done.stdout == ours


# --- glyphs ----------------------------------------------------------------------------------


def ink(picture: Image.Image) -> Image.Image:
    """What is drawn, cut out and brought to one size."""
    inverted = ImageOps.invert(picture.convert("L"))
    return inverted.crop(inverted.getbbox()).resize((64, 64))


def likeness(one: Image.Image, other: Image.Image) -> float:
    """1.0 for the same ink, near 0.5 for two unlike characters."""
    difference = sum(ImageChops.difference(one, other).tobytes())
    return 1 - difference / (sum(one.tobytes()) + sum(other.tobytes()))


def drawn_from_source(character: str) -> Image.Image:
    cut = next(c for c in fonts.prepare(paper._press().places).cuts if c.style == "body")
    face = next(f for f in fontcut.faces_of(Path(cut.source)) if f.name == cut.font)
    font = ImageFont.truetype(str(face.path), 120, index=face.index)
    picture = Image.new("L", (240, 240), 255)
    ImageDraw.Draw(picture).text((50, 40), character, font=font, fill=0)
    return ink(picture)


def test_the_printed_glyphs_are_those_of_the_source_font(template) -> None:
    wanted = "清河县司法局" + RARE[:6] + "㛃㭎𬭎𬱖𫖯𬸚"
    template(
        glyphs='{% for c in text %}<p style="font-size:90pt;break-after:page">{{ c }}{% endfor %}'
    )
    pdf = paper.render_html("glyphs.html", {"text": wanted}, made=MADE)
    assert [page.split()[0] for page in pages(pdf)][: len(wanted)] == list(wanted)
    # The window leaves out the foot of the page.
    window = ("-x", "0", "-y", "0", "-W", "600", "-H", "400")
    out = run("pdftoppm", "-r", "60", *window, "-gray", "-", data=pdf)
    printed = [ink(picture) for picture in pgm_pages(out)]
    sources = [drawn_from_source(character) for character in wanted]
    for number, character in enumerate(wanted):
        scores = [likeness(printed[number], source) for source in sources]
        assert scores.index(max(scores)) == number, character
        assert scores[number] > 0.8, character


def pgm_pages(stream: bytes) -> list[Image.Image]:
    pictures, rest = [], io.BytesIO(stream)
    while rest.tell() < len(stream):
        picture = Image.open(io.BytesIO(stream[rest.tell() :]))
        picture.load()
        pictures.append(picture)
        header = len(b"P5\n%d %d\n255\n" % picture.size)
        rest.seek(header + picture.width * picture.height, io.SEEK_CUR)
    return pictures


def test_a_new_character_is_cut_in_before_printing() -> None:
    pdf = paper.render(report(1, remarks=("龘字村",)))
    assert "龘字村" in "".join(pages(pdf))


def hostile_report() -> Document:
    """Its second row holds a private character, an emoji and a number without a character."""
    part = report(2).sections[0]
    rows = (part.rows[0], (*part.rows[1][:-1], "张\ue863三😀\U0010fffd"))
    return report(sections=(type(part)(part.columns, rows),))


def test_a_strict_printer_names_what_no_font_has_with_its_place() -> None:
    named = "字体中没有“\ue863、😀、\U0010fffd”3 个字（见第 2 行“备注”栏）"
    with pytest.raises(DomainError, match=named):
        paper.render(hostile_report(), strict=True)


def test_what_no_font_has_is_printed_as_a_mark_and_named_below() -> None:
    document = hostile_report()
    text = re.sub(r"\s+", "", "".join(pages(paper.render(document))))
    assert "张〓三〓〓" in text
    place = "（第2行“备注”栏）"
    assert f"印作“〓”：U+E863{place}、U+1F600{place}、U+10FFFD{place}。准确文字见" in text
    assert "已逐村核查。" in text
    assert re.sub(r"\s+", "", document.seal) in text  # of the data, not of what stands here
    assert document.remarks == ("已逐村核查。",)


def test_a_flood_of_emoji_fills_no_page_with_its_names() -> None:
    emoji = "".join(map(chr, range(0x1F600, 0x1F640)))
    part = report(1).sections[0]
    rows = ((*part.rows[0][:-1], emoji),) * 30
    pdf = paper.render(report(sections=(type(part)(part.columns, rows),), title="月报😀"))
    text = re.sub(r"\s+", "", "".join(pages(pdf)))
    assert "月报〓" in text
    assert "等30处" in text
    assert "等64个。" in text
    assert text.count("U+") == 5


# --- what must not happen --------------------------------------------------------------------


@pytest.mark.parametrize("address", [
    "file:///etc/hostname", "http://127.0.0.1:9/x", "https://example.org/x", "ftp://h/x",
    "data:text/css,p{}", "asset:unknown",
])  # fmt: skip
@pytest.mark.parametrize("markup", [
    '<img src="{}">', '<link rel="stylesheet" href="{}">', '<object data="{}"></object>',
    "<style>@import url({});</style>", '<style>p {{ background: url({}) }}</style><p>x',
    '<link rel="attachment" href="{}">', '<svg width="9" height="9"><image href="{}"/></svg>',
])  # fmt: skip
def test_nothing_is_fetched(template, markup: str, address: str) -> None:
    template(bad=markup.format(address))
    with pytest.raises(paper.ForbiddenAddress, match="纸面不得读取外部地址"):
        paper.render_html("bad.html", {}, made=MADE)


def test_assets_handed_over_are_drawn(template) -> None:
    png = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(png, "PNG")
    template(photo='<img src="asset:photo" style="width:9cm;height:9cm">')
    pdf = paper.render_html("photo.html", {}, made=MADE, assets={"photo": png.getvalue()})
    (picture,) = [Image.open(io.BytesIO(run("pdftoppm", "-r", "20", "-png", "-", data=pdf)))]
    assert picture.getpixel((20, 20)) == (255, 0, 0)


def test_markup_in_names_is_text() -> None:
    pdf = paper.render(report(1, issuer="<img src=file:///etc/hostname>", title="甲<b>乙"))
    text = "".join(pages(pdf))
    assert "甲<b>乙" in text
    assert "<img src=file:///etc/hostname>" in text


def test_a_table_that_is_too_long_is_refused_with_the_way_out() -> None:
    with pytest.raises(DomainError, match="本表共 501 行，PDF 最多 500 行，请改为下载 Excel 表格"):
        paper.render(report(paper.ROW_LIMIT + 1))


def test_an_empty_report_says_so() -> None:
    assert "本期没有记录" in "".join(pages(paper.render(report(0))))
