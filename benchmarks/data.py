"""What is measured: a county, a prefecture of the county's copies, and a place to warm up in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.db import connection, models, transaction
from django.utils import timezone

from advisors.models import Advisor, Appointment, Organisation
from assessments.models import MonthClose
from assessments.selectors import newest_close
from assessments.services import PACKS, adopt_policy
from lawadvisor.accounts.models import User
from lawadvisor.demo import CountySpec, build_county
from lawadvisor.foundation.periods import Period, PeriodKind
from lawadvisor.foundation.viewer import SYSTEM
from villages.models import Bureau, Township, Village
from worklogs.models import Filing, Matter, ServiceLog

#: In December the yearly rules read the most: twelve months of lectures.
TODAY = date(2026, 1, 5)
MONTH = Period.containing(PeriodKind.MONTH, TODAY).previous()
#: Why a month is closed once more.
AGAIN = "测速"
COUNTY, WARM_UP, AVERAGE, PREFECTURE = "430101", "430102", "430103", "430200"
CROWD = "430104"
#: Counties and villages of the nation (china-division 2.7.0), to project on.
NATION_COUNTIES, NATION_VILLAGES = 2_978, 620_573

#: Copied in this order, each with the fields that may not be alike in two copies.
_COPIED: dict[type[models.Model], dict[str, str]] = {
    User: {"username": "username || '-{copy}'"},
    Township: {"code": "overlay(code placing '4302{copy:02d}' from 1)"},
    Village: {"code": "overlay(code placing '4302{copy:02d}' from 1)"},
    Organisation: {"name": "name || '{copy}'"},
    Advisor: {"licence_no": "CASE licence_no WHEN '' THEN '' ELSE licence_no || '-{copy}' END"},
    Appointment: {},
    ServiceLog: {"client_uuid": "gen_random_uuid()"},
    Matter: {},
    Filing: {},
}
#: Keys of one copy begin here; no generated row has one so high.
_STRIDE = 10_000_000


@dataclass(frozen=True, slots=True)
class Scale:
    """How much to measure, and how often. ``copies`` counties make a prefecture.

    ``imported`` historic records are brought in from a workbook. ``passes`` are the repeats of
    each single paper. ``warm``: workers close a small bureau before they are measured.
    ``advisors`` hand in ``each`` records by the API.
    """

    villages: int = 500
    months: int = 12
    records: int = 5
    copies: int = 6
    imported: int = 20_000
    repeats: int = 5
    passes: int = 3
    closes: int = 3
    warm: bool = True
    advisors: int = 200
    each: int = 25


FULL = Scale()
QUICK = Scale(villages=68, copies=3, imported=2_000, passes=3, repeats=5, closes=1, advisors=40)
#: Only shows that everything runs.
TINY = Scale(
    villages=5,
    months=2,
    records=2,
    copies=2,
    imported=20,
    repeats=2,
    passes=1,
    closes=1,
    warm=False,
    advisors=2,
    each=2,
)


def build(code: str, name: str, scale: Scale) -> Bureau:
    """A generated county under the whole ZX policy."""
    spec = CountySpec(
        code=code,
        name=name,
        today=TODAY,
        villages=scale.villages,
        months=scale.months,
        records_per_month=scale.records,
    )
    build_county(spec)
    bureau = Bureau.objects.get(code=code)
    adopt_policy(bureau=bureau, pack_path=PACKS / "zx.toml", by=SYSTEM)
    return bureau


def multiplied(
    county: Bureau, copies: Iterable[int], *, code: str = PREFECTURE, pack: str = "zx"
) -> Bureau:
    """A bureau under a policy that holds a copy of the county for each number of ``copies``.

    The database copies: to generate would take minutes, and how long a village takes to judge
    does not depend on its words. The county must be the only one built yet, and no number
    be used twice.
    """
    bureau = Bureau.objects.create(code=code, name=f"测试市{code}司法局")
    with transaction.atomic(), connection.cursor() as cursor:
        for copy in copies:
            for model, changed in _COPIED.items():
                cursor.execute(_copying(model, changed, copy, bureau.pk - county.pk))
    adopt_policy(bureau=bureau, pack_path=PACKS / f"{pack}.toml", by=SYSTEM)
    return bureau


def settle() -> None:
    """What autovacuum would do some time after so many rows came in."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


def close_of(bureau: Bureau) -> MonthClose:
    """A close of MONTH to store verdicts under, with no job behind it."""
    newest = newest_close(bureau, MONTH)
    return MonthClose.objects.create(
        bureau=bureau,
        policy=bureau.policies.get(),
        month=MONTH.start,
        revision=newest.revision + 1 if newest else 1,
        reason=AGAIN if newest else "",
        planned=1,
        opened_by="bench",
        closed_at=timezone.now(),
    )


def _copying(model: type[models.Model], changed: dict[str, str], copy: int, bureau: int) -> str:
    columns = dict(_columns(model, changed, copy, bureau))
    table = model._meta.db_table
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) "
        f"SELECT {', '.join(columns.values())} FROM {table} WHERE id < {_STRIDE}"
    )


def _columns(
    model: type[models.Model], changed: dict[str, str], copy: int, bureau: int
) -> Iterator[tuple[str, str]]:
    """Each column with the expression that copies it; keys and references move alike."""
    for field in model._meta.concrete_fields:
        if field.generated:
            continue
        column, target = field.column, field.related_model
        if field.primary_key or target in _COPIED:
            yield column, f"{column} + {copy * _STRIDE}"
        elif target is Bureau:
            yield column, f"{column} + {bureau}"
        else:
            yield column, changed.get(field.name, column).format(copy=copy)
