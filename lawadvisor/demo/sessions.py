"""When an advisor was in a village, and how it went: times and flaws, still without words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from random import Random

from lawadvisor.demo.diary import Diary, working_days
from lawadvisor.demo.lectures import Lecture
from lawadvisor.demo.months import MonthOfRecords
from lawadvisor.demo.tenures import Tenure
from worklogs.enums import Mode, Purpose

Span = tuple[int, int]
ONLINE_MODES = (Mode.WECHAT, Mode.PHONE, Mode.QQ, Mode.APP, Mode.OTHER_ONLINE)
ONLINE_WEIGHTS = (50, 32, 8, 7, 3)
MORNING, AFTERNOON, EVENING = 8 * 60, 13 * 60, 17 * 60 + 30
VISITS_A_MONTH = 2
FULL_VISIT = 240


@dataclass(frozen=True, slots=True)
class Session:
    """One stay or one call; ``start`` and ``end`` are minutes since midnight of ``day``."""

    day: date
    start: int
    end: int
    mode: Mode = Mode.ON_SITE
    purpose: Purpose = Purpose.DUTY
    no_visitors: bool = False
    lecture: Lecture | None = None
    training: bool = False
    contact: bool = False


@dataclass(frozen=True, slots=True)
class Agenda:
    """What a village is due in a month besides the visits; ``lecture`` None is none."""

    lecture: Lecture | None = None
    training: bool = False


class MonthPlan:
    """One tenure's sessions in one month, by two visits of four hours."""

    def __init__(self, tenure: Tenure, month: MonthOfRecords, diary: Diary, agenda: Agenda) -> None:
        self.rng: Random = diary.rng
        self.tenure, self.diary, self.agenda = tenure, diary, agenda
        self.rates, self.visits = month.rates, month.customs.visits
        self.days = tuple(d for d in working_days(month.period) if tenure.serves_on(d))
        self.taken: set[date] = set()
        self.shortened = tenure.days_served(month.period) * 2 < month.period.days

    def sessions(self, records: int) -> Iterator[Session]:
        """``records`` sessions without flaws, about as many with them."""
        if self.rng.random() < self.rates.missing_month:
            return
        visits = self._with_lecture(self._duty())
        yield from visits
        if self.agenda.training:
            yield from self._training_stay()
        extras = records - VISITS_A_MONTH + (self.rng.random() < self.rates.extra_record)
        for _ in range(extras):
            yield from self._extra()
        if self.visits.contacts and self.rng.random() < self.visits.contacts:
            yield from (replace(call, contact=True) for call in self._call())

    def _duty(self) -> list[Session]:
        """What the month asks for, with its flaws."""
        return [session for _ in range(self._visits()) for session in self._visit()]

    def _visits(self) -> int:
        few = self.shortened or self.rng.random() < self.rates.single_visit
        return VISITS_A_MONTH - few

    def _visit(self) -> list[Session]:
        """One duty visit, as it should be or with one flaw."""
        rates, chance = self.rates, self.rng.random()
        for rate, make in (
            (rates.short_visit, self._short),
            (rates.split_visit, self._split),
            (rates.split_too_short, self._split_too_short),
            (rates.online_visit, self._online_instead),
        ):
            if chance < rate:
                return make()
            chance -= rate
        return self._placed([self._half_day(FULL_VISIT + 5 * self.rng.choice(SPARE))])

    def _short(self) -> list[Session]:
        minutes = self.rng.choice((235, 230, 230, 230, 225, 220, 210, 195, 180))
        return self._placed([self._half_day(minutes)])

    def _split(self) -> list[Session]:
        """Two stays of one day that make a visit together."""
        first = 5 * self.rng.randint(22, 32)
        return self._two_stays(first, FULL_VISIT - first + 5 * self.rng.randint(0, 6))

    def _split_too_short(self) -> list[Session]:
        first = 5 * self.rng.randint(18, 24)
        return self._two_stays(first, FULL_VISIT - first - 5 * self.rng.randint(1, 8))

    def _two_stays(self, first: int, second: int) -> list[Session]:
        morning = MORNING + 5 * self.rng.randint(6, 18)
        afternoon = AFTERNOON + 5 * self.rng.randint(6, 18)
        return self._placed([(morning, morning + first), (afternoon, afternoon + second)])

    def _online_instead(self) -> list[Session]:
        span = self._half_day(5 * self.rng.randint(36, 54))
        calls = self._placed([span])
        return [replace(call, mode=self._online_mode(), no_visitors=False) for call in calls]

    def _half_day(self, minutes: int) -> Span:
        start = self.rng.choice((MORNING, MORNING, AFTERNOON)) + 5 * self.rng.randint(0, 18)
        return start, start + minutes

    def _placed(
        self, spans: list[Span], purpose: Purpose = Purpose.DUTY, *, same_day: bool = False
    ) -> list[Session]:
        """The spans on one day of their own; nothing when no such day is left."""
        day = self.diary.find_day(self.days, spans, set() if same_day else self.taken)
        if day is None:
            return []
        self.taken.add(day)
        return [
            Session(day, start, end, purpose=purpose, no_visitors=self._nobody_came(purpose))
            for start, end in spans
        ]

    def _nobody_came(self, purpose: Purpose) -> bool:
        return purpose == Purpose.DUTY and self.rng.random() < self.rates.no_visitors

    def _online_mode(self) -> Mode:
        return self.rng.choices(ONLINE_MODES, ONLINE_WEIGHTS)[0]

    def _with_lecture(self, visits: list[Session]) -> list[Session]:
        """The lecture inside a visit, or in a stay of its own when there is none to hold it."""
        if self.agenda.lecture is None:
            return visits
        hosts = [n for n, s in enumerate(visits) if s.mode == Mode.ON_SITE]
        if not hosts or self.rng.random() < self.rates.lecture_only:
            return visits + self._lecture_stay()
        host = self.rng.choice(hosts)
        visits[host] = replace(visits[host], lecture=self.agenda.lecture, no_visitors=False)
        return visits

    def _lecture_stay(self) -> list[Session]:
        start = self.rng.choice((MORNING + 30, AFTERNOON + 60, EVENING)) + 5 * self.rng.randint(
            0, 12
        )
        span = (start, start + 5 * self.rng.randint(12, 26))
        stays = self._placed([span], Purpose.LECTURE_ONLY)
        return [replace(stay, lecture=self.agenda.lecture) for stay in stays]

    def _extra(self) -> list[Session]:
        """What comes beside the duty visits: mostly a call, sometimes a mediation or a walk."""
        chance = self.rng.random()
        if chance < self.visits.calls:
            return self._call()
        start = self.rng.choice((MORNING, AFTERNOON)) + 5 * self.rng.randint(6, 30)
        mediation = chance < self.visits.calls + self.visits.mediations
        purpose = Purpose.MEDIATION if mediation else Purpose.OTHER
        return self._placed([(start, start + 5 * self.rng.randint(10, 34))], purpose)

    def _call(self) -> list[Session]:
        start = 5 * self.rng.randint(8 * 12, 21 * 12)
        calls = self._placed([(start, start + 5 * self.rng.randint(2, 9))], same_day=True)
        return [replace(c, mode=self._online_mode(), no_visitors=False) for c in calls]

    def _training_stay(self) -> Iterator[Session]:
        """A stay of its own, with those who are trained."""
        start = self.rng.choice((MORNING + 60, AFTERNOON + 60)) + 5 * self.rng.randint(0, 12)
        span = (start, start + 5 * self.rng.randint(14, 28))
        for stay in self._placed([span], Purpose.OTHER):
            yield replace(stay, training=True)


#: Steps of five minutes that a visit lasts beyond four hours; often none at all.
SPARE = (0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 6, 7, 8, 9, 10, 12, 15, 18)
