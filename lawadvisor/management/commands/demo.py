"""Set up the five demo bureaus, close their last month with the real worker, say what is where."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from assessments.filling import monthly
from assessments.models import MonthClose
from lawadvisor.demo import showcase
from lawadvisor.demo.county import count
from lawadvisor.demo.logins import ADMIN, DEMO_PASSWORD, logins_of
from lawadvisor.demo.shelf import lay_out
from lawadvisor.demo.spec import CountySpec
from lawadvisor.demo.watch import ProgressLine, wait_for
from lawadvisor.foundation.errors import DomainError
from villages.models import Bureau


class Command(BaseCommand):
    help = "演示数据：五个司法局、14个月的记录、上月的关账与报表；重复运行不改变任何数据。"
    # `make run` has just checked the system when it migrated
    requires_system_checks = ()

    def handle(self, *_args: Any, **_options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("演示数据只在演示模式下生成：请先设置环境变量 LAWADVISOR_DEMO=1。")
        try:
            self._run()
        except DomainError as error:
            raise CommandError(str(error)) from error

    def _run(self) -> None:
        showcase.refuse_foreign_data()
        specs = showcase.specs(timezone.localdate())
        for spec in specs:
            if not showcase.is_there(spec):
                self._say(f"正在生成{spec.name}的演示数据……")
                showcase.set_up(spec)
        closes = [showcase.close_of(spec) for spec in specs]
        if any(close.closed_at is None for close in closes):
            wait_for(closes, ProgressLine(self.stdout))
        monthly.order_fillings(now=timezone.now())
        for spec, close in zip(specs, closes, strict=True):
            self._tell_county(spec, close)
        self._tell_logins(specs)

    def _tell_county(self, spec: CountySpec, close: MonthClose) -> None:
        counts = count(Bureau.objects.get(code=spec.code))
        shelf = lay_out(close)
        self._say(
            f"{spec.name}：镇街{counts.townships}个，村（社区）{counts.villages}个，"
            f"法律顾问{counts.advisors}人，聘任{counts.appointments}条，"
            f"服务记录{counts.logs}条，事项{counts.matters}件，文书{counts.filings}份"
        )
        self._say(
            f"　　{close.period.label}已关账：PDF {shelf.pdfs}份，Excel {shelf.workbooks}份，"
            f"在 {shelf.folder}"
        )

    def _tell_logins(self, specs: tuple[CountySpec, ...]) -> None:
        if address := os.environ.get("LAWADVISOR_ADDRESS"):
            self._say(f"地址：{address}/")
        self._say(f"演示账号（密码都是 {DEMO_PASSWORD}，只在演示模式下可用）：")
        first, *others = specs
        shown = logins_of(first) + [logins_of(spec)[0] for spec in others]
        for login in shown:
            self._say(f"　　{login.username:<11} {login.desk}　{login.sees}")
        self._say(f"　　{ADMIN:<11} 系统管理员　全部司法局和系统设置")
        if others:
            named = "、".join(f"{spec.login_prefix}-（{spec.name}）" for spec in others)
            self._say(f"　　其他各局同样有这些账号，用户名以 {named} 开头")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
