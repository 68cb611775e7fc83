"""The whole browser dies by SIGKILL while somebody types or saves, and comes back."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserType, Page

from benchmarks.handset import CHROMIUM, PHONE
from benchmarks.promises import Promise, all_of, at_most

_TEXT = "村民来问宅基地的界址与邻家相争应当找谁处理已告知先由村委会调解不成的再向镇政府申请确权" * 6
#: Seconds between two letters: of a quick hand, of one that thinks.
_GAPS = (0.02, 0.06, 0.15, 0.4)
_PATIENCE = 60.0
_FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--hide-crash-restore-bubble", "--remote-debugging-port=0", "--lang=zh-CN"),
    f"--window-size={PHONE['width']},{PHONE['height']}",
)


@dataclass(slots=True)
class Kill:
    """``typed`` with the moment of each letter; ``saved`` if the last that was done was to save.
    ``back`` is what the next start brought back, wherever it was found."""

    saved: bool
    typed: str = ""
    moments: list[float] = field(default_factory=list)
    at: float = 0.0
    back: str = ""

    @property
    def whole(self) -> bool:
        """Nothing else came back than was typed; what was saved came back to the last letter."""
        return self.typed.startswith(self.back) and (self.back == self.typed or not self.saved)

    @property
    def lost(self) -> float:
        """Seconds of typing."""
        missing = self.moments[len(self.back) :]
        return self.at - missing[0] if missing else 0.0


def promises(kills: Sequence[Kill], *, most: float = 1.0) -> list[Promise]:
    """``most`` seconds of typing may be lost."""
    good = sum(kill.whole and kill.lost <= most for kill in kills)
    slowest = max(kill.lost for kill in kills)
    return [
        all_of("5", "restored after SIGKILL of the browser", "", good, len(kills)),
        at_most("5", "typing lost, at most", "", slowest, most, "s"),
    ]


def killed(
    chromium: BrowserType,
    folder: Path,
    base: str,
    cookies: Sequence[Any],
    *,
    times: int,
    chance: random.Random,
    shortest: float = 0.3,
    longest: float = 4.0,
) -> list[Kill]:
    """So many kills of one browser profile, each after between ``shortest`` and ``longest``
    seconds of typing, every third while saving.

    ``cookies`` are those of an advisor who is signed in: one that is just given is on the disk
    only after half a minute, which is the browser's business.
    """
    kills = list[Kill]()
    for n in range(times + 1):
        with _browser(chromium, folder, cookies) as (page, die):
            _open(page, f"{base}/mine/log/")
            if kills:
                kills[-1].back = _what_came_back(page)
            if n < times:
                kills.append(Kill(saved=n % 3 == 2))
                seconds = chance.uniform(shortest, longest)
                _type(page, kills[-1], _GAPS[n % len(_GAPS)], seconds, chance)
            die()
            kills[-1].at = kills[-1].at or time.monotonic()
    return kills


def _type(page: Page, kill: Kill, gap: float, seconds: float, chance: random.Random) -> None:
    page.locator("[name=m0-kind][value=consultation]").check()
    page.locator("#m0-content").focus()
    until = time.monotonic() + seconds
    for letter in _TEXT:
        kill.moments.append(time.monotonic())
        page.keyboard.insert_text(letter)
        kill.typed += letter
        time.sleep(gap * chance.uniform(0.5, 1.5))
        if time.monotonic() > until:
            break
    if kill.saved:
        page.locator("#save").click()
        time.sleep(chance.uniform(0, 0.3))


#: On the form or in a record, which this screen leaves on the phone also once it is delivered.
_FOUND = """async () => {
    const store = await import('/static/phone/store.js');
    const form = document.querySelector('#m0-content').value;
    const kept = (await store.all()).filter(record => record.state !== 'last');
    return [form, ...kept.map(record => record.body.matters[0].content)];
}"""
_EMPTY = """async () => {
    const store = await import('/static/phone/store.js');
    for (const record of await store.all()) await store.remove(record.uuid);
    history.replaceState(null, '', location.pathname);
}"""


def _what_came_back(page: Page) -> str:
    """Which is then taken away, for the next one."""
    found = page.evaluate(_FOUND)
    page.evaluate(_EMPTY)
    page.reload()
    page.wait_for_selector("html[data-ready=log]")
    return max(found, key=len)


def _open(page: Page, address: str) -> None:
    page.goto("about:blank")
    page.goto(address, wait_until="commit")
    page.wait_for_selector("html[data-ready=log]")


@contextmanager
def _browser(
    chromium: BrowserType, folder: Path, cookies: Sequence[Any]
) -> Iterator[tuple[Page, Any]]:
    """A page of a browser of our own, and what kills all its processes at once."""
    told = folder / "DevToolsActivePort"
    told.unlink(missing_ok=True)
    process = subprocess.Popen(
        [CHROMIUM, *_FLAGS, f"--user-data-dir={folder}", "about:blank"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )

    def die() -> None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    try:
        browser = chromium.connect_over_cdp(f"http://127.0.0.1:{_port(told)}")
        context = browser.contexts[0]
        context.add_cookies(cookies)
        context.set_default_timeout(_PATIENCE * 1000)
        yield context.pages[0], die
    finally:
        if process.poll() is None:
            die()


def _port(told: Path) -> int:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        if told.exists() and (lines := told.read_text().splitlines()):
            return int(lines[0])
        time.sleep(0.02)
    raise TimeoutError("the browser did not start")
