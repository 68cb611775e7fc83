"""Importers whose line is one row of one table: what differs, writing in bulk, taking back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.backends.postgresql.psycopg_any import Range

from lawadvisor.foundation import audit
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.importing.plans import Action, Change, Desk, Line, Tell, Trace

BATCH = 2_000
#: Obstacles are named one by one up to this number.
_NAMED = 10


class Draft(NamedTuple):
    """A row with its new values, unsaved. ``before`` None: it is new; else what was there."""

    row: models.Model
    before: dict[str, Any] | None
    after: dict[str, Any]


def drafted(row: models.Model, wanted: Mapping[str, Any]) -> tuple[Draft, list[Change]]:
    """Set what is wanted on a row, by field name; the changes of a row that is there already.

    None among the wanted leaves its field alone.
    """
    given = {name: value for name, value in wanted.items() if value is not None}
    if row.pk is None:
        return Draft(_filled(row, given), None, _stored(row, given)), []
    changed = {name: value for name, value in given.items() if getattr(row, name) != value}
    before = _stored(row, changed)
    shown_before = {name: _shown(row, name) for name in changed}
    _filled(row, changed)
    changes = [Change(_title(row, name), shown_before[name], _shown(row, name)) for name in changed]
    return Draft(row, before, _stored(row, changed)), changes


def action_of(draft: Draft) -> Action:
    if draft.before is None:
        return Action.NEW
    return Action.CHANGED if draft.after else Action.SAME


def write_rows(desk: Desk, noun: str, lines: Sequence[Line], tell: Tell) -> list[Trace]:
    """Write drafts of one table, each with its audit row: ``village.import`` and its like."""
    drafts: list[Draft] = [line.data for line in lines]
    if not drafts:
        return []
    model = type(drafts[0].row)
    fresh = [draft.row for draft in drafts if draft.before is None]
    changed = [draft.row for draft in drafts if draft.before is not None]
    model._default_manager.bulk_create(fresh, batch_size=BATCH)
    tell(len(fresh), len(drafts))
    names = sorted({name for draft in drafts if draft.before is not None for name in draft.after})
    if changed:
        model._default_manager.bulk_update(changed, names, batch_size=BATCH)
    audit.record_all(
        by=desk.by,
        verb=f"{noun}.import",
        bureau_id=desk.bureau_id,
        changes=[(draft.row, draft.before, draft.after) for draft in drafts],
    )
    tell(len(drafts), len(drafts))
    label = model._meta.label_lower
    return [Trace(label, draft.row.pk, draft.before, draft.after) for draft in drafts]


def take_back(
    desk: Desk, noun: str, traces: Sequence[Trace], reason: str, *, own: Iterable[str] = ()
) -> None:
    """Delete what was made and set back what was changed, if nothing stands in the way.

    ``own`` names the relations (``matters``) whose rows go with a row that was made. Raises
    DomainError, naming what has been built on the import.
    """
    for label, group in groupby(sorted(traces, key=lambda each: each.model), lambda t: t.model):
        _take_back_of(desk, noun, apps.get_model(label), list(group), reason, frozenset(own))


def refuse(obstacles: Sequence[str]) -> None:
    """Raise DomainError, naming them, unless there are none."""
    if obstacles:
        more = f"等{len(obstacles)}项" if len(obstacles) > _NAMED else ""
        raise DomainError(
            f"不能撤销，因为导入以后{'；'.join(obstacles[:_NAMED])}{more}。没有撤销任何内容。"
        )


def stored(value: Any) -> Any:
    """A field's value as JSON keeps it."""
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Range):
        return [stored(value.lower), stored(value.upper)]
    if isinstance(value, models.Model):
        return value.pk
    return str(value) if isinstance(value, UUID) else value


def _take_back_of(
    desk: Desk,
    noun: str,
    model: type[models.Model],
    traces: list[Trace],
    reason: str,
    own: frozenset[str],
) -> None:
    pks = [trace.pk for trace in traces]
    rows = model._default_manager.select_for_update(of=("self",)).in_bulk(pks)
    obstacles = [
        *altered(rows, traces),
        *_built_on(model, rows, [t.pk for t in traces if t.before is None], own),
    ]
    refuse(obstacles)
    changes = [(rows[trace.pk], trace.after, trace.before) for trace in traces]
    audit.record_all(
        by=desk.by, verb=f"{noun}.undo", bureau_id=desk.bureau_id, changes=changes, reason=reason
    )
    for trace in traces:
        for name, value in (trace.before or {}).items():
            field = _field(rows[trace.pk], name)
            setattr(rows[trace.pk], field.attname, field.to_python(value))
    restored = [rows[trace.pk] for trace in traces if trace.before is not None]
    names = sorted({name for trace in traces for name in trace.before or ()})
    if restored and names:
        model._default_manager.bulk_update(restored, names, batch_size=BATCH)
    model._default_manager.filter(pk__in=[t.pk for t in traces if t.before is None]).delete()


def altered(rows: Mapping[Any, models.Model], traces: Iterable[Trace]) -> Iterator[str]:
    """What is no longer as the import left it, each in words."""
    for trace in traces:
        row = rows.get(trace.pk)
        if row is None:
            yield f"编号{trace.pk}的记录已不存在"
            continue
        for name, value in trace.after.items():
            if stored(getattr(row, name)) != value:
                yield f"{row}的{_title(row, name)}又改为“{_shown(row, name)}”"


def _built_on(
    model: type[models.Model],
    rows: Mapping[Any, models.Model],
    made: list[int],
    own: frozenset[str],
) -> Iterator[str]:
    for relation in model._meta.related_objects:
        if relation.get_accessor_name() in own:
            continue
        field = relation.field
        found = relation.related_model._default_manager.filter(**{f"{field.name}__in": made})
        counted = found.values_list(field.attname).annotate(models.Count("pk")).order_by()
        for pk, count in counted:
            yield f"{rows[pk]}已有{count}条{relation.related_model._meta.verbose_name}"


def _filled(row: models.Model, values: Mapping[str, Any]) -> models.Model:
    for name, value in values.items():
        setattr(row, name, value)
    return row


def _stored(row: models.Model, names: Iterable[str]) -> dict[str, Any]:
    return {name: stored(getattr(row, name)) for name in names}


def _title(row: models.Model, name: str) -> str:
    return str(_field(row, name).verbose_name)


def _field(row: models.Model, name: str) -> models.Field[Any, Any]:
    field = row._meta.get_field(name)
    if not isinstance(field, models.Field):
        raise TypeError(f"{name} is no field of its own")
    return field


def _shown(row: models.Model, name: str) -> str:
    """A field as people read it: the label of a choice, 是 or 否, a row by its name."""
    label = getattr(row, f"get_{name}_display", None)
    value = label() if label else getattr(row, name)
    if isinstance(value, bool):
        return "是" if value else "否"
    return "" if value is None else str(value)
