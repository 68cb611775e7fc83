"""What a visit costs on a slow phone, as the usability targets ask it: taps, seconds and typed
characters, without a network and on a bad one.

A real Chromium of 360×640 with touch, its processor four times slower, against the web server as
``make run`` starts it. Seconds are those of the machine: a person's reading and reaching comes on
top. The numbers of the rows are those of the targets.
"""

from __future__ import annotations

import gzip
import statistics
import time
from collections.abc import Callable
from typing import Any

from django.utils import timezone

from benchmarks.handset import BAD, GOOD, Phone, keep_screens
from benchmarks.promises import Promise, at_most

#: So many visits wait when the network comes back.
WAITING = 50

ALL_DELIVERED = "() => document.querySelector('#sent').textContent.includes('已全部')"
_KIND = "[name=m0-kind][value=consultation]"
_NOBODY = "[name=m0-kind][value=no_visitors]"
_PHRASE = ".phrase[data-kind=consultation]"


def routine(phone: Phone) -> tuple[int, float]:
    """From the home screen to a visit that is kept: taps and seconds."""
    phone.open("/mine/")
    start = phone.begin()
    phone.tap("a[href*='/mine/log/?appointment']")
    phone.page.wait_for_selector("html[data-ready=log]")
    for selector in (_KIND, _PHRASE, "#save"):
        phone.tap(selector)
    phone.page.wait_for_selector("#saved:not([hidden])")
    return phone.taps, time.perf_counter() - start


def again(phone: Phone) -> tuple[int, float]:
    phone.open("/mine/")
    start = phone.begin()
    phone.tap("a[href$='again']")
    phone.page.wait_for_selector("html[data-ready=log]")
    phone.tap(_PHRASE)
    phone.tap("#save")
    phone.page.wait_for_selector("#saved:not([hidden])")
    return phone.taps, time.perf_counter() - start


def visits(phone: Phone) -> list[Promise]:
    """Rows 1 and 2, without a network and on a bad one."""
    found = []
    for network in ("offline", "100 kbit/s"):
        if network == "offline":
            phone.offline()
        else:
            phone.network(BAD)
        for row, what, work, taps, seconds in (
            ("1", "a routine visit", routine, 6, 20),
            ("2", "the same as last time", again, 3, 8),
        ):
            made, took = work(phone)
            said = f"{made} taps, {took:.1f} s, {phone.typed} typed"
            promised = f"{taps} taps, {seconds} s, 0 typed"
            good = (made <= taps, took <= seconds, phone.typed) == (True, True, 0)
            found.append(Promise(row, what, network, said, promised, good))
    phone.network(GOOD)
    phone.page.reload()
    phone.until(ALL_DELIVERED)
    return found


def carried(phone: Phone) -> list[Promise]:
    """Row 3: what the next visit asks again of what the last one said, and what is never asked."""
    phone.offline()
    phone.open("/mine/log/")
    phone.page.locator("#more-of-visit").evaluate("fold => { fold.open = true }")
    phone.type("[name=place]", "文化礼堂")
    for selector in (_KIND, _PHRASE):
        phone.tap(selector)
    said = _standing(phone)
    phone.tap("#save")
    phone.page.wait_for_selector("#saved:not([hidden])")
    phone.open("/mine/log/?again")
    stands = _standing(phone)
    twice = sorted(set(said) - set(stands) - _OF_THE_VISIT)
    asked = [word for word in _KNOWN if word in phone.page.locator("#log").inner_text()]
    phone.network(GOOD)
    phone.page.reload()
    phone.until(ALL_DELIVERED)
    return [
        Promise("3", "asked again", "offline", _listed(twice), "nothing", not twice),
        Promise("3", "asked though known", "offline", _listed(asked), "nothing", not asked),
    ]


#: What no visit says for the next one.
_OF_THE_VISIT = {"m0-content", "other_day"}
#: Of the advisor and of the place; the portal knows them.
_KNOWN = ("姓名", "执业证", "律师事务所", "镇街", "联络员")


def _standing(phone: Phone) -> list[str]:
    """The names of the fields that hold something."""
    return phone.page.evaluate(
        """() => [...new FormData(document.getElementById('log'))]
            .filter(([name, value]) => value && !['csrfmiddlewaretoken', 'uuid'].includes(name))
            .map(([name]) => name)"""
    )


def _listed(found: list[str]) -> str:
    return ", ".join(found) or "nothing"


def kept(phone: Phone) -> list[Promise]:
    """Row 4: from the tap to the disk."""
    phone.offline()
    taps = []
    for n in range(5):
        phone.open("/mine/log/")
        phone.page.evaluate(_WATCH_SAVED)
        phone.tap(_NOBODY)
        phone.page.fill("[name=start]", f"{16 + n}:00")
        phone.tap("[name=hours][value='1']")
        phone.tap("#save")
        phone.page.wait_for_selector("#saved:not([hidden])")
        taps.append(phone.page.evaluate("window.took"))
    phone.network(GOOD)
    phone.page.reload()
    phone.until(ALL_DELIVERED)
    return [at_most("4", "tap to kept", "offline", max(taps), 300, "ms")]


_WATCH_SAVED = """() => {
    const form = document.getElementById('log');
    form.addEventListener('submit', () => { window.began = performance.now(); }, true);
    new MutationObserver(() => { window.took ??= performance.now() - window.began; })
        .observe(document.getElementById('saved'), { attributes: true });
}"""


def drained(phone: Phone) -> list[Promise]:
    """Row 6: fifty visits wait, the network comes back."""
    phone.offline()
    phone.open("/mine/log/")
    phone.page.evaluate(_FILL_QUEUE, {"count": WAITING, "day": timezone.localdate().isoformat()})
    phone.open("/mine/")
    phone.page.evaluate(_WATCH_SENDING)
    start = time.perf_counter()
    phone.network(BAD)
    phone.page.wait_for_function("() => window.asked", timeout=30_000)
    began = time.perf_counter() - start
    phone.until(ALL_DELIVERED)
    took = time.perf_counter() - start
    phone.network(GOOD)
    return [
        at_most("6", "sending begins", "100 kbit/s", began, 10, "s"),
        at_most("6", f"{WAITING} visits sent", "100 kbit/s", took, 60, "s"),
    ]


_WATCH_SENDING = """() => {
    const real = window.fetch;
    window.fetch = (...args) => {
        window.asked ||= String(args[0]).includes('batch');
        return real(...args);
    };
}"""
#: As many records as a person would make, through the phone's own store.
_FILL_QUEUE = """async ({ count, day }) => {
    const store = await import('/static/phone/store.js');
    await store.unlock();
    const appointment = Number(document.querySelector('[name=village]').value);
    const two = value => String(value).padStart(2, '0');
    const clock = value => `${two(Math.floor(value / 60))}:${two(value % 60)}`;
    const before = back => new Date(Date.parse(day) - back * 86400e3).toISOString().slice(0, 10);
    const matter = {
        kind: 'consultation', topic: '', focus: '', client: '', phone: '', special_group: '',
        content: '解答婚姻家庭方面的咨询。', method: '', result: '', audience: null,
        succeeded: null, marks: [],
    };
    for (let n = 0; n < count; n++) {
        const start = 480 + 30 * (n % 10);
        const body = {
            appointment, day: before(2 + Math.floor(n / 10)), start: clock(start),
            end: clock(start + 30), mode: 'on_site', purpose: 'duty', place: '',
            no_visitors: false, matters: [matter],
        };
        await store.put({
            uuid: store.newNumber(), state: 'kept', made: Date.now(), reason: null, body,
            label: { village: '手机村', kinds: '法律咨询' },
        });
    }
}"""


def loads(phone: Phone) -> list[Promise]:
    """Row 8: the first open on a bad link, and the second one, also without any."""
    page = phone.page
    page.evaluate(
        """async () => {
            for (const name of await caches.keys()) await caches.delete(name);
            const workers = await navigator.serviceWorker.getRegistrations();
            for (const worker of workers) await worker.unregister();
        }"""
    )
    weights: dict[str, int] = {}

    def weigh(response: Any) -> None:
        if response.status == 200:
            weights[response.url] = len(gzip.compress(response.body()))

    page.on("response", weigh)
    phone.cdp.send("Network.setCacheDisabled", {"cacheDisabled": True})
    phone.network(BAD)
    first = phone.open("/mine/log/")
    phone.network(GOOD)
    page.wait_for_timeout(500)
    page.remove_listener("response", weigh)
    phone.cdp.send("Network.setCacheDisabled", {"cacheDisabled": False})
    total = sum(weights.values())
    keep_screens(page)
    phone.network(BAD)
    second = statistics.median(phone.open("/mine/log/") for _ in range(5))
    phone.offline()
    without = statistics.median(phone.open("/mine/log/") for _ in range(5))
    phone.network(GOOD)
    return [
        at_most("8", "log screen, compressed", "", total / 1000, 120, "kB"),
        at_most("8", "first open, nothing compressed", "100 kbit/s", first, 12, "s"),
        at_most("8", "second open", "100 kbit/s", second, 1, "s"),
        at_most("8", "second open", "offline", without, 1, "s"),
    ]


PARTS: tuple[Callable[[Phone], list[Promise]], ...] = (loads, visits, carried, kept, drained)
