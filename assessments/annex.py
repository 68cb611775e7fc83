"""A verdict on paper, as an annex to an appeal: the same words as its page, to be signed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple

from assessments.evidence import VerdictPage
from assessments.facts import records_by_id
from assessments.quota.explain import reason
from assessments.quota.facts import Record
from assessments.quota.rules import Measure
from assessments.quota.words import FILING, MATTER, MODE, PURPOSE, STATE
from lawadvisor.foundation.tables import Column, Document, Kind, Section, section

_SIGNATURES = ("核对人", "当事顾问", "日期")
_FILED = {**STATE, "received": "已接收"}


class Row(NamedTuple):
    """One record of the verdict; ``why`` "" where it counted."""

    day: date
    clock: str
    minutes: int | None
    what: str
    mode: str
    state: str
    why: str


class Named(NamedTuple):
    """One village or person of a share or a cap, in the words of the page."""

    sentence: str


_RECORDS = (
    Column("seq", "序号", Kind.SEQ, 2),
    Column("day", "日期", Kind.DATE, 5),
    Column("clock", "起止时间", width=5),
    Column("minutes", "时长（小时）", Kind.HOURS, 4),
    Column("what", "内容", width=9),
    Column("mode", "方式", width=4),
    Column("state", "状态", Kind.STATUS, 4),
)
_REFUSED = (*_RECORDS, Column("why", "不计入的原因", width=14))
_NAMED = (Column("seq", "序号", Kind.SEQ, 2), Column("sentence", "内容", width=40))


def annex_of(page: VerdictPage, *, made_at: datetime) -> Document:
    """The paper of a stored verdict, with the records as they stand today."""
    judged, said = page.judged, page.explanation
    revision = f"（第{page.revision}版）" if page.revision and page.revision > 1 else ""
    return Document(
        key="A1",
        title="达标结论说明（附件）",
        issuer=page.township.judicial_office if page.township else page.bureau.name,
        unit=page.subject,
        period=f"{judged.period.label}{revision}",
        generated_at=made_at,
        rule_version=page.policy_version,
        lead=(f"对象：{page.subject}。事项：{page.title}。", said.result, page.meaning),
        sections=_sections(page),
        remarks=tuple(
            filter(
                None,
                (
                    said.missing,
                    f"依据文件：{page.source}",
                    said.clause,
                    f"计算口径：{'；'.join(words.rstrip('。') for words in said.readings)}。",
                ),
            )
        ),
        signatures=_SIGNATURES,
    )


def _sections(page: VerdictPage) -> tuple[Section, ...]:
    rule, judged = page.rule, page.judged
    if rule.records is None or rule.measure is Measure.SHARE:
        counted = [Named(words) for words in page.explanation.counted]
        refused = [Named(words) for words in page.explanation.refused]
        return (
            section(_NAMED, counted, title="计入"),
            section(_NAMED, refused, title="未计入或需要说明"),
        )
    ids = [pk for group in judged.counted for pk in group]
    ids += [pk for refusal in judged.refused for pk in refusal.ids]
    records = records_by_id(rule.records.unit, ids)
    about_all = tuple(f"{reason(r, rule)}。" for r in judged.refused if not r.ids)
    kept = [_row(records[pk], "") for group in judged.counted for pk in group if pk in records]
    return (
        section(_RECORDS, kept, title="计入的记录"),
        section(_REFUSED, _refused(page, records), title="未计入的记录", notes=about_all),
    )


def _refused(page: VerdictPage, records: dict[int, Record]) -> Iterator[Row]:
    for refusal in page.judged.refused:
        for pk in refusal.ids:
            if pk in records:
                yield _row(records[pk], reason(refusal, page.rule))


def _row(record: Record, why: str) -> Row:
    filed = record.unit == "filing"
    labels = FILING if filed else MATTER if record.unit == "matter" else PURPOSE
    what = labels.get(record.kind, record.kind)
    return Row(
        day=record.day,
        clock="" if filed else f"{_clock(record.start)}至{_clock(record.end)}",
        minutes=None if filed else record.minutes,
        what=f"{what}《{record.focus}》" if record.focus else what,
        mode=MODE.get(record.mode, ""),
        state=_FILED.get(record.state, record.state),
        why=why,
    )


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
