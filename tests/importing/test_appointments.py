"""Who serves which village: appointed and ended from the bureau's own file, and back."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from pytest_django.fixtures import Settings

from advisors.enums import AppointmentStatus
from advisors.models import Appointment
from assessments.services import PACKS, adopt_policy
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.importing import batches
from lawadvisor.foundation.models import AuditEntry, BatchState, ImportBatch
from lawadvisor.foundation.viewer import SYSTEM
from tests import factories
from tests.conftest import County
from tests.importing.books import book_of, brought_in, confirmed, exported, said_of

pytestmark = pytest.mark.django_db

HEAD = ("乡镇", "村名", "顾问姓名", "执业证号", "聘期起", "聘期止", "结束事由")


@pytest.fixture(autouse=True)
def _under_policy(tmp_path: Path, settings: Settings, county: County) -> None:
    settings.MEDIA_ROOT = tmp_path
    adopt_policy(bureau=county.bureau, pack_path=PACKS / "zx.toml", by=SYSTEM)


def check(county: County, *rows: tuple[object, ...]) -> ImportBatch:
    content = book_of(HEAD, *rows)
    return brought_in(county.bureau_user, county.bureau, "appointments", content)


def village_row(county: County, start: str = "2026-03-01", end: str | None = None, **fields):
    village = factories.make_village(township=county.township, **fields)
    return (county.township.name, village.name, county.advisor.name, None, start, end)


def test_appointments_come_in_once_and_go_out_again(county: County):
    rows = [village_row(county), village_row(county, "2026年1月1日", "2026-12-31")]
    batch = check(county, *rows)
    assert batch.counts == {"new": 2, "bad": 0, "bad_rows": 0}

    confirmed(county.bureau_user, batch)
    made = Appointment.objects.filter(advisor=county.advisor).exclude(pk=county.appointment.pk)
    assert {each.term for each in made} == {
        DateRange(date(2026, 3, 1), None),
        DateRange(date(2026, 1, 1), date(2027, 1, 1)),
    }
    assert AuditEntry.objects.filter(verb="appointment.open").count() == 2
    assert check(county, *rows).counts == {"same": 2, "bad": 0, "bad_rows": 0}
    out = exported(county, "appointments")
    again = brought_in(county.bureau_user, county.bureau, "appointments", out)
    assert (again.note, again.counts) == ("", {"same": 4, "bad": 0, "bad_rows": 0})

    batches.undo(by=county.bureau_user.as_actor(), batch=batch, reason="传错了")
    assert list(Appointment.objects.filter(advisor=county.advisor)) == [county.appointment]


def test_the_cap_counts_what_is_held_and_what_the_file_adds(county: County):
    batch = check(county, *(village_row(county) for _ in range(4)))

    assert [(where, "每人最多担任3个" in said) for where, said, _ in said_of(batch)] == [
        ("C4", True),
        ("C5", True),
    ]
    confirmed(county.bureau_user, batch, partial=True)
    assert county.advisor.appointments.count() == 3


def test_an_end_date_ends_a_running_appointment(county: County):
    village, advisor = county.village, county.advisor
    row = (None, village.name, advisor.name, advisor.licence_no, "2026-01-01", "2026-06-30")

    silent = check(county, (*row, None))
    assert said_of(silent) == [("G2", "结束已登记的聘任须填写结束事由", "")]

    batch = check(county, (*row, "合同到期"))
    assert batch.counts == {"ended": 1, "bad": 0, "bad_rows": 0}
    confirmed(county.bureau_user, batch)
    ended = Appointment.objects.get(pk=county.appointment.pk)
    assert (ended.status, ended.ends_before) == (AppointmentStatus.ENDED, date(2026, 7, 1))
    assert check(county, (*row, "合同到期")).counts["same"] == 1

    batches.undo(by=county.bureau_user.as_actor(), batch=batch, reason="传错了")
    ended.refresh_from_db()
    assert (ended.status, ended.ends_before, ended.end_reason) == (
        *(AppointmentStatus.ACTIVE, None),
        "",
    )


def test_an_end_is_not_undone_when_its_place_was_given_to_others(county: County):
    for _ in range(2):
        factories.make_appointment(advisor=county.advisor, slot_limit=3)
    Appointment.objects.filter(pk=county.appointment.pk).update(slot_limit=3)
    row = (None, county.village.name, county.advisor.name, None, "2026-01-01", "2026-06-30")
    batch = confirmed(county.bureau_user, check(county, (*row, "合同到期")))
    confirmed(county.bureau_user, check(county, village_row(county, "2026-07-01")))
    later = ImportBatch.objects.latest("pk")
    actor = county.bureau_user.as_actor()

    with pytest.raises(DomainError, match="只能撤销最近一次导入"):
        batches.undo(by=actor, batch=batch, reason="传错了")
    ImportBatch.objects.filter(pk=later.pk).update(state=BatchState.UNDONE)
    with pytest.raises(DomainError, match="每人最多担任3个"):
        batches.undo(by=actor, batch=batch, reason="传错了")
    ended = Appointment.objects.get(pk=county.appointment.pk)
    assert ended.status == AppointmentStatus.ENDED


def test_what_was_served_after_the_end_stands_in_its_way(county: County):
    factories.make_log(appointment=county.appointment)
    row = (None, county.village.name, county.advisor.name, None, "2026-01-01", "2026-06-30")
    assert [where for where, _, _ in said_of(check(county, (*row, "合同到期")))] == ["F2"]


def test_every_reason_against_an_appointment_is_a_bad_cell(county: County):
    advisor, sibling = county.advisor, county.sibling_advisor
    scholar = factories.make_advisor(organisation=county.organisation, category="notary")
    twins = [factories.make_advisor(organisation=county.organisation, name="重名") for _ in "12"]
    name = county.village.name
    empty = factories.make_village(township=county.township).name
    batch = check(
        county,
        ("没有镇", empty, advisor.name, None, "2026-03-01"),
        (None, "没有村", advisor.name, None, "2026-03-01"),
        (None, name, "没有人", None, "2026-03-01"),
        (None, name, advisor.name, sibling.licence_no, "2026-03-01"),
        (None, name, twins[0].name, None, "2026-03-01"),
        (None, name, scholar.name, None, "2026-03-01"),
        (None, name, sibling.name, None, "2026-03-01", "2026-02-01"),
        (None, name, sibling.name, None, "2015-03-01"),
        (None, name, advisor.name, None, "2026-02-01"),
        (None, name, advisor.name, None, None),
    )
    assert [where for where, _, _ in said_of(batch)] == [
        *("A2", "B3", "C4", "C5", "C6", "C7", "F8", "E9", "E10", "E11"),
    ]
    assert "没有生效的政策" in said_of(batch)[7][1]


def test_a_neighbours_advisor_serves_here_by_licence_and_name(county: County, foreign: County):
    row = (None, county.village.name, foreign.advisor.name, foreign.advisor.licence_no)
    assert check(county, (*row, "2026-03-01")).counts["new"] == 1

    stranger = (None, county.village.name, "另一人", foreign.advisor.licence_no, "2026-03-01")
    ((where, said, _),) = said_of(check(county, stranger))
    assert where == "D2"
    assert foreign.advisor.name not in said
