"""Requests: every way through their states, timed, scoped and written down."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from advisors.viewers import viewer_for
from lawadvisor.foundation.errors import Conflict, DomainError
from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.roles import Role
from lawadvisor.foundation.viewer import SYSTEM, Actor
from tests.conftest import County
from tests.factories import DAY, at, make_liaison, make_limit, make_log, make_request
from worklogs import asking
from worklogs.asking import Wish
from worklogs.enums import LimitKey, LogState, RequestKind, RequestState
from worklogs.limits import LIMITS, limit_of, limits_of, set_limit
from worklogs.models import ServiceRequest

pytestmark = pytest.mark.django_db
NOW = at(DAY, "09:00")
HARD = Wish(kind=RequestKind.HARD, text="集体土地能否抵押？电话13812345678")


@pytest.fixture
def town(county: County) -> Actor:
    return county.township_user.as_actor("192.0.2.9")


@pytest.fixture
def advisor(county: County) -> Actor:
    return county.advisor_user.as_actor("192.0.2.8")


def ask(
    county: County, by: Actor, wish: Wish = HARD, *, now: datetime = NOW, number: object = None
) -> ServiceRequest:
    made, _ = asking.raise_request(
        by=by,
        village=county.village,
        wish=wish,
        role=Role.TOWNSHIP,
        client_uuid=number or uuid.uuid4(),
        now=now,
    )
    return made


@pytest.mark.parametrize(
    ("wish", "due"),
    [
        (HARD, DAY + timedelta(days=7)),
        (Wish(kind=RequestKind.ADVICE, text="问题"), DAY + timedelta(days=3)),
        (Wish(kind=RequestKind.VISIT), DAY + timedelta(days=7)),
        (Wish(kind=RequestKind.VISIT, wanted_on=DAY + timedelta(days=2)), DAY + timedelta(days=2)),
        (Wish(kind=RequestKind.HARD, text="问", wanted_on=DAY), DAY + timedelta(days=7)),
    ],
)
def test_it_is_due_by_its_kind(county: County, town: Actor, wish: Wish, due: date):
    assert ask(county, town, wish).due_on == due


def test_the_bureaus_own_number_counts_from_then_on(county: County, town: Actor):
    before = ask(county, town)
    make_limit(bureau=county.bureau, key=LimitKey.HARD_DAYS, amount=2)
    after = ask(county, town)
    before.refresh_from_db()

    assert (before.due_on, after.due_on) == (DAY + timedelta(7), DAY + timedelta(2))


def test_the_day_is_the_local_one(county: County, town: Actor):
    assert ask(county, town, now=at(DAY, "23:59")).due_on == DAY + timedelta(7)
    assert ask(county, town, now=at(DAY, "24:00")).due_on == DAY + timedelta(8)


def test_sent_twice_it_is_asked_once(county: County, town: Actor):
    number = uuid.uuid4()
    first, again = (ask(county, town, number=number) for _ in range(2))

    assert first == again
    assert AuditEntry.objects.filter(verb="request.raise").count() == 1
    with pytest.raises(Conflict, match="编号已被使用"):
        ask(county, town, Wish(kind=RequestKind.VISIT), number=number)


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        (Wish(kind="made up", text="问"), "类型“made up”不在选项中"),
        (Wish(kind=RequestKind.ADVICE, text=" \0"), "请写明要咨询的问题。"),
        (Wish(kind=RequestKind.HARD, text="长" * 301), "需求最多300个字"),
        (Wish(kind=RequestKind.VISIT, wanted_on=DAY - timedelta(1)), "希望日期应在今天至"),
        (Wish(kind=RequestKind.VISIT, wanted_on=DAY + timedelta(91)), "希望日期应在今天至"),
    ],
)
def test_what_cannot_be_asked_is_refused(county: County, town: Actor, wish: Wish, sentence: str):
    with pytest.raises(DomainError, match=sentence):
        ask(county, town, wish)
    assert not ServiceRequest.objects.exists()


def test_somebody_asks(county: County, town: Actor):
    for by, liaison in ((SYSTEM, None), (town, make_liaison(village=county.village))):
        with pytest.raises(ValueError, match="by one person"):
            asking.raise_request(
                by=by,
                village=county.village,
                wish=HARD,
                role=Role.LIAISON,
                client_uuid=uuid.uuid4(),
                now=NOW,
                liaison=liaison,
            )


# ── the way of a request ────────────────────────────────────────────────────────────────────────


def test_taken_up_answered_and_closed(county: County, town: Actor, advisor: Actor):
    row = ask(county, town)
    row = asking.accept_request(by=advisor, request=row, advisor=county.advisor)
    later = NOW + timedelta(days=2, hours=3)
    row = asking.answer_request(
        by=advisor, request=row, advisor=county.advisor, now=later, text="可以，须经村民会议同意"
    )
    assert (row.response_time, row.response_words) == (later - NOW, "2天3小时")
    row = asking.close_request(by=town, request=row)

    assert (row.state, row.advisor, row.answered_at) == ("closed", county.advisor, later)
    told = AuditEntry.objects.order_by("id").values_list("verb", "actor_name", "bureau_id")
    assert [*told] == [
        (f"request.{verb}", by.name, county.bureau.pk)
        for verb, by in (
            *(("raise", town), ("accepted", advisor)),
            *(("answered", advisor), ("closed", town)),
        )
    ]
    assert "抵押" not in str([*AuditEntry.objects.values()])


def test_a_service_answers(county: County, town: Actor, advisor: Actor):
    row = ask(county, town)
    log = make_log(appointment=county.appointment)
    row = asking.answer_request(
        by=advisor, request=row, advisor=county.advisor, now=NOW + timedelta(minutes=25), log=log
    )

    assert (row.log, row.response_words) == (log, "25分钟")


def test_only_an_own_record_of_that_village_and_since_then_answers(
    county: County, town: Actor, advisor: Actor
):
    row = ask(county, town)
    wrong = [
        make_log(appointment=county.appointment, day=DAY - timedelta(1)),
        make_log(appointment=county.sibling_appointment),
        make_log(appointment=county.appointment, state=LogState.DRAFT, start="14:00", end="15:00"),
    ]
    for log in wrong:
        with pytest.raises(DomainError, match="只能选择本人在该村"):
            asking.answer_request(by=advisor, request=row, advisor=county.advisor, now=NOW, log=log)
    with pytest.raises(DomainError, match="请填写答复"):
        asking.answer_request(by=advisor, request=row, advisor=county.advisor, now=NOW, text=" ")


def test_declined_with_a_reason_and_asked_again(county: County, town: Actor, advisor: Actor):
    row = ask(county, town)
    with pytest.raises(DomainError, match="不能办理的原因"):
        asking.decline_request(by=advisor, request=row, advisor=county.advisor, reason=" ")
    row = asking.decline_request(
        by=advisor, request=row, advisor=county.advisor, reason="不属于服务范围"
    )
    assert row.declined_reason == "不属于服务范围"
    with pytest.raises(DomainError, match="再次提出的理由"):
        asking.reopen_request(by=town, request=row, reason="")
    row = asking.reopen_request(by=town, request=row, reason="补充了材料")
    assert (row.state, row.due_on) == ("open", DAY + timedelta(7))


def test_no_longer_asked_for_needs_a_reason(county: County, town: Actor):
    row = ask(county, town)
    with pytest.raises(DomainError, match="不再需要的原因"):
        asking.close_request(by=town, request=row)
    assert asking.close_request(by=town, request=row, reason="已自行解决").state == "closed"


def test_what_is_over_moves_no_more(county: County, town: Actor, advisor: Actor):
    row = make_request(village=county.village, state=RequestState.CLOSED)
    given = {"by": advisor, "request": row, "advisor": county.advisor}
    with pytest.raises(Conflict, match="当前状态为“已办结”"):
        asking.accept_request(**given)
    with pytest.raises(Conflict):
        asking.answer_request(**given, now=NOW, text="答")
    with pytest.raises(Conflict):
        asking.decline_request(**given, reason="原因")
    with pytest.raises(Conflict):
        asking.reopen_request(by=town, request=row, reason="理由")


# ── who sees what is owed ───────────────────────────────────────────────────────────────────────


def test_the_advisor_sees_what_his_villages_ask_the_most_urgent_first(county: County):
    later = make_request(village=county.village, due_on=date(2026, 10, 20))
    sooner = make_request(village=county.village, due_on=date(2026, 10, 12))
    make_request(village=county.village, state=RequestState.CLOSED)
    make_request(village=county.sibling_village)
    viewer = viewer_for(county.advisor_user)

    owed = asking.open_requests(viewer, today=date(2026, 10, 13))
    assert [(one.pk, one.overdue) for one in owed] == [(sooner.pk, True), (later.pk, False)]
    assert owed[0].village == county.village.short_name


def test_numbers_in_a_request_are_for_who_sees_clients(county: County, town: Actor):
    ask(county, town)
    (advisors,) = asking.open_requests(viewer_for(county.advisor_user))
    (towns,) = asking.open_requests(viewer_for(county.township_user))

    assert advisors.text == HARD.text
    assert towns.text == "集体土地能否抵押？电话138****5678"
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM worklogs_servicerequest")
        assert "抵押" not in cursor.fetchone()[0]


def test_who_served_before_answers_what_he_took_up_and_nothing_new(county: County):
    row = make_request(village=county.village)
    viewer = viewer_for(county.advisor_user)
    assert asking.answering(viewer, row, today=DAY)
    county.appointment.status = "ended"
    county.appointment.save()
    assert not asking.answering(viewer, row, today=DAY)
    row.advisor = county.advisor
    assert asking.answering(viewer, row, today=DAY)
    assert not asking.answering(viewer_for(county.township_user), row, today=DAY)
    assert not asking.answering(viewer_for(county.sibling_advisor_user), row, today=DAY)


@pytest.mark.parametrize(
    "broken",
    [
        {"state": "answered"},
        {"state": "answered", "answered_at": NOW},
        {"state": "declined"},
        {"text": ""},
        {"answered_at": NOW - timedelta(seconds=1)},
        {"raised_by": None},
        {"kind": "other"},
    ],
)
def test_the_database_refuses_half_a_request(county: County, broken: dict):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_request(village=county.village, **broken)


# ── the numbers ─────────────────────────────────────────────────────────────────────────────────


def test_every_number_has_a_default_that_is_within_its_range(county: County):
    assert {*LIMITS} == {*LimitKey}
    for key, limit in LIMITS.items():
        assert 1 <= limit_of(county.bureau.pk, key) == limit.default <= limit.most
    assert limits_of(county.bureau) == dict.fromkeys(LimitKey)


def test_a_bureau_sets_its_own_and_goes_back(county: County, town: Actor):
    given = {"by": town, "bureau": county.bureau, "key": LimitKey.HARD_DAYS}
    for amount in (5, 5, 6, None, None):
        set_limit(**given, amount=amount)

    assert limit_of(county.bureau.pk, LimitKey.HARD_DAYS) == 7
    rows = AuditEntry.objects.order_by("id").values_list("before__amount", "after__amount")
    assert [*rows] == [(None, 5), (5, 6), (6, None)]
    for amount in (0, 61):
        with pytest.raises(DomainError, match="应为1至60天"):
            set_limit(**given, amount=amount)
