"""A session as it is typed, and how two tellings of one session differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import zip_longest
from typing import Any, NamedTuple

from advisors.models import Appointment
from lawadvisor.foundation.errors import Conflict
from lawadvisor.foundation.masks import SEALED, mask_name, mask_phone
from lawadvisor.foundation.periods import local_instant
from worklogs import rules
from worklogs.enums import LegalTopic, LogState, Mark, MatterKind, Mode, Purpose
from worklogs.faces import open_text, sealed_columns
from worklogs.models import Matter, ServiceLog


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterEntry:
    """One matter as typed; "" and None are fields left empty.

    ``pk`` names the matter that is told anew, None is another one. What the teller may not read,
    and so did not tell, is among ``untold``: there what was written stays.
    """

    kind: str
    topic: str = ""
    focus: str = ""
    client: str = ""
    phone: str = ""
    special_group: str = ""
    content: str = ""
    method: str = ""
    result: str = ""
    audience: int | None = None
    succeeded: bool | None = None
    marks: Sequence[str] = ()
    pk: int | None = None
    untold: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEntry:
    """One session as typed: ``start`` and ``end`` are minutes after midnight of ``day``."""

    day: date
    start: int
    end: int
    mode: str
    purpose: str
    place: str = ""
    no_visitors: bool = False
    matters: Sequence[MatterEntry] = ()


_TEXTS = ("focus", "client", "phone", "content", "method", "result")
#: What a matter tells, by its columns.
MATTER_FIELDS = ("kind", "topic", *_TEXTS, "special_group", "audience", "succeeded", "marks")
SESSION_FIELDS = {
    "appointment": "聘任",
    "day": "服务日期",
    "start": "开始时间",
    "end": "结束时间",
    "mode": "方式",
    "purpose": "事由",
    "place": "地点",
    "no_visitors": "坐班，无来访",
}
_CHOICES: Mapping[str, Any] = {
    "mode": Mode,
    "purpose": Purpose,
    "kind": MatterKind,
    "topic": LegalTopic,
    "marks": Mark,
}


def log_of(appointment: Appointment, entry: SessionEntry) -> ServiceLog:
    """The row that says so, not saved."""
    return ServiceLog(
        appointment=appointment,
        advisor_id=appointment.advisor_id,
        service_date=entry.day,
        started_at=local_instant(entry.day, entry.start),
        ended_at=local_instant(entry.day, entry.end),
        mode=entry.mode,
        purpose=entry.purpose,
        no_visitors=entry.no_visitors,
        place=rules.clean_text(entry.place),
        state=LogState.SUBMITTED,
    )


def matter_of(log: ServiceLog, entry: MatterEntry) -> Matter:
    texts = {name: rules.clean_text(getattr(entry, name)) for name in _TEXTS}
    return Matter(
        log=log,
        kind=entry.kind,
        topic=entry.topic,
        special_group=entry.special_group,
        audience=entry.audience,
        succeeded=entry.succeeded,
        marks=sorted(set(entry.marks)),
        **texts,
    )


def session_told(log: ServiceLog) -> dict[str, Any]:
    """What a log says, by the names of ``SESSION_FIELDS``; times are minutes, None without."""
    day = log.service_date
    return {
        "appointment": log.appointment_id,
        "day": day,
        "start": _minute(day, log.started_at),
        "end": _minute(day, log.ended_at),
        "mode": log.mode,
        "purpose": log.purpose,
        "place": log.place,
        "no_visitors": log.no_visitors,
    }


def label_of(model: type[Matter | ServiceLog], name: str) -> str:
    """The Chinese name of a column."""
    return next(str(f.verbose_name) for f in model._meta.concrete_fields if f.name == name)


def _minute(day: date, instant: datetime | None) -> int | None:
    """After midnight of ``day``, so that the day's end is 1440."""
    if instant is None:
        return None
    return int((instant - local_instant(day, 0)).total_seconds()) // 60


# ── differences ─────────────────────────────────────────────────────────────────────────────────


class Difference(NamedTuple):
    """One field in which what is kept and what was sent differ, each as people read it.

    ``field`` is its path in the entry, as ``matters.0.result``; "" is a field left empty.
    """

    field: str
    label: str
    kept: str
    sent: str


class Different(Conflict):
    """What was sent under a number that stands for something else, or is older than what stands.

    ``log`` is what stands.
    """

    def __init__(
        self, sentence: str, *, log: ServiceLog, differences: Sequence[Difference]
    ) -> None:
        super().__init__(sentence)
        self.log = log
        self.differences = tuple(differences)


class Stale(Different):
    """Somebody changed the record after it was read."""


def differences(
    kept: ServiceLog, kept_matters: Sequence[Matter], sent: ServiceLog, matters: Sequence[Matter]
) -> list[Difference]:
    """In the order of a form; matters are compared by their place."""
    return [*_of_sessions(kept, sent), *_of_matters(kept_matters, matters)]


def named(found: Sequence[Difference]) -> str:
    """The fields in one line, all of the matters together."""
    labels = ["事项" if each.field.startswith("matters") else each.label for each in found]
    return "、".join(dict.fromkeys(labels))


def _of_sessions(kept: ServiceLog, sent: ServiceLog) -> Iterator[Difference]:
    old, new = session_told(kept), session_told(sent)
    for name, label in SESSION_FIELDS.items():
        if old[name] == new[name]:
            continue
        if name == "appointment":
            yield Difference(name, label, str(kept.appointment), str(sent.appointment))
        else:
            yield Difference(name, label, shown(name, old[name]), shown(name, new[name]))


def _of_matters(kept: Sequence[Matter], sent: Sequence[Matter]) -> Iterator[Difference]:
    for number, (old, new) in enumerate(zip_longest(kept, sent)):
        path, label = f"matters.{number}", f"第{number + 1}个事项"
        if old is None or new is None:
            yield Difference(path, label, str(old or ""), str(new or ""))
            continue
        hidden = {*sealed_columns(old), *sealed_columns(new)}
        for name in MATTER_FIELDS:
            before, after = getattr(old, name), getattr(new, name)
            if before != after:
                told = (SEALED, SEALED)
                if name not in hidden:
                    told = shown(name, open_text(before)), shown(name, open_text(after))
                word = label_of(Matter, name)
                yield Difference(f"{path}.{name}", f"{label}：{word}", *told)


def shown(name: str, value: Any) -> str:
    """One value as people read it; "" for an empty one."""
    if value is None or value == "":
        return ""
    if name in ("start", "end"):
        return rules.clock(value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(_word(name, each) for each in value)
    return _word(name, value)


def _word(name: str, value: Any) -> str:
    words = dict(_CHOICES[name].choices) if name in _CHOICES else {}
    return str(words.get(value, value))


def for_the_register(found: Sequence[Difference]) -> tuple[dict[str, str], dict[str, str]]:
    """Before and after, as the audit keeps them: no client, and of what was said only that."""
    before = {each.field: _veiled(each.field, each.kept) for each in found}
    after = {each.field: _veiled(each.field, each.sent) for each in found}
    return before, after


def _veiled(field: str, told: str) -> str:
    match field.rpartition(".")[2]:
        case "client":
            return mask_name(told)
        case "phone":
            return mask_phone(told)
        case "content" | "method" | "result" if told and told != SEALED:
            return f"（{len(told)}个字）"
        case _:
            return told
