"""The embedded servers and their supervisor, with real processes, real kills and real users."""

import fcntl
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import psycopg2
import pytest
import redis

from lawadvisor.embedded import lodging, portal
from lawadvisor.embedded.services import CHECKOUT, new_data_key

IS_ROOT = os.geteuid() == 0
ORDINARY_USER = "daemon"  # on every Debian and Ubuntu; not nobody, who is root's PostgreSQL

# Starts the servers in the folder given, says where they are, stays until its input is closed.
SERVERS = """
import json, os, sys
from pathlib import Path
from lawadvisor.embedded.cluster import Purpose
from lawadvisor.embedded.process import EmbeddedError
from lawadvisor.embedded.services import start_servers
from lawadvisor.embedded.supervisor import Supervisor

var, purpose = Path(sys.argv[1]), Purpose(sys.argv[2])
supervisor = Supervisor()
try:
    address = start_servers(supervisor, var, var / "log", purpose, os.environ)
except EmbeddedError as error:
    sys.exit(str(error))
print(json.dumps([*address, *(kept.process.pid for kept in supervisor._kept)]), flush=True)
sys.stdin.read()
supervisor.stop()
"""

# Supervises two programs that write down what happens to them.
DUMMIES = """
import os, sys
from pathlib import Path
from lawadvisor.embedded.process import EmbeddedError, Program, Service
from lawadvisor.embedded.supervisor import StopRequested, Supervisor, waiting_for_signals

folder, code = Path(sys.argv[1]), sys.argv[2]
def dummy(name):
    command = (sys.executable, "-c", code, name)
    return Service(name, Program(command, folder / f"{name}.log", folder, os.environ))
with waiting_for_signals():
    supervisor = Supervisor()
    try:
        supervisor.start(dummy("first"))
        supervisor.start(dummy("second"))
        print("up", flush=True)
        supervisor.stay()
    except StopRequested:
        print("asked to stop", flush=True)
    except EmbeddedError as error:
        sys.exit(str(error))
    finally:
        supervisor.stop()
"""
STAYS = """
import signal, sys, time
diary = open("diary", "a", buffering=1)
def note(number, _frame):
    diary.write(f"{sys.argv[1]} {signal.Signals(number).name}\\n")
    sys.exit()
signal.signal(signal.SIGTERM, note)
signal.signal(signal.SIGINT, note)
diary.write(f"{sys.argv[1]} up\\n")
while True:
    time.sleep(60)
"""
FALLS = "open('diary', 'a').write('fell\\n'); raise SystemExit(3)"


class Running(NamedTuple):
    """A started SERVERS; the second process id is absent where PostgreSQL was given."""

    driver: "subprocess.Popen[str]"
    database_url: str
    redis_url: str
    pids: tuple[int, ...]


@pytest.fixture
def place() -> Iterator[Path]:
    """Short and, unlike pytest's own folders, reachable by other users."""
    folder = Path(tempfile.mkdtemp(prefix="lawadvisor-", dir="/var/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


drivers: list[Any] = []


@pytest.fixture(autouse=True)
def _no_driver_is_left() -> Iterator[None]:
    yield
    for driver in drivers:
        driver.kill()
        driver.communicate()
    drivers.clear()


def start(folder: Path, user: str | None = None, purpose: str = "tests", **more: str) -> Running:
    driver = launch(SERVERS, folder, purpose, user=user, **more)
    assert driver.stdout
    line = driver.stdout.readline()
    assert line, finish(driver)
    database_url, redis_url, *pids = json.loads(line)
    return Running(driver, database_url, redis_url, tuple(pids))


def launch(code: str, *arguments: Any, user: str | None = None, **more: str) -> Any:
    """In a process group of its own, as a terminal's foreground job would be."""
    paths = (str(CHECKOUT), sysconfig.get_path("purelib"))
    inherited = {key: os.environ[key] for key in ("PATH", "LANG") if key in os.environ}
    driver = subprocess.Popen(
        [python_for(user), "-c", code, *map(str, arguments)],
        env={**inherited, "PYTHONPATH": os.pathsep.join(paths), **more},
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
        user=user,
        group=pwd.getpwnam(user).pw_gid if user else None,
        extra_groups=() if user else None,
    )
    drivers.append(driver)
    return driver


def python_for(user: str | None) -> str:
    """Our interpreter, or the system's where ours lies in a home that the user cannot enter."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for python in (sys.executable, f"/usr/bin/{version}"):
        command = [python, "-c", f"import os; os.stat({str(CHECKOUT / 'lawadvisor')!r})"]
        try:
            subprocess.run(command, check=True, user=user, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        return python
    pytest.skip(f"{user} cannot reach the checkout or a {version}")


def finish(driver: Any) -> str:
    """Close its input, wait, and return what it complained about."""
    _output, complaint = driver.communicate(timeout=20)
    return complaint


def query(url: str, sql: str) -> list[tuple[Any, ...]]:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def wait_until_gone(pids: tuple[int, ...], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        assert time.monotonic() < deadline, pids
        time.sleep(0.02)


def accounts() -> list[Any]:
    ordinary = pytest.param(ORDINARY_USER, id="ordinary user")
    return [pytest.param(None, id="root"), ordinary] if IS_ROOT else [pytest.param(None, id="us")]


@pytest.mark.parametrize("user", accounts())
def test_servers_are_private_and_the_application_is_no_superuser(
    place: Path, user: str | None
) -> None:
    if user:
        shutil.chown(place, user)
    running = start(place, user, purpose="county")
    try:
        role = "SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = user"
        assert query(running.database_url, role) == [(False, False, False)]
        assert query(running.database_url, "SHOW listen_addresses") == [("",)]
        extensions = "SELECT extname FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY 1"
        assert query(running.database_url, extensions) == [("btree_gist",), ("pg_trgm",)]
        with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
            query(running.database_url.replace("lawadvisor:", "lawadvisor:no"), "SELECT 1")
        assert Path(f"/proc/{running.pids[0]}").stat().st_uid != 0
        assert (place / "pg" / "data").stat().st_mode & 0o077 == 0
        assert (place / "pg" / "superuser.password").stat().st_mode & 0o077 == 0
        with redis.Redis.from_url(running.redis_url) as client:
            assert client.ping()
    finally:
        assert finish(running.driver) == ""
    wait_until_gone(running.pids)


def test_killing_the_parent_stops_both_servers(place: Path) -> None:
    running = start(place)
    running.driver.kill()
    finish(running.driver)
    wait_until_gone(running.pids)


def test_data_survive_killed_servers_and_the_next_start_is_quick(place: Path) -> None:
    first = start(place, purpose="county")
    query(first.database_url, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS number")
    with redis.Redis.from_url(first.redis_url) as client:
        client.rpush("queue", "job")
    for pid in first.pids:
        os.kill(pid, signal.SIGKILL)
    finish(first.driver)
    began = time.monotonic()
    second = start(place, purpose="county")
    assert time.monotonic() - began < 5.0
    assert query(second.database_url, "SELECT count(*) FROM kept") == [(1000,)]
    with redis.Redis.from_url(second.redis_url) as client:
        assert client.lrange("queue", 0, -1) == [b"job"]
    finish(second.driver)


def test_named_servers_are_used_and_none_is_started(place: Path) -> None:
    given = {"DATABASE_URL": "postgres://elsewhere/db", "REDIS_URL": "redis://elsewhere"}
    running = start(place, **given)
    assert (running.database_url, running.redis_url) == tuple(given.values())
    assert running.pids == ()
    assert not (place / "pg").exists()
    finish(running.driver)


def test_a_checkout_too_deep_for_a_socket_and_closed_to_others(tmp_path: Path) -> None:
    """With a blank and a Chinese name on the way, and for root below a folder of mode 0700."""
    folder = tmp_path / ("深 " * 20) / ("x" * 40)
    folder.mkdir(parents=True)
    running = start(folder)
    assert query(running.database_url, "SELECT 1") == [(1,)]
    with redis.Redis.from_url(running.redis_url) as client:
        assert client.ping()
    finish(running.driver)
    sockets = Path(parse_qs(urlsplit(running.database_url).query)["host"][0])
    for folder in (sockets, Path(urlsplit(running.redis_url).path).parent):
        assert folder.stat().st_mode & 0o077 == 0
        if folder.is_relative_to(lodging.REFUGE):  # root where user namespaces are forbidden
            shutil.rmtree(folder.parents[1])
        else:
            assert folder.parent == Path("/tmp")
            shutil.rmtree(folder)


def test_data_of_another_postgresql_are_refused_in_one_sentence(place: Path) -> None:
    folder = place / "pg"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "PG_VERSION").write_text("14\n")
    driver = launch(SERVERS, place, "tests")
    complaint = finish(driver)
    assert complaint.startswith(f"数据目录 {folder} 属于 PostgreSQL 14")
    assert complaint.count("\n") == 1


@pytest.mark.skipif(not IS_ROOT, reason="only root can make a folder another user's")
def test_data_of_another_user_are_refused_and_left_alone(place: Path) -> None:
    (place / "pg").mkdir()
    shutil.chown(place / "pg", ORDINARY_USER)
    assert f"属于用户 {ORDINARY_USER}" in finish(launch(SERVERS, place, "tests"))
    assert (place / "pg").owner() == ORDINARY_USER


def test_ctrl_c_stops_all_in_reverse_order_and_none_feels_it_directly(tmp_path: Path) -> None:
    driver = launch(DUMMIES, tmp_path, STAYS)
    diary = tmp_path / "diary"
    assert driver.stdout.readline() == "up\n"
    wait_for_lines(diary, 2)
    os.killpg(driver.pid, signal.SIGINT)  # what a terminal does: to the whole foreground group
    output, complaint = driver.communicate(timeout=10)
    assert (output, complaint, driver.returncode) == ("asked to stop\n", "", 0)
    assert diary.read_text().splitlines()[2:] == ["second SIGTERM", "first SIGTERM"]


def test_a_killed_program_is_restarted(tmp_path: Path) -> None:
    driver = launch(DUMMIES, tmp_path, STAYS)
    wait_for_lines(tmp_path / "diary", 2)
    children = Path(f"/proc/{driver.pid}/task/{driver.pid}/children").read_text().split()
    os.kill(int(children[0]), signal.SIGKILL)
    wait_for_lines(tmp_path / "diary", 3)
    driver.terminate()
    driver.communicate(timeout=10)
    assert driver.returncode == 0


def test_a_program_that_keeps_falling_ends_all_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasty = "import lawadvisor.embedded.supervisor as s; s._DELAYS = (0.0, 0.0, 0.0)\n"
    driver = launch(hasty + DUMMIES, tmp_path, FALLS)
    complaint = driver.communicate(timeout=10)[1]
    assert driver.returncode == 1
    assert "反复退出，已全部停止；原因见" in complaint
    assert complaint.count("\n") == 1


def wait_for_lines(diary: Path, number: int) -> None:
    deadline = time.monotonic() + 10
    while not diary.exists() or len(diary.read_text().splitlines()) < number:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def module(*arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "lawadvisor.embedded", *arguments],
        cwd=CHECKOUT,
        env={**os.environ, **more},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_second_run_says_where_the_first_one_is(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "log").mkdir()
    (tmp_path / "run" / "address").write_text("http://127.0.0.1:8042")
    with (tmp_path / "run" / "lock").open("w") as lock:
        print(4711, file=lock, end="", flush=True)
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = module("run", LAWADVISOR_VAR=str(tmp_path))
    assert done.returncode == 0
    assert "已在运行：http://127.0.0.1:8042" in done.stdout
    assert "kill 4711" in done.stdout


def test_a_command_runs_beside_servers_of_its_own() -> None:
    show = "import os, sys; print(os.environ['DATABASE_URL']); sys.exit(7)"
    given = "postgres://precious/db"
    done = module("with", "--", sys.executable, "-c", show, DATABASE_URL=given)
    assert done.returncode == 7
    assert done.stdout.startswith("postgres://lawadvisor:")
    assert given not in done.stdout


# Prints what a management command is given: the settings, the database, the terminal.
SHOW = (
    "import sys; from django.conf import settings; from django.db import connection as c; "
    "from lawadvisor.foundation.models import Job; "
    "print(settings.DEMO, c.settings_dict['NAME'], Job.objects.count(), sys.stdin.read())"
)


def manage(var: Path, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    keys = ("LAWADVISOR_SECRET_KEY", "LAWADVISOR_DATA_KEYS")
    names = ("DATABASE_URL", "REDIS_URL", *keys, "LAWADVISOR_TEST_SERVICES")
    inherited = {key: value for key, value in os.environ.items() if key not in names}
    return subprocess.run(
        [sys.executable, "-m", "lawadvisor.embedded", "manage", *arguments],
        cwd=CHECKOUT,
        env={**inherited, "LAWADVISOR_VAR": str(var), **more},
        input="typed",
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_management_command_starts_the_countys_servers_for_itself(place: Path) -> None:
    done = manage(place, "shell", "--no-imports", "-c", SHOW)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "False lawadvisor 0 typed"  # its tables are there
    assert manage(place, "no_such_command").returncode == 1
    with (place / "pg" / "server.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # nothing of it still runs


def test_a_management_command_uses_the_servers_of_the_running_portal(place: Path) -> None:
    running = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL")}
    (place / "run").mkdir()
    (place / "secret_key").write_text("s" * 50)
    (place / "data_keys").write_text(new_data_key())
    with (place / "run" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        early = manage(place, "check")
        (place / "run" / "servers").write_text(json.dumps({**running, "LAWADVISOR_DEMO": "1"}))
        shown = "from django.conf import settings; print(settings.DEMO, settings.REDIS_URL)"
        done = manage(place, "shell", "--no-imports", "-c", shown)
    assert (early.returncode, early.stderr.count("\n")) == (1, 1)
    assert "请稍后再试" in early.stderr
    assert done.stdout == f"True {running['REDIS_URL']}\n"
    assert not (place / "pg").exists()


def test_an_orderly_stop_gives_the_worker_time_for_a_whole_paper(tmp_path: Path) -> None:
    services = portal._services(portal.Portal(tmp_path, "127.0.0.1:1", {}))
    (worker,) = [service for service in services if "worker" in service.program.command]
    assert worker.program.grace_seconds >= 30
