"""我的月报: an advisor's own month on paper, what the screen says and each record behind it."""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter

from assessments.phone.pages import Record, Summary, VillageMonth
from assessments.reports import columns
from lawadvisor.foundation.periods import Period
from lawadvisor.foundation.tables import Column, Document, Kind, Section, section

_SIGNATURES = ("法律顾问", "村（社区）", "日期")


def _zero(row: VillageMonth) -> str:
    return f"零申报：{row.zero}" if row.zero else ""


def _remark(row: Record) -> str:
    late = f"补录{row.late}天" if row.late else ""
    photos = f"照片{len(row.photos)}张" if len(row.photos) else ""
    return "；".join(part for part in (late, photos, row.reason, row.note) if part)


_DONE = attrgetter("activity")
_VILLAGES = (
    Column("seq", "序号", Kind.SEQ, 2),
    Column("village", "村（社区）", width=8),
    Column("visits", "服务次数", Kind.INT, 3, total=True, get=lambda row: row.activity.submitted),
    columns.onsite_hours("hours", "现场时长", 4, done=_DONE),
    columns.lectures(4, done=_DONE),
    columns.mediations(4, done=_DONE),
    columns.count("confirmed", "已确认", 3, done=_DONE),
    Column("remark", "备注", width=10, get=_zero),
)
_RECORDS = (
    Column("seq", "序号", Kind.SEQ, 2),
    Column("day", "日期", Kind.DATE, 4.5),
    Column("times", "时间", width=5),
    Column("village", "村（社区）", width=7),
    Column("kinds", "事项", width=8),
    Column("state", "状态", Kind.STATUS, 3.5),
    Column("remark", "备注", width=12, get=_remark),
)


def month_paper(
    *,
    name: str,
    organisation: str,
    month: Period,
    summary: Summary,
    records: tuple[Record, ...],
    made_at: datetime,
) -> Document:
    """``records`` are the newest first, as on the screen; on paper they follow the days."""
    return Document(
        key="own-month",
        title="一村（社区）一法律顾问月度工作报告",
        issuer=f"{organisation} {name}",
        unit="、".join(row.village for row in summary.rows),
        period=month.label,
        generated_at=made_at,
        measure="单位：次、小时、场、人次",
        sections=(
            section(_VILLAGES, summary.rows, title="各村（社区）"),
            _told(records),
        ),
        remarks=tuple(f"{village}还差：{left.sentence}" for village, left in summary.owed),
        signatures=_SIGNATURES,
    )


def _told(records: tuple[Record, ...]) -> Section:
    in_order = sorted(records, key=lambda row: (row.day, row.times))
    return section(_RECORDS, in_order, title="服务记录")
