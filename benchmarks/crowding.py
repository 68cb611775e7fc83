"""One number, sent by sixteen phones at the same moment."""

from __future__ import annotations

import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from statistics import quantiles
from threading import Barrier
from typing import Any

from benchmarks.promises import Promise, all_of, at_most
from benchmarks.sends import Record, Run, ask
from worklogs.models import ServiceLog

_PHONES = 16
_LONG_AGO = timedelta(days=400)


def measure(run: Run, numbers: int) -> list[Promise]:
    """For new visits of the phones of a run, whose server must still be up."""
    good, took = 0, list[float]()
    with ThreadPoolExecutor(_PHONES) as pool:
        for record in run.records[:numbers]:
            good += _is_one(pool, run.server.bind, record, took)
    what = f"one number {_PHONES} times at once: one row"
    slowest = quantiles(took, n=20)[-1]
    return [
        all_of("6", what, "", good, numbers),
        at_most("6", "and answered, 95 of 100", "", slowest, 1, "s"),
    ]


def _is_one(pool: ThreadPoolExecutor, bind: str, like: Record, took: list[float]) -> bool:
    """Is one answered 201, all others 200 with the same words, and is there one row?"""
    day = date.fromisoformat(like.body["day"]) - _LONG_AGO
    number = str(uuid.uuid4())
    body = json.dumps({**like.body, "uuid": number, "day": day.isoformat()}).encode()
    together = Barrier(_PHONES)

    def send(_: int) -> tuple[int, Any] | None:
        together.wait()
        start = time.perf_counter()
        answer = ask(bind, like.token, "logs/", body)
        took.append(time.perf_counter() - start)
        return answer

    answers = [answer for answer in pool.map(send, range(_PHONES)) if answer]
    statuses = sorted(status for status, _ in answers)
    same = len({json.dumps(told, sort_keys=True) for _, told in answers}) == 1
    rows = ServiceLog.objects.filter(client_uuid=number).count()
    return (statuses, same, rows) == ([200] * (_PHONES - 1) + [201], True, 1)
