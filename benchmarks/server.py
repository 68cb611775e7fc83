"""The web server of ``make run``, to be asked, killed and started again."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from benchmarks.workers import database_url
from lawadvisor.embedded.portal import web_command
from lawadvisor.embedded.process import Process, Program

PORTAL = "lawadvisor.wsgi:application"
_PATIENCE = 60.0  # seconds


@dataclass(slots=True)
class WebServer:
    """``bind`` is its host and port. All of it is for the main thread."""

    bind: str
    program: Program
    process: Process

    def kill_worker(self) -> None:
        """SIGKILL to one of its two processes; gunicorn starts another."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        for pid in children.read_text().split()[:1]:
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)

    def kill(self) -> None:
        """SIGKILL to all of it at once, then what the supervisor does."""
        self.process.kill()
        self.program.clear(self.process)
        self.process = self.program.start()
        wait_for(self.bind)

    def restart(self) -> None:
        """An orderly stop, as at an upgrade."""
        self.program.stop(self.process)
        self.process = self.program.start()
        wait_for(self.bind)


@contextmanager
def web_server(application: str = PORTAL) -> Iterator[WebServer]:
    """Once it answers; another ``application`` in the portal's place is served alike."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        bind = f"127.0.0.1:{free.getsockname()[1]}"
    program = Program(
        command=(sys.executable, *(application if o == PORTAL else o for o in web_command(bind))),
        log=log_path(),
        cwd=settings.BASE_DIR,
        environment={
            **os.environ,
            "DATABASE_URL": database_url(),
            "LAWADVISOR_VAR": str(settings.VAR_DIR),
        },
    )
    server = WebServer(bind, program, program.start())
    try:
        wait_for(bind)
        yield server
    finally:
        program.stop(server.process)


def wait_for(bind: str) -> None:
    """OSError where nobody answers for a minute."""
    until = time.monotonic() + _PATIENCE
    while True:
        web = http.client.HTTPConnection(bind, timeout=_PATIENCE)
        try:
            web.request("GET", "/healthz")
            if web.getresponse().status == 200:
                return
        except (OSError, http.client.HTTPException):
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        finally:
            web.close()


def log_path() -> Path:
    return Path(settings.VAR_DIR) / "bench-web.log"
