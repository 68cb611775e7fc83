"""A township's month: its table tried whole, by every deed in every state and by random walks."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from assessments.closing import open_close, reopen_close
from assessments.enums import MonthState as S
from assessments.enums import ReportKey
from assessments.handing import (
    REOPENED_FOR,
    accept_month,
    check_open,
    check_reviewable,
    due_day,
    reopen_village,
    return_month,
    standing,
    submit_for_silent_office,
    submit_month,
    take_back_month,
)
from assessments.models import MonthClose, MonthDesk, Reopening
from assessments.reports import collect
from assessments.review.reviewing import review_all, review_log
from assessments.services import PACKS, adopt_policy
from assessments.states import MONTH_TRANSITIONS
from lawadvisor.foundation.errors import Conflict, DomainError
from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.viewer import SYSTEM, Actor
from tests import factories
from tests.conftest import County
from tests.factories import OCTOBER
from tests.test_architecture import ROOT
from villages.models import Township
from worklogs.enums import LogState
from worklogs.models import ServiceLog

OFFICE, BUREAU = Actor(None, "所长甲"), Actor(None, "局员乙")
TODAY, NOW = date(2026, 11, 3), datetime(2026, 11, 3, 8, tzinfo=UTC)

#: Every deed, by the state to which it leads.
DEEDS: dict[S, Callable[[County], object]] = {
    S.UNDER_REVIEW: lambda c: take_back_month(by=OFFICE, township=c.township, month=OCTOBER),
    S.SUBMITTED: lambda c: submit_month(by=OFFICE, township=c.township, month=OCTOBER, today=TODAY),
    S.ACCEPTED: lambda c: accept_month(by=BUREAU, township=c.township, month=OCTOBER),
    S.RETURNED: lambda c: return_month(
        by=BUREAU, township=c.township, month=OCTOBER, reason="少一村"
    ),
    S.CLOSED: lambda c: open_close(bureau=c.bureau, month=OCTOBER, by=SYSTEM, today=TODAY),
}
#: How a township gets there, by the deeds' own states.
WAYS = {
    S.OPEN: (),
    S.UNDER_REVIEW: (S.SUBMITTED, S.UNDER_REVIEW),
    S.SUBMITTED: (S.SUBMITTED,),
    S.ACCEPTED: (S.SUBMITTED, S.ACCEPTED),
    S.RETURNED: (S.SUBMITTED, S.RETURNED),
    S.CLOSED: (S.CLOSED,),
}


@pytest.fixture(autouse=True)
def _policy(county: County, bell: list[int]) -> None:
    adopt_policy(bureau=county.bureau, pack_path=PACKS / "zx.toml", by=SYSTEM)


def state_of(county: County) -> S:
    desk = MonthDesk.objects.filter(township=county.township, month=OCTOBER.start).first()
    closed = MonthClose.objects.filter(bureau=county.bureau, month=OCTOBER.start).exists()
    found = standing(desk, closed=closed, due=None).state
    assert desk is None or desk.state == found
    return found


def tried(county: County, to: S) -> bool:
    """Was the deed done? A refusal leaves nothing behind; closing again is no deed."""
    entries = AuditEntry.objects.count()
    try:
        DEEDS[to](county)
    except Conflict:
        assert AuditEntry.objects.count() == entries
        return False
    return AuditEntry.objects.count() > entries


@pytest.mark.parametrize("then", DEEDS)
@pytest.mark.parametrize("now", S)
def test_every_deed_in_every_state_does_what_the_table_says(
    county: County, now: S, then: S
) -> None:
    for step in WAYS[now]:
        assert tried(county, step)
    assert state_of(county) == now
    # a first look begins the review, and is no deed of its own
    allowed = then in MONTH_TRANSITIONS[now] and (now, then) != (S.OPEN, S.UNDER_REVIEW)
    if (now, then) == (S.OPEN, S.UNDER_REVIEW):
        factories.make_log(appointment=county.appointment)
        review_all(by=OFFICE, logs=logs(), now=NOW, versions={log.pk: 1 for log in logs()})
        assert state_of(county) == then
        return
    assert tried(county, then) is allowed
    assert state_of(county) == (then if allowed else now)


@pytest.mark.parametrize("seed", range(24))
def test_a_random_walk_never_leaves_the_table(county: County, seed: int) -> None:
    walk, now = random.Random(seed), S.OPEN
    for _ in range(25):
        then = walk.choices(list(DEEDS), weights=(3, 5, 3, 3, 1))[0]
        if (now, then) == (S.OPEN, S.UNDER_REVIEW):
            continue
        assert tried(county, then) is (then in MONTH_TRANSITIONS[now])
        now = then if then in MONTH_TRANSITIONS[now] else now
        assert state_of(county) == now
    seen = AuditEntry.objects.filter(verb__startswith="month.").order_by("pk")
    steps = [
        (S(entry.before["state"]), S(entry.after["state"]))
        for entry in seen.filter(subject_type="assessments.monthdesk")
        if entry.subject_id == MonthDesk.objects.get(township=county.township).pk
    ]
    assert all(then in MONTH_TRANSITIONS[before] for before, then in steps)
    assert steps
    assert steps[-1][1] == now


def logs() -> list[ServiceLog]:
    return list(ServiceLog.objects.select_related("appointment__village__township").order_by("pk"))


def test_the_drawing_in_the_docs_is_the_table() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    part = text[text.index("## From the office") : text.index("## The API")]
    drawn = {
        state: {*re.findall(r"`(\w+)`", then)}
        for state, then in re.findall(r"^\| `(\w+)` [^|]+\|([^|]*)\|$", part, re.MULTILINE)
    }
    assert drawn == {now.value: {*then} for now, then in MONTH_TRANSITIONS.items()}


# ── handing in ──────────────────────────────────────────────────────────────────────────────────


def test_a_month_that_runs_is_not_handed_in(county: County) -> None:
    with pytest.raises(DomainError, match="2026年10月尚未结束，不能报送。"):
        submit_month(by=OFFICE, township=county.township, month=OCTOBER, today=date(2026, 10, 31))


def test_what_waits_is_not_handed_in_silently(county: County) -> None:
    factories.make_log(appointment=county.appointment)
    factories.make_log(appointment=county.sibling_appointment)
    asked = {"by": OFFICE, "township": county.township, "month": OCTOBER, "today": TODAY}
    with pytest.raises(DomainError, match="还有1条记录没有核验。") as refusal:
        submit_month(**asked)
    assert refusal.value.field == "unreviewed_too"
    desk = submit_month(**asked, unreviewed_too=True)
    assert (desk.state, desk.submitted_by) == (S.SUBMITTED, "所长甲")


def test_a_return_needs_a_reason_and_tells_it(county: County) -> None:
    DEEDS[S.SUBMITTED](county)
    with pytest.raises(DomainError, match="请填写退回原因。"):
        return_month(by=BUREAU, township=county.township, month=OCTOBER, reason=" ")
    desk = return_month(by=BUREAU, township=county.township, month=OCTOBER, reason="少一村")
    assert (desk.reason, desk.changed_by) == ("少一村", "局员乙")
    assert DEEDS[S.SUBMITTED](county).reason == ""


def test_due_the_day_before_the_bureau_closes(county: County) -> None:
    policy = county.bureau.policies.get()
    assert policy.settings["close_day"] == 5
    assert due_day(policy, OCTOBER) == date(2026, 11, 4)
    assert due_day(None, OCTOBER) is None


@pytest.mark.parametrize(("day", "in_time"), [(4, True), (5, False)])
def test_in_time_is_by_the_day_of_handing_in(county: County, day: int, in_time: bool) -> None:
    DEEDS[S.SUBMITTED](county)
    desk = MonthDesk.objects.get()
    desk.submitted_at = factories.at(date(2026, 11, day), "23:59")
    stand = standing(desk, closed=False, due=date(2026, 11, 4))
    assert stand.in_time is in_time
    assert not stand.is_late(date(2026, 11, 9))
    silent = standing(None, closed=False, due=date(2026, 11, 4))
    assert silent.in_time is None
    assert [silent.is_late(date(2026, 11, day)) for day in (4, 5)] == [False, True]


# ── the close ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("steps", "silent"),
    [
        ((), True),
        ((S.SUBMITTED, S.UNDER_REVIEW), True),
        ((S.SUBMITTED, S.RETURNED), True),
        ((S.SUBMITTED,), False),
        ((S.SUBMITTED, S.ACCEPTED), False),
    ],
)
def test_the_close_takes_each_township_as_it_finds_it(
    county: County, steps: tuple[S, ...], silent: bool
) -> None:
    for step in (*steps, S.CLOSED):
        DEEDS[step](county)
    own = MonthDesk.objects.get(township=county.township)
    other = MonthDesk.objects.get(township=county.sibling_township)
    assert (own.state, own.for_silent_office) == (S.CLOSED, silent)
    assert (other.state, other.for_silent_office) == (S.CLOSED, True)
    assert standing(own, closed=True, due=None).for_silent_office is silent


def test_a_month_closed_before_there_were_desks_is_closed(county: County) -> None:
    factories.make_close(policy=county.bureau.policies.get())
    with pytest.raises(Conflict, match="当前状态为“已关账”，不能改为“已报送”。"):
        DEEDS[S.SUBMITTED](county)
    stand = standing(None, closed=True, due=None)
    assert (stand.state, stand.for_silent_office) == (S.CLOSED, True)


def test_another_revision_leaves_the_desks_alone(county: County) -> None:
    for step in (S.SUBMITTED, S.CLOSED):
        DEEDS[step](county)
    MonthClose.objects.update(closed_at=NOW)
    kept = list(MonthDesk.objects.order_by("pk").values())
    reopen_close(bureau=county.bureau, month=OCTOBER, by=BUREAU, reason="补录", today=TODAY)
    assert list(MonthDesk.objects.order_by("pk").values()) == kept


def act_for(county: County, today: date = date(2026, 11, 5)) -> MonthDesk:
    return submit_for_silent_office(by=BUREAU, township=county.township, month=OCTOBER, today=today)


def test_the_bureau_hands_in_for_an_office_that_is_late_and_it_stays_marked(
    county: County,
) -> None:
    with pytest.raises(DomainError, match="2026年10月还没有逾期，不能由局代办。"):
        act_for(county, date(2026, 11, 4))
    factories.make_log(appointment=county.appointment)  # nobody has verified it, nor need to
    desk = act_for(county)
    assert (desk.state, desk.submitted_by, desk.for_silent_office) == (S.SUBMITTED, "局员乙", True)
    stand = standing(desk, closed=False, due=date(2026, 11, 4))
    assert (stand.for_silent_office, stand.handed_in, stand.in_time) == (True, False, None)
    with pytest.raises(Conflict, match="当前状态为“已报送”"):
        act_for(county)
    DEEDS[S.ACCEPTED](county)
    DEEDS[S.CLOSED](county)
    desk.refresh_from_db()
    assert standing(desk, closed=True, due=None).for_silent_office
    entry = AuditEntry.objects.get(verb="month.act_for")
    assert (entry.actor_name, entry.after["state"]) == ("局员乙", "submitted")


@pytest.mark.parametrize("back", [S.UNDER_REVIEW, S.RETURNED])
def test_an_office_that_wakes_up_hands_in_under_its_own_name(county: County, back: S) -> None:
    act_for(county)
    DEEDS[back](county)
    desk = DEEDS[S.SUBMITTED](county)
    assert (desk.submitted_by, desk.for_silent_office) == ("所长甲", False)
    DEEDS[S.CLOSED](county)
    desk.refresh_from_db()
    assert not desk.for_silent_office


def test_the_summary_says_where_no_office_has_looked(county: County) -> None:
    DEEDS[S.SUBMITTED](county)
    close = open_close(bureau=county.bureau, month=OCTOBER, by=SYSTEM, today=TODAY)
    unlooked = "系统生成，未经司法所审核"

    def lead(township: Township | None) -> str:
        place = township.pk if township else None
        return next(iter(collect(ReportKey.MONTHLY_SUMMARY, close, place).lead), "")

    assert unlooked not in lead(county.township)
    assert lead(county.sibling_township) == f"{unlooked}。"
    assert lead(None) == f"{unlooked}的镇街：{county.sibling_township.name}。"


def test_what_no_revision_has_finished_is_not_said_to_be_closed() -> None:
    assert standing(None, closed=True, due=None, whole=False).label == "关账未完成"
    assert standing(None, closed=True, due=None).label == "已关账"
    assert standing(None, closed=False, due=None, whole=False).label == "未开始"


# ── one village open again ──────────────────────────────────────────────────────────────────────


def open_again(county: County, now: datetime = NOW, reason: str = "漏录一次值班") -> Reopening:
    return reopen_village(by=BUREAU, village=county.village, month=OCTOBER, reason=reason, now=now)


def test_an_open_month_needs_no_key(county: County) -> None:
    with pytest.raises(Conflict, match="2026年10月尚未关账，不需要开锁。"):
        open_again(county)


def test_one_village_opens_for_three_days_and_all_else_stays_shut(county: County) -> None:
    DEEDS[S.CLOSED](county)
    other = factories.make_village(township=county.township)
    with pytest.raises(DomainError, match="请填写开锁事由。"):
        open_again(county, reason="  ")
    opened = open_again(county)
    assert opened.expires_at == NOW + timedelta(days=3) == NOW + REOPENED_FOR
    last = opened.expires_at - timedelta(seconds=1)
    check_open(village=county.village, month=OCTOBER, now=last)
    for village, month, at in (
        (county.village, OCTOBER, opened.expires_at),
        (county.village, OCTOBER.previous(), NOW),
        (other, OCTOBER, NOW),
    ):
        with pytest.raises(Conflict, match="没有开锁"):
            check_open(village=village, month=month, now=at)
    with pytest.raises(Conflict, match="2026年10月已开锁，到11月6日16:00为止。"):
        open_again(county, now=last)
    assert open_again(county, now=opened.expires_at).pk != opened.pk
    entry = AuditEntry.objects.filter(verb="month.reopen").earliest("pk")
    assert (entry.reason, entry.actor_name) == ("漏录一次值班", "局员乙")


def test_the_office_opens_a_village_for_supplements_and_the_bureau_for_more(
    county: County,
) -> None:
    """A16: what was not there at the close is opened by the office, marked, and counted anew."""
    factories.make_log(appointment=county.appointment)
    (known,) = logs()
    DEEDS[S.CLOSED](county)
    asked = {"village": county.village, "month": OCTOBER, "now": NOW}
    opened = reopen_village(by=OFFICE, reason="漏录", supplements_only=True, **asked)
    assert (opened.supplements_only, opened.expires_at - opened.opened_at) == (True, REOPENED_FOR)
    assert AuditEntry.objects.get(verb="month.supplement").reason == "漏录"
    check_open(supplement=True, **asked)
    with pytest.raises(Conflict, match="只开放补录，关账前的记录不能改动"):
        check_open(**asked)
    with pytest.raises(Conflict, match="只开放补录"):
        review_log(by=OFFICE, log=known, to=LogState.REVIEWED, now=NOW)
    late = factories.make_log(
        appointment=county.appointment, day=date(2026, 10, 16), entered_at=timezone.now()
    )
    review_log(by=OFFICE, log=late, to=LogState.REVIEWED, now=NOW)
    with pytest.raises(Conflict, match="已开锁"):
        reopen_village(by=OFFICE, reason="再来", supplements_only=True, **asked)
    reopen_village(by=BUREAU, reason="地点写错", **asked)
    review_log(by=OFFICE, log=known, to=LogState.REVIEWED, now=NOW)
    with pytest.raises(Conflict, match="已开锁"):
        reopen_village(by=BUREAU, reason="再来", **asked)


def test_what_a_revision_has_judged_is_no_supplement_any_more(county: County) -> None:
    DEEDS[S.CLOSED](county)
    late = factories.make_log(
        appointment=county.appointment,
        day=date(2026, 10, 16),
        entered_at=timezone.now(),
        is_supplement=True,
    )
    MonthClose.objects.update(closed_at=NOW)
    reopen_close(bureau=county.bureau, month=OCTOBER, by=BUREAU, reason="补录", today=TODAY)
    asked = {"village": county.village, "month": OCTOBER, "now": NOW}
    reopen_village(by=OFFICE, reason="漏录", supplements_only=True, **asked)
    with pytest.raises(Conflict, match="只开放补录"):
        review_log(by=OFFICE, log=late, to=LogState.RETURNED, now=NOW, reason="时间有误")


def test_records_move_while_the_month_is_reviewed_and_where_it_is_open_again(
    county: County,
) -> None:
    for day in (5, 6, 7, 8):
        factories.make_log(appointment=county.appointment, day=date(2026, 10, day))
    first, second, third, last = logs()
    review_log(by=OFFICE, log=first, to=LogState.REVIEWED, now=NOW)
    assert state_of(county) == S.UNDER_REVIEW
    submit_month(
        by=OFFICE, township=county.township, month=OCTOBER, today=TODAY, unreviewed_too=True
    )
    with pytest.raises(Conflict, match="2026年10月已报送，不能再核验或退回记录；请先撤回报送。"):
        review_log(by=OFFICE, log=second, to=LogState.REVIEWED, now=NOW)
    DEEDS[S.RETURNED](county)
    review_log(by=OFFICE, log=second, to=LogState.RETURNED, now=NOW, reason="时间有误")
    assert state_of(county) == S.RETURNED
    DEEDS[S.CLOSED](county)
    with pytest.raises(Conflict, match="没有开锁"):
        review_log(by=OFFICE, log=third, to=LogState.REVIEWED, now=NOW)
    opened = open_again(county)
    review_log(by=OFFICE, log=third, to=LogState.REVIEWED, now=NOW)
    with pytest.raises(Conflict, match="没有开锁"):
        review_log(by=OFFICE, log=last, to=LogState.REVIEWED, now=opened.expires_at)


def test_the_bulk_passes_over_what_cannot_be_moved_and_names_it(county: County) -> None:
    for day in (5, 6, 7):
        factories.make_log(appointment=county.appointment, day=date(2026, 10, day))
    read = logs()
    review_log(by=OFFICE, log=read[1], to=LogState.RETURNED, now=NOW, reason="时间有误")
    ServiceLog.objects.filter(pk=read[2].pk).update(version=2)
    moved = review_all(by=OFFICE, logs=read, now=NOW, versions={log.pk: 1 for log in read})
    assert moved.done == 1
    assert [(each.log, each.why) for each in moved.skipped] == [
        (read[1], "当前状态为“已退回”，不能改为“已核验”。"),
        (read[2], "这条记录刚被修改过，请刷新后重新查看。"),
    ]
    assert AuditEntry.objects.filter(verb="log.reviewed", actor_name="所长甲").count() == 1


def test_the_first_look_begins_the_review_once(county: County) -> None:
    for _ in range(2):
        check_reviewable(by=OFFICE, village=county.village, month=OCTOBER, now=NOW)
    assert AuditEntry.objects.filter(verb="month.review").count() == 1


# ── the tables refuse what no service writes ────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"month": date(2026, 10, 2)}, "month_desk_first_day"),
        ({"state": "lost"}, "month_desk_state_known"),
        ({"state": S.RETURNED}, "month_desk_return_has_reason"),
        ({"state": S.SUBMITTED}, "month_desk_signed_when_handed_in"),
        ({"state": S.ACCEPTED, "submitted_at": NOW}, "month_desk_signed_when_handed_in"),
    ],
)
def test_a_desk_that_cannot_be(county: County, fields: dict, constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        factories.make_month_desk(township=county.township, **fields)


def test_a_desk_is_once(county: County) -> None:
    factories.make_month_desk(township=county.township)
    with pytest.raises(IntegrityError, match="month_desk_once"), transaction.atomic():
        factories.make_month_desk(township=county.township)


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"month": date(2026, 10, 2)}, "reopening_first_day"),
        ({"reason": " "}, "reopening_has_reason"),
        ({"expires_at": NOW}, "reopening_ends_after_it_starts"),
    ],
)
def test_a_reopening_that_cannot_be(county: County, fields: dict, constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        factories.make_reopening(village=county.village, opened_at=NOW, **fields)
