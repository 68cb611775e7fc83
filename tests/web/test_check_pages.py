"""The monthly check on its pages: written by the office, counted by the policy, answered."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import MonthlyCheck
from assessments.services import PACKS, adopt_policy
from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.viewer import SYSTEM
from tests import factories
from tests.conftest import County
from tests.factories import OCTOBER
from tests.web.conftest import signed_in
from worklogs.enums import FilingState

GOOD = {"method": "phone", "outcome": "true", "records": "3", "advice": "日志写得再细些"}


@pytest.fixture(autouse=True)
def _over(monkeypatch: pytest.MonkeyPatch) -> None:
    """The month is over."""
    day = datetime(2026, 11, 3, tzinfo=UTC).date()
    monkeypatch.setattr(timezone, "localdate", lambda value=None: value.date() if value else day)


def adopt(county: County, pack: str) -> None:
    adopt_policy(bureau=county.bureau, pack_path=PACKS / f"{pack}.toml", by=SYSTEM)


def address(county: County) -> str:
    return reverse("check-record", args=[county.township.code, OCTOBER, county.village.code])


def said(client: Client, where: str, sent: dict) -> list[str]:
    return [str(each) for each in client.post(where, sent, follow=True).context["messages"]]


def review(county: County) -> str:
    return reverse("review", args=[county.township.code, OCTOBER])


def test_each_advisor_is_checked_where_the_policy_says_so(county: County) -> None:
    adopt(county, "jc")
    office = signed_in(county.office_user)
    table = office.get(review(county)).context["table"]
    assert [row.appointment for row in table.unchecked] == [county.appointment.pk]
    sent = {**GOOD, "appointment": str(county.appointment.pk)}
    name = county.village.short_name
    assert said(office, address(county), sent) == [f"{name}2026年10月核查记录已保存。"]
    filing = MonthlyCheck.objects.get().filing
    assert (filing.advisor, filing.state) == (county.advisor, FilingState.SUBMITTED)
    assert (filing.period_start, filing.period_end) == (OCTOBER.start, OCTOBER.end)
    assert filing.body == "方式：电话回访；查看记录3条；结果：属实；建议：日志写得再细些。"
    page = office.get(review(county))
    assert page.context["table"].unchecked == ()
    assert "电话回访，属实；建议：日志写得再细些" in page.content.decode()
    assert AuditEntry.objects.get(verb="check.record").actor_id == county.office_user.pk


def test_the_village_is_checked_as_a_whole_where_the_policy_says_so(county: County) -> None:
    adopt(county, "dg")
    second = factories.make_appointment(village=county.village)
    office = signed_in(county.office_user)
    assert len(office.get(review(county)).context["table"].unchecked) == 1
    said(office, address(county), {**GOOD, "appointment": str(second.pk)})
    assert MonthlyCheck.objects.get().filing.advisor is None
    table = office.get(review(county)).context["table"]
    assert table.unchecked == ()
    assert [len(row.checks) for row in table.rows] == [1, 1]


def test_a_policy_that_asks_for_no_check_has_no_form(county: County) -> None:
    adopt(county, "zx")
    page = signed_in(county.office_user).get(review(county))
    assert page.context["table"].to_check is None
    assert "填写核查记录" not in page.content.decode()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"outcome": "partly"}, "核查结果不全属实的，请写明发现的情况。"),
        ({"method": "dream"}, "核查方式“dream”不在选项中"),
        ({"outcome": ""}, "请填写核查结果。"),
        ({"advice": "字" * 501}, "意见和建议最多500个字"),
        ({"records": "99999"}, "查看记录数不应大于32767。"),
    ],
)
def test_a_check_that_tells_too_little_is_refused(
    county: County, change: dict, sentence: str
) -> None:
    adopt(county, "jc")
    sent = {**GOOD, "appointment": str(county.appointment.pk), **change}
    assert said(signed_in(county.office_user), address(county), sent)[0].startswith(sentence)
    assert not MonthlyCheck.objects.exists()


def test_a_month_without_demand_is_noted_by_the_office_where_nothing_was_handed_in(
    county: County,
) -> None:
    """A23: a month needs a record, or a note that nobody asked."""
    adopt(county, "jc")
    office = signed_in(county.office_user)
    sent = {"method": "phone", "outcome": "no_demand", "appointment": str(county.appointment.pk)}
    assert "本月无服务需求" in office.get(review(county)).content.decode()
    log = factories.make_log(appointment=county.appointment)
    assert "本月无服务需求" not in office.get(review(county)).content.decode()
    assert said(office, address(county), sent) == ["本月有服务记录，不能填“本月无服务需求”。"]
    log.delete()
    said(office, address(county), sent)
    filing = MonthlyCheck.objects.get().filing
    assert filing.body == "方式：电话回访；查看记录0条；结果：本月无服务需求。"
    assert "电话回访，本月无服务需求" in office.get(review(county)).content.decode()


def test_a_closed_month_takes_no_check(county: County) -> None:
    adopt(county, "jc")
    factories.make_close(policy=county.bureau.policies.get())
    sent = {**GOOD, "appointment": str(county.appointment.pk)}
    assert "没有开锁" in said(signed_in(county.office_user), address(county), sent)[0]
    factories.make_reopening(
        village=county.village,
        opened_at=datetime(2026, 1, 1, tzinfo=UTC),
        expires_at=datetime(2099, 1, 1, tzinfo=UTC),
    )
    assert "已保存" in said(signed_in(county.office_user), address(county), sent)[0]


def test_the_advisor_sees_the_finding_and_answers(county: County) -> None:
    check = factories.make_check(
        village=county.village, advisor=county.advisor, outcome="partly", finding="少一次值班"
    )
    others = factories.make_check(village=county.sibling_village, finding="别村的情况")
    client, where = signed_in(county.advisor_user), reverse("own-checks")
    shown = client.get(where).content.decode()
    assert "少一次值班" in shown
    assert "别村的情况" not in shown
    assert said(client, where, {"check": str(check.pk), "reply": " "}) == ["请填写答复。"]
    sent = {"check": str(check.pk), "reply": "当天在镇里开会，已补记。"}
    assert said(client, where, sent) == ["答复已保存，司法所和司法局可以看到。"]
    check.refresh_from_db()
    assert (check.reply, check.replied_at is not None) == ("当天在镇里开会，已补记。", True)
    assert client.post(where, {"check": str(others.pk), "reply": "我"}).status_code == 404
    adopt(county, "jc")
    page = signed_in(county.office_user).get(review(county)).content.decode()
    assert "顾问答复：当天在镇里开会，已补记。" in page


def test_a_village_checked_as_a_whole_is_told_to_who_serves_it(county: County) -> None:
    factories.make_check(village=county.village, advice="全村的建议")
    where = reverse("own-checks")
    assert "全村的建议" in signed_in(county.advisor_user).get(where).content.decode()
    sibling = signed_in(county.sibling_advisor_user).get(where).content.decode()
    assert "全村的建议" not in sibling


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"method": "dream"}, "check_choices_known"),
        ({"outcome": "untrue", "finding": " "}, "check_tells_what_was_not_true"),
        ({"reply": "好"}, "check_reply_dated"),
        ({"replied_at": timezone.now()}, "check_reply_dated"),
    ],
)
def test_a_check_that_cannot_be(county: County, fields: dict, constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        factories.make_check(village=county.village, **fields)
