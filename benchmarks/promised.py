"""All that is promised of the phone, in one table."""

from __future__ import annotations

import random
from collections.abc import Callable

from django.core.cache import cache

from benchmarks import arrived, phone, sends
from benchmarks.handset import phone_at, somebody
from benchmarks.promises import Promise
from benchmarks.server import web_server

Tell = Callable[[str], object]
#: Visits between two kills.
_BETWEEN_KILLS = 50


def rows(visits: int, seed: int, tell: Tell) -> list[Promise]:
    """By the numbers of the targets; ``tell`` hears of each step, and of what was met."""
    found = _handled(tell) + sent(visits, seed, tell)
    return sorted(found, key=lambda each: int(each.row))


def sent(visits: int, seed: int, tell: Tell) -> list[Promise]:
    """The second half of row 6."""
    tell(f"sending {visits:,} visits over a line that breaks, to a server that is killed …")
    cache.clear()
    with sends.sent(
        visits, killed=max(3, visits // _BETWEEN_KILLS), chance=random.Random(seed)
    ) as run:
        found = arrived.promises(run)
    for note in (*arrived.notes(run), f"seed {seed}"):
        tell(note)
    return found


def _handled(tell: Tell) -> list[Promise]:
    tell("a thumb on a slow phone …")
    username = somebody()
    with web_server() as server, phone_at(f"http://{server.bind}", username) as handset:
        return [each for part in phone.PARTS for each in part(handset)]
