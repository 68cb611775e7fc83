"""Django's command by the portal's own terms: nobody has rights without a post."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "权限只来自岗位，本命令不开通账号；请用 init_bureau --admin 开通系统管理员。"

    def handle(self, *_args: Any, **_options: Any) -> None:
        raise CommandError(self.help)
