"""Start services in order, restart what falls, stop in reverse. One thread, no polling: the
signals that matter are blocked and waited for, the death of a child among them."""

import contextlib
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass

from .process import EmbeddedError, Process, Program, Service

STOP_SIGNALS = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})

# Seconds before the first, second … restart. After the last the supervisor gives up.
_DELAYS = (0.2, 1.0, 2.0, 4.0, 8.0)

# A service that stayed up this long has earned a fresh count.
_STEADY_SECONDS = 60.0


class StopRequested(Exception):
    """Ctrl-C, SIGTERM, or the terminal has gone."""


@dataclass
class _Kept:
    """A service and what became of it. ``restart_at`` None: it is up, as far as we know."""

    service: Service
    process: Process
    started_at: float
    failures: int = 0
    restart_at: float | None = None


@contextlib.contextmanager
def waiting_for_signals() -> Iterator[None]:
    """Block what ``Supervisor.wait`` waits for, so that no signal is missed or interrupts us."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {*STOP_SIGNALS, signal.SIGCHLD})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Supervisor:
    """Keeps services running. Use inside ``waiting_for_signals`` unless only start and stop."""

    def __init__(self) -> None:
        self._kept: list[_Kept] = []

    def start(self, service: Service) -> None:
        """Start and keep. EmbeddedError if it does not become ready; the others stay up."""
        self._kept.append(_Kept(service, service.start(), time.monotonic()))

    def stop(self) -> None:
        """Stop everything, the last started first."""
        while self._kept:
            kept = self._kept.pop()
            kept.service.program.stop(kept.process)

    def stay(self) -> None:
        """Keep everything up until StopRequested, or EmbeddedError when something will not stay."""
        while True:
            self.wait(None)

    def run_to_end(self, program: Program) -> int:
        """Run a command beside the services and return its exit code."""
        process = program.start()
        try:
            while process.poll() is None:
                self.wait(None)
        finally:
            program.stop(process)
        return process.returncode

    def wait(self, seconds: float | None) -> None:
        """Tend the services until a child ends or ``seconds`` have passed (None: no limit)."""
        if self._stop_requested(self._patience(seconds)):
            raise StopRequested
        for kept in self._kept:
            self._tend(kept)

    def _patience(self, seconds: float | None) -> float | None:
        """How long to sleep: not past the next restart."""
        due = [kept.restart_at for kept in self._kept if kept.restart_at is not None]
        limits = [max(0.0, at - time.monotonic()) for at in due]
        if seconds is not None:
            limits.append(seconds)
        return min(limits, default=None)

    def _stop_requested(self, seconds: float | None) -> bool:
        expected = {*STOP_SIGNALS, signal.SIGCHLD}
        if seconds is None:
            return signal.sigwait(expected) in STOP_SIGNALS
        received = signal.sigtimedwait(expected, seconds)
        return received is not None and received.si_signo in STOP_SIGNALS

    def _tend(self, kept: _Kept) -> None:
        if kept.restart_at is not None:
            if time.monotonic() >= kept.restart_at:
                self._restart(kept)
        elif kept.process.poll() is not None:
            kept.service.program.clear(kept.process)
            self._plan_restart(kept)

    def _restart(self, kept: _Kept) -> None:
        kept.started_at, kept.restart_at = time.monotonic(), None
        try:
            kept.process = kept.service.start()
        except EmbeddedError:
            self._plan_restart(kept)

    def _plan_restart(self, kept: _Kept) -> None:
        if time.monotonic() - kept.started_at > _STEADY_SECONDS:
            kept.failures = 0
        if kept.failures == len(_DELAYS):
            title, log = kept.service.title, kept.service.program.log
            raise EmbeddedError(f"{title}反复退出，已全部停止；原因见 {log}。")
        kept.restart_at = time.monotonic() + _DELAYS[kept.failures]
        kept.failures += 1
