"""The browser is killed in the middle of a word, and what was typed is there again."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext
from pytest_django.live_server_helper import LiveServer

from benchmarks import kills
from benchmarks.promises import as_table
from tests.conftest import County
from tests.web.phone_robot import Thumb, context, county

__all__ = ["context", "county"]  # fixtures
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: A second is promised; a busy machine may take one more.
_MOST = 2.0


def test_a_killed_browser_loses_no_burst_of_typing(
    county: County, context: BrowserContext, live_server: LiveServer, tmp_path: Path
) -> None:
    thumb = Thumb(context.new_page(), live_server.url)
    thumb.sign_in(county.advisor_user)
    assert context.browser is not None
    done = kills.killed(
        context.browser.browser_type,
        tmp_path / "profile",
        live_server.url,
        context.cookies(),
        times=3,
        chance=random.Random(1),
        shortest=2.5,
        longest=3.0,
    )
    found = kills.promises(done, most=_MOST)
    assert all(each.holds for each in found), as_table(found)
