"""Rows 9 and 10: a village's contact answers from the message on his phone."""

from __future__ import annotations

import time
from datetime import date

from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser

from advisors.models import Appointment, Liaison
from benchmarks.handset import BAD, PHONE, slowed, somebody
from benchmarks.promises import Promise
from worklogs.enums import LogState
from worklogs.links import make_link
from worklogs.models import ServiceLog

_SECONDS = 10
#: Whose policy asks for the contact's word.
_PACK = "dg"
_DISPUTE = ("label.record", ".chip:has-text('时间不对')")


def measure(browser: Browser, base: str) -> list[Promise]:
    """Each over the mountain link, on a phone that was never there before."""
    one, month, disputed = (somebody(n, pack=_PACK, visits=n) for n in (1, 6, 3))
    return [
        _answered("9", "a contact confirms a visit", browser, base, one, 2),
        _answered("9", "a contact confirms six of a month", browser, base, month, 2),
        _answered("10", "a contact disputes one of three", browser, base, disputed, 4, *_DISPUTE),
    ]


def _answered(
    row: str, what: str, browser: Browser, base: str, appointment: Appointment, taps: int, *on: str
) -> Promise:
    """``on`` is tapped between the link and the one button; without it all is true."""
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True, locale="zh-CN")
    phone = slowed(context.new_page(), base)
    phone.network(BAD)
    address, start = _address(appointment), phone.begin()
    phone.follow(address)
    for selector in (*on, ".answer button"):
        phone.tap(selector)
    phone.page.get_by_text("谢谢").wait_for(timeout=60_000)
    took = time.perf_counter() - start
    context.close()
    logs = ServiceLog.objects.filter(appointment=appointment)
    returned = logs.filter(state=LogState.RETURNED).count()
    answered = logs.filter(state=LogState.CONFIRMED).count() + returned == logs.count()
    good = (phone.taps <= taps, took <= _SECONDS, phone.typed, answered, returned)
    found = f"{phone.taps} taps, {took:.1f} s, {phone.typed} typed"
    promised = f"{taps} taps, {_SECONDS} s, 0 typed"
    return Promise(
        row, what, "100 kbit/s", found, promised, good == (True, True, 0, True, bool(on))
    )


def _address(appointment: Appointment) -> str:
    liaison = Liaison.objects.create(
        village=appointment.village, name="赵小六", phone="13700001234", since=date(2020, 1, 1)
    )
    by = appointment.advisor.user.as_actor("")
    _, token = make_link(by=by, liaison=liaison, now=timezone.now())
    return reverse("confirm", args=(token,))
