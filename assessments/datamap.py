"""The data map: every column of every table, whose business it is, and what becomes of it.

``docs/data-map.md`` is written from here (``manage.py data_map``), and the copy that a person may
ask for is gathered by it. A column that is not named here fails the suite (个人信息保护法 51 条).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.apps import apps
from django.db.models import Field, Model

from lawadvisor.foundation.roles import ROLES, Thing


class Grade(Enum):
    """How much a column says of a person; the value is its name on the map."""

    PLAIN = "非个人信息"
    PERSONAL = "个人信息"
    CLIENT = "个人信息，加密"
    SEALED = "敏感个人信息，加密并封存"
    CREDENTIAL = "凭证"


@dataclass(frozen=True, kw_only=True)
class Table:
    """Column names are separated by blanks. ``seen`` None: nobody, by no page.

    ``user`` and ``advisor`` are lookups from a row to the person whom it concerns, "" where it
    concerns none; ``own`` tables say of him what no mask need hide.
    """

    purpose: str
    seen: Thing | None
    kept: str
    deleted: str
    plain: str
    personal: str = ""
    client: str = ""
    sealed: str = ""
    credential: str = ""
    user: str = ""
    advisor: str = ""
    own: bool = False

    def grades(self) -> dict[str, Grade]:
        """Of every column that is named."""
        return {
            name: grade
            for grade in Grade
            for name in str(getattr(self, grade.name.lower())).split()
        }


_PLACES: dict[str, Any] = {
    "seen": Thing.PLACES,
    "kept": "长期",
    "deleted": "不含个人信息，不删除",
}
_ROSTER: dict[str, Any] = {
    "seen": Thing.ROSTER,
    "kept": "聘任结束后随业务档案保存",
    "deleted": "业务档案保存期内不删除；本人可要求更正",
}
_FIGURES: dict[str, Any] = {
    "seen": Thing.FIGURES,
    "kept": "长期，作为考核依据",
    "deleted": "已关账的结论不改不删；其中没有服务对象的信息",
}
_POLICY: dict[str, Any] = {"seen": Thing.POLICY, "kept": "长期", "deleted": "不含个人信息，不删除"}
_RECORDS: dict[str, Any] = {"kept": "随业务档案保存"}
_DJANGO: dict[str, Any] = {"kept": "长期", "deleted": "不含个人信息，不删除", "seen": None}

#: By the model's label.
TABLES: dict[str, Table] = {
    "foundation.AuditEntry": Table(
        purpose="证明谁在何时做了什么（网络安全法第21条）",
        seen=Thing.AUDIT,
        kept="不少于6个月，期限由设置延长",
        deleted="保存期内任何人不能改、不能删；不写入服务对象的姓名、电话和内容",
        plain="id at verb subject_type subject_id bureau_id",
        personal="actor_id actor_name address subject_label before after reason",
        user="actor_id",
    ),
    "foundation.Job": Table(
        purpose="后台任务",
        seen=Thing.JOBS,
        kept="长期",
        deleted="不含个人信息，不删除",
        plain="id kind key group payload state attempts last_error created_at rung_at finished_at",
    ),
    "villages.Bureau": Table(purpose="行政区划", **_PLACES, plain="id code name kind"),
    "villages.Township": Table(
        purpose="行政区划", **_PLACES, plain="id bureau code name judicial_office"
    ),
    "villages.Village": Table(
        purpose="行政区划",
        **_PLACES,
        plain="id township code name kind terrain klass pinyin is_active",
    ),
    "accounts.User": Table(
        purpose="登录和记录操作人",
        seen=Thing.ACCOUNTS,
        kept="在岗期间；离岗后停用，留作操作日志的对照",
        deleted="停用，不删除；本人可要求更正",
        plain="id is_active is_demo",
        personal="username name date_joined last_login",
        credential="password",
        user="pk",
        own=True,
    ),
    "advisors.Post": Table(
        purpose="决定谁能看什么、做什么",
        seen=Thing.ACCOUNTS,
        kept="长期，任期结束即失效",
        deleted="不删除，留作操作日志的对照",
        plain="id bureau township village organisation area",
        personal="user role term",
        user="user",
    ),
    "advisors.Organisation": Table(
        purpose="顾问的来源单位", **_ROSTER, plain="id bureau name kind"
    ),
    "advisors.Advisor": Table(
        purpose="聘任和考核法律顾问",
        **_ROSTER,
        plain="id organisation",
        personal="user name category licence_no education practice_start is_volunteer",
        user="user",
        advisor="pk",
        own=True,
    ),
    "advisors.ServiceTeam": Table(
        purpose="几名顾问共同服务",
        **_ROSTER,
        plain="id organisation name",
        personal="lead",
        advisor="lead",
    ),
    "advisors.Appointment": Table(
        purpose="谁在何任期服务哪个村（社区）",
        **_ROSTER,
        plain="id village team slot slot_limit",
        personal="advisor term status suspended_from cap_exception end_reason",
        advisor="advisor",
        own=True,
    ),
    "advisors.Absence": Table(
        purpose="请假期间不考核",
        **_ROSTER,
        plain="id appointment",
        personal="days reason approved_by substitute",
        advisor="appointment__advisor",
        own=True,
    ),
    "worklogs.ServiceLog": Table(
        purpose="证明服务的时间、地点和方式，作为考核依据",
        seen=Thing.RECORDS,
        **_RECORDS,
        deleted="业务档案保存期内不删除；不写服务对象",
        plain="id client_uuid appointment service_date started_at ended_at minutes mode purpose"
        " no_visitors state is_supplement entered_at",
        personal="advisor place returned_reason entered_by",
        advisor="advisor",
        own=True,
    ),
    "worklogs.Matter": Table(
        purpose="证明服务了谁、什么事，作为考核依据",
        seen=Thing.RECORDS,
        **_RECORDS,
        deleted="服务对象可要求删除：姓名、电话、内容改为“已删除”，特殊群体清空，事项类别和日期留作统计",
        plain="id log kind topic audience succeeded marks",
        personal="focus",
        client="client phone",
        sealed="special_group content method result",
        advisor="log__advisor",
    ),
    "worklogs.Attachment": Table(
        purpose="证明服务的照片和材料；存入时去掉位置等附带信息",
        seen=Thing.CLIENTS,
        **_RECORDS,
        deleted="随事项删除文件，留下已有照片的记载",
        plain="id matter kind size media_type added_at",
        personal="checksum",
        advisor="matter__log__advisor",
    ),
    "worklogs.Filing": Table(
        purpose="报告、会议、培训、检查等材料",
        seen=Thing.FILINGS,
        **_RECORDS,
        deleted="业务档案保存期内不删除；不写服务对象",
        plain="id kind bureau township village period_start period_end marks state filed_on",
        personal="advisor title body",
        advisor="advisor",
        own=True,
    ),
    "assessments.Policy": Table(
        purpose="考核依据",
        **_POLICY,
        plain="id bureau key title source effective_from checksum settings text",
    ),
    "assessments.Rule": Table(
        purpose="考核依据", **_POLICY, plain="id policy key title clause phrase definition position"
    ),
    "assessments.PolicyDraft": Table(
        purpose="起草政策",
        **_POLICY,
        plain="id bureau title text based_on changed_at",
        personal="changed_by",
        user="changed_by",
    ),
    "assessments.Waiver": Table(
        purpose="经批准不考核的事由",
        **_FIGURES,
        plain="id bureau rule_key subject_kind subject_id period_start",
        personal="reason approved_by",
    ),
    "assessments.MonthClose": Table(
        purpose="关账",
        **_FIGURES,
        plain="id bureau policy month revision reason planned opened_at closed_at",
        personal="opened_by",
    ),
    "assessments.Verdict": Table(
        purpose="达标结论及其依据",
        **_FIGURES,
        plain="id close rule subject_kind village team organisation township scope_township"
        " period_start period_end",
        personal="appointment advisor status required actual missing explanation",
        advisor="advisor|appointment__advisor",
        own=True,
    ),
    "assessments.DailyCheck": Table(
        purpose="提前提醒", **_FIGURES, plain="id bureau policy day counts", personal="findings"
    ),
    "assessments.GeneratedFile": Table(
        purpose="报表文件",
        **_FIGURES,
        plain="id close report township format version checksum size created_at",
    ),
    "sessions.Session": Table(
        purpose="登录状态",
        seen=None,
        kept="登录有效期内",
        deleted="退出登录或到期后删除",
        plain="expire_date",
        credential="session_key session_data",
    ),
    "admin.LogEntry": Table(
        purpose="Django后台自带，本系统不写入，以操作日志为准",
        seen=None,
        kept="没有数据",
        deleted="没有数据",
        plain="id action_time content_type object_id action_flag",
        personal="user object_repr change_message",
        user="user",
    ),
    "auth.Permission": Table(
        purpose="Django自带，本系统不用", **_DJANGO, plain="id name content_type codename"
    ),
    "auth.Group": Table(purpose="Django自带，本系统不用", **_DJANGO, plain="id name"),
    "auth.Group_permissions": Table(
        purpose="Django自带，本系统不用", **_DJANGO, plain="id group permission"
    ),
    "contenttypes.ContentType": Table(
        purpose="Django自带的模型名录", **_DJANGO, plain="id app_label model"
    ),
}
#: Who sees a column whose grade is closed to those who see the rest of its row.
_SEEN_BY_GRADE = {Grade.CLIENT: Thing.CLIENTS}
_SEEN_BY_COLUMN = {"worklogs.Matter.special_group": Thing.MARKS}


def columns(label: str) -> Iterator[tuple[Field[Any, Any], Grade]]:
    """Every column of the model, in its order; KeyError for one that is not on the map."""
    grades = TABLES[label].grades()
    for field in apps.get_model(label)._meta.concrete_fields:
        yield field, grades[field.name]


def strays() -> list[str]:
    """Columns that are not on the map, and names on the map that are no column (or twice)."""
    models = {model._meta.label: model for model in apps.get_models(include_auto_created=True)}
    found = [f"{label}：没有归类" for label in models.keys() - TABLES.keys()]
    found += [f"{label}：没有这个表" for label in TABLES.keys() - models.keys()]
    for label in models.keys() & TABLES.keys():
        found += _strays_of(label, models[label])
    return sorted(found)


def _strays_of(label: str, model: type[Model]) -> Iterator[str]:
    table = TABLES[label]
    named = [name for grade in Grade for name in str(getattr(table, grade.name.lower())).split()]
    there = {field.name for field in model._meta.concrete_fields}
    yield from (f"{label}.{name}：没有归类" for name in there - {*named})
    yield from (f"{label}.{name}：没有这一列" for name in {*named} - there)
    yield from (f"{label}.{name}：归类两次" for name in {*named} if named.count(name) > 1)


def roles_that_see(thing: Thing | None) -> str:
    """In words, from the table of roles."""
    if thing is None:
        return "无人"
    return "，".join(str(role.label) for role, rights in ROLES.items() if thing in rights.sees)


def seen_by(label: str, field: Field[Any, Any], grade: Grade) -> str:
    if grade is Grade.CREDENTIAL:
        return "无人"
    table = TABLES[label]
    thing = _SEEN_BY_COLUMN.get(f"{label}.{field.name}", _SEEN_BY_GRADE.get(grade, table.seen))
    said = roles_that_see(thing)
    if grade is Grade.CLIENT:
        return f"{said}（其他能看这一行的岗位看到掩码）"
    if grade is Grade.SEALED and thing is not Thing.MARKS:
        return f"{said}（调解事项只有{roles_that_see(Thing.MEDIATION)}，写明事由后查看）"
    return f"{said}（写明事由后查看）" if grade is Grade.SEALED else said


_HEAD = """\
# 数据目录

由 `python manage.py data_map > docs/data-map.md` 生成，请勿手工修改；登记在
`assessments/datamap.py`。每一列都已归类，新的列不归类就不能通过测试。

“谁能看”按岗位表（`lawadvisor/foundation/roles.py`）列出，都只限本岗位的范围；系统管理员写明事由后可查看封存内容。
"""


def as_markdown() -> str:
    """The whole map as a page."""
    lines = _HEAD.splitlines()
    for label, table in TABLES.items():
        named: dict[tuple[str, str], list[str]] = {}
        for field, grade in columns(label):
            held = named.setdefault((grade.value, seen_by(label, field, grade)), [])
            held.append(f"{field.verbose_name} `{field.name}`")
        lines += [
            "",
            f"## {apps.get_model(label)._meta.verbose_name}（{label}）",
            "",
            f"用途：{table.purpose}。保存：{table.kept}。删除：{table.deleted}。",
            "",
            "| 归类 | 列 | 谁能看 |",
            "| --- | --- | --- |",
        ]
        lines += [f"| {grade} | {'、'.join(held)} | {by} |" for (grade, by), held in named.items()]
    return "\n".join([*lines, ""])
