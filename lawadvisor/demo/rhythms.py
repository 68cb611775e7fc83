"""Months that go otherwise than by two visits: hours that add up, and service on demand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lawadvisor.demo.customs import Rhythm
from lawadvisor.demo.sessions import AFTERNOON, MORNING, SPARE, MonthPlan, Session
from villages.enums import Terrain

SHORTEST = 40
#: Longer stays begin in the morning.
HALF_DAY = 240
#: Of what is done for a village in the mountains, so much is done online.
ONLINE_IN_MOUNTAINS = 0.55


class HoursInAll(MonthPlan):
    """Stays of different days that add up to what the month asks for, now and then to less."""

    def _duty(self) -> list[Session]:
        stays = self.rng.randint(*self.visits.stays)
        minutes = self.visits.minutes + 5 * self.rng.choice(SPARE)
        if self.rng.random() < self.rates.short_visit:
            minutes -= 5 * self.rng.randint(14, 30)
        parts = self._parts(minutes, stays)
        if self.shortened:
            parts = parts[: -(-stays // 2)]
        elif len(parts) > 1 and self.rng.random() < self.rates.single_visit:
            parts.pop()
        return [session for part in parts for session in self._stay(part)]

    def _parts(self, minutes: int, stays: int) -> list[int]:
        """Whole fives that add up; none is very short."""
        parts: list[int] = []
        for left in range(stays, 1, -1):
            share = minutes / left * self.rng.uniform(0.75, 1.25)
            parts.append(max(SHORTEST, 5 * round(share / 5)))
            minutes -= parts[-1]
        return [*parts, max(SHORTEST, minutes)]

    def _stay(self, minutes: int) -> list[Session]:
        start = MORNING if minutes > HALF_DAY else self.rng.choice((MORNING, AFTERNOON))
        start += 5 * self.rng.randint(0, 12)
        stays = self._placed([(start, start + minutes)])
        if self.rng.random() < self.rates.online_visit:
            return [self._online(stay) for stay in stays]
        return stays

    def _online(self, stay: Session) -> Session:
        return replace(stay, mode=self._online_mode(), no_visitors=False)


class OnDemand(HoursInAll):
    """What is asked for, of any length; a village in the mountains is partly served online."""

    def _duty(self) -> list[Session]:
        stays = [self._asked_for() for _ in range(self.rng.randint(*self.visits.stays))]
        return [session for stay in stays for session in stay]

    def _asked_for(self) -> list[Session]:
        if self._goes_online():
            start = MORNING + 5 * self.rng.randint(0, 110)
            calls = self._placed([(start, start + 5 * self.rng.randint(4, 14))])
            return [self._online(call) for call in calls]
        return self._stay(5 * self.rng.randint(9, 34))

    def _training_stay(self) -> Iterator[Session]:
        for stay in super()._training_stay():
            yield self._online(stay) if self._goes_online() else stay

    def _goes_online(self) -> bool:
        mountain = self.tenure.village.terrain == Terrain.MOUNTAIN
        return mountain and self.rng.random() < ONLINE_IN_MOUNTAINS


PLANS: dict[Rhythm, type[MonthPlan]] = {
    Rhythm.TWO_VISITS: MonthPlan,
    Rhythm.HOURS: HoursInAll,
    Rhythm.ON_DEMAND: OnDemand,
}
