"""What a village's contact is shown, and what his answer does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from advisors.models import Liaison
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.viewer import Actor
from tests.conftest import County
from tests.factories import (
    DAY,
    at,
    make_appointment,
    make_liaison,
    make_link,
    make_log,
    make_matter,
    make_village,
)
from worklogs.confirming import (
    Answer,
    answer,
    reason_of,
    records_for,
    unanswered,
    vouch_by_phone,
)
from worklogs.enums import Dispute, LogState, MatterKind, SpecialGroup
from worklogs.models import LiaisonLink, ServiceLog

pytestmark = pytest.mark.django_db
BY = Actor(user_id=None, name="赵六（联络员）", address="192.0.2.9")


@pytest.fixture
def link(county: County) -> LiaisonLink:
    return make_link(liaison=make_liaison(village=county.village))


@pytest.fixture
def liaison(link: LiaisonLink) -> Liaison:
    return link.liaison


def test_he_is_shown_what_a50_lets_him_see(county: County, liaison: Liaison):
    log = make_log(appointment=county.appointment, place="村委会二楼")
    told = {"log": log, "client": "张三", "phone": "13812345678"}
    said = "张三（13812345678）问土地"
    make_matter(**told, content=said, focus="土地承包", audience=1)
    make_matter(**told, content=said, focus="帮教", special_group=SpecialGroup.RELEASED)
    make_matter(**told, content=said, focus="宅基地", kind=MatterKind.MEDIATION, audience=9)
    make_matter(log=log, focus="帮教", special_group=SpecialGroup.SERVING)

    (record,) = records_for(liaison)
    assert (record.place, record.mode, record.day) == ("村委会二楼", "现场", DAY)
    ordinary, special, mediation, silent = record.matters
    assert (ordinary.content, ordinary.focus) == ("张*（138****5678）问土地", "土地承包")
    for closed in (special, mediation, silent):
        assert (closed.content, closed.focus, closed.audience) == ("", "", None)
    assert mediation.kind == "参与调解"


def test_only_what_is_handed_in_and_of_his_village_waits(county: County, liaison: Liaison):
    wanted = make_log(appointment=county.appointment)
    for state in set(LogState) - {LogState.SUBMITTED}:
        day = DAY - timedelta(days=[*LogState].index(state) + 1)
        reason = "请更正" if state == LogState.RETURNED else ""
        make_log(appointment=county.appointment, day=day, state=state, returned_reason=reason)
    neighbour = make_village(township=county.township)
    make_log(appointment=make_appointment(village=neighbour))
    make_log(appointment=county.sibling_appointment)

    assert [record.pk for record in records_for(liaison)] == [wanted.pk]


def read(*logs: ServiceLog) -> dict[int, int]:
    return {log.pk: log.version for log in logs}


def test_what_was_told_anew_after_it_was_read_is_not_vouched_for(county: County, link: LiaisonLink):
    log = make_log(appointment=county.appointment)
    seen = read(log)
    ServiceLog.objects.filter(pk=log.pk).update(version=log.version + 1)

    for versions in (seen, {}):
        told = answer(link=link, by=BY, confirmed=[log.pk], disputed={}, versions=versions)
        assert told == Answer(0, 0, 1)
    log.refresh_from_db()
    assert log.state == LogState.SUBMITTED


def test_an_answer_confirms_and_sends_back(county: County, link: LiaisonLink):
    good, bad = (make_log(appointment=county.appointment, day=DAY - timedelta(n)) for n in (0, 1))
    reason = reason_of(["time", "place"], "上午没有人")
    told = answer(
        link=link, by=BY, confirmed=[good.pk], disputed={bad.pk: reason}, versions=read(good, bad)
    )

    assert told == Answer(1, 1, 0)
    good.refresh_from_db()
    bad.refresh_from_db()
    assert (good.state, bad.state) == (LogState.CONFIRMED, LogState.RETURNED)
    assert bad.returned_reason == "联络员认为有出入：时间不对、地点不对：上午没有人"
    rows = AuditEntry.objects.order_by("id").values_list("verb", "actor_name", "address", "reason")
    assert sorted(rows) == [
        ("link.answer", BY.name, BY.address, ""),
        ("log.confirmed", BY.name, BY.address, ""),
        ("log.returned", BY.name, BY.address, bad.returned_reason),
    ]


def test_sent_twice_it_does_nothing_twice(county: County, link: LiaisonLink):
    log = make_log(appointment=county.appointment)
    given = {"link": link, "by": BY, "confirmed": [log.pk], "disputed": {}, "versions": read(log)}
    first, again = (answer(**given) for _ in range(2))

    assert (first, again) == (Answer(1, 0, 0), Answer(0, 0, 1))
    assert AuditEntry.objects.filter(verb="log.confirmed").count() == 1


def test_a_link_never_reaches_another_villages_records(county: County, link: LiaisonLink):
    others = [
        make_log(appointment=make_appointment(village=make_village(township=county.township))),
        make_log(appointment=county.sibling_appointment),
    ]
    ids = [log.pk for log in others]
    disputed = {ids[1]: reason_of(["time"], "")}
    versions = read(*others)
    told = answer(link=link, by=BY, confirmed=ids[:1], disputed=disputed, versions=versions)

    assert told == Answer(0, 0, 2)
    assert {*ServiceLog.objects.values_list("state", flat=True)} == {LogState.SUBMITTED}


@pytest.mark.parametrize(
    ("chips", "text", "said"),
    [
        (["nobody_came"], "", "没有来过"),
        ([], "  那天\n停电 ", "那天 停电"),
        (["other", "time"], "是下午", "其他、时间不对：是下午"),
        (["content", "made up"], "", "事项不对"),
    ],
)
def test_reasons_in_words(chips: list[str], text: str, said: str):
    assert reason_of(chips, text) == f"联络员认为有出入：{said}"


@pytest.mark.parametrize(
    ("chips", "text", "sentence"),
    [
        ([], " ", "请点选有出入的原因。"),
        (["made up"], "", "请点选有出入的原因。"),
        (["other"], "", "请用几个字说明。"),
        (["time"], "长" * 101, "说明最多100个字，现有101个。"),
    ],
)
def test_without_a_reason_nothing_is_sent_back(chips: list[str], text: str, sentence: str):
    with pytest.raises(DomainError, match=sentence):
        reason_of(chips, text)


def test_the_longest_reason_fits_its_column(county: County, link: LiaisonLink):
    log = make_log(appointment=county.appointment)
    longest = reason_of(Dispute.values, "长" * 100)

    given = {"link": link, "by": BY, "confirmed": [], "versions": read(log)}
    assert answer(**given, disputed={log.pk: longest}).returned == 1


def test_what_is_unanswered_shows_after_its_days_and_may_be_vouched_for_by_phone(
    county: County, link: LiaisonLink
):
    log = make_log(appointment=county.appointment)
    fresh = make_log(appointment=county.appointment, day=DAY - timedelta(1))
    entered = at(DAY, "20:00")
    ServiceLog.objects.filter(pk=fresh.pk).update(entered_at=entered + timedelta(days=1))

    def late(now):
        return [one.pk for one in unanswered(county.village, now=now, days=7)]

    assert late(entered + timedelta(days=7)) == []
    assert late(entered + timedelta(days=7, seconds=1)) == [log.pk]
    with pytest.raises(DomainError, match="向谁、何时核实"):
        vouch_by_phone(by=BY, village=county.village, shown=[log.pk], reason=" ")
    reason = "11月2日电话向赵六核实"
    assert vouch_by_phone(by=BY, village=county.sibling_village, shown=[log.pk], reason=reason) == 0
    assert vouch_by_phone(by=BY, village=county.village, shown=[log.pk], reason=reason) == 1
    assert AuditEntry.objects.get(verb="log.confirmed").reason == reason
    fresh.refresh_from_db()
    assert fresh.state == LogState.SUBMITTED
