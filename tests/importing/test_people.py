"""Lists of organisations and advisors: from the bureau's own files to rows, and back."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from advisors.enums import Category, Education
from advisors.models import Advisor, Organisation
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.importing import batches
from lawadvisor.foundation.models import AuditEntry
from tests import factories
from tests.conftest import County
from tests.importing.books import book_of, brought_in, confirmed, exported, said_of

pytestmark = pytest.mark.django_db

FIRMS = ("机构名称", "机构性质")
PEOPLE = ("姓名", "执业证号", "所属机构", "人员类别", "学历", "执业日期", "志愿者")


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, settings: Settings) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def firm(county: County) -> Organisation:
    return factories.make_organisation(bureau=county.bureau, name="湖南正道律师事务所")


def test_organisations_come_in_once(county: County, firm: Organisation):
    content = book_of(FIRMS, ("湖南新风律师事务所", "律师事务所"), (firm.name, "基层法律服务所"))
    batch = brought_in(county.bureau_user, county.bureau, "organisations", content)
    assert batch.counts == {"new": 1, "changed": 1, "bad": 0, "bad_rows": 0}

    confirmed(county.bureau_user, batch)
    made = Organisation.objects.get(name="湖南新风律师事务所")
    assert made.bureau == county.bureau
    again = brought_in(county.bureau_user, county.bureau, "organisations", content)
    assert again.counts == {"same": 2, "bad": 0, "bad_rows": 0}

    batches.undo(by=county.bureau_user.as_actor(), batch=batch, reason="传错了")
    assert not Organisation.objects.filter(pk=made.pk).exists()
    firm.refresh_from_db()
    assert firm.kind == "law_firm"


def test_advisors_come_in_once(county: County, firm: Organisation):
    known = county.advisor
    content = book_of(
        ("法律顾问花名册",),
        PEOPLE,
        ("李　新", "14304201012345678", firm.name, "律师", "本科", "2015年7月1日", "否"),
        (known.name, known.licence_no, firm.name, "律师", "研究生", None, None),
        ("王干部", None, firm.name, "退休政法干部", None, None, "是"),
    )
    batch = brought_in(county.bureau_user, county.bureau, "advisors", content)
    assert batch.counts == {"new": 2, "changed": 1, "bad": 0, "bad_rows": 0}

    confirmed(county.bureau_user, batch)
    made = Advisor.objects.get(licence_no="14304201012345678")
    assert (made.name, made.category, made.education, made.practice_start) == (
        *("李新", Category.LAWYER, Education.BACHELOR),
        date(2015, 7, 1),
    )
    assert Advisor.objects.get(name="王干部").is_volunteer
    known.refresh_from_db()
    assert (known.organisation, known.education) == (firm, Education.MASTER)
    told = AuditEntry.objects.get(verb="advisor.import", subject_id=known.pk)
    assert told.before["organisation"] == county.organisation.pk

    again = brought_in(county.bureau_user, county.bureau, "advisors", content)
    assert again.counts == {"same": 3, "bad": 0, "bad_rows": 0}

    batches.undo(by=county.bureau_user.as_actor(), batch=batch, reason="传错了")
    known.refresh_from_db()
    assert (known.organisation, known.education) == (county.organisation, "")
    assert not Advisor.objects.filter(pk=made.pk).exists()


def test_an_advisor_who_serves_already_is_not_undone(county: County, firm: Organisation):
    content = book_of(PEOPLE, ("李新", "14304201012345678", firm.name, "律师"))
    batch = confirmed(
        county.bureau_user, brought_in(county.bureau_user, county.bureau, "advisors", content)
    )
    factories.make_appointment(advisor=Advisor.objects.get(name="李新"), village=county.village)

    with pytest.raises(DomainError, match="李新已有1条聘任"):
        batches.undo(by=county.bureau_user.as_actor(), batch=batch, reason="传错了")


@pytest.mark.parametrize("kind", ["organisations", "advisors"])
def test_what_is_exported_comes_back_unchanged(kind: str, county: County, firm: Organisation):
    factories.make_advisor(organisation=firm, name="@无证号", licence_no="", category="notary")
    factories.make_organisation(bureau=county.bureau, name="=HYPERLINK(律师事务所)")
    county.advisor.licence_no = "湘（2008）第0123号"
    county.advisor.save()

    batch = brought_in(county.bureau_user, county.bureau, kind, exported(county, kind))
    assert batch.note == ""
    assert batch.counts == {"same": 3, "bad": 0, "bad_rows": 0}


def test_a_licence_of_another_bureaus_advisor_is_not_taken_over(county: County, foreign: County):
    content = book_of(
        PEOPLE, ("张三", foreign.advisor.licence_no, county.organisation.name, "律师")
    )
    batch = brought_in(county.bureau_user, county.bureau, "advisors", content)
    ((where, said, near),) = said_of(batch)
    assert (where, near) == ("B2", "")
    assert foreign.advisor.name not in said
