"""A fault at every single statement of a write: all of it happened, or nothing did."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import OperationalError, connection
from PIL import Image
from pytest_django.fixtures import Settings

from advisors.viewers import viewer_for
from lawadvisor.foundation.roles import Thing
from lawadvisor.foundation.viewer import SYSTEM
from tests.conftest import County, _make_county
from tests.factories import DAY, at, make_log, make_matter
from worklogs import photos
from worklogs.erasure import Person, erase_client
from worklogs.faces import unseal
from worklogs.models import Matter

pytestmark = pytest.mark.django_db(transaction=True)
NAME, PHONE = "欧阳金丝雀", "13812345678"
TABLES = ("worklogs_matter", "worklogs_attachment", "foundation_auditentry")


def picture() -> io.BytesIO:
    kept = io.BytesIO()
    Image.new("RGB", (20, 20), "red").save(kept, "PNG")
    kept.seek(0)
    return kept


@pytest.fixture
def county(settings: Settings, tmp_path: Path) -> County:
    settings.MEDIA_ROOT = tmp_path / "media"
    return _make_county()


@pytest.fixture
def matter(county: County) -> Matter:
    log = make_log(appointment=county.appointment)
    return make_matter(log=log, kind="mediation", client=NAME, phone=PHONE, content="相争")


def see(county: County, matter: Matter) -> None:
    viewer, by = viewer_for(county.office_user), county.office_user.as_actor()
    unseal(by=by, viewer=viewer, matter=matter, thing=Thing.MEDIATION, reason="核对案卷")


def keep(_: County, matter: Matter) -> None:
    photos.store_photo(by=SYSTEM, matter=matter, file=picture(), now=at(DAY, "20:00"))


def erase(county: County, matter: Matter) -> None:
    erase_client(
        by=SYSTEM,
        viewer=viewer_for(county.bureau_user),
        person=Person.typed(NAME, PHONE),
        matters=[matter.pk],
        reason="本人书面申请",
    )


def everything() -> tuple[object, ...]:
    rows = []
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT t::text FROM {table} t ORDER BY id")
            rows.append(cursor.fetchall())
    kept = sorted(p.name for p in Path(django_settings.MEDIA_ROOT).rglob("*") if p.is_file())
    return (*rows, kept)


def matter_is_gone() -> bool:
    return NAME not in Matter.objects.get().client.reveal()


@contextmanager
def failing_at(number: int) -> Iterator[list[str]]:
    """The statement of this number, from 1, fails as the server fails that is going down."""
    ran: list[str] = []

    def execute(run: Callable, sql: str, params: object, many: bool, context: dict) -> object:
        ran.append(sql)
        if len(ran) == number:
            raise OperationalError("server closed the connection unexpectedly")
        return run(sql, params, many, context)

    with connection.execute_wrapper(execute):
        yield ran


@pytest.mark.parametrize("write", [see, keep, erase])
def test_a_fault_at_any_statement_leaves_all_or_nothing(
    write: Callable[[County, Matter], None],
    county: County,
    matter: Matter,
    monkeypatch: pytest.MonkeyPatch,
):
    if write is erase:
        keep(county, matter)
    content = picture().read()
    monkeypatch.setattr(photos, "_clean", lambda _: content)  # no process for each try
    before, failed = everything(), 0
    for number in count(1):
        with failing_at(number) as ran:
            try:
                write(county, matter)
            except OperationalError:
                failed += 1
        if len(ran) < number:
            break
        if write is erase and matter_is_gone():
            break  # what is left is the tidying up after the commit
        assert everything() == before, f"statement {number} left something: {ran[-1]}"

    assert failed >= 3
    assert everything() != before
