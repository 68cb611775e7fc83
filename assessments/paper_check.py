"""What the page behind a paper's code says: of which place and month it is, and if it is current.

Nobody signs in for it, so it names no person and shows no figure but the checksum that the
paper itself bears.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Max

from assessments.changes import last_change, place_of
from assessments.check_codes import PREVIEW, Printed
from assessments.enums import PaperKey, ReportKey
from assessments.models import MonthClose
from assessments.papers import document_of
from lawadvisor.foundation.periods import Period

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """``current`` None: not to be said. ``seal``, ``made_at`` and ``rules`` are those of a close's
    paper, to be held beside the one at hand; empty for what was printed otherwise."""

    title: str
    place: str
    period: str
    current: bool | None
    sentence: str
    edition: str = ""
    seal: str = ""
    made_at: datetime | None = None
    rules: str = ""


def answer_of(printed: Printed) -> Answer | None:
    """None where what the code names is no longer there."""
    place = place_of(printed.place, printed.pk)
    if place is None:
        return None
    name, bureau = place
    period = Period.parse(printed.period)
    if printed.paper in ReportKey.values:
        title = str(ReportKey(printed.paper).label)
        close = MonthClose.objects.filter(bureau=bureau, month=period.start)
        if printed.stamp == PREVIEW:
            return _of_preview(Answer(title, name, period.label, None, ""), closed=close.exists())
        return _of_close(printed, title, name, close.filter(revision=printed.revision or 0).first())
    paper = PaperKey(printed.paper)
    changed = last_change(paper, printed.place, printed.pk, period)
    same = printed.stamp == f"n{changed}"
    sentence = (
        "现行有效：打印以后，所载的记录没有变动。"
        if same
        else "不是最新：打印以后，所载的记录有变动，请在平台上重新打印。"
    )
    return Answer(str(paper.label), name, period.label, same, sentence)


def _of_close(printed: Printed, title: str, name: str, close: MonthClose | None) -> Answer | None:
    if close is None:
        return None
    newest = MonthClose.objects.filter(
        bureau=close.bureau, month=close.month, closed_at__isnull=False
    )
    last = newest.aggregate(last=Max("revision"))["last"] or 0
    if close.revision < last:
        current, sentence = False, f"已被第{last}版取代，请以第{last}版为准。"
    elif close.closed_at is None:
        current, sentence = None, "本版正在核算，尚未完成关账。"
    else:
        current, sentence = True, "现行有效：本件是最新一版。"
    answer = Answer(
        title, name, close.period.label, current, sentence, edition=f"第{close.revision}版"
    )
    return _sealed(answer, printed, close) if close.closed_at else answer


def _sealed(answer: Answer, printed: Printed, close: MonthClose) -> Answer:
    """With what stands at the foot of the kept paper; without, where its file is gone."""
    township = printed.pk if printed.place == "t" else None
    try:
        document = document_of(close, township, ReportKey(printed.paper))
    except (OSError, ValueError):
        logger.exception("%s of %s cannot be read", printed.paper, close)
        return answer
    return replace(
        answer,
        seal=document.seal,
        made_at=document.generated_at,
        rules=document.rule_version,
    )


def _of_preview(answer: Answer, *, closed: bool) -> Answer:
    now = "现在该月已关账，请以关账后的报表为准。" if closed else "该月还没有关账。"
    sentence = f"未关账时打印的预览件，不作为正式报表。{now}"
    return Answer(answer.title, answer.place, answer.period, False, sentence)
