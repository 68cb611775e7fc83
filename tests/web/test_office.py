"""The back office's front: the menu in the clerk's order, the first page, the frame."""

from __future__ import annotations

import re

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lawadvisor.accounts.models import User
from lawadvisor.site import OTHERS, PLACES
from tests import factories
from tests.web.conftest import Closed, signed_in


def menu(user: User) -> list[tuple[str, list[str]]]:
    context = signed_in(user).get(reverse("admin:index")).context
    return [(p["name"], [m["name"] for m in p["models"]]) for p in context["available_apps"]]


def test_every_list_has_its_place_in_the_menu(system_admin: User) -> None:
    found = menu(system_admin)
    assert [heading for heading, _ in found] == [heading for heading, _ in PLACES]
    lists = [str(m._meta.verbose_name_plural) for m in admin.site._registry]
    assert {name for _, names in found for name in names} - set(lists) == {"设立司法局"}
    assert sum(len(names) for _, names in found) == len(lists) + 1


def test_a_list_that_nobody_placed_still_shows(
    system_admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lawadvisor.site.PLACES", PLACES[1:])
    assert menu(system_admin)[-1][0] == OTHERS


def test_staff_find_what_they_look_for_by_its_own_name(closed: Closed) -> None:
    names = {name for _, group in menu(closed.county.bureau_user) for name in group}
    wanted = {"法律顾问", "机构", "村（社区）", "聘任", "服务记录", "政策", "报表文件", "操作日志"}
    assert wanted | {"用户", "岗位", "登录日志", "个人信息", "Excel导入导出"} <= names
    assert "设立司法局" not in names


def test_the_first_page_says_how_the_county_stands(closed: Closed) -> None:
    county = closed.county
    factories.make_village(township=county.township)
    client = signed_in(county.bureau_user)
    page = client.get(reverse("admin:index"))
    text = re.sub(r"<[^>]*>|\s", "", page.content.decode())
    assert "应服务村（社区）3已配备法律顾问2/3本月已服务0/3" in text
    assert f"{county.township.name}：1个村（社区）没有法律顾问。" in text
    assert "2026年10月：已关账" in text
    matrix = reverse("bureau-matrix", args=[county.bureau.code])
    assert f'href="{matrix}?left=1"' in page.content.decode()
    assert client.get(matrix, {"left": "1"}).status_code == 200


def test_an_administrator_without_a_bureau_is_shown_the_menu(system_admin: User) -> None:
    page = signed_in(system_admin).get(reverse("admin:index"))
    assert page.status_code == 200
    assert "应服务村" not in page.content.decode()


def test_the_first_page_asks_as_often_for_a_large_county(closed: Closed) -> None:
    client, counts = signed_in(closed.county.bureau_user), []
    for more in (0, 30):
        for _ in range(more):
            village = factories.make_village(township=closed.county.township)
            factories.make_appointment(village=village)
        with CaptureQueriesContext(connection) as ran:
            client.get(reverse("admin:index"))
        counts.append(len(ran))
    assert counts[0] == counts[1]


def test_an_apps_own_page_leads_to_the_menu(closed: Closed) -> None:
    page = signed_in(closed.county.bureau_user).get("/admin/villages/")
    assert (page.status_code, page.url) == (302, reverse("admin:index"))


def test_no_page_has_a_script_or_a_style_of_its_own(closed: Closed) -> None:
    """Under ``default-src 'self'`` the browser would refuse them."""
    client = signed_in(closed.county.bureau_user)
    lists = [f"admin:{m._meta.app_label}_{m._meta.model_name}" for m in admin.site._registry]
    pages = [reverse("admin:index"), reverse("bureau-matrix", args=[closed.county.bureau.code])]
    pages += [reverse(f"{name}_changelist") for name in lists]
    inline = re.compile(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=", re.IGNORECASE)
    found = {page: inline.findall(client.get(page).content.decode()) for page in pages}
    assert {page: hits for page, hits in found.items() if hits} == {}
