"""Start a program that cannot outlive us, wait until it is ready, stop it politely."""

import contextlib
import ctypes
import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1
_POLL_SECONDS = 0.02

# A killed server may need a moment to put its data in order before the next may have the folder.
_LOCK_SECONDS = 30.0

Process = subprocess.Popen[bytes]


class EmbeddedError(Exception):
    """The services cannot run; the message is one Chinese sentence for the operator."""


@dataclass(frozen=True)
class Account:
    """Whom a program runs as: ``uid`` None means the invoking user.

    ``prefix`` is put before the command where becoming that user takes a program of its own.
    """

    uid: int | None = None
    gid: int | None = None
    prefix: tuple[str, ...] = ()

    @property
    def groups(self) -> tuple[int, ...] | None:
        """None leaves the invoking user's groups as they are; another user gets none of them."""
        return None if self.uid is None else ()


INVOKER = Account()


@dataclass(frozen=True)
class Program:
    """A command with its surroundings.

    ``log`` None means our own output. ``lock`` is held by the program itself, as long as it or
    any child of it lives: so two servers never share a data folder, whoever was killed and how.
    """

    command: tuple[str, ...]
    log: Path | None
    cwd: Path
    environment: Mapping[str, str]
    account: Account = INVOKER
    stop_signal: signal.Signals = signal.SIGTERM
    grace_seconds: float = 10.0
    lock: Path | None = None

    def start(self) -> Process:
        """Start in a session of its own: a Ctrl-C at the terminal reaches us, not it.

        Must be called from the main thread: the kernel ties the child to the calling *thread*.
        """
        with _opened(self.log) as log, _held(self.lock) as descriptors:
            return subprocess.Popen(
                [*self.account.prefix, *self.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.cwd,
                env=dict(self.environment),
                start_new_session=True,
                pass_fds=descriptors,
                preexec_fn=die_with_parent(self.stop_signal),  # noqa: PLW1509 one thread
                user=self.account.uid,
                group=self.account.gid,
                extra_groups=self.account.groups,
            )

    def stop(self, process: Process) -> None:
        """Ask, wait, insist; then take whatever is left of its process group."""
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(self.stop_signal)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(self.grace_seconds)
        self.clear(process)

    def clear(self, process: Process) -> None:
        """Kill what remains of the group, so that no orphan works beside its successor."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _always(_process: Process) -> bool:
    return True


@dataclass(frozen=True)
class Service:
    """A program that is to stay up. ``title`` is its name in messages."""

    title: str
    program: Program
    is_ready: Callable[[Process], bool] = field(default=_always)
    ready_seconds: float = 60.0

    def start(self) -> Process:
        """Return the process once it is ready; EmbeddedError, and no process, if it will not be."""
        process = self.program.start()
        deadline = time.monotonic() + self.ready_seconds
        while not self.is_ready(process):
            if process.poll() is not None or time.monotonic() > deadline:
                self.program.stop(process)
                raise EmbeddedError(f"{self.title} 没有启动成功，原因见 {self.program.log}。")
            time.sleep(_POLL_SECONDS)
        return process


def run_briefly(command: tuple[str, ...], account: Account, sql: str = "") -> str:
    """Run a short command as ``account`` and return all it said; EmbeddedError if it fails."""
    done = subprocess.run(
        [*account.prefix, *command],
        input=sql,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=server_environment(),
        preexec_fn=die_with_parent(signal.SIGKILL),
        user=account.uid,
        group=account.gid,
        extra_groups=account.groups,
    )
    if done.returncode:
        raise EmbeddedError(f"{command[0]} 失败：{done.stderr.strip() or done.returncode}")
    return done.stdout + done.stderr


def server_environment() -> dict[str, str]:
    """Nothing of the caller's: a PGPORT or a Chinese locale there must not change a server."""
    return {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "HOME": "/"}


def die_with_parent(death_signal: signal.Signals) -> Callable[[], None]:
    """For ``preexec_fn``: the child gets ``death_signal`` when the thread that starts it ends."""
    parent = os.getpid()

    def prepare() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, ())  # the supervisor blocks what it waits for
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)

    return prepare


def _opened(log: Path | None) -> contextlib.AbstractContextManager[IO[bytes] | None]:
    return contextlib.nullcontext() if log is None else log.open("ab")


@contextlib.contextmanager
def _held(lock: Path | None) -> Iterator[tuple[int, ...]]:
    """Take the lock and yield the descriptors to pass on; our own copy is closed afterwards."""
    if lock is None:
        yield ()
        return
    with lock.open("ab") as handle:
        _wait_for_lock(handle.fileno(), lock)
        yield (handle.fileno(),)


def _wait_for_lock(descriptor: int, lock: Path) -> None:
    deadline = time.monotonic() + _LOCK_SECONDS
    while not try_lock(descriptor):
        if time.monotonic() > deadline:
            raise EmbeddedError(f"{lock.parent} 仍被另一个服务进程占用，请稍后再试。")
        time.sleep(_POLL_SECONDS)


def try_lock(descriptor: int) -> bool:
    """Take an exclusive lock on an open file without waiting; False if another holds it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
