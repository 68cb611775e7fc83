"""``python -m benchmarks.phone``: what a visit costs on a slow phone, as the usability targets
ask it: taps, seconds and typed characters, without a network and on a bad one.

A real Chromium of 360×640 with touch, its processor four times slower, against the web server as
``make run`` starts it. Seconds are those of the machine: a person's reading and reaching comes on
top. The last column says what was promised.
"""

from __future__ import annotations

import gzip
import os
import statistics
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

import django

SLOWER = 4
PHONE = {"width": 360, "height": 640}
#: A mountain link: 100 kbit/s and 800 ms.
BAD = {"offline": False, "latency": 800, "downloadThroughput": 12_500, "uploadThroughput": 12_500}
GOOD = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
PASSWORD = "bench-Pass-2026"
CHROMIUM = "/usr/bin/chromium"
#: So many visits wait when the network comes back.
WAITING = 50
RESTORES = 20


class Line(NamedTuple):
    what: str
    network: str
    found: str
    promised: str
    holds: bool


@dataclass(slots=True)
class Phone:
    """One page with its thumb; ``cdp`` sets its processor and its network."""

    page: Any
    base: str
    cdp: Any
    taps: int = 0

    def network(self, profile: dict[str, Any]) -> None:
        self.page.context.set_offline(False)
        self.cdp.send("Network.emulateNetworkConditions", profile)

    def offline(self) -> None:
        self.page.context.set_offline(True)

    def open(self, address: str) -> float:
        """Seconds until the screen stands and listens."""
        start = time.perf_counter()
        self.page.goto(f"{self.base}{address}", wait_until="commit")
        self.page.wait_for_selector("html[data-ready]", timeout=120_000)
        return time.perf_counter() - start

    def tap(self, selector: str) -> None:
        self.page.locator(selector).first.tap()
        self.taps += 1

    def say(self, selector: str, words: str) -> None:
        self.page.locator(selector, has_text=words).first.wait_for(timeout=120_000)

    def until(self, condition: str) -> None:
        self.page.wait_for_function(condition, timeout=180_000)


_ALL_DELIVERED = "() => document.querySelector('#sent').textContent.includes('已全部')"
_KIND = "[name=m0-kind][value=consultation]"
_NOBODY = "[name=m0-kind][value=no_visitors]"
_PHRASE = ".phrase[data-kind=consultation]"


def routine(phone: Phone) -> tuple[int, float]:
    """From the home screen to a visit that is kept: taps and seconds."""
    phone.open("/mine/")
    phone.taps, start = 0, time.perf_counter()
    phone.tap("a[href*='/mine/log/?appointment']")
    phone.page.wait_for_selector("html[data-ready=log]")
    for selector in (_KIND, _PHRASE, "#save"):
        phone.tap(selector)
    phone.page.wait_for_selector("#saved:not([hidden])")
    return phone.taps, time.perf_counter() - start


def again(phone: Phone) -> tuple[int, float]:
    phone.open("/mine/")
    phone.taps, start = 0, time.perf_counter()
    phone.tap("a[href$='again']")
    phone.page.wait_for_selector("html[data-ready=log]")
    phone.tap(_PHRASE)
    phone.tap("#save")
    phone.page.wait_for_selector("#saved:not([hidden])")
    return phone.taps, time.perf_counter() - start


def visits(phone: Phone) -> list[Line]:
    """Rows 1 and 2, without a network and on a bad one."""
    found = []
    for network in ("offline", "100 kbit/s"):
        if network == "offline":
            phone.offline()
        else:
            phone.network(BAD)
        for what, work, taps, seconds in (
            ("a routine visit", routine, 6, 20),
            ("the same as last time", again, 3, 8),
        ):
            made, took = work(phone)
            said = f"{made} taps, {took:.1f} s, 0 typed"
            promised = f"{taps} taps, {seconds} s, 0 typed"
            found.append(Line(what, network, said, promised, made <= taps and took <= seconds))
    phone.network(GOOD)
    phone.page.reload()
    phone.until(_ALL_DELIVERED)
    return found


def kept(phone: Phone) -> list[Line]:
    """Rows 4 and 5: from the tap to the disk, from the last key to the disk, and restores."""
    phone.offline()
    taps = []
    for _ in range(5):
        phone.open("/mine/log/")
        phone.page.evaluate(_WATCH_SAVED)
        phone.tap(_NOBODY)
        phone.page.fill("[name=start]", f"{_hour():02d}:00")
        phone.tap("[name=hours][value='1']")
        phone.tap("#save")
        phone.page.wait_for_selector("#saved:not([hidden])")
        taps.append(phone.page.evaluate("window.took"))
    restored = [_restored(phone, moment) for moment in range(RESTORES)]
    phone.network(GOOD)
    phone.page.reload()
    phone.until(_ALL_DELIVERED)
    slowest = max(taps)
    good = sum(restored)
    return [
        Line("tap to kept", "offline", f"{slowest:.0f} ms", "300 ms", slowest <= 300),
        Line(
            "restored after a kill, 1 s after the last key",
            "offline",
            f"{good} of {RESTORES}",
            "all",
            good == RESTORES,
        ),
    ]


_WATCH_SAVED = """() => {
    const form = document.getElementById('log');
    form.addEventListener('submit', () => { window.began = performance.now(); }, true);
    new MutationObserver(() => { window.took ??= performance.now() - window.began; })
        .observe(document.getElementById('saved'), { attributes: true });
}"""
_STANDS = """() => JSON.stringify([...new FormData(document.getElementById('log'))]
    .filter(([name]) => !['csrfmiddlewaretoken', 'uuid'].includes(name)))"""
_hours = iter(range(10_000))


def _hour() -> int:
    """Another hour of the day each time, so that no two visits meet."""
    return 13 + next(_hours) % 10


def _restored(phone: Phone, moment: int) -> bool:
    """A page that ends in the middle of typing, without a word; a new one must know it all."""
    phone.page.goto("about:blank")
    phone.open("/mine/log/")
    phone.tap(_KIND)
    phone.page.locator("#m0-content").press_sequentially(
        "咨询宅基地"[: 1 + moment % 5], delay=moment
    )
    phone.page.wait_for_timeout(1000)
    before = phone.page.evaluate(_STANDS)
    number = phone.page.evaluate("location.hash")
    phone.page.goto("about:blank")
    phone.open(f"/mine/log/{number}")
    same = phone.page.evaluate(_STANDS) == before
    phone.page.locator("#restored button").tap()
    phone.page.wait_for_function("() => !document.querySelector('#m0-content').value")
    return bool(same)


def drained(phone: Phone) -> list[Line]:
    """Row 6: fifty visits wait, the network comes back."""
    phone.offline()
    phone.open("/mine/log/")
    phone.page.evaluate(_FILL_QUEUE, {"count": WAITING, "day": date.today().isoformat()})  # noqa: DTZ011
    phone.open("/mine/")
    phone.page.evaluate(_WATCH_SENDING)
    start = time.perf_counter()
    phone.network(BAD)
    phone.page.wait_for_function("() => window.asked", timeout=30_000)
    began = time.perf_counter() - start
    phone.until(_ALL_DELIVERED)
    took = time.perf_counter() - start
    phone.network(GOOD)
    return [
        Line("sending begins", "100 kbit/s", f"{began:.1f} s", "10 s", began <= 10),
        Line(f"{WAITING} visits sent", "100 kbit/s", f"{took:.1f} s", "60 s", took <= 60),
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


def loads(phone: Phone) -> list[Line]:
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
    _kept_screens(page)
    phone.network(BAD)
    second = statistics.median(phone.open("/mine/log/") for _ in range(5))
    phone.offline()
    without = statistics.median(phone.open("/mine/log/") for _ in range(5))
    phone.network(GOOD)
    return [
        Line("log screen, compressed", "", f"{total / 1000:.1f} kB", "120 kB", total <= 120_000),
        Line("first open, nothing compressed", "100 kbit/s", f"{first:.1f} s", "12 s", first <= 12),
        Line("second open", "100 kbit/s", f"{second:.2f} s", "1 s", second <= 1),
        Line("second open", "offline", f"{without:.2f} s", "1 s", without <= 1),
    ]


def _kept_screens(page: Any) -> None:
    for _ in range(200):
        kept_now = page.evaluate(
            "async () => (await (await caches.open('phone-screens')).keys()).length"
        )
        if kept_now >= 5:
            return
        page.wait_for_timeout(100)
    raise TimeoutError("the screens were not kept")


def as_table(lines: list[Line]) -> str:
    """As many columns as a Line has, by width."""
    rows = [("what", "network", "found", "promised", "")]
    rows += [(*line[:4], "ok" if line.holds else "MISSED") for line in lines]
    widths = [max(len(row[n]) for row in rows) for n in range(5)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


PARTS: tuple[Callable[[Phone], list[Line]], ...] = (loads, visits, kept, drained)


@contextmanager
def phone_at(base: str, username: str) -> Iterator[Phone]:
    """A signed-in phone whose screens are kept."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        context = browser.new_context(
            viewport=PHONE, has_touch=True, is_mobile=True, locale="zh-CN"
        )
        page = context.new_page()
        page.goto(f"{base}/login/")
        page.get_by_label("用户名").fill(username)
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        page.wait_for_selector("html[data-ready]")
        cdp = context.new_cdp_session(page)
        cdp.send("Network.enable")
        cdp.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        _kept_screens(page)
        yield Phone(page, base, cdp)
        browser.close()


def somebody() -> str:
    """An advisor with one village under Shanghai's policy and one visit behind him."""
    from django.db.backends.postgresql.psycopg_any import DateRange
    from django.utils import timezone

    from advisors.enums import AppointmentStatus, Category, OrganisationKind
    from advisors.models import Advisor, Appointment, Organisation
    from assessments.entering import enter_log
    from assessments.services import PACKS, adopt_policy
    from lawadvisor.accounts.models import User
    from lawadvisor.foundation.viewer import SYSTEM
    from villages.enums import BureauKind, VillageKind
    from villages.models import Bureau, Township, Village
    from worklogs.entries import MatterEntry, SessionEntry

    bureau = Bureau.objects.create(code="990099", name="手机县司法局", kind=BureauKind.COUNTY)
    adopt_policy(bureau=bureau, pack_path=PACKS / "sh.toml", by=SYSTEM)
    township = Township.objects.create(bureau=bureau, code="990099001", name="手机镇")
    village = Village.objects.create(
        township=township, code="990099001001", name="手机村委会", kind=VillageKind.VILLAGE
    )
    firm = Organisation.objects.create(
        bureau=bureau, name="手机律师事务所", kind=OrganisationKind.LAW_FIRM
    )
    user = User.objects.create_user("phone-bench", PASSWORD, name="顾问")
    advisor = Advisor.objects.create(
        organisation=firm,
        user=user,
        name="顾问",
        category=Category.LAWYER,
        licence_no="99304200000000001",
    )
    appointment = Appointment.objects.create(
        advisor=advisor,
        village=village,
        term=DateRange(date(2020, 1, 1), None),
        status=AppointmentStatus.ACTIVE,
    )
    enter_log(
        by=user.as_actor(""),
        appointment=appointment,
        entry=SessionEntry(
            day=timezone.localdate() - timedelta(days=1),
            start=540,
            end=600,
            mode="on_site",
            purpose="duty",
            matters=(MatterEntry(kind="consultation", content="解答咨询。"),),
        ),
        client_uuid=uuid.uuid4(),
        received_at=timezone.now(),
    )
    return user.username


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lawadvisor.settings")
    django.setup()
    from benchmarks import run
    from benchmarks.submissions import web_server

    run.prepare()
    username = somebody()
    with web_server() as bind, phone_at(f"http://{bind}", username) as phone:
        lines = [line for part in PARTS for line in part(phone)]
    print(as_table(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
