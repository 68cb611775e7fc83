"""The pages of a superior's form: walked without scripts, looked at, refused in words."""

from __future__ import annotations

import io
import os

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from assessments.filling import files, services
from assessments.filling.services import Wish, newest_version
from assessments.models import FormFilling, FormTemplate, FormVersion
from lawadvisor.foundation.viewer import Actor
from tests.assessments.blank_forms import blank_form
from tests.web.browsing import DESK, PHONE, Visit, flaws
from tests.web.conftest import Closed, signed_in
from worklogs.models import ServiceLog

#: Where pictures of the pages go, "" for none.
PICTURES = os.environ.get("FORM_PICTURES", "")


def _blank(closed: Closed, **changes: bool) -> bytes:
    county = closed.county
    return blank_form([county.township.name, county.sibling_township.name], **changes)


def _picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_clerk_sets_a_form_up_by_clicking_and_fills_it_without_scripts(
    shown: Closed, browser: Browser, live_server: LiveServer
) -> None:
    plain = browser.new_context(viewport=DESK, locale="zh-CN", java_script_enabled=False)
    plain.set_default_timeout(20_000)
    visit = Visit(plain.new_page(), live_server.url).watch()
    visit.sign_in(shown.county.bureau_user)
    page = visit.page
    page.goto(f"{visit.base}{reverse('forms', args=[shown.county.bureau.code])}")
    page.get_by_label("报表名称").fill("市局工作月报")
    file = {"name": "市局月报空表.xlsx", "mimeType": "", "buffer": _blank(shown)}
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="上传").click()
    expect(page.get_by_role("heading", name="市局工作月报")).to_be_visible()

    for cell, span, indicator in (
        ("C5", "本月", "解答法律咨询（件）"),
        ("D5", "本年累计", "解答法律咨询（件）"),
        ("F5", "本月", "现场服务时长（小时）"),
    ):
        page.locator(f"td#{cell} a").click()
        expect(page.get_by_role("heading", name=cell)).to_be_visible()
        page.get_by_label("指标").select_option(label=indicator)
        page.get_by_label(span, exact=True).check()
        page.get_by_role("button", name="从这一格起填整列").click()
        expect(page.get_by_text("已按行设置")).to_be_visible()
    assert page.locator("td#C7 a").count() == 0  # a formula leads nowhere
    page.get_by_role("button", name="填报", exact=True).click()
    expect(page.get_by_role("link", name="下载填好的表")).to_be_visible()
    with page.expect_download() as taken:
        page.get_by_role("link", name="下载填好的表").click()
    sheet = load_workbook(io.BytesIO(taken.value.path().read_bytes()))["统计表"]
    assert [sheet[cell].value for cell in ("C5", "D5", "F5", "C6", "C7")] == [
        *(1, 1, 7.0, 0, "=SUM(C5:C6)")
    ]
    page.locator("td#C5 a").click()
    expect(page.get_by_role("heading", name="C5：解答法律咨询 1件")).to_be_visible()
    expect(page.get_by_role("link", name="法律咨询")).to_be_visible()
    assert visit.complaints == []

    cookies = plain.storage_state()
    for size, viewport in (("phone", PHONE), ("desk", DESK)):
        seen = browser.new_context(viewport=viewport, locale="zh-CN", storage_state=cookies)
        _look_at_all(Visit(seen.new_page(), live_server.url).watch(), shown, size)
        seen.close()
    plain.close()


def _look_at_all(visit: Visit, closed: Closed, size: str) -> None:
    filling = FormFilling.objects.get()
    form = reverse("form", args=[filling.version.form_id])
    addresses = {
        "forms": reverse("forms", args=[closed.county.bureau.code]),
        "form": form,
        "chosen": f"{form}?sheet=0&cell=C5",
        "filling": reverse("filling", args=[filling.pk]),
        "cell": reverse("filling-cell", args=[filling.pk, 0]),
    }
    for name, address in addresses.items():
        visit.page.goto(f"{visit.base}{address}")
        assert flaws(visit.page) == (0, [], []), (name, size)
        _picture(visit.page, f"{name}-{size}")
    assert visit.complaints == []


def _set_up(closed: Closed) -> FormVersion:
    county = closed.county
    by = Actor(user_id=None, name="李四")
    version = services.open_form(
        by=by, bureau=county.bureau, name="月报", file_name="空.xlsx", chunks=[_blank(closed)]
    )
    return services.map_cell(
        by=by,
        form=version.form,
        based_on=1,
        sheet="统计表",
        cell="C5",
        wish=Wish("consultations", "month", "bureau", county.bureau.code),
    )


@pytest.mark.django_db
def test_what_is_wrong_is_said_on_the_page(closed: Closed) -> None:
    client = signed_in(closed.county.bureau_user)
    version = _set_up(closed)
    form = version.form
    sent = {"version": "2", "number": "0", "sheet": "统计表", "cell": "C7", "wish": "cell"}
    sent |= {"indicator": "villages", "span": "month", "place": f"bureau:{form.bureau.code}"}

    for change, said in (
        ({}, "C7是公式"),
        ({"cell": "C6", "indicator": "x"}, "请选择要填的指标"),
        ({"cell": "C6", "version": "1"}, "刚被别人改过"),
        ({"cell": "C6", "wish": "rows", "key_column": "G"}, "没有一行写着"),
    ):
        page = client.post(reverse("form-map", args=[form.pk]), {**sent, **change}, follow=True)
        assert said in page.content.decode()
    bad = SimpleUploadedFile("表.xlsx", b"PK not a zip")
    page = client.post(reverse("forms", args=[form.bureau.code]), {"name": "乙表", "file": bad})
    assert page.status_code == 400
    assert "已损坏" in page.content.decode()
    page = client.post(reverse("form-fill", args=[form.pk]), {"month": "2031-01"}, follow=True)
    assert "还没有开始" in page.content.decode()
    assert newest_version(form) == version
    assert FormTemplate.objects.count() == 1


@pytest.mark.django_db
def test_a_new_edition_and_a_cleared_cell_are_told_on_the_page(closed: Closed) -> None:
    client = signed_in(closed.county.bureau_user)
    form = _set_up(closed).form
    moved = SimpleUploadedFile("新.xlsx", _blank(closed, moved=True))

    page = client.post(
        reverse("form-renew", args=[form.pk]), {"version": "2", "file": moved}, follow=True
    )

    assert "沿用1格" in page.content.decode()
    assert "移到D5，已沿用，请核对" in page.content.decode()
    sent = {"version": "3", "number": "0", "sheet": "统计表", "cell": "D5", "wish": "clear"}
    page = client.post(reverse("form-map", args=[form.pk]), sent, follow=True)
    assert "D5不再填报" in page.content.decode()
    assert newest_version(form).cells == []


@pytest.mark.django_db
def test_a_figure_says_when_its_records_changed_after_the_filling(closed: Closed) -> None:
    client = signed_in(closed.county.bureau_user)
    form = _set_up(closed).form
    client.post(reverse("form-fill", args=[form.pk]), {"month": "2026-10"})
    filling = FormFilling.objects.get()
    address = reverse("filling-cell", args=[filling.pk, 0])
    assert "填报以后有记录" not in client.get(address).content.decode()

    ServiceLog.objects.filter(matters__kind="consultation").update(
        state="returned", returned_reason="重复"
    )

    assert "现在按同一口径查到0条" in client.get(address).content.decode()
    content = b"".join(client.get(reverse("filling-file", args=[filling.pk])).streaming_content)
    assert load_workbook(io.BytesIO(content))["统计表"]["C5"].value == 1
    grounds = client.get(reverse("filling-grounds", args=[filling.pk]))
    book = load_workbook(io.BytesIO(b"".join(grounds.streaming_content)))
    told = [cell.value for row in book.active.iter_rows() for cell in row]
    assert {"C5", "解答法律咨询", "1件"} <= set(told)
    files.path_of(filling.checksum).unlink()
    assert client.get(reverse("filling-file", args=[filling.pk])).status_code == 404
