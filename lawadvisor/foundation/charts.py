"""Charts that are drawn on the server: a picture of columns that stand in a table beside it.

A chart names columns of its section and holds no number of its own, so that page, paper and
workbook draw the same ones (a workbook draws its own kind, from its cells). The SVG carries no
style and no script; kinds of lines differ by mark and dash too, for paper is often grey.

Pure, as ``tables`` is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from itertools import pairwise
from math import ceil, log10
from typing import NamedTuple

_WIDTH, _HEIGHT = 960, 270
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 20, 36, 44
_STEPS = 4  # lines of the scale above zero
_SIGN = 12  # the width of a Chinese character
_FONT = 'font-family="paper-body, paper-body-1, paper-body-2, sans-serif"'
_GREY = "#595959"


class Pen(NamedTuple):
    """How one series looks; ``hatch`` is the dash of its line."""

    colour: str
    hatch: str


_PENS = (
    Pen("#12467e", ""),
    Pen("#b06a00", "7 4"),
    Pen("#17653a", "2 4"),
    Pen("#7a1f6b", "9 3 2 3"),
)


class ChartKind(StrEnum):
    LINE = "line"
    BAR = "bar"


@dataclass(frozen=True, slots=True)
class Chart:
    """``label`` is the key of the column along the foot, ``series`` those of the values.

    ``part`` is which of the two counts of a pair is drawn.
    """

    kind: ChartKind
    title: str
    label: str
    series: tuple[str, ...]
    part: int = 0


@dataclass(frozen=True, slots=True)
class Series:
    """One row of values of a chart; None is a gap."""

    title: str
    values: tuple[float | None, ...]


class Svg(str):
    """Markup of ours, which a template shows as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        return self


def draw(kind: ChartKind, title: str, labels: Sequence[str], series: Sequence[Series]) -> Svg:
    """The picture, with its title and its numbers for whoever does not see it."""
    top = _top_of(value for each in series for value in each.values if value is not None)
    scale = _Scale(len(labels), top)
    size = f'viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" class="chart">',
        f"<title>{escape(title)}</title>",
        *_frame(scale, labels),
        *_legend(title, series),
    ]
    for number, each in enumerate(series):
        pen = _PENS[number % len(_PENS)]
        if kind is ChartKind.LINE:
            parts += _line(scale, each, pen, labelled=len(series) == 1)
        else:
            parts += _bars(scale, each, pen, number, len(series))
    return Svg("".join((*parts, "</svg>")))


class _Scale:
    """From places and values to points of the picture."""

    def __init__(self, places: int, top: float) -> None:
        self.places, self.top = max(1, places), top
        self.step = (_WIDTH - _LEFT - _RIGHT) / self.places

    def x(self, place: float) -> float:
        return round(_LEFT + self.step * (place + 0.5), 1)

    def y(self, value: float) -> float:
        return round(_HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * value / self.top, 1)


def _top_of(values: Iterable[float]) -> float:
    """A round number that no value exceeds, a multiple of the steps."""
    most = max(values, default=0)
    if most <= _STEPS:
        return _STEPS
    unit = 10 ** (ceil(log10(most / _STEPS)) - 1)
    return float(
        next(n * unit for n in (1, 1.5, 2, 2.5, 3, 4, 5, 7.5, 10) if n * unit * _STEPS >= most)
        * _STEPS
    )


def _frame(scale: _Scale, labels: Sequence[str]) -> Iterable[str]:
    for number in range(_STEPS + 1):
        value = scale.top * number / _STEPS
        y = scale.y(value)
        yield (
            f'<line x1="{_LEFT}" y1="{y}" x2="{_WIDTH - _RIGHT}" y2="{y}" '
            f'stroke="{"#767676" if number == 0 else "#d4d4d4"}" stroke-width="1"/>'
        )
        yield _text(_LEFT - 6, y + 4, f"{value:g}", "end")
    room = max(5, int(scale.step / _SIGN))
    for place, label in enumerate(labels):
        lines = [label[start : start + room] for start in range(0, len(label), room)]
        for number, line in enumerate(lines[:2]):
            yield _text(scale.x(place), _HEIGHT - _BOTTOM + 16 + 14 * number, line, "middle")


def _legend(title: str, series: Sequence[Series]) -> Iterable[str]:
    yield _text(_LEFT, 16, title, "start", size=14)
    x = _WIDTH - _RIGHT
    for number, each in reversed(list(enumerate(series))):
        pen = _PENS[number % len(_PENS)]
        yield _text(x, 16, each.title, "end")
        x -= _SIGN * len(each.title) + 24
        yield _mark(number, x, 12, pen)
        yield _stroke(pen, f"M{x - 16} 12H{x + 16}")
        x -= 30


def _line(scale: _Scale, each: Series, pen: Pen, *, labelled: bool) -> Iterable[str]:
    points = [
        (scale.x(n), scale.y(v), v) if v is not None else None for n, v in enumerate(each.values)
    ]
    path = ""
    for before, point in pairwise([None, *points]):
        if point is not None:
            path += f"{'L' if before else 'M'}{point[0]} {point[1]}"
    yield _stroke(pen, path)
    for point in filter(None, points):
        x, y, value = point
        yield _mark(_PENS.index(pen), x, y, pen)
        if labelled:
            yield _text(x, y - 8, f"{value:g}", "middle")


def _bars(scale: _Scale, each: Series, pen: Pen, number: int, count: int) -> Iterable[str]:
    width = round(min(34.0, scale.step * 0.8 / count), 1)
    for place, value in enumerate(each.values):
        if value is None:
            continue
        x = round(scale.x(place) + (number - count / 2) * width, 1)
        y, foot = scale.y(value), scale.y(0)
        yield (
            f'<rect x="{x}" y="{y}" width="{round(width - 1.5, 1)}" '
            f'height="{round(foot - y, 1)}" fill="{pen.colour}"/>'
        )
        yield _text(x + width / 2, y - 4, f"{value:g}", "middle", size=11)


def _mark(number: int, x: float, y: float, pen: Pen) -> str:
    """A dot, a square or a diamond."""
    fill = f'fill="{pen.colour}"'
    if number % 3 == 0:
        return f'<circle cx="{x}" cy="{y}" r="4" {fill}/>'
    left, right = round(x - 4, 1), round(x + 4, 1)
    above, below = round(y - 4, 1), round(y + 4, 1)
    if number % 3 == 1:
        return f'<path d="M{left} {above}H{right}V{below}H{left}Z" {fill}/>'
    return f'<path d="M{x} {above}L{right} {y}L{x} {below}L{left} {y}Z" {fill}/>'


def _stroke(pen: Pen, path: str) -> str:
    dash = f' stroke-dasharray="{pen.hatch}"' if pen.hatch else ""
    return (
        f'<path d="{path}" fill="none" stroke="{pen.colour}" stroke-width="2"{dash}/>'
        if path
        else ""
    )


def _text(x: float, y: float, words: str, anchor: str, *, size: int = 12) -> str:
    return (
        f'<text x="{round(x, 1)}" y="{round(y, 1)}" text-anchor="{anchor}" {_FONT} '
        f'font-size="{size}" fill="{_GREY if size < 14 else "#000"}">{escape(words)}</text>'
    )
