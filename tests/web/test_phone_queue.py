"""Whatever happens to the phone, what it says is true. ``make bench`` lets much more happen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from benchmarks.queue_states import World, wander

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_what_the_phone_says_is_true(browser: Browser, live_server: LiveServer) -> None:
    world = World(browser, live_server.url)
    wander(world, times=3, steps=12, derandomize=True)
    assert world.looked > 12
    assert len(world.headers) > 2


def test_a_phone_that_believes_a_liar_is_found_out(
    browser: Browser, live_server: LiveServer
) -> None:
    """The same check, with 201 for what no server has."""
    with pytest.raises(AssertionError, match=r"not at the server|green before"):
        wander(World(browser, live_server.url, lies=True), times=1, steps=1)
