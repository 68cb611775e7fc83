"""What the pages show: frozen answers, read in a fixed number of queries."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db.models import Exists, OuterRef

from advisors.models import Appointment
from assessments.enums import FileFormat, ReportKey, SubjectKind, VerdictStatus
from assessments.models import GeneratedFile, MonthClose, Policy, Verdict
from assessments.querysets import reports_seen_by
from assessments.quota.rules import DECIDING
from assessments.rules import GRAVITY, month_status
from assessments.selectors import policy_for
from assessments.stages import Closing, Stage, closing
from lawadvisor.foundation.periods import Period, PeriodKind
from lawadvisor.foundation.viewer import Viewer
from villages.models import Bureau, Township, Village, short_village_name

#: How many months the switcher offers besides those that were ever closed.
MONTHS_OFFERED = 24
#: What a close does for each township: one judging and every paper.
JOBS_PER_DESK = 1 + len(ReportKey)
#: The months that an address can name.
MONTH_CODE = r"20[0-9]{2}-(?:0[1-9]|1[0-2])"


@dataclass(frozen=True, slots=True)
class Months:
    """The month switcher; ``choices`` are newest first.

    ``next`` is None in the running month, ``previous`` in the first that has an address.
    """

    chosen: Period
    previous: Period | None
    next: Period | None
    choices: tuple[Period, ...]


def has_address(month: Period) -> bool:
    return re.fullmatch(MONTH_CODE, month.code) is not None


def last_full_month(today: date) -> Period:
    return Period.containing(PeriodKind.MONTH, today).previous()


def months(*, bureau: Bureau, chosen: Period, today: date, viewer: Viewer) -> Months:
    running = Period.containing(PeriodKind.MONTH, today)
    closes = MonthClose.objects.visible_to(viewer).filter(bureau=bureau).order_by()
    offered = {Period.month(day.year, day.month) for day in closes.values_list("month", flat=True)}
    recent = running
    for _ in range(MONTHS_OFFERED):
        offered.add(recent)
        recent = recent.previous()
    return Months(
        chosen=chosen,
        previous=before if has_address(before := chosen.previous()) else None,
        next=chosen.next() if chosen < running else None,
        choices=tuple(sorted(offered | {chosen}, reverse=True)),
    )


def covered_on(day: date, policy: Policy | None) -> Exists:
    """Has a village an advisor in office, not suspended and of an allowed category (A24)?

    For an annotation of villages; the day is ``last_day_known``. Before a bureau's first
    policy every category will do.
    """
    terms = Appointment.objects.holding().filter(village=OuterRef("pk"), term__contains=day)
    if policy is not None:
        terms = terms.filter(advisor__category__in=policy.settings["allowed_categories"])
    return Exists(terms.exclude(suspended_from__lte=day))


def last_day_known(month: Period, today: date) -> date:
    """The month's last day; in the running month today."""
    return min(month.last_day, today)


def file_name(file: GeneratedFile) -> str:
    """What a downloaded paper is called: whose, which month, what."""
    unit = file.township.name if file.township else file.close.bureau.name
    revision = f"（第{file.close.revision}版）" if file.close.revision > 1 else ""
    name = f"{unit}{file.close.period.label}{file.get_report_display()}{revision}"
    return f"{name}.{file.format}"


class PaperFile(NamedTuple):
    pk: int
    name: str


@dataclass(frozen=True, slots=True)
class Paper:
    """One report of a desk with its files by format; None where a format is missing."""

    key: ReportKey
    pdf: PaperFile | None
    xlsx: PaperFile | None


def papers(
    *, close: MonthClose | None, township: Township | None, viewer: Viewer
) -> tuple[Paper, ...]:
    """The newest version of each paper of a desk, in the order of the catalogue."""
    if close is None:
        return ()
    files = GeneratedFile.objects.visible_to(viewer).filter(close=close, township=township)
    newest = files.order_by("report", "format", "-version").distinct("report", "format")
    found = {
        (file.report, file.format): PaperFile(file.pk, file_name(file))
        for file in newest.select_related("township", "close__bureau")
    }
    return tuple(
        Paper(key, found.get((key, FileFormat.PDF)), found.get((key, FileFormat.XLSX)))
        for key in reports_seen_by(viewer)
    )


#: How often a rule asks, before its title; other periods go without a word.
EVERY = {
    PeriodKind.MONTH: "每月",
    PeriodKind.QUARTER: "每季度",
    PeriodKind.HALF_YEAR: "每半年",
    PeriodKind.YEAR: "每年",
}


def asked_every(period: str, title: str) -> str:
    """The title with how often before it, unless it begins with that itself (每月核查)."""
    return title if title.startswith(("每", "当")) else EVERY.get(PeriodKind(period), "") + title


@dataclass(frozen=True, slots=True)
class RuleColumn:
    pk: int
    title: str
    unit: str


@dataclass(frozen=True, slots=True)
class VerdictCell:
    """One rule on one village; figures are in the rule's own unit.

    ``decides``: falling short is a failing, not only shown.
    """

    pk: int
    decides: bool
    status: VerdictStatus
    required: int
    actual: int


@dataclass(frozen=True, slots=True)
class VillageRow:
    """``cells`` stand in the order of the rules, None where a rule does not judge the village.

    ``advisors`` are all of the month; ``covered`` as in ``covered_on``.
    """

    name: str
    advisors: tuple[str, ...]
    covered: bool
    cells: tuple[VerdictCell | None, ...]

    @property
    def status(self) -> VerdictStatus:
        return month_status(cell.status for cell in self.cells if cell and cell.decides)

    @property
    def at_risk(self) -> bool:
        return any(cell.status == VerdictStatus.AT_RISK for cell in self.cells if cell)


class Shortfall(NamedTuple):
    """A verdict that is not met: what a person has to look at first."""

    village: str
    rule: RuleColumn
    cell: VerdictCell


@dataclass(frozen=True, slots=True)
class TownshipPage:
    township: Township
    months: Months
    closing: Closing
    rules: tuple[RuleColumn, ...]
    villages: tuple[VillageRow, ...]
    papers: tuple[Paper, ...]

    @property
    def stage(self) -> Stage:
        """The township's own stage; what failed elsewhere is the bureau's to know."""
        return self.closing.at(self.township.pk)[0]

    @property
    def summary(self) -> str:
        served = sum(row.covered for row in self.villages)
        cover = f"应服务{len(self.villages)}个村（社区），已配备法律顾问{served}个"
        if self.closing.judged is None:
            return f"{cover}。"
        counts = Counter(row.status for row in self.villages)
        words = (f"{status.label}{counts[status]}个" for status in VerdictStatus if counts[status])
        at_risk = sum(row.at_risk for row in self.villages)
        later = f"有{at_risk}个在本季度或本年度事项上有风险。" if at_risk else ""
        return f"{cover}；{'、'.join(words)}。{later}"

    @property
    def shortfalls(self) -> tuple[Shortfall, ...]:
        return tuple(
            Shortfall(row.name, rule, cell)
            for row in self.villages
            for rule, cell in zip(self.rules, row.cells, strict=True)
            if cell and cell.status == VerdictStatus.NOT_MET
        )


def township_page(
    *, township: Township, month: Period, today: date, viewer: Viewer
) -> TownshipPage:
    stand = closing(bureau=township.bureau, month=month, viewer=viewer)
    rules, cells = _cells_of(stand.judged, township, viewer)
    return TownshipPage(
        township=township,
        months=months(bureau=township.bureau, chosen=month, today=today, viewer=viewer),
        closing=stand,
        rules=rules,
        villages=_village_rows(township, month, today, cells, viewer, rules),
        papers=papers(close=stand.judged, township=township, viewer=viewer),
    )


_Cells = dict[tuple[int, int], VerdictCell]


def _cells_of(
    close: MonthClose | None, township: Township, viewer: Viewer
) -> tuple[tuple[RuleColumn, ...], _Cells]:
    """The rules that judge this township's villages, and each verdict by (village, rule)."""
    if close is None:
        return (), {}
    verdicts = Verdict.objects.visible_to(viewer).filter(
        close=close, scope_township=township, subject_kind=SubjectKind.VILLAGE
    )
    rules: dict[int, RuleColumn] = {}
    cells: _Cells = {}
    for row in verdicts.order_by("rule__position", "pk").values_list(
        *("rule_id", "rule__title", "rule__definition__period", "rule__definition__unit"),
        *("rule__definition__force", "village_id", "pk", "status", "required", "actual"),
    ):
        rule, title, period, unit, force, village, pk, status, required, actual = row
        rules.setdefault(rule, RuleColumn(rule, asked_every(period, title), unit))
        decides = force in DECIDING
        cell = VerdictCell(pk, decides, VerdictStatus(status), int(required), int(actual))
        # of the weeks of a month the gravest is shown; its page leads to the others
        other = cells.get((village, rule), cell)
        cells[village, rule] = min(other, cell, key=lambda each: GRAVITY.index(each.status))
    return tuple(rules.values()), cells


def _village_rows(
    township: Township,
    month: Period,
    today: date,
    cells: _Cells,
    viewer: Viewer,
    rules: Sequence[RuleColumn],
) -> tuple[VillageRow, ...]:
    villages = Village.objects.visible_to(viewer).active().filter(township=township)
    policy = policy_for(township.bureau, month.start)
    covered = covered_on(last_day_known(month, today), policy)
    terms = Appointment.objects.visible_to(viewer).holding().overlapping(month.start, month.end)
    serving: dict[int, list[str]] = {}
    for village, name, suspended in (
        terms.filter(village__township=township)
        .order_by("term", "pk")
        .values_list("village_id", "advisor__name", "suspended_from")
    ):
        paused = suspended is not None and suspended <= last_day_known(month, today)
        serving.setdefault(village, []).append(f"{name}（暂停）" if paused else name)
    return tuple(
        VillageRow(
            name=short_village_name(name),
            advisors=tuple(serving.get(pk, ())),
            covered=covered,
            cells=tuple(cells.get((pk, rule.pk)) for rule in rules),
        )
        for pk, name, covered in villages.order_by("code").values_list("pk", "name", covered)
    )
