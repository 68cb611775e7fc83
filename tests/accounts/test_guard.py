"""Tries are counted before they are judged: S1, growing locks, and who is not locked out."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime, timedelta

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone
from pytest_django import Settings

from lawadvisor.accounts import guard, services
from lawadvisor.accounts.backends import PortalBackend
from lawadvisor.accounts.models import SignIn, TryCount, User
from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.viewer import SYSTEM
from tests.factories import make_user

pytestmark = pytest.mark.django_db

PASSWORD = "Right-password-1"
START = datetime(2026, 10, 9, 1, 0, tzinfo=timezone.get_default_timezone())


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(timezone, "now", clock)
    return clock


@pytest.fixture
def evaluated(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that were really compared."""
    compared: list[str] = []
    compare = User.check_password

    def noting(self: User, password: str) -> bool:
        compared.append(password)
        return compare(self, password)

    monkeypatch.setattr(User, "check_password", noting)
    return compared


def door(client: Client, name: str, password: str = "wrong", address: str = "192.0.2.1"):
    return client.post("/login/", {"username": name, "password": password}, REMOTE_ADDR=address)


def from_anywhere(number: int) -> str:
    return f"10.{number // 62500}.{number // 250 % 250}.{number % 250 + 1}"


def test_of_a_thousand_tries_five_are_judged(clock: Clock, evaluated: list[str]):
    """One account, from a thousand addresses, within half an hour."""
    user = make_user(password=PASSWORD)
    requests, locked = RequestFactory(), 0
    for number in range(1_000):
        request = requests.post("/login/", REMOTE_ADDR=from_anywhere(number))
        try:
            PortalBackend().authenticate(request, user.username, f"guess {number}")
        except guard.Locked:
            locked += 1
        clock.move(milliseconds=1_799)

    assert (len(evaluated), locked) == (5, 995)


def test_locks_grow_and_come_to_an_end(clock: Clock, settings: Settings):
    settings.LOCK_MINUTES = [30, 60, 120]
    key = guard.Limit("user:1", 5)

    found = []
    for _ in range(4):
        for _ in range(5):
            guard.book([key])
        with pytest.raises(guard.Locked) as refused:
            guard.book([key])
        found.append(round((refused.value.until - clock.now).total_seconds() / 60))
        clock.now = refused.value.until

    assert found == [30, 60, 120, 120]


def test_a_shorter_lock_still_leaves_five_in_the_window_counted(clock: Clock, settings: Settings):
    """With 5, 15, 30 minutes each lock lets one try pass, then locks longer."""
    settings.LOCK_MINUTES = [5, 15, 30]
    key = guard.Limit("user:1", 5)
    for _ in range(5):
        guard.book([key])
    for minutes in (5, 15):
        clock.move(minutes=minutes)
        guard.book([key])
        with pytest.raises(guard.Locked):
            guard.book([key])


def test_a_quiet_day_makes_the_next_lock_a_first_one(clock: Clock):
    key = guard.Limit("user:1", 5)
    for _ in range(5):
        guard.book([key])
    clock.move(hours=25)
    for _ in range(5):
        guard.book([key])

    assert TryCount.objects.get().until == clock.now + timedelta(minutes=30)


def test_tries_while_locked_do_not_make_it_longer(clock: Clock):
    key = guard.Limit("user:1", 5)
    for _ in range(5):
        guard.book([key])
    until = TryCount.objects.get().until
    clock.move(minutes=10)
    with pytest.raises(guard.Locked) as refused:
        guard.book([key])

    assert refused.value.until == until == TryCount.objects.get().until


def test_old_tries_do_not_count(clock: Clock):
    key = guard.Limit("user:1", 5)
    for _ in range(12):
        guard.book([key])
        clock.move(minutes=8)

    assert TryCount.objects.get().until is None


def test_the_right_password_clears_the_account_and_not_the_address(clock: Clock):
    user = make_user(password=PASSWORD)
    for _ in range(4):
        door(Client(), user.username)
    assert door(Client(), user.username, PASSWORD).status_code == 302

    assert not TryCount.objects.filter(key=guard.of_account(user.pk).key).exists()
    assert len(TryCount.objects.get(key="address:192.0.2.1").tried_at) == 4


def test_the_fifth_try_may_still_be_right(clock: Clock):
    user = make_user(password=PASSWORD)
    for _ in range(4):
        door(Client(), user.username)

    assert door(Client(), user.username, PASSWORD).status_code == 302
    assert guard.locked_until(user.pk) is None


def test_the_right_password_is_not_judged_while_locked(clock: Clock, evaluated: list[str]):
    user = make_user(password=PASSWORD)
    for _ in range(5):
        door(Client(), user.username)
    page = door(Client(), user.username, PASSWORD)

    assert (page.status_code, page["Retry-After"]) == (429, "1800")
    assert "请在01:30之后再试" in page.content.decode()
    assert PASSWORD not in evaluated
    clock.move(minutes=30)
    assert door(Client(), user.username, PASSWORD).status_code == 302


def test_all_spellings_of_one_name_count_together(clock: Clock):
    user = make_user(username="zx-li", password=PASSWORD)
    for spelling in ("zx-li", " zx-li", "ｚｘ-li", "zx-li ", "zx-ｌｉ"):
        door(Client(), spelling)

    assert guard.locked_until(user.pk) is not None


def test_user_name_and_number_count_together(clock: Clock):
    user = make_user(password=PASSWORD, phone="13800138000")
    for typed in (user.username, "13800138000", "138 0013 8000", user.username, "138-00138000"):
        door(Client(), typed)

    assert guard.locked_until(user.pk) is not None
    assert door(Client(), "13800138000", PASSWORD).status_code == 429


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize(
    "spellings", [("13800138000", "138 0013 8000"), ("zx-li", "ｚｘ-li"), ("zx-li", "ZX-LI")]
)
def test_two_spellings_tell_nothing_either(clock: Clock, spellings: tuple[str, str], there: bool):
    """Else locking one of them and trying the other would say whether there is an account."""
    if there:
        make_user(username="zx-li", phone="13800138000", password=PASSWORD)
    for _ in range(5):
        door(Client(), spellings[0])

    assert door(Client(), spellings[1]).status_code == (200 if "ZX-LI" in spellings else 429)


@pytest.mark.parametrize("fields", [{}, {"is_active": False}, {"is_demo": True}, None])
def test_the_answers_are_alike_whether_or_not_there_is_an_account(
    clock: Clock, fields: dict[str, bool] | None
):
    """``fields`` None: nobody's name. Six answers, byte for byte but for the typed name."""
    name = "somebody"
    if fields is not None:
        make_user(username=name, password=PASSWORD, **fields)
    client = Client()
    told = []
    for _ in range(6):
        page = door(client, name)
        text = page.content.decode()
        token = page.context["csrf_token"]
        told.append((page.status_code, text.replace(str(token), "")))

    assert [status for status, _ in told] == [200] * 5 + [429]
    assert all("用户名、手机号或密码不正确" in text for _, text in told[:5])
    assert "01:30" in told[5][1]
    assert name not in told[5][1]


def test_spraying_is_stopped_by_address(clock: Clock, settings: Settings):
    """One guess at each of many names: no account is ever locked, the address is."""
    settings.ADDRESS_TRIES = 20
    user = make_user(password=PASSWORD)
    answers = [door(Client(), f"name{number}").status_code for number in range(25)]

    assert answers == [200] * 20 + [429] * 5
    assert door(Client(), user.username, PASSWORD).status_code == 429
    assert door(Client(), user.username, PASSWORD, "192.0.2.2").status_code == 302


def test_signing_in_does_not_wash_an_address_clean(clock: Clock, settings: Settings):
    settings.ADDRESS_TRIES = 6
    own = make_user(password=PASSWORD)
    for number in range(5):
        door(Client(), f"name{number}")
        assert door(Client(), own.username, PASSWORD).status_code == 302
    door(Client(), "name6")

    assert door(Client(), "name7").status_code == 429


def test_a_house_of_addresses_is_one(settings: Settings):
    same = {guard.of_address(f"2001:db8:1:2::{n}").key for n in range(5)}

    assert same == {"address:2001:db8:1:2::/64"}
    assert guard.of_address("2001:db8:1:3::1").key not in same
    assert guard.of_address("no address").key == "address:unknown"


def test_a_known_browser_is_not_locked_by_strangers(clock: Clock):
    user = make_user(password=PASSWORD)
    own = Client()
    assert door(own, user.username, PASSWORD).status_code == 302
    own.post("/logout/")
    for number in range(5):
        door(Client(), user.username, address=from_anywhere(number))

    assert door(Client(), user.username, PASSWORD).status_code == 429
    assert door(own, user.username, PASSWORD).status_code == 302


def test_a_known_browser_has_five_tries_of_its_own(clock: Clock, evaluated: list[str]):
    user = make_user(password=PASSWORD)
    own = Client()
    door(own, user.username, PASSWORD)
    own.post("/logout/")
    evaluated.clear()
    answers = [door(own, user.username).status_code for _ in range(7)]

    assert answers == [200] * 5 + [429] * 2
    assert len(evaluated) == 5
    assert guard.locked_until(user.pk) is None


def test_a_browser_known_to_one_is_a_stranger_to_another(clock: Clock):
    user, other = make_user(password=PASSWORD), make_user(password=PASSWORD)
    shared = Client()
    door(shared, user.username, PASSWORD)
    shared.post("/logout/")
    for _ in range(5):
        door(shared, other.username)

    assert guard.locked_until(other.pk) is not None


@pytest.mark.parametrize("cookie", ["", "x", '{"1": [0, "ab"]}:forged', "a:b:c"])
def test_a_forged_mark_makes_no_known_browser(clock: Clock, cookie: str):
    user = make_user(password=PASSWORD)
    client = Client()
    client.cookies["device"] = cookie
    for _ in range(5):
        door(client, user.username)

    assert door(client, user.username, PASSWORD).status_code == 429


def test_signing_out_everywhere_forgets_known_browsers(clock: Clock):
    user = make_user(password=PASSWORD)
    own = Client()
    door(own, user.username, PASSWORD)
    services.sign_out_everywhere(by=SYSTEM, user=user)
    for _ in range(5):
        door(Client(), user.username)

    assert door(own, user.username, PASSWORD).status_code == 429


def test_an_administrator_unlocks(clock: Clock):
    user = make_user(password=PASSWORD)
    for _ in range(5):
        door(Client(), user.username)
    services.unlock(by=SYSTEM, user=user)

    assert door(Client(), user.username, PASSWORD).status_code == 302
    assert AuditEntry.objects.filter(verb="user.unlock", subject_id=user.pk).count() == 1


def test_nothing_typed_stays_in_the_counts(clock: Clock):
    door(Client(), "13800138000", "my-secret-password")
    rows = [str(row.__dict__) for row in (*TryCount.objects.all(), *SignIn.objects.all())]

    assert len(rows) == 3
    assert not any("13800138000" in row or "my-secret" in row for row in rows)


def test_old_counts_are_forgotten(clock: Clock):
    guard.book([guard.Limit("user:1", 5)])
    clock.move(hours=47)
    guard.book([guard.Limit("user:2", 5)])
    clock.move(hours=2)

    assert guard.forget_old() == 1
    assert TryCount.objects.get().key == "user:2"


@pytest.mark.django_db(transaction=True)
def test_a_thousand_tries_at_one_moment_are_five(
    elsewhere: Callable[..., Future], evaluated: list[str]
):
    """Counted first and committed: no number of threads gets a sixth comparison."""
    user = make_user(password=PASSWORD)

    def tries(number: int) -> int:
        refused = 0
        for again in range(25):
            try:
                PortalBackend().authenticate(None, user.username, f"{number} {again}")
            except guard.Locked:
                refused += 1
        return refused

    running = [elsewhere(tries, number) for number in range(12)]

    assert sum(work.result() for work in running) == 12 * 25 - 5
    assert len(evaluated) == 5
