"""``python -m lawadvisor.embedded run``, ``… manage <command> …`` and ``… with -- command``."""

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from .cluster import Purpose
from .portal import AlreadyRunningError, county_environment, run
from .process import EmbeddedError, die_with_parent
from .services import CHECKOUT, scratch_servers
from .supervisor import STOP_SIGNALS, waiting_for_signals

_INTERRUPTED = 130


def main(arguments: Sequence[str]) -> int:
    """Return the exit code; every known failure is one Chinese sentence on standard error."""
    options = _parse(arguments)
    try:
        if options.verb == "run":
            return _run()
        if options.verb == "manage":
            return manage(options.command)
        return run_with(options.command)
    except EmbeddedError as error:
        sentence = str(error)
    except PermissionError as error:
        sentence = f"没有权限读写 {error.filename}，请用建立这个目录的用户运行。"
    print(sentence, file=sys.stderr)
    return 1


def run_with(command: Sequence[str]) -> int:
    """Run a command beside throw-away servers and return its exit code."""
    with waiting_for_signals(), scratch_servers(Purpose.BENCHMARK, {}) as scratch:
        if signal.sigpending() & STOP_SIGNALS:
            return _INTERRUPTED
        return _foreground(command, {**os.environ, **scratch.as_environment()})


def manage(arguments: Sequence[str]) -> int:
    """Run manage.py on the county's data, the portal running or not; return its exit code."""
    with waiting_for_signals(), county_environment(_var(), os.environ) as environment:
        if signal.sigpending() & STOP_SIGNALS:
            return _INTERRUPTED
        return _foreground([sys.executable, str(CHECKOUT / "manage.py"), *arguments], environment)


def _var() -> Path:
    return Path(os.environ.get("LAWADVISOR_VAR") or CHECKOUT / "var").resolve()


def _run() -> int:
    try:
        run(_var(), os.environ)
    except AlreadyRunningError as other:
        print(other)
    return 0


def _foreground(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """The command stays in the terminal's foreground and gets its Ctrl-C directly; what only we
    receive is passed on."""
    process = subprocess.Popen(
        command,
        env=environment,
        preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 one thread
    )
    while process.poll() is None:
        received = signal.sigwait({*STOP_SIGNALS, signal.SIGCHLD})
        if received in (signal.SIGTERM, signal.SIGHUP):
            process.send_signal(received)
    return process.returncode if process.returncode >= 0 else 128 - process.returncode


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m lawadvisor.embedded")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("run", help="the whole portal, until Ctrl-C")
    managed = verbs.add_parser("manage", help="manage.py on the county's data, beside the portal")
    managed.add_argument("command", nargs=argparse.REMAINDER, help="command …")
    beside = verbs.add_parser("with", help="a command beside throw-away servers")
    beside.add_argument("command", nargs=argparse.REMAINDER, help="-- command …")
    options = parser.parse_args(arguments)
    if options.verb == "with":
        if options.command[:1] == ["--"]:
            del options.command[0]
        if not options.command:
            beside.error("a command is needed: with -- command …")
    if options.verb == "manage" and not options.command:
        managed.error("a command is needed: manage migrate …")
    return options


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
