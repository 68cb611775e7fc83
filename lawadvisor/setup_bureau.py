"""A real installation made usable: one bureau's places, its policy, the first accounts."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from advisors.models import Post
from assessments.models import Policy
from assessments.services import adopt_policy
from assessments.versions import shipped_file, shipped_packs
from lawadvisor.accounts.models import User
from lawadvisor.foundation import audit
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.locks import hold
from lawadvisor.foundation.roles import Role
from lawadvisor.foundation.viewer import Actor
from villages.importers import (
    CODE_LENGTHS,
    ImportResult,
    VillageRow,
    read_villages,
    store_villages,
)
from villages.models import Bureau

#: The division files that come with the portal.
DIVISIONS = Path(__file__).resolve().parent.parent / "villages" / "data"
#: Of a user name and of a person's name, as the table of users has it.
NAME_LENGTH = 50


class Account(NamedTuple):
    """Somebody to be given a desk; ``name`` and ``password`` are read only if he is new."""

    username: str
    name: str
    role: Role  # SYSTEM_ADMIN, or BUREAU for the bureau that is set up
    password: str = ""


class Desk(NamedTuple):
    """What became of an Account. ``held`` False: he was there before, without this post."""

    user: User
    role: Role
    fresh: bool
    held: bool


class SetUp(NamedTuple):
    """What stands afterwards; ``adopted`` False: the policy was in force already."""

    bureau: Bureau
    imported: ImportResult
    policy: Policy
    adopted: bool
    desks: tuple[Desk, ...]

    @property
    def changed(self) -> bool:
        return self.imported.changed or self.adopted or any(desk.fresh for desk in self.desks)


def set_up_bureau(
    *,
    rows: Sequence[VillageRow],
    pack_path: Path,
    by: Actor,
    effective_from: date | None = None,
    accounts: Sequence[Account] = (),
) -> SetUp:
    """Write places, policy and accounts, all or nothing; what is there already stays as it is.

    ``rows`` are of one county (see ``read_county``). ``effective_from`` None is the day that the
    pack names. Raises DomainError as ``adopt_policy`` does, for an account that cannot be opened
    as given, and where demo data stand.
    """
    with transaction.atomic():
        hold("setup:bureau")
        _refuse_demo_data()
        imported = store_villages(rows, by=by)
        bureau = Bureau.objects.get(code=rows[0].county_code)
        standing = set(bureau.policies.values_list("pk", flat=True))
        policy = adopt_policy(
            bureau=bureau, pack_path=pack_path, by=by, effective_from=effective_from
        )
        desks = tuple(_give_desk(account, bureau, by) for account in accounts)
    return SetUp(bureau, imported, policy, policy.pk not in standing, desks)


@cache
def shipped_counties() -> dict[str, tuple[str, Path]]:
    """The counties whose division file comes with the portal: name and file by code."""
    found: dict[str, tuple[str, Path]] = {}
    for path in sorted(DIVISIONS.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                whole = f"{row['prefecture']}{row['county']}"
                name = row["county"] if row["prefecture"] == row["county"] else whole
                found.setdefault(row["county_code"], (name, path))
    return found


def county_rows(code: str, path: Path | None) -> list[VillageRow]:
    """The villages of one county: from the file, or else from the one that is shipped.

    ``code`` "" stands for the only county of the file. Raises DomainError for a code that is
    none, or that the file does not have, and as ``read_county`` does.
    """
    if path is not None:
        return read_county(path, code)
    if len(code) != CODE_LENGTHS["county_code"] or not (code.isascii() and code.isdigit()):
        raise DomainError(f"县区的区划代码应为6位数字，如 430408，而不是“{code}”。", field="county")
    if code not in shipped_counties():
        named = "、".join(f"{name}（{key}）" for key, (name, _) in shipped_counties().items())
        raise DomainError(
            f"随附的区划文件中没有 {code}，现有：{named}；其他县区请另给村（社区）名单。",
            field="county",
        )
    return read_county(shipped_counties()[code][1], code)


def read_county(path: Path, code: str = "") -> list[VillageRow]:
    """The rows of the county ``code``, "" for the only one; DomainError as the importer says it."""
    try:
        if b"\0" in path.read_bytes():
            raise DomainError(f"{path.name} 不是文本文件，请另存为“CSV UTF-8”后再导入。")
        rows = read_villages(path)
    except OSError as error:
        raise DomainError(
            f"村（社区）名单 {path} 打不开，请核对文件是否存在、能否读取。"
        ) from error
    except csv.Error as error:
        raise DomainError(f"{path.name} 不是 CSV 格式，请另存为“CSV UTF-8”后再导入。") from error
    counties = {row.county_code: row.county for row in rows}
    named = "、".join(f"{county}（{key}）" for key, county in counties.items())
    if code and code not in counties:
        raise DomainError(f"{path.name} 中没有 {code}，只有：{named}。", field="county")
    if not code and len(counties) > 1:
        raise DomainError(
            f"{path.name} 中有{len(counties)}个县区：{named}，请写明是哪一个的区划代码。",
            field="county",
        )
    return [row for row in rows if code in ("", row.county_code)]


def pack_named(named: str) -> Path:
    """The pack of a key such as ``zx`` (a file of assessments/policies), or of a path."""
    if found := shipped_file(named.lower()):
        return found
    path = Path(named)
    if path.is_file():
        return path
    if path.suffix == ".toml":
        raise DomainError(f"政策文件 {path} 不存在。", field="pack")
    packs = "、".join(pack.name for pack in shipped_packs())
    raise DomainError(
        f"没有代号为“{named}”的政策，现有：{packs}；也可以写 .toml 政策文件的路径。",
        field="pack",
    )


def is_there(username: str) -> bool:
    # bytes of another encoding cannot even be asked for; check_account says so
    return username.isprintable() and User.objects.filter(username=username).exists()


def somebody_administers() -> bool:
    today = timezone.localdate()
    return Post.objects.filter(role=Role.SYSTEM_ADMIN).running_on(today).exists()


def _refuse_demo_data() -> None:
    if User.objects.filter(is_demo=True).exists():
        raise DomainError("数据库中已有演示数据，真实数据不与演示数据混放：请换用空数据库。")


def _give_desk(account: Account, bureau: Bureau, by: Actor) -> Desk:
    place = bureau if account.role == Role.BUREAU else None
    if user := User.objects.filter(username=account.username).first():
        today = timezone.localdate()
        posts = user.posts.filter(role=account.role, bureau=place, term__contains=today)
        return Desk(user, account.role, fresh=False, held=posts.exists())
    check_account(account)
    post = _open(account, place)
    bureau_id = place.pk if place else None
    opened = {"username": post.user.username}
    given = {"role": post.role, "from": str(post.term.lower)}
    audit.record(by=by, verb="user.create", subject=post.user, bureau_id=bureau_id, after=opened)
    audit.record(by=by, verb="post.create", subject=post, bureau_id=bureau_id, after=given)
    return Desk(post.user, account.role, fresh=True, held=True)


def _open(account: Account, bureau: Bureau | None) -> Post:
    """The user and his post from today on; without a bureau he administers the system.

    Whoever sets up knows the password, so each must choose one of his own before all else.
    """
    user = User.objects.create_user(
        account.username, account.password, name=account.name, must_change_password=True
    )
    term = DateRange(timezone.localdate(), None)
    return Post.objects.create(user=user, role=account.role, bureau=bureau, term=term)


def check_account(account: Account) -> None:
    """DomainError for a name that cannot be stored or typed again, and for a weak password."""
    who = account.role.label
    given = {"用户名": account.username, "姓名": account.name, "密码": account.password}
    for noun, text in given.items():
        if not text.strip():
            raise DomainError(f"请填写{who}的{noun}。")
        if not text.isprintable():
            raise DomainError(f"{who}的{noun}含有无法识别的字符，终端应为 UTF-8。")
        if noun != "密码" and len(text) > NAME_LENGTH:
            raise DomainError(f"{who}的{noun}有{len(text)}个字，不应超过{NAME_LENGTH}个字。")
    try:
        validate_password(account.password, User(username=account.username, name=account.name))
    except ValidationError as error:
        reasons = "；".join(sentence.rstrip("。") for sentence in error.messages)
        raise DomainError(f"{who} {account.username} 的密码不合要求：{reasons}。") from error
