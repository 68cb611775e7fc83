"""The first page of the back office: how the county stands, and where to go from there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from assessments.desk import last_full_month
from assessments.overview import BureauPage, TownshipRow, bureau_page
from assessments.stages import Closing, closing
from lawadvisor.foundation.periods import Period, PeriodKind
from lawadvisor.foundation.roles import Scope, Thing
from lawadvisor.foundation.viewer import Viewer
from villages.models import Bureau


@dataclass(frozen=True, slots=True)
class HomeRow:
    """One township: its running month, and the state of the month before."""

    township: TownshipRow
    before: str  # the style class of the state
    before_label: str
    sentence: str

    @property
    def attended(self) -> int:
        return self.township.villages - self.township.unattended


@dataclass(frozen=True, slots=True)
class Desk:
    """One bureau: ``page`` is its running month, ``before`` how the last full month stands."""

    page: BureauPage
    month: Period
    last: Period
    before: Closing

    @property
    def attended(self) -> int:
        return sum(row.attended for row in self.rows)

    @property
    def rows(self) -> tuple[HomeRow, ...]:
        standing = self.page.standing
        warned = {place.code: place.sentence for place in standing.townships} if standing else {}
        return tuple(
            HomeRow(
                township=row,
                before=(stage := self.before.at(row.pk)[0]),
                before_label=stage.label,
                sentence=_sentence(row, warned.get(row.code, "")),
            )
            for row in self.page.townships
        )

    @property
    def attention(self) -> tuple[HomeRow, ...]:
        return tuple(row for row in self.rows if row.sentence)


def own_desks(*, viewer: Viewer, today: date) -> tuple[Desk, ...]:
    """The desk of the viewer's own bureau; none for whoever looks after many, or sees no
    figures."""
    if viewer.scope is not Scope.BUREAU or not viewer.sees(Thing.FIGURES):
        return ()
    bureaus = Bureau.objects.visible_to(viewer).filter(pk__in=viewer.bureaus)
    return tuple(_desk(bureau, today, viewer) for bureau in bureaus)


def _desk(bureau: Bureau, today: date, viewer: Viewer) -> Desk:
    month, last = Period.containing(PeriodKind.MONTH, today), last_full_month(today)
    return Desk(
        page=bureau_page(bureau=bureau, month=month, today=today, viewer=viewer),
        month=month,
        last=last,
        before=closing(bureau=bureau, month=last, viewer=viewer),
    )


def _sentence(row: TownshipRow, warned: str) -> str:
    """Who has no advisor, and what the daily check warns of; in the running month a village
    without a record is no news."""
    parts = [f"{row.unattended}个村（社区）没有法律顾问。"] if row.unattended else []
    return "".join([*parts, warned])
