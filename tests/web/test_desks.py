"""Every role has a first page, whoever has several desks switches visibly, and the small desks
show what is theirs."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from lawadvisor.foundation.roles import Role
from tests import factories
from tests.conftest import County, desk_of
from tests.web.conftest import Closed, signed_in

FIRST_PAGES = {
    Role.SYSTEM_ADMIN: "/places/",
    Role.HIGHER_ORGAN: "/places/",
    Role.BAR_ASSOCIATION: "/admin/",
    **dict.fromkeys((Role.BUREAU, Role.FINANCE, Role.MEDIATION, Role.AUDITOR), "/bureau/"),
    **dict.fromkeys((Role.JUDICIAL_OFFICE, Role.TOWNSHIP), "/township/"),
    **dict.fromkeys((Role.LIAISON, Role.MEDIATOR), "/village/"),
    Role.ORGANISATION: "/organisation/",
    Role.ADVISOR: "/mine/",
}


@pytest.mark.parametrize("role", Role)
def test_every_role_has_a_first_page(closed: Closed, role: Role) -> None:
    client = signed_in(desk_of(closed.county, role))
    first = client.get("/")
    assert first.status_code == 302
    assert first.url.startswith(FIRST_PAGES[role])
    page = client.get(first.url, follow=True)
    assert page.status_code == 200
    assert str(role.label) in page.content.decode() or "/admin/" in first.url


# ── several desks ───────────────────────────────────────────────────────────────────────────────


def test_who_has_several_desks_switches_and_sees_which(closed: Closed) -> None:
    county = closed.county
    user = county.township_user
    post = factories.make_post(user=user, role=Role.BUREAU, bureau=county.bureau)
    client = signed_in(user)
    bureau, township = (
        reverse("bureau", args=(county.bureau.code,)),
        reverse("township", args=(county.township.code,)),
    )

    assert client.get("/").url == bureau
    assert f"{county.bureau.name} 司法局工作人员" in client.get("/", follow=True).content.decode()
    answer = client.post("/desks/", {"desk": f"post-{user.posts.exclude(pk=post.pk).get().pk}"})
    assert (answer.status_code, client.get("/").url) == (302, township)
    page = client.get("/", follow=True).content.decode()
    assert f"{county.township.name} 镇街" in page
    assert "切换岗位" in page
    assert client.get(bureau).status_code == 404


def test_the_desk_of_another_is_not_sat_at(closed: Closed) -> None:
    county = closed.county
    client = signed_in(county.township_user)
    theirs = county.bureau_user.posts.get()
    page = client.post("/desks/", {"desk": f"post-{theirs.pk}"}, follow=True)
    assert "这个岗位已经结束或者不是您的" in page.content.decode()
    assert client.get(reverse("bureau", args=(county.bureau.code,))).status_code == 404


def test_a_desk_that_has_ended_is_left_at_once(closed: Closed) -> None:
    county = closed.county
    user = county.township_user
    post = factories.make_post(user=user, role=Role.BUREAU, bureau=county.bureau)
    client = signed_in(user)
    client.post("/desks/", {"desk": f"post-{post.pk}"})
    month = reverse("bureau-month", args=(county.bureau.code, closed.close.period))
    assert client.get(month).status_code == 200
    post.term = factories.term(end=date(2026, 11, 20))
    post.save()
    assert client.get(month).status_code == 404


def test_who_has_one_desk_is_not_asked(closed: Closed) -> None:
    page = signed_in(closed.county.office_user).get("/", follow=True).content.decode()
    assert "切换岗位" not in page


# ── the small desks ─────────────────────────────────────────────────────────────────────────────


def test_a_village_shows_who_serves_what_was_done_and_how_it_stands(closed: Closed) -> None:
    county = closed.county
    address = reverse("village-month", args=(county.village.code, closed.close.period))
    page = signed_in(county.office_user).get(address).content.decode()
    assert county.advisor.name in page
    assert "服务记录2条" in page
    assert "达标情况" in page


def test_a_liaison_sees_records_and_no_figures_and_a_mediator_neither(closed: Closed) -> None:
    county = closed.county
    address = reverse("village-month", args=(county.village.code, closed.close.period))
    seen = {}
    for role in (Role.LIAISON, Role.MEDIATOR):
        page = signed_in(desk_of(county, role)).get(address).content.decode()
        seen[role] = (county.advisor.name in page, "服务记录" in page, "达标情况" in page)
    assert seen == {Role.LIAISON: (True, True, False), Role.MEDIATOR: (True, False, False)}


def test_a_liaison_reads_no_verdict(closed: Closed) -> None:
    county = closed.county
    client = signed_in(desk_of(county, Role.LIAISON))
    running = ("ZX-34", "appointment", county.appointment.pk)
    assert client.get(reverse("verdict", args=(closed.verdict.pk,))).status_code == 404
    address = reverse("running-verdict", args=(county.bureau.code, *running))
    assert client.get(address).status_code == 404


def test_drafts_are_the_advisors_own_affair(closed: Closed) -> None:
    county = closed.county
    factories.make_log(appointment=county.appointment, day=date(2026, 10, 28), state="draft")
    address = reverse("village-month", args=(county.village.code, closed.close.period))
    assert "10月28日" not in signed_in(county.office_user).get(address).content.decode()


def test_an_organisation_sees_its_own_people(closed: Closed, foreign: County) -> None:
    county = closed.county
    factories.make_appointment(advisor=foreign.advisor, village=county.village)
    page = signed_in(desk_of(county, Role.ORGANISATION)).get("/organisation/").content.decode()
    assert county.advisor.name in page
    assert county.sibling_advisor.name in page
    assert foreign.advisor.name not in page


def test_finance_looks_and_closes_nothing(closed: Closed) -> None:
    county = closed.county
    client = signed_in(desk_of(county, Role.FINANCE))
    month = (county.bureau.code, closed.close.period)
    page = client.get(reverse("bureau-month", args=month)).content.decode()
    assert "重新核算" not in page
    assert client.post(reverse("bureau-reclose", args=month), {"reason": "x"}).status_code == 403
    assert client.get(reverse("admin:worklogs_servicelog_changelist")).status_code == 403
    assert client.get(reverse("admin:advisors_advisor_changelist")).status_code == 200
