"""A worker killed again and again in the middle of a close: nothing lost, nothing doubled.

The worker is real, the kills are ``SIGKILL``, three times to one of its processes, then
to all of them, bells are lost and rung twice, and a job has the tries of a real county.
The control runs the same without the job lock.
"""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import psycopg2
import pytest
import redis
from django.conf import settings
from django.db import connection

from assessments.closing import open_close, progress_of
from assessments.enums import FileFormat, ReportKey
from assessments.models import GeneratedFile, MonthClose
from assessments.papers import path_of
from assessments.services import PACKS, adopt_policy
from lawadvisor.embedded import postgres
from lawadvisor.embedded.cluster import Purpose
from lawadvisor.embedded.process import Process, Service
from lawadvisor.embedded.services import scratch_servers
from lawadvisor.foundation import jobs
from lawadvisor.foundation.models import AuditEntry, Job, JobState
from lawadvisor.foundation.periods import Period
from lawadvisor.foundation.viewer import SYSTEM
from tests.factories import make_appointment, make_bureau, make_log, make_township, make_village
from tests.workers import BEGUN, OVERLAPS, POISON, RUNS, SLOW_SECONDS
from villages.models import Bureau

MONTH = Period.month(2026, 10)
TODAY = date(2026, 11, 5)
TOWNSHIPS = 15  # close to a hundred jobs
KILLS = 20
PATIENCE = 200  # seconds


@dataclass
class Outcome:
    close: MonthClose
    kills: int
    overlaps: int
    runs: int


@pytest.fixture
def county(transactional_db: None) -> Bureau:
    bureau = make_bureau()
    adopt_policy(bureau=bureau, pack_path=PACKS / "zx.toml", by=SYSTEM)
    for _ in range(TOWNSHIPS):
        appointment = make_appointment(village=make_village(township=make_township(bureau=bureau)))
        make_log(appointment=appointment, day=date(2026, 10, 9))
        make_log(appointment=appointment, day=date(2026, 10, 16), end="12:50")
    return bureau


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    server = redis.from_url(settings.REDIS_URL)
    server.flushdb()
    yield server
    server.flushdb()
    server.close()


def database_url() -> str:
    """The test database, as another process reaches it."""
    at = connection.settings_dict
    host = at["HOST"] or at["OPTIONS"].get("host", "")
    return f"postgres://{at['USER']}:{at['PASSWORD']}@/{at['NAME']}?host={host}"


@contextmanager
def worker(app: str, own: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """``own`` is the environment of other servers, None the tests' own."""
    environment = own or {
        **os.environ,
        "DATABASE_URL": database_url(),
        "C_FORCE_ROOT": "1",
    }
    command = [sys.executable, "-m", "celery", "-A", app, "worker", "-c", "2", "-l", "error"]
    process = subprocess.Popen(
        [*command, "--without-gossip", "--without-mingle", "--without-heartbeat"],
        env=environment,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):  # a test may have stopped it itself
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def close_under_fire(
    bureau: Bureau, app: str, kills: int, broker: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> Outcome:
    """Close the month while the worker is killed ``kills`` times at random moments."""
    monkeypatch.setattr(jobs, "RING_AGAIN_AFTER", timedelta(seconds=1))
    fire = Fire(broker, kills)
    close = open_close(bureau=bureau, month=MONTH, by=SYSTEM, today=TODAY)
    broker.delete("celery")  # the first bells are lost: those that come are doubled
    while not fire.settled(close):
        with worker(app) as process:
            while not fire.settled(close) and fire.spares(process):
                heal()
                ring_all_twice()
                time.sleep(0.1)
    close.refresh_from_db()
    return Outcome(close, fire.shots, fire.count(OVERLAPS), fire.count(RUNS))


class Fire:
    """Shoots at moments when work has begun since the last shot, ``kills`` times in all."""

    def __init__(self, broker: redis.Redis, kills: int) -> None:
        self.broker, self.kills = broker, kills
        self.dice = random.Random(20261101)
        self.until = time.monotonic() + PATIENCE
        self.shots = self.seen = 0

    def count(self, name: str) -> int:
        return int(self.broker.get(name) or 0)

    def settled(self, close: MonthClose) -> bool:
        """The close is finished, or two were seen in one job, or patience is out."""
        late = time.monotonic() > self.until
        return late or self.count(OVERLAPS) > 0 or progress_of(close).finished

    def spares(self, process: subprocess.Popen[bytes]) -> bool:
        """Shoot if it is time; False when the whole worker is to go."""
        if self.shots < self.kills and self.count(RUNS) > self.seen:
            time.sleep(self.dice.random() * 0.3)
            self.shots += 1
            self.seen = self.count(RUNS)
            if self.shots % 4 == 0:
                return False
            for child in pool_of(process)[:1]:
                os.kill(child, signal.SIGKILL)
        return True


def pool_of(process: subprocess.Popen[bytes]) -> list[int]:
    """The worker's pool processes, oldest first."""
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii")
    return sorted(map(int, listed.split()))


def ring_all_twice() -> None:
    """The sweeper's bells, doubled: a broker delivers at least once, never exactly once."""
    before = set(Job.objects.filter(state=JobState.QUEUED, attempts=0).values_list("pk", flat=True))
    jobs.sweep()
    jobs.ring(pk for pk in sorted(before)[:4] for _ in range(2))  # side by side in the queue


def heal() -> None:
    """A person's second look: three kills of one job are a failure with a name, no other is."""
    for job in Job.objects.filter(state=JobState.FAILED):
        assert job.last_error == jobs.INTERRUPTED
        assert jobs.retry(job)


def test_twenty_kills_lose_nothing_and_double_nothing(
    county: Bureau, broker: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = close_under_fire(county, "tests.workers.watched", KILLS, broker, monkeypatch)
    close = outcome.close
    assert outcome.kills == KILLS
    assert outcome.overlaps == 0
    assert close.closed_at is not None
    assert Job.objects.filter(group=close.group, state=JobState.DONE).count() == close.planned
    assert close.planned == (TOWNSHIPS + 1) * (1 + len(ReportKey))
    judged = AuditEntry.objects.filter(verb="close.judge")
    assert judged.count() == TOWNSHIPS + 1
    assert close.verdicts.count() == sum(entry.after["verdicts"] for entry in judged)
    assert_files_whole(close)


def test_the_same_without_the_lock_is_noticed(
    county: Bureau, broker: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = close_under_fire(county, "tests.workers.unlocked", 2, broker, monkeypatch)
    assert outcome.overlaps > 0


def test_a_job_that_kills_its_worker_fails_by_name_and_a_retry_heals_it(
    transactional_db: None, broker: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "RING_AGAIN_AFTER", timedelta(seconds=1))
    broker.set(POISON, 1)
    job = Job.objects.create(kind="poison", key="poison")
    with worker("tests.workers.tender"):
        assert tended(job, JobState.FAILED)
        assert (job.attempts, job.last_error) == (settings.JOB_TRIES, jobs.INTERRUPTED)
        broker.delete(POISON)
        assert jobs.retry(job)
        assert tended(job, JobState.DONE)
    assert job.attempts == 1


def test_a_worker_that_is_asked_to_stop_finishes_what_it_has_in_hand(
    transactional_db: None, broker: redis.Redis
) -> None:
    """``make run`` and compose wait for it longer than any paper takes."""
    job = Job.objects.create(kind="slow", key="slow")
    with worker("tests.workers.tender") as process:
        jobs.ring([job.pk])
        until = time.monotonic() + PATIENCE
        while not broker.exists(BEGUN):
            assert time.monotonic() < until
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=SLOW_SECONDS + 20) == 0
    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.DONE, 1)


@pytest.fixture
def own_servers(tmp_path: Path) -> Iterator[tuple[Service, Process, dict[str, str]]]:
    """A PostgreSQL and a Valkey that nobody else uses, the database set up."""
    with scratch_servers(Purpose.TESTS, {"DATABASE_URL": "given below"}) as scratch:
        folder = scratch.var.parent
        service, url = postgres.prepare(folder / "pg", folder / "pg.log", Purpose.BENCHMARK)
        process = service.start()
        own = {**os.environ, **scratch.as_environment(), "DATABASE_URL": url, "C_FORCE_ROOT": "1"}
        try:
            command = [sys.executable, "manage.py", "migrate", "-v0"]
            subprocess.run(command, env=own, check=True, stdout=subprocess.DEVNULL)
            yield service, process, own
        finally:
            service.program.stop(process)


def test_worker_broker_and_database_fall_in_the_middle_and_one_whole_revision_stands(
    own_servers: tuple[Service, Process, dict[str, str]],
) -> None:
    """The worker is killed, Valkey emptied, PostgreSQL killed like in a power cut, each while
    jobs are done; the database comes back and finds only what was committed."""
    service, database, own = own_servers
    command = [sys.executable, "-m", "tests.workers.county"]
    beat = subprocess.Popen(command, env=own, stdout=subprocess.PIPE, text=True)
    assert beat.stdout
    try:
        assert beat.stdout.readline() == "open\n"
        with worker("lawadvisor.celery", own):
            wait_for_done(own, 2)
        redis.from_url(own["REDIS_URL"]).flushall()
        with worker("lawadvisor.celery", own):
            wait_for_done(own, 5)
            redis.from_url(own["REDIS_URL"]).flushall()
            os.kill(database.pid, signal.SIGKILL)
            database.wait()
            database = service.start()
            wait_for_done(own, 5)  # nothing that was said to be done is lost
            found = json.loads(beat.communicate(timeout=PATIENCE)[0])
    finally:
        beat.kill()
        with beat:  # its pipe is closed
            service.program.stop(database)
    assert (found["revision"], found["whole"], found["finished"]) == (1, True, 1)
    assert (found["judged"], found["jobs"]) == (2, 0)
    assert found["verdicts"] == found["said"] > 0
    assert len(found["files"]) == 2 * len(ReportKey) * len(FileFormat)
    for checksum, form, version in found["files"]:
        path = Path(own["LAWADVISOR_VAR"], "media", "papers", checksum[:2], f"{checksum}.{form}")
        assert (hashlib.sha256(path.read_bytes()).hexdigest(), version) == (checksum, 1)


def wait_for_done(own: dict[str, str], least: int) -> None:
    """Until so many jobs are done and committed."""
    until = time.monotonic() + PATIENCE
    while True:
        with closing(psycopg2.connect(own["DATABASE_URL"])) as asked, asked.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM foundation_job WHERE state = 'done'")
            if cursor.fetchone()[0] >= least:
                return
        assert time.monotonic() < until
        time.sleep(0.05)


def tended(job: Job, state: JobState) -> bool:
    """Sweep, as beat would, until the job is in this state; False when patience is out."""
    until = time.monotonic() + PATIENCE
    while job.state != state and time.monotonic() < until:
        jobs.sweep()
        time.sleep(0.1)
        job.refresh_from_db()
    return job.state == state


def assert_files_whole(close: MonthClose) -> None:
    """One file per paper and format, each with the bytes its row names; no other file."""
    files = list(GeneratedFile.objects.filter(close=close))
    assert len(files) == (TOWNSHIPS + 1) * len(ReportKey) * len(FileFormat)
    assert {file.version for file in files} == {1}
    for file in files:
        content = path_of(file).read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (file.checksum, file.size)
    kept = Path(settings.MEDIA_ROOT, "papers").rglob("[!.]*.*")
    for path in kept:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.stem
