"""Prints the data map, for docs/data-map.md."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from assessments.datamap import as_markdown, strays


class Command(BaseCommand):
    help = "打印数据目录：每一列是什么、谁能看、保存多久、怎样删除。"

    def handle(self, *_: Any, **__: Any) -> None:
        if found := strays():
            raise CommandError("\n".join(found))
        with translation.override("zh-hans"):
            self.stdout.write(as_markdown(), ending="")
