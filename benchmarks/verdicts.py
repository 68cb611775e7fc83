"""A month's verdicts, explained and stored, against the bare INSERT of the same rows."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction

from assessments.closing import judge_into
from assessments.facts import Desk
from assessments.models import MonthClose, Verdict
from assessments.quota.rules import Subject
from benchmarks.data import Scale, close_of
from benchmarks.ratio import Row, Work, in_turns, medians
from villages.models import Bureau

_TABLE = Verdict._meta.db_table
_COLUMNS = ", ".join(
    field.column for field in Verdict._meta.concrete_fields if not field.primary_key
)


def measure(county: Bureau, prefecture: Bureau, scale: Scale) -> list[Row]:
    """The county against its floor, the prefecture against its own, and the one by the other.

    Both sides commit, so that the foreign keys, which are deferred, are checked in both. The
    table is emptied before each: the database allows no DELETE there.
    """
    small, large = Month(county, "held_county"), Month(prefecture, "held_prefecture")
    times = medians(
        in_turns(
            {
                "county floor": small.insert,
                "county": small.judge,
                "prefecture floor": large.insert,
                "prefecture": large.judge,
            },
            scale.repeats,
            before=clean,
        )
    )
    clean()
    per = large.verdicts / small.verdicts
    return [
        small.row("a month judged and stored, county", times["county floor"], times["county"], 5),
        large.row("the same, prefecture", times["prefecture floor"], times["prefecture"], 5),
        Row(
            what="prefecture by county, per size",
            size=f"{per:.1f} times the verdicts",
            floor=times["county"],
            ours=times["prefecture"],
            target=1.1,
            per=per,
            queries="equal" if small.queries == large.queries else "NOT EQUAL",
        ),
    ]


class Month:
    """One bureau's month: judged by us, or inserted from the rows that we once wrote."""

    def __init__(self, bureau: Bureau, held: str) -> None:
        self.close: MonthClose = close_of(bureau)
        self.held = held
        clean()
        self.queries = queries_of(self.judge)
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {held}")
            cursor.execute(f"CREATE UNLOGGED TABLE {held} AS SELECT {_COLUMNS} FROM {_TABLE}")
            cursor.execute(f"ANALYZE {held}")
        self.verdicts = Verdict.objects.count()
        self.villages = sum(t.villages.count() for t in bureau.townships.all())

    def judge(self) -> None:
        close = self.close
        with transaction.atomic():
            judge_into(close, Desk(close.bureau_id), Subject)

    def insert(self) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {_TABLE} ({_COLUMNS}) SELECT {_COLUMNS} FROM {self.held}")

    def row(self, what: str, floor: float, ours: float, target: float) -> Row:
        size = f"{self.villages} villages, {self.verdicts} verdicts"
        return Row(what, size, floor, ours, target, f"{self.queries} + COPY")


def queries_of(work: Work) -> int:
    """How many statements a work sends; a COPY goes past Django and is not among them."""
    count = 0

    def counting(execute: Callable[..., Any], *arguments: Any) -> Any:
        nonlocal count
        count += 1
        return execute(*arguments)

    with connection.execute_wrapper(counting):
        work()
    return count


def clean() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {_TABLE}")
    gc.collect()
