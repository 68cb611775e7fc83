"""How long, as people write it: ``90分钟``, ``1.5小时``, ``1小时30分``, ``8点半到11点``.

The phone reads the same without a network (``static/phone/spans.js``); a test holds both to one
list.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from lawadvisor.foundation.errors import DomainError
from worklogs import rules

EXAMPLES = "90分钟、1.5小时、1小时30分、8点半到11点"
#: A bare number beyond this is no number of hours.
_MOST_HOURS = 24
_DIGITS = {sign: n for n, sign in enumerate("零一二三四五六七八九")} | {"两": 2}
_NUMERAL = "[零一二两三四五六七八九十]+"
_NUMBER = r"\d+(?:\.\d+)?"
_QUARTERS = {"一刻": 15, "半": 30, "三刻": 45}
_LENGTH = re.compile(
    rf"(?:(?P<hours>{_NUMBER})个?(?P<and_half>半)?(?:小时|钟头|时|h)(?P<half>半)?)?"
    rf"(?:(?P<minutes>\d+)(?:分钟?|min|m)?)?"
)
_CLOCK = r"(上午|早上|中午|下午|晚上)?(\d{1,2})(?:[点时:](半|一刻|三刻|\d{1,2})?分?)"
_SPAN = re.compile(rf"从?{_CLOCK}(?:到|至|[-–—~～]){_CLOCK}")


class Span(NamedTuple):
    """``start`` in minutes after midnight, None where only the length was written."""

    start: int | None
    minutes: int


def parse_span(text: str, *, field: str) -> Span:
    """Raises DomainError, with what is understood, for anything else."""
    plain = re.sub(r"\s", "", rules.clean_text(text)).lower()
    plain = plain.replace("：", ":").replace("．", ".")
    plain = re.sub(r"[一三]刻(?!钟)", lambda m: {"一": "&", "三": "#"}[m[0][0]], plain)
    plain = re.sub(_NUMERAL, lambda m: str(_number(m[0])), plain)
    plain = plain.replace("&", "一刻").replace("#", "三刻")
    found = _span(plain) or _length(plain)
    if found is None or not 0 < found.minutes <= rules.DAY_MINUTES:
        raise DomainError(f"时长“{text[:20]}”无法识别，应写成如 {EXAMPLES}。", field=field)
    return found


def _number(numeral: str) -> int:
    """``十一`` as 11, ``九十`` as 90; of what is no numeral the digits one by one."""
    if "十" in numeral:
        tens, _, ones = numeral.partition("十")
        return _DIGITS.get(tens, 1) * 10 + _DIGITS.get(ones, 0)
    return int("".join(str(_DIGITS[sign]) for sign in numeral))


def _length(plain: str) -> Span | None:
    if re.fullmatch(_NUMBER, plain):
        hours = float(plain)
        return Span(None, round(hours * 60)) if hours <= _MOST_HOURS else None
    if plain in ("半小时", "半个小时", "半个钟头"):
        return Span(None, 30)
    if quarters := re.fullmatch(r"([1-3])刻钟", plain):
        return Span(None, int(quarters[1]) * 15)
    if clock := re.fullmatch(r"(\d{1,2}):([0-5]\d)", plain):
        return Span(None, int(clock[1]) * 60 + int(clock[2]))
    found = _LENGTH.fullmatch(plain)
    if found is None:
        return None
    minutes = float(found["hours"] or 0) * 60 + int(found["minutes"] or 0)
    return Span(None, round(minutes) + (30 if found["half"] or found["and_half"] else 0))


def _span(plain: str) -> Span | None:
    found = _SPAN.fullmatch(plain)
    if found is None:
        return None
    start, end = _clock(*found.groups()[:3]), _clock(*found.groups()[3:])
    if start is None or end is None:
        return None
    if end <= start and found[4] is None and found[1] in ("中午", "下午", "晚上"):
        end += 12 * 60  # 下午2点到4点
    return Span(start, end - start) if end <= rules.DAY_MINUTES else None


def _clock(half: str | None, hours: str, rest: str | None) -> int | None:
    minutes = _QUARTERS[rest] if rest in _QUARTERS else int(rest or 0)
    after_noon = half in ("下午", "晚上") or (half == "中午" and int(hours) < 11)
    hour = int(hours) + (12 if after_noon and int(hours) < 12 else 0)
    return hour * 60 + minutes if hour <= 24 and minutes < 60 else None
