"""All villages × twelve months: what was done of what was owed, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.urls import reverse

from advisors.enums import HOLDING
from advisors.models import Appointment
from assessments.desk import last_day_known
from assessments.enums import VerdictStatus
from assessments.figures import Figures, counting, figures, said
from assessments.models import Policy
from lawadvisor.foundation.periods import Period, PeriodKind
from lawadvisor.foundation.viewer import Viewer
from villages.models import Bureau, Village, short_village_name

MONTHS = 12
#: A sign beside the colour, for whoever does not see colours; a word is read aloud.
_SIGNS = {
    VerdictStatus.MET: "✓",
    VerdictStatus.NOT_MET: "×",
    VerdictStatus.PENDING: "?",
    VerdictStatus.AT_RISK: "!",
    VerdictStatus.OPEN: "…",
    VerdictStatus.NOTICE: "·",
    VerdictStatus.NOT_ASSESSED: "-",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the reader wants to see; "" and None ask nothing.

    ``until`` is the last of the months, ``left`` asks for villages that still owe something
    in that month.
    """

    until: Period
    township: str = ""  # its code
    advisor: int | None = None
    klass: str = ""
    left: bool = False


class Square(NamedTuple):
    """A village's month. ``style`` names the look, ``text`` is the figure, ``word`` is read
    aloud; ``link`` "" leads nowhere.
    """

    style: str
    text: str
    sign: str
    word: str
    link: str


@dataclass(frozen=True, slots=True)
class Line:
    """A village; ``covered`` counts its months with an advisor, of ``Matrix.begun``."""

    name: str
    code: str
    township: str
    advisors: tuple[str, ...]
    squares: tuple[Square, ...]
    covered: int


@dataclass(frozen=True, slots=True)
class Choices:
    townships: tuple[tuple[str, str], ...]
    advisors: tuple[tuple[int, str], ...]
    classes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """``coverage`` says per month how many of the villages shown had an advisor on its last
    known day; ``counted`` what the figures are.
    """

    bureau: Bureau
    asked: Asked
    months: tuple[Period, ...]
    lines: tuple[Line, ...]
    coverage: tuple[int, ...]
    villages: int
    counted: str
    choices: Choices
    earlier: Period
    later: Period | None


class _Village(NamedTuple):
    pk: int
    name: str
    code: str
    klass: str
    township_code: str
    township: str


class _Term(NamedTuple):
    village: int
    advisor: int
    name: str
    category: str
    start: date
    end: date | None
    suspended: date | None

    def serves_on(self, day: date, allowed: Sequence[str] | None) -> bool:
        runs = self.start <= day and (self.end is None or day < self.end)
        paused = self.suspended is not None and self.suspended <= day
        return runs and not paused and (allowed is None or self.category in allowed)


def matrix(*, bureau: Bureau, asked: Asked, today: date, viewer: Viewer) -> Matrix:
    months = _months(asked.until)
    policies = list(Policy.objects.filter(bureau=bureau).order_by("-effective_from"))
    villages, terms = _villages(bureau, viewer), _terms(bureau, months, viewer)
    rules = counting(policies)
    known = figures(bureau=bureau, months=months, rules=rules, today=today, viewer=viewer)
    serving = _serving(terms, months, policies, today)
    shown = [v for v in villages if _is_asked(v, asked, terms)]
    lines = [_line(village, terms, serving, known, today) for village in shown]
    if asked.left:
        pairs = zip(shown, lines, strict=True)
        lines = [line for v, line in pairs if known.owes(v.pk, asked.until)]
        kept = {line.code for line in lines}
        shown = [v for v in shown if v.code in kept]
    return Matrix(
        bureau=bureau,
        asked=asked,
        months=months,
        lines=tuple(lines),
        coverage=tuple(sum(v.pk in serving[month] for v in shown) for month in months),
        villages=len(shown),
        counted=said(rules),
        choices=_choices(villages, terms),
        earlier=months[0].previous(),
        later=_later(asked.until, today),
    )


def _months(until: Period) -> tuple[Period, ...]:
    found = [until]
    while len(found) < MONTHS:
        found.append(found[-1].previous())
    return tuple(reversed(found))


def _later(until: Period, today: date) -> Period | None:
    """A year on, at most the running month; None when that is shown already."""
    running = Period.containing(PeriodKind.MONTH, today)
    if until >= running:
        return None
    return min(Period.month(until.start.year + 1, until.start.month), running)


# ---------------------------------------------------------------- places and people


def _villages(bureau: Bureau, viewer: Viewer) -> list[_Village]:
    rows = Village.objects.visible_to(viewer).active().filter(township__bureau=bureau)
    return [
        _Village._make(row)
        for row in rows.order_by("code").values_list(
            "pk", "name", "code", "klass", "township__code", "township__name"
        )
    ]


def _terms(bureau: Bureau, months: Sequence[Period], viewer: Viewer) -> dict[int, list[_Term]]:
    """The terms of each village that touch these months, in the order in which they began."""
    rows = (
        Appointment.objects.visible_to(viewer)
        .filter(village__township__bureau=bureau, status__in=HOLDING)
        .overlapping(months[0].start, months[-1].end)
        .order_by("term", "pk")
        .values_list(
            *("village_id", "advisor_id", "advisor__name", "advisor__category"),
            *("term", "suspended_from"),
        )
    )
    found: dict[int, list[_Term]] = {}
    for village, advisor, name, category, term, suspended in rows:
        own = _Term(village, advisor, name, category, term.lower, term.upper, suspended)
        found.setdefault(village, []).append(own)
    return found


def _serving(
    terms: Mapping[int, list[_Term]],
    months: Sequence[Period],
    policies: Sequence[Policy],
    today: date,
) -> dict[Period, frozenset[int]]:
    """The villages with an advisor on each month's last known day (A24)."""
    found = {}
    for month in months:
        day = last_day_known(month, today)
        policy = next((p for p in policies if p.effective_from <= month.start), None)
        allowed = policy.settings["allowed_categories"] if policy else None
        found[month] = frozenset(
            village
            for village, own in terms.items()
            if month.start <= today and any(term.serves_on(day, allowed) for term in own)
        )
    return found


def _is_asked(village: _Village, asked: Asked, terms: Mapping[int, list[_Term]]) -> bool:
    return (
        asked.township in ("", village.township_code)
        and asked.klass in ("", village.klass)
        and (
            asked.advisor is None
            or any(term.advisor == asked.advisor for term in terms.get(village.pk, ()))
        )
    )


def _line(
    village: _Village,
    terms: Mapping[int, list[_Term]],
    serving: Mapping[Period, frozenset[int]],
    known: Figures,
    today: date,
) -> Line:
    covered = [village.pk in serving[month] for month in known.months]
    return Line(
        name=short_village_name(village.name),
        code=village.code,
        township=village.township,
        advisors=tuple(
            dict.fromkeys(
                term.name
                for term in terms.get(village.pk, ())
                if term.end is None or term.end > min(known.months[-1].last_day, today)
            )
        ),
        squares=tuple(
            _square(known, village, month, has, today)
            for month, has in zip(known.months, covered, strict=True)
        ),
        covered=sum(covered),
    )


def _square(known: Figures, village: _Village, month: Period, covered: bool, today: date) -> Square:
    if month.start > today:
        return Square("none", "", "", "尚未开始", "")
    found = known.answer(village.pk, month)
    if found is not None:
        word = found.status.label if covered else f"{found.status.label}，无法律顾问"
        return Square(str(found.status), found.text, _SIGNS[found.status], word, found.link)
    records = known.records.get((village.pk, month.start), 0)
    if not (covered or records):
        return Square("bare", "无顾问", "", "", "")
    link = reverse("township-month", args=[village.township_code, month])
    return Square("none", f"{records}次", "", "未核算", link)


def _choices(villages: Sequence[_Village], terms: Mapping[int, list[_Term]]) -> Choices:
    people = {term.advisor: term.name for own in terms.values() for term in own}
    return Choices(
        townships=tuple({v.township_code: v.township for v in villages}.items()),
        advisors=tuple(sorted(people.items(), key=lambda pair: (pair[1], pair[0]))),
        classes=tuple(sorted({v.klass for v in villages if v.klass})),
    )
