"""Who may see what and do what: one table, asked by every queryset, page and action.

A role reaches the rows of its scope, as far as they are among the things it sees, and does
what its verbs name. What is not written here is closed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from django.db import models


class Role(models.TextChoices):
    """The desks of the scheme. All but the advisor's are given by a post."""

    SYSTEM_ADMIN = "system_admin", "系统管理员"
    BUREAU = "bureau", "司法局工作人员"
    FINANCE = "finance", "司法局经费人员"
    MEDIATION = "mediation", "司法局调解工作人员"
    AUDITOR = "auditor", "财政、审计人员"
    JUDICIAL_OFFICE = "judicial_office", "司法所"
    TOWNSHIP = "township", "镇街"
    LIAISON = "liaison", "村（社区）联络员"
    MEDIATOR = "mediator", "人民调解员"
    ORGANISATION = "organisation", "律师事务所、法律服务所"
    ADVISOR = "advisor", "法律顾问"
    BAR_ASSOCIATION = "bar_association", "律师协会"
    HIGHER_ORGAN = "higher_organ", "上级机关"


class Scope(Enum):
    """How far a desk reaches. ``AREA`` is every bureau whose division code begins alike."""

    ALL = auto()
    AREA = auto()
    BUREAU = auto()
    TOWNSHIP = auto()
    VILLAGE = auto()
    ORGANISATION = auto()
    ADVISOR = auto()


class Thing(Enum):
    """What rows, or parts of rows, are about."""

    PLACES = "司法局、镇街、村（社区）"
    ROSTER = "机构、法律顾问、聘任、请假"
    POLICY = "政策"
    FIGURES = "达标结论、关账、报表、每日检查"
    FILINGS = "报告、会议、培训、检查等材料"
    RECORDS = "服务日志，服务对象以掩码显示"
    CLIENTS = "服务对象的姓名和电话"
    MARKS = "特殊群体标记"
    MEDIATION = "调解内容"
    REQUESTS = "服务请求"
    INCIDENTS = "重大事项报告"
    ACCOUNTS = "用户、岗位"
    AUDIT = "操作日志、登录日志"
    JOBS = "后台任务"
    UPLOADS = "导入的文件"
    FORMS = "上级报表及其填报"


class Verb(Enum):
    """What a desk may set going, besides looking and downloading what it sees."""

    ENTER_BACK_OFFICE = "进入后台"
    SET_UP = "初始化司法局"
    KEEP_ACCOUNTS = "开通、停用账号，设置岗位，重置密码"
    KEEP_ROSTER = "维护村居、机构、顾问、聘任、请假、不考核事由"
    KEEP_POLICY = "起草、采用政策"
    REVIEW = "核验、退回服务记录，填写核查记录，报送月度情况"
    CLOSE_MONTH = "接收、退回月度情况，关账、重新核算，开锁"
    IMPORT = "导入"
    EXPORT = "导出列表"
    UNSEAL = "写明事由后查看封存内容"
    ERASE = "按本人要求导出、删除个人信息"
    KEEP_LIAISONS = "登记村（社区）联络员，发出、收回联络员链接"
    ASK = "提出服务请求"
    ANSWER = "答复服务请求"
    REPORT = "报告重大事项"
    ACKNOWLEDGE = "签收重大事项报告"
    KEEP_TRAININGS = "登记培训"
    FILL_FORMS = "设置、填报上级报表"


@dataclass(frozen=True, slots=True)
class Rights:
    scope: Scope
    sees: frozenset[Thing]
    does: frozenset[Verb] = frozenset()


def _rights(scope: Scope, sees: set[Thing], does: set[Verb] | None = None) -> Rights:
    return Rights(scope, frozenset(sees), frozenset(does or ()))


_T, _V = Thing, Verb
#: Who serves where, and how it stands.
_BOOKS = {_T.PLACES, _T.ROSTER, _T.FIGURES}
_RECORDS = {_T.RECORDS, _T.FILINGS}
#: What is asked of advisors, and what they report.
_CALLS = {_T.REQUESTS, _T.INCIDENTS}

#: The table. Sources: the roles that the five documents name, JC-09 and JC-10 for mediation,
#: ZX-18 for special groups, A50 for what a liaison may see.
ROLES: Mapping[Role, Rights] = {
    # looks after the machine, so what clients confided is none of his business
    Role.SYSTEM_ADMIN: _rights(
        Scope.ALL,
        {*_BOOKS, *_RECORDS, *_CALLS, _T.POLICY, _T.ACCOUNTS, _T.AUDIT, _T.JOBS},
        {_V.ENTER_BACK_OFFICE, _V.SET_UP, _V.KEEP_ACCOUNTS, _V.EXPORT, _V.UNSEAL},
    ),
    Role.BUREAU: _rights(
        Scope.BUREAU,
        {
            *(*_BOOKS, *_RECORDS, *_CALLS, _T.POLICY, _T.CLIENTS, _T.MARKS),
            *(_T.ACCOUNTS, _T.AUDIT, _T.UPLOADS, _T.FORMS),
        },
        {
            *(_V.ENTER_BACK_OFFICE, _V.KEEP_ACCOUNTS, _V.KEEP_ROSTER, _V.KEEP_POLICY),
            *(_V.CLOSE_MONTH, _V.IMPORT, _V.EXPORT, _V.ERASE, _V.UNSEAL),
            *(_V.KEEP_LIAISONS, _V.ASK, _V.ACKNOWLEDGE, _V.KEEP_TRAININGS, _V.FILL_FORMS),
        },
    ),
    Role.FINANCE: _rights(Scope.BUREAU, {*_BOOKS, _T.POLICY}, {_V.ENTER_BACK_OFFICE, _V.EXPORT}),
    Role.MEDIATION: _rights(
        Scope.BUREAU,
        {*_BOOKS, *_RECORDS, _T.POLICY, _T.CLIENTS, _T.MEDIATION},
        {_V.ENTER_BACK_OFFICE, _V.EXPORT, _V.UNSEAL},
    ),
    Role.AUDITOR: _rights(
        Scope.BUREAU, {*_BOOKS, _T.POLICY, _T.FILINGS, _T.AUDIT}, {_V.ENTER_BACK_OFFICE, _V.EXPORT}
    ),
    Role.JUDICIAL_OFFICE: _rights(
        Scope.TOWNSHIP,
        {*_BOOKS, *_RECORDS, *_CALLS, _T.CLIENTS, _T.MARKS, _T.MEDIATION},
        {_V.UNSEAL, _V.REVIEW, _V.KEEP_LIAISONS, _V.ASK, _V.ACKNOWLEDGE, _V.KEEP_TRAININGS},
    ),
    Role.TOWNSHIP: _rights(Scope.TOWNSHIP, {*_BOOKS, *_RECORDS, *_CALLS}, {_V.ASK, _V.ACKNOWLEDGE}),
    Role.LIAISON: _rights(
        Scope.VILLAGE,
        {_T.PLACES, _T.ROSTER, _T.RECORDS, *_CALLS},
        {_V.ASK, _V.ACKNOWLEDGE},
    ),
    Role.MEDIATOR: _rights(Scope.VILLAGE, {_T.PLACES, _T.ROSTER}),
    Role.ORGANISATION: _rights(Scope.ORGANISATION, {_T.PLACES, _T.ROSTER, _T.FIGURES}),
    Role.ADVISOR: _rights(
        Scope.ADVISOR,
        {*_BOOKS, *_RECORDS, *_CALLS, _T.CLIENTS, _T.MARKS, _T.MEDIATION},
        {_V.UNSEAL, _V.ANSWER, _V.REPORT},
    ),
    Role.BAR_ASSOCIATION: _rights(
        Scope.AREA, {_T.PLACES, _T.ROSTER}, {_V.ENTER_BACK_OFFICE, _V.EXPORT}
    ),
    Role.HIGHER_ORGAN: _rights(
        Scope.AREA, {*_BOOKS, _T.POLICY, _T.FILINGS}, {_V.ENTER_BACK_OFFICE, _V.EXPORT}
    ),
}

#: Desks that a bureau's own staff fill; the others are the system administrator's to give.
GIVEN_BY_A_BUREAU = frozenset(
    role
    for role, rights in ROLES.items()
    if rights.scope in {Scope.BUREAU, Scope.TOWNSHIP, Scope.VILLAGE, Scope.ORGANISATION}
)


def roles_of(*scopes: Scope) -> tuple[Role, ...]:
    """The roles whose desk reaches so far, in the order of the table."""
    return tuple(role for role, rights in ROLES.items() if rights.scope in scopes)
