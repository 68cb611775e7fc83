"""How long a visit took, in the words that people use: one list for the server and the phone."""

from __future__ import annotations

import pytest

from assessments.phone.spans import parse_span
from lawadvisor.foundation.errors import DomainError

#: What is written, with the start if it tells one and the length; both in minutes.
UNDERSTOOD = {
    "90分钟": (None, 90),
    "90 分": (None, 90),
    "1.5小时": (None, 90),
    "１．５小时": (None, 90),
    "1.5": (None, 90),
    "2": (None, 120),
    "1小时30分": (None, 90),
    "1小时30": (None, 90),
    "1h30m": (None, 90),
    "1:30": (None, 90),
    "一个半小时": (None, 90),
    "两小时": (None, 120),
    "2小时半": (None, 150),
    "半小时": (None, 30),
    "三刻钟": (None, 45),
    "四十五分钟": (None, 45),
    "8点半到11点": (510, 150),
    "八点半到十一点": (510, 150),
    "8:30-11:00": (510, 150),
    "8：30—11：00": (510, 150),
    "8点一刻至9点三刻": (495, 90),
    "上午9点到下午3点": (540, 360),
    "下午2点到4点": (840, 120),
    "晚上7点到9点半": (1140, 150),
    "从9点到10点05分": (540, 65),
    "22点到24点": (1320, 120),
}
#: What could mean two things, or nothing.
NOT_UNDERSTOOD = (
    *("90", "半天", "很久", "0", "0分钟", "9点到2点", "25:00", "9点60分到11点", "25小时"),
    *("22点到25点", "小时", "1小时30分钟左右", "-2", "9点"),
)


@pytest.mark.parametrize("text", UNDERSTOOD)
def test_a_length_is_read_as_people_write_it(text: str) -> None:
    assert parse_span(text, field="length") == UNDERSTOOD[text]


@pytest.mark.parametrize("text", NOT_UNDERSTOOD)
def test_what_may_mean_two_things_is_refused_with_examples(text: str) -> None:
    with pytest.raises(DomainError, match="无法识别，应写成如 90分钟") as refusal:
        parse_span(text, field="length")
    assert refusal.value.field == "length"
