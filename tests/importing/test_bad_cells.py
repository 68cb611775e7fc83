"""Every kind of bad cell with its sentence, all of them in one pass; and the marked copy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.comments import Comment
from pytest_django.fixtures import Settings

from lawadvisor.foundation.importing import files
from lawadvisor.foundation.importing.columns import SEQUENCE, plain_title
from lawadvisor.foundation.importing.marking import AUTHOR, ERRORS
from lawadvisor.foundation.importing.plans import Desk, importers
from lawadvisor.foundation.importing.templates import write_template
from lawadvisor.foundation.models import BatchState, ImportBatch
from lawadvisor.foundation.viewer import SYSTEM
from tests import factories
from tests.conftest import County
from tests.importing.books import book_of, brought_in, opened, said_of, saved

pytestmark = pytest.mark.django_db

HEAD = ("镇街", "村名", "区划代码", "村居类型", "地形", "类别", "在册")
FIRMS = ("机构名称", "机构性质")
PEOPLE = ("姓名", "证号", "律所", "类别", "学历", "执业日期")
FIRM = "湖南正道律师事务所"


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, settings: Settings) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def known(county: County) -> County:
    """With names that the tables below spell otherwise."""
    for row, name in (
        (county.township, "河口镇"),
        (county.village, "红湖社区居委会"),
        (county.organisation, FIRM),
        (county.advisor, "张三丰"),
    ):
        row.name = name
        row.save()
    return county


def check(county: County, kind: str, content: bytes) -> ImportBatch:
    return brought_in(county.bureau_user, county.bureau, kind, content)


def village_row(county: County, **cells: object) -> tuple[object, ...]:
    good = {
        "镇街": "河口镇",
        "村名": "新桥村",
        "区划代码": f"{county.township.code}777",
        "村居类型": "村",
        "地形": "平川",
        "类别": None,
        "在册": "是",
    }
    return tuple({**good, **cells}.values())


ERROR = "#REF!"
VILLAGES: list[tuple[str, object, str, str]] = [
    ("镇街", "河囗镇", "本局没有这个镇街", "河口镇"),
    ("镇街", date(2026, 3, 1), "存成了日期", ""),
    ("村名", None, "必填，不能为空", ""),
    ("村名", "村" * 51, "最多50个字，现有51个", ""),
    ("村名", "……", "应填写村（社区）名称", ""),
    ("区划代码", "1234", "应为12位数字，现有4位", ""),
    ("区划代码", "43040800100X", "应为12位数字", ""),
    ("区划代码", 4304080010011234, "超过15位，表格已丢失末尾几位", ""),
    ("区划代码", "110101001001", "应以本局的", ""),
    ("区划代码", "{bureau}999001", "不是本局的镇街代码", ""),
    ("区划代码", "{sibling}888", "与区划代码不符", "{sibling_name}"),
    ("村居类型", "小区", "应为下列之一：村、社区", "社区"),
    ("地形", "丘陵", "应为下列之一：平川、山区", ""),
    ("类别", "类" * 21, "最多20个字", ""),
    ("在册", "也许", "应填“是”或“否”", ""),
    ("在册", "=A1", "公式没有保存结果", ""),
    ("在册", ERROR, "错误值#REF!", ""),
]


@pytest.mark.parametrize(("column", "value", "sentence", "near"), VILLAGES)
def test_bad_cells_of_villages(column: str, value: object, sentence: str, near: str, known: County):
    words = {
        "bureau": known.bureau.code,
        "sibling": known.sibling_township.code,
        "sibling_name": known.sibling_township.name,
    }
    written = value.format(**words) if isinstance(value, str) else value

    def more(book: Workbook) -> None:
        if value == ERROR:
            book.active.cell(2, HEAD.index(column) + 1).data_type = "e"

    content = book_of(HEAD, village_row(known, **{column: written}), more=more)
    said = said_of(check(known, "villages", content))

    place = "A" if "与区划代码不符" in sentence else "ABCDEFG"[HEAD.index(column)]
    assert [(where, sentence in expected, offered) for where, expected, offered in said] == [
        (f"{place}2", True, near.format(**words)),
    ]


ROWS: list[tuple[str, Sequence[str], Sequence[object], str, str, str]] = [
    ("villages", HEAD[:2], ("河口镇", "红湖社区"), "B2", "没有登记过这个名称", "红湖社区居委会"),
    ("villages", HEAD[:2], (None, "红湖村委会"), "B2", "没有登记过这个名称", "红湖社区居委会"),
    ("villages", HEAD[:2], ("河口镇", "远山村"), "A2", "新增须填写12位区划代码", ""),
    ("organisations", FIRMS, ("新律所", "合伙制"), "B2", "应为下列之一：律师事务所", ""),
    ("organisations", FIRMS, ("新律所", None), "B2", "须填写性质", ""),
    (
        "advisors",
        PEOPLE,
        ("李四", "123456", "正道律师事务所", "律师"),
        "C2",
        "先导入机构",
        FIRM,
    ),
    ("advisors", PEOPLE, ("李四", "12", FIRM, "律师"), "B2", "5至30位", ""),
    ("advisors", PEOPLE, ("李四", None, FIRM, "律师"), "B2", "须填写执业证号", ""),
    ("advisors", PEOPLE, ("李四", None, FIRM, None), "D2", "须填写人员类别", ""),
    (
        "advisors",
        PEOPLE,
        ("李四", "{licence}", FIRM, "律师"),
        "A2",
        "登记的是张三丰",
        "张三丰",
    ),
    (
        *("advisors", PEOPLE, ("李四", "123456", FIRM, "律师", "大学")),
        *("E2", "应为下列之一：大专、本科、研究生", "大专"),
    ),
    (
        "advisors",
        PEOPLE,
        ("李四", "123456", FIRM, "律师", None, "去年"),
        *("F2", "应为日期", ""),
    ),
]


@pytest.mark.parametrize(("kind", "head", "cells", "place", "sentence", "near"), ROWS)
def test_bad_cells_of_rows(
    kind: str,
    head: Sequence[str],
    cells: Sequence[object],
    place: str,
    sentence: str,
    near: str,
    known: County,
):
    written = [
        c.format(licence=known.advisor.licence_no) if isinstance(c, str) else c for c in cells
    ]
    said = said_of(check(known, kind, book_of(head, written)))
    assert [(where, sentence in expected, offered) for where, expected, offered in said] == [
        (place, True, near)
    ]


@pytest.mark.parametrize(
    ("kind", "head", "cells", "place"),
    [
        ("villages", HEAD[:2], ("河口镇", "红湖社区居委会"), "B3"),
        ("organisations", FIRMS, (FIRM, None), "A3"),
        ("advisors", PEOPLE[:3], ("张三丰", None, FIRM), "A3"),
    ],
)
def test_a_row_twice_is_bad_the_second_time(
    kind: str, head: Sequence[str], cells: Sequence[object], place: str, known: County
):
    ((where, expected, _),) = said_of(check(known, kind, book_of(head, cells, cells)))
    assert (where, "与第2行重复" in expected) == (place, True)


# ── the workbook as a whole ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([("张三", "李四"), ("甲", "乙")], "都没有找到表头。表头应有这些列：村（社区）名称"),
        ([("镇街", "区划代码", "村庄名字")], "如果“村庄名字”就是“村（社区）名称”，请把列名改成"),
        ([HEAD], "表头下面没有数据行"),
        ([("镇街", "村名", "镇街"), ("甲", "乙", "丙")], "A1和C1都是“镇街”，同一列只能出现一次"),
    ],
)
def test_a_workbook_without_a_usable_header_is_refused(
    rows: list[tuple[str, ...]], sentence: str, known: County
):
    batch = check(known, "villages", book_of(*rows))
    assert (batch.state, sentence in batch.note) == (BatchState.REFUSED, True)


def test_titles_blanks_totals_merges_and_unknown_columns_are_taken_as_meant(known: County):
    def more(book: Workbook) -> None:
        sheet = book.active
        sheet.merge_cells("A1:E1")
        sheet.merge_cells("B4:B5")
        sheet.row_dimensions[5].hidden = True
        book.create_sheet("备忘").append(["随便写的"])

    code = known.township.code
    content = book_of(
        ("河口镇2026年村（社区）名册",),
        (),
        ("序号", "所属乡镇", "村（社区）名称（必填）", "区划代码\n", "联系人"),
        (1, "河口镇", " 新 桥 村 ", f"{code}７７７", "某某"),
        (2, None, "新河村", float(f"{code}778"), None),
        ("合计", None, 2),
        (),
        more=more,
    )
    batch = check(known, "villages", content)

    assert (batch.note, batch.counts) == ("", {"new": 2, "bad": 0, "bad_rows": 0})
    assert {line[3] for line in batch.findings["lines"]} == {"河口镇新桥村", "河口镇新河村"}
    assert batch.findings["notes"] == [
        "工作表“名册”中不认识的列不导入：联系人。",
        "工作表“名册”的合计行不导入：第6行。",
        "工作表“名册”有1行是隐藏的，也会导入：第5行。不要导入的，请先删去。",
        "没有表头的工作表不导入：备忘。",
    ]


def test_several_sheets_are_one_file(known: County):
    def more(book: Workbook) -> None:
        sheet = book.create_sheet("二区")
        sheet.append(["村居", "代码"])
        sheet.append(["新河村", f"{known.sibling_township.code}778"])
        sheet.append(["坏村", "1"])

    batch = check(known, "villages", book_of(HEAD, village_row(known), more=more))
    assert batch.counts == {"new": 2, "bad": 1, "bad_rows": 1}
    assert [(bad["sheet"], bad["address"]) for bad in batch.findings["bad"]] == [("二区", "B3")]


@pytest.mark.parametrize(
    "kind", ["villages", "organisations", "advisors", "appointments", "records"]
)
def test_a_template_says_what_to_do_and_its_example_is_not_imported(kind: str, county: County):
    importer = importers()[kind]
    desk = Desk(county.bureau.pk, SYSTEM, factories.at(factories.DAY, "09:00"))
    columns = importer.columns(desk)
    book = opened(write_template(importer, columns))
    main, notes, options = book.worksheets

    assert [cell.value for cell in main[1]] == ["序号", *(column.title for column in columns)]
    assert main[2][0].value == "示例"
    assert main.max_row == 2
    assert options.sheet_state == "hidden"
    offered = {str(rule.sqref).rstrip("0123456789").split(":")[0] for rule in _rules(main)}
    letters = {column.key: main[1][n].column_letter for n, column in enumerate(columns, start=1)}
    assert offered == {f"{letters[column.key]}2" for column in columns if column.options}
    explained = {row[0].value: row[2].value for row in notes.iter_rows(min_row=2)}
    for column in columns:
        assert column.title in explained

    batch = brought_in(county.bureau_user, county.bureau, kind, write_template(importer, columns))
    assert batch.note.startswith("表头下面没有数据行")


def _rules(sheet: object) -> list:
    return sheet.data_validations.dataValidation


def test_no_two_columns_of_a_kind_answer_to_one_title(county: County):
    desk = Desk(county.bureau.pk, SYSTEM, factories.at(factories.DAY, "09:00"))
    doubles = []
    for importer in importers().values():
        owner: dict[str, str] = {}
        for column in (SEQUENCE, *importer.columns(desk)):
            for title in (column.title, *column.synonyms):
                first = owner.setdefault(plain_title(title), column.key)
                doubles += [(importer.key, title)] * (first != column.key)
    assert doubles == []


# ── the marked copy ─────────────────────────────────────────────────────────────────────────────


def test_the_same_workbook_comes_back_marked(known: County):
    def more(book: Workbook) -> None:
        book.active.column_dimensions["B"].width = 33
        book.create_sheet("备忘").append(["留着"])

    content = book_of(
        ("名册",),
        HEAD,
        village_row(known),
        village_row(known, 镇街="河囗镇", 村名=None, 区划代码="=1+1"),
        more=more,
    )
    batch = check(known, "villages", content)
    book = opened(files.path_of(batch.marked).read_bytes())
    sheet = book["名册"]

    assert [where for where, _, _ in said_of(batch)] == ["A4", "B4", "C4"]
    marked = [cell for row in sheet.iter_rows() for cell in row if cell.comment is not None]
    assert [cell.coordinate for cell in marked] == ["A4", "B4", "C4"]
    assert {cell.fill.fgColor.rgb for cell in marked} == {"FFFFD6D6"}
    assert "最接近的是“河口镇”" in marked[0].comment.text
    assert sheet["H2"].value == ERRORS
    assert (sheet["H3"].value, sheet["H4"].value.count("\n")) == (None, 2)
    assert (sheet.column_dimensions["B"].width, book["备忘"]["A1"].value) == (33, "留着")
    assert sheet["A4"].value == "河囗镇"


def test_the_repaired_copy_goes_in_and_keeps_no_mark_of_the_first_check(known: County):
    content = book_of(HEAD, village_row(known), village_row(known, 镇街="河囗镇", 村名="新河村"))
    first = check(known, "villages", content)
    book = opened(files.path_of(first.marked).read_bytes())
    book.active["A3"] = "河口镇"
    book.active["C3"] = f"{known.township.code}778"
    kept = files.keep([saved(book)])[0]
    again = check(known, "villages", files.path_of(kept).read_bytes())
    assert again.counts == {"new": 2, "bad": 0, "bad_rows": 0}

    book.active["D3"] = "小区"
    third = check(known, "villages", saved(book))
    sheet = opened(files.path_of(third.marked).read_bytes()).active
    marked = [cell for row in sheet.iter_rows() for cell in row if _is_ours(cell)]
    assert [cell.coordinate for cell in marked] == ["D3"]
    assert [cell.value for cell in sheet[1]].count(ERRORS) == 1


def test_a_comment_of_the_clerks_own_outlives_our_mark(known: County):
    def more(book: Workbook) -> None:
        book.active["A2"].comment = Comment("待核实", "李四")

    content = book_of(HEAD, village_row(known, 镇街="河囗镇"), more=more)
    book = opened(files.path_of(check(known, "villages", content).marked).read_bytes())
    assert "本局没有这个镇街" in book.active["A2"].comment.text
    assert "待核实" in book.active["A2"].comment.text

    book.active["A2"] = "河口镇"
    book.active["D2"] = "小区"
    again = check(known, "villages", saved(book))
    sheet = opened(files.path_of(again.marked).read_bytes()).active
    assert sheet["A2"].comment.text == "待核实"


def _is_ours(cell: Cell) -> bool:
    return cell.comment is not None and cell.comment.author == AUTHOR
