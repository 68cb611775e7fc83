"""Any verdict explained: stored or of the running period, on the screen and on paper."""

from __future__ import annotations

import subprocess
from datetime import date
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.closing import judge_into
from assessments.enums import SubjectKind
from assessments.facts import Desk
from assessments.models import MonthClose, Verdict
from assessments.quota.rules import Subject
from assessments.services import PACKS, adopt_policy
from lawadvisor.foundation.viewer import SYSTEM
from tests import factories
from tests.conftest import County
from tests.web.conftest import Closed, signed_in
from villages.models import Bureau

pytestmark = pytest.mark.django_db


def page(user: object, verdict: Verdict) -> str:
    return signed_in(user).get(reverse("verdict", args=(verdict.pk,))).content.decode()


def paper(user: object, verdict: Verdict, folder: Path) -> str:
    """The annex as a person reads it: its text without line breaks."""
    response = signed_in(user).get(reverse("verdict-annex", args=(verdict.pk,)))
    assert response["Content-Type"] == "application/pdf"
    file = folder / "annex.pdf"
    file.write_bytes(b"".join(response.streaming_content))
    done = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, check=True)
    return "".join(done.stdout.decode().split())


def closed_under(county: County, pack: str) -> MonthClose:
    policy = adopt_policy(bureau=county.bureau, pack_path=PACKS / f"{pack}.toml", by=SYSTEM)
    close = factories.make_close(policy=policy, closed_at=factories.at(date(2026, 11, 5), "10:00"))
    judge_into(close, Desk(county.bureau.pk), Subject)
    return close


# ── the page ────────────────────────────────────────────────────────────────────────────────────


def test_the_page_says_how_it_was_counted_and_what_the_word_means(closed: Closed) -> None:
    text = page(closed.county.bureau_user, closed.verdict)
    assert "本期已经结束，或者已无法补救，没有完成要求。" in text
    assert "计算口径" in text
    assert "服务方式限现场。" in text
    assert "补录的也计入（系统默认）。" in text
    assert "3小时，未满4小时，差1小时，不计入" in text
    assert "下载说明（PDF）" in text


def test_another_revision_stands_beside_and_is_one_click_away(closed: Closed) -> None:
    close = closed.close
    again = factories.make_close(
        policy=close.policy, revision=2, reason="核对", closed_at=close.closed_at
    )
    judge_into(again, Desk(closed.county.bureau.pk, closed.county.township.pk), Subject)
    later = Verdict.objects.get(
        close=again, rule=closed.verdict.rule, village=closed.county.village
    )
    text = page(closed.county.township_user, closed.verdict)
    assert reverse("verdict", args=(later.pk,)) in text
    assert "第2版" in text
    back = page(closed.county.township_user, later)
    assert reverse("verdict", args=(closed.verdict.pk,)) in back


#: The county has one lawyer in each village, all on the plain.
NOBODY_TO_JUDGE = {"zx": {"ZX-24-others"}, "jc": {"JC-36-mountain", "JC-39"}}


@pytest.mark.parametrize("pack", ["zx", "cz", "sh", "dg", "jc"])
def test_every_verdict_of_every_policy_has_its_page_and_its_paper(
    county: County, november: None, pack: str, tmp_path: Path
) -> None:
    log = factories.make_log(appointment=county.appointment)
    factories.make_matter(log=log, kind="lecture", focus="婚姻")
    factories.make_filing(village=county.village, advisor=county.advisor, kind="monthly_check")
    close = closed_under(county, pack)
    found: dict[tuple[int, str], Verdict] = {}
    for verdict in Verdict.objects.filter(close=close).select_related("rule").order_by("pk"):
        found.setdefault((verdict.rule_id, verdict.subject_kind), verdict)
    each = list(found.values())
    judged = {verdict.rule.key for verdict in each}
    keys = set(close.policy.rules.values_list("key", flat=True))
    assert keys - judged == NOBODY_TO_JUDGE.get(pack, set())
    for verdict in each:
        text = page(county.bureau_user, verdict)
        assert verdict.rule.phrase in text.replace("&quot;", '"')
        assert "计算口径" in text
    for verdict in each[:: max(1, len(each) // 4)]:
        told = paper(county.bureau_user, verdict, tmp_path)
        assert "达标结论说明（附件）" in told
        assert "".join(verdict.rule.title.split()) in told


# ── the paper ───────────────────────────────────────────────────────────────────────────────────


def test_the_annex_holds_what_the_page_says(closed: Closed, tmp_path: Path) -> None:
    county = closed.county
    told = paper(county.office_user, closed.verdict, tmp_path)
    for words in (
        f"填报单位：{county.township.judicial_office}",
        f"对象：{county.village.short_name}。事项：现场咨询服务。",
        "结论：未达标。",
        "还差1次。",
        "2026-10-0909:00至13:004.0坐班咨询现场已提交",
        "2026-10-2009:00至12:003.0坐班咨询现场已提交3小时，未满4小时，差1小时，",
        "依据：二（四）2",
        "计算口径：",
        "（系统默认）",
        "核对人：",
        "当事顾问：",
        f"规则版本：{closed.close.policy.version}".replace(" ", ""),
    ):
        assert words in told, words


# ── who may ─────────────────────────────────────────────────────────────────────────────────────


def running(county: County, kind: str, pk: int, key: str = "ZX-34") -> str:
    return reverse("running-verdict", args=(county.bureau.code, key, kind, pk))


def test_a_running_verdict_is_for_whoever_may_see_its_subject(
    closed: Closed, foreign_closed: Closed
) -> None:
    own, away = closed.county, foreign_closed.county
    asked = {
        "appointment": running(own, "appointment", own.appointment.pk),
        "village": running(own, "village", own.village.pk),
        "township": running(own, "township", own.township.pk, "ZX-04"),
        "bureau": running(own, "bureau", own.bureau.pk, "ZX-04"),
        "advisor": running(own, "advisor", own.advisor.pk, "ZX-24"),
    }
    may = {
        own.bureau_user: set(asked),
        own.office_user: {"appointment", "village", "township"},
        own.township_user: {"appointment", "village", "township"},
        own.advisor_user: {"appointment", "advisor"},
        own.sibling_township_user: set(),
        own.sibling_advisor_user: set(),
        away.bureau_user: set(),
        away.township_user: set(),
        away.advisor_user: set(),
    }
    for user, kinds in may.items():
        client = signed_in(user)
        found = {kind for kind, at in asked.items() if client.get(at).status_code == 200}
        refused = {kind for kind, at in asked.items() if client.get(at).status_code == 404}
        assert (found, refused) == (kinds, set(asked) - kinds), user


@pytest.mark.parametrize(
    ("kind", "key"),
    [("appointment", "ZX-99"), ("galaxy", "ZX-34"), ("village", "ZX-24"), ("team", "ZX-34")],
)
def test_what_is_judged_by_no_rule_is_not_found(closed: Closed, kind: str, key: str) -> None:
    county = closed.county
    address = running(county, kind, county.village.pk, key)
    assert signed_in(county.bureau_user).get(address).status_code == 404


def test_another_bureaus_code_opens_nothing(closed: Closed, foreign_closed: Closed) -> None:
    away: Bureau = foreign_closed.county.bureau
    own = closed.county
    address = reverse(
        "running-verdict", args=(away.code, "ZX-34", "appointment", own.appointment.pk)
    )
    assert signed_in(own.bureau_user).get(address).status_code == 404


def test_a_running_verdict_says_that_nothing_is_closed_yet(closed: Closed) -> None:
    county = closed.county
    address = running(county, "appointment", county.appointment.pk)
    text = signed_in(county.advisor_user).get(address).content.decode()
    assert "截至目前，尚未关账" in text
    assert "还差2次，最迟2026年11月30日完成。" in text
    assert "下载说明" not in text


def test_the_advisor_reads_what_is_left_and_follows_it(closed: Closed) -> None:
    county = closed.county
    factories.make_log(appointment=county.appointment, day=date(2026, 11, 12), end="12:00")
    text = signed_in(county.advisor_user).get(reverse("mine")).content.decode()
    assert "现场咨询服务 0/2次，还差2次，最迟11月30日" in text
    assert "3小时，未满4小时，差1小时，不计入" in text
    assert running(county, "appointment", county.appointment.pk) in text


def test_the_township_reads_what_is_urgent_this_month(closed: Closed) -> None:
    county = closed.county
    address = f"/township/{county.township.code}/2026-11/"
    text = signed_in(county.township_user).get(address).content.decode()
    assert "截至今天" in text
    assert running(county, "village", county.village.pk) in text
    october = signed_in(county.township_user).get(f"/township/{county.township.code}/2026-10/")
    assert "截至今天" not in october.content.decode()


def test_the_bureau_reads_how_many_still_owe_what(closed: Closed) -> None:
    county = closed.county
    text = signed_in(county.bureau_user).get(f"/bureau/{county.bureau.code}/2026-11/")
    assert "现场咨询服务，最迟11月30日：2个村（社区）" in text.content.decode()


def test_the_number_of_queries_does_not_grow(closed: Closed) -> None:
    county = closed.county
    client = signed_in(county.township_user)
    address = reverse("verdict", args=(closed.verdict.pk,))
    client.get(address)
    with CaptureQueriesContext(connection) as before:
        client.get(address)
    for day in range(1, 29):
        factories.make_log(appointment=county.appointment, day=date(2026, 9, day))
    visits = Verdict.objects.filter(
        close=closed.close, subject_kind=SubjectKind.APPOINTMENT, appointment=county.appointment
    )
    many = reverse("verdict", args=(visits.get(rule__key="ZX-34").pk,))
    with CaptureQueriesContext(connection) as after:
        client.get(many)
    assert len(after) == len(before)
