"""Visits over a line that breaks, to a server that dies: each arrives once, and is told so."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import connection

from benchmarks import arrived, crowding, sends
from benchmarks.promises import as_table

_RECORDS, _FORGOTTEN = 100, 8
#: Both guards off: the number, and the time that a second record of it would take.
_FORGETS = """
CREATE FUNCTION forgets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NEW.client_uuid := gen_random_uuid(); NEW.state := 'withdrawn'; RETURN NEW; END $$;
CREATE TRIGGER a_forgetful_server BEFORE INSERT ON worklogs_servicelog
FOR EACH ROW EXECUTE FUNCTION forgets();
"""


@pytest.fixture
def _forgetful(transactional_db: None) -> Iterator[None]:
    cache.clear()
    with connection.cursor() as cursor:
        cursor.execute(_FORGETS)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION forgets CASCADE")


@pytest.mark.django_db(transaction=True)
def test_random_cuts_and_kills_lose_and_double_nothing():
    cache.clear()
    with sends.sent(_RECORDS, killed=2, chance=random.Random(5)) as run:
        found = arrived.promises(run)
        one = crowding.measure(run, 1)[0]
    assert all(each.holds for each in (*found, one)), as_table((*found, one))
    assert run.line.met.total() > len(found)


@pytest.mark.usefixtures("_forgetful")
def test_a_server_that_forgets_the_number_is_found_out():
    """The same check, with the idempotency switched off."""
    with sends.sent(_FORGOTTEN, killed=0, chance=random.Random(5)) as run:
        found = arrived.promises(run)
    assert not any(each.holds for each in found if "photos" not in each.what), as_table(found)
    assert ", 0 doubled" not in found[0].found
