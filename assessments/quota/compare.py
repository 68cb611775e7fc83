"""Two policies side by side: what was added, removed and changed, in the sentences of both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from assessments.quota.packs import Pack
from assessments.quota.policy_wording import describe_settings
from assessments.quota.rulebook import rule_to_json
from assessments.quota.rules import Rule
from assessments.quota.wording import describe


class Pair(NamedTuple):
    """An old sentence beside a new one; "" where the other has none of its kind."""

    old: str
    new: str

    @property
    def differs(self) -> bool:
        return self.old != self.new


class ChangedRule(NamedTuple):
    key: str
    title: str  # the new one
    pairs: tuple[Pair, ...]  # all sentences; at least one pair differs


class Comparison(NamedTuple):
    """``settings`` holds all their sentences, and ``head`` what the papers print of the file."""

    added: tuple[Rule, ...]
    removed: tuple[Rule, ...]
    changed: tuple[ChangedRule, ...]
    same: int  # rules that say and mean the same
    settings: tuple[Pair, ...]
    head: tuple[Pair, ...]

    @property
    def is_equal(self) -> bool:
        return not (self.added or self.removed or self.changed or self.rest_differs)

    @property
    def rest_differs(self) -> bool:
        """Does anything differ that is no rule?"""
        return any(pair.differs for pair in (*self.settings, *self.head))


def compare(old: Pack, new: Pack) -> Comparison:
    """Rules are the same by their key; their order does not matter."""
    before = {rule.key: rule for rule in old.rules}
    after = {rule.key: rule for rule in new.rules}
    both = [(before[key], after[key]) for key in after if key in before]
    changed = tuple(_changed(one, other) for one, other in both if not _same(one, other))
    return Comparison(
        added=tuple(rule for rule in new.rules if rule.key not in before),
        removed=tuple(rule for rule in old.rules if rule.key not in after),
        changed=changed,
        same=len(both) - len(changed),
        settings=aligned(describe_settings(old.settings), describe_settings(new.settings)),
        head=aligned(_head(old), _head(new)),
    )


def aligned(old: Sequence[str], new: Sequence[str]) -> tuple[Pair, ...]:
    """Equal sentences beside each other, and between them what stands for what."""
    found: list[Pair] = []
    for _, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        length = max(b - a, d - c)
        left = [*old[a:b], *[""] * (length - (b - a))]
        right = [*new[c:d], *[""] * (length - (d - c))]
        found += map(Pair, left, right)
    return tuple(found)


def _same(old: Rule, new: Rule) -> bool:
    """Whether a switch is written out or left to an equal default matters where it is told."""
    nothing = frozenset[str]()
    equal = replace(old, inherited=nothing) == replace(new, inherited=nothing)
    return equal and _sentences(old) == _sentences(new)


def _changed(old: Rule, new: Rule) -> ChangedRule:
    pairs = aligned(_sentences(old), _sentences(new))
    if not any(pair.differs for pair in pairs):
        pairs += tuple(_unspoken(rule_to_json(old), rule_to_json(new)))
    return ChangedRule(new.key, new.title, pairs)


def _sentences(rule: Rule) -> tuple[str, ...]:
    return (f"依据：{rule.clause}“{rule.phrase}”", *describe(rule))


def _unspoken(old: Mapping[str, Any], new: Mapping[str, Any], above: str = "") -> Iterator[Pair]:
    """Switches that differ although no sentence tells them, by their key in the file."""
    for key in sorted({*old, *new}):
        one, other = old.get(key), new.get(key)
        if isinstance(one, dict) and isinstance(other, dict):
            yield from _unspoken(one, other, f"{above}{key}.")
        elif one != other:
            yield Pair(f"{above}{key} = {_shown(one)}", f"{above}{key} = {_shown(other)}")


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return "、".join(map(str, value)) or "无"
    return "无" if value is None else str(value)


def _head(pack: Pack) -> tuple[str, ...]:
    return (
        f"名称：{pack.title}（代号{pack.key}）",
        f"依据文件：{pack.source}",
    )
