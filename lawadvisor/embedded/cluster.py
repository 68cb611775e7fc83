"""A new PostgreSQL cluster: built in a folder beside, renamed when whole, so never half there."""

import secrets
import shutil
from enum import Enum
from pathlib import Path

from .lodging import Lodging, hand_over
from .process import EmbeddedError, run_briefly

ROLE = DATABASE = "lawadvisor"
_PASSWORD_FILES = ("superuser.password", "application.password")


class Purpose(Enum):
    """What a cluster is for. Only a throw-away one lets the application create databases; only
    tests give up durability for speed (benchmarks are to show what a county would see)."""

    COUNTY = "county"
    BENCHMARK = "benchmark"
    TESTS = "tests"

    @property
    def is_throw_away(self) -> bool:
        """The whole cluster is deleted afterwards."""
        return self is not Purpose.COUNTY

    @property
    def is_durable(self) -> bool:
        """A power cut must not lose a commit."""
        return self is not Purpose.TESTS


def ensure_cluster(lodging: Lodging, purpose: Purpose) -> None:
    """Create the cluster unless it exists; refuse one of another PostgreSQL version."""
    if not (lodging.folder / "data").exists():
        _create(lodging, purpose)
    hand_over(lodging.folder, lodging.account)
    _refuse_other_version(lodging)


def application_password(lodging: Lodging) -> str:
    """The password of the role that owns the application's database and nothing else."""
    return (lodging.folder / "application.password").read_text()


def _create(lodging: Lodging, purpose: Purpose) -> None:
    folder = lodging.folder
    unfinished = folder.with_name(folder.name + ".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700, parents=True)
    for name in _PASSWORD_FILES:
        _write_password(unfinished / name)
    hand_over(unfinished, lodging.account)
    building = lodging._replace(folder=unfinished)
    _initdb(building, purpose)
    _create_database(building, purpose)
    unfinished.rename(folder)


def _write_password(path: Path) -> None:
    path.touch(mode=0o600)
    path.write_text(secrets.token_urlsafe(24))


def _initdb(lodging: Lodging, purpose: Purpose) -> None:
    """The built-in locale keeps indexes independent of the system's C library."""
    options = ["--username=postgres", "--auth=scram-sha-256", "--encoding=UTF8"]
    options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    options += [
        f"--pwfile={lodging.folder / 'superuser.password'}",
        "--no-instructions",
    ]
    if not purpose.is_durable:
        options.append("--no-sync")
    command = (
        str(lodging.binaries / "initdb"),
        "-D",
        str(lodging.folder / "data"),
        *options,
    )
    run_briefly(command, lodging.account)


def _create_database(lodging: Lodging, purpose: Purpose) -> None:
    """In single-user mode, before any server listens. What stands in template1 is inherited by
    every later database, tests' included, so the application needs no right to add extensions."""
    createdb = "CREATEDB" if purpose.is_throw_away else "NOCREATEDB"
    password = application_password(lodging)
    statements = (
        f"CREATE ROLE {ROLE} LOGIN NOSUPERUSER NOCREATEROLE {createdb} PASSWORD '{password}'",
        "CREATE EXTENSION btree_gist",
        "CREATE EXTENSION pg_trgm",
        f"CREATE DATABASE {DATABASE} OWNER {ROLE}",
    )
    command = (
        str(lodging.binaries / "postgres"),
        "--single",
        "-D",
        str(lodging.folder / "data"),
    )
    said = run_briefly((*command, "template1"), lodging.account, sql="\n".join(statements) + "\n")
    if "ERROR:" in said:  # single-user mode goes on after an error and exits with 0
        raise EmbeddedError(f"建立数据库失败：{said.strip()}")


def _refuse_other_version(lodging: Lodging) -> None:
    found = (lodging.folder / "data" / "PG_VERSION").read_text().strip()
    said = run_briefly((str(lodging.binaries / "postgres"), "--version"), lodging.account)
    ours = said.split()[-1].split(".")[0]  # "postgres (PostgreSQL) 18.6"
    if found != ours:
        raise EmbeddedError(
            f"数据目录 {lodging.folder} 属于 PostgreSQL {found}，而程序自带的是 {ours}："
            f"请先用旧版本导出数据（pg_dump），再在新目录中导入。"
        )
