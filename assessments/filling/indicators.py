"""The catalogue of what a cell of a superior's form may ask for: each named, counted, explained.

Sums are those of the month's summary (R1), up to the moment at which the month's close was
opened; whether a village met its month is the close's own word.
Nobody types a formula: a figure that is wanted and is not here is added here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from django.db.models import Q

from assessments.enums import VerdictStatus
from assessments.reports.activity import CONFIRMED, Activity
from lawadvisor.foundation.periods import Period, PeriodKind
from worklogs.enums import LogState, MatterKind, Mode

#: What stands in a cell; None leaves it empty.
Amount = int | float | str | None


class Span(StrEnum):
    """Over which months, the last of them being the month of the form."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    @property
    def label(self) -> str:
        return {"month": "本月", "quarter": "本季度累计", "year": "本年累计"}[self.value]

    def months(self, month: Period) -> tuple[Period, ...]:
        """From the first of the span to ``month``, in order."""
        first = month.start
        if self is not Span.MONTH:
            first = Period.containing(PeriodKind(self.value), month.start).start
        found = [Period.containing(PeriodKind.MONTH, first)]
        while found[-1].start < month.start:
            found.append(found[-1].next())
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Tally:
    """What is known of some villages over some months. Sets are as at the end of the last one.

    ``statuses`` are the last month's verdicts by village, None where it was never judged.
    """

    place: str
    month: str
    done: Activity
    villages: frozenset[int]
    attended: frozenset[int]
    served: frozenset[int]
    advisors: frozenset[int]
    lawyers: frozenset[int]
    organisations: frozenset[int]
    statuses: dict[int, VerdictStatus] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """``of`` says what its records are: ``session``, ``matter``, or "" for places and people.

    ``records`` picks them among those that count; ``kinds`` are the matters that a clause must
    be about to be named as its ground. ``spans`` are those that make sense.
    """

    key: str
    group: str
    title: str
    unit: str
    how: str
    amount: Callable[[Tally], Amount]
    of: str = ""
    records: Q = field(default_factory=Q)
    kinds: tuple[str, ...] = ()
    spans: tuple[Span, ...] = tuple(Span)

    @property
    def amount_is_count(self) -> bool:
        """Is the figure the number of its records?"""
        return bool(self.of) and self.key not in ("onsite_minutes", "audience", "served")


_SERVICE, _TEAM, _HEAD = "服务情况", "配备和达标", "表头"


def _done(name: str) -> Callable[[Tally], Amount]:
    def amount(tally: Tally) -> Amount:
        found: int = getattr(tally.done, name)
        return found

    return amount


def _sessions(key: str, title: str, how: str, records: Q | None = None) -> Indicator:
    return Indicator(
        key=key,
        group=_SERVICE,
        title=title,
        unit="次" if key in ("onsite", "online") else "条",
        how=how,
        amount=_done(key),
        of="session",
        records=records or Q(),
    )


def _matters(
    key: str, title: str, unit: str, how: str, *kinds: MatterKind, records: Q | None = None
) -> Indicator:
    return Indicator(
        key=key,
        group=_SERVICE,
        title=title,
        unit=unit,
        how=how,
        amount=_done(key),
        of="matter",
        records=records or Q(kind__in=kinds),
        kinds=tuple(kind.value for kind in kinds),
    )


def _people(
    key: str, title: str, unit: str, how: str, amount: Callable[[Tally], Amount]
) -> Indicator:
    return Indicator(
        key=key, group=_TEAM, title=title, unit=unit, how=how, amount=amount, spans=(Span.MONTH,)
    )


def _with_status(status: VerdictStatus) -> Callable[[Tally], Amount]:
    def amount(tally: Tally) -> Amount:
        if tally.statuses is None:
            return None
        return sum(tally.statuses.get(pk) == status for pk in tally.villages)

    return amount


def _rate(tally: Tally) -> Amount:
    if not tally.villages:
        return None
    return round(len(tally.attended & tally.villages) * 100 / len(tally.villages), 1)


_K = MatterKind
_LECTURES = Q(kind=_K.LECTURE)
CATALOGUE: dict[str, Indicator] = {
    each.key: each
    for each in (
        _sessions("onsite", "现场服务次数", "方式为现场的服务记录", Q(mode=Mode.ON_SITE)),
        Indicator(
            key="onsite_minutes",
            group=_SERVICE,
            title="现场服务时长",
            unit="小时",
            how="方式为现场的服务记录的时长之和，保留一位小数",
            amount=lambda tally: round(tally.done.onsite_minutes / 60, 1),
            of="session",
            records=Q(mode=Mode.ON_SITE),
        ),
        _sessions("online", "线上服务次数", "方式不是现场的服务记录", ~Q(mode=Mode.ON_SITE)),
        _sessions("submitted", "服务记录数", "已提交且没有退回、撤回的服务记录"),
        _sessions("reviewed", "已核验记录数", "司法所已核验的服务记录", Q(state=LogState.REVIEWED)),
        _sessions(
            "confirmed",
            "村（社区）已确认记录数",
            "村（社区）已确认或司法所已核验的服务记录",
            Q(state__in=CONFIRMED),
        ),
        _matters("consultations", "解答法律咨询", "件", "法律咨询事项", _K.CONSULTATION),
        _matters(
            *("documents", "代写文书、出具法律意见", "件"),
            "代写文书、法律意见、审查村规民约事项",
            *(_K.DOCUMENT, _K.OPINION, _K.VILLAGE_RULES),
        ),
        _matters("lectures", "开展法治讲座", "场", "法治讲座事项", _K.LECTURE),
        Indicator(
            key="audience",
            group=_SERVICE,
            title="讲座受众",
            unit="人次",
            how="法治讲座事项所填的听众人数之和",
            amount=_done("audience"),
            of="matter",
            records=_LECTURES,
            kinds=(_K.LECTURE.value,),
        ),
        _matters("trainings", "开展培训", "场", "培训事项", _K.TRAINING),
        _matters("mediations", "参与调解纠纷", "件", "调解事项", _K.MEDIATION),
        _matters(
            *("mediated", "调解成功", "件", "结果为调解成功的事项"),
            _K.MEDIATION,
            records=Q(succeeded=True),
        ),
        _matters("legal_aid", "引导申请法律援助", "件", "法律援助事项", _K.LEGAL_AID),
        _matters("incidents", "报告重大事项", "件", "服务记录中的重大事项", _K.INCIDENT),
        Indicator(
            key="served",
            group=_SERVICE,
            title="有服务的村（社区）",
            unit="个",
            how="期内有已提交服务记录的村（社区），每个只计一次",
            amount=lambda tally: len(tally.served),
            of="session",
        ),
        _people(
            *("villages", "村（社区）总数", "个", "月末在册的村（社区）"),
            lambda tally: len(tally.villages),
        ),
        _people(
            *("attended", "已配备法律顾问的村（社区）", "个", "月末有在任法律顾问的村（社区）"),
            lambda tally: len(tally.attended & tally.villages),
        ),
        _people(
            *("coverage", "法律顾问覆盖率", "%", "已配备的村（社区）除以总数，保留一位小数"),
            _rate,
        ),
        _people(
            *("advisors", "法律顾问人数", "人", "月末在任的法律顾问，兼任多个村的只计一次"),
            lambda tally: len(tally.advisors),
        ),
        _people(
            *("lawyers", "其中律师", "人", "月末在任的法律顾问中类别为律师的"),
            lambda tally: len(tally.lawyers),
        ),
        _people(
            *("organisations", "参与的机构", "家", "月末在任的法律顾问所属的机构"),
            lambda tally: len(tally.organisations),
        ),
        _people(
            *("met", "达标的村（社区）", "个", "关账时本月服务要求达标的村（社区）"),
            _with_status(VerdictStatus.MET),
        ),
        _people(
            *("not_met", "未达标的村（社区）", "个", "关账时本月服务要求未达标的村（社区）"),
            _with_status(VerdictStatus.NOT_MET),
        ),
        Indicator(
            key="place",
            group=_HEAD,
            title="单位名称",
            unit="",
            how="司法局、镇街或村（社区）的名称",
            amount=lambda tally: tally.place,
            spans=(Span.MONTH,),
        ),
        Indicator(
            key="month",
            group=_HEAD,
            title="所属月份",
            unit="",
            how="报表的月份，如2026年10月",
            amount=lambda tally: tally.month,
            spans=(Span.MONTH,),
        ),
    )
}


def grouped() -> dict[str, list[Indicator]]:
    """The catalogue by its headings, in its order."""
    found: dict[str, list[Indicator]] = {}
    for each in CATALOGUE.values():
        found.setdefault(each.group, []).append(each)
    return found
