"""What every test may use, and what makes the suite strict.

The people: ``county`` is one's own bureau with two townships, ``foreign`` a bureau next door
of the same shape, of which nobody in ``county`` may see a row.
"""

from __future__ import annotations

import gc
import inspect
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError
from django.db import connection
from django.template import engines
from django.template.base import Node
from django.test import TransactionTestCase, override_settings
from hypothesis import settings as hypothesis_settings

from advisors.models import PLACE_OF, Advisor, Appointment, Organisation
from lawadvisor.accounts.models import User
from lawadvisor.foundation import jobs
from lawadvisor.foundation.roles import ROLES, Role
from tests import factories
from villages.models import Bureau, Township, Village

# a busy machine is no failure, and what failed once is printed rather than kept in a folder
hypothesis_settings.register_profile("portal", deadline=None, database=None, print_blob=True)
hypothesis_settings.load_profile("portal")


@dataclass(frozen=True, slots=True)
class County:
    """A bureau with two townships, and one person for every desk.

    ``advisor`` serves ``village`` of ``township``; ``sibling_advisor`` serves
    ``sibling_village`` of ``sibling_township``. The users can sign in by
    ``client.force_login``.
    """

    bureau: Bureau
    township: Township
    sibling_township: Township
    village: Village
    sibling_village: Village
    organisation: Organisation
    advisor: Advisor
    sibling_advisor: Advisor
    appointment: Appointment
    sibling_appointment: Appointment
    bureau_user: User
    office_user: User
    township_user: User
    sibling_office_user: User
    sibling_township_user: User

    @property
    def advisor_user(self) -> User:
        return self.advisor.user

    @property
    def sibling_advisor_user(self) -> User:
        return self.sibling_advisor.user


def _holder_of(role: Role, **place: Bureau | Township) -> User:
    user = factories.make_user()
    factories.make_post(user=user, role=role, **place)
    return user


def desk_of(county: County, role: Role) -> User:
    """A person with that role in ``county``, who holds no other post."""
    if role == Role.ADVISOR:
        return county.advisor_user
    place = PLACE_OF[ROLES[role].scope]
    reach = county.bureau.code[:4] if place == "area" else getattr(county, place or "", None)
    return factories.make_post(role=role, **({place: reach} if place else {})).user


def _make_county() -> County:
    bureau = factories.make_bureau()
    township, sibling = (factories.make_township(bureau=bureau) for _ in range(2))
    village = factories.make_village(township=township)
    sibling_village = factories.make_village(township=sibling)
    organisation = factories.make_organisation(bureau=bureau)
    advisor, sibling_advisor = (
        factories.make_advisor(organisation=organisation, user=factories.make_user())
        for _ in range(2)
    )
    return County(
        bureau=bureau,
        township=township,
        sibling_township=sibling,
        village=village,
        sibling_village=sibling_village,
        organisation=organisation,
        advisor=advisor,
        sibling_advisor=sibling_advisor,
        appointment=factories.make_appointment(advisor=advisor, village=village),
        sibling_appointment=factories.make_appointment(
            advisor=sibling_advisor, village=sibling_village
        ),
        bureau_user=_holder_of(Role.BUREAU, bureau=bureau),
        office_user=_holder_of(Role.JUDICIAL_OFFICE, township=township),
        township_user=_holder_of(Role.TOWNSHIP, township=township),
        sibling_office_user=_holder_of(Role.JUDICIAL_OFFICE, township=sibling),
        sibling_township_user=_holder_of(Role.TOWNSHIP, township=sibling),
    )


@pytest.fixture
def county(db: None) -> County:
    return _make_county()


@pytest.fixture
def foreign(db: None) -> County:
    return _make_county()


@pytest.fixture
def full_county(county: County) -> County:
    """``county`` with one row in every table that belongs to a place."""
    policy = factories.make_policy(bureau=county.bureau)
    close = factories.make_close(policy=policy)
    factories.make_verdict(close=close)
    factories.make_file(close=close, township=county.township)
    factories.make_daily_check(policy=policy)
    factories.make_month_desk(township=county.township)
    factories.make_reopening(village=county.village)
    factories.make_check(village=county.village, advisor=county.advisor)
    factories.make_spot_check(appointment=county.appointment)
    factories.make_book(appointment=county.appointment)
    matter = factories.make_matter(log=factories.make_log(appointment=county.appointment))
    factories.make_attachment(matter=matter)
    factories.make_absence(appointment=county.appointment)
    factories.make_team(organisation=county.organisation)
    factories.make_draft(bureau=county.bureau)
    factories.make_waiver(bureau=county.bureau)
    factories.make_rule(policy=policy)
    factories.make_sign_in(user=county.township_user)
    factories.make_audit_entry(bureau=county.bureau)
    factories.make_job()
    factories.make_filing(village=county.village, advisor=county.advisor)
    factories.make_batch(bureau=county.bureau)
    factories.make_request(village=county.village)
    factories.make_note(incident=factories.make_incident(appointment=county.appointment))
    factories.make_limit(bureau=county.bureau)
    factories.make_filling(version=factories.make_form_version(bureau=county.bureau))
    factories.make_message(bureau=county.bureau)
    factories.make_channel(bureau=county.bureau)
    factories.make_link(liaison=factories.make_liaison(village=county.village))
    return county


@pytest.fixture
def system_admin(db: None) -> User:
    return _holder_of(Role.SYSTEM_ADMIN)


@pytest.fixture
def bell(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The job ids that were rung for; no broker is asked."""
    rung: list[int] = []
    monkeypatch.setattr(jobs, "ring", rung.extend)
    return rung


@contextmanager
def own_connections() -> Iterator[Callable[..., Future]]:
    """Runs work in threads, each on a database connection of its own; ``.result()`` waits.

    The work must come to an end by itself: the block ends only when all of it has.
    """

    def on_own_connection(work: Callable[..., object], *args: object) -> object:
        try:
            return work(*args)
        finally:
            connection.close()

    with ThreadPoolExecutor() as pool:
        yield lambda work, *args: pool.submit(on_own_connection, work, *args)


@pytest.fixture
def elsewhere(transactional_db: None) -> Iterator[Callable[..., Future]]:
    """``own_connections`` on committed rows, which are deleted after the test."""
    with own_connections() as submit:
        yield submit


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """A hash that is slow on purpose proves nothing here."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(scope="session", autouse=True)
def _patient_flush() -> Iterator[None]:
    """A browser's last request may still run while its tables are emptied: once more then."""
    flush = TransactionTestCase._fixture_teardown

    def twice(self: TransactionTestCase) -> None:
        try:
            flush(self)
        except CommandError:
            flush(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", twice)
        yield


@pytest.fixture(scope="module", autouse=True)
def _settled_heap() -> Iterator[None]:
    """What a module leaves behind, caches and reports, is walked by no later collection."""
    yield
    gc.collect()
    gc.freeze()


class UndefinedVariable(str):
    """Django's ``string_if_invalid``: fails in our own templates, stays silent in others'."""

    __slots__ = ()

    def __contains__(self, part: object) -> bool:
        return part == "%s"  # Django asks this to know whether to fill in the name

    def __mod__(self, variable: object) -> str:
        origin = _rendering_template()
        if origin.startswith(str(django_settings.BASE_DIR)) and "site-packages" not in origin:
            pytest.fail(f"undefined variable {str(variable)!r} in {origin}")
        return ""


def _rendering_template() -> str:
    """The file of the innermost template node on the stack, "" for a template without one."""
    frame = inspect.currentframe()
    while frame is not None:
        node = frame.f_locals.get("self")
        if isinstance(node, Node) and getattr(node, "origin", None):
            return str(node.origin.name)
        frame = frame.f_back
    return ""


@pytest.fixture(scope="session", autouse=True)
def _strict_templates() -> None:
    """In the settings too: a test that overrides them leaves a new engine behind."""
    strict = UndefinedVariable("%s")
    engines["django"].engine.string_if_invalid = strict
    django_settings.TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = strict
