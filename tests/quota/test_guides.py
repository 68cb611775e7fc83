"""The two guides for clerks: every example loads, every word, key and default is in them."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path

import pytest

from assessments.quota import packs, rules
from assessments.quota.defaults import MIN_SHARE, documented
from assessments.quota.meanings import AXES, DAYS, KEYS, PERIODS, SUBJECTS
from assessments.quota.packs import Pack, load_pack
from assessments.quota.reading import PackError
from tests.test_architecture import ROOT

GUIDES = [ROOT / "docs" / name for name in ("policy-guide.md", "policy-guide.zh-CN.md")]
SHIPPED = ROOT / "assessments" / "policies"
EXAMPLE = re.compile(r"^```toml example\n(.*?)^```$", re.MULTILINE | re.DOTALL)
#: A row of the table of errors: what was written, what the sentence says.
ERROR = re.compile(r"^\| `([^`]+)` \| ([^|`]*[一-鿿][^|`]*) \|$", re.MULTILINE)
COUNTIES = ("zx", "cz", "sh", "dg", "jc")
HEAD = Path(__file__).with_name("small.toml").read_text(encoding="utf-8").partition("[[rule]]")[0]

guide = pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.name)


def examples_in(path: Path) -> list[str]:
    return EXAMPLE.findall(path.read_text(encoding="utf-8"))


def chapter(path: Path, number: int) -> str:
    """The text below the n-th heading of the second rank, from 1."""
    return re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[number]


def errors_in(path: Path) -> list[tuple[str, str]]:
    return ERROR.findall(chapter(path, 9))


def in_the_pack_of(county: str, example: str) -> Pack:
    """Under the head of the shipped policy, where there is one."""
    shipped = SHIPPED / f"{county}.toml"
    head = HEAD
    if shipped.exists():
        head = shipped.read_text(encoding="utf-8").partition("[[rule]]")[0]
    return load_pack(head + example, file=f"{county}.toml")


@guide
def test_there_are_five_examples_and_they_load(path: Path) -> None:
    found = examples_in(path)
    packs_read = [in_the_pack_of(*each) for each in zip(COUNTIES, found, strict=True)]
    assert [[rule.key for rule in pack.rules] for pack in packs_read] == [
        ["ZX-34"],
        ["CZ-39"],
        ["SH-33", "SH-34"],
        ["DG-57", "DG-19-bureau"],
        ["JC-49", "JC-40", "JC-39"],
    ]


def test_both_guides_have_the_same_examples() -> None:
    assert examples_in(GUIDES[0]) == examples_in(GUIDES[1])


@pytest.mark.parametrize(
    "county", [county for county in COUNTIES if (SHIPPED / f"{county}.toml").exists()]
)
def test_the_examples_agree_with_the_shipped_policies(county: str) -> None:
    example = examples_in(GUIDES[0])[COUNTIES.index(county)]
    known = {rule.key: rule for rule in load_pack(SHIPPED / f"{county}.toml").rules}
    for rule in in_the_pack_of(county, example).rules:
        there = known[rule.key]
        assert (rule.measure, rule.bound, rule.target) == (there.measure, there.bound, there.target)
        assert (rule.period, rule.subjects) == (there.period, there.subjects)
        assert (rule.records, rule.joining) == (there.records, there.joining)
        assert (rule.due, rule.complete, rule.applies) == (there.due, there.complete, there.applies)
        assert (rule.force, rule.basis, rule.phrase) == (there.force, there.basis, there.phrase)


@guide
def test_every_default_is_listed_with_its_value_and_reason(path: Path) -> None:
    rows = re.findall(r"^\| `([\w.]+)` \| `([^`]+)` \| (\S.+) \|$", chapter(path, 5), re.MULTILINE)
    told = {key: value for key, value, _ in rows}
    values = {
        key: str(value).lower() if isinstance(value, bool | int) else value
        for key, value in documented().items()
    }
    assert told == {
        key: str(value).replace("'", '"') if isinstance(value, list) else value
        for key, value in values.items()
    }
    assert all(f"`{share}`" in chapter(path, 5) for share in set(MIN_SHARE.values()) - {"1"})


@guide
def test_every_word_is_explained(path: Path) -> None:
    vocabularies: list[tuple[str, ...] | type[StrEnum]] = [
        *(rules.UNITS, rules.MODES, rules.PURPOSES, rules.MATTERS, rules.FILINGS),
        *(rules.EVIDENCE, rules.LADDER, rules.CATEGORIES, rules.VILLAGE_KINDS, rules.TERRAINS),
        *(packs.EDUCATION, packs.LOG_FIELDS, packs.RECIPIENTS, packs.SUBSIDY_COUNTS),
        *(packs.ASSESSED_EVERY, packs.SELECTORS, packs.PackStatus, *AXES),
        *(tuple(PERIODS), tuple(SUBJECTS), tuple(DAYS)),
    ]
    text = path.read_text(encoding="utf-8")
    words = {str(word) for vocabulary in vocabularies for word in vocabulary}
    assert sorted(word for word in words if not re.search(rf"\b{word}\b", text)) == []
    in_tables = {word for word in words if f"`{word}`" in text}
    assert sorted(words - in_tables) == ["draft", "in_force"]  # these stand in the first example


@guide
def test_every_key_is_named(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    missing = [
        key for key in KEYS if not re.search(rf"\b{re.escape(key.rpartition('.')[2])}\b", text)
    ]
    assert missing == []


def test_both_guides_list_the_same_errors() -> None:
    first, second = (errors_in(path) for path in GUIDES)
    assert first == second
    assert len(first) >= 20


@pytest.mark.parametrize(("written", "said"), errors_in(GUIDES[1]), ids=str)
def test_the_listed_error_is_what_is_said(written: str, said: str) -> None:
    """The line goes into the first example: in place of its key, else as the rule's first."""
    example = examples_in(GUIDES[1])[0]
    key = written.split(maxsplit=1)[0]
    changed, count = re.subn(rf"^{key} = .*$", lambda _: written, example, flags=re.MULTILINE)
    if not count:
        changed = example.replace("[[rule]]", f"[[rule]]\n{written}", 1)
    with pytest.raises(PackError) as caught:
        load_pack(HEAD + changed)
    assert said in str(caught.value)
