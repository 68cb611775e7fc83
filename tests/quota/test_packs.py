"""Loading a policy: every mistake is named with file, line, key and what was expected."""

from __future__ import annotations

import copy
import json
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from assessments.quota.packs import (
    MAX_CHARACTERS,
    load_pack,
    pack_to_json,
    rule_from_json,
    rule_to_json,
)
from assessments.quota.reading import PackError, locate
from assessments.quota.rules import Subject
from tests.quota.build import rule, zx

#: Everything is written out here, so that each switch can be broken or taken away.
TEXT = Path(__file__).with_name("whole.toml").read_text(encoding="utf-8")


def broken(old: str, new: str, *, within: str = "ZX-34") -> PackError:
    """The error after changing one text within one rule ("" is the head of the file)."""
    start = TEXT.index(f'key = "{within}"') if within else 0
    at = TEXT.index(old, start)
    with pytest.raises(PackError) as caught:
        load_pack(TEXT[:at] + new + TEXT[at + len(old) :], file="zx.toml")
    return caught.value


def line_of(text: str, within: str = "ZX-34") -> int:
    start = TEXT.index(f'key = "{within}"') if within else 0
    return TEXT.count("\n", 0, TEXT.index(text, start)) + 1


# old text, new text, key blamed, what the sentence says
WRONG_VALUES = [
    ('measure = "events"', 'measure = "visits"', "measure", "应为 events、minutes"),
    ("target = 2", 'target = "2"', "target", "应为0至100000的整数"),
    ("target = 2", "target = -1", "target", "应为0至100000的整数"),
    ("target = 2", "target = 2.5", "target", "应为0至100000的整数"),
    ("target = 2", "target = true", "target", "应为0至100000的整数"),
    ('clause = "二（四）2"', 'clause = ""', "clause", "应写明所依据的条款"),
    ('clause = "二（四）2"', 'clause = "　"', "clause", "应写明所依据的条款"),
    ('modes = ["on_site"]', 'modes = ["onsite"]', "records.modes", "只能用 any、on_site"),
    ('modes = ["on_site"]', "modes = []", "records.modes", '不限时写 ["any"]'),
    ('modes = ["on_site"]', 'modes = ["any", "qq"]', "records.modes", '不限时写 ["any"]'),
    ('modes = ["on_site"]', 'modes = "on_site"', "records.modes", "应为文字列表"),
    ('modes = ["on_site"]', 'modes = ["qq", "qq"]', "records.modes", "不应重复"),
    ("min_minutes = 240", "min_minutes = 1441", "records.min_minutes", "应为0至1440的整数"),
    ('unit = "session"', 'unit = "visit"', "records.unit", "session、matter、filing"),
    ('state = "pack"', 'state = "draft"', "records.state", "submitted、confirmed、reviewed、pack"),
    ('entered_within = "any"', 'entered_within = "soon"', "records.entered_within", "整数"),
    ('min_share = "1"', 'min_share = "3/2"', "part.min_share", "不超过1的分数"),
    ('min_share = "1"', 'min_share = "1/0"', "part.min_share", "不超过1的分数"),
    ('min_share = "1"', 'min_share = "２/３"', "part.min_share", "不超过1的分数"),
    ("min_share", "minimum_share", "part.min_share", "缺少此项"),
    ('from = "pack"', 'from = "2026-13-01"', "applies.from", "应为日期"),
    ('from = "pack"', 'from = "某日"', "applies.from", "应为日期"),
    ('from = "pack"', "from = 2026-01-01T00:00:00", "applies.from", "应为日期"),
    ('until = "open"', "until = 2020-01-01", "applies.until", "应晚于生效日期"),
    ('subjects = ["appointment", "village"]', "subjects = [1]", "subjects", "应为文字列表"),
]

MISSING = [
    ('clause = "二（四）2"\n', "clause", "应写明所依据的条款"),
    ('basis = "text"\n', "basis", "text、bureau"),
    ('force = "hard"\n', "force", "hard、soft"),
    ('modes = ["on_site"]', "records.modes", "on_site"),
    ('mode = "waive"\n', "part.mode", "waive"),
]

CONTRADICTIONS = [
    ('unit = "session"', 'unit = "filing"', "records.unit", "材料（filing）按"),
    ('kinds = ["any"]', 'kinds = ["lecture"]', "records.kinds", "按 purposes 区分"),
    ('bound = "at_least"', 'bound = "share"', "bound", "只用于 measure = share"),
    ('measure = "events"', 'measure = "minutes"', "joining.same_day", "不限同日次数"),
    ('measure = "events"', 'measure = "documents"', "records.unit", "只数 filing"),
    ('measure = "events"', 'measure = "distinct_topics"', "records.unit", "应数 matter"),
    ('join = "stay"', 'join = "advisor_day"', "joining.same_day", "跨村合并"),
    ('measure = "events"', 'measure = "concurrent"', "records", "不用此项"),
    ('measure = "events"', 'having = "record"\nmeasure = "events"', "having", "不用此项"),
    ('["appointment", "village"]', '["village"]', "part", "不用此项"),
    ('"appointment", "village"]', '"village", "village"]', "subjects", "不应重复"),
]


@pytest.mark.parametrize(("old", "new", "key", "says"), WRONG_VALUES + CONTRADICTIONS)
def test_wrong_value(old: str, new: str, key: str, says: str) -> None:
    error = broken(old, new)
    assert error.key == f"rule[1].{key}"
    assert says in str(error)
    assert error.line >= line_of('key = "ZX-34"') - 1


@pytest.mark.parametrize(("gone", "key", "says"), MISSING)
def test_missing_switch(gone: str, key: str, says: str) -> None:
    error = broken(gone, "")
    assert error.key == f"rule[1].{key}"
    assert "缺少此项" in str(error)
    assert says in str(error)


def test_missing_table() -> None:
    start = TEXT.index("[rule.records]", TEXT.index('key = "ZX-34"'))
    error = broken(TEXT[start : TEXT.index("\n\n", start)], "")
    assert (error.key, error.line) == ("rule[1].records", line_of('key = "ZX-34"') - 1)


def test_the_sentence_names_file_line_key_and_expectation() -> None:
    error = broken("min_minutes = 240", "min_minutes = -240")
    line = line_of("min_minutes = 240")
    assert (error.file, error.line, error.key) == ("zx.toml", line, "rule[1].records.min_minutes")
    assert str(error) == (
        f"zx.toml 第 {line} 行 rule[1].records.min_minutes：现为 -240，应为0至1440的整数。"
    )


def test_a_missing_key_is_blamed_on_its_table() -> None:
    error = broken('modes = ["on_site"]', "")
    assert error.line == line_of("[rule.records]")
    assert "缺少此项" in str(error)


@pytest.mark.parametrize("within", ["", "ZX-34"])
def test_an_unknown_key(within: str) -> None:
    error = broken("title = ", "titel = 1\ntitle = ", within=within)
    assert error.line == line_of("title = ", within)
    assert "不认识的键" in str(error)


def test_an_unknown_table() -> None:
    error = broken("[settings]", "[money]\n[settings]", within="")
    assert (error.key, error.line) == ("money", line_of("[settings]", ""))


def test_a_cap_with_a_part_period() -> None:
    part = '[rule.part]\nmode = "full"\nbasis = "text"\n[rule.applies]'
    assert broken("[rule.applies]", part, within="ZX-24").key == "rule[4].part"


def test_a_cap_on_villages_and_from_below() -> None:
    assert "按法律顾问" in str(broken('["advisor"]', '["bureau"]', within="ZX-24"))
    assert "应为 at_most" in str(broken('"at_most"', '"at_least"', within="ZX-24"))


def test_a_share_without_having_or_target() -> None:
    assert broken('having = "effective_appointment"\n', "", within="ZX-04").key == "rule[9].having"
    assert "1至100" in str(broken("target = 100", "target = 101", within="ZX-04"))
    assert "按镇街" in str(broken('["township", "bureau"]', '["village"]', within="ZX-04"))


def test_pro_rata_on_events() -> None:
    error = broken('mode = "waive"\nmin_share = "1"', 'mode = "prorate"')
    assert (error.key, "只适用于分钟数" in str(error)) == ("rule[1].part.mode", True)


def test_a_key_used_twice() -> None:
    assert "重复" in str(broken('key = "ZX-36"', 'key = "ZX-34"', within="ZX-36"))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[pack]\nkey = ＂ZX＂\n", 2),
        ("[pack]\ntarget = ２\n", 2),
        ("[pack]\nkey = 1\nkey = 2\n", 3),
        ('[pack]\nkey = "ZX\n', 2),
    ],
)
def test_not_toml(text: str, line: int) -> None:
    with pytest.raises(PackError, match=f"第 {line} 行") as caught:
        load_pack(text)
    assert caught.value.line == line


def test_bombs() -> None:
    for text in ("a = " + "[" * 90_000, "x" * (MAX_CHARACTERS + 1)):
        with pytest.raises(PackError):
            load_pack(text)


def test_no_rules() -> None:
    head = TEXT[: TEXT.index("[[rule]]")]
    with pytest.raises(PackError, match="至少有一条"):
        load_pack(head)


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "gbk.toml"
    path.write_bytes("place = '蒸湘'".encode("gbk"))
    with pytest.raises(PackError, match="UTF-8"):
        load_pack(path)


def test_locate_within_inline_tables_and_long_strings() -> None:
    text = 'a = """\n[rule]\nb = 1\n"""\n[[rule]]\nx = { y = 1 }\n[[rule]]\nz.w = 2\n'
    assert locate(text, ("rule", 0, "x", "y")) == 6
    assert locate(text, ("rule", 1, "z", "w")) == 8
    assert locate(text, ("rule", 1, "missing")) == 7
    assert locate(text, ("nothing",)) == 0


# The shipped policy, and its way through the database


def test_zx_as_shipped() -> None:
    pack = zx()
    assert (pack.key, pack.issued, pack.effective_from) == ("ZX", None, date(2021, 1, 1))
    assert [rule.key for rule in pack.rules] == [
        *("ZX-34", "ZX-36", "ZX-37", "ZX-24", "ZX-24-others"),
        *("ZX-44", "ZX-45", "ZX-38", "ZX-04"),
    ]
    assert rule("ZX-34").subjects == (Subject.APPOINTMENT, Subject.VILLAGE)
    lecture_part = rule("ZX-36").part
    assert lecture_part is not None
    assert lecture_part.min_share == Fraction(2, 3)


@pytest.mark.parametrize("key", [rule.key for rule in zx().rules])
def test_a_rule_survives_json(key: str) -> None:
    stored = json.loads(json.dumps(rule_to_json(rule(key))))
    before = copy.deepcopy(stored)
    assert rule_from_json(stored) == rule(key)
    assert stored == before


def test_a_stored_rule_is_read_as_strictly_as_a_file() -> None:
    stored = rule_to_json(rule("ZX-34"))
    del stored["records"]["modes"]
    with pytest.raises(PackError, match="缺少此项") as caught:
        rule_from_json(stored)
    assert (caught.value.line, caught.value.key) == (0, "records.modes")


def test_the_checksum_follows_the_content_and_not_the_layout() -> None:
    reordered = TEXT.replace("\n\n", "\n# another comment\n\n")
    whole = load_pack(TEXT).checksum
    assert load_pack(reordered).checksum == whole
    assert load_pack(TEXT.replace("target = 3", "target = 4")).checksum != whole
    json.dumps(pack_to_json(zx()))
