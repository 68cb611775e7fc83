"""The two counties that `manage.py demo` sets up, and the month that it closes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from django.db import transaction
from django.db.models import Max

import villages
from advisors.models import Advisor
from assessments import closing
from assessments.models import MonthClose
from assessments.services import PACKS, adopt_policy
from lawadvisor.accounts.models import User
from lawadvisor.demo.county import build_county
from lawadvisor.demo.logins import create_admin, create_logins
from lawadvisor.demo.spec import CountySpec
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.periods import Period, PeriodKind
from lawadvisor.foundation.viewer import SYSTEM
from villages.importers import read_villages
from villages.models import Bureau
from worklogs.models import ServiceLog

DATA = Path(villages.__file__).parent / "data"
#: 交城县 stands under the pack of 蒸湘区 until its own exists.
PACK = PACKS / "zx.toml"


def specs(today: date) -> tuple[CountySpec, ...]:
    """What to generate for a day."""
    return (
        _spec("430408", "蒸湘区司法局", "zhengxiang_430408.csv", today, "zx", 1),
        _spec("141122", "交城县司法局", "jiaocheng_141122.csv", today, "jc", 7),
    )


def refuse_foreign_data() -> None:
    """DomainError unless the database is empty or was filled by this command."""
    if User.objects.filter(is_demo=True).exists():
        return
    held = (("用户", User.objects), ("司法局", Bureau.objects), ("法律顾问", Advisor.objects))
    for noun, rows in held:
        if found := rows.count():
            raise DomainError(
                f"数据库中已有非演示数据（{noun}{found}个），演示数据不与真实数据混放："
                "请换用空数据库，或设置 LAWADVISOR_DEMO=0 后启动。"
            )


def is_there(spec: CountySpec) -> bool:
    return Bureau.objects.filter(code=spec.code).exists()


@transaction.atomic
def set_up(spec: CountySpec) -> None:
    """County, policy and accounts, all or nothing: a timetable that runs beside sees no half."""
    build_county(spec)
    adopt_policy(bureau=Bureau.objects.get(code=spec.code), pack_path=PACK, by=SYSTEM)
    create_logins(spec)
    create_admin(spec)


def close_of(spec: CountySpec) -> MonthClose:
    """The close of the last month with generated records, opened if nobody has yet."""
    bureau = Bureau.objects.get(code=spec.code)
    first = bureau.closes.order_by("month", "revision").first()
    if first is not None:
        return first
    return closing.open_close(bureau=bureau, month=_last_month(bureau), by=SYSTEM)


def _last_month(bureau: Bureau) -> Period:
    logs = ServiceLog.objects.filter(appointment__village__township__bureau=bureau)
    newest: date = logs.aggregate(day=Max("service_date"))["day"]
    return Period.containing(PeriodKind.MONTH, newest)


def _spec(
    code: str, name: str, file: str, today: date, prefix: str, service_year_month: int
) -> CountySpec:
    return CountySpec(
        code=code,
        name=name,
        today=today,
        villages=tuple(read_villages(DATA / file)),
        prefix=prefix,
        service_year_month=service_year_month,
    )
