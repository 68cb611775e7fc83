"""A report with every kind of cell and the names that break papers."""

from __future__ import annotations

from datetime import date, datetime
from itertools import cycle
from typing import Any, NamedTuple

from lawadvisor.foundation.tables import Column, Document, Kind, Pair, section

RARE = "镕喆堃瑢樭玥甯珺昇晙䶮㛃㭎𬭎𬱖𫖯𬸚祎璟煊垚淼犇叕陞"

COLUMNS = (
    Column("seq", "序号", Kind.SEQ, 3),
    Column("village", "村名", width=8),
    Column("visits", "现场次数", Kind.PAIR, 6, total=True, parts=("计入", "全部")),
    Column("minutes", "现场时长", Kind.HOURS, 6, total=True),
    Column("consultations", "咨询", Kind.INT, 4, total=True),
    Column("last", "最近服务", Kind.DATE, 8),
    Column("state", "达标情况", Kind.STATUS, 6),
    Column("note", "备注", width=8, get=lambda row: row.remark),
)


class Row(NamedTuple):
    village: str
    visits: Pair
    minutes: int
    consultations: int
    last: date | None
    state: str
    remark: str


def rows(count: int) -> list[Row]:
    """Rows whose village names walk through the rare characters."""
    names = cycle(RARE)
    return [
        Row(
            village=f"{next(names)}{next(names)}村",
            visits=Pair(n % 3, n % 3 + 1),
            minutes=(239, 240, 90, 1)[n % 4],
            consultations=n,
            last=date(2026, 10, 1 + n % 28) if n % 5 else None,
            state=("达标", "未达标", "待定")[n % 3],
            remark=f"说明{n}" if n % 2 else "",
        )
        for n in range(count)
    ]


def report(count: int = 6, **changes: Any) -> Document:
    fields: dict[str, Any] = {
        "key": "R1",
        "title": "月度工作汇总表",
        "issuer": "呆鹰岭镇司法所",
        "unit": "呆鹰岭镇",
        "period": "2026年10月",
        "generated_at": datetime(2026, 11, 3, 9, 30),  # noqa: DTZ001  # shown as given
        "rule_version": "ZX-1",
        "measure": "单位：次、小时",
        "lead": ("应配备17村，已配备17村。",),
        "sections": (section(COLUMNS, rows(count)),),
        "remarks": ("已逐村核查。",),
        "signatures": ("填报人", "审核人", "报送日期", "盖章"),
    }
    return Document(**{**fields, **changes})
