"""The data map's word on the tables that Django brings along."""

from __future__ import annotations

from typing import Any

from assessments.data_grades import Table

_DJANGO: dict[str, Any] = {"kept": "长期", "deleted": "不含个人信息，不删除", "seen": None}
_UNUSED: dict[str, Any] = {"purpose": "Django自带，本系统不用", **_DJANGO}

DJANGOS_OWN: dict[str, Table] = {
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
    "auth.Permission": Table(**_UNUSED, plain="id name content_type codename"),
    "auth.Group": Table(**_UNUSED, plain="id name"),
    "auth.Group_permissions": Table(**_UNUSED, plain="id group permission"),
    "contenttypes.ContentType": Table(
        purpose="Django自带的模型名录", **_DJANGO, plain="id app_label model"
    ),
}
