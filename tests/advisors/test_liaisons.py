"""A village's contact: one at a time, sealed, and every change written down."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from advisors.liaisons import end_liaison, name_liaison
from advisors.models import Liaison
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.viewer import Actor
from tests.conftest import County
from tests.factories import make_liaison

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)
BY = Actor(user_id=1, name="王所长")


def name(county: County, who: str = "欧阳六", phone: str = "138 1234 5678") -> Liaison:
    return name_liaison(by=BY, village=county.village, name=who, phone=phone, today=TODAY)


def test_a_new_name_ends_the_term_of_the_one_before(county: County):
    first, second = name(county), name(county, "钱七")

    first.refresh_from_db()
    assert (first.until, second.until) == (TODAY, None)
    assert [*AuditEntry.objects.order_by("id").values_list("verb", "after__name", "bureau_id")] == [
        ("liaison.name", "欧阳*", county.bureau.pk),
        ("liaison.end", "欧阳*", county.bureau.pk),
        ("liaison.name", "钱*", county.bureau.pk),
    ]


def test_the_same_name_only_gets_its_number(county: County):
    first = name(county)
    again = name(county, phone="0734-1234567转8001")

    assert (again.pk, again.phone.reveal()) == (first.pk, "0734-1234567转8001")
    assert name(county, phone="0734-1234567转8001").pk == first.pk
    assert [*AuditEntry.objects.order_by("id").values_list("verb", flat=True)] == [
        "liaison.name",
        "liaison.edit",
    ]


@pytest.mark.parametrize(
    ("who", "phone", "sentence"),
    [
        (" ", "", "请填写联络员姓名。"),
        ("王" * 21, "", "姓名最多20个字，现有21个。"),
        ("王五", "12345", "联系电话应为手机号"),
        ("王五", "打村部找", "联系电话应为手机号"),
    ],
)
def test_what_is_no_name_or_number_is_refused(county: County, who: str, phone: str, sentence: str):
    with pytest.raises(DomainError, match=sentence):
        name(county, who, phone)
    assert not Liaison.objects.exists()


def test_ending_twice_is_ending_once(county: County):
    liaison = name(county)
    for _ in range(2):
        end_liaison(by=BY, liaison=liaison, today=TODAY)

    assert AuditEntry.objects.filter(verb="liaison.end").count() == 1


def test_the_database_knows_one_contact_at_a_time_and_no_clear_text(county: County):
    name(county)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_liaison(village=county.village)
    with connection.cursor() as cursor:
        cursor.execute("SELECT concat_ws(' ', name, phone) FROM advisors_liaison")
        stored = cursor.fetchone()[0]
    assert "欧阳" not in stored
    assert "5678" not in stored
