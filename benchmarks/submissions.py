"""Advisors hand in records at once, through the web server as ``make run`` starts it.

The first floor is the same rows, put into tables of the same columns, indexes and checks by as many
connections as the server has threads, a transaction for each record: no request, no check, no
sealing, no lock.
"""

from __future__ import annotations

import http.client
import json
import queue
import time
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

import psycopg2
from django.db import connection, models, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from advisors.enums import AppointmentStatus, Category, OrganisationKind
from advisors.models import Advisor, Appointment, Organisation
from assessments.services import PACKS, adopt_policy
from benchmarks.bare_web import TABLE
from benchmarks.data import CROWD, Scale
from benchmarks.ratio import Row, timed
from benchmarks.server import log_path, web_server
from lawadvisor.accounts import tokens
from lawadvisor.accounts.models import User
from lawadvisor.embedded.portal import WEB_THREADS
from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.viewer import SYSTEM
from villages.enums import BureauKind, VillageKind
from villages.models import Bureau, Township, Village
from worklogs.models import Matter, ServiceLog

#: Records in one request, as many as a phone puts into one.
AT_ONCE = 20
#: Phones that send at the same moment; each waits for its answer.
_PHONES = 32
_THREADS = 2 * WEB_THREADS
_PATIENCE = 600.0
_TABLES: dict[type[models.Model], str] = {
    ServiceLog: "id = %s",
    Matter: "log_id = %s",
    AuditEntry: "verb = 'log.submit' AND subject_id = %s",
}


class RefusedError(Exception):
    """Some record was not taken; the answers by status."""


@dataclass(frozen=True, slots=True)
class Phone:
    token: str
    appointment: int


class Sending(NamedTuple):
    token: str
    path: str
    body: str


def measure(scale: Scale) -> list[Row]:
    """All records of all advisors, each sent once, by itself and then by twenties; every one must
    be answered 201. Beside the second and third row the floor has a web server too."""
    phones, total = crowd(scale.advisors), scale.advisors * scale.each
    with _bare_table(), web_server("benchmarks.bare_web:application") as server:
        bare = _handed_in(server.bind, _singly(phones, scale.each), total)
    with web_server() as server:
        ours = _handed_in(server.bind, _singly(phones, scale.each), total)
        logs = ServiceLog.objects.filter(advisor__organisation__bureau__code=CROWD)
        floor = _floor(logs)
        together = _handed_in(server.bind, _together(phones, scale.each), total)
    size = f"{scale.advisors} advisors, {total} records"
    return [
        Row(
            what="records handed in by the API",
            size=f"{size}, {total / ours:.0f} a second",
            floor=floor,
            ours=ours,
            target=60,
        ),
        Row(
            what="beside a request with a bare INSERT",
            size=f"bare {total / bare:.0f} a second",
            floor=bare,
            ours=ours,
            target=0.15,
            at_least=True,
        ),
        Row(
            what="the same, twenty in a request",
            size=f"{size}, {total / together:.0f} a second",
            floor=bare,
            ours=together,
            target=1,
            at_least=True,
        ),
    ]


def _singly(phones: Sequence[Phone], each: int) -> Iterator[Sending]:
    for number in range(each):
        for phone in phones:
            yield Sending(phone.token, "logs/", json.dumps(_visit(phone, number, 9)))


def _together(phones: Sequence[Phone], each: int) -> Iterator[Sending]:
    for start in range(0, each, AT_ONCE):
        for phone in phones:
            numbers = range(start, min(start + AT_ONCE, each))
            items = [_visit(phone, number, 14) for number in numbers]
            yield Sending(phone.token, "logs/batch/", json.dumps({"items": items}))


def _visit(phone: Phone, number: int, start: int) -> dict[str, Any]:
    return visit(phone.appointment, timezone.localdate() - timedelta(days=number + 1), start)


def _handed_in(bind: str, sendings: Iterable[Sending], total: int) -> float:
    """Seconds. RefusedError unless all ``total`` records are answered 201."""
    waiting = queue.SimpleQueue[Sending]()
    for sending in sendings:
        waiting.put(sending)
    start = time.perf_counter()
    with ThreadPoolExecutor(_PHONES) as pool:
        sending_all = [pool.submit(_send_all, bind, waiting) for _ in range(_PHONES)]
        answers = sum((each.result() for each in sending_all), Counter[int]())
    took = time.perf_counter() - start
    if answers != {201: total}:
        raise RefusedError(f"{dict(answers)}\n{log_path().read_text()[-5000:]}")
    return took


def crowd(count: int) -> list[Phone]:
    """So many advisors, each with a village and a token, under the policy that asks the most."""
    bureau = Bureau.objects.create(code=CROWD, name="众人县司法局", kind=BureauKind.COUNTY)
    adopt_policy(bureau=bureau, pack_path=PACKS / "zx.toml", by=SYSTEM)
    township = Township.objects.create(bureau=bureau, code=f"{CROWD}001", name="众人镇")
    firm = Organisation.objects.create(
        bureau=bureau, name="众人律师事务所", kind=OrganisationKind.LAW_FIRM
    )
    phones = []
    for number in range(count):
        user = User.objects.create_user(f"crowd{number}", name=f"顾问{number}")
        advisor = Advisor.objects.create(
            organisation=firm,
            user=user,
            name=user.name,
            category=Category.LAWYER,
            licence_no=f"9430420{number:010d}",
        )
        village = Village.objects.create(
            township=township,
            code=f"{CROWD}001{number:03d}",
            name=f"第{number}村委会",
            kind=VillageKind.VILLAGE,
        )
        term = DateRange(date(2020, 1, 1), None)
        appointment = Appointment.objects.create(
            advisor=advisor, village=village, term=term, status=AppointmentStatus.ACTIVE
        )
        _, token = tokens.give(by=SYSTEM, user=user, name="测速")
        phones.append(Phone(token, appointment.pk))
    return phones


def _send_all(bind: str, waiting: queue.SimpleQueue[Sending]) -> Counter[int]:
    """On one connection, until nothing waits; how often each status was answered to a record."""
    answers: Counter[int] = Counter()
    web = http.client.HTTPConnection(bind, timeout=_PATIENCE)
    while True:
        try:
            sending = waiting.get_nowait()
        except queue.Empty:
            web.close()
            return answers
        head = {"Authorization": f"Bearer {sending.token}", "Content-Type": "application/json"}
        web.request("POST", f"/api/v1/{sending.path}", sending.body, head)
        answer = web.getresponse()
        told = json.loads(answer.read())
        answers.update([item["status"] for item in told.get("items", ())] or [answer.status])


def visit(appointment: int, day: date, start: int) -> dict[str, Any]:
    """One record as a phone sends it, four hours long; ``start`` is the hour."""
    matter = {
        "kind": "consultation",
        "client": "张三",
        "phone": "13800138000",
        "content": "邻里之间因排水沟走向起了争执，问应当由谁来修。",
        "method": "当面解答",
        "result": "已告知相邻关系的规定，双方同意先请村委会主持协商。",
    }
    return {
        "uuid": str(uuid.uuid4()),
        "appointment": appointment,
        "day": day.isoformat(),
        "start": f"{start:02d}:00",
        "end": f"{start + 4:02d}:00",
        "mode": "on_site",
        "purpose": "duty",
        "place": "村部",
        "matters": [matter],
    }


# ── the floors ───────────────────────────────────────────────────────────────────────────────────


@contextmanager
def _bare_table() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {TABLE} (LIKE {ServiceLog._meta.db_table} INCLUDING ALL)")
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {TABLE}")


def _floor(logs: models.QuerySet[ServiceLog]) -> float:
    pks = list(logs.values_list("pk", flat=True))
    copies = {model: f"bench_{model._meta.db_table}" for model in _TABLES}
    statements = [_copying(model, copies[model]) for model in _TABLES]
    with connection.cursor() as cursor:
        for model, name in copies.items():
            cursor.execute(f"CREATE TABLE {name} (LIKE {model._meta.db_table} INCLUDING ALL)")
        cursor.execute(
            f"CREATE INDEX bench_found ON {AuditEntry._meta.db_table} (subject_id)"
            " WHERE verb = 'log.submit'"
        )
    try:
        with ThreadPoolExecutor(_THREADS) as pool:
            shares = [pks[number::_THREADS] for number in range(_THREADS)]
            return timed(lambda: list(pool.map(lambda s: _insert(s, statements), shares)))
    finally:
        with connection.cursor() as cursor, transaction.atomic():
            cursor.execute("DROP INDEX bench_found")
            for name in copies.values():
                cursor.execute(f"DROP TABLE {name}")


def _copying(model: type[models.Model], copy: str) -> str:
    columns = ", ".join(f.column for f in model._meta.concrete_fields if not f.generated)
    table = model._meta.db_table
    return f"INSERT INTO {copy} ({columns}) SELECT {columns} FROM {table} WHERE {_TABLES[model]}"


def _insert(pks: Sequence[int], statements: Sequence[str]) -> None:
    found = connection.get_connection_params()
    found.pop("cursor_factory", None)
    own = psycopg2.connect(**found)
    try:
        for pk in pks:
            with own, own.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement, [pk])
    finally:
        own.close()
