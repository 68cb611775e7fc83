"""All that is promised of the phone, in one table."""

from __future__ import annotations

import random
import traceback
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from django.core.cache import cache
from playwright.sync_api import Error as PlaywrightError

from benchmarks import arrived, crowding, kills, liaison, phone, sends
from benchmarks.handset import Phone, phone_at, somebody
from benchmarks.promises import Promise
from benchmarks.queue_states import World, wander
from benchmarks.server import web_server

Tell = Callable[[str], object]
#: Visits between two kills.
_BETWEEN_KILLS = 50
#: So many numbers are sent by all at once.
_AT_ONCE = 50
#: Of the browser.
KILLS = 20
WANDERINGS, STEPS = 30, 25


def rows(visits: int, seed: int, tell: Tell) -> list[Promise]:
    """By the numbers of the targets; ``tell`` hears of each step, and of what was met."""
    found = _handled(seed, tell) + sent(visits, seed, tell)
    return sorted(found, key=lambda each: int(each.row))


def sent(visits: int, seed: int, tell: Tell) -> list[Promise]:
    """The second half of row 6."""
    tell(f"sending {visits:,} visits over a line that breaks, to a server that is killed …")
    cache.clear()
    with sends.sent(
        visits, killed=max(3, visits // _BETWEEN_KILLS), chance=random.Random(seed)
    ) as run:
        found = arrived.promises(run) + crowding.measure(run, min(visits, _AT_ONCE))
    for note in (*arrived.notes(run), f"seed {seed}"):
        tell(note)
    return found


def _handled(seed: int, tell: Tell) -> list[Promise]:
    tell("a thumb on a slow phone …")
    username = somebody().advisor.user.username
    with web_server() as server, phone_at(f"http://{server.bind}", username) as handset:
        found = [each for part in phone.PARTS for each in part(handset)]
        found += liaison.measure(handset.page.context.browser, handset.base)
        tell("a browser that is killed …")
        found += _killed(handset, random.Random(seed))
        tell("whatever may happen to a phone …")
        return [*found, _true_states(handset, tell)]


def _killed(handset: Phone, chance: random.Random) -> list[Promise]:
    browser = handset.page.context.browser.browser_type
    cookies = handset.page.context.cookies()
    with TemporaryDirectory() as folder:
        done = kills.killed(
            browser, Path(folder), handset.base, cookies, times=KILLS, chance=chance
        )
    return kills.promises(done)


def _true_states(handset: Phone, tell: Tell) -> Promise:
    """Row 7: each state that was looked at, held against the database."""
    world, fault = World(handset.page.context.browser, handset.base), ""
    try:
        wander(world, times=WANDERINGS, steps=STEPS)
    except (AssertionError, ExceptionGroup, PlaywrightError):
        fault = traceback.format_exc()
        tell(fault)
    found = f"{world.looked} states, {len(world.headers)} headers"
    return Promise("7", "header and items true", "any", found, "in all", not fault)
