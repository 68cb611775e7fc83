"""One close through real workers: a pool of one process against a pool of two."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from statistics import median
from urllib.parse import quote

from django.conf import settings
from django.db import connection
from django.utils import timezone

from assessments.closing import open_close, progress_of, reopen_close
from assessments.models import MonthClose
from assessments.selectors import newest_close
from benchmarks.data import AGAIN, MONTH, TODAY, Scale
from benchmarks.ratio import Row
from lawadvisor.embedded.process import Program
from lawadvisor.foundation.viewer import SYSTEM
from villages.models import Bureau

_PATIENCE = 600.0  # seconds
_LOOK_EVERY = 0.2


class CloseFailedError(Exception):
    """A job of the close failed or nothing moved."""


def measure(county: Bureau, warm_up: Bureau, scale: Scale) -> Row:
    """Wall time from ``open_close`` to ``closed_at``; later closes are revisions of the first.

    Every time a worker is started anew and first closes the small bureau ``warm_up``, so that
    its processes have loaded the fonts. Database, broker and this process share the cores.
    """
    times: dict[int, list[float]] = {1: [], 2: []}
    for turn in range(scale.closes):
        for processes in (1, 2) if turn % 2 == 0 else (2, 1):
            with _worker(processes):
                if scale.warm:
                    _close(warm_up)
                times[processes].append(_close(county))
    done = newest_close(county, MONTH)
    assert done is not None
    return Row(
        what="one close, 1 process and 2",
        size=f"{county.townships.count()} townships, {done.planned} jobs",
        floor=median(times[1]),
        ours=median(times[2]),
        target=1.85,
        at_least=True,
    )


def _close(bureau: Bureau) -> float:
    """Close the month, again if it was closed; returns seconds."""
    start = timezone.now()
    if newest_close(bureau, MONTH) is None:
        close = open_close(bureau=bureau, month=MONTH, by=SYSTEM, today=TODAY)
    else:
        close = reopen_close(bureau=bureau, month=MONTH, by=SYSTEM, reason=AGAIN, today=TODAY)
    return (_closed_at(close) - start).total_seconds()


def _closed_at(close: MonthClose) -> datetime:
    until = time.monotonic() + _PATIENCE
    while close.closed_at is None:
        if time.monotonic() > until or progress_of(close).failed:
            raise CloseFailedError(f"{close}: {progress_of(close)}\n{_log().read_text()}")
        time.sleep(_LOOK_EVERY)
        close.refresh_from_db(fields=("closed_at",))
    return close.closed_at


@contextmanager
def _worker(processes: int) -> Iterator[None]:
    """A worker as ``make run`` starts it."""
    celery = (sys.executable, "-m", "celery", "-A", "lawadvisor", "worker", "-l", "error")
    program = Program(
        command=(*celery, "-c", str(processes), "--without-mingle", "--without-gossip"),
        log=_log(),
        cwd=settings.BASE_DIR,
        environment={
            **os.environ,
            "DATABASE_URL": database_url(),
            "LAWADVISOR_VAR": str(settings.VAR_DIR),
            "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
        },
    )
    process = program.start()
    try:
        yield
    finally:
        program.stop(process)


def _log() -> Path:
    return Path(settings.VAR_DIR) / "bench-worker.log"


def database_url() -> str:
    """Where this process is connected, which in a test is not what the environment says."""
    at = connection.settings_dict
    host = at["HOST"] or at["OPTIONS"].get("host", "")
    port = f"&port={at['PORT']}" if at["PORT"] else ""
    password = quote(at["PASSWORD"], safe="")
    return f"postgres://{at['USER']}:{password}@/{at['NAME']}?host={quote(host, safe='')}{port}"
