"""Messages: who is told what, once, by which way, and what none of them ever says."""

from __future__ import annotations

import json
import smtplib
import socket
from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from django.core import mail
from django.db import transaction
from django.utils import timezone
from pytest_django.fixtures import Settings

from assessments import tasks
from assessments.enums import Channel, DeliveryState, MessageKind
from assessments.handing import submit_month
from assessments.messages import digest, sending, ways
from assessments.messages.choosing import choose, set_channel
from assessments.messages.telling import Words, tell, tell_group
from assessments.messages.ways import RefusedError, SilentError, robot
from assessments.models import Delivery, Message
from assessments.services import PACKS, adopt_policy
from lawadvisor.accounts.models import User
from lawadvisor.celery import TIMETABLE, app
from lawadvisor.foundation import jobs
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.models import AuditEntry, Job
from lawadvisor.foundation.roles import Role
from lawadvisor.foundation.viewer import SYSTEM, Actor
from tests import factories
from tests.conftest import County
from tests.factories import OCTOBER, at
from worklogs.enums import IncidentKind, IncidentLevel, LogState, MatterKind
from worklogs.incidents import REPORTED, Report, report_incident
from worklogs.services import RETURNED, move_log

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 2)
#: Whoever reads one of these in a message reads what was confided.
CANARIES = ("钱来来", "13912345678", "宅基地纠纷", "围堵村委会", "王家祠堂", "记录太潦草")
BY = Actor(user_id=None, name="李四")


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch, bell: list[int], settings: Settings) -> None:
    settings.EMAIL_HOST, settings.PORTAL_ADDRESS = "mail.example", "https://portal.example"
    monkeypatch.setattr(timezone, "localdate", lambda *a: a[0].date() if a else MONDAY)


@pytest.fixture
def run(django_capture_on_commit_callbacks: Callable[..., Any]) -> Callable[[str], int]:
    """Do the waiting jobs of a kind, and what they leave for after the commit; how many."""

    def go(kind: str) -> int:
        waiting = list(Job.objects.filter(kind=kind, state="queued").values_list("pk", flat=True))
        with django_capture_on_commit_callbacks(execute=True):
            return sum(jobs.run(pk) for pk in waiting)

    return go


def reported(county: County) -> Any:
    return report_incident(
        by=Actor(user_id=county.advisor_user.pk, name="顾问"),
        appointment=county.appointment,
        report=Report(
            kind=IncidentKind.MASS_INCIDENT,
            level=IncidentLevel.URGENT,
            happened_at=at(date(2026, 11, 1), "09:00"),
            place="王家祠堂",
            facts="钱来来等人围堵村委会",
        ),
        recipients=("office", "bureau"),
        client_uuid=factories.make_log(appointment=county.appointment).client_uuid,
        now=at(date(2026, 11, 1), "10:00"),
    )[0]


def told(user: User | None) -> list[str]:
    return [each.text for each in Message.objects.filter(user=user).order_by("pk")]


# ── at once ─────────────────────────────────────────────────────────────────────────────────────


def test_a_grave_matter_is_told_at_once_to_those_who_must_acknowledge_it(
    county: County, run: Callable[[str], int]
) -> None:
    set_channel(by=BY, bureau=county.bureau, channel=Channel.WECOM, on=True, address="abcdefgh")
    choose(user=county.office_user, email="", muted=["digest", "incident"])  # a duty stays on
    row = reported(county)

    assert run(REPORTED) == 1

    for user in (county.office_user, county.bureau_user):
        (text,) = told(user)
        assert county.village.short_name in text
        assert "前打开页面签收" in text
        assert Message.objects.get(user=user).link == f"/incidents/{row.pk}/"
    (general,) = told(None)
    assert county.village.short_name not in general
    others = (county.township_user, county.sibling_office_user, county.advisor_user)
    assert [told(user) for user in others] == [[], [], []]
    states = Delivery.objects.values_list("channel", "state").order_by("pk")
    assert sorted(states) == [("in_app", "sent"), ("in_app", "sent"), ("wecom", "queued")]


def test_what_was_rolled_back_sends_nothing_and_a_repeat_sends_nothing_more(
    county: County, run: Callable[[str], int]
) -> None:
    with transaction.atomic():
        reported(county)
        transaction.set_rollback(True)
    assert (run(REPORTED), Message.objects.count()) == (0, 0)

    row = reported(county)
    assert run(REPORTED) == 1
    count = Message.objects.count()
    Job.objects.create(kind=REPORTED, key="again", payload={"incident": row.pk})

    assert run(REPORTED) == 1
    assert Message.objects.count() == count == 2


@pytest.mark.parametrize(
    ("today", "closed", "muted", "expected"),
    [
        (date(2026, 10, 29), False, [], ["2026年10月有1条服务记录被退回，请在11月4日前"]),
        (date(2026, 10, 20), False, [], []),
        (date(2026, 10, 29), False, ["returned"], []),
        (date(2026, 11, 20), True, [], []),
    ],
    ids=["near", "far", "muted", "closed"],
)
def test_a_return_near_the_close_is_told_at_once(
    county: County,
    run: Callable[[str], int],
    monkeypatch: pytest.MonkeyPatch,
    today: date,
    closed: bool,
    muted: list[str],
    expected: list[str],
) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: today)
    policy = adopt_policy(bureau=county.bureau, pack_path=PACKS / "zx.toml", by=SYSTEM)
    choose(user=county.advisor_user, email="", muted=muted)
    if closed:
        factories.make_close(policy=policy)
    log = factories.make_log(appointment=county.appointment)
    move_log(by=BY, log=log, to=LogState.RETURNED, reason="记录太潦草")

    run(RETURNED)

    assert [text[: len(expected[0])] for text in told(county.advisor_user)] == expected


# ── the week ────────────────────────────────────────────────────────────────────────────────────


def test_a_digest_says_to_each_role_what_is_left(county: County, run: Callable[[str], int]) -> None:
    adopt_policy(bureau=county.bureau, pack_path=PACKS / "zx.toml", by=SYSTEM)
    factories.make_log(appointment=county.appointment)
    factories.make_log(
        appointment=county.appointment,
        day=date(2026, 10, 12),
        state=LogState.RETURNED,
        returned_reason="记录太潦草",
    )
    submit_month(
        by=BY, township=county.sibling_township, month=OCTOBER, today=MONDAY, unreviewed_too=True
    )

    digest.order_digests(today=MONDAY)
    assert run(digest.DIGEST) == 1

    (advisor,), (office,), (bureau,) = map(
        told, (county.advisor_user, county.office_user, county.bureau_user)
    )
    assert advisor.startswith("有1条服务记录被退回，请修改后重新提交。还没有完成：")
    assert county.village.short_name in advisor
    assert office == (
        f"{county.township.name}2026年10月：待核验服务记录1条，尚未报送司法局，最迟11月4日。"
    )
    assert bureau.startswith(f"2026年10月尚未报送：{county.township.name}。")
    assert "2026年11月还没有服务记录" in bureau
    assert told(county.sibling_office_user) == []  # handed in, and nothing new to verify


def test_one_digest_a_person_and_week_whatever_happens(
    county: County, run: Callable[[str], int]
) -> None:
    adopt_policy(bureau=county.bureau, pack_path=PACKS / "zx.toml", by=SYSTEM)
    factories.make_post(
        user=county.office_user, role=Role.JUDICIAL_OFFICE, township=county.sibling_township
    )
    other = factories.make_township()
    factories.make_post(user=county.office_user, role=Role.JUDICIAL_OFFICE, township=other)

    for day in (MONDAY, MONDAY, MONDAY + timedelta(days=3)):
        digest.order_digests(today=day)
    assert run(digest.DIGEST) == 2  # two bureaus
    Job.objects.create(
        kind=digest.DIGEST,
        key="again",
        payload={"bureau": county.bureau.pk, "day": MONDAY.isoformat()},
    )
    run(digest.DIGEST)

    (text,) = told(county.office_user)
    for place in (county.township, county.sibling_township, other):
        assert place.name in text
    assert len(text.splitlines()) == 3
    digest.order_digests(today=MONDAY + timedelta(days=7))
    run(digest.DIGEST)
    assert len(told(county.office_user)) == 2


def test_whoever_wants_none_or_has_nothing_left_is_told_nothing(
    county: County, run: Callable[[str], int]
) -> None:
    choose(user=county.office_user, email="", muted=["digest"])
    User.objects.filter(pk=county.sibling_office_user.pk).update(is_active=False)

    digest.order_digests(today=MONDAY)
    run(digest.DIGEST)

    gone = (county.office_user, county.sibling_office_user, county.advisor_user)
    assert [told(user) for user in gone] == [[], [], []]


# ── ways out ────────────────────────────────────────────────────────────────────────────────────


def mailed(county: County, key: str = "k") -> Delivery:
    """One message by e-mail, waiting in the outbox."""
    set_channel(by=BY, bureau=county.bureau, channel=Channel.EMAIL, on=True)
    choose(user=county.office_user, email="li@example.com", muted=[])
    words = Words(kind=MessageKind.DIGEST, title="本周提醒", text="待核验1条。", link="/", key=key)
    made = tell(user=county.office_user, bureau=county.bureau, words=words, now=timezone.now())
    assert made is not None
    return made.deliveries.get(channel=Channel.EMAIL)


def test_mail_goes_out_once_and_after_the_commit(county: County, run: Callable[[str], int]) -> None:
    delivery = mailed(county)
    assert mail.outbox == []

    assert run("deliver_message") == 1
    delivery.refresh_from_db()
    assert (delivery.state, delivery.tries) == (DeliveryState.SENT, 1)
    Job.objects.create(kind="deliver_message", key="again", payload={"delivery": delivery.pk})
    run("deliver_message")
    sending._send(delivery.pk)

    (sent,) = mail.outbox
    assert sent.to == ["li@example.com"]
    assert sent.body == "本周提醒\n待核验1条。\nhttps://portal.example/"


def _fail(error: Exception) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


def test_what_was_refused_is_tried_again_and_given_up_by_name(
    county: County, run: Callable[[str], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = mailed(county)
    monkeypatch.setattr(ways, "send", _fail(RefusedError("连不上邮件服务器")))

    run("deliver_message")
    assert sending.sweep(now=timezone.now()) == 0  # too soon
    for _ in range(4):
        sending.sweep(now=timezone.now() + timedelta(days=1))
        run("deliver_message")

    delivery.refresh_from_db()
    assert (delivery.state, delivery.tries) == (DeliveryState.FAILED, 3)
    assert delivery.error == "连不上邮件服务器"


def test_what_may_have_arrived_is_never_sent_again(
    county: County, run: Callable[[str], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    silent, broken, died = (mailed(county, key) for key in "abc")
    monkeypatch.setattr(ways, "send", _fail(SilentError("没有答复")))
    with monkeypatch.context() as patch:
        patch.setattr(sending, "_send", lambda _: None)  # the worker dies right here
        run("deliver_message")
    sending._send(silent.pk)
    monkeypatch.setattr(ways, "send", _fail(ValueError("a surprise")))
    sending._send(broken.pk)

    assert sending.sweep(now=timezone.now() + timedelta(hours=1)) == 1

    for row in (silent, broken, died):
        row.refresh_from_db()
        assert (row.state, row.tries) == (DeliveryState.UNCLEAR, 1)
    assert sending.sweep(now=timezone.now() + timedelta(days=9)) == 0
    assert not Job.objects.filter(kind="deliver_message", state="queued").exists()


@pytest.mark.parametrize(
    ("step", "error", "raised"),
    [
        ("open", ConnectionRefusedError(), RefusedError),
        ("open", smtplib.SMTPAuthenticationError(535, b"no"), RefusedError),
        ("send_messages", smtplib.SMTPRecipientsRefused({}), RefusedError),
        ("send_messages", smtplib.SMTPServerDisconnected(), SilentError),
        ("send_messages", TimeoutError(), SilentError),
    ],
)
def test_a_mail_server_says_no_or_nothing(
    county: County,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    error: Exception,
    raised: type[Exception],
) -> None:
    delivery = mailed(county)
    steps = {"open": lambda: True, "send_messages": lambda _: 1, "close": lambda: None}
    connection = SimpleNamespace(**{**steps, step: _fail(error)})
    monkeypatch.setattr(ways, "get_connection", lambda **_: connection)

    with pytest.raises(raised):
        ways.send(delivery)


@pytest.mark.parametrize(
    ("channel", "typed", "host"),
    [
        (
            Channel.WECOM,
            "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=abcd-1234-efgh",
            "qyapi.weixin.qq.com",
        ),
        (
            Channel.DINGTALK,
            "https://oapi.dingtalk.com/robot/send?access_token=abcdef123456",
            "oapi.dingtalk.com",
        ),
    ],
    ids=["wecom", "dingtalk"],
)
def test_a_group_is_told_once_by_its_robot(
    county: County,
    run: Callable[[str], int],
    monkeypatch: pytest.MonkeyPatch,
    channel: Channel,
    typed: str,
    host: str,
) -> None:
    posted: list[tuple[str, dict[str, Any]]] = []

    def post(url: str, data: bytes | str, **_: Any) -> Any:
        posted.append((url, json.loads(data)))
        return SimpleNamespace(status_code=200, content=b"{}")

    monkeypatch.setattr(requests, "post", post)
    answer = SimpleNamespace(close=lambda: None)
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: answer)
    address = robot(channel, typed, "SEC0123456789" if channel is Channel.DINGTALK else "")
    set_channel(by=BY, bureau=county.bureau, channel=channel, on=True, address=address)
    words = Words(kind=MessageKind.TEST, title="测试", text="看到它说明接通。", link="/", key="t")
    for _ in range(2):
        tell_group(bureau=county.bureau, words=words, now=timezone.now())

    assert run("deliver_message") == 1

    ((url, payload),) = posted
    assert url.startswith(f"https://{host}/")
    assert payload["text"]["content"] == "测试\n看到它说明接通。\nhttps://portal.example/"
    assert Delivery.objects.get().state == DeliveryState.SENT
    audited = AuditEntry.objects.get(verb="channel.set")
    assert "1234" not in json.dumps(audited.after)


@pytest.mark.parametrize(
    ("channel", "typed"),
    [
        (
            Channel.WECOM,
            "https://qyapi.weixin.qq.com.evil.example/cgi-bin/webhook/send?key=abcdefgh",
        ),
        (Channel.WECOM, "http://127.0.0.1/cgi-bin/webhook/send?key=abcdefgh"),
        (Channel.DINGTALK, "https://oapi.dingtalk.com/robot/send?access_token=abc/../x"),
        (Channel.DINGTALK, ""),
    ],
)
def test_nothing_is_ever_sent_to_another_host(channel: Channel, typed: str) -> None:
    with pytest.raises(DomainError, match="应像"):
        robot(channel, typed)


def test_an_unreachable_host_is_a_refusal_and_a_switched_off_way_too(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "create_connection", _fail(OSError()))
    ask: dict[str, Any] = {"by": BY, "bureau": county.bureau, "channel": Channel.WECOM}
    set_channel(**ask, on=True, address="abcdefgh")
    words = Words(kind=MessageKind.TEST, title="测试", text="。", link="/", key="t")
    tell_group(bureau=county.bureau, words=words, now=timezone.now())
    delivery = Delivery.objects.get()

    with pytest.raises(RefusedError, match="连不上"):
        ways.send(delivery)
    set_channel(**ask, on=False)
    with pytest.raises(RefusedError, match="停用"):
        ways.send(delivery)


# ── what none of them says ──────────────────────────────────────────────────────────────────────


def test_no_message_says_what_was_confided(county: County, run: Callable[[str], int]) -> None:
    adopt_policy(bureau=county.bureau, pack_path=PACKS / "zx.toml", by=SYSTEM)
    set_channel(by=BY, bureau=county.bureau, channel=Channel.EMAIL, on=True)
    people = (county.office_user, county.bureau_user, county.advisor_user)
    for user in people:
        choose(user=user, email=f"{user.username}@example.com", muted=[])
    log = factories.make_log(appointment=county.appointment, day=date(2026, 10, 30))
    factories.make_matter(
        log=log,
        kind=MatterKind.MEDIATION,
        client="钱来来",
        phone="13912345678",
        content="宅基地纠纷",
    )
    move_log(by=BY, log=log, to=LogState.RETURNED, reason="记录太潦草")
    reported(county)
    digest.order_digests(today=MONDAY)

    for kind in (REPORTED, RETURNED, digest.DIGEST, "deliver_message"):
        assert run(kind) > 0

    messages = [f"{m.title} {m.text} {m.link} {m.key}" for m in Message.objects.all()]
    mails = [f"{each.subject} {each.body}" for each in mail.outbox]
    rows = [json.dumps(job.payload) + job.key for job in Job.objects.all()]
    assert {m.kind for m in Message.objects.all()} == {"incident", "returned", "digest"}
    assert len(mails) == Message.objects.filter(user__in=people).count() == 6
    said = "\n".join((*messages, *mails, *rows))
    assert [canary for canary in CANARIES if canary in said] == []


def test_the_timetable_asks_for_it(county: County) -> None:
    app.loader.import_default_modules()
    assert {entry["task"] for entry in TIMETABLE.values()} <= set(app.tasks)
    assert [task() for task in (tasks.weekly_digest, tasks.sweep_messages, tasks.fill_forms)] == [
        *(1, 0, 0)
    ]
