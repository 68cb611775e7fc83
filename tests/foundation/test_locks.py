"""Advisory locks, between two real connections."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from threading import Event

import pytest
from django.db import OperationalError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from lawadvisor.foundation import locks
from tests.conftest import own_connections

Elsewhere = Callable[..., Future]


@pytest.fixture
def elsewhere(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Elsewhere]:
    """Connections without a transaction around the test; locks leave no rows to delete."""
    with django_db_blocker.unblock(), own_connections() as submit:
        yield submit
        connection.close()


def setting(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {name}")
        return cursor.fetchone()[0]


def waiting() -> int:
    """How many connections to this database wait for an advisory lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
            " WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted"
        )
        return cursor.fetchone()[0]


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def hold_and_note(names: tuple[str, ...], word: str, notes: list[str]) -> None:
    with transaction.atomic():
        locks.hold(*names)
        notes.append(word)


def test_a_lock_needs_a_transaction(elsewhere: Elsewhere):
    with pytest.raises(TransactionManagementError, match="transaction"):
        locks.hold("advisor:1")


def test_writers_wait_for_each_other_in_order(elsewhere: Elsewhere):
    notes: list[str] = []
    with transaction.atomic():
        locks.hold("advisor:1")
        second = elsewhere(hold_and_note, ("advisor:1",), "second", notes)
        wait_until(lambda: waiting() == 1)
        third = elsewhere(hold_and_note, ("advisor:1",), "third", notes)
        wait_until(lambda: waiting() == 2)
        notes.append("first")

    second.result(timeout=10)
    third.result(timeout=10)
    assert notes == ["first", "second", "third"]


def test_other_names_do_not_wait(elsewhere: Elsewhere):
    notes: list[str] = []
    with transaction.atomic():
        locks.hold("advisor:1")
        elsewhere(hold_and_note, ("advisor:2", "advisor:10"), "other", notes).result(timeout=10)

    assert notes == ["other"]


def test_a_rollback_releases(elsewhere: Elsewhere):
    notes: list[str] = []
    with transaction.atomic():
        locks.hold("advisor:1")
        transaction.set_rollback(True)

    elsewhere(hold_and_note, ("advisor:1",), "second", notes).result(timeout=10)
    assert notes == ["second"]


def test_a_pair_taken_both_ways_does_not_deadlock(elsewhere: Elsewhere):
    """Each holds one name and reaches for the other, unless names are taken in one order."""
    notes: list[str] = []
    started = Event()

    def ten_times(*names: str) -> None:
        started.wait(timeout=10)
        for _ in range(10):
            hold_and_note(names, "+".join(names), notes)

    both = [elsewhere(ten_times, "a", "b"), elsewhere(ten_times, "b", "a")]
    started.set()
    for work in both:
        work.result(timeout=20)

    assert (notes.count("a+b"), notes.count("b+a")) == (10, 10)


@pytest.mark.django_db
def test_names_are_taken_once_and_in_order():
    with CaptureQueriesContext(
        connection,
    ) as queries:
        locks.hold("b", "a", "c", "a")

    (asked,) = [query["sql"] for query in queries if "pg_advisory_xact_lock" in query["sql"]]
    assert re.findall(r"hashtextextended\('(\w)', 0\)", asked) == ["a", "b", "c"]


@pytest.mark.django_db
def test_a_lock_may_be_taken_again_by_its_holder():
    locks.hold("advisor:1")
    locks.hold("advisor:1")


@pytest.mark.django_db
def test_the_patience_ends_with_the_lock():
    """A long query afterwards must not be cut short by it."""
    before = setting("lock_timeout")
    locks.hold("advisor:1")

    assert setting("lock_timeout") == before


def test_a_writer_that_waits_too_long_gives_up_after_three_seconds(elsewhere: Elsewhere):
    held, release = Event(), Event()

    def hold_long() -> None:
        with transaction.atomic():
            locks.hold("advisor:1")
            held.set()
            release.wait(timeout=20)

    first = elsewhere(hold_long)
    try:
        assert held.wait(timeout=10)
        since = time.monotonic()
        with pytest.raises(OperationalError, match="lock timeout"):
            hold_and_note(("advisor:1",), "never", [])
        waited = time.monotonic() - since
    finally:
        release.set()

    first.result(timeout=10)
    assert 2.9 < waited < 6


def test_who_shares_a_lock_waits_only_for_who_holds_it(elsewhere: Callable[..., Future]) -> None:
    def shared() -> None:
        with transaction.atomic():
            locks.share("close:1")

    with transaction.atomic():
        locks.share("close:1")
        elsewhere(shared).result(timeout=10)
    with transaction.atomic():
        locks.hold("close:1")
        waiting = elsewhere(shared)
        with pytest.raises(TimeoutError):
            waiting.result(timeout=0.3)
    waiting.result(timeout=10)
