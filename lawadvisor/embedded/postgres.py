"""PostgreSQL as a service: on a Unix socket only, with a password, as an application role."""

import signal
from pathlib import Path
from urllib.parse import quote

from .cluster import DATABASE, ROLE, Purpose, application_password, ensure_cluster
from .lodging import Lodging, find_lodging, socket_folder
from .process import Process, Program, Service, server_environment

_PORT = 5432  # only a part of the socket's name here: no port is opened
_SOCKET_NAME = f".s.PGSQL.{_PORT}"
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")

# Line of postmaster.pid in which a server says that it accepts connections.
_STATUS_LINE = 7


def prepare(folder: Path, log: Path, purpose: Purpose) -> tuple[Service, str]:
    """Return the service, not started yet, and the DATABASE_URL of the application's role.

    The folder is created on the first call; root may be lodged elsewhere (see ``lodging``).
    """
    lodging = find_lodging(folder)
    ensure_cluster(lodging, purpose)
    sockets = socket_folder(lodging.folder / "socket", _SOCKET_NAME, lodging.account)
    program = Program(
        command=_command(lodging, sockets, purpose),
        log=log,
        cwd=Path("/"),
        environment=server_environment(),
        account=lodging.account,
        stop_signal=signal.SIGINT,  # PostgreSQL's fast shutdown: clients are sent away
        grace_seconds=20.0,
        lock=lodging.folder / "server.lock",
    )
    service = Service("PostgreSQL", program, is_ready=lambda process: _accepts(lodging, process))
    return service, _url(lodging, sockets)


def _command(lodging: Lodging, sockets: Path, purpose: Purpose) -> tuple[str, ...]:
    settings = [
        f"port={_PORT}",
        "listen_addresses=",
        f'unix_socket_directories="{sockets}"',
        "unix_socket_permissions=0700",
        *(() if purpose.is_durable else _FAST),
    ]
    options = [word for setting in settings for word in ("-c", setting)]
    return (
        str(lodging.binaries / "postgres"),
        "-D",
        str(lodging.folder / "data"),
        *options,
    )


def _accepts(lodging: Lodging, process: Process) -> bool:
    try:
        lines = (lodging.folder / "data" / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return (
        len(lines) > _STATUS_LINE
        and lines[0] == str(process.pid)  # not one left behind by a killed server
        and lines[_STATUS_LINE].strip() == "ready"
    )


def _url(lodging: Lodging, sockets: Path) -> str:
    password = quote(application_password(lodging), safe="")
    return f"postgres://{ROLE}:{password}@/{DATABASE}?host={quote(str(sockets))}&port={_PORT}"
