"""The log screen laid out: every chip and field with what was typed and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from assessments.phone.prefill import (
    FIELDS_OF,
    NOBODY_CAME,
    PHRASES,
    PURPOSE_OF,
    SHOWN_FOR,
    USUAL_KINDS,
    Place,
)
from assessments.phone.typed import HOUR_CHIPS, MOST_MATTERS, OTHER, TypedVisit
from worklogs.entries import label_of
from worklogs.enums import LegalTopic, Mark, MatterKind, Mode, Purpose, SpecialGroup
from worklogs.lectures import AUDIENCE
from worklogs.models import Matter

#: Who took part, as far as an advisor can tell.
PEOPLE_MARKS = (*AUDIENCE, Mark.TOWNSHIP_LEADERS, Mark.OFFICE_HEAD)
#: The fields of a matter in the order of the screen, with the sort of input.
_INPUTS = {
    "focus": "text",
    "audience": "number",
    "marks": "boxes",
    "photo": "file",
    "client": "text",
    "phone": "tel",
    "content": "area",
    "method": "text",
    "result": "text",
    "succeeded": "chips",
    "topic": "chips",
    "special_group": "chips",
}
#: What is said at the visit itself; the rest stands at its matter.
_OWN_ERRORS = (
    *("whole", "village", "day", "other_day", "start", "length", "end"),
    *("place", "mode", "purpose"),
)
_LABELS = {
    "focus": "题目、法律重点",
    "audience": "人数",
    "marks": "对象（参加人员）",
    "content": "简述",
    "photo": "照片",
}
_CHOICES: Mapping[str, Sequence[tuple[str, str]]] = {
    "topic": LegalTopic.choices,
    "special_group": SpecialGroup.choices,
    "succeeded": (("yes", "成功"), ("no", "未成功")),
    "marks": [(mark.value, str(mark.label)) for mark in PEOPLE_MARKS],
}


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    checked: bool
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """``required``: no record is taken without; ``wanted``: it would not count.

    ``only`` and ``shown`` are kinds, joined by blanks: which have the field at all ("": all),
    and for which it is in sight though nobody demands it. ``phrases`` are (kind, sentence)."""

    name: str
    id: str
    label: str
    order: int
    sort: str
    value: str
    error: str
    required: bool
    wanted: bool
    length: int | None
    only: str
    shown: str
    options: tuple[Option, ...]
    phrases: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Block:
    """One matter; ``open`` are the fields that stand in sight, ``folded`` the others. ``sealed``
    are columns that even their writer may not read, joined by blanks; ``hints``
    are sentences on the lecture that is to be told of."""

    number: int
    pk: str
    sealed: str
    error: str
    usual: tuple[Option, ...]
    others: tuple[Option, ...]
    other_is_chosen: bool
    open: tuple[Field, ...]
    folded: tuple[Field, ...]
    hints: tuple[str, ...]


def log_context(
    typed: TypedVisit,
    places: Sequence[Place],
    *,
    today: date,
    errors: Mapping[str, str] | None = None,
    sealed: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, Any]:
    """``sealed`` are, by matter, the columns that even their writer may not read."""
    errors = dict(errors or {})
    chosen = [place for place in places if str(place.pk) in typed.villages]
    yesterday = today - timedelta(days=1)
    return {
        "typed": typed,
        "places": [(place, str(place.pk) in typed.villages) for place in places],
        "many": len(typed.villages) > 1,
        "days": _options(
            ((today.isoformat(), "今天"), (yesterday.isoformat(), "昨天"), (OTHER, "选日期")),
            typed.day,
        ),
        "today": today,
        "hours": _options((*((str(h), str(h)) for h in HOUR_CHIPS), (OTHER, "自定")), typed.hours),
        "modes": _options(Mode.choices, typed.mode),
        "purposes": _options((("", "自动"), *Purpose.choices), typed.purpose),
        "blocks": [
            _block(n, typed, chosen, errors, sealed or {}) for n in range(len(typed.matters))
        ],
        "place_in_sight": any("place" in SHOWN_FOR.get(kind, ()) for kind in typed.kinds),
        "place_kinds": " ".join(kind for kind, names in SHOWN_FOR.items() if "place" in names),
        "may_add": len(typed.matters) < MOST_MATTERS,
        "revised": None,
        "errors": {name: errors.get(name, "") for name in _OWN_ERRORS},
        "refused": bool(errors),
    }


def _options(choices: Any, value: str) -> tuple[Option, ...]:
    return tuple(Option(str(key), str(label), str(key) == value) for key, label in choices)


def _block(
    n: int,
    typed: TypedVisit,
    chosen: Sequence[Place],
    errors: Mapping[str, str],
    sealed: Mapping[str, Sequence[str]],
) -> Block:
    matter = typed.matters[n]
    # before a kind is chosen, what the commonest one needs
    kind = matter.kind or MatterKind.CONSULTATION
    required = {name for place in chosen for name in place.required.get(kind, ())}
    wanted = {name for place in chosen for name in place.wanted.get(kind, ())}
    fields = [_field(n, name, matter, required, wanted, errors) for name in _INPUTS]
    others = [kind for kind in MatterKind if kind not in USUAL_KINDS]
    usual = [_kind(kind, matter.kind) for kind in USUAL_KINDS]
    nobody = Option(NOBODY_CAME, "坐班，无来访", matter.kind == NOBODY_CAME, Purpose.DUTY)
    return Block(
        number=n,
        pk=matter.pk,
        sealed=" ".join(sealed.get(matter.pk, ())),
        error=errors.get(f"m{n}-kind", ""),
        usual=(*((nobody,) if n == 0 else ()), *usual),
        others=tuple(_kind(kind, matter.kind) for kind in others),
        other_is_chosen=matter.kind in others,
        open=tuple(field for field in fields if _in_sight(field, matter.kind)),
        folded=tuple(field for field in fields if not _in_sight(field, matter.kind)),
        hints=hints_on(matter.kind, chosen),
    )


def hints_on(kind: str, chosen: Sequence[Place]) -> tuple[str, ...]:
    """What is owed and what was taught, village by village; () for what is no lecture."""
    if kind != MatterKind.LECTURE:
        return ()
    found = []
    for place in chosen:
        said = "".join((*place.teaching.owed, place.teaching.sentence))
        if said:
            found.append(f"{place.name}：{said}" if len(chosen) > 1 else said)
    return tuple(found)


def _kind(kind: MatterKind, chosen: str) -> Option:
    purpose = PURPOSE_OF.get(kind, Purpose.DUTY)
    return Option(kind.value, str(kind.label), kind.value == chosen, purpose)


def _in_sight(field: Field, kind: str) -> bool:
    return field.required or field.wanted or bool(field.error) or kind in field.shown.split()


def _field(
    n: int,
    name: str,
    matter: Any,
    required: set[str],
    wanted: set[str],
    errors: Mapping[str, str],
) -> Field:
    column = None if name == "photo" else Matter._meta.get_field(name)
    value = getattr(matter, name, "")
    chosen = value if isinstance(value, tuple) else (value,)
    choices = _CHOICES.get(name, ())
    phrases = PHRASES.get(name, {})
    return Field(
        name=f"m{n}-{name}",
        id=f"m{n}-{name}",
        label=_LABELS.get(name) or label_of(Matter, name),
        order=list(_INPUTS).index(name),
        sort=_INPUTS[name],
        value="" if isinstance(value, tuple) else value,
        error=errors.get(f"m{n}-{name}", ""),
        required=name in required,
        wanted=name in wanted - required,
        length=getattr(column, "max_length", None),
        only=" ".join(FIELDS_OF.get(name, ())),
        shown=" ".join(kind for kind, names in SHOWN_FOR.items() if name in names),
        options=tuple(Option(str(k), str(label), str(k) in chosen) for k, label in choices),
        phrases=tuple((kind, said) for kind, several in phrases.items() for said in several),
    )
