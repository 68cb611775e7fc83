"""Set up a bureau for real: villages, policy, and the first two people who can sign in."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from datetime import date
from getpass import getpass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from assessments.versions import shipped_packs
from lawadvisor.accounts.models import User
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.roles import Role
from lawadvisor.foundation.viewer import SYSTEM
from lawadvisor.setup_bureau import (
    Account,
    Desk,
    SetUp,
    check_account,
    county_rows,
    is_there,
    pack_named,
    set_up_bureau,
    shipped_counties,
    somebody_administers,
)

PASSWORD_VARIABLE = "LAWADVISOR_INIT_PASSWORD"  # noqa: S105 the name, not the word
ROLES = {"admin": Role.SYSTEM_ADMIN, "staff": Role.BUREAU}
#: Each option with what to write behind it and what it is.
OPTIONS = (
    ("county", "430408", "县区的6位区划代码，村（社区）取自随附的区划文件"),
    ("villages", "FILE.csv", "另给的村（社区）名单，各列同 villages/data 中的文件"),
    ("policy", "zx", "政策代号（assessments/policies 中的文件名），或政策文件的路径"),
    ("policy-from", "YYYY-MM-DD", "政策自哪一天起适用；不写则按政策文件"),
    ("admin", "USERNAME", "系统管理员的用户名"),
    ("admin-name", "姓名", "系统管理员的姓名"),
    ("staff", "USERNAME", "司法局工作人员的用户名"),
    ("staff-name", "姓名", "司法局工作人员的姓名"),
)


class Command(BaseCommand):
    help = (
        "初始化一个司法局：导入镇街和村（社区），采用政策，开通系统管理员和工作人员账号。"
        "在终端上运行时，没有写明的逐项询问。重复运行不改变已有的数据。"
        "密码在终端上输入两次；没有终端时读取环境变量 "
        f"{PASSWORD_VARIABLE}。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        for name, metavar, text in OPTIONS:
            parser.add_argument(f"--{name}", metavar=metavar, default="", help=text)

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            done = _run(options)
        except DomainError as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            reason = str(error).partition("\n")[0]
            raise CommandError(
                f"数据库没有完成操作，请确认它已启动并已运行 manage.py migrate：{reason}"
            ) from error
        for line in _lines(done):
            self.stdout.write(line)


def _run(options: dict[str, Any]) -> SetUp:
    """All that can be refused is refused before a password is asked for."""
    if sys.stdin.isatty():
        options = {**options, **_asked(options)}
    if not ((options["county"] or options["villages"]) and options["policy"]):
        raise DomainError(
            "请用 --county 写明县区的区划代码（或用 --villages 另给村（社区）名单），"
            "用 --policy 写明政策，如 init_bureau --county 430408 --policy zx。"
        )
    pack = pack_named(options["policy"])
    start = _day(options["policy_from"])
    given = Path(options["villages"]) if options["villages"] else None
    rows = county_rows(options["county"].strip(), given)
    accounts = [
        account if is_there(account.username) else _with_password(account)
        for account in _accounts(options)
    ]
    return set_up_bureau(
        rows=rows, pack_path=pack, by=SYSTEM, effective_from=start, accounts=accounts
    )


def _asked(options: dict[str, Any]) -> dict[str, str]:
    """What was left open and cannot be done without: the county, its policy, and whoever is to
    administer the system if nobody does yet."""
    answers: dict[str, str] = {}

    def ask(option: str, question: str) -> None:
        if not options[option]:
            answers[option] = _typed(question)

    if not options["villages"]:
        named = "、".join(f"{code} {name}" for code, (name, _) in shipped_counties().items())
        ask("county", f"县区的区划代码（随附的有：{named}）：")
    packs = "、".join(f"{pack.name} {pack.place}" for pack in shipped_packs())
    ask("policy", f"政策代号（{packs}）或政策文件的路径：")
    if not (options["staff"] or somebody_administers()):
        ask("admin", "系统管理员的用户名：")
        if not is_there(options["admin"] or answers["admin"]):
            ask("admin_name", "系统管理员的姓名：")
    return answers


def _typed(question: str) -> str:
    try:
        return input(question).strip()
    except (KeyboardInterrupt, EOFError, UnicodeError):
        raise DomainError("没有读到回答，已取消，没有写入任何数据。") from None


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise DomainError(f"--policy-from 应写作 2026-01-01 这样的日期，而不是“{text}”。")
    return day


def _accounts(options: dict[str, Any]) -> list[Account]:
    """Those that were named; a name without a user name, or the other way round, is refused."""
    accounts = []
    for option, role in ROLES.items():
        # as the login page reads what is typed there
        username = User.normalize_username(options[option].strip())
        name = options[f"{option}_name"].strip()
        if name and not username:
            raise DomainError(f"写了 --{option}-name，还应写 --{option} 用户名。")
        if username and not name and not is_there(username):
            raise DomainError(f"写了 --{option}，还应写 --{option}-name 姓名。")
        if username:
            accounts.append(Account(username, name, role))
    if len({account.username for account in accounts}) < len(accounts):
        raise DomainError("--admin 和 --staff 应是两个不同的用户名。")
    return accounts


def _with_password(account: Account) -> Account:
    """Checked at once, so that nobody types a second person's password in vain."""
    filled = account._replace(password=_password_for(account))
    check_account(filled)
    return filled


def _password_for(account: Account) -> str:
    """From the terminal or, where nobody sits, from the environment."""
    if not sys.stdin.isatty():
        if password := os.environ.get(PASSWORD_VARIABLE):
            return password
        raise DomainError(f"没有终端可以输入密码，请设置环境变量 {PASSWORD_VARIABLE}。")
    try:
        first = getpass(f"{account.role.label} {account.username} 的密码：")
        second = getpass("再输入一次：")
    except (KeyboardInterrupt, EOFError, UnicodeError):
        raise DomainError("没有读到密码，已取消，没有写入任何数据。") from None
    if first != second:
        raise DomainError("两次输入的密码不一致，没有写入任何数据，请重新运行。")
    return first


def _lines(done: SetUp) -> list[str]:
    wrote = done.imported
    places = (
        f"新增镇街{wrote.townships}个、村（社区）{wrote.villages}个，更名{wrote.renamed}个"
        if wrote.changed
        else "镇街和村（社区）已有，未作更改"
    )
    return [
        f"{done.bureau.name}：{places}",
        f"政策：{done.policy}，{'已采用' if done.adopted else '已有，未作更改'}",
        *(f"账号：{_told(desk, done)}" for desk in done.desks),
        "初始化完成。" if done.changed else "没有需要更改的内容，一切保持原样。",
    ]


def _told(desk: Desk, done: SetUp) -> str:
    who = f"{desk.user.username}（{desk.user.name}）"
    if desk.fresh:
        return f"{who}，{desk.role.label}，已开通"
    if desk.held:
        return f"{who}，{desk.role.label}，已有，未作更改"
    place = f"{done.bureau.name}的" if desk.role == Role.BUREAU else ""
    return f"{who}，已有，未作更改；该账号没有{place}{desk.role.label}岗位，如需请换一个用户名"
