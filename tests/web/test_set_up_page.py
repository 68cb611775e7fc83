"""A bureau set up by page: seen before it is written, all or nothing, the password shown once."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from assessments.models import Policy
from lawadvisor.accounts.models import User
from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.roles import Role
from tests import factories
from tests.conftest import County, desk_of
from tests.web.conftest import signed_in
from villages.models import Bureau, Village

ASKED = {"county": "430408", "pack": "zx", "username": "zx-li", "name": "李四"}
HEAD = "code,name,township_code,township,county_code,county,prefecture,province\n"
ROW = "130102001001,东村村委会,130102001,长丰街道,130102,长安区,石家庄市,河北省\n"


@pytest.fixture
def admin(system_admin: User) -> Client:
    return signed_in(system_admin)


def text_of(client: Client, button: str, **asked: object) -> str:
    return client.post("/set-up/", {**ASKED, **asked, button: "1"}).content.decode()


def test_checking_says_what_would_be_written_and_writes_nothing(admin: Client) -> None:
    before = (User.objects.count(), AuditEntry.objects.count())
    page = text_of(admin, "check")
    assert "检查通过，还没有写入" in page
    assert "新增镇街5个、村（社区）54个" in page
    assert "一次性密码" not in page
    assert not Bureau.objects.exists()
    assert (User.objects.count(), AuditEntry.objects.count()) == before


def test_a_county_is_set_up_and_its_clerk_gets_in(admin: Client, system_admin: User) -> None:
    page = text_of(admin, "write")
    password = re.search(r'class="once">([^<]+)<', page)
    assert password
    assert (Bureau.objects.get().code, Village.objects.count()) == ("430408", 54)
    assert Policy.objects.get().key == "ZX"
    assert {entry.actor_id for entry in AuditEntry.objects.all()} == {system_admin.pk}
    assert password[1] not in str(list(AuditEntry.objects.values_list("after", flat=True)))

    clerk = Client()
    sent = {"username": "zx-li", "password": password[1]}
    assert clerk.post("/login/", sent).status_code == 302
    assert clerk.get("/").url == "/account/password/"


def test_twice_changes_nothing_and_shows_no_password(admin: Client) -> None:
    text_of(admin, "write")
    count = AuditEntry.objects.count()
    page = text_of(admin, "write")
    assert "已有，不作更改" in page
    assert "一次性密码" not in page
    assert AuditEntry.objects.count() == count


def test_a_county_of_ones_own_file(admin: Client) -> None:
    file = SimpleUploadedFile("名单.csv", (HEAD + ROW).encode())
    assert "初始化完成" in text_of(admin, "write", county="", file=file)
    assert Bureau.objects.get().code == "130102"


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"county": "43"}, "县区的区划代码应为6位数字"),
        ({"county": "110101"}, "随附的区划文件中没有 110101"),
        ({"county": ""}, "请填写区划代码，或者选择村（社区）名单。"),
        ({"pack": ""}, "请选择政策。"),
        ({"policy_from": "明年"}, "日期应写作 2026-01-01 这样的年月日。"),
        ({"username": " "}, "请填写用户名。"),
        ({"name": ""}, "请填写姓名。"),
        (
            {"county": "", "file": SimpleUploadedFile("坏名单.csv", (HEAD + "x" + ROW).encode())},
            "第2行 code 列",
        ),
        (
            {"county": "", "file": SimpleUploadedFile("图.csv", b"\x89PNG\0")},
            "图.csv 不是文本文件",
        ),
    ],
)
def test_what_is_refused_is_said_and_what_was_typed_stays(
    admin: Client, asked: dict[str, object], sentence: str
) -> None:
    page = text_of(admin, "write", **asked)
    assert sentence in page
    assert 'value="zx-li"' in page or asked.get("username")
    assert not Bureau.objects.exists()


def test_demo_data_are_not_mixed_with_a_real_county(admin: Client) -> None:
    factories.make_user(is_demo=True)
    assert "真实数据不与演示数据混放" in text_of(admin, "write")


def test_only_the_system_administrator_sets_up(county: County) -> None:
    for role in set(Role) - {Role.SYSTEM_ADMIN}:
        client = signed_in(desk_of(county, role))
        assert client.get("/set-up/").status_code == 403
        assert client.post("/set-up/", {**ASKED, "write": "1"}).status_code == 403


def test_the_way_there_is_shown(admin: Client) -> None:
    assert "/set-up/" in admin.get("/places/").content.decode()
