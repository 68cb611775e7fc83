"""A policy file as bytes and as TOML: read, decoded and parsed, or refused in one sentence.

What Windows Notepad writes is accepted: a byte order mark, lines that end with CRLF.
Nothing here knows any rule.
"""

from __future__ import annotations

import re
import stat
import tomllib
from pathlib import Path
from typing import Any, NoReturn

from assessments.quota.reading import PackError, Source

MAX_CHARACTERS = 200_000
MAX_BYTES = 4 * MAX_CHARACTERS
#: tomllib needs time by the square of a dotted key's length, so no line may be endless.
MAX_LINE = 2_000

_MARK = "\ufeff"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_TOML = "TOML"
_CHECK = "请核对引号、括号、逗号和等号"
#: What tomllib says, what the clerk is told: what was found, what to do.
_SENTENCES = (
    (r"Cannot overwrite a value|Cannot declare .* twice", "同一个键或表写了两次", "应只留一个"),
    (r"Duplicate inline table key", "花括号内同一个键写了两次", "应只留一个"),
    (r"Cannot (mutate|redefine)", "这个表已在别处写完", "应并到一处，不能再添加"),
    (r"Unterminated string|Illegal character '\\n'|Expected \"'", "引号没有收尾", "应补上右引号"),
    (r"Illegal character|Found invalid character", "有控制字符", "应删去看不见的字符后重写这一行"),
    (r"Unclosed array", "方括号没有收尾", "应补上“]”，各项之间用半角逗号隔开"),
    (r"Unclosed inline table", "花括号没有收尾", "应补上“}”，各项之间用半角逗号隔开"),
    (r"Unescaped|Invalid hex|Escaped", "双引号内的反斜杠写法不对", "反斜杠应写作两个"),
    (r"Invalid date", "没有这个日期", "应为日历上有的日期，如 2026-01-01"),
    (r"Expected '='", "键的后面没有等号", "应写成“键 = 值”"),
    (r"Expected '\]+'", "表头没有收尾", "应写成 [表] 或 [[表]]"),
    (r"Expected newline", "值的后面还有多余的字", "一行只写一个键；文字和 2/3 之类应加引号"),
    (r"Invalid value \(at end", "文件到此为止，值没有写完", "应补全等号右边的值或括号"),
    (r"Invalid value", "等号右边写得不对", "文字应加半角引号，数字用半角，开关写 true 或 false"),
    (r"Invalid (statement|initial character)", "这里应是键或表头", _CHECK),
)


def read_file(path: Path) -> str:
    """The text of a policy file; a file beyond ``MAX_BYTES`` is refused without reading on.

    Raises PackError, also for what is missing, no ordinary file, or no UTF-8.
    """
    file = path.name or str(path)
    content = b""
    try:
        mode = path.lstat().st_mode
        if stat.S_ISREG(mode):  # to open a pipe would wait for its writer
            with path.open("rb") as handle:
                content = handle.read(MAX_BYTES + 1)
    except FileNotFoundError:
        _refuse(file, "没有这个文件", "请核对文件名和所在文件夹")
    except (OSError, ValueError):  # ValueError: a NUL within the name
        _refuse(file, "文件无法读取", "请核对路径和读取权限")
    if stat.S_ISLNK(mode):
        _refuse(file, "是符号链接", "应直接使用政策文件本身")
    if not stat.S_ISREG(mode):
        _refuse(file, "不是普通文件", "应为扩展名为 .toml 的文本文件")
    if len(content) > MAX_BYTES:
        _refuse(file, "文件过大", f"政策文件应不超过{MAX_CHARACTERS}字")
    return _decoded(content, file)


def _decoded(content: bytes, file: str) -> str:
    expected = "应存为 UTF-8 文本（记事本“另存为”时编码选 UTF-8）"
    if content.startswith(_UTF_16):
        _refuse(file, "编码是 UTF-16", expected)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise PackError(file, line, "", expected, "编码不是 UTF-8") from None


def parse(text: str, file: str) -> tuple[dict[str, Any], Source]:
    """The TOML as plain values, and the source that its errors will name lines of.

    Raises PackError and nothing else, whatever the text.
    """
    text = text.removeprefix(_MARK).replace("\r\n", "\n")
    if len(text) > MAX_CHARACTERS:
        _refuse(file, f"共{len(text)}字", f"政策文件应不超过{MAX_CHARACTERS}字")
    for number, line in enumerate(text.split("\n"), start=1):
        if len(line) > MAX_LINE:
            raise PackError(
                file, number, _TOML, f"一行应不超过{MAX_LINE}字，长列表可分行写", "这一行过长"
            )
        if re.search("[\ud800-\udfff]", line):
            raise PackError(file, number, "", "应存为 UTF-8 文本", "编码不符")
    try:
        return tomllib.loads(text), Source(file, text)
    except tomllib.TOMLDecodeError as error:
        _explain(str(error), text, file)
    except RecursionError:
        _refuse(file, "括号嵌套过深", "请减少括号层数", _TOML)
    except ValueError:  # Python refuses to read a number of thousands of digits
        _refuse(file, "有一个数字过长", "数字应在十万以内", _TOML)


def _explain(message: str, text: str, file: str) -> NoReturn:
    """Raise tomllib's English as a Chinese sentence with its line."""
    lines = text.rstrip("\n").split("\n")
    at = re.search(r"at line (\d+)", message)
    number = min(int(at[1]), len(lines)) if at else len(lines)
    found, expected = "不合 TOML 写法", _CHECK
    for pattern, what, instead in _SENTENCES:
        if re.match(pattern, message):
            found, expected = what, instead
            break
    if wide := _wide(lines[number - 1]):
        found, expected = f"引号以外有字符 {wide}", "文字应放在半角引号内，符号和数字应为半角"
    raise PackError(file, number, _TOML, expected, found)


def _wide(line: str) -> str:
    """The first character beyond ASCII outside quotes and comment; "" if there is none."""
    bare = re.sub(r"\"[^\"]*\"?|'[^']*'?|#.*", "", line)
    return next(
        (character for character in bare if character > "~" and character.isprintable()), ""
    )


def _refuse(file: str, found: str, expected: str, key: str = "") -> NoReturn:
    raise PackError(file, 0, key, expected, found)
