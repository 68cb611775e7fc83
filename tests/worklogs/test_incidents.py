"""Grave matters: reported once, each recipient on a clock of his own, closed after an opinion."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from advisors.viewers import viewer_for
from lawadvisor.foundation.errors import Conflict, DomainError
from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.viewer import SYSTEM, Actor
from tests.conftest import County
from tests.factories import DAY, at, make_incident, make_limit, make_note
from worklogs import incidents
from worklogs.enums import (
    IncidentKind,
    IncidentLevel,
    IncidentState,
    LimitKey,
    NoteKind,
    Recipient,
)
from worklogs.incidents import Report
from worklogs.models import Incident, IncidentNotice

pytestmark = pytest.mark.django_db
NOW = at(DAY, "12:00")
REPORT = {
    "kind": IncidentKind.MASS_PETITION,
    "level": IncidentLevel.URGENT,
    "happened_at": at(DAY, "10:30"),
    "place": "村委会门口",
    "facts": "约40名村民就补偿款聚集，联系人13812345678",
    "people": 40,
}


@pytest.fixture
def by(county: County) -> Actor:
    return county.advisor_user.as_actor("192.0.2.8")


@pytest.fixture
def office(county: County) -> Actor:
    return county.office_user.as_actor("192.0.2.9")


def report(county: County, by: Actor, recipients=("office", "township"), number=None, **other):
    return incidents.report_incident(
        by=by,
        appointment=county.appointment,
        report=Report(**{**REPORT, **other}),
        recipients=recipients,
        client_uuid=number or uuid.uuid4(),
        now=NOW,
    )


def test_every_recipient_gets_a_clock_of_the_bureaus_hours(county: County, by: Actor):
    make_limit(bureau=county.bureau, key=LimitKey.ACKNOWLEDGE_HOURS, amount=2)
    made, new = report(county, by)

    assert new
    assert [*made.notices.values_list("recipient", "due_at", "acknowledged_at")] == [
        ("office", NOW + timedelta(hours=2), None),
        ("township", NOW + timedelta(hours=2), None),
    ]
    assert (made.village, made.advisor, made.submitted_at) == (county.village, county.advisor, NOW)


def test_where_no_policy_names_anybody_office_and_bureau_are_told(county: County, by: Actor):
    made, _ = report(county, by, recipients=())

    assert [*made.notices.values_list("recipient", flat=True)] == ["office", "bureau"]
    assert made.notices.first().due_at == NOW + timedelta(hours=24)


def test_sent_twice_it_is_reported_once(county: County, by: Actor):
    number = uuid.uuid4()
    (first, new), (again, other) = (report(county, by, number=number) for _ in range(2))

    assert (first, new, other) == (again, True, False)
    assert IncidentNotice.objects.count() == 2
    with pytest.raises(Conflict, match="编号已被使用"):
        report(county, by, number=number, people=41)


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ({"kind": "made up"}, "类型“made up”不在选项中"),
        ({"level": ""}, "请填写程度"),
        ({"place": " "}, "请填写地点"),
        ({"facts": "\0 "}, "请填写情况"),
        ({"facts": "长" * 1001}, "情况最多1000个字"),
        ({"place": "长" * 81}, "地点最多80个字"),
        ({"people": -1}, "涉及人数不应小于0"),
        ({"happened_at": NOW + timedelta(minutes=1)}, "发生时间不应晚于现在。"),
        ({"happened_at": at(DAY.replace(year=2009), "10:00")}, "发生时间过早"),
    ],
)
def test_what_cannot_be_is_refused(county: County, by: Actor, other: dict, sentence: str):
    with pytest.raises(DomainError, match=sentence):
        report(county, by, **other)
    assert not Incident.objects.exists()


def test_the_machine_neither_reports_nor_reads(county: County):
    with pytest.raises(ValueError, match="by a person"):
        report(county, SYSTEM)
    made = make_incident(appointment=county.appointment)
    with pytest.raises(ValueError, match="by a person"):
        incidents.acknowledge(by=SYSTEM, incident=made, recipient=Recipient.OFFICE, now=NOW)
    with pytest.raises(ValueError, match="by a person"):
        incidents.add_note(by=SYSTEM, incident=made, kind=NoteKind.FOLLOW_UP, text="去", now=NOW)


def test_each_recipient_acknowledges_once_for_itself(county: County, office: Actor):
    made = make_incident(appointment=county.appointment)
    read = {"by": office, "incident": made, "recipient": Recipient.OFFICE}
    assert incidents.acknowledge(**read, now=NOW)
    assert not incidents.acknowledge(**read, now=NOW + timedelta(hours=1))

    notices = made.notices.values_list("recipient", "acknowledged_at", "acknowledged_by__name")
    assert [*notices] == [("office", NOW, county.office_user.name), ("bureau", None, None)]
    with pytest.raises(DomainError, match="没有报送镇街"):
        incidents.acknowledge(by=office, incident=made, recipient=Recipient.TOWNSHIP, now=NOW)
    assert AuditEntry.objects.filter(verb="incident.acknowledge").count() == 1


def test_what_is_not_read_in_time_is_overdue(county: County, office: Actor):
    made = make_incident(appointment=county.appointment)
    due = at(DAY, "12:00") + timedelta(hours=24)
    incidents.acknowledge(by=office, incident=made, recipient=Recipient.OFFICE, now=due)

    def late(now):
        found = incidents.overdue(IncidentNotice.objects.all(), now=now)
        return [*found.values_list("recipient", flat=True)]

    assert late(due) == []
    assert late(due + timedelta(seconds=1)) == ["bureau"]


def test_it_is_closed_only_after_a_legal_opinion(county: County, by: Actor, office: Actor):
    made = make_incident(appointment=county.appointment)
    make_note(incident=made)
    with pytest.raises(DomainError, match="还没有法律意见"):
        incidents.close_incident(by=office, incident=made, reason="已平息")
    incidents.add_note(
        by=by, incident=made, kind=NoteKind.OPINION_ON_SITE, text="建议依法召开村民会议", now=NOW
    )
    with pytest.raises(DomainError, match="请写明办结情况"):
        incidents.close_incident(by=office, incident=made, reason=" ")
    assert incidents.close_incident(by=office, incident=made, reason="已平息").state == "closed"
    with pytest.raises(Conflict, match="已办结"):
        incidents.add_note(by=by, incident=made, kind=NoteKind.FOLLOW_UP, text="再去", now=NOW)
    with pytest.raises(Conflict):
        incidents.close_incident(by=office, incident=made, reason="再次")
    with pytest.raises(DomainError, match="重新处置的原因"):
        incidents.reopen_incident(by=office, incident=made, reason="")
    again = incidents.reopen_incident(by=office, incident=made, reason="又有聚集")
    assert again.state == IncidentState.OPEN


@pytest.mark.parametrize(("kind", "text"), [("made up", "去了"), (NoteKind.FOLLOW_UP, " ")])
def test_a_note_says_what_and_of_what_kind(county: County, by: Actor, kind: str, text: str):
    made = make_incident(appointment=county.appointment)
    with pytest.raises(DomainError):
        incidents.add_note(by=by, incident=made, kind=kind, text=text, now=NOW)


def test_the_facts_are_sealed_and_in_no_register(county: County, by: Actor):
    made, _ = report(county, by)
    incidents.add_note(by=by, incident=made, kind=NoteKind.FOLLOW_UP, text="聚集已散", now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT i.facts || n.text FROM worklogs_incident i, worklogs_incidentnote n")
        assert "聚集" not in cursor.fetchone()[0]
    assert "聚集" not in str([*AuditEntry.objects.values()])
    advisors, towns = map(viewer_for, (county.advisor_user, county.township_user))
    assert incidents.told(made, advisors) == REPORT["facts"]
    assert incidents.told(made, towns).endswith("138****5678")


@pytest.mark.parametrize(
    "broken",
    [
        {"facts": ""},
        {"place": ""},
        {"happened_at": at(DAY, "12:01")},
        {"kind": "rumour"},
        {"level": "x"},
    ],
)
def test_the_database_refuses_half_a_report(county: County, broken: dict):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_incident(appointment=county.appointment, **broken)


def test_the_database_refuses_half_an_acknowledgement(county: County):
    made = make_incident(appointment=county.appointment)
    for change in ({"acknowledged_at": NOW}, {"acknowledged_by": county.office_user}):
        with pytest.raises(IntegrityError), transaction.atomic():
            made.notices.update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        IncidentNotice.objects.create(incident=made, recipient="office", due_at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_note(incident=made, text="")
