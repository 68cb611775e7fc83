"""Desks in a real browser: switching is one click and is seen, and no page keeps anybody out."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from pytest_django.fixtures import Settings

from lawadvisor.accounts.models import User
from lawadvisor.foundation.roles import Role
from tests import factories
from tests.conftest import County, _make_county, desk_of
from tests.web.browsing import PASSWORD, Visit, flaws
from tests.web.conftest import Closed, close_october

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def closed(november: None, transactional_db: None, settings: Settings) -> Closed:
    settings.DEMO = True
    return close_october(_make_county())


def _with_password(user: User) -> User:
    user.set_password(PASSWORD)
    user.save()
    return user


def test_a_person_with_two_desks_switches_and_sees_which(closed: Closed, visit: Visit) -> None:
    county = closed.county
    user = _with_password(desk_of(county, Role.FINANCE))
    factories.make_post(user=user, role=Role.TOWNSHIP, township=county.township)
    page = visit.page

    visit.sign_in(user)
    assert urlsplit(page.url).path.startswith(f"/bureau/{county.bureau.code}/")
    assert f"{county.bureau.name} 司法局经费人员" in page.inner_text("header")
    page.get_by_role("link", name="切换岗位").click()
    page.get_by_role("button", name=f"{county.township.name} 镇街").click()
    assert urlsplit(page.url).path.startswith(f"/township/{county.township.code}/")
    assert f"当前岗位：{county.township.name} 镇街。" in page.inner_text("main")
    assert f"{county.township.name} 镇街" in page.inner_text("header")
    assert page.goto(f"{visit.base}/bureau/{county.bureau.code}/").status == 404


def _pages(county: County) -> dict[Role, list[str]]:
    village = f"/village/{county.village.code}/2026-10/"
    return {
        Role.SYSTEM_ADMIN: ["/places/", "/set-up/", "/desks/"],
        Role.ORGANISATION: ["/organisation/"],
        Role.LIAISON: [village],
        Role.JUDICIAL_OFFICE: [village],
    }


def test_the_small_desks_fit_and_keep_nobody_out(closed: Closed, visit: Visit) -> None:
    for role, addresses in _pages(closed.county).items():
        visit.sign_in(_with_password(desk_of(closed.county, role)))
        for address in addresses:
            visit.page.goto(visit.base + address)
            found = flaws(visit.page)
            assert (address, *found) == (address, 0, [], [])
        visit.page.get_by_role("button", name="退出登录").click()
    assert visit.complaints == []
