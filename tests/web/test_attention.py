"""What the bureau has to look at: coverage, caps, shares, and the daily check of the month."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.urls import reverse

from advisors.enums import AppointmentStatus, Category
from assessments import daily
from assessments.attention import shortfall
from assessments.models import Policy, Rule
from assessments.quota.packs import load_pack
from assessments.services import PACKS, adopt_policy
from lawadvisor.foundation import jobs
from lawadvisor.foundation.periods import Period
from lawadvisor.foundation.viewer import SYSTEM
from tests import factories
from tests.conftest import County
from tests.factories import OCTOBER
from tests.web.conftest import Closed, signed_in

NOVEMBER = OCTOBER.next()
PACK = load_pack(PACKS / "zx.toml")


def _bureau_page(county: County, month: Period = OCTOBER) -> str:
    address = reverse("bureau-month", args=(county.bureau.code, month))
    return signed_in(county.bureau_user).get(address).content.decode()


def _township_page(county: County, month: Period = OCTOBER) -> str:
    address = reverse("township-month", args=(county.township.code, month))
    return signed_in(county.bureau_user).get(address).content.decode()


# ---------------------------------------------------------------- who is covered


def _left(county: County) -> None:
    county.appointment.term = factories.term(end=date(2026, 10, 31))
    county.appointment.status = AppointmentStatus.ENDED
    county.appointment.save()


def _suspended(county: County) -> None:
    county.appointment.suspended_from = date(2026, 10, 31)
    county.appointment.status = AppointmentStatus.SUSPENDED
    county.appointment.save()


@pytest.mark.parametrize("away", [_left, _suspended])
def test_both_desks_count_the_uncovered_by_the_last_day(
    november: None, county: County, away: object
) -> None:
    assert "没有法律顾问" not in _bureau_page(county)
    away(county)
    assert "1个村（社区）没有法律顾问。" in _bureau_page(county)
    assert "应服务1个村（社区），已配备法律顾问0个。" in _township_page(county)


def test_both_desks_count_only_whom_the_policy_allows(november: None, county: County) -> None:
    """As ZX-04 does (A24): a notary is none of the four categories."""
    adopt_policy(bureau=county.bureau, pack_path=PACKS / "zx.toml", by=SYSTEM)
    assert "没有法律顾问" not in _bureau_page(county)
    county.advisor.category = Category.NOTARY
    county.advisor.save()
    assert "1个村（社区）没有法律顾问。" in _bureau_page(county)
    assert "已配备法律顾问0个" in _township_page(county)


@pytest.mark.parametrize("away", [_left, _suspended])
def test_who_leaves_after_the_month_has_served_it(
    november: None, county: County, away: object
) -> None:
    away(county)
    september = OCTOBER.previous()
    assert "没有法律顾问" not in _bureau_page(county, september)
    assert "已配备法律顾问1个" in _township_page(county, september)


# ---------------------------------------------------------------- by whose policy


def test_a_closed_month_keeps_the_days_of_the_policy_that_closed_it(closed: Closed) -> None:
    days = closed.close.policy.settings["entry_warn_days"]
    factories.make_policy(
        bureau=closed.county.bureau,
        effective_from=OCTOBER.start,
        settings={**closed.close.policy.settings, "entry_warn_days": days + 90},
    )
    assert f"（{days}日内）" in _bureau_page(closed.county)


# ---------------------------------------------------------------- the words


@pytest.mark.parametrize(
    ("key", "actual", "required", "sentence"),
    [
        ("ZX-24", 4, 3, "担任4个村（社区），超过上限3个"),
        ("ZX-04", 2, 3, "法律顾问有效配备比例未达标，3个村（社区）中已配备2个"),
        ("ZX-38", 0, 1, "工作日志有记录未达标，应完成1条，已完成0条"),
    ],
)
def test_what_is_missing_is_said_as_people_say_it(
    key: str, actual: int, required: int, sentence: str
) -> None:
    rule = next(rule for rule in PACK.rules if rule.key == key)
    assert shortfall(rule, actual=actual, required=required) == sentence


def test_a_share_below_the_whole_does_not_pretend_to_know_the_whole() -> None:
    rule = next(rule for rule in PACK.rules if rule.key == "ZX-04")
    said = shortfall(replace(rule, target=80), actual=2, required=8)
    assert said.endswith("应有8个村（社区），已配备2个")


def _over_the_cap(closed: Closed) -> int:
    verdict = factories.make_verdict(
        close=closed.close,
        rule=Rule.objects.get(policy=closed.close.policy, key="ZX-24"),
        subject_kind="advisor",
        advisor=factories.make_advisor(organisation=closed.county.organisation, name="忙顾问"),
        status="not_met",
        required=3,
        actual=4,
        missing=0,
        explanation={
            "pending": 0,
            "minutes": 0,
            "counted": [],
            "refused": [],
            "active_days": 31,
            "last_day": None,
            "owed_by": [],
        },
    )
    return verdict.pk


def test_a_cap_reads_as_a_cap(closed: Closed) -> None:
    pk = _over_the_cap(closed)
    assert "忙顾问：担任4个村（社区），超过上限3个，依据" in _bureau_page(closed.county)
    page = signed_in(closed.county.bureau_user).get(reverse("verdict", args=(pk,)))
    text = page.content.decode()
    assert ("<dt>上限</dt><dd>3 " in text, "<dt>超出</dt><dd>1 " in text) == (True, True)
    assert ("应完成" in text.split("</dl>")[0], "尚缺" in text) == (False, False)


# ---------------------------------------------------------------- the daily check


@pytest.fixture
def policy(november: None, county: County) -> Policy:
    return adopt_policy(bureau=county.bureau, pack_path=PACKS / "zx.toml", by=SYSTEM)


def test_the_running_month_says_when_nothing_was_checked_yet(
    county: County, policy: Policy
) -> None:
    factories.make_daily_check(policy=policy, day=OCTOBER.last_day)
    assert "本月还没有每日检查的结果。" in _bureau_page(county, NOVEMBER)
    assert "每日检查" not in _bureau_page(county)


def test_a_calm_check_is_said_to_be_calm(county: County, policy: Policy) -> None:
    factories.make_daily_check(policy=policy, day=date(2026, 11, 19))
    text = _bureau_page(county, NOVEMBER)
    assert "截至11月19日，没有未达标或有风险的事项。" in text


def test_the_newest_check_is_told_by_township_and_by_rule(county: County, policy: Policy) -> None:
    second = factories.make_village(township=county.township)
    findings = [
        ["ZX-34", "village", county.village.pk, "at_risk", 0, 2],
        ["ZX-34", "appointment", county.appointment.pk, "at_risk", 0, 2],
        ["ZX-34", "village", second.pk, "not_met", 0, 2],
        ["ZX-36", "village", second.pk, "at_risk", 0, 1],
        ["ZX-36", "village", county.sibling_village.pk, "notice", 0, 1],
        ["ZX-04", "township", county.township.pk, "at_risk", 1, 2],
        ["ZX-04", "bureau", county.bureau.pk, "at_risk", 2, 3],
        ["ZX-38", "advisor", county.advisor.pk, "at_risk", 0, 1],
        ["ZX-38", "advisor", county.sibling_advisor.pk, "at_risk", 0, 1],
    ]
    factories.make_daily_check(policy=policy, day=date(2026, 11, 18), findings=[findings[0]])
    factories.make_daily_check(policy=policy, day=date(2026, 11, 19), findings=findings)
    text = _bureau_page(county, NOVEMBER)
    told = text[text.index("每日检查") : text.index("各镇街情况")]
    share = "法律顾问有效配备比例有风险，{}个村（社区）中已配备{}个"
    assert "（截至11月19日）" in told
    assert (
        f"{county.township.name}</a>：“每月现场咨询服务”1个未达标、1个有风险；"
        f"“每季度法治讲座”1个有风险；{share.format(2, 1)}。" in told
    )
    assert county.sibling_township.name not in told
    assert f"{county.bureau.name}：{share.format(3, 2)}。" in told
    names = f"{county.advisor.name}、{county.sibling_advisor.name}"
    assert f"“每月工作日志有记录”2人有风险：{names}。" in told


def test_the_morning_check_itself_is_read(county: County, policy: Policy, bell: list[int]) -> None:
    daily.order_checks(today=date(2026, 11, 30))
    job = jobs.Job.objects.get(kind=daily.CHECK, payload__bureau=county.bureau.pk)
    assert jobs.run(job.pk)
    told = _bureau_page(county, NOVEMBER)
    assert "（截至11月29日）" in told
    assert f"{county.township.name}</a>：“每月现场咨询服务”1个有风险" in told
