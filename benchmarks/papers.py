"""R1 of every township as PDF and workbook against bare WeasyPrint and bare openpyxl."""

from __future__ import annotations

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
from villages.models import Bureau

REPORT = ReportKey.MONTHLY_SUMMARY


@dataclass
class Result:
    """The rows, and how many townships' sets (PDF and workbook) one process writes a minute."""

    rows: list[Row] = field(default_factory=list)
    sets_a_minute: float = 0.0


def measure(county: Bureau, scale: Scale) -> Result:
    """Every township's medians, added up."""
    close = _judged(county)
    printer = bare.Printer()
    desks = [_Desk(close, township.pk, printer) for township in county.townships.all()]
    in_turns(desks[0].works, 1)  # fonts and templates are loaded
    each = [medians(in_turns(desk.works, scale.passes)) for desk in desks]
    times = {name: sum(one[name] for one in each) for name in each[0]}
    asked = sorted({desk.queries for desk in desks})
    return _result(times, len(desks), asked)


class _Desk:
    """One township's R1, by us and bare; what the floors print is made before."""

    def __init__(self, close: MonthClose, township: int, printer: bare.Printer) -> None:
        self.collect = partial(collect, REPORT, close, township)
        self.document: Document = self.collect()
        self.queries = queries_of(self.collect)
        self.works = {
            "collect": self.collect,
            "bare PDF": partial(printer.pdf, bare.plain_html(self.document)),
            "PDF": partial(paper.render, self.document),
            "bare XLSX": partial(bare.workbook, bare.plain_sheets(self.document)),
            "XLSX": partial(sheets.write, self.document),
        }


def _judged(county: Bureau) -> MonthClose:
    close = close_of(county)
    with transaction.atomic():
        desk = Desk(county.pk)
        judge_into(close, desk, Subject)
    return MonthClose.objects.select_related("bureau", "policy").get(pk=close.pk)


def _result(times: dict[str, float], townships: int, asked: list[int]) -> Result:
    ours = times["collect"] + times["PDF"] + times["XLSX"]
    floor = times["bare PDF"] + times["bare XLSX"]
    size = f"{townships} townships"
    queries = f"{'–'.join(map(str, asked))} a township"
    rows = [
        Row("R1 as PDF", size, times["bare PDF"], times["PDF"], 1.2),
        Row("R1 as XLSX", size, times["bare XLSX"], times["XLSX"], 1.2),
        Row("R1 read from the database and both", size, floor, ours, 1.2, queries),
    ]
    return Result(rows, 60 * townships / ours)
