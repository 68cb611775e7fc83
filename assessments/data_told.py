"""The register's part on superiors' forms and on messages (``data_register`` takes it in)."""

from __future__ import annotations

from typing import Any

from assessments.data_grades import Table
from lawadvisor.foundation.roles import Thing

_FORMS: dict[str, Any] = {
    "seen": Thing.FORMS,
    "kept": "长期",
    "deleted": "只有数字和地名，没有服务对象的信息，不删除",
}
_TOLD: dict[str, Any] = {"seen": Thing.ACCOUNTS, "kept": "在岗期间"}
FORMS_AND_MESSAGES: dict[str, Table] = {
    "assessments.FormTemplate": Table(
        purpose="上级报表", **_FORMS, plain="id bureau name made_at", personal="made_by"
    ),
    "assessments.FormVersion": Table(
        purpose="上级报表的空白表和填报设置",
        **_FORMS,
        plain="id form number file_name checksum size cells notes made_at",
        personal="made_by",
    ),
    "assessments.FormFilling": Table(
        purpose="填好的上级报表及其依据",
        **_FORMS,
        plain="id version month number close is_draft figures checksum size made_at",
        personal="made_by",
    ),
    "assessments.Message": Table(
        purpose="提醒本人该办的事",
        **_TOLD,
        deleted="随账号删除；不写服务对象和服务内容",
        plain="id bureau kind title key made_at",
        personal="user text link read_at",
        user="user",
        own=True,
    ),
    "assessments.Delivery": Table(
        purpose="证明消息何时从哪个渠道发出",
        **_TOLD,
        deleted="随消息删除",
        plain="id message channel state tries error changed_at",
        user="message__user",
    ),
    "assessments.BureauChannel": Table(
        purpose="本局启用的消息渠道",
        **_TOLD,
        deleted="停用时删除",
        plain="id bureau channel",
        encrypted="address",
    ),
    "assessments.MessageChoice": Table(
        purpose="本人不接收的消息和电子邮箱",
        seen=None,
        kept="在岗期间",
        deleted="本人清空时删除邮箱",
        plain="id",
        personal="user muted",
        encrypted="email",
        user="user",
    ),
}
