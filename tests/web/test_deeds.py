"""What clerks do in the back office: through services, in their own bureau, in plain words."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import reverse

from advisors.enums import AppointmentStatus
from advisors.models import Advisor, Appointment, Organisation, Post, ServiceTeam
from assessments.models import Verdict, Waiver
from assessments.services import PACKS, adopt_policy
from lawadvisor.accounts.models import User
from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.office import deeds
from lawadvisor.foundation.roles import Role
from lawadvisor.foundation.viewer import SYSTEM
from tests import factories
from tests.conftest import County
from tests.web.conftest import Closed, signed_in


def address(row: Any, deed: str) -> str:
    label = row._meta.label_lower.replace(".", "_")
    if isinstance(row, type):
        return reverse(f"admin:{label}_make", args=[deed])
    return reverse(f"admin:{label}_do", args=[row.pk, deed])


def do(who: User, row: Any, deed: str, /, **typed: Any) -> HttpResponse:
    return signed_in(who).post(address(row, deed), typed, follow=True)


def said(page: HttpResponse) -> str:
    return re.sub(r"<[^>]*>", "", page.content.decode())


def last_entry() -> AuditEntry:
    return AuditEntry.objects.latest("pk")


# ── organisations and people ────────────────────────────────────────────────────────────────────


def test_an_organisation_is_registered_and_edited(county: County) -> None:
    page = do(
        county.bureau_user, Organisation, "new",
        bureau=county.bureau.pk, name="清河律师事务所", kind="law_firm",
    )  # fmt: skip
    row = Organisation.objects.get(name="清河律师事务所")
    assert "已登记清河律师事务所。" in said(page)
    assert (row.bureau, row.pinyin) == (county.bureau, "qinghelvshishiwusuo qhlssws")
    do(county.bureau_user, row, "edit", name="青河律师事务所", kind="law_firm")
    entry = last_entry()
    assert (entry.verb, entry.before, entry.after) == (
        "organisation.edit",
        {"name": "清河律师事务所", "kind": "law_firm"},
        {"name": "青河律师事务所", "kind": "law_firm"},
    )


def test_a_name_that_is_taken_is_refused_at_its_field_and_stays_typed(county: County) -> None:
    page = do(
        county.bureau_user, Organisation, "new",
        bureau=county.bureau.pk, name=county.organisation.name, kind="law_firm",
    )  # fmt: skip
    assert page.status_code == 422
    assert page.context["form"].errors["name"] == ["该司法局已有同名机构。"]
    assert f'value="{county.organisation.name}"' in page.content.decode()


def test_an_advisor_is_registered_edited_and_moved(county: County) -> None:
    facts = {
        "name": "张三", "category": "lawyer", "licence_no": "1430420260000001",
        "education": "bachelor", "practice_start": "2015-05-01",
    }  # fmt: skip
    user = county.bureau_user
    do(user, Advisor, "new", organisation=county.organisation.pk, **facts)
    row = Advisor.objects.get(name="张三")
    assert (row.organisation, row.practice_start) == (county.organisation, date(2015, 5, 1))
    do(user, row, "edit", **{**facts, "name": "张叁", "is_volunteer": "on"})
    row.refresh_from_db()
    assert (row.name, row.is_volunteer, row.pinyin) == ("张叁", True, "zhangsan zs")
    other = factories.make_organisation(bureau=county.bureau)
    page = do(user, row, "move", organisation=other.pk, reason="转所")
    row.refresh_from_db()
    assert (row.organisation, last_entry().reason) == (other, "转所")
    assert "变更所属机构" in said(page)


def test_a_lawyer_without_a_licence_number_is_refused_in_words(county: County) -> None:
    page = do(
        county.bureau_user, Advisor, "new",
        organisation=county.organisation.pk, name="张三", category="lawyer",
    )  # fmt: skip
    assert "律师和基层法律服务工作者须填写执业证号。" in said(page)
    assert not Advisor.objects.filter(name="张三").exists()


def test_a_team_is_made_and_an_appointment_put_in_it(county: County) -> None:
    user = county.bureau_user
    do(user, county.organisation, "team", name="第一团队", lead=county.advisor.pk)
    team = ServiceTeam.objects.get(name="第一团队")
    do(user, county.appointment, "team", team=team.pk)
    county.appointment.refresh_from_db()
    assert county.appointment.team == team
    assert last_entry().after == {"team": "第一团队"}
    do(user, team, "edit", name="甲团队", lead="")
    team.refresh_from_db()
    assert (team.name, team.lead) == ("甲团队", None)


def test_a_village_is_given_its_class_and_terrain(county: County) -> None:
    do(county.bureau_user, county.village, "edit", klass="重点", terrain="mountain", is_active="on")
    county.village.refresh_from_db()
    assert (county.village.klass, county.village.terrain) == ("重点", "mountain")
    assert last_entry().verb == "village.edit"


# ── appointments ────────────────────────────────────────────────────────────────────────────────


def test_somebody_is_appointed_under_the_policys_cap(closed: Closed) -> None:
    county, user = closed.county, closed.county.bureau_user
    villages = [factories.make_village(township=county.township) for _ in range(3)]
    county.advisor.practice_start = date(2010, 1, 1)
    county.advisor.save()
    for village in villages[:2]:
        page = do(user, village, "appoint", advisor=county.advisor.pk, start="2026-11-01")
        assert "已聘任" in said(page)
    page = do(user, county.advisor, "appoint", village=villages[2].pk, start="2026-11-01")
    assert page.status_code == 422
    assert "每人最多担任3个村（社区）的法律顾问" in said(page)
    assert Appointment.objects.filter(advisor=county.advisor).count() == 3


def test_an_appointment_is_suspended_resumed_and_ended(county: County) -> None:
    user, row = county.bureau_user, county.appointment
    do(user, row, "suspend", on="2026-03-01", reason="外出学习")
    page = do(user, row, "resume", on="2026-05-01", reason="学习结束")
    old, new = Appointment.objects.filter(advisor=county.advisor).order_by("term")
    assert (old.status, old.suspended_from, old.ends_before) == (
        AppointmentStatus.ENDED, date(2026, 3, 1), date(2026, 5, 1),
    )  # fmt: skip
    assert (new.status, new.starts_on, new.village) == (
        AppointmentStatus.ACTIVE, date(2026, 5, 1), county.village,
    )  # fmt: skip
    assert "已恢复" in said(page)
    asked = do(user, new, "end", on="2026-10-01", reason="合同期满")
    new.refresh_from_db()
    assert new.status == AppointmentStatus.ACTIVE, "what cannot be taken back is asked again"
    assert "结束后不能撤回" in said(asked)
    do(user, new, "end", on="2026-10-01", reason="合同期满", sure="1")
    new.refresh_from_db()
    assert (new.status, new.end_reason) == (AppointmentStatus.ENDED, "合同期满")


def test_going_back_from_the_last_question_keeps_what_was_typed(county: County) -> None:
    page = do(
        county.bureau_user, county.appointment, "end", on="2026-10-01", reason="期满", back="1"
    )
    county.appointment.refresh_from_db()
    assert county.appointment.status == AppointmentStatus.ACTIVE
    assert 'value="2026-10-01"' in page.content.decode()
    assert "期满</textarea>" in page.content.decode().replace("\n", "")


def test_an_absence_runs_to_its_last_day(county: County) -> None:
    do(
        county.bureau_user, county.appointment, "absence",
        start="2026-10-08", last="2026-10-14", reason="病假", approved_by="李四",
    )  # fmt: skip
    assert county.appointment.absences.get().days.upper == date(2026, 10, 15)


def test_what_was_done_already_is_said_and_not_done_again(county: County) -> None:
    county.appointment.status = AppointmentStatus.ENDED
    county.appointment.save()
    page = signed_in(county.bureau_user).get(address(county.appointment, "suspend"), follow=True)
    assert "可能已经办理过" in said(page)
    assert "暂停</a>" not in page.content.decode()


# ── many at once ────────────────────────────────────────────────────────────────────────────────


def many(user: User, deed: str, rows: list[Any], **typed: Any) -> HttpResponse:
    label = rows[0]._meta.label_lower.replace(".", "_")
    post = {
        "action": f"do-{deed}",
        "_selected_action": [row.pk for row in rows],
        "index": "0",
        "select_across": "0",
        **typed,
    }
    return signed_in(user).post(reverse(f"admin:{label}_changelist"), post, follow=True)


def test_several_are_ended_and_those_that_cannot_are_named(county: County) -> None:
    ended = factories.make_appointment(
        village=factories.make_village(township=county.township), status=AppointmentStatus.ENDED
    )
    later = factories.make_appointment(
        village=factories.make_village(township=county.township),
        term=factories.term(date(2026, 12, 1)),
    )
    rows = [county.appointment, county.sibling_appointment, ended, later]
    typed = {"go": "1", "on": "2026-10-01", "reason": "统一换届"}
    asked = many(county.bureau_user, "end", rows, **typed)
    assert "结束后不能撤回" in said(asked)
    page = many(county.bureau_user, "end", rows, **typed, sure="1")
    states = [Appointment.objects.get(pk=row.pk).status for row in rows]
    assert states == ["ended", "ended", "ended", "active"]
    assert "已办理2条" in said(page)
    assert f"{ended}：当前状态不能办理。" in said(page)
    assert f"{later}：结束日期应在任期之内。" in said(page)


def test_many_without_a_reason_are_asked_for_one(county: County) -> None:
    page = many(county.bureau_user, "end", [county.appointment], go="1", on="2026-10-01")
    assert "请填写结束事由。" in said(page)
    assert str(county.appointment) in said(page)


def test_rows_of_another_bureau_cannot_be_ticked(county: County, foreign: County) -> None:
    typed = {"go": "1", "on": "2026-10-01", "reason": "x", "sure": "1"}
    many(county.bureau_user, "end", [foreign.appointment], **typed)
    foreign.appointment.refresh_from_db()
    assert foreign.appointment.status == AppointmentStatus.ACTIVE


# ── waivers ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def soft(county: County) -> Any:
    policy = adopt_policy(bureau=county.bureau, pack_path=PACKS / "cz.toml", by=SYSTEM)
    return policy.rules.get(key="CZ-20")


def test_a_soft_rule_is_let_pass_for_an_advisor(county: County, soft: Any) -> None:
    typed = {
        "rule": soft.pk, "advisor": county.advisor.pk, "period_start": "2026-10",
        "reason": "人手不足", "approved_by": "李四", "sure": "1",
    }  # fmt: skip
    do(county.bureau_user, Waiver, "new", **typed)
    waiver = Waiver.objects.get()
    assert (waiver.subject_kind, waiver.subject_id) == ("advisor", county.advisor.pk)
    assert waiver.period_start == date(2026, 10, 1)
    page = do(
        county.bureau_user, Waiver, "new", **{**typed, "advisor": "", "village": county.village.pk}
    )
    assert "例外请只选择一个法律顾问" in said(page)


def test_a_soft_verdict_is_let_pass_from_its_page(county: County, soft: Any) -> None:
    close = factories.make_close(policy=soft.policy)
    verdict = factories.make_verdict(
        close=close, rule=soft, subject_kind="advisor", advisor=county.advisor, status="not_met"
    )
    do(county.bureau_user, verdict, "pass", reason="防汛", approved_by="李四", sure="1")
    assert Waiver.objects.get().reason == "防汛"
    hard = factories.make_verdict(
        close=close, rule=soft.policy.rules.get(key="CZ-39"), status="not_met"
    )
    page = signed_in(county.bureau_user).get(address(hard, "pass"), follow=True)
    assert "现在不能" in said(page)


# ── posts ───────────────────────────────────────────────────────────────────────────────────────


def test_a_post_is_given_handed_over_and_ended(county: County) -> None:
    clerk, user = county.bureau_user, county.township_user
    do(
        clerk, Post, "new", user=user.pk, role=Role.JUDICIAL_OFFICE,
        township=county.sibling_township.pk, start="2026-11-01",
    )  # fmt: skip
    post = Post.objects.get(user=user, role=Role.JUDICIAL_OFFICE)
    assert post.township == county.sibling_township
    successor = county.sibling_township_user
    do(clerk, post, "hand-over", to=successor.pk, on="2026-11-10", reason="轮岗")
    post.refresh_from_db()
    after = Post.objects.get(user=successor, role=Role.JUDICIAL_OFFICE)
    assert (post.ends_before, after.starts_on) == (date(2026, 11, 10), date(2026, 11, 10))
    do(clerk, after, "end", on="2099-01-01", reason="撤所", sure="1")
    after.refresh_from_db()
    assert after.ends_before == date(2099, 1, 1)


def test_a_post_asks_for_the_place_that_fits_its_role(county: County) -> None:
    page = do(
        county.bureau_user, Post, "new",
        user=county.township_user.pk, role=Role.LIAISON, start="2026-11-01",
    )  # fmt: skip
    assert page.context["form"].errors["village"] == ["“村（社区）联络员”的岗位请填写村（社区）。"]


def test_a_bureau_gives_no_post_beyond_its_bounds(county: County, foreign: County) -> None:
    form = {"user": county.township_user.pk, "start": "2026-11-01"}
    for role, more in (
        (Role.SYSTEM_ADMIN, {}),
        (Role.HIGHER_ORGAN, {"area": "43"}),
        (Role.TOWNSHIP, {"township": foreign.township.pk}),
    ):
        page = do(county.bureau_user, Post, "new", role=role, **form, **more)
        assert page.status_code == 422
    assert not Post.objects.filter(user=county.township_user).exclude(role=Role.TOWNSHIP).exists()


# ── accounts ────────────────────────────────────────────────────────────────────────────────────


def test_a_user_is_opened_with_a_post_and_a_password_told_once(county: County) -> None:
    typed = {
        "username": "qinghe01", "name": "王五", "role": Role.TOWNSHIP,
        "township": county.township.pk, "start": "2026-11-01", "phone": "139 1234 5678",
    }  # fmt: skip
    page = do(county.bureau_user, User, "new", **typed)
    user = User.objects.get(username="qinghe01")
    password = page.context["told"].text
    assert user.check_password(password)
    assert user.must_change_password
    assert "no-store" in page.headers["Cache-Control"]
    assert user.posts.get().township == county.township
    again = signed_in(county.bureau_user).get(reverse("admin:accounts_user_change", args=[user.pk]))
    assert password not in again.content.decode()


def test_an_account_and_its_post_come_together_or_not_at_all(county: County) -> None:
    typed = {"username": "qinghe01", "name": "王五", "role": Role.TOWNSHIP, "start": "1999-01-01"}
    page = do(county.bureau_user, User, "new", **typed, township=county.township.pk)
    assert page.context["form"].errors["start"]
    assert not User.objects.filter(username="qinghe01").exists()


def test_a_bureau_resets_unlocks_closes_and_reopens_its_own(county: County) -> None:
    clerk, user = county.bureau_user, county.township_user
    asked = do(clerk, user, "reset", reason="忘记密码")
    assert "原密码立即失效" in said(asked)
    page = do(clerk, user, "reset", reason="忘记密码", sure="1")
    user.refresh_from_db()
    assert user.check_password(page.context["told"].text)
    epoch = user.session_epoch
    do(clerk, user, "sign-out")
    do(clerk, user, "unlock")
    do(clerk, user, "close", reason="离职", sure="1")
    user.refresh_from_db()
    assert (user.is_active, user.session_epoch) == (False, epoch + 2)
    do(clerk, user, "open", reason="返岗")
    user.refresh_from_db()
    assert user.is_active
    verbs = AuditEntry.objects.filter(subject_type="accounts.user", subject_id=user.pk)
    assert set(verbs.values_list("bureau_id", flat=True)) == {county.bureau.pk}


def test_a_number_is_changed_masked_and_refused_where_it_is_none(county: County) -> None:
    clerk, user = county.bureau_user, county.township_user
    page = do(clerk, user, "phone", phone="12345")
    assert page.status_code == 422
    assert page.context["form"].errors["phone"]
    page = do(clerk, user, "phone", phone="13912345678")
    user.refresh_from_db()
    assert user.phone.reveal() == "13912345678"
    assert "139****5678" in said(page)
    assert "13912345678" not in page.content.decode()


@pytest.mark.parametrize("deed", ["reset", "close", "sign-out", "unlock", "factor"])
def test_an_account_that_opens_more_than_ones_own_bureau_is_not_ones_own(
    county: County, foreign: County, system_admin: User, deed: str
) -> None:
    """Whoever resets a password walks in by it."""
    both = county.township_user
    factories.make_post(user=both, role=Role.TOWNSHIP, township=foreign.township)
    factories.make_post(user=system_admin, role=Role.TOWNSHIP, township=county.township)
    client = signed_in(county.bureau_user)
    for user in (both, system_admin):
        assert client.get(address(user, deed)).status_code == 403
    page = client.get(reverse("admin:accounts_user_change", args=[both.pk]))
    assert page.context["deeds"] == ()
    assert signed_in(foreign.bureau_user).get(address(both, deed)).status_code == 403


def test_a_bureau_keeps_the_accounts_of_its_advisors(county: County) -> None:
    client = signed_in(county.bureau_user)
    assert client.get(address(county.advisor_user, "reset")).status_code == 200


def test_several_are_signed_out_at_once(county: County, foreign: County) -> None:
    rows = [county.township_user, county.office_user, foreign.township_user]
    many(county.bureau_user, "sign-out", rows, go="1")
    assert [User.objects.get(pk=row.pk).session_epoch for row in rows] == [1, 1, 0]


# ── whose deeds ─────────────────────────────────────────────────────────────────────────────────


def test_every_deed_on_a_row_is_closed_to_another_bureau(
    county: County, foreign: County, soft: Any
) -> None:
    rows = [
        county.organisation, county.advisor, county.village, county.appointment,
        factories.make_team(organisation=county.organisation),
        factories.make_verdict(close=factories.make_close(policy=soft.policy), rule=soft),
        Post.objects.get(user=county.township_user), county.township_user,
    ]  # fmt: skip
    client, walked = signed_in(foreign.bureau_user), 0
    for row in rows:
        for deed in deeds.deeds_of(type(row)):
            if not deed.makes:
                walked += 1
                assert client.get(address(row, deed.name)).status_code == 404
                assert client.post(address(row, deed.name), {"sure": "1"}).status_code == 404
    assert walked > 15


def test_an_advisor_from_elsewhere_is_seen_and_not_changed(county: County, foreign: County) -> None:
    factories.make_appointment(advisor=foreign.advisor, village=county.village)
    client = signed_in(county.bureau_user)
    page = client.get(reverse("admin:advisors_advisor_change", args=[foreign.advisor.pk]))
    assert page.context["deeds"] == ()
    assert client.get(address(foreign.advisor, "edit")).status_code == 403


@pytest.mark.parametrize("role", [Role.FINANCE, Role.AUDITOR, Role.MEDIATION])
def test_who_only_reads_is_offered_nothing_and_refused_all(county: County, role: Role) -> None:
    client = signed_in(factories.make_post(role=role, bureau=county.bureau).user)
    page = client.get(reverse("admin:advisors_appointment_changelist"))
    assert (page.status_code, page.context["deeds"], page.context["action_form"]) == (200, (), None)
    assert client.get(address(county.appointment, "end")).status_code == 403
    assert client.get(address(Organisation, "new")).status_code == 403


def test_a_deed_that_nobody_offers_is_not_there(county: County) -> None:
    client = signed_in(county.bureau_user)
    assert client.get(address(county.appointment, "fly")).status_code == 404
    assert client.get(address(county.appointment, "new")).status_code == 404
    assert client.get(address(Appointment, "end")).status_code == 404


def test_a_rows_page_tells_its_history_in_words(closed: Closed) -> None:
    user, row = closed.county.bureau_user, closed.county.appointment
    do(user, row, "suspend", on="2026-11-01", reason="外出学习")
    page = said(signed_in(user).get(reverse("admin:advisors_appointment_change", args=[row.pk])))
    text = re.sub(r"\s+", "", page)
    assert "暂停聘任" in text
    assert "状态：在任→暂停" in text
    assert "外出学习" in text
    assert Verdict.objects.exists()
