"""A bureau's own files brought in, against the least that any import does: reading the cells."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, timedelta

from django.utils import timezone
from openpyxl import Workbook, load_workbook

from advisors.enums import AppointmentStatus
from advisors.models import Appointment
from benchmarks.data import TODAY, Scale
from benchmarks.ratio import Row, timed
from lawadvisor.accounts.models import User
from lawadvisor.foundation.importing import batches
from lawadvisor.foundation.models import BatchState, ImportBatch
from villages.models import Bureau, Village

#: Seconds that a clerk is promised: usability rows 14, and the issue's for historic records.
_CHECK, _WRITE, _RECORDS = 5.0, 10.0, 60.0
_RECORDS_HEAD = (
    *("镇街", "村名", "法律顾问", "执业证号", "服务日期", "开始时间", "结束时间", "服务方式"),
    *("服务事由", "事项", "领域", "服务对象", "联系电话", "服务内容", "服务方法", "服务结果"),
)


def measure(bureau: Bureau, scale: Scale) -> list[Row]:
    """Rows for the roster and for the records; what they write stays."""
    clerk = User.objects.create(username="bench-clerk", name="测速")
    roster = _book(("镇街", "村名", "区划代码"), _roster(bureau, scale.villages))
    checked, checking = _checked(bureau, clerk, "villages", roster)
    size = f"{scale.villages} villages"
    rows = [
        _row("a roster checked", size, _read(roster), checking, _CHECK),
        _row("a roster written", size, _read(roster), _written(clerk, checked), _WRITE),
    ]
    records = _records(bureau, scale.imported)
    book = _book(_RECORDS_HEAD, records)
    batch, checking = _checked(bureau, clerk, "records", book)
    both = checking + _written(clerk, batch)
    size = f"{len(records)} records"
    return [*rows, _row("records checked and written", size, _read(book), both, _RECORDS)]


def _row(what: str, size: str, floor: float, ours: float, promised: float) -> Row:
    """Beside the ratio, in the last column, the promise in seconds and whether it held."""
    kept = "kept" if ours <= promised else "BROKEN"
    return Row(
        what=what,
        size=size,
        floor=floor,
        ours=ours,
        target=5,
        queries=f"≤ {promised:.0f} s {kept}",
    )


def _read(book: bytes) -> float:
    """openpyxl as fast as it can be used, twice: a check reads the file, and so does a write."""

    def floor() -> None:
        for _ in range(2):
            sheet = load_workbook(io.BytesIO(book), read_only=True, data_only=True).active
            for _row in sheet.iter_rows(values_only=True):
                pass

    return timed(floor)


def _checked(bureau: Bureau, clerk: User, kind: str, book: bytes) -> tuple[ImportBatch, float]:
    """The job's own way, called directly: no worker's start is measured."""
    made: list[ImportBatch] = []
    least, batches.CHECKED_AT_ONCE = batches.CHECKED_AT_ONCE, len(book)
    seconds = timed(
        lambda: made.append(
            batches.open_batch(
                by=clerk.as_actor(),
                bureau_id=bureau.pk,
                kind=kind,
                file_name=f"{kind}.xlsx",
                chunks=[book],
            )
        )
    )
    batches.CHECKED_AT_ONCE = least
    if made[0].counts.get("bad") or made[0].state != BatchState.CHECKED:
        raise RuntimeError(f"{kind}: {made[0].note} {made[0].findings.get('bad', [])[:3]}")
    return made[0], seconds


def _written(clerk: User, batch: ImportBatch) -> float:
    least, batches.WRITTEN_AT_ONCE = batches.WRITTEN_AT_ONCE, 10**9
    seconds = timed(lambda: batches.confirm(by=clerk.as_actor(), batch=batch, digest=batch.digest))
    batches.WRITTEN_AT_ONCE = least
    batch.refresh_from_db()
    if batch.state != BatchState.DONE:
        raise RuntimeError(batch.note)
    return seconds


def _book(head: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in (head, *rows):
        sheet.append(list(row))
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _roster(bureau: Bureau, count: int) -> list[tuple[str, ...]]:
    """New villages, as many, in the bureau's townships by turns; no code is in use yet."""
    townships = list(bureau.townships.all())
    used = set(Village.objects.filter(township__bureau=bureau).values_list("code", flat=True))
    free = (
        (township.name, f"新{number}村村民委员会", f"{township.code}{number:03d}")
        for number in range(999, 0, -1)
        for township in townships
        if f"{township.code}{number:03d}" not in used
    )
    return [row for row, _ in zip(free, range(count), strict=False)]


def _records(bureau: Bureau, count: int) -> list[tuple[str, ...]]:
    """Sessions before dawn, when nobody else's are, day by day of every term."""
    told = Appointment.objects.filter(
        village__township__bureau=bureau,
        status__in=(AppointmentStatus.ACTIVE, AppointmentStatus.ENDED),
        advisor__licence_no__gt="",
    ).select_related("advisor", "village__township")
    terms = list(told)
    rows: list[tuple[str, ...]] = []
    day = min(TODAY, timezone.localdate())
    while len(rows) < count and day > date(2000, 1, 1):
        rows += [
            _record(each, day, len(rows) + n) for n, each in enumerate(terms) if day in each.term
        ]
        day -= timedelta(days=1)
    return rows[:count]


def _record(each: Appointment, day: date, number: int) -> tuple[str, ...]:
    hour = each.slot % 7
    return (
        *(each.village.township.name, each.village.name, each.advisor.name),
        *(each.advisor.licence_no, day.isoformat(), f"{hour:02d}:00", f"{hour:02d}:50"),
        *("电话", "其他", "法律咨询", "婚姻家庭", f"群众{number % 97}", f"139{number:08d}"),
        *("咨询土地承包合同事宜", "口头解答", "已经解决"),
    )
