"""Give the tests a PostgreSQL and a Valkey of their own. Loaded early, by ``-p tests.services``.

The settings read DATABASE_URL and REDIS_URL when Django is set up, which is before any conftest:
hence a plugin. It puts URLs of throw-away servers into the environment, whatever stands there:
tests drop data, and a developer's DATABASE_URL must never be what they drop. To run them against
other servers say so in words of their own, LAWADVISOR_TEST_DATABASE_URL (a role that may create
databases, no superuser) and LAWADVISOR_TEST_REDIS_URL (emptied at will).

Workers of pytest-xdist inherit the environment, and with it the servers, of the process that
started them, but each has databases of its own: pytest-django names PostgreSQL's, the number of
Valkey's is given here. A bell that one rings must not be heard, and thrown away as nobody's, by
a Celery worker that the other has started. All that the tests write goes to LAWADVISOR_VAR,
deleted at the end.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit, urlunsplit

import pytest

from lawadvisor.embedded.cluster import Purpose
from lawadvisor.embedded.services import scratch_servers

# Set for everything below the process that owns the servers.
_OWNED = "LAWADVISOR_TEST_SERVICES"

_servers = ExitStack()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    """A wrapper, because pytest-django reads the settings in its own first turn here."""
    if _OWNED not in os.environ:
        scratch = _servers.enter_context(scratch_servers(Purpose.TESTS, _named_for_tests()))
        os.environ.update({**scratch.as_environment(), _OWNED: "1"})
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        number = int(worker.removeprefix("gw"))
        os.environ["REDIS_URL"] = numbered(os.environ["REDIS_URL"], number)
    return (yield)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Nothing to stop in a worker. A killed run's servers die with it, its files by the next."""
    _servers.close()


def numbered(redis_url: str, number: int) -> str:
    """The same server's database of this number; 16 exist unless the server says otherwise."""
    if redis_url.startswith("unix://"):
        return f"{redis_url.partition('?')[0]}?db={number}"
    return urlunsplit(urlsplit(redis_url)._replace(path=f"/{number}"))


def _named_for_tests() -> dict[str, str]:
    names = ("DATABASE_URL", "REDIS_URL")
    return {name: os.environ.get(f"LAWADVISOR_TEST_{name}", "") for name in names}
