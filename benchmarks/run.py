"""The benchmarks in their order: first what wants its table empty, last what starts workers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from django.core.management import call_command
from django.db import connection

from assessments.enums import ReportKey
from benchmarks import imports, office, papers, policies, submissions, verdicts, workers
from benchmarks.data import (
    AVERAGE,
    COUNTY,
    FULL,
    QUICK,
    TINY,
    WARM_UP,
    Scale,
    build,
    multiplied,
    settle,
)
from benchmarks.ratio import noise, second_core, table
from villages.models import Bureau

SCALES = {"full": FULL, "quick": QUICK}
_SHARED = "a close leaves the database, the broker and this process a part of the cores"
Tell = Callable[[str], object]


def is_taken() -> bool:
    """Does the database hold a county already?"""
    there = Bureau._meta.db_table in connection.introspection.table_names()
    return there and Bureau.objects.exists()


def prepare() -> None:
    call_command("migrate", verbosity=0)


def measured(scale: Scale, tell: Tell) -> str:
    """The table of all benchmarks, with the machine's noise below; ``tell`` hears of each step."""
    tell(f"building {scale.villages} villages, {scale.months} months, then {scale.copies} copies …")
    county = build(COUNTY, "测试县司法局", scale)
    prefecture = multiplied(county, range(1, scale.copies + 1))
    copies = policies.copied(county, scale.copies + 1)
    average = build(AVERAGE, "平均县司法局", replace(scale, villages=min(208, scale.villages)))
    warm_up = build(WARM_UP, "预热县司法局", TINY)
    settle()
    before = noise(scale.repeats)
    tell("judging and storing …")
    rows = verdicts.measure(county, prefecture, scale)
    tell("judging under each policy …")
    rows += policies.under_each(copies, scale)
    rows += [policies.tried(county, scale), policies.nation(average, scale)]
    tell("printing …")
    printed = papers.measure(county, prefecture, scale)
    tell("showing and exporting …")
    rows += office.measure(county, scale)
    tell("closing with workers …")
    closed = workers.measure(county, warm_up, scale)
    tell("bringing files in …")
    brought = imports.measure(average, scale)
    tell("handing in by the API …")
    handed_in = submissions.measure(scale)
    cores = second_core(scale.repeats)
    notes = (
        f"{printed.sets_a_minute:.0f} sets of R1 (PDF and XLSX) a minute in one process",
        f"{printed.whole_sets_a_minute:.0f} sets of all {len(ReportKey)} papers a minute",
        *printed.notes,
        f"two spinning processes do {cores:.2f} times the work of one; {_SHARED}",
        f"noise: {before}; at the end {noise(scale.repeats)}",
    )
    return "\n".join((table([*rows, *printed.rows, closed, *brought, *handed_in]), *notes))
