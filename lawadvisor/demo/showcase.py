"""The five bureaus that `manage.py demo` sets up, and the month that it closes."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import NamedTuple

from django.db import transaction
from django.db.models import Max

import villages
from advisors.models import Advisor
from assessments import closing
from assessments.messages.digest import order_digest
from assessments.models import MonthClose
from assessments.services import PACKS, adopt_policy
from lawadvisor.accounts.models import User
from lawadvisor.demo.county import build_county
from lawadvisor.demo.customs import Customs
from lawadvisor.demo.desks import fill_desks
from lawadvisor.demo.five import DONGGUAN, JIADING, JIAOCHENG, PINGXIANG, ZHENGXIANG
from lawadvisor.demo.forms import hand_out_form
from lawadvisor.demo.logins import create_admin, create_logins
from lawadvisor.demo.spec import CountySpec
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.periods import Period, PeriodKind
from lawadvisor.foundation.viewer import SYSTEM
from villages.importers import read_villages
from villages.models import Bureau
from worklogs.models import ServiceLog

DATA = Path(villages.__file__).parent / "data"


class Place(NamedTuple):
    """One bureau. ``townships`` are the codes of those that the demo takes; () is all.

    ``year_from`` is the month in which its terms of one year begin. ``mountains`` names
    townships in the mountains.
    """

    code: str
    name: str
    file: str
    prefix: str
    customs: Customs
    year_from: int = 1
    townships: tuple[str, ...] = ()
    mountains: tuple[str, ...] = ()


PLACES = (
    Place("430408", "蒸湘区司法局", "zhengxiang_430408.csv", "zx", ZHENGXIANG),
    Place(
        *("141122", "交城县司法局", "jiaocheng_141122.csv", "jc", JIAOCHENG, 7),
        # 水峪贯镇, 西社镇, 庞泉沟镇, 东坡底乡: no document lists them, that they are is ours
        mountains=("141122103", "141122104", "141122105", "141122202"),
    ),
    Place(
        *("310114", "嘉定区司法局", "jiading_310114.csv", "sh", JIADING),
        townships=("310114001", "310114004", "310114109"),
    ),
    Place("451481", "凭祥市司法局", "chongzuo_4514.csv", "cz", PINGXIANG),
    Place(
        *("441900", "东莞市司法局", "dongguan_4419.csv", "dg", DONGGUAN),
        townships=("441900006", "441900102", "441900103"),
    ),
)


def specs(today: date) -> tuple[CountySpec, ...]:
    """What to generate for a day."""
    return tuple(_spec(place, today) for place in PLACES)


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
    """County, policy, accounts and desks, all or nothing: a timetable beside sees no half."""
    build_county(spec)
    bureau = Bureau.objects.get(code=spec.code)
    adopt_policy(bureau=bureau, pack_path=PACKS / f"{spec.pack}.toml", by=SYSTEM)
    create_logins(spec)
    create_admin(spec)
    fill_desks(spec)
    hand_out_form(spec)
    order_digest(bureau=bureau, today=spec.today)


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


def _spec(place: Place, today: date) -> CountySpec:
    rows = read_villages(DATA / place.file)
    taken = place.townships
    return CountySpec(
        code=place.code,
        name=place.name,
        today=today,
        villages=tuple(row for row in rows if not taken or row.township_code in taken),
        prefix=place.prefix,
        pack=place.prefix,
        service_year_month=place.year_from,
        customs=place.customs,
        mountains=place.mountains,
    )
