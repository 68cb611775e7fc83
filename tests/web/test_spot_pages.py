"""The spot check on the desks of office, bureau and advisor."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import SpotCheck, SpotDraw
from assessments.services import PACKS, adopt_policy
from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.viewer import SYSTEM
from tests import factories
from tests.conftest import County
from tests.factories import OCTOBER
from tests.web.conftest import signed_in

SENT = {"method": "papers", "outcome": "partly", "records": "2", "finding": "时间对不上"}


@pytest.fixture(autouse=True)
def _november(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 11, 3, 1, tzinfo=UTC)
    today = date(2026, 11, 3)
    monkeypatch.setattr(timezone, "localdate", lambda value=None: value.date() if value else today)
    monkeypatch.setattr(timezone, "now", lambda: now)
    adopt_policy(bureau=county.bureau, pack_path=PACKS / "zx.toml", by=SYSTEM)
    for day in (9, 16):
        factories.make_log(
            appointment=county.appointment,
            day=date(2026, 10, day),
            entered_at=factories.at(date(2026, 10, 31), "20:00"),
        )


def at_(county: County, name: str = "spot", *more: object) -> str:
    return reverse(name, args=[county.township.code, OCTOBER, *more])


def text(client: Client, where: str) -> str:
    response = client.get(where)
    assert response.status_code == 200
    return response.content.decode()


def said(client: Client, where: str, sent: dict[str, str]) -> list[str]:
    response = client.post(where, sent, follow=True)
    assert response.status_code == 200
    return [str(message) for message in response.context["messages"]]


def test_drawn_looked_at_seen_and_answered(county: County) -> None:
    office, own = signed_in(county.office_user), county.village.short_name
    assert "抽取名单" in text(office, at_(county))
    assert said(office, at_(county, "spot-draw"), {"size": "x"}) == ["随机抽取数应为0至50。"]
    assert said(office, at_(county, "spot-draw"), {"size": "3"}) == ["已抽取2026年10月的抽查名单。"]
    page = text(office, at_(county))
    assert "集中录入：本月2条记录都在10月31日录入" in page
    assert f"随机种子 <strong>{SpotDraw.objects.get().seed}</strong>" in page
    record = at_(county, "spot-record", county.appointment.pk)
    assert said(office, record, {**SENT, "finding": ""}) == [
        "核查结果不全属实的，请写明发现的情况。"
    ]
    assert "集中录入" not in text(signed_in(county.advisor_user), reverse("own-checks"))
    (done,) = said(office, record, SENT)
    assert done == f"{own}{county.advisor.name}的抽查记录已保存，顾问可以看到。"
    advisor = signed_in(county.advisor_user)
    page = text(advisor, reverse("own-checks"))
    for words in ("集中录入：本月2条记录", "部分属实：时间对不上", county.office_user.name):
        assert words in page
    check = SpotCheck.objects.get()
    sent = {"kind": "spot", "check": str(check.pk), "reply": "当天信号不好，月底补的"}
    assert said(advisor, reverse("own-checks"), sent) == ["答复已保存，司法所和司法局可以看到。"]
    assert "顾问答复：当天信号不好，月底补的" in text(office, at_(county))
    assert AuditEntry.objects.get(verb="spot.reply").after["reply"] == sent["reply"]
    line = text(signed_in(county.bureau_user), reverse("spots", args=[county.bureau.code, OCTOBER]))
    assert '<td class="number">1/1</td>' in line


def test_the_bureau_draws_and_looks_too_and_nobody_else(county: County) -> None:
    for user in (county.township_user, county.sibling_office_user, county.advisor_user):
        client = signed_in(user)
        assert client.post(at_(county, "spot-draw"), {"size": "1"}).status_code in (403, 404)
    assert "抽取名单</button>" not in text(signed_in(county.township_user), at_(county))
    bureau = signed_in(county.bureau_user)
    assert said(bureau, at_(county, "spot-draw"), {"size": "0"})
    record = at_(county, "spot-record", county.appointment.pk)
    assert said(bureau, record, {**SENT, "outcome": "true"})
    assert SpotCheck.objects.get().checked_by == county.bureau_user.name
    assert said(bureau, at_(county, "spot-draw"), {"size": "1"}) == [
        "2026年10月的抽查名单已经抽取，不能重抽。"
    ]


def test_what_was_not_drawn_is_not_recorded(county: County) -> None:
    office = signed_in(county.office_user)
    record = at_(county, "spot-record", county.appointment.pk)
    assert said(office, record, SENT) == ["还没有抽取2026年10月的名单。"]
    said(office, at_(county, "spot-draw"), {"size": "0"})
    other = factories.make_appointment(village=county.village)
    assert said(office, at_(county, "spot-record", other.pk), SENT) == ["不在本月的抽查名单中。"]
    november = reverse("spot", args=[county.township.code, OCTOBER.next()])
    assert "2026年11月结束后可以抽取。" in text(office, november)


def test_another_advisor_answers_nothing_of_his(county: County) -> None:
    check = factories.make_spot_check(appointment=county.appointment)
    sent = {"kind": "spot", "check": str(check.pk), "reply": "不是我"}
    foreign = signed_in(county.sibling_advisor_user)
    assert foreign.post(reverse("own-checks"), sent).status_code == 404
    sent["check"] = "x"
    assert signed_in(county.advisor_user).post(reverse("own-checks"), sent).status_code == 404
