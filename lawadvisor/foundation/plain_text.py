"""Texts that people typed, as a paper may show them. Pure, as ``tables`` is."""

from __future__ import annotations

import unicodedata

# A longer text is cut with a mark, alike in all faces: one cell must not fill pages.
TEXT_LIMIT = 500


def plain(text: str) -> str:
    """A text without control, format and lone surrogate characters, ends trimmed.

    Those draw nothing, break workbooks, and can turn a line around.
    """
    if text.isprintable() and len(text) <= TEXT_LIMIT:
        return text.strip()
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    clean = "".join(map(_visible, text)).strip()
    return clean if len(clean) <= TEXT_LIMIT else clean[:TEXT_LIMIT] + "……（略）"


def _visible(character: str) -> str:
    """The character; a plain blank for an odd one; nothing for what draws nothing."""
    category = unicodedata.category(character)
    if character in "\ufffe\uffff":  # no characters at all, and forbidden in XML
        return ""
    if category == "Zs" and character != "\u3000":
        return " "
    return "" if category in {"Cc", "Cf", "Cs"} and character != "\n" else character
