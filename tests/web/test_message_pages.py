"""Messages on the screen: read, switched off, and the bureau's ways; on desk and phone."""

from __future__ import annotations

import os

import pytest
from django.core import mail
from django.urls import reverse
from playwright.sync_api import Browser, Page
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from assessments.enums import Channel, MessageKind
from assessments.messages.choosing import choose, set_channel
from assessments.models import BureauChannel, Delivery, Message, MessageChoice
from lawadvisor.foundation.models import AuditEntry, Job
from lawadvisor.foundation.viewer import Actor
from tests import factories
from tests.conftest import County
from tests.web.browsing import DESK, PHONE, Visit, flaws
from tests.web.conftest import Closed, signed_in

PICTURES = os.environ.get("FORM_PICTURES", "")
BY = Actor(user_id=None, name="李四")
WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=abcd-1234-efgh"


@pytest.mark.django_db
def test_a_message_is_read_by_its_own_person_and_leads_to_the_page(county: County) -> None:
    message = factories.make_message(
        user=county.office_user, bureau=county.bureau, link="/incidents/"
    )
    address = reverse("message-open", args=[message.pk])
    client = signed_in(county.office_user)
    assert "消息（1）" in client.get(reverse("incidents")).content.decode()
    assert "未读" in client.get(reverse("messages")).content.decode()
    assert client.get(address).status_code == 405  # a look writes nothing

    answer = client.post(address)

    assert (answer.status_code, answer["Location"]) == (302, "/incidents/")
    message.refresh_from_db()
    assert message.read_at is not None
    assert "消息（" not in client.get(reverse("incidents")).content.decode()
    assert signed_in(county.bureau_user).post(address).status_code == 404
    factories.make_message(user=county.office_user, bureau=county.bureau)
    client.post(reverse("messages-read"))
    assert not Message.objects.filter(read_at=None).exists()


@pytest.mark.django_db
def test_each_switches_off_for_himself_all_but_his_duties(county: County) -> None:
    client = signed_in(county.advisor_user)
    address = reverse("message-settings")
    page = client.get(address).content.decode()
    assert "重大事项报告属于应签收的职责，不能关闭" in page

    refused = client.post(address, {"email": "nobody", "on": ["digest"]})
    assert (refused.status_code, MessageChoice.objects.count()) == (400, 0)
    client.post(address, {"email": "wu@example.com", "on": ["returned"]})

    choice = MessageChoice.objects.get()
    assert (choice.user, choice.muted) == (county.advisor_user, ["digest"])
    assert choice.email.reveal() == "wu@example.com"
    assert "wu@example.com" not in choice.email.stored
    assert 'value="wu@example.com"' in client.get(address).content.decode()


@pytest.mark.django_db
def test_a_bureau_sets_its_ways_and_sees_what_went_out(county: County, settings: Settings) -> None:
    settings.EMAIL_HOST = ""
    client = signed_in(county.bureau_user)
    address = reverse("channels", args=[county.bureau.code])

    def done(**sent: str) -> str:
        return client.post(address, sent, follow=True).content.decode()

    assert "没有设置邮件服务器" in done(wish="email-on")
    assert "地址应像" in done(wish="wecom-on", address="https://example.com/?key=abcdefgh")
    assert "还没有启用" in done(wish="test")
    assert "请选择" in done(wish="in_app-off")
    assert not BureauChannel.objects.exists()
    assert "企业微信群已启用" in done(wish="wecom-on", address=WECOM)
    assert "测试消息已交付发送" in done(wish="test")
    delivery = Delivery.objects.get()
    assert (delivery.channel, delivery.state) == (Channel.WECOM, "queued")
    assert Job.objects.filter(kind="deliver_message").count() == 1
    page = client.get(address).content.decode()
    assert "待发" in page
    assert "abcd-1234" not in page
    assert "企业微信群已停用" in done(wish="wecom-off")
    assert not BureauChannel.objects.exists()
    audited = AuditEntry.objects.filter(verb="channel.set").values_list("after", flat=True)
    assert list(audited) == [
        {"on": False, "channel": "企业微信群"},
        {"on": True, "channel": "企业微信群"},
    ]
    assert mail.outbox == []


def _picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_messages_look_right(
    shown: Closed, browser: Browser, live_server: LiveServer, size: dict[str, int]
) -> None:
    county = shown.county
    set_channel(by=BY, bureau=county.bureau, channel=Channel.WECOM, on=True, address="abcdefgh")
    choose(user=county.bureau_user, email="li@example.com", muted=[])
    text = "红湖社区现场咨询服务（0/2次，11月30日前）、红湖社区法治讲座（0/1次，12月31日前）。"
    for user in (county.bureau_user, county.advisor_user):
        factories.make_message(user=user, bureau=county.bureau, text=f"还没有完成：{text}")
        factories.make_message(
            user=user,
            bureau=county.bureau,
            kind=MessageKind.INCIDENT,
            title="重大事项待签收",
            text="红湖社区有一件重大事项报告，请在11月2日10:00前打开页面签收并跟进。",
        )
    for user, names in (
        (county.bureau_user, ("messages", "message-settings", "channels")),
        (county.advisor_user, ("mine", "phone-me", "messages")),
    ):
        context = browser.new_context(viewport=size, locale="zh-CN")
        context.set_default_timeout(20_000)
        visit = Visit(context.new_page(), live_server.url).watch()
        visit.sign_in(user)
        for name in names:
            args = [county.bureau.code] if name == "channels" else []
            visit.page.goto(f"{visit.base}{reverse(name, args=args)}")
            assert flaws(visit.page) == (0, [], []), name
            _picture(visit.page, f"{name}-{user.pk == county.advisor_user.pk}-{size['width']}")
        assert "2条未读" in visit.page.content() or "消息（2）" in visit.page.content()
        assert visit.complaints == []
        context.close()
