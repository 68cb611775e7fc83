"""Charts: every value has its place, gaps stay gaps, words cannot become markup."""

import re
from xml.etree import ElementTree

import pytest

from lawadvisor.foundation.charts import ChartKind, Series, draw

_SVG = "{http://www.w3.org/2000/svg}"


def drawn(
    kind: ChartKind, *series: Series, labels: tuple[str, ...] = ("一", "二", "三")
) -> ElementTree.Element:
    return ElementTree.fromstring(draw(kind, "图<1>", labels, series))


def texts(picture: ElementTree.Element) -> list[str]:
    return [each.text or "" for each in picture.iter(f"{_SVG}text")]


def test_a_bar_is_as_high_as_its_value():
    picture = drawn(ChartKind.BAR, Series("甲", (10, 20, 0)))
    heights = [float(each.get("height", "")) for each in picture.iter(f"{_SVG}rect")]
    assert heights[1] == pytest.approx(2 * heights[0], abs=0.2)
    assert heights[2] == 0
    assert {"10", "20", "0", "一", "二", "三", "甲", "图<1>"} <= set(texts(picture))


def test_a_line_breaks_where_there_is_no_value():
    picture = drawn(ChartKind.LINE, Series("甲", (1, None, 3)))
    paths = [each.get("d", "") for each in picture.iter(f"{_SVG}path")]
    line = next(path for path in paths if path.count("M") == 2 and "H" not in path)
    assert "L" not in line
    assert len(list(picture.iter(f"{_SVG}circle"))) == 1 + 2  # the legend's and the values'


@pytest.mark.parametrize("most", [0, 1, 4, 5, 7, 99, 100, 101, 12345])
def test_no_value_leaves_the_picture(most: int):
    picture = drawn(ChartKind.BAR, Series("甲", (most, 0, 0)))
    tops = [float(each.get("y", "")) for each in picture.iter(f"{_SVG}rect")]
    assert min(tops) >= 36
    scale = [float(text) for text in texts(picture) if re.fullmatch(r"[\d.]+", text)]
    assert max(scale) >= most


def test_lines_differ_by_more_than_colour():
    values = (1, 2, 3)
    picture = drawn(ChartKind.LINE, *(Series(name, values) for name in "甲乙丙"))
    dashes = {
        each.get("stroke-dasharray") for each in picture.iter(f"{_SVG}path") if each.get("stroke")
    }
    assert len(dashes) == 3


def test_nothing_to_draw_is_an_empty_frame():
    assert "一" in texts(drawn(ChartKind.LINE, Series("甲", (None, None, None))))
    assert drawn(ChartKind.BAR, labels=()) is not None
