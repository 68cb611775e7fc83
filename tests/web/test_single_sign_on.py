"""Single sign-on against a provider of our own making: no network, real signatures."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from django.http import HttpResponse
from django.test import Client
from mozilla_django_oidc import auth as library
from pytest_django.fixtures import Settings

from lawadvisor.accounts import second_factor
from lawadvisor.accounts.models import SignIn, User
from tests import factories

pytestmark = pytest.mark.django_db

BACKENDS = [
    "lawadvisor.accounts.backends.PortalBackend",
    "lawadvisor.accounts.single_sign_on.SingleSignOn",
]
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Answer:
    """As much of requests' answer as the library reads."""

    status_code = 200
    headers = {"content-type": "application/json"}

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content

    def json(self) -> dict[str, Any]:
        return self.content

    def raise_for_status(self) -> None: ...


@dataclass
class Provider:
    """Says ``claims`` about subject ``sub``; ``token`` overrides what the id token says."""

    claims: dict[str, Any] = field(default_factory=lambda: {"preferred_username": "zx-li"})
    token: dict[str, Any] = field(default_factory=dict)
    sub: str = "42"
    key: rsa.RSAPrivateKey = KEY
    down: bool = False
    nonce: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)

    def post(self, _url: str, data: dict[str, Any], **_: Any) -> Answer:
        if self.down:
            raise requests.ConnectionError
        self.asked.append(data)
        says = {"sub": "42", "aud": "portal", "nonce": self.nonce, "exp": time.time() + 60}
        token = jwt.encode(
            {**says, **self.token}, self.key, algorithm="RS256", headers={"kid": "k"}
        )
        return Answer({"id_token": token, "access_token": "a"})

    def get(self, url: str, **_: Any) -> Answer:
        if url.endswith("/keys"):
            jwk = jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
            return Answer({"keys": [{**jwk, "kid": "k", "alg": "RS256"}]})
        return Answer({"sub": self.sub, **self.claims})


@pytest.fixture
def provider(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Provider:
    for name, end in (
        ("AUTHORIZATION", "authorize"),
        ("TOKEN", "token"),
        ("USER", "user"),
        ("JWKS", "keys"),
    ):
        setattr(settings, f"OIDC_OP_{name}_ENDPOINT", f"https://id.example/{end}")
    settings.OIDC_RP_CLIENT_ID = "portal"
    settings.OIDC_RP_CLIENT_SECRET = "secret"
    settings.AUTHENTICATION_BACKENDS = BACKENDS
    provider = Provider()
    monkeypatch.setattr(library.requests, "post", provider.post)
    monkeypatch.setattr(library.requests, "get", provider.get)
    return provider


@pytest.fixture
def user() -> User:
    return factories.make_user(username="zx-li")


def round_trip(client: Client, provider: Provider, after: str = "/account/") -> HttpResponse:
    """Out to the provider and back, as a browser goes."""
    left = client.get("/login/single/", {"next": after})
    asked = parse_qs(urlsplit(left.url).query)
    provider.nonce = provider.nonce or asked["nonce"][0]
    return client.get("/login/single/back/", {"code": "c", "state": asked["state"][0]})


def test_it_is_off_unless_set() -> None:
    assert "login/single" not in Client().get("/login/").content.decode()
    assert Client().get("/login/single/").status_code == 404
    assert Client().get("/login/single/back/").status_code == 404


def test_the_person_whom_the_provider_names_is_in(provider: Provider, user: User) -> None:
    client = Client()
    page = client.get("/login/?next=/account/").content.decode()
    assert 'href="/login/single/?next=/account/"' in page
    assert "统一身份认证登录" in page
    back = round_trip(client, provider)

    assert (back.status_code, back.url) == (302, "/account/")
    assert client.get("/account/").status_code == 200
    assert SignIn.objects.get().outcome == "single_sign_on"
    assert provider.asked[0]["code_verifier"]


def test_the_password_still_opens_beside_it(provider: Provider) -> None:
    factories.make_user(username="zx-wang", password="Right-password-1")
    form = {"username": "zx-wang", "password": "Right-password-1"}

    assert Client().post("/login/", form).status_code == 302
    assert Client().post("/login/?code=c&state=s", {**form, "password": "x"}).status_code == 200
    assert provider.asked == []


@pytest.mark.parametrize("name", ["nobody", "", None, 7])
def test_nobody_new_is_let_in(provider: Provider, user: User, name: object) -> None:
    provider.claims = {"preferred_username": name}
    back = round_trip(Client(), provider)

    assert (back.status_code, "没有与您对应" in back.content.decode()) == (403, True)
    assert User.objects.count() == 1
    assert SignIn.objects.get().outcome == "unknown_person"


@pytest.mark.parametrize("fields", [{"is_active": False}, {"is_demo": True}])
def test_closed_and_demo_accounts_stay_closed(provider: Provider, fields: dict[str, bool]) -> None:
    factories.make_user(username="zx-li", **fields)
    client = Client()

    assert round_trip(client, provider).status_code == 403
    assert client.get("/account/").status_code == 302


def test_a_closed_account_ends_its_session(provider: Provider, user: User) -> None:
    client = Client()
    round_trip(client, provider)
    User.objects.update(is_active=False)

    assert client.get("/account/").status_code == 302


WRONG: dict[str, dict[str, Any]] = {
    "another client's token": {"token": {"aud": "other"}},
    "no audience": {"token": {"aud": ["x", "y"]}},
    "an old token": {"token": {"exp": 1}},
    "another nonce": {"nonce": "forged"},
    "another key": {"key": OTHER_KEY},
    "another subject": {"sub": "43"},
    "no answer": {"down": True},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_answer_is_refused_calmly(
    provider: Provider, user: User, wrong: str, caplog: pytest.LogCaptureFixture
) -> None:
    for name, value in WRONG[wrong].items():
        setattr(provider, name, value)
    client = Client()
    with caplog.at_level(logging.WARNING):
        back = round_trip(client, provider)

    assert back.status_code in (403, 502)
    assert "没有登录成功" in back.content.decode()
    assert client.get("/account/").status_code == 302
    assert "zx-li" not in caplog.text


def test_a_way_back_that_was_never_left_is_refused(provider: Provider, user: User) -> None:
    client = Client()
    for asked in ({"code": "c", "state": "s"}, {"error": "access_denied"}, {}):
        assert client.get("/login/single/back/", asked).status_code == 403
    client.get("/login/single/")
    assert client.get("/login/single/back/", {"code": "c", "state": "s"}).status_code == 502
    assert provider.asked == []


def test_the_way_back_is_walked_once(provider: Provider, user: User) -> None:
    client = Client()
    left = client.get("/login/single/")
    asked = parse_qs(urlsplit(left.url).query)
    provider.nonce = asked["nonce"][0]
    back = {"code": "c", "state": asked["state"][0]}
    assert client.get("/login/single/back/", back).status_code == 302
    client.post("/logout/")

    assert client.get("/login/single/back/", back).status_code in (403, 502)


def test_an_address_elsewhere_is_not_gone_to(provider: Provider, user: User) -> None:
    assert round_trip(Client(), provider, "https://elsewhere.example/").url == "/"


def test_who_has_a_second_factor_is_asked_for_it(provider: Provider, user: User) -> None:
    second_factor.begin(user)
    second_factor.TOTPDevice.objects.update(confirmed=True)
    client = Client()

    assert "动态验证码" in round_trip(client, provider).content.decode()
    assert client.get("/account/").status_code == 302
