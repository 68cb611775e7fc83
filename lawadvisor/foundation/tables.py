"""One definition of a report for its four faces: page, PDF, workbook, JSON.

A report names its columns once and hands over its records once; every face
reads the same cells, so their numbers cannot differ::

    COLUMNS = (
        Column("seq", "序号", Kind.SEQ, 2),
        Column("village", "村（社区）", width=7),
        Column("visits", "现场次数", Kind.PAIR, 4, total=True, parts=("计入", "全部")),
        Column("minutes", "现场时长", Kind.HOURS, 4, total=True),
        Column("state", "达标情况", Kind.STATUS, 5, get=lambda row: row.verdict.label),
    )
    document = Document(
        key="R1", title="月度工作汇总表", issuer="清河镇司法所", unit="清河镇",
        period="2026年10月", generated_at=now, rule_version="ZX-1",
        lead=("应配备 17 村，已配备 17 村。",), sections=(section(COLUMNS, rows),),
        remarks=("",), signatures=("填报人", "审核人", "报送日期", "盖章"),
    )

then ``as_json(document)``, ``sheets.write(document)``, ``paper.render(document)``
and, on a page, ``{% include "reports/document.html" %}`` with ``document``.

Pure: no clock, no database, no Django.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple

from lawadvisor.foundation.charts import Chart, Series, Svg, draw
from lawadvisor.foundation.plain_text import plain

TOTAL_LABEL = "合计"


class Kind(StrEnum):
    TEXT = "text"
    SEQ = "seq"  # 序号: counted here, rows need not bring it
    INT = "int"
    HOURS = "hours"  # the value is whole minutes, people read hours
    DATE = "date"
    STATUS = "status"  # a short text that a person looks for first
    BLANK = "blank"  # a text, or the place where one is written by hand
    PAIR = "pair"  # two counts in one cell, say 计入/全部


class Pair(NamedTuple):
    """Two counts of one cell; ``Column.parts`` says what each is."""

    first: int
    second: int

    def __str__(self) -> str:
        return f"{self.first}/{self.second}"


Value = str | int | date | Pair | None


@dataclass(frozen=True, slots=True)
class Column:
    """``width`` in Chinese characters. ``group`` joins neighbours under one heading.

    ``get`` reads the value from a record; None means the attribute named ``key``.
    """

    key: str
    title: str
    kind: Kind = Kind.TEXT
    width: float = 4
    total: bool = False
    group: str = ""
    parts: tuple[str, str] = ("", "")
    get: Callable[[Any], Value] | None = None

    @property
    def hint(self) -> str:
        """What the two counts of a pair are: "计入/全部"; empty for other kinds."""
        return "/".join(self.parts) if self.kind is Kind.PAIR else ""

    def read(self, record: object) -> Value:
        return self.get(record) if self.get else getattr(record, self.key)


class Heading(NamedTuple):
    """One cell of the heading; ``hint`` goes in a second, smaller line.

    ``names_row`` marks the column that stays in sight when a page scrolls.
    """

    title: str
    hint: str
    columns: int = 1
    rows: int = 1
    names_row: bool = False


class Cell(NamedTuple):
    """One cell. ``section`` and ``row`` count from 0; ``row`` is None in the totals."""

    section: int
    row: int | None
    column: Column
    value: Value
    display: str
    link: str = ""


@dataclass(frozen=True)
class Section:
    """One table. ``links`` holds per row the address of the records behind it, or "".

    ``charts`` draw columns of it, in all faces that show pictures.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    title: str = ""
    notes: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    charts: tuple[Chart, ...] = ()

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"表格“{self.title}”一行应有 {len(self.columns)} 格：{row!r}")
        _set(self, rows=tuple(tuple(map(_clean, row)) for row in self.rows))
        _set(self, title=plain(self.title), notes=tuple(map(plain, self.notes)))

    @cached_property
    def totals(self) -> tuple[Value, ...]:
        """A value per column; empty when no column is summed or there is no row."""
        if not self.rows or not any(column.total for column in self.columns):
            return ()
        label = next(i for i, column in enumerate(self.columns) if column.kind is not Kind.SEQ)
        return tuple(
            TOTAL_LABEL if i == label else _sum(row[i] for row in self.rows) if c.total else None
            for i, c in enumerate(self.columns)
        )

    @cached_property
    def headings(self) -> tuple[tuple[Heading, ...], ...]:
        """The heading rows: two when any column has a group, else one."""
        own = {c: Heading(c.title, c.hint, names_row=c.key == self.row_head) for c in self.columns}
        if not any(column.group for column in self.columns):
            return (tuple(own.values()),)
        top: list[Heading] = []
        before = ""
        for column, heading in own.items():
            if not column.group:
                top.append(heading._replace(rows=2))
            elif column.group == before:
                top[-1] = top[-1]._replace(columns=top[-1].columns + 1)
            else:
                top.append(Heading(column.group, ""))
            before = column.group
        return tuple(top), tuple(heading for c, heading in own.items() if c.group)

    @property
    def row_head(self) -> str:
        """The key of the column that names a row: the first text; empty when none is."""
        return next((c.key for c in self.columns if c.kind is Kind.TEXT), "")

    @cached_property
    def shares(self) -> tuple[float, ...]:
        """The columns' widths in percent of the table, for a fixed layout."""
        whole = sum(column.width for column in self.columns)
        return tuple(round(100 * column.width / whole, 3) for column in self.columns)


@dataclass(frozen=True)
class Document:
    """One report, ready for its faces.

    ``period`` and ``unit`` as people read them; ``issuer`` is the unit that
    reports; ``measure`` the units of the figures ("单位：次、小时"); ``lead``
    lines stand above the first table, ``remarks`` below the last;
    ``watermark`` (say 未关账) lies across every page, empty for none.
    ``generated_at`` is aware or local time and is shown as given. ``check`` is
    the address that says whether this paper is still current, ``edition`` which
    of several it is (第2版), empty for none; they are no part of what it says.
    """

    key: str
    title: str
    issuer: str
    unit: str
    period: str
    generated_at: datetime
    sections: tuple[Section, ...]
    rule_version: str = ""
    measure: str = ""
    lead: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()
    watermark: str = ""
    check: str = ""
    edition: str = ""

    def __post_init__(self) -> None:
        for name in ("title", "issuer", "unit", "period", "rule_version", "measure", "watermark"):
            _set(self, **{name: plain(getattr(self, name))})
        for name in ("lead", "remarks", "signatures"):
            _set(self, **{name: tuple(map(plain, getattr(self, name)))})

    @cached_property
    def checksum(self) -> str:
        """SHA-256 of what the report says; the time of printing is not part of it."""
        text = json.dumps(_content(self), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def foot(self) -> str:
        """When it was made and by which rules, as every face prints it."""
        made = f"生成时间：{self.generated_at:%Y-%m-%d %H:%M}"
        rules = f"规则版本：{self.rule_version}" if self.rule_version else ""
        return "　".join(filter(None, (made, rules, self.edition)))

    @property
    def seal(self) -> str:
        """The checksum as a person compares it: its first sixteen digits."""
        groups = (self.checksum[i : i + 4] for i in range(0, 16, 4))
        return "校验码：" + " ".join(groups)

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        return tuple(Table(number, part) for number, part in enumerate(self.sections))

    @property
    def row_count(self) -> int:
        return sum(len(part.rows) for part in self.sections)


class Table(NamedTuple):
    """A section with its place in the document, as the templates walk it."""

    number: int
    section: Section

    @property
    def body(self) -> Iterator[tuple[Cell, ...]]:
        links = self.section.links or ("",) * len(self.section.rows)
        for number, (row, link) in enumerate(zip(self.section.rows, links, strict=True)):
            yield tuple(self._cells(number, row, link))

    @property
    def totals(self) -> tuple[Cell, ...]:
        return tuple(self._cells(None, self.section.totals, "")) if self.section.totals else ()

    @property
    def pictures(self) -> tuple[Svg, ...]:
        """The section's charts, drawn."""
        return tuple(map(self._drawn, self.section.charts if self.section.rows else ()))

    def _drawn(self, chart: Chart) -> Svg:
        part = self.section
        places = {column.key: place for place, column in enumerate(part.columns)}
        series = [
            Series(
                part.columns[places[key]].title,
                tuple(_size(row[places[key]], chart.part) for row in part.rows),
            )
            for key in chart.series
        ]
        labels = [display(Kind.TEXT, row[places[chart.label]]) for row in part.rows]
        return draw(chart.kind, chart.title, labels, series)

    def _cells(self, row_number: int | None, row: tuple[Value, ...], link: str) -> Iterator[Cell]:
        for column, value in zip(self.section.columns, row, strict=True):
            yield Cell(self.number, row_number, column, value, display(column.kind, value), link)


def _size(value: Value, part: int) -> float | None:
    """A value as a chart draws it; None where there is no number."""
    number = value[part] if isinstance(value, Pair) else value
    return number if isinstance(number, int) else None


def section(
    columns: tuple[Column, ...],
    records: Iterable[object],
    *,
    title: str = "",
    notes: tuple[str, ...] = (),
    link: Callable[[Any], str] | None = None,
    charts: tuple[Chart, ...] = (),
) -> Section:
    """Read the columns from the records; 序号 is counted."""
    records = list(records)
    rows = tuple(
        tuple(number if column.kind is Kind.SEQ else column.read(record) for column in columns)
        for number, record in enumerate(records, start=1)
    )
    links = tuple(link(record) for record in records) if link else ()
    return Section(columns, rows, title, notes, links, charts)


def cells(document: Document) -> Iterator[Cell]:
    """Every cell of every table, totals after the rows: what all faces must show."""
    for table in document.tables:
        for row in table.body:
            yield from row
        yield from table.totals


def as_json(document: Document) -> dict[str, object]:
    """The machine's face: plain values, minutes as minutes, dates as ISO texts."""
    return {
        **_content(document),
        "generated_at": document.generated_at.isoformat(),
        "checksum": document.checksum,
        "check": document.check,
        "edition": document.edition,
    }


def display(kind: Kind, value: Value) -> str:
    """A value as people read it; None is an empty cell."""
    if value is None:
        return ""
    if kind is Kind.HOURS and isinstance(value, int):
        return hours(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def hours(minutes: int) -> str:
    """Minutes as hours with one decimal, or two where one would round.

    239 minutes are 3.98, never 4.0: sixtieths rounded to two decimals cannot
    reach the next tenth, so a visit that is short by a minute looks short.
    """
    text = f"{minutes / 60:.2f}"
    return text.removesuffix("0")


def _set(frozen: object, **fields: object) -> None:
    """Put cleaned texts into a frozen dataclass while it is being made."""
    for name, value in fields.items():
        object.__setattr__(frozen, name, value)


def _clean(value: Value) -> Value:
    return plain(value) if isinstance(value, str) else value


def _sum(values: Iterator[Value]) -> Value:
    """The sum of numbers, or of pairs part by part; empty cells count nothing."""
    given = [value for value in values if value is not None]
    pairs = [value for value in given if isinstance(value, Pair)]
    if pairs:
        return Pair(sum(pair.first for pair in pairs), sum(pair.second for pair in pairs))
    return sum(value for value in given if isinstance(value, int))


def _content(document: Document) -> dict[str, object]:
    return {
        "key": document.key,
        "title": document.title,
        "issuer": document.issuer,
        "unit": document.unit,
        "period": document.period,
        "rule_version": document.rule_version,
        "measure": document.measure,
        "lead": list(document.lead),
        "remarks": list(document.remarks),
        "signatures": list(document.signatures),
        "watermark": document.watermark,
        "sections": [_section_content(part) for part in document.sections],
    }


def _section_content(part: Section) -> dict[str, object]:
    return {
        "title": part.title,
        "columns": [
            {"key": c.key, "title": c.title, "kind": c.kind.value, "group": c.group, "of": c.hint}
            for c in part.columns
        ],
        "rows": [[_plain_value(value) for value in row] for row in part.rows],
        "totals": [_plain_value(value) for value in part.totals],
        "notes": list(part.notes),
    }


def _plain_value(value: Value) -> str | int | list[int] | None:
    if isinstance(value, Pair):
        return list(value)
    return value.isoformat() if isinstance(value, date) else value
