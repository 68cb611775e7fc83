"""What a lasting installation must not be started with: ``manage.py check --deploy``.

The compose file runs it before anything answers. Each complaint says what to set.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.db import connections

from lawadvisor.accounts.models import User

#: 24 random bytes in hexadecimal are 48; whoever types a word stays below.
KEY_LENGTH, KEY_SIGNS = 32, 10
EXAMPLES = ("change-me", "django-insecure-")


@checks.register(checks.Tags.security, deploy=True)
def check_settings(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 Django's signature
    **_: Any,
) -> list[checks.CheckMessage]:
    found: list[checks.CheckMessage] = []
    if settings.DEBUG:
        found.append(
            checks.Error(
                "调试页面开着，会把数据和密钥显示给访问者：请去掉 LAWADVISOR_DEBUG。",
                id="portal.E001",
            )
        )
    if _is_weak(settings.SECRET_KEY):
        found.append(
            checks.Error(
                f"密钥太弱：LAWADVISOR_SECRET_KEY 应是至少{KEY_LENGTH}个随机字符，"
                "可用 openssl rand -hex 32 生成。",
                id="portal.E002",
            )
        )
    if any(host in ("*", ".") for host in settings.ALLOWED_HOSTS):
        found.append(
            checks.Error("LAWADVISOR_HOSTS 应写明本平台的域名，不能是“*”。", id="portal.E003")
        )
    if settings.DEMO:
        found.append(
            checks.Warning(
                "演示模式开着，演示账号的密码是公开的：真实数据请设 LAWADVISOR_DEMO=0。",
                id="portal.W001",
            )
        )
    return found


def _is_weak(key: str) -> bool:
    return len(key) < KEY_LENGTH or len(set(key)) < KEY_SIGNS or key.startswith(EXAMPLES)


@checks.register(checks.Tags.database, deploy=True)
def check_database(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 Django's signature
    databases: Sequence[str] | None = None,
    **_: Any,
) -> list[checks.CheckMessage]:
    """Asks the database, so only where ``--database`` names it."""
    found: list[checks.CheckMessage] = []
    for alias in databases or ():
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
            is_superuser = cursor.fetchone()[0]
            tables = connections[alias].introspection.table_names(cursor)
        if is_superuser:
            found.append(
                checks.Error(
                    "DATABASE_URL 中的角色是数据库超级用户，可以绕过日志的只增不改："
                    "请换用只拥有本库的普通角色。",
                    id="portal.E004",
                )
            )
        is_set_up = User._meta.db_table in tables
        if (
            is_set_up
            and not settings.DEMO
            and User.objects.using(alias).filter(is_demo=True).exists()
        ):
            found.append(
                checks.Error("数据库中有演示账号：真实数据请使用空数据库。", id="portal.E005")
            )
    return found
