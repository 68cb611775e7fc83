"""What differs between two policies, told in their own sentences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from assessments.quota.compare import Comparison, Pair, aligned, compare
from assessments.quota.packs import Pack
from assessments.quota.rules import Joining, Rule, SameDay
from tests.quota.build import zx


def changed(key: str, change: Callable[[Rule], Rule]) -> Pack:
    rules = tuple(change(rule) if rule.key == key else rule for rule in zx().rules)
    return replace(zx(), rules=rules)


def differing(comparison: Comparison) -> list[Pair]:
    (rule,) = comparison.changed
    return [pair for pair in rule.pairs if pair.differs]


def test_equal_policies_have_nothing_to_tell() -> None:
    found = compare(zx(), zx())
    assert found.is_equal
    assert (found.same, found.changed) == (len(zx().rules), ())
    assert not compare(zx(), changed("ZX-34", lambda rule: replace(rule, target=3))).is_equal


def test_only_the_sentence_with_the_number_differs() -> None:
    found = compare(zx(), changed("ZX-34", lambda rule: replace(rule, target=3)))
    ((old, new),) = differing(found)
    assert old.replace("不少于2次", "不少于3次") == new
    assert len(found.changed[0].pairs) > 5
    assert found.same == len(zx().rules) - 1


def test_a_sentence_that_only_one_has_stands_alone() -> None:
    def without_length(rule: Rule) -> Rule:
        return replace(rule, records=replace(rule.records, min_minutes=0))

    (pair,) = differing(compare(zx(), changed("ZX-34", without_length)))
    assert pair == Pair("每次不少于4小时，差一分钟也不计。", "")
    (back,) = differing(compare(changed("ZX-34", without_length), zx()))
    assert back == Pair(pair.new, pair.old)


def test_the_words_of_the_text_are_compared_too() -> None:
    found = compare(zx(), changed("ZX-36", lambda rule: replace(rule, clause="二（四）7")))
    assert ["二（四）7" in pair.new for pair in differing(found)] == [True]


def test_rules_come_and_go_whatever_their_order() -> None:
    fewer = replace(zx(), rules=tuple(r for r in reversed(zx().rules) if r.key != "ZX-36"))
    gone, come = compare(zx(), fewer), compare(fewer, zx())
    assert [rule.key for rule in gone.removed] == ["ZX-36"]
    assert (gone.added, gone.changed, gone.same) == ((), (), len(fewer.rules))
    assert [rule.key for rule in come.added] == ["ZX-36"]


def test_a_switch_without_a_sentence_is_told_by_its_key() -> None:
    def once(rule: Rule) -> Rule:
        assert rule.joining is not None
        return replace(rule, joining=Joining(rule.joining.join, SameDay.ONCE))

    found = compare(zx(), changed("ZX-44", once))
    assert differing(found) == [Pair("joining.same_day = every", "joining.same_day = once")]


def test_an_equal_default_is_no_change_unless_it_is_told() -> None:
    def left_open(*keys: str) -> Pack:
        return changed("ZX-34", lambda rule: replace(rule, inherited=frozenset(keys)))

    silent = left_open("records.kinds")
    assert compare(left_open(), silent).is_equal
    (pair,) = differing(compare(left_open(), left_open("records.modes")))
    assert pair.new == f"{pair.old[:-1]}（系统默认）。"


def test_settings_and_the_head_are_compared() -> None:
    later = replace(zx(), title="新办法", settings=replace(zx().settings, close_day=9))
    found = compare(zx(), later)
    pairs = [pair for pair in found.settings if pair.differs]
    assert [(old.replace("5日", "9日"), new) for old, new in pairs] == [(pairs[0].new,) * 2]
    assert [pair.new for pair in found.head if pair.differs] == ["名称：新办法（代号ZX）"]
    assert not found.is_equal


def test_sentences_are_laid_beside_each_other() -> None:
    assert aligned(("a", "b", "c"), ("a", "x", "y", "c", "d")) == (
        *(Pair("a", "a"), Pair("b", "x"), Pair("", "y"), Pair("c", "c")),
        Pair("", "d"),
    )
