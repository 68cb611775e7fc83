"""``make bench``, or ``python -m benchmarks --quick``: all benchmarks, one table."""

from __future__ import annotations

import argparse
import os
import sys
import time

import django


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
    print(run.measured(run.SCALES[options.scale], print))
    print(f"{time.monotonic() - start:.0f} s in all")
    return 0


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.set_defaults(scale="full")
    parser.add_argument(
        "--quick", dest="scale", action="store_const", const="quick", help="small, in two minutes"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
