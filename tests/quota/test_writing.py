"""A pack written as a file reads back as the same pack."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from assessments.quota.packs import Pack, load_pack
from assessments.quota.writing import pack_to_toml
from tests.quota.build import ZX_FILE, zx

HERE = Path(__file__).parent
FILES = [*sorted(ZX_FILE.parent.glob("*.toml")), HERE / "small.toml", HERE / "whole.toml"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_pack_survives_being_written(path: Path) -> None:
    pack = load_pack(path)
    again = load_pack(pack_to_toml(pack))
    assert again == pack
    assert again.checksum == pack.checksum


def test_what_was_left_to_the_defaults_is_not_written() -> None:
    text = pack_to_toml(load_pack(HERE / "small.toml"))
    written = text[text.index('key = "XX-1"') : text.index('key = "XX-1-A"')]
    assert 'modes = ["on_site"]' in written
    assert "purposes" not in written


def test_quotes_and_backslashes_survive() -> None:
    odd = replace(zx(), title='“甲”"乙"\\丙', legal_basis=("2026-01-01", "none"))
    assert load_pack(pack_to_toml(odd)) == odd


def test_an_empty_list_that_was_written_stays_written() -> None:
    text = pack_to_toml(zx()).replace("[rule.applies]", "[rule.applies]\nphases = []", 1)
    pack = load_pack(text if "phases = []" in text else f"{text}\n[rule.applies]\nphases = []\n")
    assert load_pack(pack_to_toml(pack)) == pack


def _first_lecture(pack: Pack) -> date:
    return next(rule for rule in pack.rules if rule.key == "ZX-36").applies.start


def test_a_rule_keeps_its_day_and_state_under_another_head() -> None:
    """A stored policy tells the day of its adoption, not the day its file named."""
    inheriting = [
        replace(rule, inherited=frozenset({"applies.from", "records.state"}))
        for rule in zx().rules
        if rule.key == "ZX-36"
    ]
    adopted = replace(
        zx(),
        effective_from=date(2026, 5, 1),
        settings=replace(zx().settings, counting_state="reviewed"),
        rules=tuple(inheriting),
    )
    again = load_pack(pack_to_toml(adopted))
    assert _first_lecture(again) == zx().effective_from
    assert again.rules[0].records == inheriting[0].records
