"""Seals every column anew under the newest data key; may be stopped and started at will."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from lawadvisor.foundation.rotation import BATCH, left, rotate_keys
from lawadvisor.foundation.secrets import UnreadableSecretError, newest_key_id


class Command(BaseCommand):
    help = "用最新的数据密钥重新加密所有加密的内容；可随时中断，再次执行会接着做完。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="只查看还有多少行在用旧密钥")
        parser.add_argument("--batch", type=int, default=BATCH, help="每批行数")

    def handle(self, *_: Any, check: bool, batch: int, **__: Any) -> None:
        if not check:
            self._rotate(batch)
        waiting = left()
        if waiting:
            raise CommandError(
                f"还有{waiting}行在用旧密钥，请再次执行 rotate_keys，旧密钥先不要删除。"
            )
        self.stdout.write(
            f"全部内容都已用最新的数据密钥（{newest_key_id()}）加密，旧密钥可以删除。"
        )

    def _rotate(self, batch: int) -> None:
        done: dict[str, int] = {}
        try:
            for step in rotate_keys(batch):
                done[step.label] = done.get(step.label, 0) + step.rows
                self.stdout.write(f"{step.label}：已重新加密{done[step.label]}行")
        except UnreadableSecretError as error:
            raise CommandError(str(error)) from error
