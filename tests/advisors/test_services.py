"""The cap and the pair, as clerks meet them: alone and two at the same moment."""

import threading
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection, connections
from hypothesis import given
from hypothesis import strategies as st

from advisors.enums import AppointmentStatus, Category
from advisors.models import Absence, Advisor, Appointment
from advisors.rules import Term, check_cap, check_education, check_practice, number_slots
from advisors.services import appoint, end_appointment, record_absence, suspend_appointment
from lawadvisor.foundation.errors import Conflict, DomainError
from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.viewer import Actor
from tests.factories import make_advisor, make_bureau, make_township, make_village

CLERK = Actor(user_id=7, name="王科员", address="10.0.0.7")
START, END = date(2026, 1, 1), date(2027, 1, 1)


def appoint_to(advisor: Advisor, *, limit: int | None = 3, **fields: object) -> Appointment:
    village = fields.pop("village", None) or make_village()
    return appoint(
        by=CLERK,
        advisor=advisor,
        village=village,
        limit=limit,
        **{"start": START, "end": END, **fields},
    )


def test_fourth_village_overlapping_by_one_day_is_refused_with_the_three_names(db: None) -> None:
    advisor = make_advisor()
    town = make_township()
    first, *others = (make_village(township=town) for _ in range(4))
    names = [appoint_to(advisor, village=village).village.name for village in others]
    with pytest.raises(DomainError) as refusal:
        appoint_to(advisor, village=first, start=END - timedelta(days=1), end=date(2027, 6, 1))
    assert str(refusal.value) == (
        f"每人最多担任3个村（社区）的法律顾问，2026-12-31起已担任3个：{'、'.join(names)}。"
    )
    assert refusal.value.field == "advisor"
    assert advisor.appointments.count() == 3


def test_a_term_that_starts_when_another_has_ended_is_accepted(db: None) -> None:
    advisor = make_advisor()
    for _ in range(3):
        appoint_to(advisor)
    assert appoint_to(advisor, start=END, end=None).slot == 1


def test_without_a_limit_the_fourth_is_saved(db: None) -> None:
    advisor = make_advisor(category=Category.RETIRED_CADRE, licence_no="")
    slots = [appoint_to(advisor, limit=None).slot for _ in range(4)]
    assert slots == [1, 2, 3, 4]


def test_an_approved_exception_is_saved_with_its_reason(db: None) -> None:
    advisor = make_advisor()
    for _ in range(3):
        appoint_to(advisor)
    fourth = appoint_to(advisor, exception="偏远村无人可派，李局长批准")
    assert (fourth.slot, fourth.slot_limit) == (4, 3)
    assert AuditEntry.objects.first().reason == "偏远村无人可派，李局长批准"


@pytest.mark.parametrize("blank", [" ", "\u3000", "\t\n"])
def test_a_blank_exception_is_none(db: None, blank: str) -> None:
    advisor = make_advisor()
    for _ in range(3):
        appoint_to(advisor)
    with pytest.raises(DomainError, match="每人最多担任3个"):
        appoint_to(advisor, exception=blank)
    assert appoint_to(make_advisor(), exception=blank).cap_exception == ""


def test_a_reason_longer_than_its_column_is_refused_in_words(db: None) -> None:
    with pytest.raises(DomainError, match="事由最多200个字，现有201个。"):
        appoint_to(make_advisor(), exception="长" * 201)
    appointment = appoint_to(make_advisor())
    with pytest.raises(DomainError, match="事由最多200个字，现有201个。"):
        end_appointment(by=CLERK, appointment=appointment, on=END, reason="长" * 201)


def test_villages_of_another_bureau_are_counted_and_not_named(db: None) -> None:
    advisor, here = make_advisor(), make_township()
    there = make_township(bureau=make_bureau(name="交城县司法局"))
    appoint_to(advisor, village=make_village(township=here, name="红湖社区居委会"))
    for _ in range(2):
        appoint_to(advisor, village=make_village(township=there))
    with pytest.raises(DomainError) as refusal:
        appoint_to(advisor, village=make_village(township=make_township(bureau=here.bureau)))
    assert str(refusal.value).endswith(
        "已担任3个：红湖社区居委会、交城县司法局所辖村（社区）、交城县司法局所辖村（社区）。"
    )


def test_the_same_pair_overlapping_is_refused_in_words(db: None) -> None:
    advisor, village = make_advisor(), make_village(name="红湖社区居委会")
    appoint_to(advisor, village=village)
    with pytest.raises(DomainError, match="该顾问在此任期内已受聘于红湖社区居委会。"):
        appoint_to(advisor, village=village, start=date(2026, 12, 31), end=None)


def test_an_earlier_term_makes_room_by_renumbering(db: None) -> None:
    """First come would give slot 4 to the fourth term though no day has more than three."""
    advisor = make_advisor()
    appoint_to(advisor, start=date(2026, 7, 1), end=None)
    appoint_to(advisor, start=date(2026, 7, 1), end=None)
    appoint_to(advisor, start=date(2026, 1, 1), end=date(2026, 4, 1))
    appoint_to(advisor, start=date(2026, 3, 1), end=date(2026, 9, 1))
    connection.check_constraints()
    held = advisor.appointments.order_by("term")
    assert [a.slot for a in held] == [1, 2, 1, 3]


LATE_STARTS = [date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)]


@pytest.mark.parametrize("why", [{"exception": "偏远村无人可派，李局长批准"}, {"limit": None}])
def test_what_no_cap_binds_takes_the_slot_that_the_bound_ones_leave(
    db: None, why: dict[str, object]
) -> None:
    """It starts first, yet slot 4 is its own: the three others have no reason to exceed 3."""
    advisor = make_advisor()
    bound = [appoint_to(advisor, start=start) for start in LATE_STARTS]
    fourth = appoint_to(advisor, start=START, **why)
    connection.check_constraints()
    assert fourth.slot == 4
    assert set(advisor.appointments.exclude(pk=fourth.pk).values_list("slot", flat=True)) == {
        1,
        2,
        3,
    }
    assert all(
        row.slot_limit == 3 for row in advisor.appointments.filter(pk__in=[b.pk for b in bound])
    )


def test_lawful_terms_under_crossing_caps_are_not_refused(db: None) -> None:
    """Two bureaus, caps 1 and 2: no day is too full, and yet no numbering keeps to both caps."""
    advisor = make_advisor()
    first, second, third = (START + timedelta(days=30 * n) for n in (1, 2, 3))
    appoint_to(advisor, limit=1, start=START, end=first)
    appoint_to(advisor, limit=1, start=second, end=third)
    appoint_to(advisor, limit=2, start=START, end=second)
    appoint_to(advisor, limit=2, start=first, end=third)
    connection.check_constraints()
    rows = advisor.appointments.order_by("pk").values_list("slot", "slot_limit")
    assert list(rows) == [(1, 1), (2, 2), (2, 2), (1, 2)]


def test_an_empty_term_is_refused(db: None) -> None:
    with pytest.raises(DomainError, match="任期止日应在起始日之后。"):
        appoint_to(make_advisor(), start=END, end=END)


@pytest.mark.parametrize(
    ("start", "end", "field", "sentence"),
    [
        (date(1, 1, 1), None, "start", "日期0001-01-01有误，应在2010-01-01至2099-12-31之间。"),
        (date(2009, 12, 31), END, "start", "日期2009-12-31有误，应在2010-01-01至2099-12-31之间。"),
        (date(9999, 1, 1), None, "start", "日期9999-01-01有误，应在2010-01-01至2099-12-31之间。"),
        (START, date(2206, 1, 1), "end", "日期2206-01-01有误，应在2010-01-01至2099-12-31之间。"),
        (START, date(2046, 1, 2), "end", "任期最长20年，2026-01-01至2046-01-02过长。"),
        (date(2028, 2, 29), date(2048, 3, 1), "end", "任期最长20年，2028-02-29至2048-03-01过长。"),
    ],
)
def test_a_term_beyond_belief_is_refused(
    db: None, start: date, end: date | None, field: str, sentence: str
) -> None:
    advisor = make_advisor()
    with pytest.raises(DomainError) as refusal:
        appoint_to(advisor, start=start, end=end)
    assert (refusal.value.field, str(refusal.value)) == (field, sentence)
    assert not advisor.appointments.exists()


@pytest.mark.parametrize(
    ("start", "end"),
    [(date(2010, 1, 1), date(2030, 1, 1)), (date(2028, 2, 29), date(2048, 2, 29)), (START, None)],
)
def test_twenty_years_and_open_terms_are_accepted(db: None, start: date, end: date | None) -> None:
    assert appoint_to(make_advisor(), start=start, end=end).ends_before == end


def test_an_open_term_may_end_after_more_than_twenty_years_but_not_in_any_year(db: None) -> None:
    appointment = appoint_to(make_advisor(), start=date(2010, 1, 1), end=None)
    with pytest.raises(DomainError, match="日期9999-01-01有误"):
        end_appointment(by=CLERK, appointment=appointment, on=date(9999, 1, 1), reason="退休")
    ended = end_appointment(by=CLERK, appointment=appointment, on=date(2031, 1, 1), reason="退休")
    assert ended.ends_before == date(2031, 1, 1)


def test_every_write_leaves_its_audit_row(db: None) -> None:
    appointment = appoint_to(make_advisor())
    end_appointment(by=CLERK, appointment=appointment, on=date(2026, 7, 1), reason="调离")
    opened, ended = AuditEntry.objects.order_by("id")
    assert (opened.verb, opened.actor_name, opened.address) == (
        "appointment.open",
        "王科员",
        "10.0.0.7",
    )
    assert (ended.before["end"], ended.after["end"]) == ("2027-01-01", "2026-07-01")
    assert ended.bureau_id == appointment.village.township.bureau_id


def test_ending_frees_the_cap_and_suspension_does_not(db: None) -> None:
    advisor = make_advisor()
    first, second, _ = (appoint_to(advisor) for _ in range(3))
    suspend_appointment(by=CLERK, appointment=first, on=date(2026, 6, 1), reason="病假")
    with pytest.raises(DomainError):
        appoint_to(advisor, start=date(2026, 7, 1))
    end_appointment(by=CLERK, appointment=second, on=date(2026, 7, 1), reason="辞去")
    assert appoint_to(advisor, start=date(2026, 7, 1)).slot_limit == 3


def test_what_has_ended_cannot_end_again(db: None) -> None:
    appointment = appoint_to(make_advisor())
    end_appointment(by=CLERK, appointment=appointment, on=date(2026, 7, 1), reason="调离")
    with pytest.raises(Conflict, match="当前状态为“已结束”，不能改为“已结束”。"):
        end_appointment(by=CLERK, appointment=appointment, on=date(2026, 6, 1), reason="调离")


@pytest.mark.parametrize("day", [date(2026, 1, 1), date(2027, 1, 2)])
def test_ending_outside_the_term_is_refused(db: None, day: date) -> None:
    appointment = appoint_to(make_advisor())
    with pytest.raises(DomainError, match="结束日期应在任期之内。"):
        end_appointment(by=CLERK, appointment=appointment, on=day, reason="调离")
    appointment.refresh_from_db()
    assert appointment.status == AppointmentStatus.ACTIVE


def at_once(count: int, work: Callable[[int], None]) -> list[BaseException | None]:
    """Run ``work(0…count-1)`` in as many threads with their own connections, together."""
    gate = threading.Barrier(count)
    outcomes: list[BaseException | None] = [None] * count

    def run(index: int) -> None:
        gate.wait()
        try:
            work(index)
        except DomainError as refusal:
            outcomes[index] = refusal
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.parametrize("clerks", [2, 16])
def test_clerks_adding_the_third_village_at_one_moment_exactly_one_succeeds(
    transactional_db: None, clerks: int
) -> None:
    advisor = make_advisor()
    for _ in range(2):
        appoint_to(advisor)
    villages = [make_village() for _ in range(clerks)]
    outcomes = at_once(clerks, lambda i: appoint_to(advisor, village=villages[i]))
    assert [type(outcome) for outcome in outcomes if outcome] == [DomainError] * (clerks - 1)
    assert sorted(advisor.appointments.values_list("slot", flat=True)) == [1, 2, 3]


def test_the_race_is_lost_without_the_lock(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: without the lock the check lets both through, and only the constraint stands."""
    from django.db import IntegrityError, OperationalError

    advisor = make_advisor()
    for _ in range(2):
        appoint_to(advisor)
    villages = [make_village() for _ in range(2)]
    checked = threading.Barrier(2)
    monkeypatch.setattr("advisors.services.hold", lambda *_: None)
    original = number_slots

    def both_have_checked(*rows: list[object]) -> list[int]:
        checked.wait(timeout=10)
        return original(*rows)

    monkeypatch.setattr("advisors.services.number_slots", both_have_checked)
    clashes: list[int] = []

    def work(index: int) -> None:
        try:
            appoint_to(advisor, village=villages[index])
        except (IntegrityError, OperationalError):
            # the loser is refused, or the victim of two inserts that wait for each other
            clashes.append(index)

    assert at_once(2, work) == [None, None]
    assert len(clashes) == 1
    assert sorted(advisor.appointments.values_list("slot", flat=True)) == [1, 2, 3]


DAYS = st.integers(0, 60).map(lambda n: START + timedelta(days=n))
TERMS = st.lists(
    st.builds(lambda a, n: Term(a, a + timedelta(days=n)), DAYS, st.integers(1, 40)), max_size=12
)


@given(TERMS)
def test_slots_never_collide_and_never_exceed_the_days_load(terms: list[Term]) -> None:
    slots = number_slots(terms)
    days = [START + timedelta(days=n) for n in range(101)]
    for day in days:
        running = [slots[i] for i, t in enumerate(terms) if t.start <= day < t.end]
        assert len(set(running)) == len(running)
    for term, slot in zip(terms, slots, strict=True):
        assert slot <= sum(t.start <= term.start < t.end for t in terms)


def accepted(wishes: list[tuple[Term, int | None, bool]]) -> list[tuple[Term, int | None]]:
    """What stands after each wish was asked for in turn: the terms, and the cap that binds each."""
    held: list[tuple[Term, int | None]] = []
    for term, limit, exception in wishes:
        cap = None if exception else limit
        try:
            if cap is not None:
                check_cap(cap, [t for t, _ in held], ["村"] * len(held), term)
        except DomainError:
            continue
        held.append((term, cap))
    return held


def wishes(limits: list[int | None]) -> st.SearchStrategy[list[tuple[Term, int | None, bool]]]:
    one = st.builds(lambda a, n: Term(a, a + timedelta(days=n)), DAYS, st.integers(1, 40))
    exceptional = st.sampled_from([False, False, False, True])
    return st.lists(st.tuples(one, st.sampled_from(limits), exceptional), max_size=14)


def collisions(terms: list[Term], slots: list[int]) -> list[tuple[Term, Term]]:
    """What ``appointment_slot_once`` refuses."""
    rows = list(zip(terms, slots, strict=True))
    return [
        (one, other)
        for index, (one, slot) in enumerate(rows)
        for other, taken in rows[:index]
        if slot == taken and one.start < other.end and other.start < one.end
    ]


@given(wishes([3, 3, None]))
def test_whoever_was_accepted_under_one_cap_has_a_slot_within_it(
    asked: list[tuple[Term, int | None, bool]],
) -> None:
    terms, caps = zip(*accepted(asked), strict=True) if accepted(asked) else ((), ())
    slots = number_slots(terms, caps)
    assert collisions(terms, slots) == []
    assert all(cap is None or slot <= cap for slot, cap in zip(slots, caps, strict=True))


@given(wishes([1, 2, 3, 5, None]))
def test_whoever_was_accepted_under_several_caps_has_a_slot_within_the_widest(
    asked: list[tuple[Term, int | None, bool]],
) -> None:
    terms, caps = zip(*accepted(asked), strict=True) if accepted(asked) else ((), ())
    slots = number_slots(terms, caps)
    widest = max((cap for cap in caps if cap is not None), default=0)
    assert collisions(terms, slots) == []
    assert all(cap is None or slot <= widest for slot, cap in zip(slots, caps, strict=True))


@given(TERMS, st.integers(1, 4))
def test_the_check_refuses_exactly_when_some_day_is_full(terms: list[Term], limit: int) -> None:
    new = Term(START + timedelta(days=20), START + timedelta(days=50))
    names = [str(i) for i in range(len(terms))]
    days = [new.start + timedelta(days=n) for n in range(30)]
    full = any(sum(t.start <= day < t.end for t in terms) >= limit for day in days)
    try:
        check_cap(limit, terms, names, new)
    except DomainError:
        assert full
    else:
        assert not full


# ── who may be appointed ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("start", "earliest"),
    [
        (date(2026, 3, 1), "2026-03-02"),  # SH, 2b: one day short
        (date(2026, 3, 2), ""),
    ],
)
def test_two_years_in_practice_are_two_calendar_years(start: date, earliest: str) -> None:
    practised_since = date(2024, 3, 2)
    if not earliest:
        check_practice(practised_since, start, 2)
        return
    with pytest.raises(DomainError, match=f"最早可从{earliest}起受聘") as refusal:
        check_practice(practised_since, start, 2)
    assert refusal.value.field == "start"


def test_practice_from_a_leap_day_is_full_on_the_first_of_march() -> None:
    check_practice(date(2024, 2, 29), date(2026, 3, 1), 2)
    with pytest.raises(DomainError, match="2026-03-01"):
        check_practice(date(2024, 2, 29), date(2026, 2, 28), 2)


def test_practice_that_nobody_wrote_down_is_asked_for() -> None:
    with pytest.raises(DomainError, match="请先填写开始执业日期"):
        check_practice(None, START, 2)


@pytest.mark.parametrize("education", ["junior_college", "bachelor", "master"])
def test_education_from_the_least_on(education: str) -> None:
    check_education(education, "junior_college")


@pytest.mark.parametrize(
    ("education", "says"), [("", "请先填写学历"), ("junior_college", "须有本科以上学历，现为大专")]
)
def test_less_education_is_refused(education: str, says: str) -> None:
    with pytest.raises(DomainError, match=says):
        check_education(education, "bachelor")


# ── absences ────────────────────────────────────────────────────────────────────────────────────

AWAY = {
    "start": date(2026, 5, 4),
    "end": date(2026, 5, 11),
    "reason": "病假",
    "approved_by": "李四",
}


def test_an_absence_is_written_with_who_approved_it(db: None) -> None:
    appointment = appoint_to(make_advisor())
    stand_in = make_advisor()
    absence = record_absence(by=CLERK, appointment=appointment, substitute=stand_in, **AWAY)
    assert (absence.days.lower, absence.days.upper) == (date(2026, 5, 4), date(2026, 5, 11))
    entry = AuditEntry.objects.get(verb="absence.record")
    assert (entry.reason, entry.after["approved_by"]) == ("病假", "李四")
    assert entry.after["substitute"] == stand_in.name
    record_absence(  # the next day begins where it ended
        by=CLERK,
        appointment=appointment,
        **{**AWAY, "start": AWAY["end"], "end": date(2026, 5, 12)},
    )


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"end": date(2026, 5, 4)}, "止日应在起始日之后"),
        ({"start": date(2025, 12, 31)}, "应在任期之内"),
        ({"end": date(2027, 1, 2)}, "应在任期之内"),
        ({"reason": " "}, "请写明请假事由和批准人"),
        ({"approved_by": ""}, "请写明请假事由和批准人"),
        ({"start": date(2026, 5, 10), "end": date(2026, 5, 20)}, "已有请假记录"),
    ],
)
def test_an_absence_that_cannot_be_is_refused(
    db: None, wrong: dict[str, object], says: str
) -> None:
    appointment = appoint_to(make_advisor())
    record_absence(by=CLERK, appointment=appointment, **AWAY)
    with pytest.raises(DomainError, match=says):
        record_absence(
            by=CLERK,
            appointment=appointment,
            **{**AWAY, "start": date(2026, 6, 1), "end": date(2026, 6, 2), **wrong},
        )
    assert Absence.objects.count() == 1


def test_nobody_stands_in_for_himself(db: None) -> None:
    appointment = appoint_to(make_advisor())
    with pytest.raises(DomainError, match="不能是请假人本人"):
        record_absence(by=CLERK, appointment=appointment, substitute=appointment.advisor, **AWAY)
