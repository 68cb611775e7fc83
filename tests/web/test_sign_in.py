"""The door and the account page, as a browser meets them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django.fixtures import Settings

from lawadvisor.accounts import second_factor, services, sessions
from lawadvisor.accounts.enums import Outcome
from lawadvisor.accounts.models import SignIn, User
from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.roles import ROLES, Role, Thing
from lawadvisor.foundation.viewer import SYSTEM
from tests import factories
from tests.conftest import desk_of
from tests.web.conftest import Closed, signed_in

pytestmark = pytest.mark.django_db

PASSWORD, NEXT = "Right-password-1", "Other-password-2"
MINUTE, HOUR = 60, 3600


@pytest.fixture
def user() -> User:
    return factories.make_user(username="zx-li", password=PASSWORD, name="李明")


def enter(client: Client, password: str = PASSWORD, **more: str):
    return client.post("/login/", {"username": "zx-li", "password": password, **more})


def outcomes(user: User | None = None) -> list[str]:
    found = SignIn.objects.order_by("pk")
    return [*(found.filter(user_id=user.pk) if user else found).values_list("outcome", flat=True)]


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Moves the clock by which sessions are measured."""
    import time

    now = [int(time.time())]
    monkeypatch.setattr(sessions, "time", SimpleNamespace(time=lambda: now[0]))

    def move(seconds: float) -> None:
        now[0] += seconds

    return move


# ── in, out, and what is written down ───────────────────────────────────────────────────────────


def test_a_sign_in_greets_with_the_last_one(user: User) -> None:
    first, second = Client(), Client()
    enter(first)
    assert "这是您第一次登录本平台。" in first.get("/", follow=True).content.decode()
    enter(Client(), "wrong")
    enter(second, REMOTE_ADDR="192.0.2.9")

    text = second.get("/", follow=True).content.decode()
    at = timezone.localtime(SignIn.objects.earliest("pk").at)
    assert f"上次登录：{at.year}年{at.month}月{at.day}日{at:%H:%M}，来自127.0.0.1。" in text
    assert "此后有1次登录没有成功" in text
    assert "上次登录" in second.get("/account/").content.decode()


def test_every_outcome_at_the_door_is_a_line(user: User) -> None:
    shut = factories.make_user(username="shut", password=PASSWORD, is_active=False)
    client = Client(headers={"user-agent": "Firefox\x00 " + "x" * 300})
    enter(client, "wrong")
    enter(client)
    client.post("/logout/")
    client.post("/login/", {"username": "shut", "password": PASSWORD})
    client.post("/login/", {"username": "13800138000", "password": "x"})

    assert outcomes(user) == ["wrong", "success", "logout"]
    assert outcomes(shut) == ["disabled"]
    line = SignIn.objects.get(user_id=None)
    assert (line.name, line.outcome, line.address) == ("1***", Outcome.WRONG, "127.0.0.1")
    assert len(line.agent) == 200
    assert line.agent.startswith("Firefox x")


def test_the_session_has_a_new_id_after_signing_in(user: User) -> None:
    client = Client()
    session = client.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    enter(client)

    assert client.session.session_key != planted
    assert not client.session.exists(planted)


def test_an_address_elsewhere_is_not_gone_to(user: User) -> None:
    assert enter(Client(), next="https://elsewhere.example/").url == "/"
    assert enter(Client(), next="/places/").url == "/places/"


def test_the_back_office_leaves_by_our_door(system_admin: User) -> None:
    client = signed_in(system_admin)
    assert client.get("/admin/password_change/").url == "/account/password/"
    assert client.post("/admin/logout/").url == "/login/"
    assert outcomes(system_admin) == ["logout"]


# ── how long a session lasts ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("rests", "alive"), [([29 * MINUTE], True), ([29 * MINUTE] * 3, True), ([31 * MINUTE], False)]
)
def test_half_an_hour_without_a_request_ends_it(
    user: User, wait: Callable[[float], None], rests: list[float], alive: bool
) -> None:
    client = Client()
    enter(client)
    for seconds in rests:
        wait(seconds)
        page = client.get("/account/")

    assert (page.status_code == 200) is alive
    assert (Outcome.TIMEOUT in outcomes(user)) is not alive
    if not alive:
        assert page.url == "/login/?next=/account/"
        assert "较长时间没有操作" in client.get(page.url).content.decode()
        assert "较长时间没有操作" not in client.get(page.url).content.decode()


@pytest.mark.parametrize(("minutes", "status"), [(14, 200), (16, 302)])
def test_the_back_office_ends_it_sooner(
    system_admin: User, wait: Callable[[float], None], minutes: int, status: int
) -> None:
    client = signed_in(system_admin)
    client.get("/places/")
    wait(minutes * MINUTE)

    assert client.get("/admin/").status_code == status
    assert client.get("/places/").status_code == status


def test_twelve_hours_end_it_however_busy(user: User, wait: Callable[[float], None]) -> None:
    client = Client()
    enter(client)
    alive = 0
    while client.get("/account/").status_code == 200:
        alive += 1
        wait(20 * MINUTE)

    assert alive == 12 * 3 + 1


def test_times_are_settings(user: User, wait: Callable[[float], None], settings: Settings) -> None:
    settings.IDLE_MINUTES = 5
    client = Client()
    enter(client)
    wait(6 * MINUTE)

    assert client.get("/account/").status_code == 302


def test_a_session_without_times_is_none(user: User) -> None:
    """From before there were times, or tampered with."""
    client = Client()
    enter(client)
    session = client.session
    del session["began_at"]
    session.save()

    assert client.get("/account/").status_code == 302


ENDINGS = {
    "everywhere": lambda user: services.sign_out_everywhere(by=SYSTEM, user=user),
    "closed": lambda user: services.set_active(by=SYSTEM, user=user, active=False),
    "reset": lambda user: services.reset_password(by=SYSTEM, user=user),
    "changed": lambda user: services.change_password(by=SYSTEM, user=user, password=NEXT),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_ending_kills_two_hundred_sessions_at_the_next_request(user: User, ending: str) -> None:
    clients = [signed_in(user) for _ in range(200)]
    ENDINGS[ending](user)

    assert {client.get("/account/").status_code for client in clients} == {302}


def test_signing_out_everywhere_by_the_button(user: User) -> None:
    here, there = Client(), Client()
    enter(here)
    enter(there)
    assert here.post("/account/everywhere/").url == "/login/"

    assert there.get("/account/").status_code == here.get("/account/").status_code == 302
    assert AuditEntry.objects.get(verb="user.sign_out_everywhere").actor_id == user.pk
    assert outcomes(user)[-1] == Outcome.LOGOUT_EVERYWHERE


# ── what was typed when it had ended ────────────────────────────────────────────────────────────


def too_late(client: Client, **more: object):
    return client.post(
        "/account/second-factor/", {"wish": "confirm", "note": "第一行\n第二行", **more}
    )


def test_a_form_that_comes_too_late_is_kept_and_sent_again(
    user: User, wait: Callable[[float], None]
) -> None:
    client = Client()
    enter(client)
    wait(HOUR)
    page = too_late(client, password="not kept", tag=["a", "b"])
    assert (page.status_code, "刚才提交的内容没有保存" in page.content.decode()) == (403, True)
    assert "not kept" not in page.content.decode()
    again = enter(client, kept=page.context["kept"])
    assert again.status_code == 200
    late = again.context["late"]

    assert late.path == "/account/second-factor/"
    assert late.fields == [
        ("wish", "confirm"),
        ("note", "第一行\n第二行"),
        ("tag", "a"),
        ("tag", "b"),
    ]
    text = again.content.decode()
    assert 'action="/account/second-factor/"' in text
    assert 'name="note" value="第一行\n第二行"' in text


def test_a_wrong_password_does_not_lose_it(user: User, wait: Callable[[float], None]) -> None:
    client = Client()
    enter(client)
    wait(HOUR)
    kept = too_late(client).context["kept"]

    assert kept in enter(client, "wrong", kept=kept).content.decode()


def test_a_session_that_was_ended_elsewhere_keeps_it_too(user: User) -> None:
    client = Client()
    enter(client)
    services.sign_out_everywhere(by=SYSTEM, user=user)

    assert enter(client, kept=too_late(client).context["kept"]).context["late"].fields


def test_another_person_does_not_get_it(user: User, wait: Callable[[float], None]) -> None:
    factories.make_user(username="other", password=PASSWORD)
    client = Client()
    enter(client)
    wait(HOUR)
    kept = too_late(client).context["kept"]
    page = client.post("/login/", {"username": "other", "password": PASSWORD, "kept": kept})

    assert (page.status_code, page.url) == (302, "/")


def test_nothing_forged_is_sent_again(user: User) -> None:
    of_another_page = signing.dumps({"user": user.pk, "path": "/", "fields": []}, salt="other")
    for kept in ("", "forged", of_another_page):
        assert enter(Client(), kept=kept).status_code == 302


def test_too_much_is_not_kept_and_files_are_named(
    user: User, wait: Callable[[float], None]
) -> None:
    client = Client()
    enter(client)
    wait(HOUR)
    import random

    noise = "".join(random.Random(1).choices("0123456789abcdefghijklmnop", k=400_000))
    page = too_late(client, noise=noise)
    assert page.context["kept"] == ""
    assert "请重新登录，再打开原来的页面重新填写" in page.content.decode()


def test_a_file_must_be_chosen_again(user: User, wait: Callable[[float], None]) -> None:
    client = Client()
    enter(client)
    wait(HOUR)
    page = too_late(client, file=SimpleUploadedFile("a.xlsx", b"x"))

    assert "选好的文件须重新选择" in page.content.decode()


def test_a_stranger_who_sends_a_form_is_told_so(db: None) -> None:
    page = too_late(Client())

    assert (page.status_code, page.context["kept"]) == (403, "")


# ── passwords ───────────────────────────────────────────────────────────────────────────────────


def change(client: Client, old: str = PASSWORD, new: str = NEXT, again: str | None = None):
    form = {"old": old, "new": new, "again": new if again is None else again}
    return client.post("/account/password/", form)


def test_changing_ones_password_keeps_this_session_only(user: User) -> None:
    here, there = Client(), Client()
    enter(here)
    enter(there)
    key = here.session.session_key
    assert change(here).url == "/account/"

    assert here.get("/account/").status_code == 200
    assert here.session.session_key != key
    assert there.get("/account/").status_code == 302
    assert enter(Client(), NEXT).status_code == 302
    entry = AuditEntry.objects.get(verb="user.change_password")
    assert NEXT not in str(entry.__dict__)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"old": "wrong"}, "现在的密码不正确。"),
        ({"old": ""}, "请填写现在的密码。"),
        ({"new": ""}, "请填写新密码。"),
        ({"again": "Else-password-3"}, "两次输入的新密码不一致，请重新输入。"),
        ({"new": "short"}, "密码只有5个字符，至少应有10个字符。"),
        ({"new": PASSWORD}, "密码不能与最近用过的5个密码相同。"),
        ({"new": "My-zx-li-2026"}, "密码中不要含有用户名、姓名或手机号。"),
    ],
)
def test_a_new_password_that_will_not_do_says_why(
    user: User, typed: dict[str, str], said: str
) -> None:
    client = signed_in(user)
    page = change(client, **typed)

    assert page.status_code == 200
    assert said in page.content.decode()
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_guessing_the_old_password_counts_with_the_door(user: User) -> None:
    client = signed_in(user)
    answers = [change(client, old=f"wrong-{n}").status_code for n in range(6)]

    assert answers == [200] * 5 + [429]
    assert enter(Client()).status_code == 429


def test_a_slip_with_the_new_password_costs_no_try(user: User) -> None:
    client = signed_in(user)
    for _ in range(6):
        change(client, new="short")

    assert change(client).status_code == 302


def test_a_first_password_opens_one_page(user: User) -> None:
    user.must_change_password = True
    user.save()
    client = Client()
    enter(client)
    for address in ("/", "/account/", "/places/", "/account/second-factor/", "/admin/"):
        assert client.get(address).url == "/account/password/"
        assert client.post(address).url == "/account/password/"
    for address in ("/feedback/", "/healthz", "/logout/"):
        assert client.get(address).status_code == 200
    assert "只能用一次" in client.get("/account/password/").content.decode()
    assert change(client).url == "/"

    assert client.get("/account/").status_code == 200


@pytest.mark.parametrize(
    ("days", "limit", "due"), [(91, 90, True), (89, 90, False), (999, 0, False)]
)
def test_an_old_password_is_due(
    user: User, settings: Settings, days: int, limit: int, due: bool
) -> None:
    settings.PASSWORD_DAYS = limit
    user.password_changed_at = timezone.now() - timedelta(days=days)
    user.save()

    assert (signed_in(user).get("/account/").status_code == 302) is due


def test_a_password_of_unknown_age_is_as_old_as_its_account(user: User) -> None:
    User.objects.filter(pk=user.pk).update(
        password_changed_at=None, date_joined=timezone.now() - timedelta(days=100)
    )
    assert signed_in(user).get("/account/").url == "/account/password/"


def test_demo_accounts_and_accounts_without_a_password_change_nothing(settings: Settings) -> None:
    settings.DEMO = True
    old = {"date_joined": timezone.now() - timedelta(days=1000)}
    demo = factories.make_user(password=PASSWORD, is_demo=True, **old)
    User.objects.filter(pk=demo.pk).update(password_changed_at=None)
    mute = factories.make_user(**old)

    assert [signed_in(one).get("/account/").status_code for one in (demo, mute)] == [200, 200]


# ── the second factor ───────────────────────────────────────────────────────────────────────────


def code_of(user: User, offset: int = 0) -> str:
    """The code that an app shows now, or ``offset`` seconds from now."""
    device = TOTPDevice.objects.get(user=user)
    return f"{totp(device.bin_key, t0=-offset):06d}"


@pytest.fixture
def armed(user: User) -> User:
    second_factor.begin(user)
    TOTPDevice.objects.filter(user=user).update(confirmed=True)
    return user


def test_setting_it_up(user: User) -> None:
    here, there = Client(), Client()
    enter(here)
    enter(there)
    address = "/account/second-factor/"
    assert "<svg" not in here.get(address).content.decode()
    here.post(address, {"wish": "begin"})
    page = here.get(address).content.decode()
    assert "<svg" in page
    assert "style=" not in page
    wrong = here.post(address, {"wish": "confirm", "code": "000000"})
    assert "验证码不正确" in wrong.content.decode()
    assert not second_factor.is_set_up(user)
    done = here.post(address, {"wish": "confirm", "code": code_of(user)})

    assert len(set(done.context["codes"])) == 10
    assert second_factor.is_set_up(user)
    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302
    assert AuditEntry.objects.filter(verb="user.set_up_second_factor").count() == 1
    key = TOTPDevice.objects.get(user=user).key
    assert "<svg" not in here.get(address).content.decode()
    assert here.post(address, {"wish": "begin"}).status_code == 302
    assert TOTPDevice.objects.get(user=user).key == key


def test_the_password_alone_opens_nothing(armed: User) -> None:
    client = Client()
    page = enter(client)
    assert (page.status_code, "动态验证码" in page.content.decode()) == (200, True)
    assert client.get("/account/").status_code == 302
    wrong = client.post("/login/code/", {"code": "000000"})
    assert "验证码不正确或已用过" in wrong.content.decode()
    assert client.get("/account/").status_code == 302
    before = client.session.session_key
    assert client.post("/login/code/", {"code": f" {code_of(armed)} "}).url == "/"

    assert client.get("/account/").status_code == 200
    assert client.session.session_key != before
    assert outcomes(armed) == ["wrong_code", "success"]


def test_a_code_opens_once(armed: User) -> None:
    code = code_of(armed)
    first, second = Client(), Client()
    enter(first)
    enter(second)

    assert first.post("/login/code/", {"code": code}).status_code == 302
    assert second.post("/login/code/", {"code": code}).status_code == 200


@pytest.mark.parametrize(
    ("offset", "opens"), [(-30, True), (0, True), (30, True), (-90, False), (90, False)]
)
def test_a_clock_may_be_half_a_minute_off(armed: User, offset: int, opens: bool) -> None:
    client = Client()
    enter(client)
    page = client.post("/login/code/", {"code": code_of(armed, offset)})

    assert (page.status_code == 302) is opens


def test_a_spare_code_opens_once(armed: User) -> None:
    spare = second_factor.new_spare_codes(armed)[0]
    answers = []
    for _ in range(2):
        client = Client()
        enter(client)
        answers.append(client.post("/login/code/", {"code": spare.upper()}).status_code)

    assert answers == [302, 200]
    assert second_factor.spare_codes_left(armed) == 9


def test_guessing_codes_is_locked(armed: User) -> None:
    client = Client()
    enter(client)
    answers = [client.post("/login/code/", {"code": f"{n:06d}"}).status_code for n in range(6)]

    assert answers == [200] * 5 + [429]
    assert client.post("/login/code/", {"code": code_of(armed)}).status_code == 429


def test_the_second_step_does_not_wait_for_ever(
    armed: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    from lawadvisor.accounts import entry

    client = Client()
    enter(client)
    later = SimpleNamespace(time=lambda: time.time() + 301)
    monkeypatch.setattr(entry, "time", later)

    assert client.post("/login/code/", {"code": code_of(armed)}).url == "/login/"
    assert client.get("/account/").status_code == 302


@pytest.mark.parametrize("ending", ["everywhere", "closed", "reset"])
def test_the_second_step_ends_with_the_account(armed: User, ending: str) -> None:
    client = Client()
    enter(client)
    ENDINGS[ending](armed)

    assert client.post("/login/code/", {"code": code_of(armed)}).url == "/login/"


def test_a_late_form_survives_the_second_step(armed: User, wait: Callable[[float], None]) -> None:
    client = signed_in(armed)
    wait(HOUR)
    kept = too_late(client).context["kept"]
    assert kept in enter(client, kept=kept).content.decode()
    page = client.post("/login/code/", {"code": code_of(armed), "kept": kept})

    assert page.context["late"].path == "/account/second-factor/"


@pytest.mark.parametrize("wish", ["renew", "remove"])
def test_changing_it_is_proved_by_a_code(armed: User, wish: str) -> None:
    second_factor.new_spare_codes(armed)
    client, address = signed_in(armed), "/account/second-factor/"
    before = second_factor.spare_codes_left(armed)
    for code in ("", "000000"):
        assert client.post(address, {"wish": wish, "code": code}).status_code == 200
    assert second_factor.is_set_up(armed)
    assert second_factor.spare_codes_left(armed) == before == 10
    done = client.post(address, {"wish": wish, "code": code_of(armed)})

    assert second_factor.is_set_up(armed) is (wish == "renew")
    assert (done.status_code == 200) is (wish == "renew")


def test_it_can_be_demanded_of_the_back_office(
    settings: Settings, system_admin: User, user: User
) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    client, address = signed_in(system_admin), "/account/second-factor/"
    assert client.get("/places/").url == client.get("/admin/").url == address
    assert "须启用动态验证码" in client.get(address).content.decode()
    assert signed_in(user).get("/account/").status_code == 200
    client.post(address, {"wish": "begin"})
    client.post(address, {"wish": "confirm", "code": code_of(system_admin)})

    assert client.get("/admin/").status_code == 200


# ── the register ────────────────────────────────────────────────────────────────────────────────


def test_a_bureau_reads_the_sign_ins_of_its_own_people(
    closed: Closed, foreign_closed: Closed
) -> None:
    stranger = factories.make_user()
    factories.make_sign_in(user=stranger)
    factories.make_sign_in(user_id=None, name="x***", outcome=Outcome.WRONG)
    client = signed_in(closed.county.bureau_user)
    page = client.get("/admin/accounts/signin/")
    seen = {row.user_id for row in page.context["cl"].queryset}

    assert seen == {closed.county.township_user.pk}
    found = client.get("/admin/accounts/signin/", {"q": closed.county.township_user.username})
    assert found.context["cl"].result_count == 1
    assert client.get("/admin/accounts/signin/", {"outcome__exact": "wrong"}).status_code == 200


def test_the_administrator_reads_them_all(closed: Closed, system_admin: User) -> None:
    factories.make_sign_in(user_id=None, name="x***", outcome=Outcome.WRONG)
    page = signed_in(system_admin).get("/admin/accounts/signin/")

    assert page.context["cl"].queryset.count() == SignIn.objects.count() == 2


@pytest.mark.parametrize("role", [*Role])
def test_the_role_table_says_who_reads_them(closed: Closed, role: Role) -> None:
    """Closed to all whose rights do not name them, whatever else they see in the back office."""
    page = signed_in(desk_of(closed.county, role)).get("/admin/accounts/signin/", follow=True)

    assert (page.status_code == 200) is (Thing.AUDIT in ROLES[role].sees)


# ── headers ─────────────────────────────────────────────────────────────────────────────────────


def test_every_answer_forbids_foreign_scripts(closed: Closed) -> None:
    client = signed_in(closed.county.bureau_user)
    answers = [
        *(client.get(at) for at in ("/", "/account/", "/admin/", "/feedback/", "/nowhere/")),
        *(Client().get(at) for at in ("/login/", "/healthz", "/admin/")),
        too_late(Client()),
    ]
    for answer in answers:
        rules = answer.headers["Content-Security-Policy"]
        assert rules.startswith("default-src 'self';")
        assert "unsafe" not in rules
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] == "same-origin"
