"""R3 配备覆盖率表: a line per township, then every village without an advisor.

Clauses: 有效配备比例达100% (ZX-04), 100%的村（社区）聘请法律顾问 (CZ-09, CZ-17),
覆盖所有居村（社区） (SH-08, SH-67). Covered is who has an advisor of an allowed category on the
month's last day (A24).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef

from advisors.models import Appointment
from assessments.desk import covered_on, last_day_known
from assessments.enums import ReportKey
from assessments.reports.activity import SUBMITTED
from assessments.reports.desk import ReportDesk
from lawadvisor.foundation.periods import local_date
from lawadvisor.foundation.tables import Column, Document, Kind, section
from villages.models import Village
from worklogs.models import ServiceLog


@dataclass(frozen=True, slots=True)
class Place:
    """One village on the day; ``since`` is its first day without an advisor, None: since ever."""

    name: str
    township: int
    covered: bool
    served: bool
    since: date | None


@dataclass(frozen=True, slots=True)
class Line:
    """One township's villages, counted."""

    township: str
    villages: int
    covered: int
    served: int

    @property
    def open(self) -> int:
        return self.villages - self.covered


@dataclass(frozen=True, slots=True)
class OpenLine:
    """A village without an advisor; ``days`` None: it never had one."""

    township: str
    village: str
    since: date | None
    days: int | None
    served: str


COLUMNS = (
    Column("seq", "序号", Kind.SEQ, 2),
    Column("township", "镇街", width=8),
    Column("villages", "应配备村（社区）", Kind.INT, 5, total=True),
    Column("covered", "已配备", Kind.INT, 4, total=True),
    Column("rate", "覆盖率", Kind.STATUS, 4, get=lambda line: rate(line.covered, line.villages)),
    Column("open", "未配备", Kind.INT, 4, total=True),
    Column("served", "本月已服务", Kind.INT, 5, total=True),
    Column(
        "served_rate", "服务率", Kind.STATUS, 4, get=lambda line: rate(line.served, line.villages)
    ),
)
OPEN_COLUMNS = (
    Column("seq", "序号", Kind.SEQ, 2),
    Column("township", "镇街", width=8),
    Column("village", "村（社区）", width=9),
    Column("since", "未配备起始日", Kind.DATE, 6),
    Column("days", "至月末未配备天数", Kind.INT, 6),
    Column("served", "本月服务", Kind.STATUS, 4),
)


def collect(desk: ReportDesk) -> Document:
    """The villages of one township, or of the bureau, on the month's last day."""
    places = _places(desk)
    day = last_day_known(desk.close.period, local_date(desk.close.opened_at))
    gaps = [
        OpenLine(
            township=desk.township_names[place.township],
            village=place.name,
            since=place.since,
            days=(day - place.since).days + 1 if place.since else None,
            served="有" if place.served else "无",
        )
        for place in places
        if not place.covered
    ]
    note = "未配备起始日为空的，从未登记过法律顾问。"
    return desk.document(
        ReportKey.COVERAGE,
        sections=(
            section(COLUMNS, _by_township(desk, places), title="一、覆盖情况"),
            section(
                OPEN_COLUMNS, gaps, title="二、未配备的村（社区）", notes=(note,) if gaps else ()
            ),
        ),
        lead=_lead(places, day),
        measure="单位：个、天",
    )


def rate(part: int, whole: int) -> str:
    """A share with one decimal, cut and never rounded up: 100% is all of them; "—" of nothing."""
    return f"{part * 1000 // whole / 10:.1f}%" if whole else "—"


def _places(desk: ReportDesk) -> list[Place]:
    """Three queries, whatever the number of villages."""
    month, known = desk.close.period, desk.close.opened_at
    day = last_day_known(month, local_date(known))
    served = ServiceLog.objects.within(month).filter(
        appointment__village=OuterRef("pk"), state__in=SUBMITTED, entered_at__lt=known
    )
    villages = desk.villages().annotate(
        is_covered=covered_on(day, desk.close.policy), is_served=Exists(served)
    )
    rows = list(
        villages.order_by("code").values_list("pk", "name", "township", "is_covered", "is_served")
    )
    since = _ends(desk, [pk for pk, *_, covered, _ in rows if not covered], day)
    return [
        Place(Village(name=name).short_name, township, covered, is_served, since.get(pk))
        for pk, name, township, covered, is_served in rows
    ]


def _ends(desk: ReportDesk, villages: Sequence[int], day: date) -> dict[int, date]:
    """The first day after each village's last term that counted."""
    allowed = desk.close.policy.settings["allowed_categories"]
    terms = Appointment.objects.holding().filter(
        village__in=villages, advisor__category__in=allowed, term__startswith__lte=day
    )
    found: dict[int, date] = {}
    for term in terms:
        ends = [each for each in (term.ends_before, term.suspended_from) if each is not None]
        if ends:
            end = max(min(ends), term.starts_on)
            found[term.village_id] = max(found.get(term.village_id, end), end)
    return found


def _by_township(desk: ReportDesk, places: Sequence[Place]) -> Iterable[Line]:
    for pk, name in desk.township_names.items():
        own = [place for place in places if place.township == pk]
        if desk.township is None or desk.township.pk == pk:
            yield Line(
                township=name,
                villages=len(own),
                covered=sum(place.covered for place in own),
                served=sum(place.served for place in own),
            )


def _lead(places: Sequence[Place], day: date) -> tuple[str, ...]:
    if not places:
        return ("还没有登记村（社区）。",)
    covered = sum(place.covered for place in places)
    served = sum(place.served for place in places)
    whole = len(places)
    said = (
        f"截至{day:%Y年%-m月%-d日}，应配备法律顾问的村（社区）{whole}个，已配备{covered}个，"
        f"覆盖率{rate(covered, whole)}；本月已服务{served}个，服务率{rate(served, whole)}。"
    )
    return (said, "各村（社区）均已配备法律顾问。") if covered == whole else (said,)
