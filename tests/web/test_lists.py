"""Lists: what is asked of them, what they offer, and their workbooks."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from typing import Any

import pgtrigger
import pytest
from django.contrib import admin
from django.http import HttpResponse
from django.urls import reverse
from openpyxl import load_workbook

from advisors.models import Advisor
from lawadvisor.accounts.models import User
from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.office import export
from lawadvisor.foundation.roles import Role
from tests import factories
from tests.conftest import County
from tests.web.conftest import Closed, signed_in
from worklogs.enums import LogState

MODELS = [model for model in admin.site._registry if model._meta.app_label != "auth"]


def where(label: str, action: str = "changelist") -> str:
    return reverse(f"admin:{label.replace('.', '_')}_{action}")


def found(user: User, label: str, **asked: Any) -> list[Any]:
    page = signed_in(user).get(where(label), asked)
    return [row.pk for row in page.context["cl"].queryset]


# ── filters ─────────────────────────────────────────────────────────────────────────────────────


def test_a_list_is_narrowed_by_township_month_and_state(county: County) -> None:
    user, label = county.bureau_user, "worklogs.servicelog"
    own = factories.make_log(appointment=county.appointment)
    other = factories.make_log(appointment=county.sibling_appointment, day=date(2026, 9, 9))
    draft = factories.make_log(
        appointment=county.appointment, state=LogState.DRAFT, day=date(2026, 9, 10)
    )
    asked = {"in-township": county.township.code}
    assert set(found(user, label, **asked)) == {own.pk, draft.pk}
    assert set(found(user, label, **{"in-month": "2026-09"})) == {other.pk, draft.pk}
    assert found(user, label, **asked, **{"in-month": "2026-09"}) == [draft.pk]
    assert found(user, label, state__exact="draft") == [draft.pk]


def test_fields_that_were_left_alone_ask_nothing(county: County) -> None:
    log = factories.make_log(appointment=county.appointment)
    asked = {"q": "", "in-township": "", "in-month": "", "state__exact": ""}
    assert found(county.bureau_user, "worklogs.servicelog", **asked) == [log.pk]


def test_terms_are_found_by_a_month_within(county: County) -> None:
    ended = factories.make_appointment(
        village=factories.make_village(township=county.township),
        term=factories.term(date(2025, 1, 1), date(2025, 7, 1)),
    )
    label = "advisors.appointment"
    assert found(county.bureau_user, label, **{"in-month": "2025-06"}) == [ended.pk]
    assert ended.pk not in found(county.bureau_user, label, **{"in-month": "2025-07"})


def test_instants_are_found_by_the_month_of_shanghai(county: County) -> None:
    """Eight in the evening of the last day in London is the next month here."""
    entry = factories.make_audit_entry(bureau=county.bureau)
    last = datetime(2026, 9, 30, 20, tzinfo=UTC)
    with pgtrigger.ignore("foundation.AuditEntry:audit_append_only"):
        AuditEntry.objects.filter(pk=entry.pk).update(at=last)
    label = "foundation.auditentry"
    assert found(county.bureau_user, label, **{"in-month": "2026-10"}) == [entry.pk]
    assert found(county.bureau_user, label, **{"in-month": "2026-09"}) == []


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m._meta.label_lower)
def test_no_filter_names_or_accepts_a_place_of_another_bureau(
    model: Any, closed: Closed, foreign_closed: Closed
) -> None:
    own, foreign = closed.county, foreign_closed.county
    client = signed_in(own.bureau_user)
    address = where(model._meta.label_lower)
    page = client.get(address)
    if page.status_code == 403:
        assert model._meta.label_lower == "foundation.job"
        return
    offered = {o.value for field in page.context["cl"].asked() for o in field.options}
    assert offered.isdisjoint({foreign.township.code, foreign.bureau.code})
    names = {o.label for field in page.context["cl"].asked() for o in field.options}
    assert not {name for name in names if foreign.township.name in name}
    refused = client.get(address, {"in-township": foreign.township.code}).status_code
    assert refused in (302, 400)
    # not offered to whoever sees one bureau, and then not asked either
    ignored = client.get(address, {"in-bureau": foreign.bureau.code})
    assert ignored.status_code == 400 or foreign.bureau.name not in ignored.content.decode()


@pytest.mark.parametrize("nonsense", ["2026-13", "2026", "x", "2026-Q3"])
def test_a_month_that_is_none_is_sent_back(county: County, nonsense: str) -> None:
    client = signed_in(county.bureau_user)
    page = client.get(where("worklogs.servicelog"), {"in-month": nonsense})
    assert page.status_code == 302


def test_who_sees_several_bureaus_may_choose_one(
    county: County, foreign: County, system_admin: User
) -> None:
    label = "villages.township"
    asked = {"in-bureau": county.bureau.code}
    assert set(found(system_admin, label)) > set(found(system_admin, label, **asked))
    page = signed_in(county.bureau_user).get(where(label))
    assert [field.title for field in page.context["cl"].asked()] == []


# ── search ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("typed", ["张三", "zhangsan", "zs", "ZS", "1430420260000009", "清河"])
def test_an_advisor_is_found_by_name_initials_licence_and_firm(county: County, typed: str) -> None:
    firm = factories.make_organisation(bureau=county.bureau, name="清河律师事务所")
    row = factories.make_advisor(organisation=firm, name="张三", licence_no="1430420260000009")
    assert found(county.bureau_user, "advisors.advisor", q=typed) == [row.pk]


def test_pinyin_follows_the_name_however_it_is_written(county: County) -> None:
    rows = Advisor.objects.bulk_create(
        Advisor(organisation=county.organisation, name=name, category="notary")
        for name in ("李四", "王五")
    )
    assert [Advisor.objects.get(pk=row.pk).pinyin for row in rows] == ["lisi ls", "wangwu ww"]
    county.advisor.name = "赵六"
    county.advisor.save()
    assert Advisor.objects.get(pk=county.advisor.pk).pinyin == "zhaoliu zl"


def test_a_village_is_found_by_its_code(county: County) -> None:
    pk = county.village.pk
    assert found(county.bureau_user, "villages.village", q=county.village.code) == [pk]


@pytest.mark.parametrize("typed", ["13912345678", "139 1234 5678", "+86 13912345678", "赵钱孙"])
def test_a_client_is_found_whole_by_whoever_sees_clients(
    county: County, system_admin: User, typed: str
) -> None:
    log = factories.make_log(appointment=county.appointment)
    matter = factories.make_matter(log=log, client="赵钱孙", phone="13912345678")
    label = "worklogs.matter"
    assert found(county.bureau_user, label, q=typed) == [matter.pk]
    assert found(county.bureau_user, label, q=typed[:-1]) == []
    assert found(system_admin, label, q=typed) == [], "a hit would tell what he may not read"


def test_a_user_is_found_by_the_whole_number(county: County) -> None:
    county.township_user.phone = "13912345678"
    county.township_user.save()
    label, pk = "accounts.user", county.township_user.pk
    assert found(county.bureau_user, label, q="139 1234 5678") == [pk]
    assert found(county.bureau_user, label, q="1391234567") == []


def test_clients_are_masked_on_lists_and_in_workbooks_as_the_role_demands(
    county: County, system_admin: User
) -> None:
    log = factories.make_log(appointment=county.appointment)
    factories.make_matter(log=log, client="赵钱孙", phone="13912345678")
    for user, name, phone in (
        (county.bureau_user, "赵钱孙", "13912345678"),
        (system_admin, "赵*", "139****5678"),
    ):
        rows, _ = sheets(exported(user, "worklogs.matter"))
        row = dict(zip(rows[0], rows[1], strict=True))
        assert (row["服务对象"], row["联系电话"]) == (name, phone)
        page = signed_in(user).get(where("worklogs.matter")).content.decode()
        assert (name in page, phone in page) == (True, True)


# ── workbooks ───────────────────────────────────────────────────────────────────────────────────


def exported(user: User, label: str, **asked: Any) -> HttpResponse:
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    return signed_in(user).post(f"{where(label, 'export')}?{query}")


def sheets(answer: HttpResponse) -> tuple[list[list[Any]], dict[str, Any]]:
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)), read_only=True)
    rows, note = ([[*row] for row in sheet.values] for sheet in book.worksheets)
    wide = len(rows[0])  # empty cells at a row's end are not written
    return [row + [None] * (wide - len(row)) for row in rows], dict(note)


def test_a_workbook_holds_what_the_filter_finds_on_all_pages(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lawadvisor.foundation.admin.ReadOnlyAdmin.list_per_page", 2)
    for n in range(5):
        factories.make_log(appointment=county.appointment, day=date(2026, 10, 1 + n))
    factories.make_log(appointment=county.sibling_appointment)
    answer = exported(
        county.bureau_user, "worklogs.servicelog", **{"in-township": county.township.code, "p": 2}
    )
    rows, note = sheets(answer)
    assert rows[0][:4] == ["服务日期", "法律顾问", "村（社区）", "镇街"]
    assert rows[0][-4:] == ["地点", "录入时间", "录入人", "退回原因"]
    assert (len(rows) - 1, rows[1][0]) == (5, datetime(2026, 10, 5))  # noqa: DTZ001 as Excel has it
    assert note["行数"] == 5
    assert note["筛选条件"] == f"镇街：{county.township.name}"
    assert note["导出人"] == county.bureau_user.name


def test_an_export_leaves_an_audit_row(county: County) -> None:
    answer = exported(county.bureau_user, "advisors.advisor", q="顾问")
    count = len(sheets(answer)[0]) - 1
    entry = AuditEntry.objects.get(verb="list.export")
    assert (entry.actor_name, entry.subject_type, entry.subject_id, entry.subject_label) == (
        county.bureau_user.name, "advisors.advisor", None, "法律顾问",
    )  # fmt: skip
    assert entry.after == {"rows": count, "asked": ["搜索：顾问"]}
    assert entry.bureau_id == county.bureau.pk


def test_the_register_is_exported_and_says_so_in_itself(county: County) -> None:
    factories.make_audit_entry(bureau=county.bureau)
    rows, _ = sheets(exported(county.bureau_user, "foundation.auditentry"))
    assert "来源地址" in rows[0]
    assert AuditEntry.objects.filter(verb="list.export").exists()


@pytest.mark.parametrize("text", ["=1+1", "+86", "-x", "@sum", "＝1", "#N/A", "#REF!"])
def test_a_text_stays_a_text(county: County, text: str) -> None:
    factories.make_organisation(bureau=county.bureau, name=text)
    answer = exported(county.bureau_user, "advisors.organisation")
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    cell = next(c for c in book.worksheets[0]["A"] if c.value == text)
    assert (cell.data_type, cell.quotePrefix) == ("s", True)


def test_numbers_dates_and_choices_are_what_they_are(county: County) -> None:
    rows, _ = sheets(exported(county.bureau_user, "advisors.advisor"))
    head, row = rows[0], rows[1]
    cells = dict(zip(head, row, strict=True))
    assert cells["在任村（社区）数"] == 1
    assert (cells["类别"], cells["志愿者"]) == ("律师", "否")


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m._meta.label_lower)
def test_every_list_has_a_workbook_of_the_viewers_own_rows(
    model: Any, closed: Closed, foreign_closed: Closed, system_admin: User
) -> None:
    label = model._meta.label_lower
    user = system_admin if label == "foundation.job" else closed.county.bureau_user
    rows, note = sheets(exported(user, label))
    # the export itself is the newest row of the register
    later = label == "foundation.auditentry"
    assert note["行数"] == len(rows) - 1 == len(found(user, label)) - later
    if user != system_admin:
        assert foreign_closed.county.township.name not in str(rows)


def test_no_list_is_exported_by_looking_or_by_who_may_not(county: County) -> None:
    client = signed_in(county.bureau_user)
    assert client.get(where("advisors.advisor", "export")).status_code == 405
    clerk = factories.make_post(role=Role.FINANCE, bureau=county.bureau).user
    assert exported(clerk, "foundation.auditentry").status_code == 403
    assert exported(county.township_user, "advisors.advisor").status_code == 302
    assert not AuditEntry.objects.filter(verb="list.export").exists()


def test_a_filter_that_is_none_of_ours_exports_nothing(county: County, foreign: County) -> None:
    answer = exported(
        county.bureau_user, "villages.village", **{"in-township": foreign.township.code}
    )
    assert answer.status_code == 302
    assert not AuditEntry.objects.filter(verb="list.export").exists()


def test_a_sheet_may_be_called_by_every_list() -> None:
    names = [str(model._meta.verbose_name_plural) for model in admin.site._registry]
    assert [name for name in names if export._sheet_name(name) != name] == []
