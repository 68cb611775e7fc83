"""Logs: where it broke and how, and nothing of what people entered."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings as django_settings
from django.db import IntegrityError, transaction
from django.test import RequestFactory
from django.utils.module_loading import import_string
from django.views.debug import ExceptionReporter
from gunicorn.config import Config
from pytest_django.fixtures import Settings

from lawadvisor.access_log import QuietLogger
from lawadvisor.foundation.quietlogs import QuietFormatter, without_keys
from tests.factories import make_user

NAME, PHONE, IDENTITY = "欧阳金丝雀", "13812345678", "430408199001011234"
LOGIN = "canary"


@pytest.fixture
def log() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    """A logger with the formatter of the settings, and what it wrote."""
    told = django_settings.LOGGING["formatters"]["line"]
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(import_string(told["class"])(told["format"]))
    logger = logging.getLogger("test.quietlogs")
    logger.addHandler(handler)
    logger.propagate = False
    yield logger, handler.stream
    logger.removeHandler(handler)


def shown(log: tuple[logging.Logger, io.StringIO], fail) -> str:
    logger, stream = log
    try:
        fail()
    except Exception:
        logger.exception("it broke")
    return stream.getvalue()


def test_every_handler_writes_through_it():
    formatters = django_settings.LOGGING["formatters"]
    used = {handler["formatter"] for handler in django_settings.LOGGING["handlers"].values()}

    assert {import_string(formatters[name]["class"]) for name in used} == {QuietFormatter}


@pytest.mark.parametrize(
    "error",
    [
        ValueError(NAME),
        ValueError(f"no such person: {NAME} {PHONE}"),
        ValueError(f"first line\n  {NAME}\nlast {IDENTITY}"),
        KeyError(NAME),
        RuntimeError("Canary said 'CANARY'", "“CANARY”"),
        UnicodeEncodeError("ascii", NAME, 0, 1, "ordinal not in range"),
    ],
)
def test_an_exception_tells_its_kind_and_place_and_repeats_nothing(error: Exception, log):
    def fail():
        raise error

    told = shown(log, fail)
    assert type(error).__name__ in told
    assert "test_quietlogs.py" in told
    assert "in fail" in told
    assert [canary for canary in (NAME, PHONE, IDENTITY, "CANARY") if canary in told] == []


@pytest.mark.django_db
def test_a_row_that_the_database_refuses_is_not_repeated(log):
    def fail():
        with transaction.atomic():
            make_user(name=" ", username=LOGIN)

    told = shown(log, fail)
    assert "IntegrityError: new row for relation accounts_user violates" in told
    assert "user_name_not_blank" in told
    assert LOGIN not in told


@pytest.mark.django_db
def test_a_double_is_not_repeated(log):
    make_user(username=LOGIN)

    def fail():
        with transaction.atomic():
            make_user(username=LOGIN)

    with pytest.raises(IntegrityError, match=LOGIN):
        fail()
    assert LOGIN not in shown(log, fail)


def test_numbers_are_hidden_in_every_line(log):
    logger, stream = log
    logger.info(
        "sent to %s, %s, +86 138 1234 5678; id 13812345678901, checksum %s", PHONE, IDENTITY, "a1"
    )

    told = stream.getvalue()
    assert "sent to ****, ****, ****; id 13812345678901, checksum a1" in told


def test_a_chained_exception_repeats_nothing(log):
    def fail():
        try:
            {}[NAME]
        except KeyError as error:
            raise RuntimeError(PHONE) from error

    told = shown(log, fail)
    assert "The above exception was the direct cause" in told
    assert [canary for canary in (NAME, PHONE) if canary in told] == []


def test_another_formatter_that_was_first_changes_nothing(log):
    logger, _ = log
    plain = logging.StreamHandler(io.StringIO())
    logger.handlers.insert(0, plain)

    def fail():
        raise ValueError(NAME)

    told = shown(log, fail)
    logger.removeHandler(plain)
    assert NAME in plain.stream.getvalue()
    assert NAME not in told


def test_the_servers_in_front_name_the_page_and_not_what_was_asked_of_it():
    """A search for a person is a part of the address, and so is where the caller came from."""
    base = Path(django_settings.BASE_DIR)
    proxy, image = (base / "deploy" / "nginx.conf").read_text(), (base / "Dockerfile").read_text()
    (form,) = re.findall(r"log_format quiet (.*?);", proxy, re.DOTALL)
    (told,) = re.findall(r'"--access-logformat", "(.*?)"', image)

    assert "access_log /var/log/nginx/access.log quiet;" in proxy
    asked = ("$request ", "$request'", "$args", "$query", "$request_uri", "$http_referer")
    assert [name for name in asked if name in form] == []
    assert [name for name in ("%(r)s", "%(q)s", "%(f)s", "%(a)s") if name in told] == []


def test_no_log_keeps_the_key_of_a_page():
    """Whoever reads a log could else open what a village's contact was given."""
    key = "kept-out-of-every-log-0123456789"
    base = Path(django_settings.BASE_DIR)
    proxy, image = (base / "deploy" / "nginx.conf").read_text(), (base / "Dockerfile").read_text()
    path = f"/confirm/{key}/"
    asked = {"PATH_INFO": path, "REQUEST_METHOD": "GET", "RAW_URI": path, "SERVER_PROTOCOL": ""}
    answered = SimpleNamespace(status="200 OK", headers=[], sent=0)
    atoms = QuietLogger(Config()).atoms(
        answered, SimpleNamespace(headers=[]), asked, timedelta(seconds=1)
    )
    line = logging.LogRecord("django.request", 30, "", 1, "Bad Request: %s", (path,), None)

    assert (atoms["U"], atoms["m"], atoms["s"]) == ("/confirm/…/", "GET", "200")
    assert QuietFormatter().format(line) == "Bad Request: /confirm/…/"
    assert without_keys("/confirm/") == "/confirm/"
    assert "~^/confirm/   /confirm/…/;" in proxy
    assert "$told_uri" in re.findall(r"log_format quiet (.*?);", proxy, re.DOTALL)[0]
    assert '"lawadvisor.access_log.QuietLogger"' in image


# ── pages and mails about errors ────────────────────────────────────────────────────────────────


def report() -> str:
    request = RequestFactory().post("/x/", {"client": NAME, "phone": PHONE})
    client = f"{NAME}之友"
    try:
        int(f"{len(client)} characters")
    except ValueError as error:
        reporter = ExceptionReporter(request, type(error), error, error.__traceback__)
    return reporter.get_traceback_html() + reporter.get_traceback_text()


@pytest.mark.parametrize(("debug", "demo"), [(False, False), (False, True), (True, False)])
def test_a_report_shows_no_form_and_no_variable(debug: bool, demo: bool, settings: Settings):
    settings.DEBUG, settings.DEMO = debug, demo
    told = report()

    assert "ValueError" in told
    assert [canary for canary in (NAME, PHONE) if canary in told] == []


def test_a_developer_sees_invented_data(settings: Settings):
    """Else the search above would find nothing in any report."""
    settings.DEBUG = settings.DEMO = True

    assert NAME in report()
