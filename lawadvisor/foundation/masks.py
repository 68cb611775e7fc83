"""How a name, a phone number and a text look to those who need not know them."""

from __future__ import annotations

import re
import unicodedata

HIDDEN = "****"
#: What stands for a text that is not shown at all.
SEALED = "已封存"
#: What stands for what was deleted at somebody's request; no mask hides it.
ERASED = "已删除"

#: Surnames of two characters; what is not among them is taken to have one.
COMPOUND_SURNAMES = frozenset(
    re.findall(
        "..",
        "欧阳太史端木上官司马东方独孤南宫万俟闻人夏侯诸葛尉迟公羊赫连澹台皇甫宗政濮阳公冶"
        "太叔申屠公孙慕容仲孙钟离长孙宇文司徒鲜于司空闾丘子车亓官司寇巫马公西颛孙壤驷公良"
        "漆雕乐正宰父谷梁拓跋夹谷轩辕令狐段干百里呼延东郭南门羊舌微生梁丘左丘东门西门南荣"
        "第五贺兰纳兰完颜叶赫那拉耶律",
    )
)
#: What stands between two names, or two numbers, in one field.
_BETWEEN = re.compile(r"([、，,;；/\n])")
_MOBILE_DIGITS, _SHORTEST_SHOWN = 11, 7
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")


def mask_name(text: str) -> str:
    """``张三`` as ``张*``, ``欧阳修、李四`` as ``欧阳*、李*``; "" stays "".

    A name of one character is hidden whole, and of a compound surname that
    stands alone the second character may be a given name: it is hidden too.
    """
    return "".join(map(_mask_one_name, _BETWEEN.split(text)))


def mask_phone(text: str) -> str:
    """``13812345678`` as ``138****5678``; "" stays "".

    At most seven digits are shown, and of a number below seven digits none.
    """
    return "".join(map(_mask_one_phone, _BETWEEN.split(text)))


def mask_text(text: str) -> str:
    """Nothing of it but that it is there."""
    return SEALED if text else ""


def names_in(text: str) -> list[str]:
    """The single names, or numbers, of a field that holds several."""
    return [part.strip() for part in _BETWEEN.split(text)[::2] if part.strip()]


def hidden_within(text: str, names: str, numbers: str) -> str:
    """A text in which these names and numbers are masked wherever they stand."""
    for name in sorted(names_in(names), key=len, reverse=True):
        if len(name) > 1:
            text = text.replace(name, _mask_one_name(name))
    for number in names_in(numbers):
        text = text.replace(number, _mask_one_phone(number))
    return text


def masked_numbers(text: str) -> str:
    """A text in which every mobile number is masked."""
    return _MOBILE.sub(lambda found: _mask_one_phone(found[0]), text)


def masked_within(text: str, names: str, numbers: str) -> str:
    """A text in which these, and every mobile number besides, are masked."""
    return masked_numbers(hidden_within(text, names, numbers))


def _mask_one_name(text: str) -> str:
    if text == ERASED:
        return text
    name = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    if not name or _BETWEEN.fullmatch(text):
        return text if name else ""
    length = 2 if name[:2] in COMPOUND_SURNAMES and len(name) > 2 else 1
    return f"{name[:length]}*" if len(name) > length else "*"


def _mask_one_phone(text: str) -> str:
    if text == ERASED:
        return text
    if _BETWEEN.fullmatch(text) or not text.strip():
        return text.strip(" 　\t")
    digits = phone_digits(text)
    if len(digits) >= _MOBILE_DIGITS:
        return f"{digits[:3]}{HIDDEN}{digits[-4:]}"
    if len(digits) >= _SHORTEST_SHOWN:
        return f"{digits[:1]}{HIDDEN}{digits[-2:]}"
    return HIDDEN


def phone_digits(text: str) -> str:
    """The digits alone, without China's own prefix: what two spellings of a number share."""
    digits = "".join(c for c in unicodedata.normalize("NFKC", text) if c in "0123456789")
    for prefix in ("0086", "86"):
        if digits.startswith(prefix) and len(digits) == len(prefix) + _MOBILE_DIGITS:
            return digits.removeprefix(prefix)
    return digits


def plain_name(text: str) -> str:
    """A name without blanks, full-width letters and case: what two spellings of it share."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()
