"""The bureau's page: the whole county on one sheet, in a fixed number of queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Q, Value

from assessments.attention import Standing, shortfall, standing
from assessments.desk import (
    Months,
    Paper,
    covered_on,
    last_day_known,
    months,
    papers,
)
from assessments.enums import SubjectKind, VerdictStatus
from assessments.models import MonthClose, Verdict
from assessments.quota.packs import rule_from_json
from assessments.quota.rules import DECIDING, Rule
from assessments.reports.activity import SUBMITTED
from assessments.rules import month_status
from assessments.selectors import policy_for
from assessments.stages import Closing, Stage, Work, closing
from lawadvisor.foundation.periods import Period
from lawadvisor.foundation.viewer import Viewer
from villages.models import Bureau, Township, Village
from worklogs.enums import LogState
from worklogs.models import ServiceLog, local_day


@dataclass(frozen=True, slots=True)
class Numbers:
    """The first line. ``in_time`` is None where the policy names no number of days."""

    villages: int
    served: int
    records: int
    reviewed: int
    in_time: int | None
    warn_days: int | None

    @property
    def in_time_percent(self) -> int | None:
        if self.in_time is None or not self.records:
            return None
        return self.in_time * 100 // self.records


@dataclass(frozen=True, slots=True)
class TownshipRow:
    """``other`` counts villages pending or not assessed, ``done`` finished jobs.

    ``at_risk`` counts villages with a rule of a longer period that may fail; they
    are among the others too.
    """

    pk: int
    code: str
    name: str
    villages: int
    served: int
    unattended: int
    met: int
    not_met: int
    other: int
    at_risk: int
    stage: Stage
    done: int
    short: tuple[tuple[str, int], ...]

    @property
    def sentence(self) -> str:
        """What needs a look, in words; "" when nothing does."""
        parts = []
        if silent := self.villages - self.served:
            parts.append(f"{silent}个村（社区）没有服务记录")
        if self.not_met:
            rules = "、".join(f"{title}{count}个" for title, count in self.short)
            parts.append(f"{self.not_met}个村（社区）未达标（{rules}）")
        if self.unattended:
            parts.append(f"{self.unattended}个村（社区）没有法律顾问")
        return "，".join(parts) + "。" if parts else ""


class FailedJob(NamedTuple):
    place: str
    work: Work


@dataclass(frozen=True, slots=True)
class BureauPage:
    """``standing`` is the running month's last daily check, None where there is none."""

    bureau: Bureau
    months: Months
    closing: Closing
    numbers: Numbers
    townships: tuple[TownshipRow, ...]
    warnings: tuple[str, ...]
    papers: tuple[Paper, ...]
    is_running: bool
    standing: Standing | None

    @property
    def failed(self) -> tuple[FailedJob, ...]:
        names = {row.pk: row.name for row in self.townships}
        return tuple(
            FailedJob(names.get(job.township or 0, self.bureau.name), job)
            for job in self.closing.failed
        )

    @property
    def attention(self) -> tuple[TownshipRow, ...]:
        return tuple(row for row in self.townships if row.sentence)


class _VillageState(NamedTuple):
    pk: int
    township: int
    served: bool
    attended: bool


class _OnVillage(NamedTuple):
    """A verdict on a village."""

    township: int
    village: int
    rule: str
    force: str
    status: str


def bureau_page(*, bureau: Bureau, month: Period, today: date, viewer: Viewer) -> BureauPage:
    stand = closing(bureau=bureau, month=month, viewer=viewer)
    states = _village_states(bureau, month, today, viewer)
    running = today in month
    return BureauPage(
        bureau=bureau,
        months=months(bureau=bureau, chosen=month, today=today, viewer=viewer),
        closing=stand,
        numbers=_numbers(stand, bureau, month, states, viewer),
        townships=_township_rows(bureau, stand, states, _verdicts(stand.judged, viewer), viewer),
        warnings=_warnings(stand.judged, viewer),
        papers=papers(close=stand.judged, township=None, viewer=viewer),
        is_running=running,
        standing=standing(bureau=bureau, month=month, viewer=viewer) if running else None,
    )


def _village_states(
    bureau: Bureau, month: Period, today: date, viewer: Viewer
) -> list[_VillageState]:
    logs = ServiceLog.objects.within(month).filter(
        appointment__village=OuterRef("pk"), state__in=SUBMITTED
    )
    covered = covered_on(last_day_known(month, today), policy_for(bureau, month.start))
    villages = Village.objects.visible_to(viewer).active().filter(township__bureau=bureau)
    rows = villages.order_by("code").values_list("pk", "township_id", Exists(logs), covered)
    return [_VillageState._make(row) for row in rows]


def _verdicts(close: MonthClose | None, viewer: Viewer) -> list[_OnVillage]:
    if close is None:
        return []
    verdicts = Verdict.objects.visible_to(viewer).filter(
        close=close, subject_kind=SubjectKind.VILLAGE
    )
    rows = verdicts.order_by("rule__position", "pk").values_list(
        *("scope_township_id", "village_id", "rule__title", "rule__definition__force", "status")
    )
    return [_OnVillage._make(row) for row in rows]


def _numbers(
    stand: Closing, bureau: Bureau, month: Period, states: Sequence[_VillageState], viewer: Viewer
) -> Numbers:
    """A closed month is counted by the policy that closed it, whatever came after."""
    policy = stand.judged.policy if stand.judged else policy_for(bureau, month.start)
    warn_days = policy.settings.get("entry_warn_days") if policy else None
    in_time = Q(
        service_date__gte=local_day(F("entered_at") - Value(timedelta(days=warn_days or 0)))
    )
    logs = ServiceLog.objects.visible_to(viewer).within(month)
    counts = logs.filter(
        appointment__village__township__bureau=bureau, state__in=SUBMITTED
    ).aggregate(
        records=Count("pk"),
        reviewed=Count("pk", filter=Q(state=LogState.REVIEWED)),
        in_time=Count("pk", filter=in_time),
    )
    return Numbers(
        villages=len(states),
        served=sum(state.served for state in states),
        records=counts["records"],
        reviewed=counts["reviewed"],
        in_time=counts["in_time"] if warn_days is not None else None,
        warn_days=warn_days,
    )


def _township_rows(
    bureau: Bureau,
    stand: Closing,
    states: Sequence[_VillageState],
    judged: Sequence[_OnVillage],
    viewer: Viewer,
) -> tuple[TownshipRow, ...]:
    townships = Township.objects.visible_to(viewer).filter(bureau=bureau).order_by("code")
    return tuple(
        _township_row(
            township,
            [state for state in states if state.township == township.pk],
            [verdict for verdict in judged if verdict.township == township.pk],
            stand,
        )
        for township in townships
    )


def _township_row(
    township: Township,
    states: Sequence[_VillageState],
    judged: Sequence[_OnVillage],
    stand: Closing,
) -> TownshipRow:
    by_village = _by_village(judged)
    counts = Counter(map(month_status, by_village.values()))
    short = Counter(verdict.rule for verdict in judged if verdict.status == VerdictStatus.NOT_MET)
    stage, done = stand.at(township.pk)
    met, not_met = counts[VerdictStatus.MET], counts[VerdictStatus.NOT_MET]
    return TownshipRow(
        pk=township.pk,
        code=township.code,
        name=township.name,
        villages=len(states),
        served=sum(state.served for state in states),
        unattended=sum(not state.attended for state in states),
        met=met,
        not_met=not_met,
        other=counts.total() - met - not_met,
        at_risk=sum(VerdictStatus.AT_RISK in found for found in by_village.values()),
        stage=stage,
        done=done,
        short=tuple(short.items()),
    )


def _by_village(judged: Iterable[_OnVillage]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for verdict in judged:
        statuses = found.setdefault(verdict.village, [])
        if verdict.force in DECIDING:
            statuses.append(verdict.status)
    return found


def _warnings(close: MonthClose | None, viewer: Viewer) -> tuple[str, ...]:
    """What was found of advisors, townships and the bureau itself, in sentences."""
    if close is None:
        return ()
    wide = (SubjectKind.ADVISOR, SubjectKind.TOWNSHIP, SubjectKind.BUREAU)
    verdicts = Verdict.objects.visible_to(viewer).filter(
        close=close, subject_kind__in=wide, status=VerdictStatus.NOT_MET
    )
    rows = verdicts.order_by("rule__position", "pk").values_list(
        *("advisor__name", "township__name", "rule__definition", "actual", "required")
    )
    return tuple(
        _warning(advisor or township or close.bureau.name, rule_from_json(rule), actual, required)
        for advisor, township, rule, actual, required in rows
    )


def _warning(who: str, rule: Rule, actual: Decimal, required: Decimal) -> str:
    said = shortfall(rule, actual=int(actual), required=int(required))
    return f"{who}：{said}，依据{rule.clause}。"
