"""Visits sent over a line that breaks, to a server that dies.

Phones speak the API as the page's own queue does: one record or twenty at once, the same number
again until an answer comes, then the photos. In between the web server's processes are killed.
What has arrived is counted by each record's own mark, not by its number: a second row under
another number would be seen too.
"""

from __future__ import annotations

import http.client
import json
import random
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from io import BytesIO
from typing import Any

from django.db import connection
from django.utils import timezone
from PIL import Image

from benchmarks.line import MOUNTAINS, Line, line_to
from benchmarks.server import WebServer, web_server
from benchmarks.submissions import AT_ONCE, Phone, crowd, visit
from worklogs.models import ServiceLog

#: So many does one phone send, that no throttle is met.
_OF_ONE = 50
_THREADS = 12
_PATIENCE = 90.0
#: One record in so many has photos, which are drawn anew by a process of their own each.
_WITH_PHOTOS = 20


@dataclass(slots=True)
class Record:
    """One visit and what became of it. ``said`` are the answers, photos left out."""

    token: str
    body: dict[str, Any]
    pictures: list[bytes]
    sends: int = 0
    said: list[tuple[int, str]] = field(default_factory=list)
    shown: set[tuple[int, int]] = field(default_factory=set)
    untrue: int = 0

    @property
    def number(self) -> str:
        return self.body["uuid"]

    @property
    def mark(self) -> str:
        return self.body["place"]

    @property
    def photos(self) -> str:
        return f"logs/{self.number}/photos/"

    @property
    def answered(self) -> bool:
        return bool(self.said)

    @property
    def refused(self) -> bool:
        return any(status >= 300 for status, _ in self.said)


def made(phones: Sequence[Phone], count: int, today: date) -> list[Record]:
    """``count`` visits, of the phones in turn; no two of a phone at the same time."""
    records = []
    for n in range(count):
        phone, own = phones[n % len(phones)], n // len(phones)
        body = visit(phone.appointment, today - timedelta(days=1 + own // 4), 6 + 4 * (own % 4))
        body["place"] = f"第{n}次"
        turn, other = divmod(n, _WITH_PHOTOS)
        pictures = [] if other else [picture(n, k) for k in range(1 + turn % 2)]
        records.append(Record(phone.token, body, pictures))
    return records


def picture(n: int, k: int) -> bytes:
    kept = BytesIO()
    Image.new("RGB", (64, 48), (n % 251, n // 251, 100 * k)).save(kept, "PNG")
    return kept.getvalue()


# ── the phones ──────────────────────────────────────────────────────────────────────────────────


def hand_in(records: Sequence[Record], bind: str, chance: random.Random) -> None:
    """One phone, until everything of it is answered for. Some of what was is sent once more, as
    a phone does that died before it had noted the answer."""
    coming, waiting = list(records), list[Record]()
    try:
        while coming or waiting:
            for _ in range(min(len(coming), chance.randint(1, 8))):
                waiting.append(coming.pop())
            chance.shuffle(waiting)
            noted = [each for each in records if each.answered and chance.random() < 0.05]
            if not _send((waiting + noted)[:AT_ONCE], bind, alone=chance.random() < 0.2):
                time.sleep(chance.uniform(0, 0.1))
            for record in waiting:
                if record.answered and not record.refused:
                    _send_pictures(record, bind)
            waiting = [each for each in waiting if not each.answered]
    finally:
        connection.close()


def _send(records: Sequence[Record], bind: str, *, alone: bool) -> bool:
    """Those of one login; False where no answer came."""
    first = records[0]
    if alone:
        records, path, body = [first], "logs/", first.body
    else:
        path, body = "logs/batch/", {"items": [each.body for each in records]}
    for record in records:
        record.sends += 1
    answer = ask(bind, first.token, path, json.dumps(body).encode())
    if answer is None:
        return False
    status, told = answer
    items = [(status, told)] if alone else [(one["status"], one["body"]) for one in told["items"]]
    for record, (number, item) in zip(records, items, strict=True):
        _note(record, number, item)
    return True


def _note(record: Record, status: int, told: dict[str, Any]) -> None:
    """What the phone may show from now on must be true from now on."""
    if status == 429 or status >= 500:
        return
    told.pop("photos", None)
    record.said.append((status, json.dumps(told, sort_keys=True)))
    if status < 300 and not ServiceLog.objects.filter(client_uuid=record.number).exists():
        record.untrue += 1


def _send_pictures(record: Record, bind: str) -> None:
    for n, content in enumerate(record.pictures):
        form, kind = form_of(content)
        while (answer := ask(bind, record.token, record.photos, form, kind)) is None:
            time.sleep(0.05)
        status, told = answer
        record.shown.add((n, told["id"] if status < 300 else 0))


def ask(
    bind: str, token: str, path: str, body: bytes, kind: str = "application/json"
) -> tuple[int, Any] | None:
    """One request on a connection of its own; None where no whole answer came, or one that is
    about the server and not about what was sent."""
    head = {"Authorization": f"Bearer {token}", "Content-Type": kind, "Connection": "close"}
    web = http.client.HTTPConnection(bind, timeout=_PATIENCE)
    try:
        web.request("POST", f"/api/v1/{path}", body, head)
        answer = web.getresponse()
        told = json.loads(answer.read())
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        web.close()
    return None if answer.status == 429 or answer.status >= 500 else (answer.status, told)


def form_of(content: bytes) -> tuple[bytes, str]:
    """A photo as a browser sends it."""
    edge = uuid.uuid4().hex
    parts = (
        f'--{edge}\r\nContent-Disposition: form-data; name="sha256"\r\n\r\n'
        f"{sha256(content).hexdigest()}\r\n--{edge}\r\n"
        'Content-Disposition: form-data; name="file"; filename="photo.png"\r\n'
        "Content-Type: image/png\r\n\r\n"
    ).encode()
    return parts + content + f"\r\n--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}"


# ── the run ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Run:
    """What was sent, over which line, and the server, which is still up."""

    records: list[Record]
    line: Line
    server: WebServer
    killed: int


@contextmanager
def sent(count: int, *, killed: int, chance: random.Random) -> Iterator[Run]:
    """``count`` visits by as many phones as it takes; so often, spread over the run, the server's
    processes are ``killed`` or it is started anew. Yields when nothing is under way any more."""
    records = made(crowd(max(8, count // _OF_ONE)), count, timezone.localdate())
    with web_server() as server:
        with line_to(server.bind, MOUNTAINS, chance) as line:
            _send_all(records, line, server, killed)
        yield Run(records, line, server, killed)


def _send_all(records: Sequence[Record], line: Line, server: WebServer, killed: int) -> None:
    phones: dict[str, list[Record]] = {}
    for record in records:
        phones.setdefault(record.token, []).append(record)
    kinds: list[Callable[[], None]] = [server.kill_worker, server.kill, server.restart]
    with ThreadPoolExecutor(_THREADS) as pool:
        sending = [
            pool.submit(hand_in, own, line.bind, random.Random(line.chance.random()))
            for own in phones.values()
        ]
        for n in range(killed):
            due = (n + 1) / (killed + 1)
            while _answered(records) < due and not all(each.done() for each in sending):
                time.sleep(0.01)
            kinds[n % len(kinds)]()
        for each in sending:
            each.result()


def _answered(records: Sequence[Record]) -> float:
    return sum(record.answered for record in records) / len(records)
