"""When an advisor was in a village, and how it went: times and flaws, still without words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from random import Random

from lawadvisor.demo.diary import Diary, working_days
from lawadvisor.demo.lectures import Lecture
from lawadvisor.demo.spec import Flaws
from lawadvisor.demo.tenures import Tenure
from lawadvisor.foundation.periods import Period
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


class MonthPlan:
    """One tenure's sessions in one month; ``lecture`` is what the village is due, or None."""

    def __init__(
        self, tenure: Tenure, period: Period, diary: Diary, rates: Flaws, lecture: Lecture | None
    ) -> None:
        self.rng: Random = diary.rng
        self.diary, self.rates, self.lecture = diary, rates, lecture
        self.days = tuple(
            d for d in working_days(period) if tenure.start <= d < tenure.serves_until
        )
        self.taken: set[date] = set()
        self.shortened = period.days_shared(tenure.start, tenure.serves_until) * 2 < period.days

    def sessions(self, records: int) -> Iterator[Session]:
        """``records`` sessions without flaws, about as many with them."""
        if self.rng.random() < self.rates.missing_month:
            return
        visits = [session for _ in range(self._visits()) for session in self._visit()]
        yield from self._with_lecture(visits)
        extras = records - VISITS_A_MONTH + (self.rng.random() < self.rates.extra_record)
        for _ in range(extras):
            yield from self._extra()

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
        return self._placed([self._half_day(FULL_VISIT + 5 * self.rng.choice(_SPARE))])

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
        if self.lecture is None:
            return visits
        hosts = [n for n, s in enumerate(visits) if s.mode == Mode.ON_SITE]
        if not hosts or self.rng.random() < self.rates.lecture_only:
            return visits + self._lecture_stay()
        host = self.rng.choice(hosts)
        visits[host] = replace(visits[host], lecture=self.lecture, no_visitors=False)
        return visits

    def _lecture_stay(self) -> list[Session]:
        start = self.rng.choice((MORNING + 30, AFTERNOON + 60, EVENING)) + 5 * self.rng.randint(
            0, 12
        )
        span = (start, start + 5 * self.rng.randint(12, 26))
        stays = self._placed([span], Purpose.LECTURE_ONLY)
        return [replace(stay, lecture=self.lecture) for stay in stays]

    def _extra(self) -> list[Session]:
        """What comes beside the duty visits: mostly a call, sometimes a mediation or a walk."""
        chance = self.rng.random()
        if chance < 0.62:
            start = 5 * self.rng.randint(8 * 12, 21 * 12)
            calls = self._placed([(start, start + 5 * self.rng.randint(2, 9))], same_day=True)
            return [replace(c, mode=self._online_mode(), no_visitors=False) for c in calls]
        start = self.rng.choice((MORNING, AFTERNOON)) + 5 * self.rng.randint(6, 30)
        purpose = Purpose.MEDIATION if chance < 0.88 else Purpose.OTHER
        return self._placed([(start, start + 5 * self.rng.randint(10, 34))], purpose)


#: Steps of five minutes that a visit lasts beyond four hours; often none at all.
_SPARE = (0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 6, 7, 8, 9, 10, 12, 15, 18)
