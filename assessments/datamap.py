"""The data map: every column of every table, whose business it is, and what becomes of it.

``docs/data-map.md`` is written from here (``manage.py data_map``), and the copy that a person may
ask for is gathered by it. A column that is not named here fails the suite (个人信息保护法 51 条).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db.models import Field, Model

from assessments.data_grades import Grade
from assessments.data_register import TABLES
from lawadvisor.foundation.roles import ROLES, Thing

#: Who sees a column that fewer see than the rest of its row; others see a mask, or nothing.
_SEEN_BY_COLUMN = {
    "worklogs.Matter.client": Thing.CLIENTS,
    "worklogs.Matter.phone": Thing.CLIENTS,
    "worklogs.Matter.special_group": Thing.MARKS,
}


def columns(label: str) -> Iterator[tuple[Field[Any, Any], Grade]]:
    """Every column of the model, in its order; KeyError for one that is not on the map."""
    grades = TABLES[label].grades()
    for field in apps.get_model(label)._meta.concrete_fields:
        yield field, grades[field.name]


def strays() -> list[str]:
    """Columns that are not on the map, and names on the map that are no column (or twice)."""
    models = {model._meta.label: model for model in apps.get_models(include_auto_created=True)}
    found = [f"{label}：没有归类" for label in models.keys() - TABLES.keys()]
    found += [f"{label}：没有这个表" for label in TABLES.keys() - models.keys()]
    for label in models.keys() & TABLES.keys():
        found += _strays_of(label, models[label])
    return sorted(found)


def _strays_of(label: str, model: type[Model]) -> Iterator[str]:
    table = TABLES[label]
    named = [name for grade in Grade for name in str(getattr(table, grade.name.lower())).split()]
    there = {field.name for field in model._meta.concrete_fields}
    yield from (f"{label}.{name}：没有归类" for name in there - {*named})
    yield from (f"{label}.{name}：没有这一列" for name in {*named} - there)
    yield from (f"{label}.{name}：归类两次" for name in {*named} if named.count(name) > 1)


def roles_that_see(thing: Thing | None) -> str:
    """In words, from the table of roles."""
    if thing is None:
        return "无人"
    return "，".join(str(role.label) for role, rights in ROLES.items() if thing in rights.sees)


def seen_by(label: str, field: Field[Any, Any], grade: Grade) -> str:
    """In words: by whom, and how those see it who see the row without it."""
    if grade is Grade.CREDENTIAL:
        return "无人"
    narrower = _SEEN_BY_COLUMN.get(f"{label}.{field.name}")
    said = roles_that_see(narrower or TABLES[label].seen)
    if grade is Grade.ENCRYPTED and narrower:
        return f"{said}（其他能看这一行的岗位看到掩码）"
    if grade is Grade.SEALED and narrower:
        return f"{said}（写明事由后查看）"
    if grade is Grade.SEALED:
        return f"{said}（调解事项只有{roles_that_see(Thing.MEDIATION)}，写明事由后查看）"
    return said


_HEAD = """\
# 数据目录

由 `python manage.py data_map > docs/data-map.md` 生成，请勿手工修改；登记在
`assessments/data_register.py`。每一列都已归类，新的列不归类就不能通过测试。

“谁能看”按岗位表（`lawadvisor/foundation/roles.py`）列出，都只限本岗位的范围；系统管理员写明事由后可查看封存内容。
"""


def as_markdown() -> str:
    """The whole map as a page."""
    lines = _HEAD.splitlines()
    for label, table in TABLES.items():
        named: dict[tuple[str, str], list[str]] = {}
        for field, grade in columns(label):
            held = named.setdefault((grade.value, seen_by(label, field, grade)), [])
            held.append(f"{field.verbose_name} `{field.name}`")
        lines += [
            "",
            f"## {apps.get_model(label)._meta.verbose_name}（{label}）",
            "",
            f"用途：{table.purpose}。保存：{table.kept}。删除：{table.deleted}。",
            "",
            "| 归类 | 列 | 谁能看 |",
            "| --- | --- | --- |",
        ]
        lines += [f"| {grade} | {'、'.join(held)} | {by} |" for (grade, by), held in named.items()]
    return "\n".join([*lines, ""])
