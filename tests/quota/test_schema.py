"""docs/policy.schema.json is what the code says, and knows a sound pack from a broken one.

``manage.py check_policy --schema > docs/policy.schema.json`` writes it.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from assessments.quota.defaults import documented
from assessments.quota.meanings import AXES, KEYS
from assessments.quota.packs import load_pack
from assessments.quota.reading import PackError
from assessments.quota.schema import policy_schema
from tests.test_architecture import ROOT

SCHEMA_FILE = ROOT / "docs" / "policy.schema.json"
SMALL_FILE = Path(__file__).with_name("small.toml")
SMALL = SMALL_FILE.read_text(encoding="utf-8")
PACKS = sorted((ROOT / "assessments" / "policies").glob("*.toml"))
TYPES = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool}
#: All that ``wrong_in`` understands; a schema with another keyword would be half checked.
KEYWORDS = {
    *("type", "enum", "const", "required", "properties", "additionalProperties", "items"),
    *("minimum", "maximum", "pattern", "minItems", "maxItems", "uniqueItems"),
    *("minLength", "maxLength", "anyOf", "description", "default", "title", "$schema"),
}


def wrong_in(value: Any, schema: dict[str, Any], path: str = "") -> Iterator[str]:
    """Where the value breaks the schema, by the keywords in use."""
    wanted = schema.get("type")
    if wanted and type(value) is not TYPES[wanted]:
        yield path
        return
    if "anyOf" in schema and all(list(wrong_in(value, one)) for one in schema["anyOf"]):
        yield path
    if value not in schema.get("enum", [value]) or value != schema.get("const", value):
        yield path
    by_type = {dict: in_table, list: in_list, str: in_text, int: in_number}
    if type(value) in by_type:
        yield from by_type[type(value)](value, schema, path)


def in_table(value: dict[str, Any], schema: dict[str, Any], path: str) -> Iterator[str]:
    properties = schema.get("properties", {})
    yield from (f"{path}.{key}" for key in schema.get("required", ()) if key not in value)
    for key, each in value.items():
        if key in properties:
            yield from wrong_in(each, properties[key], f"{path}.{key}")
        elif schema.get("additionalProperties") is False:
            yield f"{path}.{key}"


def in_list(value: list[Any], schema: dict[str, Any], path: str) -> Iterator[str]:
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        yield path
    if schema.get("uniqueItems") and any(value.count(each) > 1 for each in value):
        yield path
    for number, each in enumerate(value, start=1):
        yield from wrong_in(each, schema.get("items", {}), f"{path}[{number}]")


def in_text(value: str, schema: dict[str, Any], path: str) -> Iterator[str]:
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        yield path
    if not re.search(schema.get("pattern", ""), value, re.ASCII):
        yield path


def in_number(value: int, schema: dict[str, Any], path: str) -> Iterator[str]:
    if not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield path


def as_json(text: str) -> Any:
    """As an editor hands TOML on: its dates are strings."""
    return json.loads(json.dumps(tomllib.loads(text), default=date.isoformat))


def tables_in(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    inner = [*schema.get("properties", {}).values(), *schema.get("anyOf", ())]
    for one in [*inner, *([schema["items"]] if "items" in schema else [])]:
        yield from tables_in(one)


def test_the_file_is_what_the_code_says() -> None:
    written = SCHEMA_FILE.read_text(encoding="utf-8")
    assert written == json.dumps(policy_schema(), ensure_ascii=False, indent=2) + "\n", (
        "manage.py check_policy --schema > docs/policy.schema.json"
    )


@pytest.mark.parametrize("path", [*PACKS, SMALL_FILE, SMALL_FILE.with_name("whole.toml")])
def test_a_sound_pack_fits(path: Path) -> None:
    assert list(wrong_in(as_json(path.read_text(encoding="utf-8")), policy_schema())) == []


BROKEN = [
    ("target = 480", 'target = "480"', ".rule[1].target"),
    ("target = 480", "target = -1", ".rule[1].target"),
    ("target = 480", "target = 480\nremark = 1", ".rule[1].remark"),
    ('measure = "minutes"', 'measure = "visits"', ".rule[1].measure"),
    ('clause = "第一条"\n', "", ".rule[1].clause"),
    ('clause = "第一条"\n', 'clause = ""\n', ".rule[1].clause"),
    (', modes = ["on_site"]', "", ".rule[1].records"),
    ('modes = ["on_site"]', "modes = []", ".rule[1].records.modes"),
    ('modes = ["on_site"]', 'modes = ["qq", "qq"]', ".rule[1].records.modes"),
    ('modes = ["on_site"]', 'modes = ["onsite"]', ".rule[1].records.modes[1]"),
    ('["4304"]', '["某县"]', ".rule[1].applies.phases[2].codes[1]"),
    ('"+15"', '"15"', ".rule[5].due.on[1]"),
    ("first = 2026-12-01", 'first = "十二月"', ".rule[6].window.first"),
    ("min_practice_years = 2", 'min_practice_years = "两年"', ".settings.min_practice_years"),
    ("close_day = 5", "close_day = 29", ".settings.close_day"),
    (
        "lecture_photo_required = true",
        "lecture_photo_required = 1",
        ".settings.lecture_photo_required",
    ),
    ('status = "in_force"', 'status = "valid"', ".pack.status"),
]


@pytest.mark.parametrize(("old", "new", "where"), BROKEN)
def test_a_broken_pack_does_not_fit(old: str, new: str, where: str) -> None:
    text = SMALL.replace(old, new, 1)
    assert list(wrong_in(as_json(text), policy_schema())) == [where]
    with pytest.raises(PackError):
        load_pack(text)


def test_no_rule_at_all_does_not_fit() -> None:
    head = SMALL[: SMALL.index("[[rule]]")]
    assert list(wrong_in(as_json(head), policy_schema())) == [".rule"]
    assert list(wrong_in(as_json("rule = []\n" + head), policy_schema())) == [".rule"]


def test_every_key_is_described_and_every_default_given() -> None:
    tables = list(tables_in(policy_schema()))
    keys = [key for table in tables for key in table.get("properties", {})]
    described = [
        schema
        for table in tables
        for schema in table.get("properties", {}).values()
        if re.search("[一-鿿].*。$", schema.get("description", ""))
    ]
    consts = [table for table in tables if table.get("properties", {}).get("unit", {}).get("const")]
    assert len(described) == len(keys) - len(consts)
    assert len(described) == len(KEYS)
    given = [
        schema["default"]
        for table in tables
        for schema in table.get("properties", {}).values()
        if "default" in schema
    ]
    assert len(given) == len(documented()) - 1  # part's default is a whole table
    assert set().union(*tables) <= KEYWORDS


def test_every_word_of_an_axis_has_a_meaning() -> None:
    assert all(set(meanings) == set(axis) for axis, meanings in AXES.items())
