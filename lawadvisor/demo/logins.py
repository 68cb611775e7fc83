"""One account per role to try the portal with. They open nothing outside demo mode."""

from __future__ import annotations

from typing import NamedTuple

from django.contrib.auth.hashers import make_password
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Count

from advisors.models import Post
from lawadvisor.accounts.models import User
from lawadvisor.demo.names import person_name
from lawadvisor.demo.spec import CountySpec
from lawadvisor.foundation.roles import Role
from villages.models import Bureau, Township, Village

#: Printed by `manage.py demo`; lawadvisor/accounts/backends.py refuses it outside demo mode.
DEMO_PASSWORD = "yanshi-2026"  # noqa: S105  (meant to be known)
ADMIN = "admin"
DESKS = {"bureau": Role.BUREAU, "office": Role.JUDICIAL_OFFICE, "town": Role.TOWNSHIP}


class Login(NamedTuple):
    """``sees`` is a Chinese phrase for the person who tries the account."""

    username: str
    role: Role
    sees: str


def create_logins(spec: CountySpec) -> None:
    """Staff of the bureau and of its largest township, and a password for the first advisor."""
    bureau = Bureau.objects.get(code=spec.code)
    password = make_password(DEMO_PASSWORD)
    rng = spec.stream("logins")
    since = DateRange(spec.periods[0].start, None)
    for desk, role in DESKS.items():
        user = User.objects.create(
            username=f"{spec.login_prefix}-{desk}",
            name=person_name(rng),
            password=password,
            is_demo=True,
        )
        place = {"bureau": bureau} if role == Role.BUREAU else {"township": main_township(bureau)}
        Post.objects.create(user=user, role=role, term=since, **place)
    User.objects.filter(username=f"{spec.login_prefix}-advisor").update(password=password)


def create_admin(spec: CountySpec) -> None:
    """The system administrator, once for all counties."""
    if User.objects.filter(username=ADMIN).exists():
        return
    user = User.objects.create_user(ADMIN, DEMO_PASSWORD, name="系统管理员", is_demo=True)
    Post.objects.create(
        user=user, role=Role.SYSTEM_ADMIN, term=DateRange(spec.periods[0].start, None)
    )


def logins_of(spec: CountySpec) -> list[Login]:
    """The county's four accounts, with what each of them sees."""
    bureau = Bureau.objects.get(code=spec.code)
    township = main_township(bureau)
    villages = Village.objects.filter(township__bureau=bureau).count()
    local = f"{township.name}的{township.villages.count()}个村（社区）"
    advisor = User.objects.get(username=f"{spec.login_prefix}-advisor")
    served = Village.objects.filter(appointments__advisor__user=advisor).distinct().order_by("code")
    own = "、".join(village.short_name for village in served)
    sees = {
        "bureau": (Role.BUREAU, f"{bureau.name}全部{villages}个村（社区），可进后台"),
        "office": (
            Role.JUDICIAL_OFFICE,
            f"{township.judicial_office}：{local}，查看并下载本所月报",
        ),
        "town": (Role.TOWNSHIP, f"{local}，查看并下载"),
        "advisor": (Role.ADVISOR, f"{advisor.name}本人的记录：{own}"),
    }
    return [Login(f"{spec.login_prefix}-{desk}", *what) for desk, what in sees.items()]


def main_township(bureau: Bureau) -> Township:
    """The one with the most villages."""
    return bureau.townships.annotate(size=Count("villages")).order_by("-size", "code")[0]
