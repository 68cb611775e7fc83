"""Reads of the policy page: a version or a draft as a pack, what is wrong with it, what it says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from assessments.enums import VersionState
from assessments.models import Policy
from assessments.quota.packs import (
    Pack,
    PackStatus,
    Settings,
    all_errors,
    load_pack,
    rule_from_json,
)
from assessments.quota.policy_wording import describe_settings
from assessments.quota.reading import PackError
from assessments.quota.rules import Rule
from assessments.quota.wording import DEFAULT_MARK, describe
from assessments.quota.writing import pack_to_toml
from assessments.services import PACKS

#: What a draft is called where an error names its place.
DRAFT = "草稿"
_OWN_MARKS = ("（比例由本局设定）", "（本局设定）")
_OWN_TARGET = "数值由本局设定"


class Said(NamedTuple):
    """A sentence without its marks: is it a system default, is it the bureau's own number?"""

    text: str
    is_default: bool
    is_own: bool


class RuleRead(NamedTuple):
    """A rule to be read beside its text."""

    rule: Rule
    sentences: tuple[Said, ...]


class Problem(NamedTuple):
    """``line`` 0 and ``quoted`` "" where no line is to blame."""

    line: int
    key: str
    sentence: str
    quoted: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A text as it was read: ``pack`` None, or no ``problems``."""

    pack: Pack | None
    problems: tuple[Problem, ...]

    @property
    def rules(self) -> tuple[RuleRead, ...]:
        return read_rules(self.pack.rules) if self.pack else ()

    @property
    def settings(self) -> tuple[Said, ...]:
        return said(describe_settings(self.pack.settings)) if self.pack else ()


def state_of(start: date, replaced_on: date | None, today: date) -> VersionState:
    """``replaced_on``: the first day of the next version, None for the newest."""
    if start > today:
        return VersionState.TO_COME
    if replaced_on is not None and replaced_on <= today:
        return VersionState.REPLACED
    return VersionState.IN_FORCE


def checked(text: str) -> Checked:
    """Every error as a sentence with its line quoted, or the pack that the text states."""
    errors = all_errors(text, DRAFT)
    if errors:
        lines = text.split("\n")
        return Checked(None, tuple(_problem(error, lines) for error in errors))
    return Checked(load_pack(text, file=DRAFT), ())


def _problem(error: PackError, lines: list[str]) -> Problem:
    quoted = lines[error.line - 1].strip() if 0 < error.line <= len(lines) else ""
    return Problem(error.line, error.key, f"{error.found}，{error.expected}。", quoted[:200])


def read_rules(rules: Iterable[Rule]) -> tuple[RuleRead, ...]:
    return tuple(RuleRead(rule, said(describe(rule))) for rule in rules)


def said(sentences: Iterable[str]) -> tuple[Said, ...]:
    """Sentences of ``quota.wording`` and ``quota.policy_wording``, their marks taken off."""
    return tuple(map(_said, sentences))


def _said(sentence: str) -> Said:
    is_own = _OWN_TARGET in sentence or any(mark in sentence for mark in _OWN_MARKS)
    is_default = DEFAULT_MARK in sentence
    for mark in (DEFAULT_MARK, *_OWN_MARKS):
        sentence = sentence.replace(mark, "")
    return Said(sentence, is_default, is_own)


# Stored versions


def pack_of(policy: Policy) -> Pack:
    """A version as the engine knows it, in one query.

    What only its file tells (place, date, legal basis) is the bureau's name and nothing
    where no text was kept; ``effective_from`` is then the day of its adoption.
    """
    kept = _kept(policy)
    stored = policy.rules.order_by("position", "pk").values_list("definition", flat=True)
    return Pack(
        key=policy.key,
        place=kept.place if kept else policy.bureau.name,
        title=policy.title,
        source=policy.source,
        issued=kept.issued if kept else None,
        status=kept.status if kept else PackStatus.IN_FORCE,
        legal_basis=kept.legal_basis if kept else (),
        effective_from=kept.effective_from if kept else policy.effective_from,
        settings=_settings_from(policy.settings),
        rules=tuple(map(rule_from_json, stored)),
    )


def _kept(policy: Policy) -> Pack | None:
    """None without a text, or where it was kept before the form of a policy file changed."""
    try:
        return load_pack(policy.text) if policy.text else None
    except PackError:
        return None


def _settings_from(stored: Mapping[str, Any]) -> Settings:
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in stored.items()
    }
    return Settings(**values)


def text_of(policy: Policy) -> str:
    """The file of a version, with its comments where they were kept."""
    return policy.text if _kept(policy) else pack_to_toml(pack_of(policy))


# Shipped files


class Shipped(NamedTuple):
    name: str  # of the file, without its ending
    title: str
    place: str


def shipped_packs() -> tuple[Shipped, ...]:
    """The policies that come with the portal, to begin a draft from."""
    return tuple(_shipped())


def _shipped() -> Iterator[Shipped]:
    for path in sorted(PACKS.glob("*.toml")):
        pack = load_pack(path)
        yield Shipped(path.stem, pack.title, pack.place)


def shipped_file(name: str) -> Path | None:
    """The file of a shipped policy; None for a name that none has."""
    return next((path for path in PACKS.glob("*.toml") if path.stem == name), None)
