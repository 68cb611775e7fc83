"""Appointing under the policy in force: caps hard and soft, categories, practice."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from advisors.enums import Category
from advisors.models import Advisor, Appointment
from assessments.appointing import appoint_by_policy
from assessments.facts import Desk
from assessments.quota.rules import Subject
from assessments.quota.verdicts import Status
from assessments.selectors import judge_desk, rules_in_force
from assessments.services import PACKS, adopt_policy
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.periods import Period
from lawadvisor.foundation.viewer import SYSTEM
from tests.factories import (
    make_advisor,
    make_bureau,
    make_organisation,
    make_township,
    make_village,
)
from villages.models import Bureau

ZX = PACKS / "zx.toml"
START = date(2026, 3, 2)
LEAVE = {"reason": "邻村顾问病休", "approved_by": "李四"}


@pytest.fixture
def soft(tmp_path: Path) -> Path:
    """The cap of three as most documents have it: 一般不超过."""
    text = ZX.read_text(encoding="utf-8")
    cap = text.index('key = "ZX-24"')
    path = tmp_path / "soft.toml"
    path.write_text(
        text[:cap] + text[cap:].replace('force = "hard"', 'force = "soft"', 1), encoding="utf-8"
    )
    return path


@pytest.fixture
def practised(tmp_path: Path) -> Path:
    """Two years in practice and junior college, as SH-17 and SH-18 ask."""
    text = ZX.read_text(encoding="utf-8")
    text = text.replace('min_practice_years = "none"', "min_practice_years = 2")
    text = text.replace('min_education = "none"', 'min_education = "junior_college"')
    text = text.replace("volunteer_categories = []", 'volunteer_categories = ["retired_judge"]')
    path = tmp_path / "practised.toml"
    path.write_text(text, encoding="utf-8")
    return path


def bureau_under(pack: Path) -> Bureau:
    bureau = make_bureau()
    adopt_policy(bureau=bureau, pack_path=pack, by=SYSTEM)
    return bureau


def appointed(bureau: Bureau, advisor: Advisor, **more: object) -> Appointment:
    village = make_village(township=make_township(bureau=bureau))
    return appoint_by_policy(
        by=SYSTEM, advisor=advisor, village=village, **{"start": START, "end": None, **more}
    )


def advisor_of(bureau: Bureau, **fields: object) -> Advisor:
    return make_advisor(organisation=make_organisation(bureau=bureau), **fields)


def test_zx_the_fourth_village_of_a_lawyer_is_refused_whatever_the_reason(db: None) -> None:
    bureau = bureau_under(ZX)
    lawyer = advisor_of(bureau)
    for _ in range(3):
        appointed(bureau, lawyer)
    with pytest.raises(DomainError, match="最多担任3个"):
        appointed(bureau, lawyer)
    with pytest.raises(DomainError, match="没有可批准的例外"):
        appointed(bureau, lawyer, **LEAVE)


def test_zx_a_retired_cadre_is_not_bound(db: None) -> None:
    bureau = bureau_under(ZX)
    cadre = advisor_of(bureau, category=Category.RETIRED_CADRE, licence_no="")
    assert [appointed(bureau, cadre).slot_limit for _ in range(4)] == [None] * 4


def test_a_soft_cap_wants_reason_and_approver(db: None, soft: Path) -> None:
    bureau = bureau_under(soft)
    lawyer = advisor_of(bureau)
    for _ in range(3):
        appointed(bureau, lawyer)
    with pytest.raises(DomainError, match="最多担任3个"):
        appointed(bureau, lawyer)
    for half in ({"reason": "病休"}, {"approved_by": "李四"}):
        with pytest.raises(DomainError, match="须同时写明事由和批准人"):
            appointed(bureau, lawyer, **half)
    fourth = appointed(bureau, lawyer, **LEAVE)
    assert fourth.cap_exception == "邻村顾问病休（批准人：李四）"


def test_who_is_of_no_allowed_category_is_refused(db: None) -> None:
    bureau = bureau_under(ZX)
    notary = advisor_of(bureau, category=Category.NOTARY, licence_no="")
    with pytest.raises(DomainError, match="公证人员不能担任法律顾问"):
        appointed(bureau, notary)
    assert not Appointment.objects.exists()


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"practice_start": date(2024, 3, 3)}, "最早可从2026-03-03起受聘"),
        ({"practice_start": None}, "请先填写开始执业日期"),
        ({"education": ""}, "请先填写学历"),
    ],
)
def test_practice_and_education_are_asked_where_the_policy_asks(
    db: None, practised: Path, fields: dict[str, object], says: str
) -> None:
    bureau = bureau_under(practised)
    right = {"practice_start": date(2024, 3, 2), "education": "junior_college"}
    appointed(bureau, advisor_of(bureau, **right))
    with pytest.raises(DomainError, match=says):
        appointed(bureau, advisor_of(bureau, **{**right, **fields}))


def test_a_volunteer_is_bound_by_neither_cap_nor_practice(db: None, practised: Path) -> None:
    bureau = bureau_under(practised)
    judge = advisor_of(bureau, category=Category.RETIRED_JUDGE, licence_no="", is_volunteer=True)
    assert [appointed(bureau, judge).slot_limit for _ in range(4)] == [None] * 4
    volunteer = advisor_of(bureau, is_volunteer=True)
    with pytest.raises(DomainError, match="律师不能担任志愿者"):
        appointed(bureau, volunteer)


def test_without_a_policy_nobody_is_appointed(db: None) -> None:
    bureau = make_bureau()
    with pytest.raises(DomainError, match="请先采用政策"):
        appointed(bureau, advisor_of(bureau))


def test_a_cap_that_shrinks_keeps_and_flags_what_stands_and_lets_no_new_one_in(
    db: None, tmp_path: Path
) -> None:
    bureau = bureau_under(ZX)
    lawyer = advisor_of(bureau)
    held = [appointed(bureau, lawyer) for _ in range(3)]
    text = ZX.read_text(encoding="utf-8")
    cap = text.index('key = "ZX-24"')
    smaller = tmp_path / "smaller.toml"
    smaller.write_text(
        text[:cap] + text[cap:].replace("target = 3", "target = 2", 1), encoding="utf-8"
    )
    adopt_policy(bureau=bureau, pack_path=smaller, by=SYSTEM, effective_from=date(2026, 10, 1))

    with pytest.raises(DomainError, match="最多担任2个"):
        appointed(bureau, lawyer, start=date(2026, 10, 5))
    assert set(Appointment.objects.all()) == set(held)
    month = Period.month(2026, 10)
    rules = rules_in_force(bureau.pk, month)
    judged = judge_desk(Desk(bureau.pk), rules, month, month.end, {Subject.ADVISOR})
    (flagged,) = [verdict for verdict in judged if verdict.rule == "ZX-24"]
    assert (flagged.status, flagged.actual, flagged.required) == (Status.NOT_MET, 3, 2)
    before = Period.month(2026, 9)
    kept = rules_in_force(bureau.pk, before)
    judged = judge_desk(Desk(bureau.pk), kept, before, before.end, {Subject.ADVISOR})
    assert [v.status for v in judged if v.rule == "ZX-24"] == [Status.MET]
