"""Finding, cutting and checking the fonts, on the fonts of this machine."""

from __future__ import annotations

import fcntl
import io
import stat
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from lawadvisor.foundation import fontcut, fonts
from tests.foundation.sample_report import RARE


@pytest.fixture
def few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> fonts.Places:
    """Fonts cut to few characters, where the cutting is not what is tested."""
    monkeypatch.setattr(fonts, "_shipped_characters", lambda: frozenset("清河县司法局村 " + RARE))
    place = fonts.Places(tmp_path / "few")
    fonts.prepare(place, fetch=False)
    return place


def opened(path: Path) -> TTFont:
    return TTFont(io.BytesIO(path.read_bytes()))


def cmap(path: Path) -> set[str]:
    return set(map(chr, opened(path).getBestCmap()))


def test_every_style_has_whole_fonts_with_the_rare_characters(places: fonts.Places) -> None:
    manifest = fonts.prepare(places, fetch=False)
    assert {cut.style for cut in manifest.cuts} == set(fonts.STYLES)
    for style in fonts.STYLES:
        chain = [places.cut / cut.file for cut in manifest.cuts if cut.style == style]
        assert set().union(*map(cmap, chain)) >= set(RARE + "呆鹰岭，。（）0123456789")
        assert manifest.lacking[style] == ""
    assert {Path(cut.file).suffix for cut in manifest.cuts} <= {".ttf", ".otf"}


def test_shipped_names_are_all_wanted(places: fonts.Places) -> None:
    text = "".join(f.read_text("utf-8") for f in fonts.ROOT.glob("*/data/*.csv"))
    assert fonts.prepare(places).uncut(fonts.drawable(text)) == ""


def test_a_second_run_is_quick_and_changes_nothing(places: fonts.Places) -> None:
    before = {file: file.stat().st_mtime_ns for file in places.cut.iterdir()}
    start = time.process_time()
    fonts.prepare(places)
    assert time.process_time() - start < 0.3
    assert {file: file.stat().st_mtime_ns for file in places.cut.iterdir()} == before


def test_a_lost_or_broken_manifest_is_made_anew(few: fonts.Places) -> None:
    manifest = fonts.prepare(few)
    (few.cut / "manifest.json").write_text("{", encoding="utf-8")
    assert fonts.prepare(few, fetch=False) == manifest


def test_extending_cuts_in_new_characters_and_names_the_impossible(few: fonts.Places) -> None:
    assert fonts.prepare(few).uncut("龘村") == "龘"
    manifest = fonts.extend(few, "龘\U0010fffd")
    assert manifest.uncut("龘村") == ""
    assert manifest.missing("龘村\U0010fffd") == "\U0010fffd"
    assert fonts.prepare(few) == fonts.extend(few, "龘") == manifest
    assert "缺 1 字：\U0010fffd" in next(fonts.report(manifest))


EXTENDS = """
import sys
from pathlib import Path
from lawadvisor.foundation import fonts
fonts._shipped_characters = lambda: frozenset("清河县司法局村 ")
print("up", flush=True)
fonts.extend(fonts.Places(Path(sys.argv[1])), sys.argv[2])
"""


def test_two_processes_that_extend_at_once_keep_each_others_characters(tmp_path: Path) -> None:
    place = fonts.Places(tmp_path)
    with (tmp_path / ".lock").open("w") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        both = [
            subprocess.Popen(
                [sys.executable, "-c", EXTENDS, str(tmp_path), character],
                cwd=fonts.ROOT, stdout=subprocess.PIPE, text=True,
            )
            for character in "龘靐"
        ]  # fmt: skip
        for process in both:
            assert process.stdout.readline() == "up\n"
        time.sleep(0.5)  # both wait at the gate, whatever they read before it
    for process in both:
        assert process.wait(timeout=60) == 0
        process.stdout.close()
    manifest = fonts._read(place)
    assert manifest is not None
    assert manifest.uncut("龘靐") == ""


def test_characters_of_private_use_need_a_glyph() -> None:
    assert fonts.drawable("甲\ue863 \u3000\n\u00a0") == {"甲", "\ue863", "\u3000"}


def test_the_bureaus_own_font_comes_first_and_the_chain_fills_its_gaps(
    few: fonts.Places, tmp_path: Path
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    body = next(cut for cut in fonts.prepare(few).cuts if cut.style == "body")
    font = opened(few.cut / body.file)
    for record in font["name"].names:
        if record.nameID in {1, 4, 16}:
            record.string = "仿宋_GB2312" if record.isUnicode() else "x"
    font.save(own / "whole.ttf")
    face = fontcut.Face(own / "whole.ttf", 0, "", frozenset())
    (own / "SIMFANG.TTF").write_bytes(fontcut.cut(face, set("清河县司法局")))
    (own / "whole.ttf").unlink()
    manifest = fonts.prepare(fonts.Places(tmp_path / "cut", own), fetch=False)
    chain = [cut for cut in manifest.cuts if cut.style == "body"]
    assert [(chain[0].font, chain[0].count)] == [("仿宋_GB2312", 6)]
    assert Path(chain[0].source).parent == own
    assert chain[1].source == body.source
    assert manifest.lacking["body"] == ""


def test_without_any_font_the_way_out_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fonts, "_SYSTEM_FOLDERS", ())
    with pytest.raises(
        fonts.FontError, match=r"没有找到可用的中文字体（小标宋、仿宋、黑体、楷体）：.*apt-get"
    ):
        fonts.prepare(fonts.Places(tmp_path), fetch=False)


def test_a_broken_font_file_is_passed_over(tmp_path: Path) -> None:
    broken = tmp_path / "bad.ttf"
    broken.write_bytes(b"\x00\x01\x00\x00 not a font")
    assert fontcut.faces_of(broken) == []


def test_fonts_are_fetched_with_npm_when_the_system_has_none(
    few: fonts.Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stand-in npm packs the cut fonts under the names of the real packages."""
    stand_in = {"400Regular/NotoSerifSC_400Regular.ttf": "Noto Serif SC",
                "700Bold/NotoSerifSC_700Bold.ttf": "Noto Serif SC Bold",
                "400Regular/NotoSansSC_400Regular.ttf": "Noto Sans SC"}  # fmt: skip
    archive = tmp_path / "fonts.tgz"
    with tarfile.open(archive, "w:gz") as tar:
        for member, name in stand_in.items():
            font = opened(few.cut / fonts.prepare(few).cuts[0].file)
            for record in font["name"].names:
                record.string = name
            font["OS/2"].usWeightClass = int(member[:3])
            font.save(tmp_path / "one.ttf")
            tar.add(tmp_path / "one.ttf", f"package/{member}")
    npm = tmp_path / "npm"
    npm.write_text(f"#!/bin/sh\ncp {archive} . && echo fonts.tgz\n")
    npm.chmod(npm.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setattr(fonts, "_npm", lambda _: [str(npm)])
    monkeypatch.setattr(fonts, "_SYSTEM_FOLDERS", ())
    manifest = fonts.prepare(fonts.Places(tmp_path / "cut"))
    assert [Path(cut.source).stem.split("_")[1] for cut in manifest.cuts] == [
        "700Bold", "400Regular", "400Regular", "400Regular",
    ]  # fmt: skip
    assert "Sans" in manifest.cuts[2].source


def test_a_failed_fetch_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_npm", lambda _: ["/bin/false"])
    monkeypatch.setattr(fonts, "_SYSTEM_FOLDERS", ())
    with pytest.raises(fonts.FontError, match="未能下载"):
        fonts.prepare(fonts.Places(tmp_path))


def test_both_cutters_keep_the_same_characters(places: fonts.Places) -> None:
    body = next(cut for cut in fonts.prepare(places).cuts if cut.style == "body")
    face = fontcut.Face(places.cut / body.file, 0, "", frozenset())
    wanted = set(RARE)
    for index, data in enumerate(
        (fontcut._cut_with_harfbuzz(face, wanted), fontcut._cut_with_fonttools(face, wanted))
    ):
        assert set(map(chr, TTFont(io.BytesIO(data)).getBestCmap())) == wanted, index


def test_the_command_reports_each_style(places: fonts.Places) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lawadvisor.foundation.fonts", "--check"],
        env={"LAWADVISOR_VAR": str(places.cut.parent), "PATH": "/usr/bin:/bin"},
        cwd=fonts.ROOT, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert [line.split("：")[0] for line in done.stdout.splitlines()] == [
        "小标宋", "仿宋", "黑体", "楷体",
    ]  # fmt: skip
