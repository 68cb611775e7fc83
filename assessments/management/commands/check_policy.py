"""Check a policy file: every error with line and key, or the policy read back in Chinese."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assessments.quota.files import read_file
from assessments.quota.packs import all_errors, load_pack
from assessments.quota.policy_wording import policy_lines
from assessments.quota.reading import PackError
from assessments.quota.schema import policy_schema


class Command(BaseCommand):
    help = (
        "检查一个政策文件，不连接数据库，也不采用它。有错误时逐条列出行号和键，"
        "没有错误时用中文把政策读回来，供与原文核对。"
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE.toml", nargs="?", help="政策文件的路径")
        parser.add_argument(
            "--schema",
            action="store_true",
            help="输出政策文件的 JSON Schema，即 docs/policy.schema.json 的内容",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["schema"]:
            self.stdout.write(json.dumps(policy_schema(), ensure_ascii=False, indent=2))
        elif options["file"]:
            self._check(Path(options["file"]))
        else:
            raise CommandError("请写明政策文件，如 check_policy assessments/policies/zx.toml。")

    def _check(self, path: Path) -> None:
        try:
            text = read_file(path)
        except PackError as error:
            raise CommandError(str(error)) from error
        errors = all_errors(text, path.name)
        if errors:
            for error in errors:
                self.stderr.write(str(error))
            raise CommandError(f"{path.name} 有{len(errors)}处错误，改正后请再检查一次。")
        for line in policy_lines(load_pack(text, file=path.name)):
            self.stdout.write(line)
