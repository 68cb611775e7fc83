"""What an importer is: its columns, what each row of a file would do, and how to do it.

An importer lives on the floor of the rows that it writes. It plans without writing: every bad
cell is named, every good row says whether it is new, changed, the same or an end. What it
writes it notes in ``Trace``, so that an import can be taken back.
"""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from lawadvisor.foundation.importing.cells import Cell
from lawadvisor.foundation.importing.columns import Column, address
from lawadvisor.foundation.importing.values import plain_text, shown
from lawadvisor.foundation.viewer import Actor, Viewer

#: A longer text is cut where it is repeated; the cell itself keeps it.
FOUND_LENGTH = 100

#: Told how many of how many rows are done.
Tell = Callable[[int, int], None]


class Action(StrEnum):
    """What a good row would do."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    ENDED = "ended"

    @property
    def label(self) -> str:
        return {"new": "新增", "changed": "更新", "same": "不变", "ended": "结束"}[self.value]


class BadCell(NamedTuple):
    """``expected`` ends without a full stop; ``nearest`` is a valid value, "" for none.

    ``sure``: the nearest is the same name in another spelling, and not only like it.
    """

    sheet: str
    row: int
    column: int
    title: str
    found: str
    expected: str
    nearest: str = ""
    sure: bool = False

    @property
    def address(self) -> str:
        return address(self.row, self.column)


class Change(NamedTuple):
    """One field, as people read it."""

    title: str
    before: str
    after: str


class Line(NamedTuple):
    """What one row would do. ``data`` is the importer's own, to write by."""

    sheet: str
    row: int
    action: Action
    label: str
    changes: tuple[Change, ...] = ()
    data: Any = None


class Trace(NamedTuple):
    """One row written. ``before`` None: it was made. Both hold JSON values by field name."""

    model: str
    pk: int
    before: dict[str, Any] | None
    after: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Desk:
    """For whom a file is read: one bureau, the person, and the moment."""

    bureau_id: int
    by: Actor
    now: datetime


@dataclass(slots=True)
class Entry:
    """One row of a sheet. ``values`` holds what could be read, by the column's key."""

    sheet: str
    row: int
    columns: Mapping[str, tuple[int, Column]]
    cells: dict[str, Cell]
    values: dict[str, Any] = field(default_factory=dict)
    bad: list[BadCell] = field(default_factory=list)

    def get(self, key: str) -> Any:
        """The value; None for an empty cell, an unreadable one and a column that is not there."""
        return self.values.get(key)

    def refuse(self, key: str, expected: str, nearest: str = "", *, sure: bool = False) -> None:
        """Name the cell bad; a second complaint about one cell would only repeat the first."""
        if self.has_bad(key):
            return
        place, title = self._place(key)
        found = self._found(key)
        self.bad.append(BadCell(self.sheet, self.row, place, title, found, expected, nearest, sure))
        self.values.pop(key, None)

    def has_bad(self, key: str) -> bool:
        place, _ = self._place(key)
        return any(bad.column == place for bad in self.bad)

    def line(
        self, action: Action, label: str, changes: Iterable[Change] = (), data: Any = None
    ) -> Line:
        return Line(self.sheet, self.row, action, label, tuple(changes), data)

    def _found(self, key: str) -> str:
        said = shown(self.cells[key]) if key in self.cells else ""
        said = said if plain_text(said) else ""
        private = key in self.columns and self.columns[key][1].private
        return f"{said[:1]}…（共{len(said)}字）" if said and private else said[:FOUND_LENGTH]

    def _place(self, key: str) -> tuple[int, str]:
        """The cell to point at; the row's first where the sheet has no such column."""
        if key in self.columns:
            place, column = self.columns[key]
            return place, column.title
        place, column = min(self.columns.values(), key=lambda each: each[0])
        return place, column.title


class Importer(ABC):
    """One kind of file. Stateless: what it needs of a bureau it reads for each desk."""

    key: str
    #: What a row is: 村（社区）, 机构 …
    title: str
    #: Sentences for the sheet of notes.
    notes: tuple[str, ...] = ()

    @abstractmethod
    def columns(self, desk: Desk) -> tuple[Column, ...]:
        """The columns, their drop-downs filled with what this bureau has."""

    @abstractmethod
    def plan(self, desk: Desk, entries: Sequence[Entry], tell: Tell) -> Iterator[Line]:
        """A line for each good entry; whatever else is wrong is refused on its entry."""

    @abstractmethod
    def write(self, desk: Desk, lines: Sequence[Line], tell: Tell) -> list[Trace]:
        """Do what the lines say, inside the caller's transaction, with audit rows.

        Raises DomainError where the world has moved on since the plan.
        """

    @abstractmethod
    def undo(self, desk: Desk, traces: Sequence[Trace], reason: str) -> None:
        """Take everything back, inside the caller's transaction.

        Raises DomainError, naming what stands in the way; then nothing was taken back.
        """

    @abstractmethod
    def rows(self, desk: Desk, viewer: Viewer) -> Iterator[Mapping[str, str]]:
        """What the bureau has, as the texts that this importer reads, by the column's key.

        The desk says which rows, the viewer how much of each is shown.
        """

    def remarks(self, desk: Desk, entries: Sequence[Entry]) -> list[str]:  # noqa: ARG002
        """Sentences on the file as a whole that are no fault of any cell."""
        return []

    def absent(self, desk: Desk, lines: Sequence[Line]) -> list[str]:  # noqa: ARG002
        """What the bureau has and the file does not name. It stays: absence is no order."""
        return []


def digest_of(lines: Iterable[Line]) -> str:
    """What a person confirms: the same digest, the same effect."""
    said = [[line.sheet, line.row, line.action, line.label, line.changes] for line in lines]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


_importers: dict[str, Importer] = {}


def register(importer: Importer) -> None:
    """Offer an importer on the pages, in the order of registration."""
    _importers[importer.key] = importer


def importers() -> Mapping[str, Importer]:
    return _importers
