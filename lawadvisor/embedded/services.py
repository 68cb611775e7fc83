"""The two servers together, as the rest of the portal asks for them."""

import base64
import fcntl
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from . import postgres, valkey
from .cluster import Purpose
from .lodging import private_folder
from .process import Service, try_lock
from .supervisor import Supervisor

CHECKOUT = Path(__file__).resolve().parents[2]

# Disk, not memory; short enough for a socket; open to the user that PostgreSQL runs as.
_SCRATCH = Path("/var/tmp")  # noqa: S108 private_folder looks whose it is


class Address(NamedTuple):
    """Where the application finds its servers."""

    database_url: str
    redis_url: str

    def as_environment(self) -> dict[str, str]:
        """The two variables that the settings read."""
        return {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url}


def start_servers(
    supervisor: Supervisor, var: Path, logs: Path, purpose: Purpose, given: Mapping[str, str]
) -> Address:
    """Start PostgreSQL and Valkey with their data below ``var``.

    ``given`` may name real ones (DATABASE_URL, REDIS_URL); those are used and nothing is started.
    """
    logs.mkdir(parents=True, exist_ok=True)
    database_url = given.get("DATABASE_URL") or _started(
        supervisor, postgres.prepare(var / "pg", logs / "postgres.log", purpose)
    )
    redis_url = given.get("REDIS_URL") or _started(
        supervisor, valkey.prepare(var / "valkey", logs / "valkey.log", purpose)
    )
    return Address(database_url, redis_url)


def _started(supervisor: Supervisor, prepared: tuple[Service, str]) -> str:
    service, url = prepared
    supervisor.start(service)
    return url


def new_data_key() -> str:
    """What seals columns: 32 random bytes in the spelling of Fernet."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


class Scratch(NamedTuple):
    """Throw-away servers and a folder that takes the place of ``var``."""

    address: Address
    var: Path

    def as_environment(self) -> dict[str, str]:
        """All that the settings need, and nothing of the checkout's."""
        return {
            **self.address.as_environment(),
            "LAWADVISOR_VAR": str(self.var),
            "LAWADVISOR_SECRET_KEY": secrets.token_urlsafe(32),
            "LAWADVISOR_DATA_KEYS": new_data_key(),
            # WeasyPrint keeps fonts in a folder of its own, which a killed worker leaves behind
            "TMPDIR": str(self.var / "tmp"),
        }


@contextmanager
def scratch_servers(purpose: Purpose, given: Mapping[str, str]) -> Iterator[Scratch]:
    """Private servers with empty data, stopped and deleted at the end; ``given`` as above.

    What a killed run left behind is deleted by the next one.
    """
    with _scratch_folder() as folder:
        supervisor = Supervisor()
        try:
            address = start_servers(supervisor, folder, folder / "log", purpose, given)
            yield Scratch(address, _scratch_var(folder))
        finally:
            supervisor.stop()


def _scratch_var(folder: Path) -> Path:
    """Empty but for the fonts, which are cut once, at set-up, and only read later."""
    var = folder / "var"
    (var / "tmp").mkdir(parents=True)
    if (fonts := CHECKOUT / "var" / "fonts").is_dir():
        (var / "fonts").symlink_to(fonts)
    return var


@contextmanager
def _scratch_folder() -> Iterator[Path]:
    """A folder that is ours as long as we hold the lock inside it."""
    home = _SCRATCH / f"lawadvisor-{os.geteuid()}"
    mode = 0o711 if os.geteuid() == 0 else 0o700  # root's PostgreSQL is nobody
    private_folder(home, mode)
    with (home / "lock").open("ab") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        _sweep(home)
        folder = Path(tempfile.mkdtemp(dir=home, prefix=""))
        folder.chmod(mode)
        ours = (folder / "lock").open("ab")
        try_lock(ours.fileno())
    with ours:
        yield folder
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(home: Path) -> None:
    for lock in home.glob("*/lock"):
        with lock.open("ab") as handle:
            if try_lock(handle.fileno()):
                shutil.rmtree(lock.parent, ignore_errors=True)
