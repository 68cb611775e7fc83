"""Who serves: organisations, advisors with their accounts, and how many villages each takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from random import Random

from advisors.enums import LICENSED, Category, Education, OrganisationKind
from advisors.models import Advisor, Organisation, ServiceTeam
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
#: The caseload that is one village larger than the cap, where a place has such an exception.
BEYOND_CAP = 2
#: Where practice is asked for, everybody has so many days more of it.
MORE_PRACTICE = timedelta(days=400)

#: 大专, 本科, 研究生.
EDUCATION_WEIGHTS = (18, 64, 18)
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
    """The villages of one advisor, at the start of the months.

    The last one is beyond his cap where ``exception`` tells who allowed it and why.
    """

    category: Category
    villages: tuple[Village, ...]
    exception: str = ""


def share_out(spec: CountySpec, villages: Sequence[Village]) -> list[Caseload]:
    """As the place staffs; without flaws every village is served, else some are not.

    Begins in the largest township, with a lawyer of three villages: his is the demo login.
    """
    rng = spec.stream("caseloads")
    waiting = _served(rng, villages) if spec.flaws else list(villages)
    waiting.sort(key=_largest_township_first(villages))
    loads: list[Caseload] = []
    while waiting:
        category, size, exception = _next_load(rng, len(loads), spec)
        villages_of_one = tuple(waiting[:size])
        beyond = len(villages_of_one) == size
        loads.append(Caseload(category, villages_of_one, exception if beyond else ""))
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


def _next_load(rng: Random, number: int, spec: CountySpec) -> tuple[Category, int, str]:
    """Category, number of villages, and the exception that allows the last of them or ""."""
    staffing = spec.customs.staffing
    if staffing is None:
        return *_category_and_size(rng, number), ""
    if number == BEYOND_CAP and staffing.cap and staffing.exception and spec.flaws:
        return Category.LAWYER, staffing.cap + 1, staffing.exception
    categories, weights = zip(*staffing.categories, strict=True)
    sizes, size_weights = zip(*staffing.loads, strict=True)
    if number == 0:
        return Category.LAWYER, CAP, ""
    return rng.choices(categories, weights)[0], rng.choices(sizes, size_weights)[0], ""


def _category_and_size(rng: Random, number: int) -> tuple[Category, int]:
    """Two or three villages each, a retired cadre four."""
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

    def hire(self, category: Category, *, volunteer: bool = False) -> Advisor:
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
            is_volunteer=volunteer,
        )
        if self.spec.customs.staffing and self.spec.customs.staffing.schooled:
            self._school(advisor, number)
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

    def _school(self, advisor: Advisor, number: int) -> None:
        rng = self.spec.stream("education", number)
        advisor.education = rng.choices(tuple(Education), EDUCATION_WEIGHTS)[0]
        if advisor.practice_start is not None:
            advisor.practice_start -= MORE_PRACTICE

    def create(self) -> None:
        """Organisations, accounts, advisors, and their teams where the place has some."""
        organisations = [o for group in self.employers.values() for o in group]
        Organisation.objects.bulk_create(organisations, batch_size=BATCH)
        accounts = [a.user for a in self.hired if a.user is not None]
        User.objects.bulk_create(accounts, batch_size=BATCH)
        Advisor.objects.bulk_create(self.hired, batch_size=BATCH)
        ServiceTeam.objects.bulk_create(self.teams.values())

    @cached_property
    def teams(self) -> dict[int, ServiceTeam]:
        """The teams of the firms with most advisors, by the firm's id; a firm has one at most."""
        staffing = self.spec.customs.staffing
        members: dict[int, list[Advisor]] = {}
        for advisor in self.hired:
            if advisor.category == Category.LAWYER:
                members.setdefault(advisor.organisation_id, []).append(advisor)
        largest = sorted(members.items(), key=lambda item: (-len(item[1]), item[0]))
        return {
            firm: ServiceTeam(
                organisation_id=firm,
                name=f"{held[0].organisation.name.removesuffix('律师事务所')}村居服务团队",
                lead=held[0],
            )
            for firm, held in largest[: staffing.teams if staffing else 0]
        }


def _practice_start(rng: Random, before: date) -> date:
    return before - timedelta(days=rng.randint(2 * 365, 27 * 365))


def _organisations(
    spec: CountySpec, bureau: Bureau, expected: int
) -> dict[OrganisationKind, list[Organisation]]:
    """Firms, legal service offices where the place has their workers, and one public body."""
    stems = firm_stems(spec.stream("organisations"))
    county = bureau.name.removesuffix("司法局")
    sizes = {
        OrganisationKind.LAW_FIRM: max(3, expected // ADVISORS_PER_ORGANISATION),
        OrganisationKind.LEGAL_SERVICE_OFFICE: max(2, expected // ADVISORS_PER_ORGANISATION // 2),
    }
    staffing = spec.customs.staffing
    if staffing and Category.LEGAL_WORKER not in dict(staffing.categories):
        del sizes[OrganisationKind.LEGAL_SERVICE_OFFICE]
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
