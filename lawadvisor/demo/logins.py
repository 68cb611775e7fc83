"""Accounts to try the portal with, one for each desk. They open nothing outside demo mode."""

from __future__ import annotations

from typing import NamedTuple

from django.contrib.auth.hashers import make_password
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Count

from advisors.models import PLACE_OF, Advisor, Post
from lawadvisor.accounts.models import User
from lawadvisor.demo.names import person_name
from lawadvisor.demo.spec import CountySpec
from lawadvisor.foundation.roles import ROLES, Role, Scope
from villages.models import Bureau, Township, Village

#: Printed by `manage.py demo`; lawadvisor/accounts/backends.py refuses it outside demo mode.
DEMO_PASSWORD = "yanshi-2026"  # noqa: S105  (meant to be known)
ADMIN = "admin"
#: What an account is called, and its posts; the second one with two shows how to switch.
DESKS = {
    "bureau": (Role.BUREAU,),
    "staff": (Role.FINANCE, Role.MEDIATION),
    "office": (Role.JUDICIAL_OFFICE,),
    "town": (Role.TOWNSHIP,),
    "firm": (Role.ORGANISATION,),
    "village": (Role.LIAISON,),
}


class Login(NamedTuple):
    """``desk`` and ``sees`` are Chinese phrases for the person who tries the account."""

    username: str
    desk: str
    sees: str


def create_logins(spec: CountySpec) -> None:
    """Staff of the bureau and of its largest township, the people of the first advisor's firm and
    first village, and a password for him.
    """
    bureau = Bureau.objects.get(code=spec.code)
    password = make_password(DEMO_PASSWORD)
    rng = spec.stream("logins")
    since = DateRange(spec.periods[0].start, None)
    advisor = Advisor.objects.get(user__username=f"{spec.login_prefix}-advisor")
    places = {
        Scope.BUREAU: bureau,
        Scope.TOWNSHIP: main_township(bureau),
        Scope.ORGANISATION: advisor.organisation,
        Scope.VILLAGE: _served_by(advisor)[0],
    }
    for desk, roles in DESKS.items():
        user = User.objects.create(
            username=f"{spec.login_prefix}-{desk}",
            name=person_name(rng),
            password=password,
            is_demo=True,
        )
        for role in roles:
            scope = ROLES[role].scope
            place = {str(PLACE_OF[scope]): places[scope]}
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
    """The county's accounts, with what each of them sees."""
    bureau = Bureau.objects.get(code=spec.code)
    township = main_township(bureau)
    advisor = Advisor.objects.get(user__username=f"{spec.login_prefix}-advisor")
    villages = Village.objects.filter(township__bureau=bureau).count()
    local = f"{township.name}的{township.villages.count()}个村（社区）"
    served = [village.short_name for village in _served_by(advisor)]
    sees = {
        "bureau": f"{bureau.name}全部{villages}个村（社区），可进后台",
        "staff": "有两个岗位，可切换：经费人员、调解工作人员",
        "office": f"{township.judicial_office}：{local}，查看并下载本所月报",
        "town": f"{local}，查看并下载",
        "firm": f"{advisor.organisation}：本机构的法律顾问",
        "village": f"{served[0]}：法律顾问和服务记录",
    }
    logins = [
        Login(f"{spec.login_prefix}-{desk}", DESKS[desk][0].label, what)
        for desk, what in sees.items()
    ]
    own = f"{advisor.name}本人的记录：{'、'.join(served)}"
    return [*logins, Login(f"{spec.login_prefix}-advisor", Role.ADVISOR.label, own)]


def _served_by(advisor: Advisor) -> list[Village]:
    return list(Village.objects.filter(appointments__advisor=advisor).distinct().order_by("code"))


def main_township(bureau: Bureau) -> Township:
    """The one with the most villages."""
    return bureau.townships.annotate(size=Count("villages")).order_by("-size", "code")[0]
