"""The copy that a person may ask for: everything about him, with what each column means.

What is gathered follows the data map, so that a new table comes with its classification
(个人信息保护法 45 条).
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Field, Model, Q, QuerySet

from advisors.models import Advisor
from advisors.rules import clean_reason
from assessments.data_grades import Grade
from assessments.data_register import TABLES
from assessments.datamap import columns, seen_by
from lawadvisor.accounts.models import User
from lawadvisor.foundation import audit, sheets
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.masks import hidden_within
from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.roles import Thing
from lawadvisor.foundation.secrets import Secret
from lawadvisor.foundation.tables import Column, Document, Section, section
from lawadvisor.foundation.viewer import Actor, Viewer
from worklogs.erasure import Person, find_client, others_in
from worklogs.faces import SEALS, face_of, may_open
from worklogs.models import Matter

NOT_GIVEN = "不提供"
_BOOK, _DATA = "个人信息副本.xlsx", "个人信息副本.json"
_NOTICE = (
    "本副本按《个人信息保护法》第四十五条提供，列出本系统中与本人有关的全部信息和每一列的含义。",
    "其中涉及服务对象等他人的内容以掩码显示，密码等凭证不提供。",
    "表格中过长的文字有截断，全文见 JSON 文件。",
)
_OWN_NOTICE = (_NOTICE[0], "其中他人的姓名和电话以掩码显示。", _NOTICE[2])
_WORDS = ("表", "列", "名称", "归类", "用途", "保存", "删除", "谁能看")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table's part of a copy: a title a column, and the rows as text."""

    label: str
    title: str
    names: tuple[str, ...]
    titles: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


@transaction.atomic
def copy_of_person(
    *, by: Actor, user: User | None, advisor: Advisor | None, reason: str, now: datetime
) -> bytes:
    """A ZIP with workbook and JSON of all that concerns one person who signs in or advises.

    The audit notes that it was given, to whom and why. DomainError without a reason.
    """
    subject: Advisor | User | None = advisor or user
    if subject is None:
        raise ValueError("a copy is of somebody")
    reason = _reason(reason)
    found = [_sheet(label, rows) for label, rows in _rows_of(user, advisor)]
    bureau = advisor.organisation.bureau_id if advisor else None
    _note(by, "person.copy", subject, bureau, reason, found)
    return _zipped(found, str(subject), _NOTICE, now)


@transaction.atomic
def copy_of_client(
    *,
    by: Actor,
    viewer: Viewer,
    person: Person,
    matters: Collection[int],
    reason: str,
    now: datetime,
) -> bytes:
    """The same of a client: the chosen ones of the matters that are his, as the viewer sees them.

    The notes in the audit stand at each matter, for each is a read of what was
    told in it. DomainError without a reason, or for one that names him.
    """
    reason = _reason(reason)
    if person.is_named_in(reason):
        raise DomainError("事由会留在操作日志中，请不要写本人的姓名或电话。", field="reason")
    hits = [h.matter for h in find_client(viewer=viewer, person=person) if h.matter.pk in matters]
    if not hits:
        raise DomainError("所选记录中已没有此人的信息，请重新查找。")
    found = [_client_sheet(hits, viewer, person)]
    for matter in hits:
        bureau = matter.log.appointment.village.township.bureau_id
        _note(by, "client.copy", matter, bureau, reason, found)
    return _zipped(found, "服务对象本人", _OWN_NOTICE, now)


def _reason(text: str) -> str:
    reason = clean_reason(text, field="reason")
    if not reason:
        raise DomainError("请写明提供副本的事由。", field="reason")
    return reason


def _note(
    by: Actor, verb: str, subject: Model, bureau: int | None, reason: str, found: list[Sheet]
) -> None:
    told = {sheet.label: len(sheet.rows) for sheet in found if sheet.rows}
    audit.record(
        by=by, verb=verb, subject=subject, bureau_id=bureau, after={"rows": told}, reason=reason
    )


# ── gathering ───────────────────────────────────────────────────────────────────────────────────


def _rows_of(user: User | None, advisor: Advisor | None) -> Iterator[tuple[str, QuerySet[Model]]]:
    """Per table on the map the rows that concern this person."""
    for label, table in TABLES.items():
        concerns = Q()
        if user is not None and table.user:
            concerns |= Q((table.user, user.pk))
        if advisor is not None and table.advisor:
            for way in table.advisor.split("|"):
                concerns |= Q((way, advisor.pk))
        model = apps.get_model(label)
        if model is AuditEntry:
            for person in filter(None, (user, advisor)):
                concerns |= Q(subject_type=person._meta.label_lower, subject_id=person.pk)
        if concerns:
            rows = model._meta.base_manager.filter(concerns).distinct().order_by("pk")
            yield label, rows.select_related(*_relations(model))


def _relations(model: type[Model]) -> list[str]:
    return [field.name for field in model._meta.concrete_fields if field.is_relation]


def _sheet(label: str, rows: QuerySet[Model]) -> Sheet:
    named = list(columns(label))
    own = TABLES[label].own
    return Sheet(
        label=label,
        title=str(apps.get_model(label)._meta.verbose_name),
        names=tuple(field.name for field, _ in named),
        titles=tuple(str(field.verbose_name) for field, _ in named),
        rows=[
            tuple(_text(row, field, grade, own=own) for field, grade in named)
            for row in rows.iterator(chunk_size=2000)
        ],
    )


def _text(row: Model, field: Field[Any, Any], grade: Grade, *, own: bool) -> str:
    """As a person reads it: choices in words, other people's secrets masked."""
    if grade is Grade.CREDENTIAL:
        return NOT_GIVEN
    if field.is_relation:
        return str(getattr(row, field.name) or "")
    value: Any = getattr(row, field.attname)
    if isinstance(value, Secret):
        return value.reveal() if own else str(value)
    if field.choices:
        return str(getattr(row, f"get_{field.name}_display")())
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, cls=DjangoJSONEncoder)
    return "" if value is None else str(value)


def _opened(viewer: Viewer) -> tuple[Thing, ...]:
    """The copy opens what its giver may open; the note in the audit is the note of that too."""
    return tuple(seal for seal in SEALS if may_open(viewer, seal))


def _client_sheet(matters: list[Matter], viewer: Viewer, person: Person) -> Sheet:
    named = {
        "day": "服务日期",
        "village": "村（社区）",
        "advisor": "法律顾问",
        "kind": "事项",
        "client": "服务对象",
        "phone": "联系电话",
        "content": "内容",
        "method": "方法",
        "result": "结果",
        "special_group": "特殊群体",
        "photos": "照片张数",
    }
    rows = []
    opened = _opened(viewer)
    for matter in matters:
        face, place = face_of(matter, viewer, opened), matter.log.appointment
        others = others_in(matter, person)
        around = (str(matter.log.service_date), place.village.name, place.advisor.name, face.kind)
        told = (face.client, face.phone, face.content, face.method, face.result)
        masked = (hidden_within(text, *others) for text in told)
        rows.append((*around, *masked, face.special_group, str(matter.attachments.count())))
    return Sheet("worklogs.Matter", "服务事项", tuple(named), tuple(named.values()), rows)


# ── writing ─────────────────────────────────────────────────────────────────────────────────────


def _dictionary(found: list[Sheet]) -> Sheet:
    """What every column is and what becomes of it, of the tables in the copy."""
    rows = [
        (
            *(sheet.title, field.name, str(field.verbose_name), grade.value),
            *(TABLES[sheet.label].purpose, TABLES[sheet.label].kept, TABLES[sheet.label].deleted),
            seen_by(sheet.label, field, grade),
        )
        for sheet in found
        for field, grade in columns(sheet.label)
    ]
    return Sheet("", "数据字典", _WORDS, _WORDS, rows)


def _zipped(found: list[Sheet], whose: str, notice: tuple[str, ...], now: datetime) -> bytes:
    kept = [sheet for sheet in found if sheet.rows]
    dictionary = _dictionary(kept)
    book = Document(
        key="C1",
        title="个人信息副本",
        issuer="一村（社区）一法律顾问工作平台",
        unit=whose,
        period=f"截至{now:%Y年%m月%d日}",
        generated_at=now,
        lead=notice,
        sections=tuple(map(_section, (*kept, dictionary))),
    )
    data = {
        sheet.title: [dict(zip(sheet.names, row, strict=True)) for row in sheet.rows]
        for sheet in (*kept, dictionary)
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_BOOK, sheets.write(book))
        archive.writestr(_DATA, json.dumps(data, ensure_ascii=False, indent=1))
    return packed.getvalue()


def _section(sheet: Sheet) -> Section:
    named = [
        Column(f"c{place}", title, width=8, get=lambda row, place=place: row[place])  # type: ignore[misc]
        for place, title in enumerate(sheet.titles)
    ]
    return section(tuple(named), sheet.rows, title=sheet.title)
