"""The phone without a script: every screen from the server, a visit logged by an ordinary POST."""

from __future__ import annotations

import io
import re
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from advisors.enums import AppointmentStatus
from assessments.phone.prefill import PHRASES, PURPOSE_OF
from assessments.phone.typed import MOST_MATTERS
from assessments.services import PACKS, adopt_policy
from lawadvisor.foundation.periods import local_minute
from lawadvisor.foundation.viewer import SYSTEM
from tests import factories
from tests.conftest import County
from tests.web.conftest import signed_in
from worklogs.enums import LogState, MatterKind, Mode, Purpose
from worklogs.models import Matter, ServiceLog


@pytest.fixture
def phone(county: County) -> Client:
    adopt_policy(bureau=county.bureau, pack_path=PACKS / "zx.toml", by=SYSTEM)
    return signed_in(county.advisor_user)


def today() -> date:
    return timezone.localdate()


def sent(county: County, **changed: Any) -> dict[str, Any]:
    """A consultation of two hours with all that ZX asks for."""
    return {
        "uuid": str(uuid.uuid4()),
        "village": str(county.appointment.pk),
        "day": today().isoformat(),
        "start": "09:00",
        "hours": "2",
        "mode": "on_site",
        "matters": "1",
        "m0-kind": "consultation",
        "m0-client": "张三",
        "m0-content": "解答咨询。",
        "m0-method": "当面解答",
        "m0-result": "当事人表示理解",
        **changed,
    }


def text(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def errors(response: Any) -> dict[str, str]:
    """What the page says, by the field at which it says it."""
    found = re.findall(
        r'<p class="error" data-for="([\w-]+)" role="alert">([^<]+)', response.content.decode()
    )
    return dict(found)


# ---------------------------------------------------------------- the screens


def test_the_home_screen_offers_each_village_and_what_it_still_owes(
    county: County, phone: Client
) -> None:
    page = text(phone, "/mine/")
    assert county.village.short_name in page
    assert f'href="/mine/log/?appointment={county.appointment.pk}"' in page
    assert "照上次" not in page
    factories.make_log(appointment=county.appointment, day=today(), start="09:00", end="10:00")
    page = text(phone, "/mine/")
    assert f'href="/mine/log/?appointment={county.appointment.pk}&amp;again"' in page
    assert "现场咨询服务 0/2次" in page
    assert "未满4小时" in page


def test_what_was_returned_comes_first_with_its_reason(county: County, phone: Client) -> None:
    factories.make_log(
        appointment=county.appointment,
        day=today(),
        state=LogState.RETURNED,
        returned_reason="时间与值班表不符",
    )
    page = text(phone, "/mine/")
    assert page.index("时间与值班表不符") < page.index("记一次")


def test_a_record_waits_for_the_state_that_the_policy_counts(county: County) -> None:
    client = signed_in(county.advisor_user)
    factories.make_log(appointment=county.appointment, day=today())
    for pack, word in (("zx", "已送达"), ("dg", "待确认"), ("jc", "待核验")):
        factories.Policy.objects.filter(bureau=county.bureau).delete()
        adopt_policy(bureau=county.bureau, pack_path=PACKS / f"{pack}.toml", by=SYSTEM)
        assert f">{word}</span>" in text(client, "/mine/records/")


def test_records_are_shown_by_month_and_by_village_and_without_clients(
    county: County, phone: Client
) -> None:
    other = factories.make_appointment(
        advisor=county.advisor, village=factories.make_village(township=county.township)
    )
    log = factories.make_log(appointment=county.appointment, day=date(2026, 10, 9))
    factories.make_matter(log=log, client="钱来", content="宅基地")
    factories.make_log(appointment=other, day=date(2026, 10, 10))
    page = text(phone, "/mine/records/?month=2026-10")
    assert "服务2次" in page
    assert page.count('class="record"') == 2
    assert "钱来" not in page
    assert "宅基地" not in page
    page = text(phone, f"/mine/records/?month=2026-10&village={other.pk}")
    assert page.count('class="record"') == 1
    assert "2026年9月还没有已送达的记录" in text(phone, "/mine/records/?month=2026-09")


def test_the_month_is_summed_up_by_village(county: County, phone: Client) -> None:
    factories.make_log(appointment=county.appointment, day=date(2026, 10, 9), end="12:30")
    log = factories.make_log(appointment=county.appointment, day=date(2026, 10, 10), end="10:00")
    factories.make_matter(log=log, kind=MatterKind.LECTURE)
    page = text(phone, "/mine/month/?month=2026-10")
    assert re.search(r"<dd>2<small>次.*<dd>4.5<small>小时.*<dd>1<small>场", page)
    assert "还差" not in page
    assert "还差" in text(phone, "/mine/month/")


def test_the_month_goes_on_paper_as_the_screen_says_it(county: County, phone: Client) -> None:
    short = factories.make_log(
        appointment=county.appointment,
        day=today(),
        end="10:00",
        entered_at=timezone.now() - timedelta(minutes=1),
    )
    factories.make_matter(log=short, kind="lecture", audience=45, client="钱来")
    month = f"{today():%Y-%m}"
    assert f"/mine/month/{month}/pdf/" in text(phone, "/mine/month/")
    sheet = phone.get(f"/mine/month/{month}/xlsx/")
    book = load_workbook(io.BytesIO(sheet.content))
    cells = [cell.value for page in book for row in page for cell in row if cell.value]
    assert {"法治讲座", county.village.short_name, 45} <= {*cells}
    assert any("未满4小时" in str(cell) for cell in cells)  # why it does not count
    assert not any("钱来" in str(cell) for cell in cells)
    paper = phone.get(f"/mine/month/{month}/pdf/")
    assert paper.content.startswith(b"%PDF")
    assert paper["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert phone.get("/mine/month/2099-01/pdf/").status_code == 404
    assert phone.get(f"/mine/month/{month}/json/").status_code == 404


def test_a_record_that_does_not_count_says_why(county: County, phone: Client) -> None:
    factories.make_log(appointment=county.appointment, day=today(), end="10:00")
    assert "未满4小时" in text(phone, "/mine/records/")


def test_my_page_leads_out_and_changes_the_letters(county: County, phone: Client) -> None:
    page = text(phone, "/mine/me/")
    for part in (county.advisor.licence_no, 'href="/feedback/"', 'action="/logout/"'):
        assert part in page
    assert 'class="elder"' not in page
    phone.post("/mine/me/size/", {"letters": "large"})
    assert 'class="elder"' in text(phone, "/mine/")
    phone.post("/mine/me/size/", {"letters": ""})
    assert 'class="elder"' not in text(phone, "/mine/")


def test_nothing_of_the_phone_is_left_in_the_browsers_own_store(phone: Client) -> None:
    for address in ("/mine/", "/mine/log/", "/mine/records/", "/mine/me/", "/mine/key/"):
        assert "no-store" in phone.get(address)["Cache-Control"]


# ---------------------------------------------------------------- filled in


def test_a_first_visit_is_filled_in_with_today_and_two_hours(county: County, phone: Client) -> None:
    typed = phone.get("/mine/log/").context["typed"]
    assert typed.villages == (str(county.appointment.pk),)
    assert (typed.day, typed.start, typed.hours, typed.kinds) == (
        *(today().isoformat(), "09:00", "2"),
        (),
    )


def test_the_last_visit_to_a_village_is_remembered(county: County, phone: Client) -> None:
    factories.make_log(appointment=county.appointment, day=date(2026, 10, 9), place="旧地点")
    log = factories.make_log(
        appointment=county.appointment,
        day=date(2026, 11, 2),
        start="14:00",
        end="16:30",
        place="文化礼堂",
        mode=Mode.WECHAT,
        purpose=Purpose.OTHER,
    )
    for kind in (MatterKind.LECTURE, MatterKind.DOCUMENT):
        factories.make_matter(log=log, kind=kind, client="钱来")
    typed = phone.get(f"/mine/log/?appointment={county.appointment.pk}").context["typed"]
    assert (typed.start, typed.end, typed.hours) == ("14:00", "16:30", "other")
    assert (typed.mode, typed.place, typed.purpose, typed.kinds) == ("wechat", "文化礼堂", "", ())
    again = phone.get(f"/mine/log/?appointment={county.appointment.pk}&again")
    assert again.context["typed"].kinds == ("lecture", "document")
    assert again.context["typed"].purpose == "other"
    assert "钱来" not in again.content.decode()


def test_only_what_the_policy_demands_stands_in_sight(county: County) -> None:
    client = signed_in(county.advisor_user)
    wanted = {
        "zx": ["content", "client", "method", "result"],
        "jc": ["content", "client", "phone"],
        "sh": ["content"],
    }
    for pack, names in wanted.items():
        factories.Policy.objects.filter(bureau=county.bureau).delete()
        adopt_policy(bureau=county.bureau, pack_path=PACKS / f"{pack}.toml", by=SYSTEM)
        (block,) = client.get("/mine/log/").context["blocks"]
        assert sorted(field.name for field in block.open) == sorted(f"m0-{n}" for n in names)


def test_phrases_and_purposes_are_of_kinds_that_there_are() -> None:
    assert {*PURPOSE_OF} <= {*MatterKind}
    assert {kind for each in PHRASES.values() for kind in each} <= {"", *MatterKind}


# ---------------------------------------------------------------- saved


def test_a_visit_is_logged_by_an_ordinary_post(county: County, phone: Client) -> None:
    data = sent(county, place="村委会")
    response = phone.post("/mine/log/", data)
    assert response.url == f"/mine/saved/{data['uuid']}/"
    log = ServiceLog.objects.get()
    assert (str(log.client_uuid), log.service_date) == (data["uuid"], today())
    assert (log.minutes, log.state, log.purpose) == (120, LogState.SUBMITTED, Purpose.DUTY)
    matter = log.matters.get()
    assert (matter.kind, matter.client.reveal()) == ("consultation", "张三")
    page = text(phone, response.url)
    assert "已送达" in page
    assert "张三" not in page


def test_twice_sent_is_once_written(county: County, phone: Client) -> None:
    data = sent(county)
    assert phone.post("/mine/log/", data).url == phone.post("/mine/log/", data).url
    assert ServiceLog.objects.count() == 1


def test_another_visit_under_the_same_number_is_refused_in_words(
    county: County, phone: Client
) -> None:
    data = sent(county)
    phone.post("/mine/log/", data)
    response = phone.post("/mine/log/", {**data, "hours": "4"})
    assert response.status_code == 400
    assert "该记录已提交，内容不同：结束时间" in response.content.decode()
    assert ServiceLog.objects.get().minutes == 120


def test_every_wrong_field_says_so_and_keeps_what_was_typed(county: County, phone: Client) -> None:
    response = phone.post(
        "/mine/log/",
        sent(
            county,
            day="other",
            other_day="2099-01-01",
            start="九点",
            village="",
            **{
                "m0-client": "",
                "m0-kind": "lecture",
                "m0-audience": "很多",
                "m0-content": "讲民法典",
            },
        ),
    )
    assert response.status_code == 400
    assert [*errors(response)] == ["village", "other_day", "m0-audience", "start"]
    page = response.content.decode()
    for kept in ("2099-01-01", "九点", "很多", "讲民法典"):
        assert kept in page
    assert not ServiceLog.objects.exists()


def test_what_the_policy_demands_is_asked_for_at_its_field(county: County, phone: Client) -> None:
    response = phone.post("/mine/log/", sent(county, **{"m0-client": " ", "m0-result": ""}))
    assert errors(response) == {"m0-client": "请填写服务对象。", "m0-result": "请填写服务结果。"}


def test_a_length_in_ones_own_words_has_the_last_word(county: County, phone: Client) -> None:
    answer = phone.post("/mine/log/", sent(county, length="很久"))
    assert "无法识别" in errors(answer)["length"]
    phone.post("/mine/log/", sent(county, length="1小时30分"))
    phone.post("/mine/log/", sent(county, length="下午2点到4点", start=""))
    logs = ServiceLog.objects.order_by("pk")
    told = [(local_minute(log.started_at), log.minutes) for log in logs]
    assert told == [(540, 90), (840, 120)]


def test_nobody_came_needs_no_matter(county: County, phone: Client) -> None:
    empty = {f"m0-{name}": "" for name in ("client", "content", "method", "result")}
    data = sent(county, **{**empty, "m0-kind": "no_visitors"})
    assert phone.post("/mine/log/", data).status_code == 302
    log = ServiceLog.objects.get()
    assert (log.no_visitors, log.purpose, log.matters.count()) == (True, Purpose.DUTY, 0)


def test_nobody_came_and_somebody_came_cannot_both_be(county: County, phone: Client) -> None:
    data = sent(county, matters="2", **{"m0-kind": "no_visitors", "m1-kind": "consultation"})
    assert errors(phone.post("/mine/log/", data)) == {
        "m1-kind": "选了“坐班，无来访”，就不再填写其他事项。"
    }
    online = sent(county, mode="phone", **{"m0-kind": "no_visitors"})
    assert "只用于现场" in errors(phone.post("/mine/log/", online))["m0-kind"]


def test_several_matters_of_one_visit(county: County, phone: Client) -> None:
    data = sent(county, more="1")
    page = phone.post("/mine/log/", data)
    assert [block.number for block in page.context["blocks"]] == [0, 1]
    assert "张三" in page.content.decode()
    second = {
        f"m1-{name}": data[f"m0-{name}"] for name in ("client", "content", "method", "result")
    }
    data = sent(county, matters="2", **second, **{"m1-kind": "mediation", "m1-succeeded": "yes"})
    assert phone.post("/mine/log/", data).status_code == 302
    kinds = Matter.objects.order_by("pk").values_list("kind", "succeeded")
    assert [*kinds] == [("consultation", None), ("mediation", True)]


def test_a_visit_has_only_so_many_matters(county: County, phone: Client) -> None:
    page = phone.post("/mine/log/", sent(county, more="1", matters="99"))
    assert len(page.context["blocks"]) == MOST_MATTERS


def test_a_kinds_own_field_is_dropped_with_the_kind(county: County, phone: Client) -> None:
    phone.post("/mine/log/", sent(county, **{"m0-audience": "30", "m0-succeeded": "yes"}))
    matter = Matter.objects.get()
    assert (matter.audience, matter.succeeded) == (None, None)


@pytest.mark.parametrize(
    ("kind", "purpose"),
    [("lecture", "lecture_only"), ("mediation", "mediation"), ("contact", "other")],
)
def test_what_a_stay_was_for_is_told_by_what_was_done(
    county: County, phone: Client, kind: str, purpose: str
) -> None:
    phone.post("/mine/log/", sent(county, **{"m0-kind": kind}))
    assert ServiceLog.objects.get().purpose == purpose


def test_one_save_for_several_villages_is_one_after_the_other(
    county: County, phone: Client
) -> None:
    other = factories.make_appointment(
        advisor=county.advisor, village=factories.make_village(township=county.township)
    )
    data = sent(county, village=[str(county.appointment.pk), str(other.pk)])
    address = phone.post("/mine/log/", data).url
    assert phone.post("/mine/log/", data).url == address
    starts = [local_minute(log.started_at) for log in ServiceLog.objects.order_by("started_at")]
    assert starts == [9 * 60, 11 * 60]
    assert text(phone, address).count('class="record"') == 2


def test_several_villages_are_saved_all_or_none(county: County, phone: Client) -> None:
    other = factories.make_appointment(
        advisor=county.advisor, village=factories.make_village(township=county.township)
    )
    factories.make_log(appointment=other, day=today(), start="12:00", end="12:30")
    data = sent(county, village=[str(county.appointment.pk), str(other.pk)])
    assert "时间不能重叠" in errors(phone.post("/mine/log/", data))["start"]
    assert ServiceLog.objects.count() == 1


def test_a_late_entry_is_taken_and_labelled(county: County, phone: Client) -> None:
    day = today() - timedelta(days=3)
    data = sent(county, day="other", other_day=day.isoformat())
    address = phone.post("/mine/log/", data).url
    assert "补录 3 天" in text(phone, address)
    assert not ServiceLog.objects.get().is_supplement


def test_what_comes_into_a_closed_month_is_a_supplement(county: County, phone: Client) -> None:
    policy = factories.Policy.objects.get(bureau=county.bureau)
    factories.make_close(policy=policy, closed_at=timezone.now())
    day = factories.OCTOBER.start
    refused = phone.post("/mine/log/", sent(county, day=day.isoformat()))
    assert "没有开锁" in refused.content.decode()
    factories.make_reopening(
        village=county.village,
        opened_at=timezone.now() - timedelta(hours=1),
        expires_at=timezone.now() + timedelta(days=2),
    )
    address = phone.post("/mine/log/", sent(county, day=day.isoformat())).url
    assert ServiceLog.objects.get().is_supplement
    assert "补录" in text(phone, address)


def test_a_strangers_village_cannot_be_logged(county: County, phone: Client) -> None:
    data = sent(county, village=str(county.sibling_appointment.pk))
    assert errors(phone.post("/mine/log/", data)) == {"village": "请选择村（社区）。"}


def test_a_strangers_record_is_not_shown_as_saved(county: County, phone: Client) -> None:
    log = factories.make_log(appointment=county.sibling_appointment)
    assert phone.get(f"/mine/saved/{log.client_uuid}/").status_code == 404


def test_a_number_that_is_none_is_refused(county: County, phone: Client) -> None:
    response = phone.post("/mine/log/", sent(county, uuid="1"))
    assert "这一页已经失效" in response.content.decode()


# ---------------------------------------------------------------- offline


def test_the_key_is_ones_own_and_the_same_at_every_login(county: County, phone: Client) -> None:
    first, again = phone.get("/mine/key/").json(), signed_in(county.advisor_user)
    assert again.get("/mine/key/").json() == first
    other = signed_in(county.sibling_advisor_user).get("/mine/key/").json()
    assert {*other.values()} & {*first.values()} == set()
    assert f'data-owner="{first["owner"]}"' in text(phone, "/mine/")
    assert first["key"] not in text(phone, "/mine/")


def test_the_worker_answers_for_the_phone_and_names_what_it_keeps(db: None) -> None:
    response = Client().get("/worker.js")
    assert response["Content-Type"].startswith("text/javascript")
    assert response["Service-Worker-Allowed"] == "/"
    content = response.content.decode()
    for part in ("/static/phone/start.js", '"/mine/log/"', "ignoreVary"):
        assert part in content
    for file in re.findall(r'"(/static/[^"]+)"', content):
        response = Client().get(file)
        assert b"".join(response.streaming_content)
        response.close()


# ---------------------------------------------------------------- told anew


@pytest.fixture
def returned(county: County, phone: Client) -> ServiceLog:
    phone.post("/mine/log/", sent(county))
    ServiceLog.objects.update(state=LogState.RETURNED, returned_reason="时间不符")
    return ServiceLog.objects.get()


def _form_of(page: Any) -> dict[str, Any]:
    """What a browser would send of the page as it stands."""
    typed = page.context["typed"]
    data = {
        "village": typed.villages,
        "version": page.context["revised"]["version"],
        "matters": len(typed.matters),
        **{
            name: getattr(typed, name)
            for name in ("uuid", "day", "other_day", "start", "hours", "end", "mode", "purpose")
        },
    }
    for n, matter in enumerate(typed.matters):
        names = ("pk", "kind", "client", "content", "method", "result", "audience")
        data |= {f"m{n}-{name}": getattr(matter, name) for name in names}
    return data


def test_a_returned_record_is_mended_and_handed_in_again(
    phone: Client, returned: ServiceLog
) -> None:
    address = f"/mine/log/{returned.client_uuid}/"
    assert f'href="{address}"' in text(phone, "/mine/")
    page = phone.get(address)
    assert "退回原因：时间不符" in page.content.decode()
    data = {**_form_of(page), "hours": "4"}
    assert data["m0-client"] == "张三"
    assert phone.post(address, data).url == f"/mine/saved/{returned.client_uuid}/"
    returned.refresh_from_db()
    assert (returned.state, returned.minutes, returned.version) == (LogState.SUBMITTED, 240, 2)


def test_what_was_changed_meanwhile_is_not_overwritten(phone: Client, returned: ServiceLog) -> None:
    address = f"/mine/log/{returned.client_uuid}/"
    data = _form_of(phone.get(address))
    phone.post(address, {**data, "hours": "4"})
    response = phone.post(address, {**data, "hours": "8"})
    assert response.status_code == 400
    assert "已在别处修改过" in response.content.decode()
    returned.refresh_from_db()
    assert returned.minutes == 240


def test_what_is_sealed_even_to_its_writer_stays_when_left_empty(
    county: County, phone: Client
) -> None:
    told = {"m0-kind": "mediation", "m0-content": "宅基地之争"}
    phone.post("/mine/log/", sent(county, **told))
    log = ServiceLog.objects.get()
    page = phone.get(f"/mine/log/{log.client_uuid}/")
    assert "宅基地" not in page.content.decode()
    phone.post(f"/mine/log/{log.client_uuid}/", {**_form_of(page), "hours": "1"})
    log.refresh_from_db()
    assert (log.minutes, log.matters.get().content.reveal()) == (60, "宅基地之争")


def test_a_confirmed_record_is_told_anew_by_nobody(phone: Client, returned: ServiceLog) -> None:
    ServiceLog.objects.update(state=LogState.CONFIRMED, returned_reason="")
    assert phone.get(f"/mine/log/{returned.client_uuid}/").status_code == 404
    assert "修改</a>" not in text(phone, "/mine/records/")


def test_a_record_is_withdrawn_for_a_reason(phone: Client, county: County) -> None:
    phone.post("/mine/log/", sent(county))
    log = ServiceLog.objects.get()
    address = f"/mine/log/{log.client_uuid}/withdraw/"
    page = phone.post(address, {"reason": ""}, follow=True)
    assert "原因" in page.content.decode()
    page = phone.post(address, {"reason": "重复填写"}, follow=True)
    assert "已撤回" in page.content.decode()
    log.refresh_from_db()
    assert log.state == LogState.WITHDRAWN


def test_a_month_without_service_is_stated_and_not_forgotten(county: County, phone: Client) -> None:
    address = f"/mine/month/?month={today():%Y-%m}"
    assert "没有服务？零申报" in text(phone, address)
    stated = {"appointment": county.appointment.pk, "month": f"{today():%Y-%m}"}
    page = phone.post("/mine/zero/", {**stated, "reason": "本月未接到服务需求"}, follow=True)
    assert "已零申报（本月未接到服务需求）" in page.content.decode()
    phone.post("/mine/log/", sent(county))
    assert "零申报" not in text(phone, address)
    page = phone.post("/mine/zero/", {**stated, "reason": "无"}, follow=True)
    assert "已零申报" not in page.content.decode()


def test_a_village_that_was_left_lately_may_still_be_told_of(county: County, phone: Client) -> None:
    yesterday = today() - timedelta(days=1)
    county.appointment.term = factories.term(end=today())
    county.appointment.status = AppointmentStatus.ENDED
    county.appointment.save()
    assert "（已结束）" in text(phone, "/mine/log/")
    late = sent(county, day=yesterday.isoformat())
    assert phone.post("/mine/log/", late).status_code == 302
    refused = errors(phone.post("/mine/log/", sent(county, start="14:00")))
    assert "不在" in refused["day"]
