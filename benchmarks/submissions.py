"""Advisors hand in records at once, through the web server as ``make run`` starts it.

The floor is the same rows, put into tables of the same columns, indexes and checks by as many
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
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import psycopg2
from django.db import connection, models, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from advisors.enums import AppointmentStatus, Category, OrganisationKind
from advisors.models import Advisor, Appointment, Organisation
from assessments.services import PACKS, adopt_policy
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

#: Phones that send at the same moment; each waits for its answer.
_PHONES = 32
_THREADS = 2 * WEB_THREADS
_PATIENCE = 60.0
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


def measure(scale: Scale) -> Row:
    """All records of all advisors, each sent once by itself; every one must be answered 201."""
    phones = crowd(scale.advisors)
    sendings = queue.SimpleQueue[tuple[Phone, int]]()
    for number in range(scale.each):
        for phone in phones:
            sendings.put((phone, number))
    total = scale.advisors * scale.each
    with web_server() as server:
        start = time.perf_counter()
        with ThreadPoolExecutor(_PHONES) as pool:
            sending = [pool.submit(_send_all, server.bind, sendings) for _ in range(_PHONES)]
            answers = sum((each.result() for each in sending), Counter[int]())
        ours = time.perf_counter() - start
    if answers != {201: total}:
        raise RefusedError(f"{dict(answers)}\n{log_path().read_text()[-5000:]}")
    return Row(
        what="records handed in by the API",
        size=f"{scale.advisors} advisors, {total} records, {total / ours:.0f} a second",
        floor=_floor(ServiceLog.objects.filter(advisor__organisation__bureau__code=CROWD)),
        ours=ours,
        target=60,
    )


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


def _send_all(bind: str, sendings: queue.SimpleQueue[tuple[Phone, int]]) -> Counter[int]:
    answers: Counter[int] = Counter()
    web = http.client.HTTPConnection(bind, timeout=_PATIENCE)
    while True:
        try:
            phone, number = sendings.get_nowait()
        except queue.Empty:
            web.close()
            return answers
        head = {"Authorization": f"Bearer {phone.token}", "Content-Type": "application/json"}
        day = timezone.localdate() - timedelta(days=number + 1)
        record = json.dumps(visit(phone.appointment, day, 9))
        web.request("POST", "/api/v1/logs/", record, head)
        answer = web.getresponse()
        answer.read()
        answers[answer.status] += 1


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


# ── the floor ───────────────────────────────────────────────────────────────────────────────────


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
