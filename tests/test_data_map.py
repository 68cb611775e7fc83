"""The data map: no column without its class, and the page says what the code says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.apps import apps
from django.utils import translation

from assessments import datamap
from assessments.data_grades import Grade
from assessments.data_register import TABLES
from assessments.datamap import as_markdown, columns, seen_by, strays
from lawadvisor.foundation.rotation import secret_columns
from tests.test_architecture import ROOT


def test_every_column_of_every_table_is_classified():
    assert strays() == []


@pytest.mark.parametrize(
    ("label", "change", "stray"),
    [
        ("worklogs.Matter", {"encrypted": "client"}, "worklogs.Matter.phone：没有归类"),
        ("worklogs.Matter", {"personal": "focus age"}, "worklogs.Matter.age：没有这一列"),
        ("worklogs.Matter", {"personal": "focus client"}, "worklogs.Matter.client：归类两次"),
    ],
)
def test_a_column_that_is_not_is_named(
    label: str, change: dict, stray: str, monkeypatch: pytest.MonkeyPatch
):
    changed = {**TABLES, label: replace(TABLES[label], **change)}
    monkeypatch.setattr(datamap, "TABLES", changed)

    assert strays() == [stray]


def test_a_table_that_is_not_is_named(monkeypatch: pytest.MonkeyPatch):
    others = {label: table for label, table in TABLES.items() if label != "worklogs.Matter"}
    monkeypatch.setattr(datamap, "TABLES", {**others, "worklogs.Client": TABLES["accounts.User"]})

    assert strays() == ["worklogs.Client：没有这个表", "worklogs.Matter：没有归类"]


def test_the_page_is_the_map():
    with translation.override("zh-hans"):
        written = (ROOT / "docs" / "data-map.md").read_text(encoding="utf-8")

        assert written == as_markdown(), "python manage.py data_map > docs/data-map.md"


def test_what_is_encrypted_is_so_on_the_map_and_nothing_else():
    sealed = {
        f"{model._meta.label}.{field.name}"
        for model, fields in secret_columns().items()
        for field in fields
    }
    said = {
        f"{label}.{field.name}"
        for label in TABLES
        for field, grade in columns(label)
        if grade in (Grade.ENCRYPTED, Grade.SEALED)
    }

    assert said == sealed


def test_a_column_that_names_a_person_by_its_name_is_personal():
    """By the words of the columns, so that a hasty ``plain`` is noticed."""
    words = ("姓名", "电话", "操作人", "批准人", "地址", "用户", "顾问", "服务内容")
    hasty = [
        f"{label}.{field.name}"
        for label in TABLES
        for field, grade in columns(label)
        if grade is Grade.PLAIN and any(word in str(field.verbose_name) for word in words)
    ]

    with translation.override("zh-hans"):
        assert hasty == []


def test_who_sees_follows_the_table_of_roles():
    matter = apps.get_model("worklogs.Matter")._meta
    told = {
        name: seen_by(
            "worklogs.Matter", matter.get_field(name), TABLES["worklogs.Matter"].grades()[name]
        )
        for name in ("kind", "client", "special_group", "content")
    }

    assert told["kind"].startswith("系统管理员，司法局工作人员，")
    assert "镇街" not in told["client"]
    assert told["special_group"] == "司法局工作人员，司法所，法律顾问（写明事由后查看）"
    assert "调解事项只有司法局调解工作人员，司法所，法律顾问，写明" in told["content"]


def test_every_way_to_a_person_can_be_walked():
    for label, table in TABLES.items():
        rows = apps.get_model(label)._base_manager
        for way in filter(None, (table.user, *table.advisor.split("|"))):
            assert str(rows.filter(**{way: 1}).query), (label, way)
    assert datamap.TABLES["worklogs.Matter"].advisor
