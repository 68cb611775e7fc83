"""Broken packs: each is refused in one Chinese sentence with file, line and key.

``small.toml`` holds every table once. A case changes one text within one rule of it.
"""

from __future__ import annotations

import ast
import os
import random
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from assessments.quota import sense
from assessments.quota.files import MAX_BYTES
from assessments.quota.packs import MAX_CHARACTERS, Pack, all_errors, load_pack
from assessments.quota.reading import PackError

SMALL = Path(__file__).with_name("small.toml").read_text(encoding="utf-8")
WHOLE = Path(__file__).with_name("whole.toml").read_text(encoding="utf-8")
FILE = "small.toml"
#: One sentence: file, line, key, what was found, what was expected.
SENTENCE = re.compile(r"small\.toml (第 \d+ 行 )?[^\n：]+：[^\n]+，[^\n]+。")


class Case(NamedTuple):
    within: str  # the key of the rule; "" is the head
    old: str
    new: str
    key: str  # "." before it: of the rule
    says: str
    at: str = ""  # what stands in the line blamed, within the rule; "" is the change itself


#: Blames the line that opens the rule.
RULE = "[[rule]]"

WRONG = [
    # type
    Case("XX-1", "target = 480", 'target = "480"', ".target", "现为 “480”，应为0至100000的整数"),
    Case("XX-1", "target = 480", "target = 480.0", ".target", "现为 480.0，应为0至100000的整数"),
    Case("XX-1", "target = 480", "target = true", ".target", "现为 true，应为0至100000的整数"),
    Case("XX-1", "target = 480", "target = []", ".target", "现为 列表，应为0至100000的整数"),
    Case("XX-1", "target = 480", "target = -480", ".target", "现为 -480，应为0至100000的整数"),
    Case("XX-1", "target = 480", "target = 480000", ".target", "应为0至100000的整数"),
    Case("XX-1", "target = 480", f"target = {'9' * 30}", ".target", "现为 过大的数字"),
    Case("XX-1", "target = 480", f"target = 0x{'f' * 1900}", ".target", "现为 过大的数字"),
    Case("XX-1", "target = 480", "target = inf", ".target", "现为 inf"),
    Case("XX-1", "target = 480", "target = { a = 1 }", ".target", "现为 一组键值"),
    Case("XX-1", 'measure = "minutes"', "measure = 1", ".measure", "应为 events、minutes"),
    Case("XX-1", '["appointment", "village"]', '"village"', ".subjects", "应为文字列表"),
    Case("XX-1", '{ unit = "session", modes = ["on_site"] }', "5", ".records", "应为一组键值"),
    Case("XX-7", "target = 3", "target = 3\npart = 1", ".part", "不用此项", "part = 1"),
    Case("XX-7", "target = 3", "target = 3\napplies = 1", ".applies", "格式不符", "applies = 1"),
    Case(
        *("XX-7", "target = 3", "target = 3\napplies = { phases = 1 }"),
        *(".applies.phases", "应为若干组键值", "applies ="),
    ),
    Case(
        *("XX-7", "target = 3", "target = 3\napplies = { volunteers = 1 }"),
        *(".applies.volunteers", "应为 true 或 false", "applies ="),
    ),
    Case("", "close_day = 5", "close_day = 29", "settings.close_day", "应为1至28的整数"),
    Case("", "close_day = 5", 'close_day = "五"', "settings.close_day", "应为1至28的整数"),
    Case(
        *("", "lecture_photo_required = true", 'lecture_photo_required = "yes"'),
        *("settings.lecture_photo_required", "应为 true 或 false"),
    ),
    Case("", "= 2\n", "= 0\n", "settings.min_practice_years", "应为1至50的整数，或 none"),
    Case("", "= 3000", '= "三千"', "settings.min_subsidy_yuan", "或 none"),
    Case("", '"XX"', "8", "pack.key", "如 ZX"),
    Case("", '"XX"', '"蒸湘"', "pack.key", "应为1至10个字母、数字或短横线"),
    Case("", "legal_basis = []", "legal_basis = [1]", "pack.legal_basis", "应为文字列表"),
    Case("", "legal_basis = []", 'legal_basis = ["a", "a"]', "pack.legal_basis", "不应重复"),
    # words
    Case("XX-1", '"minutes"', '"minuets"', ".measure", "现为 “minuets”，应为 events、minutes"),
    Case("XX-1", '"at_least"', '"at least"', ".bound", "应为 at_least、at_most"),
    Case("XX-1", '"hard"', '"Hard"', ".force", "应为 hard、soft"),
    Case("XX-1", '"month"', '"months"', ".period", "应为 day、week"),
    Case("XX-1", '"text"', '"原文"', ".basis", "应为 text、bureau 之一"),
    Case("XX-1", '["on_site"]', '["on-site"]', ".records.modes", "只能用 any、on_site"),
    Case("XX-1", '["on_site"]', '["any", "qq"]', ".records.modes", '不限时写 ["any"]'),
    Case("XX-1", '["on_site"]', "[]", ".records.modes", '不限时写 ["any"]'),
    Case("XX-1", '"session"', '"sessions"', ".records.unit", "应为 session、matter、filing"),
    Case("XX-1", '"appointment", ', '"town", ', ".subjects", "只能用 appointment"),
    Case("XX-1", '"village"\n', '"all"\n', ".persons.credit", "应为 own、team、village 之一"),
    Case("XX-1", '"active"', '"yes"', ".persons.excused", "应为 inactive、active 之一"),
    Case("XX-1", '"absent"', '"both"', ".persons.substitute", "应为 own、absent 之一"),
    Case("XX-1", '"prorate"', '"ratio"', ".part.mode", "应为 full、waive、prorate 之一"),
    Case("XX-1", '["plain"]', '["平川"]', ".applies.phases[1].terrains", "plain"),
    Case("XX-1", '["4304"]', '["蒸湘"]', ".applies.phases[2].codes", "区划代码或其前几位"),
    Case("XX-1", '["4304"]', '["４３"]', ".applies.phases[2].codes", "2至12位数字"),
    Case("XX-2", '"village_date"', '"village"', ".day.per", "应为 date、village_date 之一"),
    Case("XX-2", "= 60", "= 1441", ".day.min_minutes", "应为0至1440的整数"),
    Case("XX-2", "= 60", '= 60\nnoon = "24:00"', ".day.noon", "应为如 12:00 的时刻", "noon ="),
    Case("XX-3", '"photo", ', '"picture", ', ".complete.needs", "只能用 photo"),
    Case("XX-3", "entered_within = 7", 'over = "all"', ".complete.over", "应为 each、together"),
    Case("XX-3", "within = 7", "within = 367", ".complete.entered_within", "应为0至366的整数"),
    Case("XX-3", '"lecture"', '"lectures"', ".records.kinds", "只能用 any、consultation"),
    Case("XX-4", '"half_year_report"', '"report"', ".records.kinds", "suggestion_report"),
    Case("XX-4", '"counts"', '"ok"', ".due.late", "应为 counts、refused 之一"),
    Case("XX-4", '"+15"', '"15"', ".due.on", '应为 "last"、"+天数"'),
    Case("XX-4", '"+15"', '"+367"', ".due.on", '应为 "last"、"+天数"'),
    Case("XX-4", '"+15"', '"+15", "06-30"', ".due.on", "同一条规则只用一种写法"),
    Case("XX-4", '["+15"]', "[]", ".due.on", "同一条规则只用一种写法"),
    Case("XX-6", '"record"', '"records"', ".having", "应为 effective_appointment、record 之一"),
    # dates
    Case("XX-5", "2026-12-01", '"2026-12"', ".window.first", "应为日期，如 2026-01-01"),
    Case("XX-5", "2026-12-01", '"20261201"', ".window.first", "应为日期，如 2026-01-01"),
    Case("XX-5", "2026-12-01", '"2026-02-29"', ".window.first", "应为日期，如 2026-01-01"),
    Case("XX-5", "2026-12-01", "2026-12-01T08:00:00", ".window.first", "应为日期"),
    Case("XX-5", "2026-12-01", "08:00:00", ".window.first", "应为日期"),
    Case("XX-5", "2026-12-01", "0001-01-01", ".window.first", "应在1980年至2099年之间"),
    Case("XX-5", "2026-12-07", "9999-12-31", ".window.last", "应在1980年至2099年之间"),
    Case("XX-1", "2026-07-01", '"2026-13-01"', ".applies.phases[2].from", "应为日期"),
    Case("", "2025-12-20", '"不详"', "pack.issued", "或 none"),
    Case("", "= 2026-01-01", '= "none"', "pack.effective_from", "应为日期"),
    Case("XX-4", '"+15"', '"02-29"', ".due.on", '或 "月-日"'),
    # shares and keys
    Case("XX-1", '"XX-1"', '"第1条"', ".key", "应为字母、数字和短横线"),
    Case("XX-1", '"XX-1"', f'"{"X" * 41}"', ".key", "应为字母、数字和短横线"),
    Case("XX-2", 'key = "XX-2"', 'key = "XX-1"', ".key", "XX-1 重复"),
    # text
    Case("XX-1", '"第一条"', '""', ".clause", "应写明所依据的条款"),
    Case("XX-1", '"第一条"', '"　"', ".clause", "应写明所依据的条款"),
    Case("XX-1", '"第一条"', f'"{"条" * 41}"', ".clause", "共41字，应不超过40字"),
    Case("XX-1", "每月到村", "每" * 301, ".phrase", "应不超过300字"),
    Case("XX-1", '"现场服务时间"', r'"现场\u0000"', ".title", "含有换行或控制字符"),
    Case("XX-1", '"现场服务时间"', r'"现\n场"', ".title", "应写在一行里"),
    Case("XX-1", '"分钟"', f'"{"分" * 11}"', ".unit", "应不超过10字"),
    Case("", '"某县"', f'"{"县" * 51}"', "pack.place", "应不超过50字"),
    Case("", "legal_basis = []", f'legal_basis = ["{"法" * 201}"]', "pack.legal_basis", "200字"),
    Case("", "legal_basis = []", r'legal_basis = ["\u0007"]', "pack.legal_basis", "控制字符"),
]

GONE = [
    Case("XX-1", 'clause = "第一条"\n', "", ".clause", "缺少此项", RULE),
    Case(
        "XX-1", 'phrase = "每月到村服务不少于8小时。"\n', "", ".phrase", "应摘录所依据的原文", RULE
    ),
    Case("XX-1", 'key = "XX-1"\ntitle', "title", ".key", "缺少此项", "[[rule]]\ntitle"),
    Case("XX-1", 'measure = "minutes"\n', "", ".measure", "缺少此项", RULE),
    Case("XX-1", "target = 480\n", "", ".target", "缺少此项", RULE),
    Case("XX-1", 'basis = "text"\n', "", ".basis", "缺少此项", RULE),
    Case("XX-1", 'unit = "session", ', "", ".records.unit", "缺少此项", "records ="),
    Case("XX-1", ', modes = ["on_site"]', "", ".records.modes", "缺少此项", "records ="),
    Case("XX-1", ', basis = "bureau"', "", ".part.basis", "缺少此项", "part ="),
    Case("XX-2", '[rule.day]\nper = "village_date"\nmin_minutes = 60', "", ".day", "缺少", RULE),
    Case("XX-2", 'per = "village_date"\n', "", ".day.per", "缺少此项", "[rule.day]"),
    Case("XX-4", 'due = { on = ["+15"], late = "counts" }', "", ".due", "缺少此项", RULE),
    Case("XX-5", "window = { first = 2026-12-01, last = 2026-12-07 }", "", ".window", "缺少", RULE),
    Case("XX-5", ", last = 2026-12-07", "", ".window.last", "缺少此项", "window ="),
    Case("XX-6", 'having = "record"\n', "", ".having", "缺少此项", RULE),
    Case("", "close_day = 5\n", "", "settings.close_day", "缺少此项", "[settings]"),
    Case("", 'status = "in_force"\n', "", "pack.status", "缺少此项", "[pack]"),
]

UNKNOWN = [
    Case("XX-1", "target = 480", "targt = 480", ".target", "是否误写作 targt", RULE),
    Case("XX-1", "bound =", "remark = 1\nbound =", ".remark", "不认识的键", "remark ="),
    Case("XX-2", 'per = "v', 'nooon = "12:00"\nper = "v', ".day.nooon", "是否应为 noon", "nooon"),
    Case(
        *("XX-1", 'modes = ["on_site"]', 'modes = ["qq"], min_minute = 5', ".records.min_minute"),
        *("是否应为 min_minutes", "records ="),
    ),
    Case("XX-1", 'terrains = ["plain"]', "to = 1", ".applies.phases[1].to", "不认识的键"),
    Case("XX-4", 'late = "counts"', 'late = "counts", by = 1', ".due.by", "不认识的键", "due ="),
    Case("", "close_day", "month = 1\nclose_day", "settings.month", "不认识的键", "month ="),
    Case("", "[settings]", "[money]\n[settings]", "money", "不认识的键", "[money]"),
    Case("", "[settings]", '"a.b" = 1\n[settings]', "pack.a.b", "不认识的键", "[pack]"),
    Case("", "[settings]", r'"a\nb" = 1' + "\n[settings]", "pack.a\nb", "a□b", "[pack]"),
]

SECOND_CAP = """
[[rule]]
key = "XX-7-A"
title = "担任村数上限（甲镇）"
clause = "甲镇办法第三条"
phrase = "不超过2个村。"
basis = "text"
force = "soft"
measure = "concurrent"
unit = "个村（社区）"
subjects = ["advisor"] #
period = "month"
bound = "at_most"
target = 2
tightens = "XX-7"
applies = { codes = ["43"] }
"""
#: One for every complaint of ``sense``; a test counts them.
SENSELESS = [
    Case("XX-1", '"at_least"', '"share"', ".bound", "只用于 measure = share、complete"),
    Case("XX-3", '"share"', '"at_least"', ".bound", "measure = complete 时应为 share"),
    Case("XX-6", "target = 100", "target = 101", ".target", "应为1至100的整数（百分比）"),
    Case("XX-7", '"at_most"', '"at_least"', ".bound", "同时担任数（concurrent）是上限"),
    Case("XX-1", "target = 480", "target = 0", ".target", "至少0次等于没有要求"),
    Case("XX-4", '"at_least"', '"exactly"', ".bound", "应为 at_least 或 target"),
    Case("XX-1", '"at_least"', '"target"', ".force", "不是硬性要求", "force ="),
    Case("XX-3", '"warning"', '"soft"', ".force", "没有可批准的例外"),
    Case("XX-7", '["advisor"]', '["team"]', ".subjects", '应为 ["advisor"] 或 ["village"]'),
    Case("XX-5", '["village"]', "[]", ".subjects", "应至少写一个考核对象"),
    Case("XX-6", '["township"]', '["village"]', ".subjects", "比例按镇街（township）或全局"),
    Case("XX-1", '"month"', '"term"', ".subjects", "按任期（term）考核的对象应为", "subjects ="),
    Case("XX-7", '"month"', '"term"', ".period", "按日历期间计算，不能为 term"),
    Case("XX-5", "2026-12-07", "2026-11-07", ".window.last", "最后一天不应早于第一天"),
    Case("XX-4", '"+15"', '"06-30"', ".due.on", "写“月-日”的规则应为 period"),
    Case("XX-4", "target = 1", "target = 2", ".target", "不应多于所列的到期日数"),
    Case("XX-4", '"half_year"\n', '"day"\n', ".period", "不能按任期或按日"),
    Case(
        *("XX-4", 'unit = "filing", kinds = ["half_year_report"]'),
        *('unit = "matter", modes = ["any"]', ".records.unit", "只数 filing"),
    ),
    Case(
        *("XX-5", 'unit = "matter", kinds = ["publicity"]', 'unit = "filing"'),
        *(".records.unit", "材料（filing）按 documents"),
    ),
    Case(
        *("XX-6", 'measure = "share"\nhaving = "record"', 'measure = "distinct_topics"'),
        *(".records.unit", "不同法律重点（distinct_topics）应数 matter", "records ="),
    ),
    Case(
        *("XX-1", 'modes = ["on_site"]', 'modes = ["on_site"], kinds = ["lecture"]'),
        *(".records.kinds", "服务记录按 purposes 区分"),
    ),
    Case(
        *("XX-4", 'kinds = ["half_year_report"]', 'modes = ["qq"]'),
        *(".records.unit", "材料没有方式、目的和时长"),
    ),
    Case("XX-5", '"each"', '"stay"', ".joining.join", "只有服务记录（session）可以合并"),
    Case(
        *("XX-3", '[rule.records]\nunit = "matter"\nkinds = ["lecture"]'),
        '[rule.joining]\njoin = "stay"\nsame_day = "every"\n[rule.records]\nunit = "session"',
        *(".joining.join", "逐条判断，应为 each", "join ="),
    ),
    Case(
        *("XX-1", "target = 480", 'target = 480\njoining = { join = "each", same_day = "once" }'),
        *(".joining.same_day", "不限同日次数", "joining ="),
    ),
    Case(
        *(
            "XX-6",
            "target = 100",
            'target = 1\njoining = { join = "advisor_day", same_day = "once" }',
        ),
        *(".joining.same_day", "没有“同村同日”", "joining ="),
    ),
    Case(
        *(
            "XX-1",
            "target = 480",
            'target = 480\njoining = { join = "advisor_day", same_day = "every" }',
        ),
        *(".joining.join", "不能跨村合并", "joining ="),
    ),
    Case(
        *("XX-2", "target = 3", 'target = 3\npart = { mode = "prorate", basis = "text" }'),
        *(".part.mode", "只适用于分钟数", "part ="),
    ),
    Case(
        *("XX-1", 'mode = "prorate"', 'mode = "full", min_share = "1"'),
        *(".part.min_share", "只有 mode = waive 时才写 min_share"),
    ),
    Case(
        *("XX-1", '["appointment", "village"]', '["advisor"]'),
        *(".persons.credit", "只用于按聘任（appointment）考核", "credit ="),
    ),
    Case(
        *("XX-4", '["bureau"]', '["appointment"]\npersons = { credit = "team" }'),
        *(".persons.credit", "材料按提交人计算", "persons ="),
    ),
    Case("XX-2", "= 60", '= 60\nnoon = "00:00"', ".day.noon", "在 00:01 与 23:59", "noon ="),
    Case(
        *("XX-7", "target = 3", "target = 3\napplies = { volunteers = true }"),
        *(".applies.volunteers", "志愿者不受上限约束", "applies ="),
    ),
    Case(
        *("XX-3", "entered_within = 7", 'entered_within = 7\nover = "together"'),
        *(".complete.entered_within", "over = together 时应为 any"),
    ),
    Case(
        *("XX-3", '["photo", "place", "audience"]\nentered_within = 7', "[]"),
        *(".complete.needs", "应至少写一项要素"),
    ),
    Case(
        *("XX-7", "target = 3", "target = 3\napplies = { until = 2026-01-01 }"),
        *(".applies.until", "停止日期应晚于生效日期", "applies ="),
    ),
    Case("XX-1-A", 'tightens = "XX-1"', 'tightens = "XX-9"', ".tightens", "另一条规则的 key"),
    Case("XX-1-A", 'tightens = "XX-1"', 'tightens = "XX-1-A"', ".tightens", "另一条规则的 key"),
    Case(
        *("XX-1", "target = 480", 'target = 480\ntightens = "XX-1-A"'),
        *(".tightens", "被收紧的规则自身不能再收紧别的规则", "tightens ="),
    ),
    Case("XX-1-A", '["430408001"]', '["any"]', ".applies.codes", "应写明适用的区划代码"),
    Case("XX-1-A", '"month"', '"quarter"', ".tightens", "与 XX-1 的 measure", "tightens ="),
    Case(
        *("XX-7", "target = 3", f"target = 3\n{SECOND_CAP}"),
        *("rule[9].subjects", "可由下级收紧", 'subjects = ["advisor"] #'),
    ),
    Case("XX-1-A", "target = 600", "target = 420", ".target", "应不宽于 XX-1（480）"),
]


def changed(case: Case) -> tuple[str, int]:
    """The small pack with the case's text changed, and the line to be blamed."""
    start = SMALL.index(f'key = "{case.within}"\n') if case.within else 0
    at = SMALL.index(case.old, start)
    text = SMALL[:at] + case.new + SMALL[at + len(case.old) :]
    if case.at.startswith(RULE):  # the header stands above the key
        at = text.index(case.at, max(start - len(RULE) - 1, 0))
    elif case.at:
        at = text.index(case.at, start)
    return text, text.count("\n", 0, at) + 1


def number_of(key: str) -> int:
    """How a clerk counts the rule, from 1."""
    return re.findall(r'^key = "(.+)"', SMALL, re.MULTILINE).index(key)


def refused(text: str) -> PackError:
    with pytest.raises(PackError) as caught:
        load_pack(text, file=FILE)
    assert SENTENCE.fullmatch(str(caught.value)), str(caught.value)
    return caught.value


CASES = [*WRONG, *GONE, *UNKNOWN, *SENSELESS]


def test_the_small_pack_is_sound_and_the_table_is_long() -> None:
    assert len(load_pack(SMALL).rules) == 8
    assert len(CASES) >= 60


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.key}:{case.says[:12]}")
def test_one_change_is_refused(case: Case) -> None:
    text, line = changed(case)
    error = refused(text)
    rule = f"rule[{number_of(case.within)}]" if case.key.startswith(".") else ""
    assert (error.key, error.line) == (f"{rule}{case.key}", line)
    assert case.says in str(error)
    assert str(all_errors(text, FILE)[0]) == str(error)


def test_every_complaint_of_sense_has_a_case() -> None:
    tree = ast.parse(Path(sense.__file__).read_text(encoding="utf-8"))
    said = [
        [part.value for part in ast.walk(node.value.elts[1]) if isinstance(part, ast.Constant)]
        for node in ast.walk(tree)
        if isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple)
    ]
    heard = [str(refused(changed(case)[0])) for case in SENSELESS]
    assert len(said) > 35
    assert [words for words in said if not any(all(w in h for w in words) for h in heard)] == []


# What is no TOML

HEAD = '[pack]\nkey = "XX"\n'
#: text below the head, line blamed, what the sentence says
NOT_TOML = [
    ("place = ＂某县＂", 3, "引号以外有字符 ＂"),
    ("place = “某县”", 3, "引号以外有字符 “"),
    ("day ＝ 5", 3, "引号以外有字符 ＝"),
    ("day = ５", 3, "引号以外有字符 ５"),
    ('words = ["a"，"b"]', 3, "引号以外有字符 ，"),
    ("［settings］", 3, "引号以外有字符 ［"),
    ("地名 = 1", 3, "引号以外有字符 地"),
    ('place = "某县', 3, "引号没有收尾"),
    ("place = '某县", 3, "引号没有收尾"),
    ('place = """某县', 3, "引号没有收尾"),
    ('place = "某\n县"', 3, "引号没有收尾"),
    ("place = 'a'b", 3, "值的后面还有多余的字"),
    ("share = 2/3", 3, "值的后面还有多余的字"),
    ("day = 05", 3, "值的后面还有多余的字"),
    ("day = 2026-13-01", 3, "值的后面还有多余的字"),
    ("day = 2026-02-29", 3, "没有这个日期"),
    ("place = yes", 3, "等号右边写得不对"),
    ("flag = True", 3, "等号右边写得不对"),
    ("place =", 3, "等号右边写得不对"),
    ("place", 3, "键的后面没有等号"),
    ("place: 1", 3, "键的后面没有等号"),
    ("= 1", 3, "这里应是键或表头"),
    ("a. = 1", 3, "这里应是键或表头"),
    ("[settings", 3, "表头没有收尾"),
    ("[[rule]", 3, "表头没有收尾"),
    ('words = ["a" "b"]', 3, "方括号没有收尾"),
    ('words = ["a",', 3, "值没有写完"),
    ("part = { a = 1", 3, "花括号没有收尾"),
    ("part = { a = 1, a = 2 }", 3, "花括号内同一个键写了两次"),
    ('key = "YY"', 3, "同一个键或表写了两次"),
    ("a = 1\n[pack]", 4, "同一个键或表写了两次"),
    ("part = { a = 1 }\npart.b = 2", 4, "这个表已在别处写完"),
    (r'place = "C:\某县"', 3, "反斜杠应写作两个"),
    (r'place = "\uD800"', 3, "反斜杠应写作两个"),
    (r'place = "\u12"', 3, "反斜杠应写作两个"),
    ('place = "\0"', 3, "有控制字符"),
    ("place\0 = 1", 3, "键的后面没有等号"),
    ("\0", 3, "这里应是键或表头"),
    ("place = 1 # " + "长" * 2000, 3, "这一行过长"),
    ("place = '\ud800'", 3, "编码不符"),
]


@pytest.mark.parametrize(("text", "line", "says"), NOT_TOML)
def test_what_is_no_toml(text: str, line: int, says: str) -> None:
    error = refused(f"{HEAD}{text}\n")
    assert error.line == line
    assert says in str(error)
    assert not re.search(r"[A-Za-z]{3,} [a-z]{2,}", error.found)  # tomllib's English
    assert [str(each) for each in all_errors(f"{HEAD}{text}\n", FILE)] == [str(error)]


def many_rules(count: int) -> str:
    head, _, rules = SMALL.partition(RULE)
    body = rules[rules.index('key = "XX-7"') :]
    return head + "".join(
        f"{RULE}\n{body.replace('XX-7', f'XX-{number}')}\n" for number in range(count)
    )


BOMBS = [
    ("", "缺少此项"),
    ("\n" * 150_000, "缺少此项"),
    ("x" * (MAX_CHARACTERS + 1), f"共{MAX_CHARACTERS + 1}字，政策文件应不超过{MAX_CHARACTERS}字"),
    ("a = " + "[\n" * 90_000, "括号嵌套过深"),
    ("a = " + "{ a = " * 300, "值没有写完"),
    ("a = [" + "[[1],\n[1]],\n" * 10_000 + "]", "缺少此项"),
    ("a = [\n" + "{ a = [{ b = [{ c = 1 }] }] },\n" * 5_000 + "]", "缺少此项"),
    (f"day = {'9' * 1_990}\n", "缺少此项"),
    ("day = 0x" + "f" * 1_900 + "\n", "缺少此项"),
    ("\n".join(".".join(["a"] * 900 + [str(n)]) + " = 1" for n in range(90)), "缺少此项"),
    (".".join("a" * 5_000) + " = 1", "这一行过长"),
    ("[" + ".".join("a" * 900) + "]", "缺少此项"),
    ("\n".join(f"key_{n} = 1" for n in range(14_000)), "缺少此项"),
    (SMALL + "\n" + "\n".join(f"key_{n} = 1" for n in range(13_000)), "不认识的键"),
    (SMALL.replace('["4304"]', "[\n" + '"4304",\n' * 9_000 + "]"), "列表中不应重复"),
    (
        SMALL.replace('["4304"]', "[\n" + "".join(f'"4{n:05}",\n' for n in range(1_001)) + "]"),
        "1001项",
    ),
    (many_rules(201), "共201条，规则应不超过200条"),
    (many_rules(200).replace("at_most", "at_least"), "应为 at_most"),
    ("rule = []\n" + SMALL.partition(RULE)[0], "应至少有一条 [[rule]]"),
    ("rule = 1\n" + SMALL.partition(RULE)[0], "应至少有一条 [[rule]]"),
    ("rule = [1]\n" + SMALL.partition(RULE)[0], "应为一组键值"),
    ("pack = 1\n", "应为一组键值"),
]


@pytest.mark.parametrize(("text", "says"), BOMBS, ids=range(len(BOMBS)))
def test_too_much_and_too_little(text: str, says: str) -> None:
    began = time.process_time()
    assert says in str(refused(text))
    errors = all_errors(text, FILE)
    assert says in "".join(map(str, errors))
    assert time.process_time() - began < 20  # seconds are a bomb's work, not a file's


def test_two_hundred_rules_are_no_bomb() -> None:
    assert len(load_pack(many_rules(200)).rules) == 200


# Files


def a_folder(path: Path) -> None:
    path.mkdir()


def a_link(path: Path) -> None:
    target = path.with_name("target.toml")
    target.write_text(SMALL, encoding="utf-8")
    path.symlink_to(target)


def a_loop(path: Path) -> None:
    path.symlink_to(path)


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def ten_megabytes(path: Path) -> None:
    path.write_bytes(SMALL.encode() + b"#" * 10_000_000)


def a_terabyte(path: Path) -> None:
    """Sparse: whoever reads it whole will not come back."""
    with path.open("wb") as handle:
        handle.truncate(2**40)


def gbk(path: Path) -> None:
    path.write_bytes(SMALL.encode("gbk"))


def utf_16(path: Path) -> None:
    path.write_bytes(SMALL.encode("utf-16"))


def a_picture(path: Path) -> None:
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))


def zeros(path: Path) -> None:
    path.write_bytes(bytes(100))


def cut_off(path: Path) -> None:
    path.write_bytes(SMALL.encode()[: SMALL.encode().index("某县".encode()) + 1])


FILES: list[tuple[Callable[[Path], None], int, str]] = [
    (lambda _: None, 0, "没有这个文件"),
    (a_folder, 0, "不是普通文件"),
    (a_link, 0, "是符号链接"),
    (a_loop, 0, "是符号链接"),
    (a_pipe, 0, "不是普通文件"),
    (ten_megabytes, 0, "文件过大，政策文件应不超过200000字"),
    (a_terabyte, 0, "文件过大"),
    (gbk, 5, "编码不是 UTF-8，应存为 UTF-8 文本（记事本“另存为”时编码选 UTF-8）"),
    (utf_16, 0, "编码是 UTF-16"),
    (a_picture, 1, "编码不是 UTF-8"),
    (zeros, 1, "这里应是键或表头"),
    (cut_off, 5, "编码不是 UTF-8"),
]


@pytest.mark.parametrize(("write", "line", "says"), FILES, ids=range(len(FILES)))
def test_a_file_that_is_none(
    write: Callable[[Path], None], line: int, says: str, tmp_path: Path
) -> None:
    path = tmp_path / FILE
    write(path)
    with pytest.raises(PackError) as caught:
        load_pack(path)
    assert SENTENCE.fullmatch(str(caught.value))
    assert (caught.value.file, caught.value.line) == (FILE, line)
    assert says in str(caught.value)


@pytest.mark.parametrize("name", ["a\0b.toml", "x" * 300, "small.toml/below.toml"])
def test_a_name_that_is_none(name: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(SMALL, encoding="utf-8")
    with pytest.raises(PackError, match="文件无法读取"):
        load_pack(tmp_path / name)


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + SMALL.encode(),
        SMALL.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode(),
        SMALL.rstrip("\n").encode(),
    ],
    ids=["mark", "crlf", "mark and crlf", "no last line break"],
)
def test_what_notepad_writes_is_accepted(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / FILE
    path.write_bytes(content)
    assert load_pack(path) == load_pack(SMALL) == load_pack(content.decode("utf-8"))


def test_lines_are_counted_alike_in_a_file_of_notepad() -> None:
    text, line = changed(WRONG[0])
    assert refused("\ufeff" + text.replace("\n", "\r\n")).line == line


# Several errors at once


def test_one_broken_rule_does_not_hide_the_next() -> None:
    text = (
        SMALL.replace("close_day = 5", "close_day = 50")
        .replace('status = "in_force"', 'status = "valid"')
        .replace("target = 480", "target = -1")
        .replace("target = 3\n\n[rule.records]", "target = 0\n\n[rule.records]")
        .replace('"+15"', '"soon"')
    )
    assert [error.key for error in all_errors(text, FILE)] == [
        *("settings.close_day", "pack.status", "rule[1].target", "rule[3].target", "rule[5].due.on")
    ]
    assert all_errors(text, FILE)[0].key == refused(text).key


def test_quarrels_are_told_of_each_rule() -> None:
    text = SMALL.replace("target = 600", "target = 1").replace(
        "target = 3\n", 'target = 3\ntightens = "XX-9"\n'
    )
    assert [error.key for error in all_errors(text, FILE)] == [
        *("rule[2].target", "rule[3].tightens", "rule[8].tightens")
    ]


def test_a_rule_is_not_wrong_because_the_pack_is() -> None:
    text = SMALL.replace('counting_state = "confirmed"', "").replace(
        "effective_from = 2026-01-01", ""
    )
    assert [error.key for error in all_errors(text, FILE)] == [
        *("settings.counting_state", "pack.effective_from")
    ]


def test_a_sound_pack_has_no_errors() -> None:
    assert all_errors(SMALL) == all_errors(WHOLE) == []


# Anything at all

_PIECES = [
    '"',
    "'",
    '"""',
    "[",
    "]",
    "[[",
    "{",
    "}",
    "=",
    ".",
    ",",
    "\n",
    "#",
    "\\",
    "\0",
    "２",
    "“",
]
_PIECES += [
    "-1",
    "0",
    "1e9",
    "true",
    "2026-02-30",
    "2026-01-01",
    "nan",
    "any",
    '"any"',
    '["any"]',
    "{}",
]
_WORDS = sorted({*re.findall(r"[\w\-.]+|[^\w\s]", SMALL), *_PIECES})


def mutated(chance: random.Random) -> str:
    """The small pack with one to three changes: cut, copied, swapped, or a piece put in."""
    text = SMALL
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(text))
        end = min(len(text), at + chance.choice((0, 1, 1, 2, 8, 40, 300)))
        piece = chance.choice(
            (
                *("", chance.choice(_WORDS), chance.choice(_PIECES), text[at:end] * 2),
                *(chr(chance.randrange(0xD800)), text[end : end + 60]),
            )
        )
        text = text[:at] + piece + text[end:]
    return text


def outcome_of(text: str) -> Pack | PackError:
    """Any other exception is the test's failure."""
    try:
        return load_pack(text, file=FILE)
    except PackError as error:
        return error


@pytest.mark.parametrize("seed", range(20))
def test_a_mutated_pack_is_read_or_refused(seed: int) -> None:
    chance = random.Random(seed)
    read = 0
    for _ in range(100):
        text = mutated(chance)
        outcome = outcome_of(text)
        if isinstance(outcome, Pack):
            read += 1
            continue
        assert SENTENCE.fullmatch(str(outcome)), (text, str(outcome))
        assert 0 <= outcome.line <= text.count("\n") + 1
    assert 0 < read < 100


VALUES = st.recursive(
    st.sampled_from(("any", "pack", "open", "none", "", "XX-1", "2026-01-01", "lecture"))
    | st.integers()
    | st.booleans()
    | st.floats().map(repr),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(("unit", "mode", "from", "on", "x")), inner, max_size=3)
    ),
    max_leaves=8,
)


def as_toml(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case list():
            return f"[{', '.join(map(as_toml, value))}]"
        case dict():
            return (
                "{ " + ", ".join(f"{key} = {as_toml(each)}" for key, each in value.items()) + " }"
            )
        case _:
            return str(value)


LINES = [line for line in SMALL.splitlines() if re.match(r"\w+ = ", line)]


@hypothesis_settings(max_examples=300)
@given(st.sampled_from(LINES), VALUES)
def test_any_value_for_any_key_is_read_or_refused(line: str, value: object) -> None:
    text = SMALL.replace(line, f"{line.partition(' ')[0]} = {as_toml(value)}")
    outcome = outcome_of(text)
    if isinstance(outcome, Pack):
        assert len(outcome.checksum) == 64
    else:
        assert SENTENCE.fullmatch(str(outcome))


def test_the_limits_fit_each_other() -> None:
    assert len("顾".encode()) * MAX_CHARACTERS <= MAX_BYTES
