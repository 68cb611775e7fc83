"""A real Chromium as a slow phone on a bad line, signed in as an advisor."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from playwright.sync_api import sync_playwright

from advisors.enums import AppointmentStatus, Category, OrganisationKind
from advisors.models import Advisor, Appointment, Organisation
from assessments.entering import enter_log
from assessments.services import PACKS, adopt_policy
from lawadvisor.accounts.models import User
from lawadvisor.foundation.viewer import SYSTEM
from villages.enums import BureauKind, VillageKind
from villages.models import Bureau, Township, Village
from worklogs.entries import MatterEntry, SessionEntry

SLOWER = 4
PHONE = {"width": 360, "height": 640}
#: A mountain link: 100 kbit/s and 800 ms.
BAD = {"offline": False, "latency": 800, "downloadThroughput": 12_500, "uploadThroughput": 12_500}
GOOD = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
PASSWORD = "bench-Pass-2026"
CHROMIUM = "/usr/bin/chromium"


@dataclass(slots=True)
class Phone:
    """One page with its thumb, whose taps and letters are counted; ``cdp`` sets its processor and
    its network."""

    page: Any
    base: str
    cdp: Any
    taps: int = 0
    typed: int = 0

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

    def type(self, selector: str, words: str) -> None:
        self.page.locator(selector).first.fill(words)
        self.typed += len(words)

    def follow(self, address: str) -> None:
        """Open what a message links to: a tap, too."""
        self.taps += 1
        self.page.goto(f"{self.base}{address}")

    def begin(self) -> float:
        """Count from here on; the moment."""
        self.taps = self.typed = 0
        return time.perf_counter()

    def until(self, condition: str) -> None:
        self.page.wait_for_function(condition, timeout=180_000)


@contextmanager
def phone_at(base: str, username: str) -> Iterator[Phone]:
    """A signed-in phone whose screens are kept."""
    # playwright's loop makes Django take every call for an asynchronous one
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
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
        phone = slowed(page, base)
        keep_screens(page)
        yield phone
        browser.close()


def slowed(page: Any, base: str) -> Phone:
    """The page on a cheap phone."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("Network.enable")
    cdp.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    return Phone(page, base, cdp)


def keep_screens(page: Any) -> None:
    """Waits until the worker has them all: from here on the network may go."""
    for _ in range(200):
        kept_now = page.evaluate(
            "async () => (await (await caches.open('phone-screens')).keys()).length"
        )
        if kept_now >= 5:
            return
        page.wait_for_timeout(100)
    raise TimeoutError("the screens were not kept")


def somebody(number: int = 0, *, pack: str = "sh", visits: int = 1) -> Appointment:
    """An advisor with one village in a bureau of his own, and so many days with a visit behind
    him. Shanghai's policy asks for a text of each matter."""
    code = f"{990_000 + number}"
    bureau = Bureau.objects.create(code=code, name=f"手机{number}县司法局", kind=BureauKind.COUNTY)
    adopt_policy(bureau=bureau, pack_path=PACKS / f"{pack}.toml", by=SYSTEM)
    township = Township.objects.create(bureau=bureau, code=f"{code}001", name="手机镇")
    village = Village.objects.create(
        township=township, code=f"{code}001001", name="手机村委会", kind=VillageKind.VILLAGE
    )
    firm = Organisation.objects.create(
        bureau=bureau, name="手机律师事务所", kind=OrganisationKind.LAW_FIRM
    )
    user = User.objects.create_user(f"phone{number}", PASSWORD, name="顾问")
    advisor = Advisor.objects.create(
        organisation=firm,
        user=user,
        name="顾问",
        category=Category.LAWYER,
        licence_no=f"993042{number:011d}",
    )
    appointment = Appointment.objects.create(
        advisor=advisor,
        village=village,
        term=DateRange(date(2020, 1, 1), None),
        status=AppointmentStatus.ACTIVE,
    )
    matter = MatterEntry(
        kind="consultation",
        client="张三",
        phone="13800138000",
        content="解答咨询。",
        method="当面解答",
        result="已告知",
    )
    for back in range(visits):
        enter_log(
            by=user.as_actor(""),
            appointment=appointment,
            entry=SessionEntry(
                day=timezone.localdate() - timedelta(days=1 + back),
                start=540,
                end=600,
                mode="on_site",
                purpose="duty",
                matters=(matter,),
            ),
            client_uuid=uuid.uuid4(),
            received_at=timezone.now(),
        )
    return appointment
