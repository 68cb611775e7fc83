"""R1 and R2: the right numbers, and the same ones on the page, the paper, the sheet and in JSON."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from html.parser import HTMLParser
from io import BytesIO

import openpyxl
import pytest
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string

from advisors.enums import Category
from advisors.models import Appointment
from assessments.closing import judge_into, open_close
from assessments.desk import asked_every
from assessments.enums import FileFormat, ReportKey
from assessments.facts import Desk
from assessments.models import MonthClose
from assessments.papers import document_of, path_of
from assessments.selectors import DESK_SUBJECTS
from assessments.services import PACKS, adopt_policy
from lawadvisor.foundation import jobs, sheets
from lawadvisor.foundation.models import Job, JobState
from lawadvisor.foundation.periods import Period
from lawadvisor.foundation.tables import Document, Kind, Value, as_json, cells
from lawadvisor.foundation.viewer import SYSTEM
from tests.factories import (
    make_advisor,
    make_appointment,
    make_bureau,
    make_check,
    make_filing,
    make_log,
    make_matter,
    make_organisation,
    make_township,
    make_village,
    term,
)
from villages.models import Bureau, Township, Village
from worklogs.enums import FilingKind

pytestmark = pytest.mark.django_db  # or there is no test database for the fixture

FIRST_ROW = 5  # of a sheet's table, below its header
MONTH = Period.month(2026, 10)
DESKS = [(report, whole) for report in ReportKey for whole in (False, True)]


@dataclass(frozen=True)
class Papers:
    """Everything that one close wrote, read back from the kept files."""

    documents: dict[tuple[ReportKey, bool], Document]
    contents: dict[tuple[ReportKey, bool, FileFormat], bytes]
    townships: int
    later: Document


@pytest.fixture(scope="module")
def closed(request: pytest.FixtureRequest) -> Papers:
    """A closed month of a small county with something of everything; its papers are real.

    Written once and read back, then the database is as before: rendering takes its time.
    """
    request.getfixturevalue("django_db_setup")
    blocker = request.getfixturevalue("django_db_blocker")
    with blocker.unblock(), transaction.atomic():
        papers = _papers(_close(_county()))
        transaction.set_rollback(True)
    return papers


def _papers(close: MonthClose) -> Papers:
    documents = {(report, whole): _kept(close, report, whole) for report, whole in DESKS}
    contents = {
        (ReportKey(file.report), file.township_id is None, FileFormat(file.format)): path_of(
            file
        ).read_bytes()
        for file in close.files.filter(Q(township=None) | Q(township__name="蒸湘街道"))
    }
    late = Appointment.objects.get(village__name="红湖社区居委会")
    make_log(appointment=late, day=date(2026, 10, 30), is_supplement=True)
    later = _kept(close, ReportKey.MONTHLY_SUMMARY, False)
    return Papers(documents, contents, close.bureau.townships.count(), later)


def _kept(close: MonthClose, report: ReportKey, whole: bool) -> Document:
    township = None if whole else close.bureau.townships.get(name="蒸湘街道").pk
    return document_of(close, township, report)


def _county() -> Township:
    bureau = make_bureau(name="蒸湘区司法局")
    adopt_policy(bureau=bureau, pack_path=PACKS / "zx.toml", by=SYSTEM)
    township = make_township(bureau=bureau, name="蒸湘街道", judicial_office="蒸湘司法所")
    firm = make_organisation(bureau=bureau, name="湖南堃瑢律师事务所")
    names = ("红湖社区居委会", "䶮㛃村委会", "温家台社区居委会", "大立村委会")
    red, rare, warm, big = (make_village(township=township, name=name) for name in names)
    lawyer = make_advisor(organisation=firm, name="张喆")
    _busy(make_appointment(advisor=lawyer, village=red))
    make_log(
        appointment=make_appointment(advisor=lawyer, village=rare),
        day=date(2026, 10, 20),
        end="12:59",
    )
    make_appointment(village=warm, term=term(date(2026, 10, 15)))
    cadre = make_advisor(name="赵镕", category=Category.RETIRED_CADRE, licence_no="")
    for _ in range(3):
        make_appointment(advisor=cadre, village=make_village(township=make_township(bureau=bureau)))
    make_appointment(advisor=cadre, village=big, slot=4)
    make_village(township=township, name="空缺村委会")
    make_check(village=red, outcome="partly", finding="一次时间不符", advice="及时填写")
    _filed(bureau)
    return township


def _filed(bureau: Bureau) -> None:
    """What is registered and summed up everywhere, so that no paper dwells on it."""
    for village in Village.objects.filter(township__bureau=bureau):
        make_filing(kind=FilingKind.ONLINE_GROUP, village=village, period_end=None)
    for township in bureau.townships.all():
        make_filing(
            kind=FilingKind.MONTHLY_SUMMARY,
            township=township,
            period_start=date(2026, 9, 1),
            period_end=date(2026, 10, 1),
            filed_on=date(2026, 10, 2),
        )


def _busy(appointment: object) -> None:
    duty = make_log(appointment=appointment, day=date(2026, 10, 9))
    make_matter(log=duty, kind="consultation")
    make_matter(log=duty, kind="mediation", succeeded=True)
    make_matter(log=duty, kind="lecture", focus="=1+1", audience=31)
    make_log(appointment=appointment, day=date(2026, 10, 16), state="reviewed")
    make_log(appointment=appointment, day=date(2026, 10, 23), end="10:00", mode="wechat")
    make_log(appointment=appointment, day=date(2026, 10, 24), state="draft")


def _close(township: Township) -> MonthClose:
    close = open_close(bureau=township.bureau, month=MONTH, by=SYSTEM, today=date(2026, 11, 5))
    while job := Job.objects.filter(state=JobState.QUEUED, attempts=0).first():
        assert jobs.run(job.pk), Job.objects.get(pk=job.pk).last_error
    return close


def content(closed: Papers, report: ReportKey, form: FileFormat, *, whole: bool) -> bytes:
    return closed.contents[report, whole, form]


def document(closed: Papers, report: ReportKey, *, whole: bool) -> Document:
    return closed.documents[report, whole]


def test_r1_counts_what_was_done(closed: Papers) -> None:
    part = document(closed, ReportKey.MONTHLY_SUMMARY, whole=False).sections[0]
    shown = [
        [cell.display for cell in row]
        for row in document(closed, ReportKey.MONTHLY_SUMMARY, whole=False).tables[0].body
    ]
    by_title = [dict(zip((c.title for c in part.columns), row, strict=True)) for row in shown]
    assert by_title[0] == {
        "序号": "1",
        "村（社区）": "红湖社区",
        "法律顾问": "张喆",
        "类别": "律师",
        "所属机构": "湖南堃瑢律师事务所",
        "现场次数": "2/2",
        "现场时长": "8.0",
        "线上次数": "1",
        "咨询": "1",
        "文书与意见": "0",
        "法治讲座": "1/31",
        "培训": "0",
        "调解": "1/1",
        "法援": "0",
        "重大事项": "0",
        "日志数": "3/1",
        "已核验": "1",
        "达标情况": "达标",
        "备注": "",
    }
    assert [
        (row["现场次数"], row["现场时长"], row["达标情况"], row["备注"]) for row in by_title
    ] == [
        ("2/2", "8.0", "达标", ""),
        ("0/1", "3.98", "未达标", ""),
        ("0/0", "0.0", "不足期", "10月15日到任"),
        ("0/0", "0.0", "未达标", ""),
        ("0/0", "0.0", "未达标", ""),
    ]
    assert by_title[4]["法律顾问"] == "（空缺）"


def test_r1_says_who_is_covered_and_who_is_short(closed: Papers) -> None:
    assert document(closed, ReportKey.MONTHLY_SUMMARY, whole=False).lead == (
        "系统生成，未经司法所审核。",
        "应配备法律顾问的村（社区）5个，已配备4个，覆盖率80.0%。",
        "本月服务未达标的村（社区）：䶮㛃村、温家台社区、大立村、空缺村。",
    )


def test_r2_lists_each_failing_once_with_its_reason(closed: Papers) -> None:
    part = document(closed, ReportKey.EXCEPTIONS, whole=False).sections[1]
    found = [(row[1], row[3], row[4], row[5], row[6], row[7]) for row in part.rows]
    assert found == [
        (
            "䶮㛃村 张喆",
            "2026年10月",
            "2次",
            "0次",
            "未达标",
            "还差2次。2026年10月20日09:00至12:59：3小时59分，未满4小时，差1分钟，不计入。",
        ),
        ("大立村 赵镕", "2026年10月", "2次", "0次", "未达标", "还差2次。"),
        ("温家台社区", "2026年10月", "2次", "0次", "未达标", "还差2次。"),
        ("空缺村", "2026年10月", "2次", "0次", "未达标", "还差2次。"),
        (
            "蒸湘街道",
            "2026年10月",
            "5个村（社区）",
            "4个村（社区）",
            "未达标",
            "还差1个村（社区）。空缺村：本期已有31天未覆盖。",
        ),
        (
            "赵镕",
            "2026年10月",
            "1条",
            "0条",
            "提示",
            "2026年10月工作日志有记录：应不少于1条，已计0条。结论：提示。",
        ),
    ]


def test_r2_tells_of_a_cadre_beyond_three_without_calling_it_a_breach(closed: Papers) -> None:
    report = document(closed, ReportKey.EXCEPTIONS, whole=False)
    (row,) = report.sections[3].rows
    assert (row[1], row[2], row[3], row[4]) == ("赵镕", "4个村（社区）", "3个村（社区）", "提示")
    assert report.lead[0].endswith("担任较多、不受上限约束或已说明事由1人。")


def shown(source: Document, table: int) -> list[tuple[str, ...]]:
    """A table's cells as people read them, without the running number."""
    return [tuple(cell.display for cell in row[1:]) for row in source.tables[table].body]


def test_r3_counts_the_covered_and_lists_the_open(closed: Papers) -> None:
    source = document(closed, ReportKey.COVERAGE, whole=False)
    assert shown(source, 0) == [("蒸湘街道", "5", "4", "80.0%", "1", "2", "40.0%")]
    assert shown(source, 1) == [("蒸湘街道", "空缺村", "", "", "无")]
    whole = document(closed, ReportKey.COVERAGE, whole=True)
    assert len(whole.sections[0].rows) == closed.townships
    assert "覆盖率87.5%；" in whole.lead[0]


def test_r25_has_the_months_and_what_was_found(closed: Papers) -> None:
    source = document(closed, ReportKey.CHECKS, whole=False)
    months = {row[0]: row[1:] for row in shown(source, 0)}
    assert months["红湖社区"] == ("—",) * 9 + ("1次",)
    assert months["空缺村"] == ("—",) * 10
    found = (
        "红湖社区",
        "",
        "2026-10-09",
        "电话回访",
        "2",
        "部分属实",
        "一次时间不符",
        "及时填写",
        "",
        "李四",
    )
    assert shown(source, 1) == [found]
    assert source.lead[1] == "没有核查的村（社区）：䶮㛃村、温家台社区、大立村、空缺村。"
    whole = document(closed, ReportKey.CHECKS, whole=True)
    assert [row[-1] for row in shown(whole, 0)] == ["1/5", "0/1", "0/1", "0/1"]
    assert shown(whole, 1) == [found]


def test_r33_sets_the_month_beside_the_others(closed: Papers) -> None:
    source = document(closed, ReportKey.STATISTICS, whole=False)
    kinds = {row[0]: row[1:] for row in shown(source, 0)}
    assert kinds["法律咨询"] == ("1", "0", "1", "0", "1")
    assert kinds["法律援助"] == ("0", "0", "0", "0", "0")
    disputes = {row[0]: row[1] for row in shown(source, 2)}
    assert disputes["未填写"] == "1"
    places = {row[0]: row[1] for row in shown(source, 3)}
    assert (places["红湖社区"], places["䶮㛃村"], places["空缺村"]) == ("3", "1", "0")
    (*_, october) = source.sections[4].rows
    assert october == ("26年10月", 4, 240 + 240 + 239, 1, 1, 1, 0)
    assert len(source.sections[4].rows) == 12


def test_charts_are_drawn_from_the_table_in_every_face(closed: Papers) -> None:
    source = document(closed, ReportKey.STATISTICS, whole=True)
    drawn = [str(picture) for table in source.tables for picture in table.pictures]
    assert len(drawn) == 3
    page = render_to_string("reports/document.html", {"document": source})
    assert all(picture in page for picture in drawn)
    assert "style=" not in "".join(drawn)  # the content policy of the pages
    assert ">法律咨询<" in drawn[0]
    book = openpyxl.load_workbook(
        BytesIO(content(closed, ReportKey.STATISTICS, FileFormat.XLSX, whole=True))
    )
    assert [len(sheet._charts) for sheet in book] == [1, 1, 0, 0, 1]
    first = book.worksheets[0]._charts[0]
    rows = len(source.sections[0].rows)
    assert first.series[0].val.numRef.f.endswith(f"$C$5:$C${4 + rows}")
    pdf = content(closed, ReportKey.STATISTICS, FileFormat.PDF, whole=True)
    text = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    assert "各类事项（件）" in squeezed(text.stdout.decode())


def test_every_paper_bears_its_edition_and_its_code(closed: Papers) -> None:
    for report, whole in DESKS:
        source = document(closed, report, whole=whole)
        assert source.edition == "第1版"
        assert source.watermark == ""
        assert f"/check/{report}.{'b' if whole else 't'}" in source.check
        pdf = content(closed, report, FileFormat.PDF, whole=whole)
        text = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
        words = squeezed(text.stdout.decode())
        assert "第1版" in words
        assert "扫码核对本件" in words


def test_the_bureau_has_a_line_for_each_township_and_equal_totals(closed: Papers) -> None:
    own = document(closed, ReportKey.MONTHLY_SUMMARY, whole=False).sections[0]
    whole = document(closed, ReportKey.MONTHLY_SUMMARY, whole=True).sections[0]
    assert len(whole.rows) == closed.townships
    places = {column.key: place for place, column in enumerate(own.columns)}
    for place, column in enumerate(whole.columns):
        if column.total:  # the other townships did nothing
            assert whole.totals[place] == own.totals[places[column.key]]


@pytest.mark.parametrize(("report", "whole"), DESKS)
def test_json_shows_the_same_cells(closed: Papers, report: ReportKey, whole: bool) -> None:
    kept = json.loads(content(closed, report, FileFormat.JSON, whole=whole))
    del kept["layout"], kept["charts"]
    assert kept == as_json(document(closed, report, whole=whole))
    shown = [cell.value for cell in cells(document(closed, report, whole=whole))]
    told = [
        value
        for part in kept["sections"]
        for row in (*part["rows"], *([part["totals"]] if part["totals"] else []))
        for value in row
    ]
    assert told == [_as_json_has_it(value) for value in shown]


def _as_json_has_it(value: Value) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize(("report", "whole"), DESKS)
def test_the_workbook_shows_the_same_cells(closed: Papers, report: ReportKey, whole: bool) -> None:
    source = document(closed, report, whole=whole)
    book = openpyxl.load_workbook(
        BytesIO(content(closed, report, FileFormat.XLSX, whole=whole)), data_only=True
    )
    assert book.sheetnames == sheets.sheet_names(source)
    shown = [
        text
        for sheet, part in zip(book, source.sections, strict=True)
        for text in read_sheet(sheet, part)
    ]
    assert shown == [cell.display for cell in cells(source)]


def read_sheet(sheet: object, part: object) -> Iterator[str]:
    """The cells of a sheet as they are shown, pairs put together again, totals last."""
    columns = sheets.slots(part)
    for row in range(FIRST_ROW, FIRST_ROW + len(part.rows) + bool(part.totals)):
        texts: dict[int, list[str]] = {}
        for number, slot in enumerate(columns, start=1):
            shown = slot.display(sheet.cell(row, number).value)
            texts.setdefault(slot.place, []).append(shown)
        yield from ("/".join(filter(None, pieces)) for pieces in texts.values())


class TableCells(HTMLParser):
    """The text of every cell of every table's body and foot, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._inside = False
        self._head = False

    def handle_starttag(self, tag: str, _: list[tuple[str, str | None]]) -> None:
        if tag == "thead":
            self._head = True
        if tag in {"td", "th"} and not self._head:
            self._inside = True
            self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "thead":
            self._head = False
        if tag in {"td", "th"}:
            self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.texts[-1] += data


@pytest.mark.parametrize(("report", "whole"), DESKS)
def test_the_page_shows_the_same_cells(closed: Papers, report: ReportKey, whole: bool) -> None:
    source = document(closed, report, whole=whole)
    parser = TableCells()
    parser.feed(render_to_string("reports/document.html", {"document": source}))
    shown = [text for text in parser.texts if text != "本期没有记录"]
    assert shown == [cell.display for cell in cells(source)]


@pytest.mark.parametrize(("report", "whole"), DESKS)
def test_the_paper_shows_the_same_rows(closed: Papers, report: ReportKey, whole: bool) -> None:
    source = document(closed, report, whole=whole)
    pdf = content(closed, report, FileFormat.PDF, whole=whole)
    text = squeezed(
        subprocess.run(
            ["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True
        ).stdout.decode()
    )
    for table in source.tables:
        for row in table.body:
            line = squeezed("".join(cell.display for cell in row))
            assert line in text


def test_the_paper_embeds_its_fonts_and_numbers_its_pages(closed: Papers) -> None:
    pdf = content(closed, ReportKey.MONTHLY_SUMMARY, FileFormat.PDF, whole=False)
    fonts = subprocess.run(["pdffonts", "-"], input=pdf, capture_output=True, check=True)
    listed = fonts.stdout.decode().splitlines()[2:]
    assert listed
    assert all(line.split()[-5:-2] == ["yes", "yes", "yes"] for line in listed)
    text = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    words = squeezed(text.stdout.decode())
    for expected in (
        "第1页共1页",
        "填报人",
        "审核人",
        "报送日期",
        "（盖章）",
        "填报单位：蒸湘司法所",
    ):
        assert expected in words


def test_a_focus_that_looks_like_a_formula_stays_text(closed: Papers) -> None:
    for report in ReportKey:
        book = openpyxl.load_workbook(
            BytesIO(content(closed, report, FileFormat.XLSX, whole=False))
        )
        kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
        assert "f" not in kinds


def test_a_closed_month_shows_what_was_written_whatever_comes_later(closed: Papers) -> None:
    written = document(closed, ReportKey.MONTHLY_SUMMARY, whole=False)
    assert as_json(closed.later) == as_json(written)


def test_totals_equal_the_sums_of_their_columns(closed: Papers) -> None:
    for report, whole in DESKS:
        for part in document(closed, report, whole=whole).sections:
            for place, column in enumerate(part.columns):
                if column.total and part.rows and column.kind is Kind.INT:
                    assert part.totals[place] == sum(row[place] for row in part.rows)


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_only_appointments_are_coverage():
    """Of 东莞 the branch's share of checked villages is judged, and is no line on coverage."""
    bureau = make_bureau()
    adopt_policy(bureau=bureau, pack_path=PACKS / "dg.toml", by=SYSTEM)
    township = make_township(bureau=bureau)
    make_appointment(village=make_village(township=township))
    close = open_close(bureau=bureau, month=MONTH, by=SYSTEM, today=date(2026, 11, 5))
    judge_into(close, Desk(bureau.pk, township.pk), DESK_SUBJECTS)
    shares = close.verdicts.filter(rule__definition__measure="share")
    assert shares.count() == 1
    summary = document_of(close, township.pk, ReportKey.MONTHLY_SUMMARY)
    assert not any("覆盖率" in line for line in summary.lead)


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("法治讲座", "每月法治讲座"),
        ("每月核查", "每月核查"),
        ("当月服务（山区）", "当月服务（山区）"),
    ],
)
def test_how_often_is_said_once(title: str, said: str):
    assert asked_every("month", title) == said
