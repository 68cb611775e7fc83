"""A county whose October 2026 is closed by the real engine, seen from every desk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, sync_playwright
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from assessments.closing import judge_into
from assessments.enums import FileFormat, ReportKey
from assessments.facts import Desk
from assessments.models import GeneratedFile, MonthClose, Verdict
from assessments.papers import path_of
from assessments.reports import collect
from assessments.selectors import BUREAU_SUBJECTS, DESK_SUBJECTS
from assessments.services import PACKS, adopt_policy
from lawadvisor.accounts.models import User
from lawadvisor.foundation import snapshot
from lawadvisor.foundation.viewer import SYSTEM
from tests import factories
from tests.conftest import County, _make_county
from tests.web.browsing import CHROMIUM, DESK, FLAGS, PASSWORD, PHONE, Visit
from villages.models import Township

#: October is the last full month.
TODAY = date(2026, 11, 20)


@dataclass(frozen=True, slots=True)
class Closed:
    """A county with a closed month; ``verdict`` and ``file`` belong to ``county.township``."""

    county: County
    close: MonthClose
    verdict: Verdict
    file: GeneratedFile
    bureau_file: GeneratedFile


def close_october(county: County) -> Closed:
    policy = adopt_policy(bureau=county.bureau, pack_path=PACKS / "zx.toml", by=SYSTEM)
    factories.make_draft(bureau=county.bureau)
    factories.make_waiver(bureau=county.bureau)
    factories.make_sign_in(user=county.township_user)
    factories.make_team(organisation=county.organisation)
    february = factories.term(date(2026, 2, 2), date(2026, 2, 5))
    factories.make_absence(appointment=county.appointment, days=february)
    factories.make_filing(village=county.village, advisor=county.advisor)
    factories.make_daily_check(policy=policy)
    factories.make_matter(log=factories.make_log(appointment=county.appointment))
    factories.make_log(appointment=county.appointment, day=date(2026, 10, 20), end="12:00")
    close = factories.make_close(policy=policy, closed_at=datetime(2026, 11, 5, 2, tzinfo=UTC))
    desks = [None, county.township, county.sibling_township]
    for township in desks:
        subjects = DESK_SUBJECTS if township else BUREAU_SUBJECTS
        desk = Desk(county.bureau.pk, township.pk if township else None)
        judge_into(close, desk, subjects)
    files = {
        township: [_paper(close, township, key, form) for key in ReportKey for form in FileFormat]
        for township in desks
    }
    return Closed(
        county=county,
        close=close,
        verdict=Verdict.objects.filter(close=close, village=county.village).earliest("pk"),
        file=files[county.township][0],
        bureau_file=files[None][0],
    )


def _paper(
    close: MonthClose, township: Township | None, key: ReportKey, form: FileFormat
) -> GeneratedFile:
    content = f"{close.pk} {township} {key} {form}".encode()
    if form is FileFormat.JSON:
        content = snapshot.freeze(collect(key, close, township.pk if township else None))
    file = factories.make_file(
        close=close,
        township=township,
        report=key,
        format=form,
        checksum=sha256(content).hexdigest(),
        size=len(content),
    )
    path = path_of(file)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return file


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, settings: Settings) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.DEMO = False


@pytest.fixture
def november(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda: TODAY)


@pytest.fixture
def closed(november: None, county: County) -> Closed:
    return close_october(county)


@pytest.fixture
def foreign_closed(november: None, foreign: County) -> Closed:
    return close_october(foreign)


def signed_in(user: User | None) -> Client:
    """A browser; None is a visitor who has not signed in."""
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


# ── a real browser ──────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip(f"{CHROMIUM} is not installed")
    # Playwright's loop makes Django take every call for an asynchronous one
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def shown(november: None, transactional_db: None, settings: Settings) -> Closed:
    settings.DEMO = True
    county = _make_county()
    for user in (county.bureau_user, county.township_user, county.advisor_user):
        user.set_password(PASSWORD)
        user.save()
    return close_october(county)


@pytest.fixture(params=[PHONE, DESK], ids=["phone", "desk"])
def visit(
    request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer
) -> Iterator[Visit]:
    context = browser.new_context(viewport=request.param, locale="zh-CN", java_script_enabled=True)
    context.set_default_timeout(20_000)
    yield Visit(context.new_page(), live_server.url).watch()
    context.close()
