"""The small page of trainings, and a village's lectures of the year."""

from __future__ import annotations

import pytest
from django.urls import reverse

from lawadvisor.foundation.roles import Role
from tests.conftest import County, desk_of
from tests.factories import make_log, make_matter
from tests.web.conftest import signed_in
from worklogs.enums import MatterKind
from worklogs.models import Filing

pytestmark = pytest.mark.django_db
PAGE = "/trainings/"
SENT = {"title": "联络员业务培训", "day": "2026-05-06", "marks": ["liaisons", "necessity"]}


def test_an_office_and_a_bureau_each_record_their_own(county: County):
    office, bureau = signed_in(county.office_user), signed_in(county.bureau_user)
    assert "已登记。" in office.post(PAGE, SENT, follow=True).text
    advisors = {**SENT, "title": "法律顾问培训班", "marks": ["advisors", "ethics"]}
    assert "已登记。" in bureau.post(PAGE, advisors, follow=True).text

    kept = {*Filing.objects.values_list("kind", "township", "bureau")}
    assert kept == {
        ("liaison_training", county.township.pk, county.bureau.pk),
        ("advisor_training", None, county.bureau.pk),
    }
    assert "法律顾问培训班" not in office.get(PAGE).text
    assert "联络员业务培训" in bureau.get(PAGE).text


def test_a_refused_training_keeps_what_was_typed(county: County):
    response = signed_in(county.office_user).post(PAGE, {**SENT, "marks": ["liaisons"]})

    assert response.status_code == 400
    assert "请点选培训内容。" in response.text
    assert 'value="联络员业务培训"' in response.text
    assert 'value="liaisons" id="m-liaisons" checked' in response.text


@pytest.mark.parametrize("role", [Role.TOWNSHIP, Role.ADVISOR, Role.FINANCE], ids=str)
def test_others_keep_no_trainings(county: County, role: Role):
    assert signed_in(desk_of(county, role)).post(PAGE, SENT).status_code == 403
    assert not Filing.objects.exists()


@pytest.mark.parametrize(
    ("asked", "shown"), [("", True), ("?year=2025", False), ("?year=x", True), ("?year=9999", True)]
)
def test_a_villages_lectures_of_a_year(county: County, november: None, asked: str, shown: bool):
    log = make_log(appointment=county.appointment, place="文化广场")
    make_matter(log=log, kind=MatterKind.LECTURE, focus="民法典", audience=45, client="张三")
    where = reverse("lectures", args=(county.village.code,)) + asked
    html = signed_in(county.township_user).get(where).text

    assert ("民法典" in html) == shown
    assert "张三" not in html
