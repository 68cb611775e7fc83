"""A process that closes a county's month and tends the jobs, as beat would, until all is done.

Its servers may fall at any moment: it asks again. Says ``open`` once the close is ordered and, when
the close is whole, what is there, as JSON.
"""

import json
import sys
import time
from datetime import date, timedelta

import django

django.setup()

from django.db import OperationalError, close_old_connections  # noqa: E402

from assessments.closing import open_close, progress_of  # noqa: E402
from assessments.models import MonthClose  # noqa: E402
from assessments.services import PACKS, adopt_policy  # noqa: E402
from lawadvisor.foundation import jobs  # noqa: E402
from lawadvisor.foundation.models import AuditEntry, Job, JobState  # noqa: E402
from lawadvisor.foundation.viewer import SYSTEM  # noqa: E402
from tests import factories  # noqa: E402

TOWNSHIPS = 1


def ordered() -> MonthClose:
    bureau = factories.make_bureau()
    adopt_policy(bureau=bureau, pack_path=PACKS / "zx.toml", by=SYSTEM)
    for _ in range(TOWNSHIPS):
        village = factories.make_village(township=factories.make_township(bureau=bureau))
        factories.make_log(appointment=factories.make_appointment(village=village))
    return open_close(bureau=bureau, month=factories.OCTOBER, by=SYSTEM, today=date(2026, 11, 5))


def tended(close: MonthClose) -> None:
    jobs.RING_AGAIN_AFTER = timedelta(seconds=1)
    while True:
        close_old_connections()
        try:
            for failed in Job.objects.filter(state=JobState.FAILED):
                jobs.retry(failed)
            jobs.sweep()
            if progress_of(close).finished:
                return
        except OperationalError:
            pass  # the database is down
        time.sleep(0.2)


def told() -> dict[str, object]:
    judged = AuditEntry.objects.filter(verb="close.judge")
    (close,) = MonthClose.objects.all()
    return {
        "revision": close.revision,
        "whole": close.closed_at is not None,
        "judged": judged.count(),
        "said": sum(entry.after["verdicts"] for entry in judged),
        "verdicts": close.verdicts.count(),
        "finished": AuditEntry.objects.filter(verb="close.finish").count(),
        "jobs": Job.objects.filter(group=close.group).count() - close.planned,
        "files": sorted(close.files.values_list("checksum", "format", "version")),
    }


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    close = ordered()
    say("open")
    tended(close)
    say(json.dumps(told()))
