"""Papers that are made when asked for: one definition on page, PDF and sheet; codes; journals."""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from datetime import date
from io import BytesIO

import openpyxl
import pytest
from django.db import connection
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from advisors.viewers import viewer_for
from assessments.check_codes import Printed, code_of, read
from assessments.enums import PaperKey
from assessments.models import MonthClose, MonthlyBook
from assessments.reports import DESK_PAPERS, half_year, made_when_asked
from assessments.reports.asked import AskedDesk
from lawadvisor.accounts.models import User
from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.periods import Period
from lawadvisor.foundation.roles import Role
from lawadvisor.foundation.tables import Document, cells
from tests import factories
from tests.assessments.test_reports import TableCells, read_sheet, squeezed
from tests.conftest import County
from tests.factories import OCTOBER
from tests.web.conftest import Closed, signed_in
from worklogs.enums import FilingState, LogState
from worklogs.models import ServiceLog
from worklogs.photos import path_of

NOVEMBER = OCTOBER.next()


def text_of(pdf: bytes) -> str:
    raw = subprocess.run(
        ["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True
    )
    return squeezed(raw.stdout.decode())


def body(response: HttpResponse) -> bytes:
    assert response.status_code == 200
    return b"".join(response.streaming_content) if response.streaming else response.content


@pytest.fixture
def busy(closed: Closed) -> Closed:
    """With a client, a mediation, a lecture with a photo, an emoji and a contact."""
    county = closed.county
    log = factories.make_log(
        appointment=county.appointment, day=date(2026, 10, 21), state=LogState.CONFIRMED
    )
    factories.make_matter(
        log=log,
        client="钱来也",
        phone="13900000001",
        content="询问钱来也家的宅基地😀",
        method="面谈",
        result="已答复",
    )
    factories.make_matter(log=log, kind="mediation", client="孙有理", content="邻里争水")
    factories.make_matter(log=log, kind="lecture", focus="=1+1", audience=31, marks=["cadres"])
    factories.make_liaison(village=county.village)
    return closed


def desk_of(closed: Closed, user: User, key: PaperKey, *, whole: bool) -> AskedDesk:
    period = half_year.half_of(OCTOBER) if key is PaperKey.HALF_YEAR else OCTOBER
    county = closed.county
    township = None if whole else county.township
    return AskedDesk(viewer_for(user), county.bureau, township, period, timezone.now())


# ── one definition ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("whole", [True, False])
def test_page_paper_and_sheet_show_the_same_cells(busy: Closed, whole: bool) -> None:
    county = busy.county
    user = county.bureau_user if whole else county.office_user
    code = county.bureau.code if whole else county.township.code
    name, client = "bureau" if whole else "township", signed_in(user)
    for key in DESK_PAPERS:
        source = made_when_asked(key, desk_of(busy, user, key, whole=whole))
        expected = [cell.display for cell in cells(source)]
        page = client.get(reverse(f"{name}-paper", args=[code, OCTOBER, key])).content.decode()
        assert page_cells(page) == expected, key
        files = {
            form: body(client.get(reverse(f"{name}-paper-file", args=[code, OCTOBER, key, form])))
            for form in ("pdf", "xlsx")
        }
        text = text_of(files["pdf"])
        for table in source.tables:
            for row in table.body:
                for cell in row:
                    assert squeezed(cell.display).replace("😀", "〓") in text, (key, cell)
        assert all(squeezed(line) in text for line in source.lead), key
        book = openpyxl.load_workbook(BytesIO(files["xlsx"]), data_only=True)
        shown = [
            text
            for sheet, part in zip(book, source.sections, strict=True)
            for text in read_sheet(sheet, part)
        ]
        assert shown == expected, key


def page_cells(page: str) -> list[str]:
    parser = TableCells()
    parser.feed(page)
    return [text for text in parser.texts if text != "本期没有记录"]


def test_a_ledger_masks_whoever_asks(busy: Closed) -> None:
    county = busy.county
    for user in (county.bureau_user, county.office_user, county.township_user):
        source = made_when_asked(PaperKey.LEDGER, desk_of(busy, user, PaperKey.LEDGER, whole=False))
        said = " ".join(cell.display for cell in cells(source))
        assert "钱*" in said
        assert "已封存" in said
        for hidden in ("钱来也", "13900000001", "孙有理", "邻里争水"):
            assert hidden not in said


def test_the_township_s_contacts_are_masked_and_the_office_calls(busy: Closed) -> None:
    said = {
        user: " ".join(
            cell.display
            for cell in cells(
                made_when_asked(
                    PaperKey.CONTACTS, desk_of(busy, user, PaperKey.CONTACTS, whole=False)
                )
            )
        )
        for user in (busy.county.office_user, busy.county.township_user)
    }
    assert "13700000000" in said[busy.county.office_user]
    assert "13700000000" not in said[busy.county.township_user]
    assert "137****0000" in said[busy.county.township_user]


def test_the_number_of_queries_does_not_grow(busy: Closed) -> None:
    user = busy.county.bureau_user
    before = {key: _queries(busy, user, key) for key in DESK_PAPERS}
    for number in range(4):
        appointment = factories.make_appointment(
            village=factories.make_village(township=busy.county.township)
        )
        log = factories.make_log(appointment=appointment, day=date(2026, 10, 3 + number))
        factories.make_matter(log=log, client="李某", content="问")
    assert {key: _queries(busy, user, key) for key in DESK_PAPERS} == before


def _queries(closed: Closed, user: User, key: PaperKey) -> int:
    desk = desk_of(closed, user, key, whole=True)
    with CaptureQueriesContext(connection) as ran:
        made_when_asked(key, desk)
    return len(ran)


def test_a_long_table_is_a_workbook_and_says_so(
    busy: Closed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assessments.paper_pages.MOST_PRINTED", 1)
    client, code = signed_in(busy.county.office_user), busy.county.township.code
    page = reverse("township-paper", args=[code, OCTOBER, "R4"])
    assert "下载 PDF" not in client.get(page).content.decode()
    file = reverse("township-paper-file", args=[code, OCTOBER, "R4", "pdf"])
    assert "超过1行的请下载 Excel 表格。" in client.get(file, follow=True).content.decode()


def test_an_empty_month_says_so(busy: Closed) -> None:
    page = reverse("township-paper", args=[busy.county.township.code, Period.month(2026, 3), "R4"])
    text = signed_in(busy.county.office_user).get(page).content.decode()
    assert "2026年3月没有服务记录。" in text
    future = reverse(
        "township-paper", args=[busy.county.township.code, Period.month(2027, 3), "R4"]
    )
    assert signed_in(busy.county.office_user).get(future).status_code == 404


# ── before the close ────────────────────────────────────────────────────────────────────────────


def test_the_preview_is_what_the_close_will_write_with_a_watermark(
    november: None, county: County
) -> None:
    """The same definition: only the watermark, the edition and the code differ."""
    from tests.web.conftest import close_october  # after the preview was taken

    closed = close_october(county)
    township, client = county.township, signed_in(county.office_user)
    kept = client.get(reverse("township-report", args=[township.code, OCTOBER, "R1"]))
    MonthClose.objects.update(closed_at=None)
    address = reverse("township-paper", args=[township.code, OCTOBER, "R1"])
    page = client.get(address).content.decode()
    assert page_cells(page) == page_cells(kept.content.decode())
    assert "未关账：预览件，不作为正式报表" in page
    pdf = body(
        client.get(reverse("township-paper-file", args=[township.code, OCTOBER, "R1", "pdf"]))
    )
    assert "未关账" in text_of(pdf)
    MonthClose.objects.filter(pk=closed.close.pk).update(closed_at=closed.close.closed_at)
    assert client.get(address).url == reverse(
        "township-report", args=[township.code, OCTOBER, "R1"]
    )


# ── codes ───────────────────────────────────────────────────────────────────────────────────────


def told(code: str) -> tuple[int, str]:
    response = Client().get(reverse("paper-check", args=[code]))
    return response.status_code, response.content.decode()


def test_a_code_tells_the_current_from_the_superseded(closed: Closed) -> None:
    county = closed.county
    first = code_of(Printed("R1", "t", county.township.pk, "2026-10", "r1"))
    status, text = told(first)
    assert (status, "现行有效" in text, county.township.name in text) == (200, True, True)
    seal = re.search(r"校验码：[0-9a-f ]{19}", text)
    kept = signed_in(county.office_user).get(
        reverse("township-report", args=[county.township.code, OCTOBER, "R1"])
    )
    assert seal is not None
    assert seal[0] in kept.content.decode()
    factories.make_close(
        policy=closed.close.policy, revision=2, reason="张三补录", closed_at=timezone.now()
    )
    text = told(first)[1]
    assert "已被第2版取代，请以第2版为准。" in text
    assert county.advisor.name not in text
    assert "张三补录" not in text


def test_a_code_of_records_tells_when_they_changed(busy: Closed) -> None:
    client, code = signed_in(busy.county.office_user), busy.county.township.code
    page = client.get(reverse("township-paper", args=[code, OCTOBER, "R4"])).content.decode()
    address = re.search(r'href="([^"]*/check/[^"]+)"', page)
    assert address is not None
    check = Client().get(address[1])
    assert "现行有效" in check.content.decode()
    ServiceLog.objects.filter(appointment=busy.county.appointment).update(place="村部")
    assert "不是最新" in Client().get(address[1]).content.decode()


def test_a_forged_code_tells_nothing() -> None:
    good = code_of(Printed("R1", "t", 1, "2026-10", "r1"))
    assert len(good.rsplit(".", 1)[1]) * 6 >= 128
    for forged in (
        good.replace("t1", "t2"),
        good[:-1] + ("a" if good[-1] != "a" else "b"),
        "R1.t1.2026-10.r1",
        good * 2,
        "x",
    ):
        assert read(forged) is None


@pytest.mark.django_db
def test_the_page_of_an_unknown_code_is_public_and_says_so() -> None:
    assert told("nonsense")[0] == 404
    assert "查不到" in told("nonsense")[1]
    gone = code_of(Printed("R4", "t", 10**6, "2026-10", "n1"))
    assert told(gone)[0] == 404


def test_the_code_is_whole_where_the_portal_knows_its_address(
    closed: Closed, settings: Settings
) -> None:
    settings.CSRF_TRUSTED_ORIGINS = ["https://*.example.gov.cn", "https://portal.example.gov.cn"]
    desk = desk_of(closed, closed.county.office_user, PaperKey.LEDGER, whole=False)
    source = made_when_asked(PaperKey.LEDGER, desk)
    assert source.check.startswith("https://portal.example.gov.cn/check/R4.t")
    assert "<svg" in _paper_html(source)


def _paper_html(source: Document) -> str:
    from lawadvisor.foundation.qr import as_svg

    return render_to_string("reports/paper.html", {"document": source, "qr": as_svg(source.check)})


# ── all at once ─────────────────────────────────────────────────────────────────────────────────


def test_the_bundle_has_every_paper_by_name_and_is_audited(closed: Closed) -> None:
    county = closed.county
    address = reverse("bureau-bundle", args=[county.bureau.code, OCTOBER])
    content = body(signed_in(county.bureau_user).post(address))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        listed = archive.read("目录.txt").decode("utf-8-sig")
    kept = closed.close.files.exclude(format="json").count()
    assert len(names) == kept + 1
    assert any(
        name.startswith(f"{county.township.name}/R3 {county.township.name}2026年10月")
        for name in names
    )
    assert all(name in listed for name in names if name != "目录.txt")
    entry = AuditEntry.objects.get(verb="papers.take")
    assert (entry.actor_name, entry.after["files"]) == (county.bureau_user.name, kept)


def test_whoever_sees_no_checks_gets_no_paper_of_them(closed: Closed) -> None:
    county = closed.county
    finance = factories.make_post(role=Role.FINANCE, bureau=county.bureau).user
    client = signed_in(finance)
    page = reverse("bureau-report", args=[county.bureau.code, OCTOBER, "R25"])
    assert client.get(page).status_code == 404
    address = reverse("bureau-bundle", args=[county.bureau.code, OCTOBER])
    with zipfile.ZipFile(io.BytesIO(body(client.post(address)))) as archive:
        assert not any("R25" in name for name in archive.namelist())


# ── journals and lectures ───────────────────────────────────────────────────────────────────────


def journal(closed: Closed, form: str = "") -> str:
    name = "journal-file" if form else "journal"
    return reverse(name, args=[closed.county.appointment.pk, OCTOBER])


def test_a_month_s_book_shows_what_its_page_shows(busy: Closed) -> None:
    client = signed_in(busy.county.advisor_user)
    page = client.get(journal(busy)).content.decode()
    text = text_of(body(client.get(journal(busy, "pdf"))))
    for shown in page_cells(page):
        assert squeezed(shown).replace("😀", "〓") in text, shown
    for expected in ("钱来也", "13900000001", "询问钱来也家的宅基地", "面谈", "已封存", "=1+1"):
        assert squeezed(expected) in text
    assert "字体中没有的字印作“〓”：U+1F600" in text
    assert "邻里争水" not in text
    for place in ("顾问签名", "联络员确认", "司法所审核意见", "第1页"):
        assert place in text


def test_the_township_s_book_is_masked(busy: Closed) -> None:
    text = text_of(body(signed_in(busy.county.township_user).get(journal(busy, "pdf"))))
    assert "钱*" in text
    for hidden in ("钱来也", "13900000001"):
        assert hidden not in text


def test_a_sheet_and_a_volume_are_printed(busy: Closed) -> None:
    client, term = signed_in(busy.county.advisor_user), busy.county.appointment
    log = ServiceLog.objects.get(appointment=term, service_date=date(2026, 10, 21))
    sheet = text_of(body(client.get(reverse("journal-sheet", args=[log.pk]))))
    assert "2026年10月21日" in sheet
    assert "2026年10月9日" not in sheet
    year = Period.parse("2026")
    volume = text_of(body(client.get(reverse("journal-file", args=[term.pk, year]))))
    for expected in ("年度卷", "村情卡", "目录", "没有记录的月份：1月", term.village.code):
        assert expected in volume


def test_the_paper_goes_through_the_office(busy: Closed) -> None:
    county, term = busy.county, busy.county.appointment
    advisor, office = signed_in(county.advisor_user), signed_in(county.office_user)
    steps = {
        name: reverse(f"journal-{name}", args=[term.pk, OCTOBER]) for name in ("issue", "receive")
    }
    advisor.post(steps["issue"])
    book = MonthlyBook.objects.get()
    assert (book.records, book.filing.state) == (3, FilingState.DRAFT)
    paper = text_of(body(advisor.get(journal(busy, "pdf"))))
    assert book.number in paper
    assert f"内容校验码{book.checksum[:16]}" in paper
    assert "与现在的记录一致" in office.get(journal(busy)).content.decode()
    office.post(steps["receive"], {"wish": "review", "outcome": "passed"})  # not before its receipt
    office.post(steps["receive"], {"wish": "receive", "day": "2026-11-02"})
    office.post(steps["receive"], {"wish": "review", "outcome": "returned", "opinion": "漏签名"})
    book.refresh_from_db()
    assert (book.outcome, book.filing.state, book.filing.filed_on) == ("returned", "draft", None)
    advisor.post(steps["issue"])
    office.post(steps["receive"], {"wish": "receive", "day": "2026-11-03"})
    office.post(steps["receive"], {"wish": "review", "outcome": "passed"})
    book.refresh_from_db()
    book.filing.refresh_from_db()
    assert (book.outcome, book.filing.state) == ("passed", FilingState.RECEIVED)
    assert book.filing.filed_on == date(2026, 11, 3)
    verbs = AuditEntry.objects.filter(verb__startswith="book.").order_by("pk")
    assert [entry.verb for entry in verbs] == [
        *("book.issue", "book.receive", "book.review"),
        *("book.issue", "book.receive", "book.review"),
    ]
    factories.make_log(appointment=term, day=date(2026, 10, 30), is_supplement=True)
    assert "登记以后记录有变动" in office.get(journal(busy)).content.decode()


def test_a_lecture_s_record_has_its_photos_two_in_a_row(busy: Closed) -> None:
    county = busy.county
    matter = factories.Matter.objects.get(log__appointment=county.appointment, kind="lecture")
    for number in range(3):
        photo = factories.make_attachment(matter=matter, checksum=f"{number:064d}")
        path_of(photo).parent.mkdir(parents=True, exist_ok=True)
        path_of(photo).write_bytes(picture(number))
    client = signed_in(county.advisor_user)
    page = client.get(reverse("lecture", args=[matter.pk])).content.decode()
    assert page.count('<div class="photos two">') == 2
    pdf = body(client.get(reverse("lecture-file", args=[matter.pk])))
    text = text_of(pdf)
    assert all(f"《=1+1》照片{number}" in text for number in (1, 2, 3))
    listed = subprocess.run(["pdfimages", "-list", "-"], input=pdf, capture_output=True, check=True)
    assert listed.stdout.decode().count(" image ") == 3
    masked = signed_in(county.township_user)
    assert "没有可显示的照片" in masked.get(reverse("lecture", args=[matter.pk])).content.decode()


def picture(number: int) -> bytes:
    from PIL import Image

    target = io.BytesIO()
    Image.new("RGB", (80, 60), (40 * number, 90, 120)).save(target, "JPEG")
    return target.getvalue()
