"""S4: what a lasting installation is not started with."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection
from pytest_django.fixtures import Settings

from lawadvisor.checks import check_database
from tests.factories import make_user

ROOT = Path(__file__).resolve().parents[1]
GOOD_KEY = "0123456789abcdef" * 3
GOOD = {"DEBUG": False, "DEMO": False, "SECRET_KEY": GOOD_KEY, "ALLOWED_HOSTS": ["a.gov.cn"]}


@pytest.fixture
def good(db: None, settings: Settings) -> Settings:
    for name, value in GOOD.items():
        setattr(settings, name, value)
    return settings


def ours(settings: Settings) -> set[str]:
    found = run_checks(include_deployment_checks=True, databases=["default"])
    return {message.id for message in found if message.id.startswith("portal.")}


def test_a_proper_installation_starts(good: Settings):
    assert ours(good) == set()
    call_command("check", deploy=True, databases=["default"])


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("DEBUG", True, "portal.E001"),
        ("SECRET_KEY", "change-me", "portal.E002"),
        ("SECRET_KEY", "change-me-" + GOOD_KEY, "portal.E002"),
        ("SECRET_KEY", "django-insecure-" + GOOD_KEY, "portal.E002"),
        ("SECRET_KEY", "ab" * 40, "portal.E002"),
        ("SECRET_KEY", GOOD_KEY[:31], "portal.E002"),
        ("ALLOWED_HOSTS", ["a.gov.cn", "*"], "portal.E003"),
        ("DEMO", True, "portal.W001"),
    ],
)
def test_each_weakness_is_named(good: Settings, name: str, value: object, complaint: str):
    setattr(good, name, value)

    assert ours(good) == {complaint}
    if complaint[7] == "E":
        with pytest.raises(SystemCheckError, match=complaint):
            call_command("check", deploy=True, databases=["default"])


def test_demo_accounts_are_refused_outside_demo_mode(good: Settings):
    make_user(is_demo=True)
    assert ours(good) == {"portal.E005"}
    good.DEMO = True

    assert ours(good) == {"portal.W001"}


def test_a_superuser_of_the_database_is_refused(good: Settings, monkeypatch: pytest.MonkeyPatch):
    class Cursor:
        def __enter__(self):
            return self

        def __exit__(self, *_: object) -> None: ...

        def execute(self, _: str) -> None: ...

        def fetchone(self) -> tuple[bool]:
            return (True,)

    monkeypatch.setattr(connection, "cursor", Cursor)
    monkeypatch.setattr(connection.introspection, "table_names", lambda _: [])

    assert [message.id for message in check_database(None, ["default"])] == ["portal.E004"]


def test_the_role_of_the_tests_is_asked_in_truth(good: Settings):
    """Else the check could say no to nothing: the database knows the column it asks for."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False,)


def test_compose_runs_the_checks_before_anything_answers():
    assert (
        "manage.py check --deploy --database default" in (ROOT / "docker-compose.yml").read_text()
    )


def test_compose_hands_on_every_setting_that_operators_are_told_of():
    """The file names its variables one by one: what it forgets does nothing in a container."""
    told = set(re.findall(r"LAWADVISOR_[A-Z_]+", (ROOT / "lawadvisor" / "settings.py").read_text()))
    handed = set(re.findall(r"LAWADVISOR_[A-Z_]+", (ROOT / "docker-compose.yml").read_text()))

    # the address is what make run itself knows; compose names its origins
    assert told - handed == {"LAWADVISOR_DEBUG", "LAWADVISOR_ADDRESS"}
