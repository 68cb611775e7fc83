"""T2, the month's review: a row for each village and advisor, what asks for a look first.

Read in a fixed number of queries, whatever the size of the township. What a client said is not
on this page: each matter has a page of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet

from advisors.models import Appointment
from assessments.checking import checks_asked
from assessments.handing import Standing, due_day, standing
from assessments.models import MonthClose, MonthDesk, MonthlyCheck, Policy, Reopening
from assessments.quota.rules import Subject
from assessments.quota.words import duration
from assessments.reports.activity import SUBMITTED
from assessments.review.missing import Missing, missing_in
from assessments.review.oddities import Asked
from assessments.review.records import Record, asked_by, records_of
from assessments.selectors import policy_for
from lawadvisor.foundation.periods import Period
from lawadvisor.foundation.viewer import Viewer
from villages.models import Township, Village, short_village_name
from worklogs.enums import (
    FilingKind,
    FilingState,
    LogState,
    MatterKind,
    Mode,
)
from worklogs.models import Filing


@dataclass(frozen=True, slots=True)
class Row:
    """One advisor in one village; ``advisor`` "" and ``appointment`` 0: nobody serves there.

    ``zero`` is why the advisor stated that nothing was done, "" where he did not;
    ``missing`` is what the policy asks of the month and was not done. ``shut``: the month is
    closed and this village is not open again.
    """

    appointment: int
    code: str
    village: str
    advisor: str
    records: tuple[Record, ...]
    zero: str
    missing: tuple[str, ...]
    checks: tuple[MonthlyCheck, ...]
    shut: bool

    @property
    def words(self) -> tuple[str, ...]:
        """All reasons to look at the row; each once, the row's own first."""
        if not self.appointment:
            return ("无法律顾问",)
        none = () if self.counted or self.zero else ("本月没有服务记录，也没有零申报",)
        found = [word for record in self.records if record.waits for word in record.words]
        return tuple(dict.fromkeys((*none, *self.missing, *found)))

    @property
    def counted(self) -> tuple[Record, ...]:
        return tuple(record for record in self.records if record.state in SUBMITTED)

    @property
    def waiting(self) -> tuple[Record, ...]:
        return tuple(record for record in self.records if record.waits)

    @property
    def reviewed(self) -> int:
        return sum(record.state == LogState.REVIEWED for record in self.records)

    @property
    def confirmed(self) -> int:
        return sum(
            record.state in (LogState.CONFIRMED, LogState.REVIEWED) for record in self.counted
        )

    @property
    def returned(self) -> int:
        return sum(record.state == LogState.RETURNED for record in self.records)

    @property
    def visits(self) -> int:
        return sum(record.mode == Mode.ON_SITE for record in self.counted)

    @property
    def minutes(self) -> int:
        return sum(record.minutes for record in self.counted if record.mode == Mode.ON_SITE)

    @property
    def hours(self) -> str:
        return duration(self.minutes)

    @property
    def lectures(self) -> int:
        kinds = [matter.kind for record in self.counted for matter in record.matters]
        return kinds.count(MatterKind.LECTURE)


class Order(NamedTuple):
    """By what the rows are sorted; ``word`` stands in the address, "" is the usual one."""

    word: str
    label: str
    key: Callable[[Row], Any]


#: What is little comes first: it asks for a look. A row that was verified keeps its place, where
#: the clerk's eye and the keyboard still are.
ORDERS = (
    Order("", "异常多的在前", lambda row: -len(row.words)),
    Order("village", "村（社区）", lambda row: row.code),
    Order("advisor", "顾问", lambda row: row.advisor),
    Order("visits", "次数少的在前", lambda row: row.visits),
    Order("hours", "时长短的在前", lambda row: row.minutes),
    Order("confirmed", "未确认多的在前", lambda row: row.confirmed - len(row.counted)),
)


@dataclass(frozen=True, slots=True)
class Table:
    """The whole page. ``asked`` None: no policy was in force, and nothing is asked.

    ``to_check``: whom the policy wants checked each month, None where it wants nobody.
    """

    township: Township
    month: Period
    standing: Standing
    rows: tuple[Row, ...]
    asked: Asked | None
    to_check: Subject | None
    order: Order

    @property
    def odd(self) -> tuple[Row, ...]:
        """Rows to look at, before all others however they are ordered."""
        return tuple(sorted((row for row in self.rows if row.words), key=self.order.key))

    @property
    def plain(self) -> tuple[Row, ...]:
        return tuple(sorted((row for row in self.rows if not row.words), key=self.order.key))

    @property
    def clean(self) -> tuple[Record, ...]:
        """What waits and nobody need look at, in rows that may be moved."""
        return tuple(record for row in self._open for record in row.waiting if not record.words)

    @property
    def to_look_at(self) -> tuple[tuple[Row, Record], ...]:
        return tuple((row, record) for row in self._open for record in row.waiting if record.words)

    @property
    def waiting(self) -> int:
        return sum(len(row.waiting) for row in self.rows)

    @property
    def unchecked(self) -> tuple[Row, ...]:
        """Rows that the policy wants checked and nobody has; of a village the first one."""
        if self.to_check is None:
            return ()
        by_village = self.to_check is Subject.VILLAGE
        rows = {row.code if by_village else row.appointment: row for row in reversed(self.rows)}
        found = [row for row in rows.values() if by_village or row.appointment]
        return tuple(row for row in reversed(found) if not row.checks)

    @property
    def _open(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if not row.shut)


def review_table(
    *,
    township: Township,
    month: Period,
    today: date,
    now: datetime,
    viewer: Viewer,
    order: str = "",
) -> Table:
    """``order`` is one of ``ORDERS`` by its word; another is the usual one."""
    policy = policy_for(township.bureau, month.start)
    stand = standing_of(township, month, policy)
    appointments = _appointments(township, month, viewer)
    asked = asked_by(policy)
    records = records_of(township, month, viewer, asked)
    return Table(
        township=township,
        month=month,
        standing=stand,
        rows=tuple(
            _rows(
                places=_places(township, viewer),
                appointments=appointments,
                records=records,
                zero=_zero(township, month, viewer),
                checks=_checks(township, month, viewer),
                missing=missing_in(township, month, today),
                shut=_shut(township, month, stand, now),
            )
        ),
        asked=asked,
        to_check=checks_asked(township, month),
        order=next((each for each in ORDERS if each.word == order), ORDERS[0]),
    )


def standing_of(township: Township, month: Period, policy: Policy | None) -> Standing:
    """In two queries."""
    desk = MonthDesk.objects.filter(township=township, month=month.start).first()
    closes = MonthClose.objects.filter(bureau=township.bureau_id, month=month.start)
    ends = list(closes.order_by().values_list("closed_at", flat=True))
    return standing(desk, closed=bool(ends), due=due_day(policy, month), whole=any(ends))


class _Term(NamedTuple):
    pk: int
    village: int
    advisor_id: int
    advisor: str


def _places(township: Township, viewer: Viewer) -> list[tuple[int, str, str]]:
    villages = Village.objects.visible_to(viewer).active().filter(township=township)
    return list(villages.order_by("code").values_list("pk", "code", "name"))


def _appointments(township: Township, month: Period, viewer: Viewer) -> list[_Term]:
    terms = Appointment.objects.visible_to(viewer).holding().overlapping(month.start, month.end)
    rows = terms.filter(village__township=township).order_by("term", "pk")
    return [
        _Term._make(row)
        for row in rows.values_list("pk", "village_id", "advisor_id", "advisor__name")
    ]


def _rows(
    *,
    places: Sequence[tuple[int, str, str]],
    appointments: Sequence[_Term],
    records: Mapping[int, Sequence[Record]],
    zero: Mapping[tuple[int, int], str],
    checks: Mapping[tuple[int, int], Sequence[MonthlyCheck]],
    missing: Missing,
    shut: Collection[int],
) -> Iterable[Row]:
    serving: dict[int, list[_Term]] = {}
    for term in appointments:
        serving.setdefault(term.village, []).append(term)
    for village, code, name in places:
        for term in serving.get(village) or [_Term(0, village, 0, "")]:
            yield Row(
                appointment=term.pk,
                code=code,
                village=short_village_name(name),
                advisor=term.advisor,
                records=tuple(records.get(term.pk, ())),
                zero=zero.get((village, term.advisor_id), ""),
                missing=missing.of(term.pk, village),
                checks=(
                    *checks.get((village, 0), ()),
                    *(checks.get((village, term.advisor_id), ()) if term.advisor_id else ()),
                ),
                shut=village in shut,
            )


def _zero(township: Township, month: Period, viewer: Viewer) -> dict[tuple[int, int], str]:
    """The statements that stand, by village and advisor."""
    found = zero_reports(Filing.objects.visible_to(viewer), month).filter(
        village__township=township
    )
    return {
        (village, advisor): body
        for village, advisor, body in found.values_list("village_id", "advisor_id", "body")
    }


def zero_reports(filings: QuerySet[Filing], month: Period) -> QuerySet[Filing]:
    """Those of them that state that a month needed nothing, and were not withdrawn."""
    own = filings.filter(kind=FilingKind.ZERO_REPORT, period_start=month.start)
    return own.exclude(state=FilingState.WITHDRAWN)


def _checks(
    township: Township, month: Period, viewer: Viewer
) -> dict[tuple[int, int], list[MonthlyCheck]]:
    """By village and advisor, 0 where the village was checked as a whole."""
    own = MonthlyCheck.objects.visible_to(viewer).filter(
        filing__village__township=township, filing__period_start=month.start
    )
    found: dict[tuple[int, int], list[MonthlyCheck]] = {}
    for check in own.select_related("filing").order_by("pk"):
        key = check.filing.village_id or 0, check.filing.advisor_id or 0
        found.setdefault(key, []).append(check)
    return found


def _shut(township: Township, month: Period, stand: Standing, now: datetime) -> Collection[int]:
    """The villages whose records stay as they are."""
    if stand.reviewing:
        return frozenset()
    villages = frozenset(township.villages.values_list("pk", flat=True))
    if not stand.closed:
        return villages
    again = Reopening.objects.open_at(now).filter(village__in=villages, month=month.start)
    return villages - frozenset(again.values_list("village_id", flat=True))
