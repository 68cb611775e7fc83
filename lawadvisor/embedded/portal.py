"""What `make run` does: servers, tables, web, worker, clock, demo data; then stay until a signal.
`manage` finds the servers of a run, or starts them for one command.

LAWADVISOR_BIND     host:port to listen on; default 127.0.0.1:8000 or the next free port
LAWADVISOR_DEMO     "0" leaves out the demo data; default "1"
LAWADVISOR_VAR      folder of everything written; default <checkout>/var
DATABASE_URL, REDIS_URL     real servers instead of the embedded ones
"""

import contextlib
import errno
import http.client
import json
import os
import secrets
import shutil
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from .cluster import Purpose
from .process import EmbeddedError, Program, Service, try_lock
from .services import CHECKOUT, new_data_key, start_servers
from .supervisor import StopRequested, Supervisor, waiting_for_signals

_FIRST_PORT, _PORTS = 8000, 100
_ANSWER_SECONDS = 60.0
_SERVER_ERROR = 500
# The longest paper (500 rows) takes six seconds: an orderly stop cuts no job short, which would
# count as one of its tries.
_WORKER_GRACE = 30.0
#: Of each of two processes.
WEB_THREADS = 4


class AlreadyRunningError(Exception):
    """Another `make run` holds this folder; the message is a sentence for the operator."""


@dataclass(frozen=True)
class Portal:
    """One run: where things are written and what the programs see of the world."""

    var: Path
    bind: str
    environment: Mapping[str, str]

    @property
    def address(self) -> str:
        """For a browser on this machine, also when we listen on every interface."""
        return "http://" + self.bind.replace("0.0.0.0", "127.0.0.1", 1)  # noqa: S104 compared, not bound

    def program(self, log: str | None, *arguments: str, grace: float = 10.0) -> Program:
        """A program of our interpreter in the checkout. ``log`` None prints to the terminal."""
        return Program(
            command=(sys.executable, *arguments),
            log=self.var / "log" / log if log else None,
            cwd=CHECKOUT,
            environment=self.environment,
            grace_seconds=grace,
        )


def run(var: Path, given: Mapping[str, str]) -> None:
    """Run until Ctrl-C or SIGTERM, then stop everything. AlreadyRunningError, EmbeddedError."""
    for name in ("log", "run", "beat"):
        (var / name).mkdir(parents=True, exist_ok=True)
    with waiting_for_signals(), _only_one(var / "run"):
        _keep_previous_logs(var / "log")
        _empty(var / "tmp")
        supervisor = Supervisor()
        try:
            _bring_up(supervisor, var, given)
            supervisor.stay()
        except StopRequested:
            _say("正在停止……")
        finally:
            supervisor.stop()
        _say("已全部停止，数据都已保存。")


def _bring_up(supervisor: Supervisor, var: Path, given: Mapping[str, str]) -> None:
    bind = given.get("LAWADVISOR_BIND") or _free_address()
    _refuse_taken(bind)
    _ensure_keys(var)
    _say("正在启动数据库……")
    servers = start_servers(supervisor, var, var / "log", Purpose.COUNTY, given)
    portal = Portal(var, bind, {**_environment(var, bind, given), **servers.as_environment()})
    _prepare_tables(supervisor, portal)
    _write_private(var / "run" / "servers", json.dumps(_of_servers(portal.environment)))
    for service in _services(portal):
        supervisor.start(service)
    _wait_for_answer(supervisor, portal)
    (var / "run" / "address").write_text(portal.address)
    if portal.environment["LAWADVISOR_DEMO"] != "0":
        _must(supervisor, portal.program(None, "manage.py", "demo"))
    _say(f"门户已就绪：{portal.address}/ （按 Ctrl-C 停止；日志在 {var / 'log'}）")


@contextlib.contextmanager
def county_environment(var: Path, given: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """What a management command needs: the running portal's servers, else some of its own.

    Use inside ``waiting_for_signals``. EmbeddedError, also while a portal is coming up.
    """
    for name in ("log", "run"):
        (var / name).mkdir(parents=True, exist_ok=True)
    try:
        with _only_one(var / "run"):
            yield from _own_servers(var, given)
    except AlreadyRunningError:
        yield _running_servers(var, given)


def _own_servers(var: Path, given: Mapping[str, str]) -> Iterator[dict[str, str]]:
    (var / "run" / "address").write_text("正在执行管理命令")
    _ensure_keys(var)
    supervisor = Supervisor()
    try:
        servers = start_servers(supervisor, var, var / "log", Purpose.COUNTY, given)
        portal = Portal(var, "", {**given, "LAWADVISOR_VAR": str(var), **servers.as_environment()})
        _prepare_tables(supervisor, portal)
        yield dict(portal.environment)
    except StopRequested as stop:
        raise EmbeddedError("已中断。") from stop
    finally:
        supervisor.stop()


def _running_servers(var: Path, given: Mapping[str, str]) -> dict[str, str]:
    try:
        servers = json.loads((var / "run" / "servers").read_text())
    except FileNotFoundError as error:
        raise EmbeddedError("门户正在启动，或另一个管理命令正在执行，请稍后再试。") from error
    return {**given, **servers, "LAWADVISOR_VAR": str(var)}


def _of_servers(environment: Mapping[str, str]) -> dict[str, str]:
    keys = ("LAWADVISOR_SECRET_KEY", "LAWADVISOR_DATA_KEYS")
    names = ("DATABASE_URL", "REDIS_URL", "LAWADVISOR_DEMO", *keys)
    return {name: environment[name] for name in names if name in environment}


def _prepare_tables(supervisor: Supervisor, portal: Portal) -> None:
    _say("正在准备数据表……")
    _must(supervisor, portal.program("migrate.log", "manage.py", "migrate", "--noinput"))


def _environment(var: Path, bind: str, given: Mapping[str, str]) -> dict[str, str]:
    return {
        "LAWADVISOR_DEMO": "1",
        # Celery's; whoever runs us as root, in a container say, has decided so.
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
        **given,
        "LAWADVISOR_VAR": str(var),
        # WeasyPrint keeps fonts in a folder of its own, which a killed worker leaves behind
        "TMPDIR": str(var / "tmp"),
        "LAWADVISOR_ADDRESS": Portal(var, bind, {}).address,
        "PYTHONUNBUFFERED": "1",
    }


def web_command(bind: str) -> tuple[str, ...]:
    """The web server, for our interpreter to run."""
    return (
        *("-m", "gunicorn", "lawadvisor.wsgi:application", "--bind", bind),
        *("--worker-class", "gthread", "--workers", "2", "--threads", str(WEB_THREADS)),
        *("--graceful-timeout", "5", "--no-control-socket"),
    )


def _services(portal: Portal) -> tuple[Service, ...]:
    """In the order of starting; they are stopped the other way round, web first."""
    celery = ("-m", "celery", "-A", "lawadvisor")
    worker = (*celery, "worker", "-c", "2", "--prefetch-multiplier", "1", "-l", "info")
    beat = (*celery, "beat", "-s", str(portal.var / "beat" / "schedule"), "--pidfile=")
    return (
        Service(
            "后台任务",
            portal.program("worker.log", *worker, "--without-mingle", grace=_WORKER_GRACE),
        ),
        Service("定时任务", portal.program("beat.log", *beat)),
        Service("网页服务", portal.program("web.log", *web_command(portal.bind))),
    )


def _must(supervisor: Supervisor, program: Program) -> None:
    if supervisor.run_to_end(program):
        reason = f"原因见 {program.log}" if program.log else "原因见上文"
        raise EmbeddedError(f"{' '.join(program.command[1:3])} 没有成功，{reason}。")


def _wait_for_answer(supervisor: Supervisor, portal: Portal) -> None:
    deadline = time.monotonic() + _ANSWER_SECONDS
    while not _answers(portal.address):
        if time.monotonic() > deadline:
            log = portal.var / "log" / "web.log"
            raise EmbeddedError(f"网页没有应答 {portal.address}，原因见 {log}。")
        supervisor.wait(0.1)


def _answers(address: str) -> bool:
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=30)
    with contextlib.closing(connection), contextlib.suppress(OSError):
        connection.request("GET", "/")
        return connection.getresponse().status < _SERVER_ERROR
    return False


def _free_address() -> str:
    for port in range(_FIRST_PORT, _FIRST_PORT + _PORTS):
        if _is_free(f"127.0.0.1:{port}"):
            return f"127.0.0.1:{port}"
    raise EmbeddedError(
        f"{_FIRST_PORT} 起的 {_PORTS} 个端口都被占用，请用 LAWADVISOR_BIND 指定地址。"
    )


def _refuse_taken(bind: str) -> None:
    if not _is_free(bind):
        raise EmbeddedError(f"地址 {bind} 已被别的程序占用，请换一个 LAWADVISOR_BIND。")


def _is_free(bind: str) -> bool:
    host, _, port = bind.rpartition(":")
    if not port.isdigit():
        raise EmbeddedError(f"LAWADVISOR_BIND 应写作 主机:端口，如 127.0.0.1:8000，而不是 {bind}。")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise EmbeddedError(f"不能监听 {bind}：{error.strerror}。") from error
            return False
    return True


def _ensure_keys(var: Path) -> None:
    """What signs sessions and what seals columns, of this installation; never half a key."""
    for path, new_key in ((var / "secret_key", _session_key), (var / "data_keys", new_data_key)):
        if not path.exists():
            _write_private(path, new_key())


def _session_key() -> str:
    return secrets.token_urlsafe(48)


def _write_private(path: Path, text: str) -> None:
    """Whole or not at all, and for our user alone."""
    unfinished = path.with_suffix(".new")
    unfinished.touch(mode=0o600)
    unfinished.write_text(text)
    unfinished.rename(path)


def _keep_previous_logs(folder: Path) -> None:
    for log in folder.glob("*.log"):
        if log.name != "setup.log":  # written just before, and perhaps named to the operator
            log.rename(log.with_suffix(".log.1"))


def _empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()


@contextlib.contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """A lock dies with its holder, whatever kills it; a file with a pid would lie."""
    address = folder / "address"
    with (folder / "lock").open("a+") as lock:
        if not try_lock(lock.fileno()):
            where = address.read_text() if address.exists() else "正在启动"
            raise AlreadyRunningError(_already_running(where, pid=(folder / "lock").read_text()))
        for told in (address, folder / "servers"):  # what the previous holder said
            told.unlink(missing_ok=True)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _already_running(where: str, pid: str) -> str:
    return f"门户已在运行：{where} （要停止，请在启动它的窗口按 Ctrl-C，或执行 kill {pid}）。"


def _say(sentence: str) -> None:
    with contextlib.suppress(OSError):  # the terminal may be gone, which is why we stop
        print(sentence, flush=True)
