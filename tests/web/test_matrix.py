"""All villages × twelve months: frozen figures, the running month, and who had nobody."""

from __future__ import annotations

from datetime import date, timedelta
from html.parser import HTMLParser

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.figures import counting
from assessments.models import Verdict
from assessments.quota.rules import Measure
from assessments.services import PACKS, adopt_policy
from lawadvisor.foundation.viewer import SYSTEM
from tests import factories
from tests.conftest import County
from tests.web.conftest import Closed, signed_in


class Table(HTMLParser):
    """The rows of the table as texts, by the name in their first cell; links by text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.links: dict[tuple[int, int], str] = {}
        self._cell = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self._cell = True
        if tag == "a" and self._cell:
            self.links[len(self.rows) - 1, len(self.rows[-1]) - 1] = dict(attrs)["href"] or ""

    def handle_endtag(self, tag: str) -> None:
        self._cell = self._cell and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self._cell:
            self.rows[-1][-1] += data


def shown(closed: Closed, **asked: str) -> Table:
    county = closed.county
    address = reverse("bureau-matrix", args=[county.bureau.code])
    return Table(signed_in(county.bureau_user).get(address, asked).content.decode())


def row_of(table: Table, name: str) -> list[str]:
    return next(row for row in table.rows if row[0].startswith(name))


def test_a_closed_month_shows_its_verdict_and_the_running_one_how_it_stands(
    closed: Closed,
) -> None:
    village = closed.county.village
    factories.make_log(appointment=closed.county.appointment, day=date(2026, 11, 3))
    table = shown(closed)
    row = row_of(table, village.short_name)
    assert table.rows[0][-3:] == ["26年10月", "26年11月", "有顾问的月数"]
    assert (row[-3], row[-2], row[-1]) == ("1/2 ×未达标", "1/2 …进行中", "11")
    number = table.rows.index(row)
    verdict = Verdict.objects.get(close=closed.close, village=village, rule__key="ZX-34")
    assert table.links[number, 11] == reverse("verdict", args=[verdict.pk])
    running = ("running-verdict", closed.county.bureau.code, "ZX-34", "village", village.pk)
    assert table.links[number, 12] == reverse(running[0], args=running[1:])
    client = signed_in(closed.county.bureau_user)
    pages = [client.get(table.links[number, column]).status_code for column in (10, 11, 12)]
    assert pages == [200, 200, 200]


def test_a_month_that_nobody_judged_shows_its_records_and_one_without_anybody_says_so(
    closed: Closed,
) -> None:
    factories.make_log(appointment=closed.county.appointment, day=date(2026, 9, 3))
    bare = factories.make_village(township=closed.county.township)
    table = shown(closed)
    assert row_of(table, closed.county.village.short_name)[10] == "1次 未核算"
    assert row_of(table, bare.short_name)[10] == "无顾问"
    # appointed from January: in December of the year before nobody served
    assert table.rows[-1][1:] == ["0/3", *["2/3"] * 11, ""]


def test_it_asks_by_township_advisor_class_and_what_is_left(closed: Closed) -> None:
    county = closed.county
    county.village.klass = "甲类"
    county.village.save()
    own, sibling = county.village.short_name, county.sibling_village.short_name
    for day in (3, 4):
        factories.make_log(appointment=county.sibling_appointment, day=date(2026, 11, day))
    found = {
        next(iter(asked)): [row[0] for row in shown(closed, **asked).rows[1:-1]]
        for asked in (
            {"township": county.township.code},
            {"advisor": str(county.sibling_advisor.pk)},
            {"class": "甲类"},
            {"left": "1"},
        )
    }
    assert {key: len(names) for key, names in found.items()} == dict.fromkeys(found, 1)
    starts = {key: own if names[0].startswith(own) else sibling for key, names in found.items()}
    assert starts == {"township": own, "advisor": sibling, "class": own, "left": own}
    assert found["advisor"][0].startswith(sibling)


def test_what_it_offers_and_shows_is_the_bureaus_own(
    closed: Closed, foreign_closed: Closed
) -> None:
    county, foreign = closed.county, foreign_closed.county
    address = reverse("bureau-matrix", args=[county.bureau.code])
    client = signed_in(county.bureau_user)
    for asked in ({}, {"township": foreign.township.code}, {"advisor": foreign.advisor.pk}):
        page = client.get(address, asked).content.decode()
        assert foreign.village.short_name not in page
        assert foreign.advisor.name not in page


def test_another_year_ends_at_the_month_asked_and_never_beyond_today(closed: Closed) -> None:
    assert shown(closed, until="2026-03").rows[0][12] == "26年3月"
    for nonsense in ("2030-01", "2026-13", "x"):
        assert shown(closed, until=nonsense).rows[0][12] == "26年11月"


def test_the_number_of_queries_does_not_depend_on_the_county(closed: Closed) -> None:
    client = signed_in(closed.county.bureau_user)
    address = reverse("bureau-matrix", args=[closed.county.bureau.code])
    counts = []
    for more in (0, 30):
        for n in range(more):
            village = factories.make_village(township=closed.county.township)
            own = factories.make_appointment(village=village)
            factories.make_log(appointment=own, day=date(2026, 9, 1) + timedelta(days=n))
        with CaptureQueriesContext(connection) as ran:
            client.get(address)
        counts.append(len(ran))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("pack", "keys", "measure"),
    [
        ("zx", {"ZX-34"}, Measure.EVENTS),
        ("cz", {"CZ-39"}, Measure.MINUTES),
        ("sh", {"SH-33"}, Measure.EVENTS),
        ("dg", {"DG-57"}, Measure.MINUTES),
        ("jc", {"JC-40", "JC-39"}, Measure.EVENTS),
    ],
)
def test_the_figures_are_those_of_the_monthly_visit_of_each_policy(
    county: County, pack: str, keys: set[str], measure: Measure
) -> None:
    policy = adopt_policy(bureau=county.bureau, pack_path=PACKS / f"{pack}.toml", by=SYSTEM)
    rules = counting([policy]).values()
    assert ({rule.key for rule in rules}, {rule.measure for rule in rules}) == (keys, {measure})


def test_a_bureau_without_a_policy_counts_records(county: County) -> None:
    factories.make_log(appointment=county.appointment)
    page = signed_in(county.bureau_user).get(
        reverse("bureau-matrix", args=[county.bureau.code]), {"until": "2026-10"}
    )
    assert "格中为当月服务记录数" in page.content.decode()
    assert "1次" in page.content.decode()
