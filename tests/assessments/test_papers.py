"""Papers as files: an emoji stops nobody's month, a draft is whole or swept away."""

import os
import time
from datetime import date
from pathlib import Path

import pytest

from assessments import papers
from assessments.closing import open_close
from assessments.enums import FileFormat
from assessments.models import GeneratedFile, MonthClose
from assessments.services import PACKS, adopt_policy
from lawadvisor.foundation import jobs, snapshot
from lawadvisor.foundation.files import write_whole
from lawadvisor.foundation.models import Job, JobState
from lawadvisor.foundation.periods import Period
from lawadvisor.foundation.tables import cells
from lawadvisor.foundation.viewer import SYSTEM
from tests.factories import (
    make_appointment,
    make_bureau,
    make_log,
    make_matter,
    make_township,
    make_village,
)

MONTH = Period.month(2026, 10)
TODAY = date(2026, 11, 5)


def closed_with(focus: str) -> MonthClose:
    """A county whose two lectures have this focus, its month closed by the jobs."""
    bureau = make_bureau()
    adopt_policy(bureau=bureau, pack_path=PACKS / "zx.toml", by=SYSTEM)
    village = make_village(township=make_township(bureau=bureau))
    appointment = make_appointment(village=village)
    for day in (9, 16):
        log = make_log(appointment=appointment, day=date(2026, 10, day))
        make_matter(log=log, kind="lecture", focus=focus, audience=30)
    close = open_close(bureau=bureau, month=MONTH, by=SYSTEM, today=TODAY)
    while waiting := list(Job.objects.filter(state=JobState.QUEUED).values_list("pk", flat=True)):
        for job in waiting:
            jobs.run(job)
    close.refresh_from_db()
    return close


@pytest.mark.django_db
def test_an_emoji_in_a_record_does_not_stop_the_countys_month(bell: list[int]) -> None:
    close = closed_with("反诈😀")

    assert list(Job.objects.exclude(state=JobState.DONE)) == []
    assert close.closed_at is not None
    kept = GeneratedFile.objects.filter(close=close, format=FileFormat.JSON)
    texts = [
        cell.display
        for file in kept
        for cell in cells(snapshot.thaw(papers.path_of(file).read_bytes()))
    ]
    assert any("反诈😀" in text for text in texts)  # the text itself stays exact


def test_a_file_is_on_the_disk_with_its_name_before_a_row_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut after the commit must not leave a row without its file."""
    done: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def note_fsync(descriptor: int) -> None:
        at = Path(f"/proc/self/fd/{descriptor}").resolve()
        done.append("draft" if at.name.startswith(".draft-") else f"fsync {at.name}")
        fsync(descriptor)

    def note_rename(draft: Path, target: Path) -> Path:
        done.append("rename")
        return replace(draft, target)

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(Path, "replace", note_rename)
    write_whole(tmp_path / "papers" / "ab" / "abc.pdf", b"paper")

    assert done == ["draft", "rename", "fsync ab", "fsync papers"]


def test_drafts_of_killed_workers_are_swept_after_a_day(tmp_path: Path) -> None:
    old, young = tmp_path / ".draft-old", tmp_path / ".draft-young"
    kept = tmp_path / "old.pdf"
    for path in (old, young, kept):
        path.touch()
    for path in (old, kept):
        os.utime(path, (time.time() - 25 * 3600,) * 2)
    write_whole(tmp_path / "new.pdf", b"paper")

    names = {path.name for path in tmp_path.iterdir()}
    assert names == {".draft-young", "old.pdf", "new.pdf"}
