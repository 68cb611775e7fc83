"""The JSON Schema of a policy file, by which an editor completes and explains its keys.

It says what each key may hold by itself. What contradicts what is asked by ``packs`` alone;
whatever ``packs`` accepts, the schema accepts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from assessments.quota.defaults import documented
from assessments.quota.meanings import AXES, DAYS, KEYS, PERIODS, STATES, SUBJECTS
from assessments.quota.packs import (
    ASSESSED_EVERY,
    EDUCATION,
    LOG_FIELDS,
    MAX_RULES,
    PACK_KEY,
    RECIPIENTS,
    SELECTORS,
    SUBSIDY_COUNTS,
    PackStatus,
)
from assessments.quota.policy_wording import EDUCATION_WORD, LOG_FIELD, RECIPIENT
from assessments.quota.reading import MAX_WORD, MAX_WORDS
from assessments.quota.rulebook import RULE_KEY
from assessments.quota.rules import (
    CATEGORIES,
    EVIDENCE,
    FILINGS,
    LADDER,
    MATTERS,
    MODES,
    PURPOSES,
    TERRAINS,
    UNITS,
    VILLAGE_KINDS,
    Basis,
    Bound,
    Credit,
    Excused,
    Force,
    Having,
    Join,
    Late,
    Measure,
    Over,
    PartMode,
    SameDay,
    Substitute,
)
from assessments.quota.words import (
    CATEGORY,
    FILING,
    MATTER,
    MODE,
    PURPOSE,
    TERRAIN,
    UNIT,
    VILLAGE_KIND,
)
from assessments.quota.words import EVIDENCE as EVIDENCE_WORD

Schema = dict[str, Any]

_DATE = r"^\d{4}-\d{2}-\d{2}$"


def policy_schema() -> Schema:
    """JSON Schema 2020-12; dates are strings in it, as editors hand TOML's dates on."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "一村（社区）一法律顾问：政策文件",
        "description": "由 manage.py check_policy --schema 生成。写法见 policy-guide.zh-CN.md。",
        **_table({"pack": _pack(), "settings": _settings(), "rule": _rules()}),
    }


def _pack() -> Schema:
    keys = {
        "key": _text(pattern=f"^{PACK_KEY}$"),
        "place": _text(50),
        "title": _text(100),
        "source": _text(200),
        "issued": _day("none"),
        "status": _word(tuple(PackStatus)),
        "legal_basis": _free_list(),
        "effective_from": _day(),
    }
    return _described("pack", _table(keys, "pack"))


def _settings() -> Schema:
    keys = {
        "allowed_categories": _list(CATEGORIES, CATEGORY),
        "volunteer_categories": _list(CATEGORIES, CATEGORY),
        "min_practice_years": _number_or("none", 1, 50),
        "min_education": _word(("none", *EDUCATION), EDUCATION_WORD),
        "log_required_fields": _list(LOG_FIELDS, LOG_FIELD),
        "lecture_photo_required": {"type": "boolean"},
        "counting_state": _word(LADDER, STATES),
        "incident_recipients": _list(RECIPIENTS, RECIPIENT),
        "entry_warn_days": _number(0, 366),
        "close_day": _number(1, 28),
        "assessment_period": _word(ASSESSED_EVERY, PERIODS),
        "assessment_window_days": _number(1, 92),
        "training_is_renewal_condition": {"type": "boolean"},
        "selection_actor": _word(SELECTORS, RECIPIENT),
        "min_subsidy_yuan": _number_or("none", 1, 10_000_000),
        "subsidy_counts": _word(SUBSIDY_COUNTS),
        "planned_grant_yuan": _number_or("none", 1, 10_000_000),
    }
    return _described("settings", _table(keys, "settings"))


def _rules() -> Schema:
    tables = {
        "records": _records(),
        "joining": _table({"join": _axis(Join), "same_day": _axis(SameDay)}, "joining"),
        "part": _part(),
        "persons": _table(
            {
                "credit": _axis(Credit),
                "excused": _axis(Excused),
                "substitute": _axis(Substitute),
            },
            "persons",
        ),
        "day": _day_table(),
        "complete": _complete(),
        "due": _due(),
        "window": _table({"first": _day(), "last": _day()}, "window"),
        "applies": _applies(),
    }
    keys = {
        "key": _text(pattern=f"^{RULE_KEY}$"),
        "title": _text(80),
        "clause": _text(40),
        "phrase": _text(300),
        "basis": _axis(Basis),
        "force": _axis(Force),
        "measure": _axis(Measure),
        "unit": _text(10),
        "subjects": {**_list(tuple(SUBJECTS), SUBJECTS), "minItems": 1},
        "period": _word(tuple(PERIODS), PERIODS),
        "bound": _axis(Bound),
        "target": _number(0, 100_000),
        "tightens": _text(pattern=f"^{RULE_KEY}$"),
        "having": _axis(Having),
        **tables,
    }
    rule = _table(keys, "rule", optional=("tightens", "having", *tables))
    return _described(
        "rule", {"type": "array", "items": rule, "minItems": 1, "maxItems": MAX_RULES}
    )


def _records() -> Schema:
    kinds = (*MATTERS, *FILINGS)
    keys = {
        "unit": _word(UNITS, UNIT),
        "kinds": _choice(kinds, {**MATTER, **FILING}),
        "modes": _choice(MODES, MODE),
        "purposes": _choice(PURPOSES, PURPOSE),
        "min_minutes": _number(0, 1440),
        "evidence": _list(EVIDENCE, EVIDENCE_WORD),
        "state": _word((*LADDER, "pack"), STATES),
        "entered_within": _number_or("any", 0, 366),
    }
    filing = {"properties": {"unit": {"const": "filing"}}}
    table = _table(keys, "records", optional=("modes",))
    return {**table, "anyOf": [filing, {"required": ["modes"]}]}


def _part() -> Schema:
    keys = {
        "mode": _axis(PartMode),
        "min_share": _text(pattern=r"^[1-9]\d{0,3}(/[1-9]\d{0,3})?$"),
        "basis": _axis(Basis),
    }
    return _table(keys, "part", optional=("min_share",))


def _day_table() -> Schema:
    keys = {
        "per": _word(tuple(DAYS), DAYS),
        "min_minutes": _number(0, 1440),
        "noon": _text(pattern=r"^([01]\d|2[0-3]):[0-5]\d$"),
    }
    return _table(keys, "day")


def _complete() -> Schema:
    keys = {
        "needs": _list(EVIDENCE, EVIDENCE_WORD),
        "over": _axis(Over),
        "entered_within": _number_or("any", 0, 366),
    }
    return _table(keys, "complete")


def _due() -> Schema:
    word = _text(pattern=r"^(last|\+[1-9]\d{0,2}|\d{2}-\d{2})$")
    on = {"type": "array", "items": word, "minItems": 1, "uniqueItems": True}
    return _table({"on": on, "late": _axis(Late)}, "due")


def _applies() -> Schema:
    places = {
        "codes": {**_free_list(), "items": _text(pattern=r"^(any|\d{2,12})$"), "minItems": 1},
        "classes": {**_free_list(), "minItems": 1},
        "terrains": _choice(TERRAINS, TERRAIN),
    }
    phase = _table({"from": _day(), **places}, "phases", optional=tuple(places))
    keys = {
        "categories": _choice(CATEGORIES, CATEGORY),
        "village_kinds": _choice(VILLAGE_KINDS, VILLAGE_KIND),
        **places,
        "volunteers": {"type": "boolean"},
        "from": _day("pack"),
        "until": _day("open"),
        "phases": {"type": "array", "items": phase},
    }
    return _table(keys, "applies")


# The building blocks


def _table(keys: Mapping[str, Schema], name: str = "", *, optional: Iterable[str] = ()) -> Schema:
    """A table of these keys; a key with a documented default, or optional, may be missing."""
    defaults = documented()
    free = {key for key in keys if f"{name}.{key}" in defaults} | set(optional)
    properties = {}
    for key, schema in keys.items():
        dotted = f"{name}.{key}"
        default = {"default": defaults[dotted]} if dotted in defaults else {}
        properties[key] = {**(_described(dotted, schema) if name else schema), **default}
    return {
        "type": "object",
        "properties": properties,
        "required": [key for key in keys if key not in free],
        "additionalProperties": False,
    }


def _described(dotted: str, schema: Schema) -> Schema:
    """With its meaning in Chinese first, and then that of its words."""
    words = schema.get("description", "")
    said = f"{KEYS[dotted]}。{words}" if words else f"{KEYS[dotted]}。"
    return {**schema, "description": said}


def _told(words: Iterable[str], meaning: Mapping[str, str]) -> Schema:
    said = "；".join(f"{word} {meaning[word]}" for word in words if word in meaning)
    return {"description": f"{said}。"} if said else {}


def _text(most: int | None = None, pattern: str | None = None) -> Schema:
    length = {} if most is None else {"minLength": 1, "maxLength": most}
    return {"type": "string", **length, **({} if pattern is None else {"pattern": pattern})}


def _number(low: int, high: int) -> Schema:
    return {"type": "integer", "minimum": low, "maximum": high}


def _number_or(word: str, low: int, high: int) -> Schema:
    return {"anyOf": [_number(low, high), {"const": word}]}


def _day(*words: str) -> Schema:
    """A date, or one of the words."""
    date = {"type": "string", "pattern": _DATE}
    return {"anyOf": [date, *({"const": word} for word in words)]} if words else date


def _word(words: Iterable[str], meaning: Mapping[str, str] | None = None) -> Schema:
    listed = [str(word) for word in words]
    return {"type": "string", "enum": listed, **_told(listed, meaning or {})}


def _axis(axis: type[StrEnum]) -> Schema:
    return _word([member.value for member in axis], AXES[axis])


def _list(words: Iterable[str], meaning: Mapping[str, str]) -> Schema:
    listed = list(words)
    items = {"type": "string", "enum": listed}
    return {"type": "array", "items": items, "uniqueItems": True, **_told(listed, meaning)}


def _choice(words: Iterable[str], meaning: Mapping[str, str]) -> Schema:
    """A list of at least one word, or ``["any"]``."""
    return {**_list(("any", *words), {"any": "不限", **meaning}), "minItems": 1}


def _free_list() -> Schema:
    items = {"type": "string", "minLength": 1, "maxLength": MAX_WORD}
    return {"type": "array", "items": items, "uniqueItems": True, "maxItems": MAX_WORDS}
