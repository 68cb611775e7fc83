"""What a revision changed of the one before, and why: from what was stored, never judged anew."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments import papers
from assessments.closing import open_close, reopen_close
from assessments.enums import FileFormat, ReportKey
from assessments.handing import reopen_village
from assessments.models import MonthClose, Verdict
from assessments.reports import collect
from assessments.revisions import came_since, changes_since
from assessments.services import PACKS, adopt_policy
from lawadvisor.foundation.viewer import SYSTEM, Actor
from tests.assessments.test_halting import work
from tests.conftest import County
from tests.factories import OCTOBER, make_appointment, make_log, make_village
from tests.web.conftest import signed_in

TODAY = date(2026, 11, 5)
CLERK = Actor(None, "局员乙")


@pytest.fixture(autouse=True)
def _light(county: County, bell: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    light = {form: lambda document: document.checksum.encode() for form in FileFormat}
    monkeypatch.setattr(papers, "RENDERERS", light)
    adopt_policy(bureau=county.bureau, pack_path=PACKS / "zx.toml", by=SYSTEM)
    for appointment in (county.appointment, county.sibling_appointment):
        make_log(appointment=appointment)


def finished(close: MonthClose) -> MonthClose:
    work()
    close.refresh_from_db()
    return close


def first(county: County) -> MonthClose:
    return finished(open_close(bureau=county.bureau, month=OCTOBER, by=SYSTEM, today=TODAY))


def next_one(county: County, reason: str = "补录肖家湾一次") -> MonthClose:
    asked = {"bureau": county.bureau, "month": OCTOBER, "by": CLERK, "today": TODAY}
    return finished(reopen_close(**asked, reason=reason))


def supplement(county: County) -> None:
    reopen_village(by=CLERK, village=county.village, month=OCTOBER, reason="漏录一次值班")
    make_log(
        appointment=county.appointment,
        day=date(2026, 10, 16),
        is_supplement=True,
        entered_at=timezone.now(),
    )


def test_the_first_revision_has_nothing_beside_it(county: County) -> None:
    assert changes_since(first(county)) is None


def test_it_says_what_changed_per_village_advisor_and_check_before_and_after(
    county: County,
) -> None:
    earlier = first(county)
    stored = list(Verdict.objects.order_by("pk").values())
    assert not came_since(earlier)
    supplement(county)
    assert came_since(earlier).late == 1
    close = next_one(county)
    found = changes_since(close)
    assert found is not None
    assert found.earlier == earlier
    village, advisor = county.village.short_name, county.advisor.name
    told = [(row.subject, row.rule, str(row.before), str(row.after)) for row in found.rows]
    late = "服务记录及时录入"
    assert told == [
        (village, "现场咨询服务", "1/2次 未达标", "2/2次 达标"),
        (f"{village} {advisor}", late, "1/1条 达标", "1/2条 提示"),
        (f"{village} {advisor}", "现场咨询服务", "1/2次 未达标", "2/2次 达标"),
        (advisor, "工作日志有记录", "1/1条 达标", "2/1条 达标"),
    ]
    assert found.rows[0].period == "2026年10月"
    assert found.same == close.verdicts.count() - len(told)
    assert [(each.village, each.reason) for each in found.since.reopenings] == [
        (county.village, "漏录一次值班")
    ]
    assert found.since.supplements == ((village, advisor, 1),)
    assert not came_since(close)
    lead = "".join(collect(ReportKey.MONTHLY_SUMMARY, close, county.township.pk).lead)
    assert f"与第1版相比有变化的检查：{village}“现场咨询服务”1/2次 未达标→2/2次 达标；" in lead
    other = collect(ReportKey.MONTHLY_SUMMARY, close, county.sibling_township.pk).lead
    assert "与第1版相比，各项检查的结果没有变化。" in other
    assert "相比" not in "".join(collect(ReportKey.MONTHLY_SUMMARY, earlier, None).lead)
    # the earlier revision's numbers never change
    assert list(Verdict.objects.filter(close=earlier).order_by("pk").values()) == stored


def test_two_equal_revisions_differ_in_nothing_and_a_left_one_is_passed_over(
    county: County,
) -> None:
    earlier = first(county)
    left = reopen_close(bureau=county.bureau, month=OCTOBER, by=CLERK, reason="试", today=TODAY)
    MonthClose.objects.filter(pk=left.pk).update(halted_at=timezone.now(), left_at=timezone.now())
    found = changes_since(next_one(county, "复核"))
    assert found is not None
    assert (found.earlier, found.rows, found.close.revision) == (earlier, (), 3)
    assert found.same == earlier.verdicts.count()


def test_a_check_that_only_one_revision_asked_is_told_with_nothing_beside(county: County) -> None:
    first(county)
    village = make_village(township=county.township)
    make_appointment(village=village)
    found = changes_since(next_one(county, "补登一村"))
    assert found is not None
    new = [row for row in found.rows if row.subject == village.short_name]
    assert new
    assert all(row.before is None and row.after for row in new)


def test_each_desk_is_shown_its_own_and_the_number_of_queries_stays(county: County) -> None:
    first(county)
    for day in (16, 23):
        supplementary = {"is_supplement": True, "entered_at": timezone.now()}
        for appointment in (county.appointment, county.sibling_appointment):
            make_log(appointment=appointment, day=date(2026, 10, day), **supplementary)
    next_one(county)
    own, other = county.village.short_name, county.sibling_village.short_name
    address = reverse("township-changes", args=[county.township.code, OCTOBER])
    page = signed_in(county.office_user).get(address).content.decode()
    assert own in page
    assert other not in page
    assert "补录肖家湾一次（局员乙" in page
    whole = reverse("bureau-changes", args=[county.bureau.code, OCTOBER])
    client = signed_in(county.bureau_user)
    with CaptureQueriesContext(connection) as few:
        page = client.get(whole).content.decode()
    assert own in page
    assert other in page
    for _ in range(5):
        make_log(appointment=make_appointment(village=make_village(township=county.township)))
    next_one(county, "又补登五村")
    with CaptureQueriesContext(connection) as many:
        client.get(whole)
    assert len(many) == len(few)
    summary = reverse("bureau-month", args=[county.bureau.code, OCTOBER])
    assert "第3版，局员乙重新核算，事由：又补登五村" in client.get(summary).content.decode()


def test_what_came_after_the_newest_revision_is_told_to_the_bureau(county: County) -> None:
    first(county)
    supplement(county)
    address = reverse("bureau-month", args=[county.bureau.code, OCTOBER])
    said = "第1版关账以后，本月开锁1次，补录1条，尚未计入；需要计入的，请重新核算。"
    assert said in signed_in(county.bureau_user).get(address).content.decode()
    next_one(county)
    assert "尚未计入" not in signed_in(county.bureau_user).get(address).content.decode()
    gone = reverse("bureau-changes", args=[county.bureau.code, OCTOBER.previous()])
    assert signed_in(county.bureau_user).get(gone).status_code == 404
