"""The least that a web server can do with a record: read it, INSERT one row, commit, answer 201.

For gunicorn, in the place of the portal. The table is ``TABLE``, of the columns, indexes and
checks of the real one.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import psycopg2

TABLE = "bench_bare"
_INSERT = f"""
INSERT INTO {TABLE} (client_uuid, appointment_id, advisor_id, service_date, started_at, ended_at,
    mode, purpose, no_visitors, place, state, returned_reason, is_supplement, version, change_no,
    entered_at, entered_by_id)
VALUES (%(uuid)s, %(appointment)s, %(appointment)s, %(day)s,
    (%(day)s || ' ' || %(start)s)::timestamp AT TIME ZONE 'Asia/Shanghai',
    (%(day)s || ' ' || %(end)s)::timestamp AT TIME ZONE 'Asia/Shanghai',
    %(mode)s, %(purpose)s, false, %(place)s, 'submitted', '', false, 1, 0, now(), 1)
"""
_own = threading.local()


def application(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    status = "200 OK"
    if environ["REQUEST_METHOD"] == "POST":
        status = "201 Created"
        record = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        connection = _connection()
        with connection, connection.cursor() as cursor:
            record.pop("matters")
            cursor.execute(_INSERT, record)
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", "2")])
    return [b"{}"]


def _connection() -> Any:
    """One for each thread, open as long as it lives."""
    if not hasattr(_own, "connection"):
        at = urlsplit(os.environ["DATABASE_URL"])
        _own.connection = psycopg2.connect(
            user=at.username,
            password=unquote(at.password or ""),
            dbname=at.path.removeprefix("/"),
            **dict(parse_qsl(at.query)),
        )
    return _own.connection
