"""The benchmarks run and print their rows. How fast, is for ``make bench`` to say."""

import pytest

from benchmarks.data import TINY
from benchmarks.promises import all_of, as_table, at_most
from benchmarks.ratio import Row, in_turns
from benchmarks.run import measured


@pytest.mark.usefixtures("transactional_db")
def test_each_benchmark_prints_its_row():
    steps: list[str] = []

    printed = measured(TINY, steps.append)

    lines = printed.splitlines()
    assert [line.split("  ")[0] for line in lines[:24]] == [
        "what",
        "a month judged and stored, county",
        "the same, prefecture",
        "prefecture by county, per size",
        *(f"a month under {key}" for key in ("ZX", "CZ", "SH", "DG", "JC")),
        "a draft tried on real months",
        "a month of the nation, projected",
        "all villages × 12 months, a page",
        "service records as a workbook",
        "R1 as PDF",
        "R1 as XLSX",
        "R1 read from the database and both",
        "the whole set of papers",
        "one close, 1 process and 2",
        "a roster checked",
        "a roster written",
        "records checked and written",
        "records handed in by the API",
        "beside a request with a bare INSERT",
        "the same, twenty in a request",
    ]
    assert "NOT EQUAL" not in printed
    assert lines[-1].startswith("noise: ")
    assert len(steps) == 8


def test_a_row_sets_ours_beside_the_floor():
    row = Row("what", "size", floor=0.1, ours=0.3, target=5)

    assert row.ratio == pytest.approx(3)
    assert row.holds
    assert not Row("what", "size", floor=0.1, ours=0.6, target=5).holds


def test_a_ratio_may_be_per_size():
    assert Row("what", "size", floor=1, ours=11, target=1.1, per=10).ratio == pytest.approx(1.1)


def test_two_workers_are_measured_by_how_much_quicker_they_are():
    row = Row("what", "size", floor=18, ours=10, target=1.85, at_least=True)

    assert row.ratio == pytest.approx(1.8)
    assert not row.holds


def test_turns_go_forth_and_back():
    done: list[str] = []
    works = {name: lambda name=name: done.append(name) for name in ("floor", "ours")}

    times = in_turns(works, 3, before=lambda: None)

    assert done == ["floor", "ours", "ours", "floor", "floor", "ours"]
    assert [len(found) for found in times.values()] == [3, 3]


def test_a_promise_holds_up_to_its_bound_and_a_count_only_if_it_is_full():
    found = [
        at_most("4", "tap to kept", "offline", 300, 300, "ms"),
        at_most("4", "tap to kept", "offline", 301, 300, "ms"),
        all_of("5", "restored", "", 19, 20),
        all_of("5", "restored", "", 20, 20),
        all_of("5", "restored", "", 0, 0),
    ]

    assert [each.holds for each in found] == [True, False, False, True, False]
    lines = as_table(found).splitlines()
    assert lines[2].split() == [
        "4",
        "tap",
        "to",
        "kept",
        "offline",
        "301",
        "ms",
        "300",
        "ms",
        "MISSED",
    ]
