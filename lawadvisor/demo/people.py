"""Who serves: organisations, advisors with their accounts, and how many villages each takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from advisors.enums import LICENSED, Category, OrganisationKind
from advisors.models import Advisor, Organisation
from lawadvisor.accounts.models import User
from lawadvisor.demo.names import firm_stems, person_names
from lawadvisor.demo.spec import CountySpec
from lawadvisor.foundation.periods import LOCAL_ZONE
from villages.models import Bureau, Village

BATCH = 2000
#: No password fits this; the accounts that people try out get theirs in logins.py.
NO_PASSWORD = "!demo"  # noqa: S105  (that is the point)
#: 最多担任3个村（社区）, for the two licensed categories (ZX-24, A3).
CAP = 3
ADVISORS_PER_ORGANISATION = 7

FIRM_ENDINGS = {
    OrganisationKind.LAW_FIRM: "律师事务所",
    OrganisationKind.LEGAL_SERVICE_OFFICE: "法律服务所",
}
EMPLOYERS = {
    Category.LAWYER: OrganisationKind.LAW_FIRM,
    Category.LEGAL_WORKER: OrganisationKind.LEGAL_SERVICE_OFFICE,
}


@dataclass(frozen=True, slots=True)
class Caseload:
    """The villages of one advisor, at the start of the months."""

    category: Category
    villages: tuple[Village, ...]


def share_out(spec: CountySpec, villages: Sequence[Village]) -> list[Caseload]:
    """Two or three villages each, a retired cadre four; some villages stay without anybody.

    Begins in the largest township, with a lawyer of three villages: his is the demo login.
    """
    rng = spec.stream("caseloads")
    waiting = _served(rng, villages) if spec.flaws else list(villages)
    waiting.sort(key=_largest_township_first(villages))
    loads: list[Caseload] = []
    while waiting:
        category, size = _category_and_size(rng, len(loads))
        loads.append(Caseload(category, tuple(waiting[:size])))
        del waiting[:size]
    return loads


def _served(rng: Random, villages: Sequence[Village]) -> list[Village]:
    """All but one in sixty, a placeholder community (虚拟社区) first."""
    placeholders = [v for v in villages if "虚拟" in v.name]
    others = rng.sample(list(villages), k=max(1, len(villages) // 60))
    left_out = {v.pk for v in (placeholders or others)}
    return [v for v in villages if v.pk not in left_out]


def _largest_township_first(villages: Sequence[Village]) -> Callable[[Village], tuple[int, str]]:
    sizes: dict[int, int] = {}
    for village in villages:
        sizes[village.township_id] = sizes.get(village.township_id, 0) + 1
    return lambda v: (-sizes[v.township_id], v.code)


def _category_and_size(rng: Random, number: int) -> tuple[Category, int]:
    if number == 0:
        return Category.LAWYER, CAP
    if number % 19 == 2:
        return Category.RETIRED_CADRE, CAP + 1
    if number % 13 == 6:
        return Category.BUREAU_STAFF, 2
    category = Category.LAWYER if rng.random() < 0.62 else Category.LEGAL_WORKER
    return category, rng.choices((1, 2, 3), (8, 40, 52))[0]


class Staff:
    """Hires one advisor after the other; ``create`` then writes all of them at once."""

    def __init__(self, spec: CountySpec, bureau: Bureau, expected: int) -> None:
        self.spec = spec
        self.rng = spec.stream("people")
        self.names = person_names(self.rng)
        self.joined = datetime.combine(spec.periods[0].start, time(9), LOCAL_ZONE)
        self.employers = _organisations(spec, bureau, expected)
        self.hired: list[Advisor] = []

    def hire(self, category: Category) -> Advisor:
        number = len(self.hired)
        kind = EMPLOYERS.get(category, OrganisationKind.PUBLIC_BODY)
        name = next(self.names)
        advisor = Advisor(
            organisation=self.rng.choice(self.employers[kind]),
            user=self._account(number, name),
            name=name,
            category=category,
            licence_no=f"演示{self.spec.code}{number + 1:05d}" if category in LICENSED else "",
            practice_start=_practice_start(self.rng, self.joined.date()),
        )
        self.hired.append(advisor)
        return advisor

    def _account(self, number: int, name: str) -> User:
        prefix = self.spec.login_prefix
        return User(
            username=f"{prefix}-advisor" if number == 0 else f"{prefix}-advisor-{number + 1:04d}",
            name=name,
            is_demo=True,
            password=NO_PASSWORD,
            date_joined=self.joined,
        )

    def create(self) -> None:
        organisations = [o for group in self.employers.values() for o in group]
        Organisation.objects.bulk_create(organisations, batch_size=BATCH)
        accounts = [a.user for a in self.hired if a.user is not None]
        User.objects.bulk_create(accounts, batch_size=BATCH)
        Advisor.objects.bulk_create(self.hired, batch_size=BATCH)


def _practice_start(rng: Random, before: date) -> date:
    return before - timedelta(days=rng.randint(2 * 365, 27 * 365))


def _organisations(
    spec: CountySpec, bureau: Bureau, expected: int
) -> dict[OrganisationKind, list[Organisation]]:
    stems = firm_stems(spec.stream("organisations"))
    county = bureau.name.removesuffix("司法局")
    sizes = {
        OrganisationKind.LAW_FIRM: max(3, expected // ADVISORS_PER_ORGANISATION),
        OrganisationKind.LEGAL_SERVICE_OFFICE: max(2, expected // ADVISORS_PER_ORGANISATION // 2),
    }
    found = {
        kind: [
            Organisation(
                bureau=bureau, name=f"{county}{next(stems)}{FIRM_ENDINGS[kind]}", kind=kind
            )
            for _ in range(size)
        ]
        for kind, size in sizes.items()
    }
    body = OrganisationKind.PUBLIC_BODY
    found[body] = [Organisation(bureau=bureau, name=f"{county}公共法律服务中心", kind=body)]
    return found
