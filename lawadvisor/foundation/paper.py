"""The one place that makes PDFs: reports, and any paper that is an HTML + CSS pair.

``render(document)`` prints a report. ``render_html(template, context)`` prints
any other template, with ``static/reports/paper.css`` and, if there is one, the
stylesheet named like the template beside it.

WeasyPrint fetches only what was handed to it by name (``asset:…``): no network,
no file. The fonts, cut at set-up, and the parsed stylesheets are loaded once a
process. Before a page is laid out its characters are compared with the fonts';
what is new is cut in. What no font can draw (an emoji from a phone) must not stop
a county's month: a report prints 〓 in its place and says so, a strict caller is
refused by name. Boxes or another font's glyphs never leave this module.

Same document, same fonts: same bytes.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from lawadvisor.foundation import fonts
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.qr import as_svg
from lawadvisor.foundation.tables import Document, cells

# Layout takes about a millisecond a cell: a longer table is read as a workbook.
ROW_LIMIT = 500

#: The printers' mark for a character that is not in the case: in GB 2312, so in every font.
GETA = "〓"
# A note is read by people: that many characters, and places of each, are named.
_NAMED = 5

_SCHEME = "asset:"


class MissingGlyphs(DomainError):
    """No font can draw ``characters``; the sentence says which and where."""

    def __init__(self, characters: str, place: str = "") -> None:
        self.characters = characters
        super().__init__(
            f"字体中没有“{'、'.join(characters)}”{len(characters)} 个字{place}，无法打印："
            "请核对是否为错字或表情符号，确需使用的请把含有该字的字体放进单位字体文件夹。"
        )


class ForbiddenAddress(Exception):
    """A paper asked for something that was not handed to it: an error of its author."""


class Assets(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
    """Serves named bytes and nothing else; remembers what it refused.

    A refusal cannot be raised from here: WeasyPrint skips a picture that fails,
    and its SVG part swallows even what should stop it. So ``check`` raises it.
    """

    def __init__(self, named: Mapping[str, bytes]) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False)
        self._named = named
        self._refused: list[str] = []

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:  # noqa: ARG002
        body = self._named.get(url.removeprefix(_SCHEME)) if url.startswith(_SCHEME) else None
        if body is None:
            self._refused.append(url[:200])
            raise ValueError(url[:200])
        return URLFetcherResponse(url, body)

    def check(self) -> None:
        if self._refused:
            raise ForbiddenAddress(f"纸面不得读取外部地址：{self._refused[0]}")


def render(document: Document, *, strict: bool = False) -> bytes:
    """The report as PDF; DomainError when it is too long.

    A character without a glyph is printed as 〓, and a remark names it with its
    places; the checksum stays that of the data. ``strict`` raises MissingGlyphs.
    """
    if document.row_count > ROW_LIMIT:
        raise DomainError(
            f"本表共 {document.row_count} 行，PDF 最多 {ROW_LIMIT} 行，请改为下载 Excel 表格。"
        )
    try:
        return _print(document)
    except MissingGlyphs as error:
        missing = error.characters
        if strict:
            raise MissingGlyphs(missing, _place(document, missing)) from error
    return _print(_Annotated.of(document, _substitution_note(document, missing)), missing)


@dataclass(frozen=True)
class _Annotated(Document):
    """A document with a remark of the printer's, sealed with the checksum of its data."""

    sealed: str = ""

    @classmethod
    def of(cls, document: Document, remark: str) -> _Annotated:
        given = {f.name: getattr(document, f.name) for f in fields(Document)}
        return cls(**{**given, "remarks": (*document.remarks, remark)}, sealed=document.checksum)

    @property
    def checksum(self) -> str:
        return self.sealed


def _print(document: Document, undrawable: str = "") -> bytes:
    return render_html(
        "reports/paper.html",
        {"document": document, "qr": as_svg(document.check) if document.check else ""},
        made=document.generated_at,
        identifier=document.checksum,
        undrawable=undrawable,
    )


def render_html(
    template: str,
    context: Mapping[str, object],
    *,
    made: datetime,
    identifier: str = "",
    assets: Mapping[str, bytes] | None = None,
    undrawable: str = "",
    style: str = "",
) -> bytes:
    """A template as PDF, dated ``made``; its images are ``asset:<name>`` of ``assets``.

    Raises MissingGlyphs, or ForbiddenAddress for any other address.
    ``identifier`` goes into the file's ID; empty takes the text's own checksum.
    ``undrawable`` characters are printed as 〓; the template has to say so.
    ``style`` names the stylesheet beside the common one; empty: as the template is named.
    """
    marks = dict.fromkeys(map(ord, undrawable), GETA)
    html = render_to_string(template, dict(context)).translate(marks)
    head = f'<meta name="dcterms.created" content="{made.isoformat(timespec="seconds")}">'
    digest = hashlib.sha256((identifier or html).encode()).digest()[:16]
    with _PRESS_LOCK:
        press = _press()
        press.ready_for(html)
        fetcher = Assets(assets or {})
        pdf: bytes = HTML(string=head + html, url_fetcher=fetcher).write_pdf(
            stylesheets=press.stylesheets(style or Path(template).stem),
            font_config=press.font_config,
            pdf_identifier=digest,
        )
    fetcher.check()
    return pdf


def print_sheet(
    template: str,
    context: Mapping[str, object],
    *,
    made: datetime,
    assets: Mapping[str, bytes] | None = None,
    style: str = "",
) -> bytes:
    """``render_html`` for texts that people typed: what no font can draw is printed as 〓.

    The template is given ``substituted``, a sentence that says so, "" where all could be drawn.
    """
    try:
        told = {**context, "substituted": ""}
        return render_html(template, told, made=made, assets=assets, style=style)
    except MissingGlyphs as error:
        missing = error.characters
    named = "、".join(f"U+{ord(character):04X}" for character in missing[:_NAMED])
    note = f"注：字体中没有的字印作“{GETA}”：{named}。准确文字见门户页面。"
    told = {**context, "substituted": note}
    return render_html(template, told, made=made, assets=assets, undrawable=missing, style=style)


def _place(document: Document, characters: str) -> str:
    """Where the first of these characters stands, as a part of a sentence."""
    first = next(_places(document, characters), "")
    return f"（见{first}）" if first else ""


def _places(document: Document, characters: str) -> Iterator[str]:
    """The cells that hold any of these characters, as people find them."""
    for cell in cells(document):
        if cell.row is not None and set(characters) & set(cell.display):
            title = document.sections[cell.section].title
            table = f"“{title}”" if title and len(document.sections) > 1 else ""
            yield f"{table}第 {cell.row + 1} 行“{cell.column.title}”栏"


def _substitution_note(document: Document, missing: str) -> str:
    """Which characters 〓 stands for. They cannot be drawn here either: U+ and number."""
    parts = [
        f"U+{ord(character):04X}" + _in_brackets(list(_places(document, character)))
        for character in missing[:_NAMED]
    ]
    more = f"等 {len(missing)} 个" if len(missing) > _NAMED else ""
    return (
        f"注：字体中没有的字印作“{GETA}”：{'、'.join(parts)}{more}。"
        "准确文字见门户页面和 Excel 表格。"
    )


def _in_brackets(places: list[str]) -> str:
    more = f"等 {len(places)} 处" if len(places) > _NAMED else ""
    return f"（{'、'.join(places[:_NAMED])}{more}）" if places else ""


# --- what a process keeps ----------------------------------------------------------------


@dataclass
class _Press:
    """Loaded fonts and parsed stylesheets of one process, for one cut of the fonts."""

    places: fonts.Places
    manifest: fonts.Manifest
    font_config: FontConfiguration = field(init=False)
    sheets: dict[Path, CSS] = field(init=False)

    def __post_init__(self) -> None:
        self.load()

    def load(self) -> None:
        self.font_config, self.sheets = FontConfiguration(), {}
        named = {cut.file: (self.places.cut / cut.file).read_bytes() for cut in self.manifest.cuts}
        CSS(
            string=_font_faces(self.manifest),
            url_fetcher=Assets(named),
            font_config=self.font_config,
        )

    def ready_for(self, text: str) -> None:
        """Cut in the characters that are new; MissingGlyphs when no font has one."""
        characters = fonts.drawable(text)
        new = self.manifest.uncut(characters)
        if new:
            with _font_errors():
                self.manifest = fonts.extend(self.places, new)
            self.load()
        missing = self.manifest.missing(characters)
        if missing:
            raise MissingGlyphs(missing)

    def stylesheets(self, style: str) -> list[CSS]:
        """The paper's common stylesheet and the one of that name, each parsed once."""
        folder = Path(settings.BASE_DIR) / "static" / "reports"
        paths = dict.fromkeys([folder / "paper.css", folder / f"{style}.css"])
        return [self._sheet(path) for path in paths if path in self.sheets or path.exists()]

    def _sheet(self, path: Path) -> CSS:
        if path not in self.sheets:
            fetcher = Assets({})
            text = path.read_text(encoding="utf-8")
            self.sheets[path] = CSS(string=text, url_fetcher=fetcher, font_config=self.font_config)
            fetcher.check()
        return self.sheets[path]


_PRESS_LOCK = threading.Lock()
_PRESSES: dict[fonts.Places, _Press] = {}


def _press() -> _Press:
    """The press of this process; fonts that set-up did not cut are cut now."""
    places = fonts.Places(Path(settings.VAR_DIR) / "fonts", settings.FONTS_DIR)
    if places not in _PRESSES:
        with _font_errors():
            _PRESSES[places] = _Press(places, fonts.prepare(places, fetch=False))
    return _PRESSES[places]


@contextmanager
def _font_errors() -> Iterator[None]:
    try:
        yield
    except fonts.FontError as error:
        raise DomainError(str(error)) from error


def _font_faces(manifest: fonts.Manifest) -> str:
    """``paper-title``, ``paper-title-1`` …: the chain of each style, best first."""
    rules = []
    for style in fonts.STYLES:
        chain = [cut.file for cut in manifest.cuts if cut.style == style]
        for number, file in enumerate(chain):
            name = f"paper-{style}-{number}" if number else f"paper-{style}"
            rules.append(f"@font-face {{ font-family: {name}; src: url({_SCHEME}{file}) }}")
    return "\n".join(rules)
