"""Timing in turns, and the one table that is printed."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from statistics import median

Work = Callable[[], object]
Times = dict[str, list[float]]

HEADINGS = ("what", "size", "floor", "ours", "ratio", "target", "", "queries")
SPIN_LOOPS = 2_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: ``floor`` and ``ours`` in seconds.

    ``target`` is the most the ratio may be, or with ``at_least`` the least. ``ratio`` is ours by
    floor divided by ``per``, the size of ours by that of the floor; with ``at_least`` it is how
    many times quicker than the floor ours is.
    """

    what: str
    size: str
    floor: float
    ours: float
    target: float
    queries: str = ""
    at_least: bool = False
    per: float = 1.0

    @property
    def ratio(self) -> float:
        return self.floor / self.ours if self.at_least else self.ours / self.floor / self.per

    @property
    def holds(self) -> bool:
        return self.ratio >= self.target if self.at_least else self.ratio <= self.target

    def texts(self) -> tuple[str, ...]:
        return (
            self.what,
            self.size,
            seconds(self.floor),
            seconds(self.ours),
            f"{self.ratio:.2f}",
            f"{'≥' if self.at_least else '≤'} {self.target:g}",
            "held" if self.holds else "MISSED",
            self.queries,
        )


def in_turns(works: Mapping[str, Work], repeats: int, *, before: Work = gc.collect) -> Times:
    """Seconds of each work, run one after the other ``repeats`` times, by name.

    Every second turn goes backwards, so that none always follows the same other. ``before``
    is done before each work and not timed.
    """
    times: Times = {name: [] for name in works}
    for turn in range(repeats):
        for name in reversed(works) if turn % 2 else works:
            before()
            times[name].append(timed(works[name]))
    return times


def timed(work: Work) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def medians(times: Times) -> dict[str, float]:
    return {name: median(found) for name, found in times.items()}


def spin(loops: int = SPIN_LOOPS) -> float:
    """Seconds that a fixed loop takes: what the machine gives us right now."""
    start = time.perf_counter()
    for _ in range(loops):
        pass
    return time.perf_counter() - start


def noise(repeats: int) -> str:
    """How much the same loop varies."""
    found = sorted(spin() for _ in range(repeats))
    spread = (found[-1] - found[0]) / median(found)
    return f"a fixed loop varies by {spread:.0%} of its median ({repeats} runs)"


def second_core(repeats: int) -> float:
    """How many times one process's work two processes do on this machine at this moment."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        list(pool.map(spin, [SPIN_LOOPS] * 4))  # both are up
        alone = [pool.submit(spin).result() for _ in range(repeats)]
        together = [max(pool.map(spin, [SPIN_LOOPS] * 2)) for _ in range(repeats)]
    return 2 * median(alone) / median(together)


def seconds(value: float) -> str:
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s"


def table(rows: list[Row]) -> str:
    lines = [HEADINGS, *(row.texts() for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
