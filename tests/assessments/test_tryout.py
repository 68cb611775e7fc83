"""A draft tried on real months: it agrees with closing them, and writes nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessments.closing import judge_into
from assessments.enums import VerdictStatus
from assessments.facts import Desk
from assessments.models import MonthClose, Policy
from assessments.quota.packs import Pack, load_pack
from assessments.quota.rules import Rule, Subject
from assessments.quota.writing import pack_to_toml
from assessments.services import PACKS, adopt_policy
from assessments.tryout import Trial, above_the_cap, try_draft
from lawadvisor.foundation.periods import Period, PeriodKind
from lawadvisor.foundation.viewer import SYSTEM
from tests.conftest import County
from tests.factories import (
    make_appointment,
    make_close,
    make_filing,
    make_log,
    make_matter,
    make_village,
)

ZX = PACKS / "zx.toml"
SEPTEMBER, OCTOBER = Period.month(2026, 9), Period.month(2026, 10)
WRITES = re.compile(
    r"\s*(INSERT|UPDATE|DELETE|COPY|TRUNCATE|LOCK|SELECT pg_advisory)", re.IGNORECASE
)


@pytest.fixture
def busy(county: County) -> County:
    """Two visits in October, one of them short of five hours; one visit in September."""
    adopt_policy(bureau=county.bureau, pack_path=ZX, by=SYSTEM)
    make_log(appointment=county.appointment, day=date(2026, 10, 9), end="14:00")
    make_log(appointment=county.appointment, day=date(2026, 10, 16))
    make_log(appointment=county.appointment, day=date(2026, 9, 9))
    return county


def drafted(change: tuple[str, str] = ("", ""), path: Path = ZX) -> Pack:
    """The shipped policy with one text changed, as a draft for next year."""
    text = (
        path.read_text(encoding="utf-8").replace(*change, 1)
        if change[0]
        else path.read_text(encoding="utf-8")
    )
    return replace(load_pack(text), effective_from=date(2027, 1, 1))


def with_rule(key: str, change: Callable[[Rule], Rule]) -> Pack:
    pack = drafted()
    return replace(pack, rules=tuple(change(r) if r.key == key else r for r in pack.rules))


def tried(county: County, pack: Pack, *months: Period) -> Trial:
    return try_draft(bureau=county.bureau, pack=pack, months=months or (OCTOBER,))


def counts(trial: Trial, key: str) -> list[tuple[int | None, int | None]]:
    (row,) = [row for row in trial.rows if row[0] == key]
    return [(count.before, count.after) for count in row[2]]


def test_the_same_policy_changes_nothing(busy: County) -> None:
    trial = tried(busy, drafted(), SEPTEMBER, OCTOBER)
    assert trial.is_equal
    assert counts(trial, "ZX-34") == [(4, 4), (2, 2)]


def test_five_hours_instead_of_four_and_who_would_have_failed(busy: County) -> None:
    trial = tried(busy, drafted(("min_minutes = 240", "min_minutes = 300")), SEPTEMBER, OCTOBER)
    assert counts(trial, "ZX-34") == [(4, 4), (2, 4)]
    assert [(c.month, c.rule, c.before, c.after) for c in trial.worse] == [
        (OCTOBER, "ZX-34", VerdictStatus.MET, VerdictStatus.NOT_MET)
    ] * 2
    names = {change.subject for change in trial.worse}
    place, advisor = busy.village.short_name, busy.advisor.name
    assert names == {f"{place} {advisor}", place}
    words = trial.worse[0].words_after
    assert words is not None
    assert words.refused == ("2026年10月16日09:00至13:00：4小时，未满5小时，差1小时，不计入。",)
    assert trial.better == ()


def test_the_sentences_keep_the_days_of_the_draft(busy: County) -> None:
    trial = tried(busy, drafted(("min_minutes = 240", "min_minutes = 300")))
    words = trial.worse[0].words_after
    assert words is not None
    assert [said for said in words.readings if "起适用" in said] == [
        "自2021年1月1日起适用，每期以第一天为准。"
    ]


def short_of(policy: Policy, revision: int) -> Counter[str]:
    """How many fall short by rule when October is closed under a policy."""
    close: MonthClose = make_close(
        policy=policy,
        revision=revision,
        reason="" if revision == 1 else "核对",
        closed_at=datetime(2026, 11, 5, tzinfo=UTC),
    )
    judge_into(close, Desk(policy.bureau_id), Subject)
    short = close.verdicts.filter(status__in=("not_met", "notice"))
    return Counter(short.values_list("rule__key", flat=True))


def test_a_trial_agrees_with_closing_the_month_under_each_policy(busy: County) -> None:
    """The draft is tried before it is adopted, and then the month is really judged by it."""
    make_log(appointment=busy.sibling_appointment, day=date(2026, 10, 12))
    make_filing(village=busy.village, advisor=busy.advisor)
    pack = load_pack(ZX.read_text(encoding="utf-8").replace("target = 2", "target = 1", 1))
    trial = tried(busy, pack)
    before = short_of(Policy.objects.get(bureau=busy.bureau), 1)
    later = {"bureau": busy.bureau, "effective_from": date(2026, 10, 1), "by": SYSTEM}
    after = short_of(adopt_policy(text=pack_to_toml(pack), **later), 2)
    assert before["ZX-34"] > after["ZX-34"]
    for key, _, (count,) in trial.rows:
        later_side = after if key == "ZX-34" else before  # the others began under the first
        assert (count.before or 0, count.after or 0) == (before[key], later_side[key]), key


def test_another_period_is_another_matter(busy: County) -> None:
    """October and the fourth quarter begin on the same day."""
    quarterly = with_rule("ZX-34", lambda rule: replace(rule, period=PeriodKind.QUARTER))
    trial = tried(busy, quarterly)
    assert trial.is_equal
    assert [row[2][0].judged for row in trial.rows if row[0] == "ZX-34"] == [4]


def test_a_rule_that_ends_before_the_draft_begins_is_not_tried(busy: County) -> None:
    ended = with_rule(
        "ZX-34", lambda rule: replace(rule, applies=replace(rule.applies, until=date(2026, 12, 1)))
    )
    assert counts(tried(busy, ended), "ZX-34") == [(2, None)]


def test_one_visit_instead_of_two_and_who_would_have_done_it(busy: County) -> None:
    trial = tried(busy, drafted(("target = 2", "target = 1")), SEPTEMBER)
    assert [change.rule for change in trial.better] == ["ZX-34"] * 2
    assert counts(trial, "ZX-34") == [(4, 2)]


def test_another_policy_has_rules_of_its_own(busy: County) -> None:
    trial = tried(busy, drafted(path=PACKS / "cz.toml"))
    assert counts(trial, "ZX-34") == [(2, None)]
    assert counts(trial, "CZ-39") == [(None, 2)]
    assert trial.is_equal  # no rule stands on both sides


def test_what_was_in_force_then_is_what_it_is_compared_with(busy: County) -> None:
    """Each month by the version of its time (A47)."""
    text = ZX.read_text(encoding="utf-8").replace("target = 2", "target = 1", 1)
    adopt_policy(bureau=busy.bureau, text=text, by=SYSTEM, effective_from=date(2026, 10, 1))
    trial = tried(busy, drafted(("target = 2", "target = 1")), SEPTEMBER, OCTOBER)
    assert {change.month for change in trial.better} == {SEPTEMBER}


def test_trying_writes_nothing(busy: County) -> None:
    pack = drafted(("min_minutes = 240", "min_minutes = 300"))
    with CaptureQueriesContext(connection) as ran:
        tried(busy, pack, SEPTEMBER, OCTOBER)
        above_the_cap(bureau=busy.bureau, pack=pack, on=date(2027, 1, 1))
    assert [query["sql"] for query in ran if WRITES.match(query["sql"])] == []


def test_the_number_of_queries_grows_with_the_months_alone(busy: County) -> None:
    pack = drafted(("min_minutes = 240", "min_minutes = 300"))
    make_matter(log=make_log(appointment=busy.appointment, day=date(2026, 10, 20)), kind="lecture")

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            tried(busy, pack)
        return len(queries)

    before = asked()
    for _ in range(10):
        appointment = make_appointment(village=make_village(township=busy.township))
        make_log(appointment=appointment, day=date(2026, 10, 9))
        make_log(appointment=appointment, day=date(2026, 10, 16))
    assert asked() == before


def test_whom_a_smaller_cap_would_put_above_it(busy: County) -> None:
    for _ in range(2):
        make_appointment(advisor=busy.advisor, village=make_village(township=busy.township))
    smaller = drafted(("target = 3", "target = 2"))
    on = date(2027, 1, 1)
    assert above_the_cap(bureau=busy.bureau, pack=smaller, on=on) == [
        f"{busy.advisor.name}（3个村）"
    ]
    assert above_the_cap(bureau=busy.bureau, pack=drafted(), on=on) == []


def test_whom_a_first_cap_would_put_above_it(busy: County) -> None:
    uncapped = tuple(rule for rule in drafted().rules if not rule.key.startswith("ZX-24"))
    text = pack_to_toml(replace(drafted(), rules=uncapped))
    adopt_policy(bureau=busy.bureau, text=text, by=SYSTEM, effective_from=date(2027, 1, 1))
    make_appointment(advisor=busy.advisor, village=make_village(township=busy.township))
    first = with_rule("ZX-24", lambda rule: replace(rule, target=1))
    assert above_the_cap(bureau=busy.bureau, pack=first, on=date(2027, 1, 1)) == [
        f"{busy.advisor.name}（2个村）"
    ]


def test_what_only_informs_is_no_cap(busy: County) -> None:
    busy.advisor.category = "bureau_staff"
    busy.advisor.save()
    make_appointment(advisor=busy.advisor, village=make_village(township=busy.township))
    informing = with_rule("ZX-24-others", lambda rule: replace(rule, target=1))
    assert above_the_cap(bureau=busy.bureau, pack=informing, on=date(2027, 1, 1)) == []


def test_who_is_above_todays_cap_is_not_put_there_by_the_draft(busy: County) -> None:
    make_appointment(advisor=busy.advisor, village=make_village(township=busy.township))
    lower = pack_to_toml(with_rule("ZX-24", lambda rule: replace(rule, target=1)))
    adopt_policy(bureau=busy.bureau, text=lower, by=SYSTEM, effective_from=date(2027, 1, 1))
    again = with_rule("ZX-24", lambda rule: replace(rule, target=1))
    assert above_the_cap(bureau=busy.bureau, pack=again, on=date(2027, 1, 1)) == []
