"""个人信息: one's own copy, the copies a bureau gives, and a client's deletion, from the page."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from django.apps import apps
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from assessments.data_register import TABLES
from assessments.datamap import columns
from assessments.persons import NOT_GIVEN
from lawadvisor.accounts.models import User
from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.roles import Role
from tests.conftest import County, desk_of
from tests.factories import make_absence, make_filing, make_log, make_matter
from tests.web.conftest import signed_in
from worklogs.models import Matter

NAME, PHONE, STORY = "欧阳金丝雀", "13812345678", "诉说家中变故的经过"


def copy_in(response: HttpResponse) -> dict[str, list[dict[str, str]]]:
    """The JSON of a copy, after its workbook was found to say the same."""
    assert (response.status_code, response["Content-Type"]) == (200, "application/zip")
    assert response["Cache-Control"] == "private, no-store"
    with zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content))) as archive:
        data = json.loads(archive.read("个人信息副本.json"))
        book = load_workbook(io.BytesIO(archive.read("个人信息副本.xlsx")))
    assert len(book.sheetnames) == len(data)
    cells = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row]
    for rows in data.values():
        for row in rows[:5]:
            for text in row.values():
                assert text == "" or text in cells or len(text) > 400
    return data


# ── people who sign in or advise ────────────────────────────────────────────────────────────────


@pytest.fixture
def busy(county: County) -> County:
    """The advisor with something in every table that concerns him, and a client of his."""
    log = make_log(appointment=county.appointment, place="村部")
    make_matter(log=log, client=NAME, phone=PHONE, content=STORY)
    make_absence(appointment=county.appointment)
    make_filing(village=county.village, advisor=county.advisor, body="报告正文")
    return county


def test_everybody_gets_his_own_copy_and_nobody_elses(busy: County):
    data = copy_in(signed_in(busy.advisor_user).post(reverse("privacy-own-copy")))

    assert [row["name"] for row in data["法律顾问"]] == [busy.advisor.name]
    assert [row["username"] for row in data["用户"]] == [busy.advisor_user.username]
    assert {"聘任", "请假", "服务记录", "事项", "文书", "数据字典"} <= data.keys()
    whole = json.dumps(data, ensure_ascii=False)
    assert busy.sibling_advisor.name not in whole
    assert [canary for canary in (NAME, PHONE, STORY) if canary in whole] == []
    assert (data["事项"][0]["client"], data["事项"][0]["content"]) == ("欧阳*", "已封存")
    assert data["用户"][0]["password"] == NOT_GIVEN
    assert busy.advisor_user.password not in whole
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.reason, entry.after["rows"]["worklogs.Matter"]) == (
        "person.copy",
        "本人下载",
        1,
    )


def test_a_copy_has_every_column_that_is_on_the_map(busy: County):
    data = copy_in(signed_in(busy.advisor_user).post(reverse("privacy-own-copy")))
    titles = {str(apps.get_model(label)._meta.verbose_name): label for label in TABLES}

    for title, rows in data.items():
        if title != "数据字典":
            assert [*rows[0]] == [field.name for field, _ in columns(titles[title])]
    told = {(row["表"], row["列"]) for row in data["数据字典"]}
    assert told == {(t, name) for t, rows in data.items() if t != "数据字典" for name in rows[0]}


def test_staff_find_their_own_people_and_give_them_a_copy(busy: County, foreign: County):
    client = signed_in(busy.bureau_user)
    found = client.post(reverse("privacy-people"), {"name": busy.advisor.name}).content.decode()
    address = reverse("privacy-copy", args=("advisor", busy.advisor.pk))
    assert address in found

    copy_in(client.post(address, {"reason": "本人书面申请"}))
    entry = AuditEntry.objects.get()
    assert (entry.actor_id, entry.subject_id, entry.reason) == (
        busy.bureau_user.pk,
        busy.advisor.pk,
        "本人书面申请",
    )
    others = client.post(reverse("privacy-people"), {"name": foreign.advisor.name})
    assert "本局没有这样的法律顾问或用户。" in others.content.decode()
    away = reverse("privacy-copy", args=("advisor", foreign.advisor.pk))
    assert client.post(away, {"reason": "x"}).status_code == 404


def test_a_user_without_an_advisor_has_a_copy_too(busy: County):
    client = signed_in(busy.bureau_user)
    found = client.post(reverse("privacy-people"), {"name": busy.office_user.username})
    address = reverse("privacy-copy", args=("user", busy.office_user.pk))
    assert address in found.content.decode()

    data = copy_in(client.post(address, {"reason": "本人书面申请"}))
    assert data.keys() == {"用户", "岗位", "数据字典"}


def test_without_a_reason_no_copy_is_given(busy: County):
    address = reverse("privacy-copy", args=("advisor", busy.advisor.pk))
    response = signed_in(busy.bureau_user).post(address, {"reason": " "}, follow=True)

    assert "请写明提供副本的事由。" in response.content.decode()
    assert not AuditEntry.objects.exists()


# ── clients ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def matter(county: County) -> Matter:
    return make_matter(
        log=make_log(appointment=county.appointment),
        client=f"{NAME}、李四",
        phone=PHONE,
        content=f"{NAME}与李四相争",
        special_group="released",
    )


def ask(client: Client, **data: object) -> HttpResponse:
    return client.post(reverse("privacy-client"), {"name": NAME, "phone": "", **data})


def test_a_client_is_found_and_gets_a_copy_with_the_others_masked(county: County, matter: Matter):
    client = signed_in(county.bureau_user)
    html = ask(client).content.decode()
    assert f'value="{matter.pk}"' in html
    assert "姓名相同" in html

    asked = {"phone": PHONE, "do": "copy", "matter": matter.pk}
    data = copy_in(ask(client, **asked, reason="本人书面申请"))
    (row,) = data["服务事项"]
    assert (row["client"], row["phone"]) == (f"{NAME}、李*", PHONE)
    assert (row["content"], row["special_group"]) == (f"{NAME}与李*相争", "刑满释放人员")
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.subject_id) == ("client.copy", matter.pk)
    assert [canary for canary in (NAME, PHONE) if canary in str(vars(entry))] == []


def test_a_client_is_deleted_from_the_page(county: County, matter: Matter):
    client = signed_in(county.bureau_user)
    data = {"do": "erase", "matter": matter.pk, "reason": "本人书面申请", "phone": PHONE}
    response = client.post(reverse("privacy-client"), {"name": NAME, **data}, follow=True)

    assert "已从1个事项中删除此人的信息。" in response.content.decode()
    matter.refresh_from_db()
    assert (matter.client.reveal(), matter.phone.reveal()) == ("已删除、李四", "已删除")
    assert "本局的服务记录中没有此人的信息。" in ask(client).content.decode()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"name": ""}, "请填写姓名或电话。"),
        ({"do": "erase", "reason": "申请"}, "请勾选属于此人的事项。"),
        ({"do": "erase", "matter": "{pk}"}, "请写明删除的事由。"),
        ({"do": "copy", "matter": "{pk}"}, "请写明提供副本的事由。"),
        ({"do": "copy", "matter": "{pk}", "reason": NAME}, "请不要写本人的姓名"),
        ({"do": "erase", "matter": "0", "reason": "申请"}, "已没有此人的信息"),
        ({"do": "erase", "matter": "x", "reason": "申请"}, "请勾选属于此人的事项。"),
    ],
)
def test_a_refusal_says_what_is_missing_and_keeps_what_was_found(
    data: dict[str, str], sentence: str, county: County, matter: Matter
):
    given = {name: value.format(pk=matter.pk) for name, value in data.items()}
    response = ask(signed_in(county.bureau_user), **given)

    assert (response.status_code, sentence in response.content.decode()) == (400, True)
    assert (f'value="{matter.pk}"' in response.content.decode()) == ("do" in data)
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.BUREAU}))
def test_nobody_else_is_offered_or_given_anything(role: Role, county: County, matter: Matter):
    client = signed_in(desk_of(county, role))
    html = client.get(reverse("privacy")).content.decode()

    assert "服务对象：查找" not in html
    assert ask(client, do="erase", matter=matter.pk, reason="申请").status_code == 404


def test_the_address_never_names_anybody(county: County, matter: Matter, system_admin: User):
    """What stands in an address stands in logs and histories: there is no way to ask by GET."""
    client = signed_in(county.bureau_user)
    for name in ("privacy-client", "privacy-people", "privacy-own-copy"):
        assert client.get(reverse(name), {"name": NAME}).status_code == 405
