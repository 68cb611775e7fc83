"""One number of a policy file changed at its line, and nothing else."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest

from assessments.quota.numbers import Number, NumberError, numbers_of, with_numbers, with_value
from assessments.quota.packs import load_pack
from tests.quota.build import ZX_FILE, zx

SMALL = Path(__file__).with_name("small.toml").read_text(encoding="utf-8")
WHOLE = Path(__file__).with_name("whole.toml").read_text(encoding="utf-8")


def changed_lines(old: str, new: str) -> list[str]:
    return [line for line in difflib.ndiff(old.split("\n"), new.split("\n")) if line[0] in "+-"]


def number(text: str, key: str) -> Number:
    return next(each for each in numbers_of(load_pack(text)) if each.key == key)


def change(text: str, key: str, value: str) -> str:
    return with_numbers(text, load_pack(text), {key: value})


def test_two_visits_become_three_and_the_comment_stays() -> None:
    text = WHOLE.replace("target = 2\n", "target   =  2   # 每月两次\n", 1)
    assert changed_lines(text, change(text, "ZX-34.target", "3")) == [
        "- target   =  2   # 每月两次",
        "+ target   =  3   # 每月两次",
    ]


@pytest.mark.parametrize(
    ("key", "value", "line"),
    [
        ("ZX-34.min_minutes", "180", "min_minutes = 180"),
        ("ZX-36.min_share", "1/2", 'min_share = "1/2"'),
        ("ZX-24.target", "5", "target = 5"),
    ],
)
def test_each_kind_of_number(key: str, value: str, line: str) -> None:
    text = change(WHOLE, key, value)
    (gone, come) = changed_lines(WHOLE, text)
    assert (gone[0], come.split("#")[0].rstrip()) == ("-", f"+ {line}")
    assert number(text, key).value == value


def test_several_numbers_at_once_and_equal_ones_untouched() -> None:
    wanted = {"ZX-34.target": "3", "ZX-36.target": "2", "ZX-24.target": "3"}
    text = with_numbers(WHOLE, load_pack(WHOLE), wanted)
    assert len(changed_lines(WHOLE, text)) == 4
    assert with_numbers(WHOLE, load_pack(WHOLE), {}) == WHOLE


def without(block: str) -> str:
    """The file with the first such piece of ZX-34 left to the defaults."""
    start = WHOLE.index(block, WHOLE.index('key = "ZX-34"'))
    return WHOLE[:start] + WHOLE[start + len(block) :]


def test_a_default_that_is_changed_gets_a_line_of_its_own() -> None:
    short = without("min_minutes = 240\n")
    before = number(short, "ZX-34.min_minutes")
    assert (before.value, before.is_written) == ("0", False)
    text = change(short, "ZX-34.min_minutes", "30")
    assert changed_lines(short, text) == ["+ min_minutes = 30"]
    assert number(text, "ZX-34.min_minutes").value == "30"


def test_a_default_share_that_is_changed_gets_a_part() -> None:
    part = '[rule.part]\nmode = "waive"\nmin_share = "1"                 # the whole month (A12)\n'
    short = without(f'{part}basis = "bureau"\n')
    before = number(short, "ZX-34.min_share")
    assert (before.value, before.is_written, before.is_own) == ("1", False, True)
    text = change(short, "ZX-34.min_share", "1/2")
    (line,) = changed_lines(short, text)
    assert line == '+ part = { mode = "waive", min_share = "1/2", basis = "bureau" }'
    assert number(text, "ZX-34.min_share") == before._replace(value="1/2", is_written=True)
    assert load_pack(text).rules[1:] == load_pack(short).rules[1:]


def test_a_value_within_braces_is_changed_there() -> None:
    once = change(SMALL, "XX-1-A.min_minutes", "30")
    assert 'records = { min_minutes = 30, unit = "session", modes = ["on_site"] }' in once
    assert change(once, "XX-1-A.min_minutes", "45") == once.replace("= 30,", "= 45,")


def test_a_value_that_no_plain_key_sets_is_left_to_the_text() -> None:
    plain = change(SMALL, "XX-1-A.min_minutes", "30")
    with pytest.raises(NumberError, match="在下面的文本中修改") as refusal:
        change(plain.replace("min_minutes = 30", '"min_minutes" = 30'), "XX-1-A.min_minutes", "45")
    assert refusal.value.key == "XX-1-A.min_minutes"


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("ZX-34.target", "", "整数"),
        ("ZX-34.target", "-1", "整数"),
        ("ZX-34.target", "２", "整数"),
        ("ZX-34.target", '3\ntitle = "x"', "整数"),
        ("ZX-34.min_share", "0.5", "分数"),
        ("ZX-34.min_share", "1/0", "分数"),
    ],
)
def test_what_is_no_number_is_refused_at_its_key(key: str, value: str, says: str) -> None:
    with pytest.raises(NumberError, match=says) as refusal:
        change(WHOLE, key, value)
    assert refusal.value.key == key


def test_a_title_is_changed_at_its_line() -> None:
    text = with_value(WHOLE, ("pack", "title"), '新"办法"')
    assert len(changed_lines(WHOLE, text)) == 2
    assert load_pack(text).title == '新"办法"'


def test_numbers_say_whose_they_are() -> None:
    found = {each.key: each for each in numbers_of(zx())}
    assert found["ZX-34.target"].unit == "次"
    assert not found["ZX-34.target"].is_own
    assert found["ZX-38.target"].is_own
    assert found["ZX-04.target"].unit == "%"
    assert "ZX-44.min_minutes" not in found
    assert "ZX-24.min_share" not in found


def test_every_number_of_the_shipped_packs_can_be_changed() -> None:
    for path in sorted(ZX_FILE.parent.glob("*.toml")):
        text = path.read_text(encoding="utf-8")
        for each in numbers_of(load_pack(text)):
            value = "1/3" if each.what == "min_share" else str(int(each.value) + 1)
            new = change(text, each.key, value)
            assert len(changed_lines(text, new)) in (1, 2), each.key
