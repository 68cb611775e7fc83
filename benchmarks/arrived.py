"""What the server has of the records that were sent to it, and what it says to each once more."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from benchmarks.data import CROWD
from benchmarks.line import Fate
from benchmarks.promises import Promise, all_of
from benchmarks.sends import Record, Run, ask
from benchmarks.submissions import AT_ONCE
from lawadvisor.foundation.models import AuditEntry
from worklogs.entries import session_told
from worklogs.models import Attachment, ServiceLog
from worklogs.redraw import redrawn
from worklogs.rules import clock

_ROW, _CUTS = "6", "random cuts"


def promises(run: Run) -> list[Promise]:
    """Every line of what was promised for one run; the server must still be up."""
    records = run.records
    again, other = list(_asked_again(run)), list(_asked_otherwise(run))
    return [
        _arrived(records),
        all_of(_ROW, "sent as it was typed", _CUTS, _as_typed(records), len(records)),
        _told(records),
        _pictured(records),
        all_of(_ROW, "a repeat gets the first answer", _CUTS, sum(again), len(records)),
        all_of(_ROW, "other words, same number: 409", _CUTS, sum(other), len(records)),
    ]


def notes(run: Run) -> list[str]:
    sends = sum(record.sends for record in run.records)
    met = ", ".join(f"{run.line.met[fate]} {fate}" for fate in Fate)
    return [
        f"{len(run.records):,} visits in {sends:,} sends, {run.line.met.total():,} requests: {met}",
        f"a worker or the whole server killed, or started anew, {run.killed} times",
    ]


def _logs() -> QuerySet[ServiceLog]:
    return ServiceLog.objects.filter(advisor__organisation__bureau__code=CROWD)


def _arrived(records: Sequence[Record]) -> Promise:
    """By the mark that each carries, however many rows carry it; each with one audit row."""
    rows = Counter(_logs().values_list("place", flat=True))
    written = AuditEntry.objects.filter(verb="log.submit", subject_id__in=_logs().values("pk"))
    lost = sum(not rows[record.mark] for record in records)
    doubled = sum(rows[record.mark] > 1 for record in records)
    good = (lost, doubled, written.count()) == (0, 0, len(records))
    found = f"{lost} lost, {doubled} doubled, {written.count():,} audit rows"
    what = f"{len(records):,} visits, random cuts and kills"
    return Promise(_ROW, what, _CUTS, found, "0 lost, 0 doubled", good)


def _as_typed(records: Sequence[Record]) -> int:
    kept = {log.place: _telling(log) for log in _logs().prefetch_related("matters")}
    return sum(kept.get(record.mark) == _sent(record) for record in records)


def _telling(log: ServiceLog) -> tuple[Any, ...]:
    told = session_told(log)
    matters = [(each.client, each.phone, each.content, each.result) for each in log.matters.all()]
    return str(log.client_uuid), log.service_date.isoformat(), clock(told["start"]), matters


def _sent(record: Record) -> tuple[Any, ...]:
    body = record.body
    names = ("client", "phone", "content", "result")
    matters = [tuple(each[name] for name in names) for each in body["matters"]]
    return body["uuid"], body["day"], body["start"], matters


def _told(records: Sequence[Record]) -> Promise:
    """Nobody was told 已送达 before it was, nobody that it was refused, and all say the same."""
    untrue = sum(record.untrue for record in records)
    refused = sum(record.refused for record in records)
    torn = sum(len({told for _, told in record.said}) != 1 for record in records)
    new = sum([status for status, _ in record.said].count(201) > 1 for record in records)
    found = f"{untrue} too early, {refused} refused, {torn + new} told two things"
    good = not untrue + refused + torn + new
    return Promise(_ROW, "what the phone was told", _CUTS, found, "the truth", good)


def _pictured(records: Sequence[Record]) -> Promise:
    """Each photo has one row, one number and the bytes that were sent, drawn anew."""
    pictures = Attachment.objects.filter(matter__log__in=_logs())
    rows = Counter(pictures.values_list("matter__log__place", "checksum"))
    wanted = [(record.mark, _drawn(each)) for record in records for each in record.pictures]
    whole = sum(rows[mark, checksum] == 1 and _lies(checksum) for mark, checksum in wanted)
    shown = sum(len(record.shown) for record in records)
    good = whole == shown == len(wanted) == rows.total()
    found = f"{whole:,} of {len(wanted):,}"
    return Promise(_ROW, "photos, each once and whole", _CUTS, found, "all", good)


def _drawn(content: bytes) -> str:
    return sha256(redrawn(content)).hexdigest()


def _lies(checksum: str) -> bool:
    path = Path(settings.VAR_DIR) / "media" / "photos" / checksum[:2] / f"{checksum}.jpg"
    return path.exists() and sha256(path.read_bytes()).hexdigest() == checksum


def _asked_again(run: Run) -> Iterator[bool]:
    """Is the answer to each the first one, and 200?"""
    for record, status, told in _answers(run, {}):
        told.pop("photos", None)
        first = record.said[0][1] if record.said else ""
        yield (status, json.dumps(told, sort_keys=True)) == (200, first)


def _asked_otherwise(run: Run) -> Iterator[bool]:
    """Is each refused, with what is different and what stands?"""
    for record, status, told in _answers(run, {"end": "23:59"}):
        named = [each["field"] for each in told.get("differences", ())]
        stands = told.get("log", {}).get("end") == record.body["end"]
        yield (status, named, stands) == (409, ["end"], True)


def _answers(run: Run, changed: dict[str, Any]) -> Iterator[tuple[Record, int, dict[str, Any]]]:
    """Straight from the server, without the line, for each record with something ``changed``."""
    phones: dict[str, list[Record]] = {}
    for record in run.records:
        phones.setdefault(record.token, []).append(record)
    for token, own in phones.items():
        for at in range(0, len(own), AT_ONCE):
            part = own[at : at + AT_ONCE]
            body = json.dumps({"items": [{**each.body, **changed} for each in part]})
            answer = ask(run.server.bind, token, "logs/batch/", body.encode())
            items = answer[1]["items"] if answer else []
            for record, item in zip(part, items, strict=False):
                yield record, item["status"], item["body"]
