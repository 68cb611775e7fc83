"""``make bench``, or ``python -m benchmarks [ratios|phone|sends]``: each part prints one table."""

from __future__ import annotations

import argparse
import os
import sys
import time
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from collections.abc import Callable


def main(arguments: list[str]) -> int:
    """Measure in the database that DATABASE_URL names, which must be empty."""
    options = _parse(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lawadvisor.settings")
    django.setup()
    from benchmarks import run  # models, which need the set-up above

    if run.is_taken():
        print("数据库中已有数据，测速只用空库：请运行 make bench。", file=sys.stderr)
        return 1
    start = time.monotonic()
    run.prepare()
    _PARTS[options.part](options)
    print(f"{time.monotonic() - start:.0f} s in all")
    return 0


def _ratios(options: argparse.Namespace) -> None:
    from benchmarks import run

    print(run.measured(run.SCALES[options.scale], print))


def _phone(options: argparse.Namespace) -> None:
    from benchmarks import promised
    from benchmarks.promises import as_table

    print(as_table(promised.rows(options.visits, options.seed, print)))


def _sends(options: argparse.Namespace) -> None:
    from benchmarks import promised
    from benchmarks.promises import as_table

    print(as_table(promised.sent(options.visits, options.seed, print)))


_PARTS: dict[str, Callable[[argparse.Namespace], None]] = {
    "ratios": _ratios,
    "phone": _phone,
    "sends": _sends,
}


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.set_defaults(scale="full")
    parser.add_argument("part", nargs="?", choices=_PARTS, default="ratios")
    parser.add_argument(
        "--quick", dest="scale", action="store_const", const="quick", help="small, in two minutes"
    )
    parser.add_argument("--visits", type=int, default=1_000, help="sent over a line that breaks")
    parser.add_argument("--seed", type=int, default=2026, help="of what breaks and when")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
