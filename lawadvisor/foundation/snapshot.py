"""A report kept as it was: the machine's face, with what it takes to draw the others again."""

from __future__ import annotations

import json
from dataclasses import astuple
from datetime import date, datetime
from itertools import repeat
from typing import Any

from lawadvisor.foundation.charts import Chart, ChartKind
from lawadvisor.foundation.tables import Column, Document, Kind, Pair, Section, Value, as_json


def freeze(document: Document) -> bytes:
    """The document as UTF-8 JSON: ``as_json`` and the layout of its columns."""
    layout = [
        [[column.width, column.total, *column.parts] for column in part.columns]
        for part in document.sections
    ]
    charts = [[list(astuple(chart)) for chart in part.charts] for part in document.sections]
    kept = {**as_json(document), "layout": layout, "charts": charts}
    return json.dumps(kept, ensure_ascii=False).encode()


def thaw(content: bytes) -> Document:
    """The document that was frozen. Raises ValueError when it is not one, or was altered."""
    try:
        data = json.loads(content)
        document = _document(data)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("not a snapshot") from error
    if document.checksum != data["checksum"]:
        raise ValueError(f"a snapshot of {document.key} was altered")
    return document


def _document(data: dict[str, Any]) -> Document:
    return Document(
        **{name: data[name] for name in ("key", "title", "issuer", "unit", "period")},
        **{name: data[name] for name in ("rule_version", "measure", "watermark")},
        lead=tuple(data["lead"]),
        remarks=tuple(data["remarks"]),
        signatures=tuple(data["signatures"]),
        generated_at=datetime.fromisoformat(data["generated_at"]),
        # what was kept before there were these has none
        **{name: data.get(name, "") for name in ("check", "edition")},
        sections=tuple(
            map(_section, data["sections"], data["layout"], data.get("charts") or repeat([]))
        ),
    )


def _section(data: dict[str, Any], layout: list[list[Any]], drawn: list[list[Any]]) -> Section:
    columns = tuple(
        Column(
            key=each["key"],
            title=each["title"],
            kind=Kind(each["kind"]),
            group=each["group"],
            width=width,
            total=total,
            parts=(first, second),
        )
        for each, (width, total, first, second) in zip(data["columns"], layout, strict=True)
    )
    rows = tuple(
        tuple(_value(column.kind, cell) for column, cell in zip(columns, row, strict=True))
        for row in data["rows"]
    )
    charts = tuple(
        Chart(ChartKind(kind), title, label, tuple(series), part)
        for kind, title, label, series, part in drawn
    )
    return Section(columns, rows, data["title"], tuple(data["notes"]), charts=charts)


def _value(kind: Kind, cell: Any) -> Value:
    if cell is None:
        return None
    if kind is Kind.PAIR:
        return Pair(*cell)
    if kind is Kind.DATE:
        return date.fromisoformat(cell)
    value: Value = cell
    return value
