"""Papers as PDF and workbook against bare WeasyPrint and bare openpyxl: R1 alone, then the set.

The set is all that a close writes for a township. A prefecture's own papers are collected beside
their rows' bare count, and how long they take is said below the table.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from django.db import transaction

from assessments.closing import judge_into
from assessments.enums import ReportKey
from assessments.facts import Desk
from assessments.models import MonthClose
from assessments.quota.rules import Subject
from assessments.reports import collect
from benchmarks import bare
from benchmarks.data import Scale, close_of
from benchmarks.ratio import Row, in_turns, medians
from benchmarks.verdicts import queries_of
from lawadvisor.foundation import paper, sheets
from lawadvisor.foundation.tables import Document
from villages.models import Bureau, Village

FIRST = ReportKey.MONTHLY_SUMMARY


@dataclass
class Result:
    """The rows, and how many townships' R1 and whole sets one process writes a minute."""

    rows: list[Row] = field(default_factory=list)
    sets_a_minute: float = 0.0
    whole_sets_a_minute: float = 0.0
    notes: tuple[str, ...] = ()


def measure(county: Bureau, prefecture: Bureau, scale: Scale) -> Result:
    """Every township's medians, added up."""
    close = _judged(county)
    printer = bare.Printer()
    townships = [township.pk for township in county.townships.all()]
    measured = {report: _measured(report, close, townships, printer, scale) for report in ReportKey}
    return _result(measured, len(townships), _of_prefecture(prefecture))


@dataclass(frozen=True, slots=True)
class _Times:
    """Seconds by work, over all townships, and the numbers of queries that were seen."""

    by_work: dict[str, float]
    queries: list[int]

    @property
    def ours(self) -> float:
        return self.by_work["collect"] + self.by_work["PDF"] + self.by_work["XLSX"]

    @property
    def floor(self) -> float:
        return self.by_work["bare PDF"] + self.by_work["bare XLSX"]


def _measured(
    report: ReportKey,
    close: MonthClose,
    townships: Sequence[int],
    printer: bare.Printer,
    scale: Scale,
) -> _Times:
    desks = [_Desk(report, close, township, printer) for township in townships]
    in_turns(desks[0].works, 1)  # fonts and templates are loaded
    each = [medians(in_turns(desk.works, scale.passes)) for desk in desks]
    times = {name: sum(one[name] for one in each) for name in each[0]}
    return _Times(times, sorted({desk.queries for desk in desks}))


class _Desk:
    """One township's paper, by us and bare; what the floors print is made before."""

    def __init__(
        self, report: ReportKey, close: MonthClose, township: int, printer: bare.Printer
    ) -> None:
        self.collect = partial(collect, report, close, township)
        self.document: Document = self.collect()
        self.queries = queries_of(self.collect)
        self.works = {
            "collect": self.collect,
            "bare PDF": partial(printer.pdf, bare.plain_html(self.document)),
            "PDF": partial(paper.render, self.document),
            "bare XLSX": partial(bare.workbook, bare.plain_sheets(self.document)),
            "XLSX": partial(sheets.write, self.document),
        }


def _of_prefecture(prefecture: Bureau) -> str:
    """How long the prefecture's own papers and its ledger take, in a sentence."""
    close = _judged(prefecture)
    told = []
    for report in ReportKey:
        start = time.perf_counter()
        document = collect(report, close, None)
        read = time.perf_counter()
        sheets.write(document)
        done = time.perf_counter()
        queries = queries_of(partial(collect, report, close, None))
        told.append(
            f"{report} {read - start:.2f} s in {queries} queries, "
            f"{document.row_count} rows as workbook {done - read:.2f} s"
        )
    villages = Village.objects.filter(township__bureau=prefecture).count()
    return f"a prefecture of {villages} villages reads {'; '.join(told)}"


def _judged(county: Bureau) -> MonthClose:
    close = close_of(county)
    with transaction.atomic():
        desk = Desk(county.pk)
        judge_into(close, desk, Subject)
    return MonthClose.objects.select_related("bureau", "policy").get(pk=close.pk)


def _result(measured: Mapping[ReportKey, _Times], townships: int, note: str) -> Result:
    first, size = measured[FIRST], f"{townships} townships"
    whole = sum(times.ours for times in measured.values())
    floor = sum(times.floor for times in measured.values())
    asked = sum(max(times.queries) for times in measured.values())
    queries = f"{'–'.join(map(str, first.queries))} a township"
    rows = [
        Row("R1 as PDF", size, first.by_work["bare PDF"], first.by_work["PDF"], 1.2),
        Row("R1 as XLSX", size, first.by_work["bare XLSX"], first.by_work["XLSX"], 1.2),
        Row("R1 read from the database and both", size, first.floor, first.ours, 1.2, queries),
        Row("the whole set of papers", size, floor, whole, 1.2, f"≤ {asked} a township"),
    ]
    return Result(rows, 60 * townships / first.ours, 60 * townships / whole, (note,))
