"""Many at once: one row, true answers, nobody waits for ever, and nothing is passed over."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client

from lawadvisor.accounts.models import User
from tests import factories
from tests.conftest import own_connections
from worklogs.enums import LogState
from worklogs.models import Matter, ServiceLog
from worklogs.services import move_log

CROWD = 16


def served(user: User | None = None) -> dict[str, Any]:
    advisor = factories.make_advisor(user=user or factories.make_user())
    appointment = factories.make_appointment(advisor=advisor)
    return {"user": advisor.user, "appointment": appointment}


def visit(appointment: Any, **told: Any) -> dict[str, Any]:
    return {
        "uuid": str(uuid.uuid4()),
        "appointment": appointment.pk,
        "day": "2026-10-09",
        "start": "09:00",
        "end": "13:00",
        "mode": "on_site",
        "purpose": "duty",
        "matters": [{"kind": "consultation", "client": "张三", "content": "赡养"}],
        **told,
    }


def crowd(user: User, bodies: list[dict[str, Any]]) -> Counter[int]:
    """All of them sent in the same moment, each from a phone of its own: answers by status."""
    cache.clear()
    phones = [Client() for _ in bodies]
    for phone in phones:
        phone.force_login(user)
    together = Barrier(len(bodies))

    def send(phone: Client, body: dict[str, Any]) -> int:
        try:
            together.wait(30)
            return phone.post(
                "/api/v1/logs/", json.dumps(body), content_type="application/json"
            ).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(bodies)) as pool:
        return Counter(pool.map(send, phones, bodies))


@pytest.mark.django_db(transaction=True)
def test_one_record_sent_by_a_crowd_is_one_row() -> None:
    here = served()
    answers = crowd(here["user"], [visit(here["appointment"])] * CROWD)
    assert answers == {201: 1, 200: CROWD - 1}
    assert (ServiceLog.objects.count(), Matter.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_of_records_at_one_time_one_is_taken() -> None:
    here = served()
    other = factories.make_appointment(advisor=here["appointment"].advisor)
    bodies = [visit((here["appointment"], other)[n % 2]) for n in range(CROWD)]
    assert crowd(here["user"], bodies) == {201: 1, 409: CROWD - 1}
    assert ServiceLog.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_records_of_different_days_are_all_taken() -> None:
    here = served()
    bodies = [visit(here["appointment"], day=f"2026-10-{n + 1:02d}") for n in range(CROWD)]
    assert crowd(here["user"], bodies) == {201: CROWD}
    numbers = ServiceLog.objects.values_list("change_no", flat=True)
    assert len(set(numbers)) == CROWD


@pytest.mark.django_db(transaction=True)
def test_a_change_that_commits_late_is_not_passed_over() -> None:
    """The first writer has the lower number and commits last: the second waits for him."""
    here = served()
    first, second = (
        factories.make_log(appointment=here["appointment"], day=factories.DAY.replace(day=day))
        for day in (5, 6)
    )
    phone = Client()
    phone.force_login(here["user"])
    cache.clear()

    def fetched(since: int) -> dict[str, Any]:
        return json.loads(phone.get(f"/api/v1/logs/?since={since}").content)

    since = fetched(0)["cursor"]
    written, may_commit = Event(), Event()
    by = factories.make_user().as_actor()

    def confirm_slowly() -> None:
        with transaction.atomic():
            move_log(by=by, log=first, to=LogState.CONFIRMED)
            written.set()
            assert may_commit.wait(20)

    with own_connections() as submit:
        slow: Future = submit(confirm_slowly)
        assert written.wait(20)
        quick: Future = submit(lambda: move_log(by=by, log=second, to=LogState.CONFIRMED))
        with pytest.raises(TimeoutError):
            quick.result(timeout=0.3)
        assert fetched(since)["items"] == []
        may_commit.set()
        slow.result()
        quick.result()
    found = fetched(since)
    assert [item["uuid"] for item in found["items"]] == [
        str(first.client_uuid),
        str(second.client_uuid),
    ]
