"""The house itself: what every model, constraint, state machine and template owes.

Each rule is asked of whatever the registry or the folder holds, so that the next model is
held to it without anybody remembering this file.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from enum import Enum
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import models
from django.template import Engine, TemplateDoesNotExist, engines
from django.template.base import Node, Template
from django.template.loader_tags import ExtendsNode, IncludeNode
from django.test import override_settings
from django.utils import translation

from advisors.enums import Category
from assessments.enums import SubjectKind, VerdictStatus
from assessments.quota.rules import (
    CATEGORIES,
    EVIDENCE,
    FILINGS,
    MATTERS,
    MODES,
    PURPOSES,
    TERRAINS,
    VILLAGE_KINDS,
    Subject,
)
from assessments.quota.verdicts import Status
from lawadvisor.foundation.roles import Role
from lawadvisor.foundation.scoping import ScopedQuerySet
from lawadvisor.foundation.viewer import NOBODY, Viewer
from tests.conftest import County, UndefinedVariable
from tests.test_architecture import PACKAGES, ROOT, parsed, python_files, text_of
from villages.enums import Terrain, VillageKind
from villages.models import Bureau, Township
from worklogs.enums import FilingKind, Mark, MatterKind, Mode, Purpose

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def our_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model.__module__.partition(".")[0] in PACKAGES]


def our_enums() -> list[type[models.TextChoices]]:
    modules = [path for path in python_files(*PACKAGES) if path.name == "enums.py"]
    found = []
    for path in modules:
        module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        found += [
            value
            for value in vars(module).values()
            if isinstance(value, type)
            and issubclass(value, models.TextChoices)
            and value.__module__ == module.__name__
        ]
    return found


# ── migrations ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


# ── words ───────────────────────────────────────────────────────────────────────────────────────

#: Names that are the same word in Chinese.
NO_CHINESE_NEEDED = {"ID", "QQ", "PDF", "Excel", "XLSX"}


def not_chinese(words: Mapping[str, object]) -> list[str]:
    with translation.override("zh-hans"):
        return [
            f"{place}: {word}"
            for place, word in words.items()
            if str(word) not in NO_CHINESE_NEEDED and not CHINESE.search(str(word))
        ]


def model_words() -> dict[str, object]:
    words: dict[str, object] = {}
    for model in our_models():
        words[f"{model.__name__} app"] = model._meta.app_config.verbose_name
        words[f"{model.__name__}"] = model._meta.verbose_name
        words[f"{model.__name__} plural"] = model._meta.verbose_name_plural
        for field in (*model._meta.fields, *model._meta.many_to_many):
            words[f"{model.__name__}.{field.name}"] = field.verbose_name
    return words


#: Fields that still bear their English name; the test below fails once they have a Chinese one.
def test_every_app_model_and_field_has_a_chinese_name():
    assert not_chinese(model_words()) == []


def test_every_choice_has_a_chinese_label():
    labels = {f"{e.__name__}.{member.name}": member.label for e in our_enums() for member in e}

    assert len(labels) > 50
    assert not_chinese(labels) == []


def test_word_checker_reports():
    assert not_chinese({"a": "村", "b": "PDF", "c": "village", "d": ""}) == ["c: village", "d: "]


# ── constraints speak ───────────────────────────────────────────────────────────────────────────

CHOICE = "the field's own list of choices answers first, with a sentence at the field"
REGISTER = "no form writes this table; only code does"
PACK = "the pack reader refuses it first, naming file, line and key"
#: Constraints without a sentence of their own, and why nobody will read one.
SILENT = {
    "village_kind_known": CHOICE,
    "village_terrain_known": CHOICE,
    "advisor_category_known": CHOICE,
    "log_choices_known": CHOICE,
    "log_version_from_one": REGISTER,
    "advisor_education_known": CHOICE,
    "attachment_kind_known": CHOICE,
    "attachment_checksum_is_sha256": REGISTER,
    "filing_choices_known": CHOICE,
    "filing_of_one_level": REGISTER,
    "waiver_kind_known": CHOICE,
    "appointment_slot_from_one": REGISTER,
    "matter_kind_known": CHOICE,
    "job_finished_when_not_queued": REGISTER,
    "appointment_with_advisor": "id alone is unique: it can only be broken together with the key",
    "filing_period_ordered": "the period follows from its kind and is not typed",
    "rule_key_once": PACK,
    "batch_state_known": REGISTER,
    "batch_traced_when_written": REGISTER,
    "rule_cites_clause": PACK,
    "month_close_once": REGISTER,
    "month_close_first_day": REGISTER,
    "check_choices_known": CHOICE,
    "check_reply_dated": REGISTER,
    "spot_choices_known": CHOICE,
    "spot_reply_dated": REGISTER,
    "spot_draw_first_day": REGISTER,
    "month_close_whole_or_halted": REGISTER,
    "month_close_left_when_halted": REGISTER,
    "book_outcome_known": CHOICE,
    "book_checksum_is_sha256": REGISTER,
    "month_desk_once": REGISTER,
    "month_desk_first_day": REGISTER,
    "month_desk_state_known": REGISTER,
    "reopening_first_day": REGISTER,
    "daily_check_once_a_day": REGISTER,
    **{f"verdict_once_per_{kind.value}": REGISTER for kind in SubjectKind},
    "verdict_one_subject": REGISTER,
    "verdict_status_known": REGISTER,
    "verdict_period_ordered": REGISTER,
    "file_once_per_township": REGISTER,
    "file_once_per_bureau": REGISTER,
    "file_checksum_is_sha256": REGISTER,
    "link_hash_is_sha256": REGISTER,
    "limit_key_known": REGISTER,
    "request_choices_known": CHOICE,
    "incident_choices_known": CHOICE,
    "notice_recipient_known": REGISTER,
    "notice_acknowledged_by_somebody": REGISTER,
    "note_kind_known": CHOICE,
    "request_raised_by_one": REGISTER,
    "form_version_once": REGISTER,
    "form_version_checksum_is_sha256": REGISTER,
    "filling_once": REGISTER,
    "filling_first_day": REGISTER,
    "filling_checksum_is_sha256": REGISTER,
    "filling_open_is_draft": REGISTER,
    "message_kind_known": REGISTER,
    "delivery_once": REGISTER,
    "delivery_choices_known": REGISTER,
    "channel_once_per_bureau": REGISTER,
    "channel_known": REGISTER,
}


def speechless(constraints: list[models.BaseConstraint]) -> set[str]:
    return {c.name for c in constraints if not CHINESE.search(str(c.violation_error_message))}


def test_every_constraint_that_a_person_can_hit_says_so_in_chinese():
    found = [constraint for model in our_models() for constraint in model._meta.constraints]

    with translation.override("en"):  # Django's own sentence is no sentence of ours
        assert speechless(found) == set(SILENT)


def test_constraint_checker_reports():
    mute = models.CheckConstraint(name="mute", condition=models.Q(pk=1))
    speaking = models.CheckConstraint(
        name="speaking", condition=models.Q(pk=1), violation_error_message="请填写。"
    )

    with translation.override("en"):
        assert speechless([mute, speaking]) == {"mute"}


# ── state machines ──────────────────────────────────────────────────────────────────────────────


def state_machines() -> dict[str, Mapping[models.TextChoices, frozenset[models.TextChoices]]]:
    """Every ``…_TRANSITIONS`` of every ``states.py``."""
    found = {}
    for path in python_files(*PACKAGES):
        if path.name != "states.py":
            continue
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        found |= {
            f"{name}.{key}": value
            for key, value in vars(importlib.import_module(name)).items()
            if key.endswith("_TRANSITIONS")
        }
    return found


def flaws(transitions: Mapping[models.TextChoices, frozenset[models.TextChoices]]) -> list[str]:
    """States without a key, and states to which no way leads from the first one listed."""
    states = list(type(next(iter(transitions))))
    reached, ahead = set(), [states[0]]
    while ahead:
        state = ahead.pop()
        if state not in reached:
            reached.add(state)
            ahead += transitions.get(state, ())
    return [
        *(f"{state.value} has no key" for state in states if state not in transitions),
        *(f"{state.value} is unreachable" for state in states if state not in reached),
        *(f"{then} is no state" for then in reached if then not in states),
        *(f"{now.value} follows itself" for now, then in transitions.items() if now in then),
    ]


def test_every_state_machine_is_whole():
    machines = state_machines()

    assert {"advisors.states.APPOINTMENT_TRANSITIONS", "worklogs.states.LOG_TRANSITIONS"} <= set(
        machines
    )
    assert {name: found for name, machine in machines.items() if (found := flaws(machine))} == {}


class _Lamp(models.TextChoices):
    OFF = "off", "关"
    ON = "on", "开"
    BROKEN = "broken", "坏"


def test_state_checker_reports():
    off_on = {_Lamp.OFF: frozenset({_Lamp.ON}), _Lamp.ON: frozenset({_Lamp.ON})}

    assert flaws(off_on) == ["broken has no key", "broken is unreachable", "on follows itself"]
    assert (
        flaws({**dict.fromkeys(_Lamp, frozenset()), _Lamp.OFF: frozenset(_Lamp) - {_Lamp.OFF}})
        == []
    )


# ── one list, two homes ─────────────────────────────────────────────────────────────────────────


#: What the columns of a record can say (assessments.facts), besides its marks.
FROM_FIELDS = {
    *("photo", "client", "phone", "content", "method", "result", "focus", "place", "audience"),
}


@pytest.mark.parametrize(
    ("stored", "words"),
    [
        (Category, CATEGORIES),
        (FilingKind, FILINGS),
        (MatterKind, MATTERS),
        (Mode, MODES),
        (Purpose, PURPOSES),
        (Terrain, TERRAINS),
        (VillageKind, VILLAGE_KINDS),
    ],
)
def test_a_policy_may_use_every_word_that_is_stored_and_no_other(
    stored: type[models.TextChoices], words: tuple[str, ...]
):
    assert sorted(stored.values) == sorted(words)


def test_all_evidence_that_a_policy_may_ask_can_be_shown():
    assert {*Mark.values, *FROM_FIELDS} == set(EVIDENCE)
    assert len(EVIDENCE) == len(set(EVIDENCE))


@pytest.mark.parametrize(("stored", "judged"), [(VerdictStatus, Status), (SubjectKind, Subject)])
def test_the_engine_and_the_tables_name_the_same(stored: type[Enum], judged: type[Enum]):
    assert [member.value for member in stored] == [member.value for member in judged]


# ── scoping ─────────────────────────────────────────────────────────────────────────────────────

#: Models that lead to a place and have no ``visible_to``, and why no page asks them for one.
UNSCOPED = {}


def leads_to_a_place(model: type[models.Model], seen: frozenset[type] = frozenset()) -> bool:
    if model in (Bureau, Township):
        return True
    targets = {f.related_model for f in model._meta.fields if f.is_relation} - seen - {None}
    return any(leads_to_a_place(target, seen | {model}) for target in targets)


def scoped_models() -> list[type[models.Model]]:
    return [m for m in our_models() if isinstance(m._default_manager.all(), ScopedQuerySet)]


def test_every_model_with_rows_of_a_place_is_scoped():
    of_a_place = {model.__name__ for model in our_models() if leads_to_a_place(model)}
    scoped = {model.__name__ for model in scoped_models()}

    assert {"Village", "Appointment", "Matter", "Filing", "Verdict", "GeneratedFile"} <= scoped
    assert of_a_place - scoped == set(UNSCOPED)


def test_every_scoped_queryset_names_a_way_to_the_bureau():
    nowhere = [m.__name__ for m in scoped_models() if not m._default_manager.all().bureau_path]
    assert nowhere == ["Job"]  # the machine's own work


CLOSED = [
    NOBODY,
    Viewer(user_id=1),
    *(Viewer(user_id=1, role=role) for role in Role if role != Role.SYSTEM_ADMIN),
    Viewer(user_id=1, role=Role.BUREAU, bureaus=frozenset({0})),
]


@pytest.mark.django_db
@pytest.mark.parametrize("viewer", CLOSED, ids=lambda v: v.role or "nobody")
def test_a_viewer_without_a_place_sees_nothing(viewer: Viewer, full_county: County):
    seen = {m.__name__: m._default_manager.visible_to(viewer).count() for m in scoped_models()}

    assert seen == dict.fromkeys(seen, 0)


@pytest.mark.django_db
def test_a_system_administrator_sees_every_table(full_county: County):
    """Else the test above would be content with empty tables."""
    viewer = Viewer(user_id=1, role=Role.SYSTEM_ADMIN)
    seen = {m.__name__: m._default_manager.visible_to(viewer).exists() for m in scoped_models()}

    # their bureau's own affair
    own = ("ImportBatch", "FormTemplate", "FormVersion", "FormFilling")
    assert seen == {**dict.fromkeys(seen, True), **dict.fromkeys(own, False)}


def test_viewers_cannot_be_altered():
    assert [f.name for f in fields(Viewer) if f.type == "list"] == []
    with pytest.raises(AttributeError):
        NOBODY.advisor = 1  # type: ignore[misc]


# ── templates ───────────────────────────────────────────────────────────────────────────────────


def template_files() -> dict[str, Path]:
    """Every template of ours, by the name under which it is asked for."""
    folders = [Path(folder) for folder in settings.TEMPLATES[0]["DIRS"]]
    folders += [ROOT / package / "templates" for package in PACKAGES]
    return {
        path.relative_to(folder).as_posix(): path
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix in {".html", ".txt", ".svg", ".css"}
    }


def references(template: Template) -> Iterator[str]:
    """The names that ``extends`` and ``include`` spell out."""
    nodes = template.nodelist.get_nodes_by_type(Node)
    for node in nodes:
        if isinstance(node, ExtendsNode):
            wanted = node.parent_name
        elif isinstance(node, IncludeNode):
            wanted = node.template
        else:
            continue
        if isinstance(wanted.var, str):
            yield wanted.var


def dangling(engine: Engine, names: list[str]) -> list[str]:
    found = []
    for name in names:
        for wanted in references(engine.get_template(name)):
            try:
                engine.get_template(wanted)
            except TemplateDoesNotExist:
                found.append(f"{name} wants {wanted}")
    return found


@cache
def named_in_code() -> set[str]:
    """Every string of the production code that looks like a template's name."""
    return {
        node.value
        for path in python_files(*PACKAGES)
        for node in ast.walk(parsed(text_of(path)))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"[\w\-/]+\.html", node.value)
    }


#: Asked for by Django itself, by these names.
ASKED_BY_DJANGO = re.compile(
    r"(admin|registration|django|rest_framework)/|(400|403|404|500)\.html$|403_csrf"
)


def test_every_template_compiles_and_finds_its_parents():
    names = [name for name, path in template_files().items() if path.suffix == ".html"]

    assert dangling(engines["django"].engine, names) == []


def test_every_template_named_in_code_exists():
    engine = engines["django"].engine
    missing = []
    for name in sorted(named_in_code()):
        try:
            engine.get_template(name)
        except TemplateDoesNotExist:
            missing.append(name)

    assert missing == []


def test_no_template_is_unused():
    engine = engines["django"].engine
    files = {name for name, path in template_files().items() if path.suffix == ".html"}
    named = {wanted for name in files for wanted in references(engine.get_template(name))}

    unused = files - named - named_in_code()
    assert sorted(name for name in unused if not ASKED_BY_DJANGO.match(name)) == []


def test_template_checker_reports():
    loader = (
        "django.template.loaders.locmem.Loader",
        {
            "a.html": "{% extends 'b.html' %}{% block x %}{% include 'c.html' %}{% endblock %}",
            "c.html": "{% include variable %}",
        },
    )
    assert dangling(Engine(loaders=[loader]), ["a.html", "c.html"]) == ["a.html wants b.html"]


# ── the suite's own strictness ──────────────────────────────────────────────────────────────────


def test_an_undefined_variable_fails_in_our_templates(tmp_path: Path):
    strict = engines["django"].engine.string_if_invalid
    assert type(strict) is UndefinedVariable

    ours = _rendered_from(ROOT / "templates" / "page.html")
    theirs = _rendered_from(tmp_path / "site-packages" / "page.html")
    with pytest.raises(pytest.fail.Exception, match="undefined variable 'mistyped'"):
        ours()
    assert theirs() == "[]"


def test_templates_stay_strict_after_a_test_with_settings_of_its_own():
    with override_settings(TEMPLATES=[]):
        pass

    assert type(engines["django"].engine.string_if_invalid) is UndefinedVariable


def _rendered_from(place: Path):
    from django.template import Context, Origin

    engine = engines["django"].engine
    template = Template("[{{ mistyped }}]", origin=Origin(str(place)), engine=engine)
    return lambda: template.render(Context({}))
