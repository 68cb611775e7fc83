"""A batch from the upload to the end: open, check, confirm, write, take back.

Whoever acts locks the batch's row first and asks its state, so of two clerks who confirm one
batch at one moment the second is told that it is done. What is written is what was confirmed:
the plan is made anew under the lock, and where it differs by a single row, nothing is written
and the batch comes back with the new plan.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from lawadvisor.foundation import audit, jobs
from lawadvisor.foundation.errors import Conflict, DomainError
from lawadvisor.foundation.importing import files
from lawadvisor.foundation.importing.checking import Check, check
from lawadvisor.foundation.importing.marking import mark
from lawadvisor.foundation.importing.plans import (
    Desk,
    Tell,
    Trace,
    digest_of,
    importers,
)
from lawadvisor.foundation.importing.reader import read_workbook
from lawadvisor.foundation.importing.states import BATCH_TRANSITIONS
from lawadvisor.foundation.locks import hold
from lawadvisor.foundation.models import BatchState, ImportBatch, Job
from lawadvisor.foundation.states import check_transition
from lawadvisor.foundation.viewer import Actor

logger = logging.getLogger(__name__)

CHECK, WRITE = "import_check", "import_write"
#: Larger files are checked, and more rows written, by the worker.
CHECKED_AT_ONCE = 300 * 1024
WRITTEN_AT_ONCE = 2_000
REASON_LENGTH = 200
#: Rows of the plan that the page lists; the counts are of all.
LISTED_LINES = 1_000
BEATEN = "没有写入任何内容：有关内容刚被其他人改动。请再确认一次。"
MOVED_ON = "检查以后，有关内容已有变化。下面是按现在的情况重新检查的结果，请核对后再确认。"


def open_batch(
    *, by: Actor, bureau_id: int, kind: str, file_name: str, chunks: Iterable[bytes]
) -> ImportBatch:
    """Keep the file and check it, at once or by the worker.

    Raises DomainError for a file that is too large to be kept; whatever else is wrong with it
    the batch tells.
    """
    if by.user_id is None:
        raise ValueError("a file is uploaded by a person")
    checksum, size = files.keep(chunks)
    with transaction.atomic():
        batch = ImportBatch.objects.create(
            bureau_id=bureau_id,
            kind=kind,
            file_name=file_name[-200:],
            checksum=checksum,
            size=size,
            created_by_id=by.user_id,
            created_by=by.name,
        )
        _record(by, "import.upload", batch, after={"file": batch.file_name, "size": size})
        _order_check(batch, by)
    batch.refresh_from_db()
    return batch


def accept_spellings(*, by: Actor, batch: ImportBatch) -> ImportBatch:
    """Read every name that is only spelled otherwise as it is registered, and check again.

    What is merely like a valid value stays bad: a person must say what was meant.
    """
    with transaction.atomic():
        fresh = _locked(batch, BatchState.UPLOADED)
        offered = [
            [bad["sheet"], bad["address"], bad["nearest"]]
            for bad in fresh.findings.get("bad", ())
            if bad["sure"]
        ]
        if not offered:
            raise DomainError("没有只是写法不同的名称。")
        fresh.fixes = [*fresh.fixes, *offered]
        fresh.state = BatchState.UPLOADED
        fresh.save(update_fields=("fixes", "state"))
        _record(by, "import.accept", fresh, after={"cells": len(offered)})
        _order_check(fresh, by)
    fresh.refresh_from_db()
    return fresh


def confirm(*, by: Actor, batch: ImportBatch, digest: str, partial: bool = False) -> ImportBatch:
    """Write the good rows, all or none of them. ``digest`` is of the plan that was looked at.

    ``partial``: also when other rows are bad, which stay out. Raises DomainError where there
    is nothing to write or the bad rows are not excused, Conflict where another clerk was
    quicker.
    """
    with transaction.atomic():
        fresh = _locked(batch, BatchState.WRITING)
        if digest != fresh.digest:
            raise Conflict("检查结果已有变化，请核对后再确认。")
        if fresh.counts.get("bad") and not partial:
            raise DomainError("还有有问题的行。请勾选“只导入无误的行”，或改好文件后重新上传。")
        rows = sum(fresh.counts.get(action, 0) for action in ("new", "changed", "ended"))
        if not rows:
            raise DomainError("没有需要写入的内容。")
        fresh.state, fresh.note = BatchState.WRITING, ""
        fresh.save(update_fields=("state", "note"))
        if rows > WRITTEN_AT_ONCE:
            _order(WRITE, fresh, by)
        else:
            _write(fresh, by, _silent)
    fresh.refresh_from_db()
    return fresh


def drop(*, by: Actor, batch: ImportBatch) -> None:
    """Give a checked batch up."""
    with transaction.atomic():
        fresh = _locked(batch, BatchState.DROPPED)
        fresh.state, fresh.finished_at = BatchState.DROPPED, timezone.now()
        fresh.findings = {}
        fresh.save(update_fields=("state", "finished_at", "findings"))
        _record(by, "import.drop", fresh)


def undo(*, by: Actor, batch: ImportBatch, reason: str) -> None:
    """Take the bureau's last import back, whole.

    Raises DomainError for a missing reason, for a batch that is not the last of its kind, and
    for whatever has been built on what it wrote; then nothing is taken back.
    """
    reason = reason.strip()
    if not reason:
        raise DomainError("请填写撤销事由。", field="reason")
    if len(reason) > REASON_LENGTH:
        raise DomainError(f"事由最多{REASON_LENGTH}个字，现有{len(reason)}个。", field="reason")
    with transaction.atomic():
        fresh = _locked(batch, BatchState.UNDONE)
        later = ImportBatch.objects.filter(
            bureau_id=fresh.bureau_id, state=BatchState.DONE, finished_at__gt=fresh.finished_at
        ).first()
        if later is not None:
            raise Conflict(f"只能撤销最近一次导入。此后还导入过“{later.file_name}”，请先撤销它。")
        traces = [Trace(*each) for each in fresh.traces or ()]
        importers()[fresh.kind].undo(_desk(fresh, by), traces, reason)
        fresh.state, fresh.undo_reason = BatchState.UNDONE, reason
        fresh.save(update_fields=("state", "undo_reason"))
        _record(by, "import.undo", fresh, before=fresh.counts, reason=reason)


def retry(*, by: Actor, batch: ImportBatch) -> bool:
    """Give the batch's failed job its tries back; False when none has failed."""
    with transaction.atomic():
        again = [job for job in Job.objects.filter(group=batch.group) if jobs.retry(job)]
        if again:
            _record(by, "import.retry", batch)
    return bool(again)


# ---------------------------------------------------------------- the work


def _order_check(batch: ImportBatch, by: Actor) -> None:
    if batch.size > CHECKED_AT_ONCE:
        _order(CHECK, batch, by)
    else:
        _check(batch, by, _silent)


def _order(kind: str, batch: ImportBatch, by: Actor) -> None:
    batch.rounds += 1
    batch.save(update_fields=("rounds",))
    jobs.enqueue(
        kind=kind,
        key=f"{batch.group}:{batch.rounds}",
        group=batch.group,
        payload={"batch": batch.pk, "user": by.user_id, "name": by.name, "address": by.address},
    )


@jobs.handles(CHECK)
def _check_job(job: Job) -> None:
    batch, by = _of_job(job)
    if batch.state == BatchState.UPLOADED:
        _check(batch, by, _teller(batch))
        files.end_progress(batch.pk)


@jobs.handles(WRITE)
def _write_job(job: Job) -> None:
    batch, by = _of_job(job)
    if batch.state == BatchState.WRITING:
        _write(batch, by, _teller(batch))
        files.end_progress(batch.pk)


def _of_job(job: Job) -> tuple[ImportBatch, Actor]:
    by = Actor(job.payload["user"], job.payload["name"], job.payload["address"])
    held = ImportBatch.objects.select_for_update(of=("self",))
    return held.get(pk=job.payload["batch"]), by


def _check(batch: ImportBatch, by: Actor, tell: Tell) -> None:
    """Fill in what the file would do; a file that cannot be read is refused with its sentence."""
    try:
        found = _checked(batch, _desk(batch, by), tell)
    except DomainError as refusal:
        check_transition(BATCH_TRANSITIONS, batch.state, BatchState.REFUSED, _LABELS)
        batch.state, batch.note = BatchState.REFUSED, str(refusal)[:1000]
        batch.finished_at = timezone.now()
        batch.save(update_fields=("state", "note", "finished_at"))
        return
    _store(batch, found)


def _checked(batch: ImportBatch, desk: Desk, tell: Tell) -> Check:
    path = files.path_of(batch.checksum)
    if not path.exists():
        raise DomainError("上传的文件已过期删除，请重新上传。")
    fixes = {(each[0], each[1]): each[2] for each in batch.fixes}
    return check(importers()[batch.kind], read_workbook(path), desk, tell=tell, fixes=fixes)


def _store(batch: ImportBatch, found: Check, note: str = "") -> None:
    check_transition(BATCH_TRANSITIONS, batch.state, BatchState.CHECKED, _LABELS)
    batch.state, batch.note = BatchState.CHECKED, note
    batch.counts, batch.digest = found.counts, digest_of(found.lines)
    batch.findings = _findings(found)
    batch.marked = _marked(batch, found) if found.bad else ""
    batch.save(update_fields=("state", "note", "counts", "digest", "findings", "marked"))


def _findings(found: Check) -> dict[str, Any]:
    telling = [line for line in found.lines if line.action != "same"]
    return {
        "bad": [{**bad._asdict(), "address": bad.address} for bad in found.bad],
        "lines": [
            [line.sheet, line.row, line.action.value, line.label, [*map(list, line.changes)]]
            for line in telling[:LISTED_LINES]
        ],
        "notes": list(found.notes),
        "absent": list(found.absent),
    }


def _marked(batch: ImportBatch, found: Check) -> str:
    """The marked copy's checksum; "" where openpyxl cannot write this workbook again."""
    try:
        content = mark(files.path_of(batch.checksum), found.bad, found.headers)
    except Exception:
        logger.exception("no marked copy of batch %s", batch.pk)
        return ""
    return files.keep([content])[0]


def _write(batch: ImportBatch, by: Actor, tell: Tell) -> None:
    """Write what was confirmed; where that is no longer what would be done, come back."""
    desk, importer = _desk(batch, by), importers()[batch.kind]
    hold(f"import:{batch.bureau_id}")
    try:
        found = _checked(batch, desk, _silent)
    except DomainError as refusal:  # the file's days are over
        batch.state, batch.note = BatchState.CHECKED, f"没有写入任何内容：{refusal}"
        batch.save(update_fields=("state", "note"))
        return
    if digest_of(found.lines) != batch.digest:
        _store(batch, found, MOVED_ON)
        return
    try:
        with transaction.atomic():
            lines = [line for line in found.lines if line.action != "same"]
            traces = importer.write(desk, lines, tell)
    except DomainError as refusal:
        _store(batch, found, f"没有写入任何内容：{refusal}")
        return
    except IntegrityError:
        logger.exception("batch %s met another writer", batch.pk)
        _store(batch, found, BEATEN)
        return
    batch.state, batch.finished_at = BatchState.DONE, timezone.now()
    batch.traces = [list(trace) for trace in traces]
    batch.save(update_fields=("state", "finished_at", "traces"))
    _record(by, "import.write", batch, after={**batch.counts, "file": batch.file_name})


def _desk(batch: ImportBatch, by: Actor) -> Desk:
    return Desk(bureau_id=batch.bureau_id, by=by, now=timezone.now())


def _locked(batch: ImportBatch, then: BatchState) -> ImportBatch:
    """The row, held to the end of the transaction; Conflict unless it may become ``then``."""
    fresh = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    check_transition(BATCH_TRANSITIONS, fresh.state, then, _LABELS)
    return fresh


def _record(by: Actor, verb: str, batch: ImportBatch, **change: Any) -> None:
    audit.record(by=by, verb=verb, subject=batch, bureau_id=batch.bureau_id, **change)


def _silent(done: int, total: int) -> None:
    """Nobody waits for a quick one."""


def _teller(batch: ImportBatch) -> Tell:
    return lambda done, total: files.note_progress(batch.pk, done, total)


_LABELS = dict(BatchState.choices)
