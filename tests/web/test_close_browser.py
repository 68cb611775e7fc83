"""A month's close in a real browser: halted and resumed, downloaded, and one village reopened."""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from assessments import papers
from assessments.closing import open_close
from assessments.enums import FileFormat
from assessments.models import MonthClose, Reopening
from assessments.services import PACKS, adopt_policy
from lawadvisor.accounts.models import User
from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.viewer import SYSTEM
from tests import factories
from tests.assessments.test_halting import JOBS, work
from tests.conftest import County, _make_county
from tests.factories import OCTOBER
from tests.web.browsing import DESK, PASSWORD, PHONE, Visit, flaws
from tests.web.test_import_browser import COUNT_CLICKS, clicks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TODAY = date(2026, 11, 20)


@pytest.fixture
def county(transactional_db: None, bell: list[int], monkeypatch: pytest.MonkeyPatch) -> County:
    monkeypatch.setattr(timezone, "localdate", lambda value=None: value.date() if value else TODAY)
    county = _make_county()
    adopt_policy(bureau=county.bureau, pack_path=PACKS / "zx.toml", by=SYSTEM)
    for user in (county.bureau_user, county.office_user):
        user.set_password(PASSWORD)
        user.save()
    for day in (9, 16):
        factories.make_log(
            appointment=county.appointment,
            day=date(2026, 10, day),
            entered_at=factories.at(date(2026, 10, 31), "20:00"),
        )
    return county


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def visit(
    request: pytest.FixtureRequest, live_server: LiveServer, county: County, browser: Browser
) -> Iterator[Visit]:
    context = browser.new_context(viewport=request.param, locale="zh-CN", accept_downloads=True)
    context.set_default_timeout(20_000)
    context.add_init_script(COUNT_CLICKS)
    yield Visit(context.new_page(), live_server.url).watch()
    context.close()


def enter(visit: Visit, user: User, path: str) -> Page:
    visit.page.context.clear_cookies()
    visit.sign_in(user)
    visit.page.goto(visit.base + path)
    visit.page.evaluate("sessionStorage.setItem('clicks', 0)")
    return visit.page


def clean(page: Page) -> None:
    page.wait_for_load_state()
    page.evaluate(
        """() => document.querySelectorAll('details:not([open]) :is(a, button, input, select)')
            .forEach(e => e.classList.add('skip'))"""
    )
    assert flaws(page) == (0, [], [])


def bureau_month(county: County) -> str:
    return reverse("bureau-month", args=[county.bureau.code, OCTOBER])


def test_the_bureau_halts_a_close_resumes_it_and_reads_what_the_next_revision_changed(
    visit: Visit, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    light = dict.fromkeys((FileFormat.PDF, FileFormat.XLSX), lambda each: each.checksum.encode())
    monkeypatch.setattr(papers, "RENDERERS", papers.RENDERERS | light)
    page = enter(visit, county.bureau_user, bureau_month(county))
    page.get_by_role("button", name="关账", exact=True).click()
    expect(page.get_by_text(f"正在关账：已完成 0/{JOBS} 项")).to_be_visible()
    work(2)
    page.get_by_text("中止关账").click()
    page.get_by_role("button", name="中止", exact=True).click()
    expect(page.get_by_role("heading", name=f"关账已中止：已完成 2/{JOBS} 项")).to_be_visible()
    clean(page)
    page.goto(visit.base + reverse("bureau-months", args=[county.bureau.code]))
    expect(page.get_by_text("关账未完成").first).to_be_visible()
    expect(page.get_by_text("已关账")).to_have_count(0)
    page.goto(visit.base + bureau_month(county))
    page.get_by_role("button", name="继续关账").click()
    expect(page.get_by_text(f"正在关账：已完成 2/{JOBS} 项")).to_be_visible()
    work()
    page.goto(visit.base + bureau_month(county))
    expect(page.get_by_text("已关账").first).to_be_visible()
    factories.make_log(
        appointment=county.appointment,
        day=date(2026, 10, 23),
        is_supplement=True,
        entered_at=timezone.now(),
    )
    page.reload()
    expect(page.get_by_text("补录1条，尚未计入")).to_be_visible()
    page.get_by_text("重新核算2026年10月").click()
    page.get_by_label("事由（必填）").fill("补录一次值班")
    page.get_by_role("button", name="重新核算").click()
    expect(page.get_by_text("将生成第2版")).to_be_visible()
    work()
    page.goto(visit.base + bureau_month(county))
    page.get_by_role("link", name="与上一版相比的变化").click()
    expect(page.get_by_role("heading", name=re.compile("变化 [0-9]+ 项"))).to_be_visible()
    expect(page.get_by_text("补录一次值班").first).to_be_visible()
    clean(page)
    assert visit.complaints == []


def test_one_village_is_reopened_in_two_clicks_and_a_reason(visit: Visit, county: County) -> None:
    """Row 17 of the usability figures; A16 gives the office its own, for supplements."""
    other = factories.make_village(township=county.township)
    factories.make_appointment(village=other)
    factories.make_close(policy=county.bureau.policies.get(), closed_at=timezone.now())
    where = reverse("review", args=[county.township.code, OCTOBER])
    page = enter(visit, county.bureau_user, where)
    row = page.locator(
        "[data-row]", has=page.get_by_role("heading", name=county.village.short_name)
    )
    row.get_by_text("开锁", exact=True).click()
    row.get_by_label("事由（必填）").fill("地点写错")
    clean(page)
    row.get_by_role("button", name=f"开锁{county.village.short_name}").click()
    expect(
        page.get_by_text(re.compile("已开锁，3天后自动锁上；其他村（社区）不受影响"))
    ).to_be_visible()
    assert clicks(page) == 2
    opened = Reopening.objects.get()
    assert (opened.village, opened.reason, opened.supplements_only) == (
        county.village,
        "地点写错",
        False,
    )
    assert opened.expires_at - opened.opened_at == timedelta(days=3)
    entry = AuditEntry.objects.get(verb="month.reopen")
    assert (entry.actor_id, entry.reason) == (county.bureau_user.pk, "地点写错")
    page = enter(visit, county.office_user, where)
    row = page.locator("[data-row]", has=page.get_by_role("heading", name=other.short_name))
    row.get_by_text("开放补录", exact=True).click()
    row.get_by_label("事由（必填）").fill("漏录")
    row.get_by_role("button", name="补录").click()
    expect(page.get_by_text(re.compile("已开放补录，3天后"))).to_be_visible()
    assert clicks(page) == 2
    assert Reopening.objects.get(village=other).supplements_only
    clean(page)
    assert visit.complaints == []


def test_the_month_is_downloaded_in_one_click_each_with_the_numbers_of_the_page(
    visit: Visit, county: County, tmp_path: Path
) -> None:
    """Row 12 of the usability figures."""
    open_close(bureau=county.bureau, month=OCTOBER, by=SYSTEM, today=TODAY)
    work()
    assert MonthClose.objects.get().closed_at is not None
    where = reverse("township-month", args=[county.township.code, OCTOBER])
    page = enter(visit, county.office_user, where)
    kept = []
    for number, name in enumerate(("下载 PDF", "下载 Excel"), start=1):
        with page.expect_download() as download:
            page.get_by_role("link", name=name).first.click()
        assert clicks(page) == number
        kept.append(Path(download.value.path()).read_bytes())
    shown = page.locator(".report table").first.locator("tbody tr").first.inner_text().split()
    pdf = tmp_path / "r1.pdf"
    pdf.write_bytes(kept[0])
    told = subprocess.run(
        ["pdftotext", "-raw", str(pdf), "-"], capture_output=True, text=True, check=True
    ).stdout
    printed = "".join(told.split())  # a long name goes over two lines of its cell
    sheet = openpyxl.load_workbook(io.BytesIO(kept[1])).worksheets[0]
    cells = {str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None}
    for name in (county.village.short_name, county.advisor.name):
        assert name in shown
        assert name in printed
        assert name in cells
    assert "2/2" in shown
    assert "2/2" in printed


def test_the_spot_check_is_drawn_and_looked_at(visit: Visit, county: County) -> None:
    where = reverse("spot", args=[county.township.code, OCTOBER])
    page = enter(visit, county.office_user, where)
    clean(page)
    page.get_by_role("button", name="抽取名单").click()
    expect(page.get_by_text("集中录入：本月2条记录都在10月31日录入")).to_be_visible()
    page.get_by_text("填写抽查记录").click()
    page.get_by_text("查阅记录").click()
    page.get_by_text("属实", exact=True).click()
    clean(page)
    page.get_by_role("button", name="保存抽查记录").click()
    expect(page.get_by_text("抽查记录已保存，顾问可以看到。")).to_be_visible()
    clean(page)
    page = enter(visit, county.bureau_user, reverse("spots", args=[county.bureau.code, OCTOBER]))
    expect(page.get_by_text("1/1")).to_be_visible()
    clean(page)
    assert visit.complaints == []
