"""What a clause asks for, as data.

A rule holds every switch that its text leaves open. A pack sets it, or takes over a default
that is documented in ``defaults`` and printed with the rule. ``None`` in a set of choices
means *any*. The axes: what is measured, over which records, for whom, per what, against
what, where and from when, how strictly, and what happens in part periods and absences.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from lawadvisor.foundation.periods import PeriodKind

UNITS = ("session", "matter", "filing")
MODES = ("on_site", "phone", "wechat", "qq", "app", "other_online")
PURPOSES = ("duty", "mediation", "lecture_only", "other")
MATTERS = (
    *(
        "consultation",
        "mediation",
        "lecture",
        "training",
        "opinion",
        "village_rules",
        "document",
    ),
    *("legal_aid", "petition", "publicity", "litigation", "election", "incident", "contact"),
    "other",
)
FILINGS = (
    *("suggestion_report", "dossier", "journal", "logbook", "online_group", "monthly_check"),
    *("monthly_summary", "half_year_report", "advisor_training", "liaison_training"),
    *("joint_meeting", "annual_review", "guidance_meeting", "inspection", "campaign"),
    "zero_report",
)
#: What a record can show for itself: filled fields, a photo, who took part, what was taught.
EVIDENCE = (
    *("photo", "client", "phone", "content", "method", "result", "focus", "place", "audience"),
    *("cadres", "grid_workers", "mediators", "legal_literates"),
    *("township_leaders", "office_head", "villagers", "youth"),
    *("advisors", "liaisons", "office_staff"),
    *("state_policy", "local_conditions", "legal_practice"),
    *("necessity", "work_system", "cooperation"),
    *("ethics", "discipline", "mediation_skill", "case_files"),
)
LADDER = ("submitted", "confirmed", "reviewed")  # below it draft, beside it returned
RECEIVED = "received"  # the last step of a filing
CATEGORIES = (
    *("lawyer", "legal_worker", "bureau_staff", "retired_cadre", "retired_judge"),
    *("retired_prosecutor", "legal_scholar", "legal_aid_staff", "notary"),
)
VILLAGE_KINDS = ("village", "community")
TERRAINS = ("plain", "mountain")
NOON = 12 * 60


class Measure(StrEnum):
    EVENTS = "events"
    MINUTES = "minutes"
    DISTINCT_DAYS = "distinct_days"  # ``day`` says what makes one
    HALF_DAYS = "half_days"  # mornings and afternoons, likewise
    DISTINCT_TOPICS = "distinct_topics"
    COMPLETE = "complete"  # records that show all that ``complete`` names
    DOCUMENTS = "documents"
    DUE_DATES = "due_dates"  # dates by which a document was there
    SHARE = "share"  # villages that have something, of all villages
    CONCURRENT = "concurrent"  # villages of one advisor, or advisors of one village, on one day


class Bound(StrEnum):
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    EXACTLY = "exactly"
    TARGET = "target"  # aimed at: less is shown, and never a failure
    SHARE = "share"  # target in per cent of the whole, rounded up to a whole one


class Subject(StrEnum):
    APPOINTMENT = "appointment"
    ADVISOR = "advisor"
    VILLAGE = "village"
    TEAM = "team"
    ORGANISATION = "organisation"
    TOWNSHIP = "township"  # the judicial office works for the same area
    BUREAU = "bureau"


class Force(StrEnum):
    HARD = "hard"
    SOFT = "soft"  # a named person may let it pass with a reason; it stays listed
    WARNING = "warning"
    INFORMATION = "information"


#: Where falling short is a failing; the others only show.
DECIDING = frozenset({Force.HARD, Force.SOFT})


class Join(StrEnum):
    """What is put together before the minimum length is asked; breaks are never counted."""

    EACH = "each"
    STAY = "stay"  # one advisor, one village, one day (A9)
    VILLAGE_DAY = "village_day"  # all advisors together; shared time counts once
    ADVISOR_DAY = "advisor_day"  # one advisor, one day, all villages


class SameDay(StrEnum):
    ONCE = "once"  # at most one a day and village
    EVERY = "every"


class PartMode(StrEnum):
    """A term that covers only part of the period (A12)."""

    FULL = "full"  # full quota, however short
    WAIVE = "waive"  # full quota from min_share on, below it not assessed
    PRORATE = "prorate"  # minutes only: ceiling of quota × active days ÷ days


class Having(StrEnum):
    APPOINTMENT = "effective_appointment"  # on the last day known (A24)
    RECORD = "record"  # at least one record that passes the filter


class Late(StrEnum):
    """What a document does that came after its due date."""

    COUNTS = "counts"
    REFUSED = "refused"


class Over(StrEnum):
    """Whether each record must be complete, or all together."""

    EACH = "each"
    TOGETHER = "together"


class Credit(StrEnum):
    """Whose records fulfil an appointment's duty (A14)."""

    OWN = "own"
    TEAM = "team"  # of the same team in the same village
    VILLAGE = "village"


class Excused(StrEnum):
    """What the days of an excused absence do."""

    INACTIVE = "inactive"  # they are no days of service, as if suspended
    ACTIVE = "active"


class Substitute(StrEnum):
    """Whom the records of a named substitute help; the village always."""

    OWN = "own"
    ABSENT = "absent"  # the absent too


class Basis(StrEnum):
    TEXT = "text"
    BUREAU = "bureau"  # a number that no text gives


@dataclass(frozen=True)
class Filter:
    """Which records count."""

    unit: str
    kinds: frozenset[str] | None
    modes: frozenset[str] | None
    purposes: frozenset[str] | None
    min_minutes: int  # of each, after joining
    evidence: frozenset[str]  # all of these must be attached
    state: str  # counts from this step of LADDER on
    entered_within: int | None  # days from service to entry


@dataclass(frozen=True)
class Joining:
    join: Join
    same_day: SameDay


@dataclass(frozen=True)
class Part:
    mode: PartMode
    min_share: Fraction | None  # of the period's days; None unless mode is waive
    basis: Basis


@dataclass(frozen=True)
class Day:
    """What makes a day, or a half-day, that counts."""

    per_village: bool  # the same day in two villages is two
    min_minutes: int  # in it, together; 0 is any stay
    noon: int  # minutes after midnight; parts the half-days


@dataclass(frozen=True)
class Complete:
    needs: tuple[str, ...]  # of EVIDENCE
    over: Over
    entered_within: int | None  # days from service to entry; None asks nothing


@dataclass(frozen=True)
class Due:
    """Dates by which a document must be there.

    ``month_days`` are (month, day) of a year; ``after`` are days after the period's last
    one, 0 being that day itself. One of the two is empty.
    """

    month_days: tuple[tuple[int, int], ...]
    after: tuple[int, ...]
    late: Late


@dataclass(frozen=True)
class Persons:
    credit: Credit
    excused: Excused
    substitute: Substitute


@dataclass(frozen=True)
class Phase:
    """From when the rule binds a part of the places."""

    start: date
    codes: tuple[str, ...] | None  # beginnings of division codes
    classes: frozenset[str] | None
    terrains: frozenset[str] | None


@dataclass(frozen=True)
class Applies:
    categories: frozenset[str] | None
    village_kinds: frozenset[str] | None
    classes: frozenset[str] | None
    terrains: frozenset[str] | None
    start: date
    until: date | None  # half-open; None is open
    codes: tuple[str, ...] | None = None  # beginnings of division codes
    volunteers: bool = False
    phases: tuple[Phase, ...] = ()  # () is everywhere from ``start`` on

    def in_force(self, day: date) -> bool:
        """A period is judged by the rules in force on its first day (A47)."""
        return self.start <= day and (self.until is None or day < self.until)


@dataclass(frozen=True)
class Rule:
    """``tightens`` names the rule that this stricter one replaces where it applies.

    ``inherited`` holds the dotted keys that the pack left to the documented defaults.
    """

    key: str
    title: str
    clause: str
    phrase: str  # the words of the text it rests on
    basis: Basis
    force: Force
    measure: Measure
    unit: str  # what one of it is called: 次, 分钟, 份, 个村
    subjects: tuple[Subject, ...]
    period: PeriodKind
    bound: Bound
    target: int
    applies: Applies
    records: Filter | None
    joining: Joining | None
    part: Part | None
    having: Having | None
    persons: Persons | None = None
    day: Day | None = None
    complete: Complete | None = None
    due: Due | None = None
    window: tuple[date, date] | None = None  # first and last day
    tightens: str = ""
    inherited: frozenset[str] = frozenset()


PERSONAL = frozenset({Subject.APPOINTMENT, Subject.ADVISOR, Subject.TEAM, Subject.ORGANISATION})


def needed_tables(
    measure: Measure,
    subjects: tuple[Subject, ...],
    having: Having | None,
    period: PeriodKind,
) -> frozenset[str]:
    """Which of the optional tables this combination has; the others would make no sense."""
    tables = set()
    if measure is Measure.SHARE:
        tables.add("having")
    if measure is not Measure.CONCURRENT and (measure is not Measure.SHARE or having == "record"):
        tables |= {"records", "joining"}
    if PERSONAL.intersection(subjects) and measure not in (Measure.SHARE, Measure.CONCURRENT):
        tables |= {"part", "persons"}
    if measure in (Measure.DISTINCT_DAYS, Measure.HALF_DAYS):
        tables.add("day")
    if measure is Measure.COMPLETE:
        tables.add("complete")
    if measure is Measure.DUE_DATES:
        tables.add("due")
    if period is PeriodKind.WINDOW:
        tables.add("window")
    return frozenset(tables)
