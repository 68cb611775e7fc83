"""The definition of a report: values, sums, headings, texts."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, datetime
from html import unescape

import pytest
from django.template.loader import render_to_string

from lawadvisor.foundation.plain_text import TEXT_LIMIT, plain
from lawadvisor.foundation.tables import (
    Column,
    Heading,
    Kind,
    Pair,
    Section,
    as_json,
    cells,
    hours,
    section,
)
from tests.foundation.sample_report import COLUMNS, report, rows


@pytest.mark.parametrize(
    ("minutes", "shown"),
    [
        (0, "0.0"),
        (1, "0.02"),
        (239, "3.98"),
        (240, "4.0"),
        (241, "4.02"),
        (234, "3.9"),
        (90, "1.5"),
    ],
)
def test_hours_show_what_was_done(minutes: int, shown: str) -> None:
    assert hours(minutes) == shown


def test_no_short_visit_looks_like_a_whole_or_half_hour() -> None:
    for minutes in range(24 * 60):
        assert hours(minutes).endswith((".0", ".5")) == (minutes % 30 == 0)


def test_section_counts_rows_and_reads_by_key_or_getter() -> None:
    part = section(COLUMNS, rows(2))
    assert part.rows[1] == (
        2, "堃瑢村", Pair(1, 2), 240, 1, date(2026, 10, 2), "未达标", "说明1",
    )  # fmt: skip


def test_totals_are_column_sums() -> None:
    part = section(COLUMNS, rows(9))
    assert part.totals == (
        None,
        "合计",
        Pair(9, 18),
        sum(row.minutes for row in rows(9)),
        sum(range(9)),
        None,
        None,
        None,
    )


def test_no_rows_no_totals() -> None:
    assert section(COLUMNS, []).totals == ()


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="一行应有 8 格"):
        Section(COLUMNS, ((1, 2),))


def test_grouped_columns_make_two_heading_rows() -> None:
    part = Section((Column("a", "村"), Column("b", "要求", group="走访"),
                    Column("c", "实际", group="走访"), Column("d", "结论")), ())  # fmt: skip
    assert part.headings == (
        (Heading("村", "", 1, 2, True), Heading("走访", "", 2), Heading("结论", "", 1, 2)),
        (Heading("要求", ""), Heading("实际", "")),
    )


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("张\x00三\x0b", "张三"),
        ("甲\u202e乙\ufeff\u200b", "甲乙"),
        ("一\r\n二\r三", "一\n二\n三"),
        ("\t=1+1", "=1+1"),
        ("王\u00a0五\u3000六", "王 五\u3000六"),
        ("\ud800坏", "坏"),
    ],
)
def test_plain_keeps_what_is_visible(given: str, kept: str) -> None:
    assert plain(given) == kept


def test_a_long_text_is_cut_with_a_mark() -> None:
    assert plain("长" * (TEXT_LIMIT + 1)) == "长" * TEXT_LIMIT + "……（略）"


def test_the_checksum_is_of_the_data_and_not_of_the_hour() -> None:
    first = report()
    later = replace(first, generated_at=datetime(2027, 1, 1))  # noqa: DTZ001
    assert first.checksum == later.checksum
    assert first.checksum != replace(first, remarks=("改",)).checksum
    assert first.seal == f"校验码：{' '.join(re.findall('.{4}', first.checksum[:16]))}"


def test_json_has_every_cell() -> None:
    document = report()
    data = json.loads(json.dumps(as_json(document)))
    raw = [value for part in data["sections"] for row in [*part["rows"], part["totals"]]
           for value in row]  # fmt: skip
    plain_values = [
        list(c.value) if isinstance(c.value, Pair)
        else c.value.isoformat() if isinstance(c.value, date) else c.value
        for c in cells(document)
    ]  # fmt: skip
    assert raw == plain_values
    assert data["checksum"] == document.checksum


def test_the_page_shows_every_cell_in_order() -> None:
    document = report()
    html = render_to_string("reports/document.html", {"document": document})
    table = html[html.index("<tbody>") : html.index("</table>")]
    shown = re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", table, re.DOTALL)
    assert [unescape(text) for text in shown] == [cell.display for cell in cells(document)]


def test_the_page_links_a_row_to_its_records_and_escapes_names() -> None:
    part = section(COLUMNS, rows(1), link=lambda row: f"/logs/?village={row.village}&m=1")
    hostile = replace(report(), sections=(part,), title="<script>")
    html = render_to_string("reports/document.html", {"document": hostile})
    assert '<a href="/logs/?village=镕喆村&amp;m=1">镕喆村</a>' in html
    assert "<script>" not in html


def test_kinds_are_named_as_their_css_classes() -> None:
    assert [kind.value for kind in Kind] == [
        "text",
        "seq",
        "int",
        "hours",
        "date",
        "status",
        "blank",
        "pair",
    ]
