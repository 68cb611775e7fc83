"""A superior's form: taken in, set, renewed and filled, with all else left as it came."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import InternalError, transaction
from openpyxl import Workbook, load_workbook
from openpyxl.drawing.image import Image as SheetImage
from PIL import Image
from pytest_django.fixtures import Settings

from assessments.filling import monthly, services
from assessments.filling.counting import Count, records_of
from assessments.filling.files import layout, path_of
from assessments.filling.indicators import CATALOGUE, Span
from assessments.filling.labels import entries_of, labels_of
from assessments.filling.services import Wish
from assessments.models import FormFilling, FormVersion
from lawadvisor.foundation import jobs
from lawadvisor.foundation.errors import Conflict, DomainError
from lawadvisor.foundation.models import AuditEntry, Job
from lawadvisor.foundation.periods import Period
from lawadvisor.foundation.viewer import Actor
from tests import factories
from tests.assessments.blank_forms import blank_form
from tests.conftest import County
from tests.factories import OCTOBER, at
from worklogs.enums import LogState, MatterKind, Mode

BY = Actor(user_id=None, name="李四")
NOW = at(date(2026, 11, 20), "10:00")
SEPTEMBER = Period.month(2026, 9)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, settings: Settings) -> None:
    settings.MEDIA_ROOT = tmp_path


def taken_in(county: County, content: bytes | None = None) -> FormVersion:
    names = [f"{county.township.name}人民政府", county.sibling_township.name, "别处镇"]
    return services.open_form(
        by=BY,
        bureau=county.bureau,
        name="市局月报",
        file_name="空表.xlsx",
        chunks=[content or blank_form(names)],
    )


def wish(indicator: str, span: str = "month", **place: str) -> Wish:
    return Wish(indicator, span, place.get("place", ""), place.get("code", ""))


def set_up(county: County) -> FormVersion:
    """Consultations by row for month and year, the bureau's name; version 4."""
    version = taken_in(county)
    form, own = version.form, {"place": "bureau", "code": county.bureau.code}
    ask: dict[str, Any] = {"by": BY, "form": form, "sheet": "统计表"}
    services.map_rows(**ask, based_on=1, cell="C5", key_column="B", wish=wish("consultations"))
    services.map_rows(
        **ask, based_on=2, cell="D5", key_column="B", wish=wish("consultations", "year")
    )
    services.map_cell(**ask, based_on=3, cell="B2", wish=wish("place", **own))
    services.map_cell(**ask, based_on=4, cell="G7", wish=wish("coverage", **own))
    return services.newest_version(form)


def recorded(county: County) -> None:
    """Two consultations in October and one in September, one after the close."""
    for day, kinds in (
        (date(2026, 10, 9), [MatterKind.CONSULTATION, MatterKind.LECTURE]),
        (date(2026, 10, 12), [MatterKind.CONSULTATION]),
        (date(2026, 9, 3), [MatterKind.CONSULTATION]),
    ):
        log = factories.make_log(appointment=county.appointment, day=day)
        for kind in kinds:
            factories.make_matter(log=log, kind=kind)
    late = factories.make_log(
        appointment=county.appointment, day=date(2026, 10, 20), entered_at=NOW
    )
    factories.make_matter(log=late)


def closed(county: County, month: Period = OCTOBER) -> Any:
    policy = county.bureau.policies.first() or factories.make_policy(bureau=county.bureau)
    made = factories.make_close(
        policy=policy, month=month.start, closed_at=at(date(2026, 11, 5), "02:30")
    )
    type(made).objects.filter(pk=made.pk).update(opened_at=at(date(2026, 11, 5), "02:00"))
    return made


def test_the_filled_form_is_the_blank_with_its_cells_set(county: County) -> None:
    recorded(county)
    closed(county, SEPTEMBER)
    close = closed(county)
    version = set_up(county)

    filling = services.fill_form(by=BY, version=version, month=OCTOBER, now=NOW)

    book = load_workbook(path_of(filling.checksum), rich_text=True)
    blank = load_workbook(path_of(version.checksum), rich_text=True)
    sheet, before = book["统计表"], blank["统计表"]
    filled = {
        cell.coordinate: cell.value
        for row in sheet.iter_rows()
        for cell in row
        if cell.value != before[cell.coordinate].value
    }
    assert filled == {
        "C5": 2,
        "C6": 0,
        "D5": 3,
        "D6": 0,
        "B2": county.bureau.name,
        "G7": 1.0,  # its format is a percentage
    }
    for cell in (each for row in before.iter_rows() for each in row):
        there = sheet[cell.coordinate]
        looks = [(e.font, e.fill, e.border, e.alignment, e.number_format) for e in (cell, there)]
        assert repr(looks[0]) == repr(looks[1])
    assert sheet["C8"].value == "=SUM(C5:C7)"
    assert str(sheet.merged_cells) == str(before.merged_cells)
    assert sheet.column_dimensions["B"].width == 22.5
    assert sheet.row_dimensions[1].height == 36
    assert (sheet.print_area, sheet.print_title_rows) == (before.print_area, "$1:$4")
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.oddFooter.center.text == "第&P页 共&N页"
    assert sheet.freeze_panes == "C5"
    assert [str(each.sqref) for each in sheet.data_validations.dataValidation] == ["H5"]
    assert [str(each.sqref) for each in sheet.conditional_formatting] == ["C5:C7"]
    assert str(sheet["A2"].value) == "填报单位：（盖章）"
    assert book.calculation.fullCalcOnLoad  # its sums are made anew where it is opened
    assert (filling.close, filling.is_draft, filling.number) == (close, False, 1)
    assert filling.size == path_of(filling.checksum).stat().st_size


def test_a_month_that_is_not_closed_says_so_on_every_printed_page(county: County) -> None:
    recorded(county)
    version = set_up(county)

    filling = services.fill_form(by=BY, version=version, month=OCTOBER, now=NOW)

    sheet = load_workbook(path_of(filling.checksum))["统计表"]
    assert sheet.oddHeader.center.text == services.DRAFT_MARK
    assert filling.is_draft
    assert filling.figures["open"] == ["2026年10月"]


def test_a_month_left_out_of_the_closes_marks_the_sum_and_one_before_them_does_not(
    county: County,
) -> None:
    recorded(county)
    close = closed(county)
    version = set_up(county)
    first = services.fill_form(by=BY, version=version, month=OCTOBER, now=NOW)
    assert (first.is_draft, first.figures["open"]) == (False, [])

    closed(county, Period.month(2026, 8))
    second = services.fill_form(by=BY, version=version, month=OCTOBER, now=NOW)

    assert (second.close, second.is_draft) == (close, True)
    assert second.figures["open"] == ["2026年9月"]


def test_figures_are_those_of_the_month_summary_and_rest_on_their_records(county: County) -> None:
    recorded(county)
    log = factories.make_log(
        appointment=county.sibling_appointment,
        day=date(2026, 10, 13),
        mode=Mode.PHONE,
        state=LogState.REVIEWED,
    )
    for kind in MatterKind:
        factories.make_matter(log=log, kind=kind, audience=30 if kind == "lecture" else None)
    factories.make_matter(log=log, kind=MatterKind.MEDIATION, succeeded=True)
    closed(county)

    count = Count(county.bureau, OCTOBER, set(Span), NOW)

    whole = count.places["bureau", county.bureau.code]
    for indicator in CATALOGUE.values():
        amount = count.amount(indicator, whole, Span.MONTH)
        rows = records_of(indicator, whole.villages, count.known(Span.MONTH))
        if indicator.key == "onsite_minutes":
            assert (amount, len(rows)) == (8.0, 2)
        elif indicator.key == "audience":
            assert (amount, len(rows)) == (30, 2)
        elif indicator.key == "served":
            assert amount == len({row.appointment.village_id for row in rows}) == 2
        elif indicator.of:
            assert amount == len(rows) > 0, indicator.key
        parts = [part for _, part in count.parts(indicator, whole, Span.MONTH)]
        if indicator.unit not in ("", "%", "人", "家") and amount is not None:
            assert sum(parts) == amount, indicator.key  # type: ignore[arg-type]


def test_a_filling_stays_as_it_was(county: County) -> None:
    recorded(county)
    version = set_up(county)
    first = services.fill_form(by=BY, version=version, month=OCTOBER, now=NOW)

    services.unmap(by=BY, form=version.form, based_on=5, sheet="统计表", cells=["C5"])
    newest = services.newest_version(version.form)
    second = services.fill_form(by=BY, version=newest, month=OCTOBER, now=NOW)

    assert [(f.version.number, f.number) for f in (first, second)] == [(5, 1), (6, 2)]
    assert len(first.figures["cells"]) - len(second.figures["cells"]) == 1
    for row in (first, version):
        with pytest.raises(InternalError), transaction.atomic():
            type(row).objects.filter(pk=row.pk).update(made_by="别人")
    verbs = AuditEntry.objects.filter(verb__startswith="form.").values_list("verb", flat=True)
    assert sorted(verbs) == ["form.fill"] * 2 + ["form.map"] * 5 + ["form.open"]


def test_a_formula_and_a_hidden_cell_are_never_filled(county: County) -> None:
    version = taken_in(county)
    ask: dict[str, Any] = {"by": BY, "form": version.form, "based_on": 1, "sheet": "统计表"}
    own = wish("villages", place="bureau", code=county.bureau.code)

    for cell, said in (("C8", "公式"), ("B1", "没有这一格"), ("B4", "没有"), ("ZZ9", "没有")):
        with pytest.raises(DomainError, match=said):
            services.map_cell(**ask, cell=cell, wish=own)
    for wrong, said in (
        (wish("nothing", place="bureau", code=county.bureau.code), "指标"),
        (wish("villages", "year", place="bureau", code=county.bureau.code), "只能按本月"),
        (wish("villages", place="township", code="000"), "范围"),
    ):
        with pytest.raises(DomainError, match=said):
            services.map_cell(**ask, cell="C5", wish=wrong)
    assert FormVersion.objects.count() == 1
    services.map_cell(**ask, cell="C5", wish=own)
    with pytest.raises(Conflict, match="刚被别人改过"):
        services.map_cell(**ask, cell="C6", wish=own)


def test_rows_are_found_by_name_and_those_of_nobody_are_named(county: County) -> None:
    version = taken_in(county)

    made, unknown = services.map_rows(
        by=BY,
        form=version.form,
        based_on=1,
        sheet="统计表",
        cell="C5",
        key_column="B",
        wish=wish("consultations"),
    )

    entries = entries_of(made.cells)
    assert [(e.cell, e.place, e.code) for e in entries] == [
        ("C5", "township", county.township.code),
        ("C6", "township", county.sibling_township.code),
    ]
    assert unknown == ("别处镇",)
    assert entries[0].column == "法律咨询／本月（件）"


def test_a_new_edition_takes_over_what_stands_at_the_same_texts(county: County) -> None:
    version = set_up(county)
    names = [f"{county.township.name}人民政府", "新来镇", county.sibling_township.name]

    renewed = services.renew_blank(
        by=BY,
        form=version.form,
        based_on=5,
        file_name="新表.xlsx",
        chunks=[blank_form(names, moved=True)],
    )

    kept = {entry.cell: (entry.indicator, entry.code) for entry in entries_of(renewed.cells)}
    one, other = county.township.code, county.sibling_township.code
    assert kept == {
        "D5": ("consultations", one),
        "D7": ("consultations", other),
        "E5": ("consultations", one),
        "E7": ("consultations", other),
        "B2": ("place", county.bureau.code),
    }
    assert len(renewed.notes) == 5
    assert "移到D5" in renewed.notes[0]
    assert "未沿用" in renewed.notes[4]
    assert entries_of(version.cells)  # the old version keeps its own


def test_what_became_a_formula_or_was_merged_is_named(county: County) -> None:
    version = set_up(county)
    book = load_workbook(path_of(version.checksum))
    sheet = book["统计表"]
    sheet["C5"] = "=1+1"
    sheet["D6"] = None
    sheet.merge_cells("D5:D6")
    changed = io.BytesIO()
    book.save(changed)

    found = services.renew_blank(
        by=BY, form=version.form, based_on=5, file_name="新.xlsx", chunks=[changed.getvalue()]
    )

    assert {entry.cell for entry in entries_of(found.cells)} == {"C6", "D5", "B2", "G7"}
    assert any("C5" in note and "公式" in note for note in found.notes)
    assert any("D6" in note and "合并" in note for note in found.notes)


def _with_picture() -> bytes:
    picture = io.BytesIO()
    Image.new("RGB", (4, 4)).save(picture, "PNG")
    book = Workbook()
    book.active["A1"] = "表"
    book.active.add_image(SheetImage(picture))
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _far_cell() -> bytes:
    book = Workbook()
    book.active["A1048576"] = "远"
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _wide_merge() -> bytes:
    """A range that a reader would make seventeen thousand million cells of."""
    book = Workbook()
    book.active["A1"] = "表"
    book.active.merge_cells("A1:B2")
    kept = io.BytesIO()
    book.save(kept)
    changed = io.BytesIO()
    with zipfile.ZipFile(kept) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"A1:B2", b"A1:XFD1048576"))
    return changed.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"not a workbook", "文本"),
        (_with_picture(), "图片"),
        (_far_cell(), "太大"),
        (_wide_merge(), "太大"),
    ],
    ids=["text", "picture", "far", "merge"],
)
def test_what_cannot_be_filled_is_refused_in_words(
    county: County, content: bytes, said: str
) -> None:
    with pytest.raises(DomainError, match=said):
        taken_in(county, content)
    assert not FormVersion.objects.exists()


def test_nothing_is_filled_of_nothing_or_before_its_time(county: County) -> None:
    version = taken_in(county)
    with pytest.raises(DomainError, match="还没有设置"):
        services.fill_form(by=BY, version=version, month=OCTOBER, now=NOW)
    version = services.map_cell(
        by=BY,
        form=version.form,
        based_on=1,
        sheet="统计表",
        cell="C5",
        wish=wish("villages", place="bureau", code=county.bureau.code),
    )
    with pytest.raises(DomainError, match="还没有开始"):
        services.fill_form(by=BY, version=version, month=Period.month(2027, 1), now=NOW)
    assert not FormFilling.objects.exists()


def test_every_close_fills_each_form_once_by_itself(county: County, bell: list[int]) -> None:
    recorded(county)
    close = closed(county)
    set_up(county)
    soon = at(date(2026, 11, 5), "06:00")

    assert monthly.order_fillings(now=soon) == 1
    assert monthly.order_fillings(now=soon) == 1  # the key says that it is the same
    assert [jobs.run(job.pk) for job in Job.objects.filter(kind=monthly.FILL)] == [True]
    assert monthly.order_fillings(now=soon) == 0

    filling = FormFilling.objects.get()
    assert (filling.close, filling.made_by) == (close, "系统")
    assert monthly.order_fillings(now=at(date(2026, 12, 20), "06:00")) == 0


def test_labels_are_the_nearest_texts(county: County) -> None:
    version = taken_in(county)
    sheet = layout(version.checksum).sheets[0]
    cell = sheet.at("D6")
    assert cell is not None
    assert labels_of(sheet, cell) == (
        county.sibling_township.name,
        "法律咨询／本年累计（件）",
    )
