"""The 操作日志 in Chinese: no verb that the code writes is left without a word."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest
from django.apps import apps

from lawadvisor.foundation.office.words import FIELDS, VERBS, Change, changes, verb_in_words
from tests.test_architecture import PACKAGES, is_migration, parsed, python_files, text_of
from worklogs.enums import LogState

VERB = re.compile(r"[a-z]+\.[a-z_]+")
#: Functions that take a verb as an argument by its place, and hand it on to the audit.
BY_PLACE = {"_record", "_create", "_edit", "_move"}


def verbs_in(source: str) -> Iterator[str]:
    """The verbs that calls name: by ``verb=``, or by their place in a helper's arguments."""
    for node in ast.walk(parsed(source)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            given = [each.value for each in node.keywords if each.arg == "verb"]
            given += node.args if name in BY_PLACE else []
            for value in (each for one in given for each in said_in(one)):
                if VERB.fullmatch(value):
                    yield value


def said_in(node: ast.expr) -> Iterator[str]:
    """A text in so many words, or either of two."""
    either = (node.body, node.orelse) if isinstance(node, ast.IfExp) else (node,)
    for each in either:
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value


def written() -> set[str]:
    paths = [path for path in python_files(*PACKAGES) if not is_migration(path)]
    return {verb for path in paths for verb in verbs_in(text_of(path))}


def test_every_verb_that_is_written_has_a_word():
    assert {"appointment.end", "advisor.edit", "list.export", "policy.adopt"} <= written()
    assert written() - set(VERBS) == set()


def fields_in(source: str) -> Iterator[str]:
    """The names under which values are written down: in a literal handed over as ``before`` or
    ``after``, or put together beforehand."""
    for node in ast.walk(parsed(source)):
        found: list[ast.expr | None] = []
        if isinstance(node, ast.Call):
            found = [each.value for each in node.keywords if each.arg in ("before", "after")]
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in PREPARED:
            found = [node.value]
        elif isinstance(node, ast.FunctionDef) and node.name == "_facts":
            found = [each.value for each in ast.walk(node) if isinstance(each, ast.Return)]
        for each in found:
            if isinstance(each, ast.Dict):
                yield from (key.value for key in each.keys if isinstance(key, ast.Constant))


#: What services call the values that they are about to write down.
PREPARED = {"before", "after"}


def test_every_field_that_is_written_has_a_word():
    paths = [path for path in python_files(*PACKAGES) if not is_migration(path)]
    written_down = {name for path in paths for name in fields_in(text_of(path))}
    columns = {field.name for model in apps.get_models() for field in model._meta.fields}
    assert {"slot", "rows", "approved_by"} <= written_down
    assert written_down - set(FIELDS) - columns == set()


def test_no_word_is_left_without_a_verb():
    """But for those that are put together from a state."""
    assert {verb for verb in set(VERBS) - written() if not verb.startswith("log.")} == set()


def test_every_state_of_a_record_has_a_word():
    assert {f"log.{state}" for state in LogState} <= set(VERBS)


def test_the_finder_finds():
    source = """
audit.record(by=by, verb="a.one", subject=x)
_record(by, "a.two", x, after={"b.c": 1})
audit.record(verb="a.yes" if x else "a.no")
other("a.three")
"""
    assert [*verbs_in(source)] == ["a.one", "a.two", "a.yes", "a.no"]


def test_words_are_chinese():
    assert [w for w in (*VERBS.values(), *FIELDS.values()) if re.search("[a-zA-Z]", w)] == []


def test_a_verb_without_a_word_is_shown_as_it_is():
    assert verb_in_words("moon.fly") == "moon.fly"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({"status": "active"}, {"status": "ended"}, ["状态：在任 → 已结束"]),
        ({"status": "active", "slot": 1}, {"status": "active", "slot": 2}, ["序号：1 → 2"]),
        (None, {"start": "2026-01-01"}, ["起始日：2026-01-01"]),
        ({"slot": 1}, None, ["序号：1"]),
        ({"end": None}, {"end": "2027-01-01"}, ["止日（不含）：（空） → 2027-01-01"]),
        (None, None, []),
        ({"x": True}, {"x": False}, ["x：是 → 否"]),
    ],
)
def test_changes_are_told_by_column_and_choice(before, after, said):
    assert [str(c) for c in changes("advisors.appointment", before, after)] == said


def test_a_subject_that_is_no_model_of_ours_is_told_all_the_same():
    assert [*changes("gone.model", {"a": 1}, {"a": 2})] == [Change("a", "1", "2")]
