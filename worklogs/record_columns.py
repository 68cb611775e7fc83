"""The columns of a file of service records that are of the session and of the matter."""

from __future__ import annotations

from datetime import date, datetime

from lawadvisor.foundation.importing.columns import Column, choice_column
from lawadvisor.foundation.importing.values import clock, day, number_text, text, whole, yes_no
from lawadvisor.foundation.periods import local_instant
from worklogs.enums import LegalTopic, MatterKind, Mode, Purpose

#: Keys of what a session says once, and of what each of its matters says.
SESSION_KEYS = ("mode", "purpose", "no_visitors", "place")
MATTER_KEYS = (
    *("kind", "topic", "focus", "client", "phone", "content", "method", "result", "audience"),
)
_FIRST_DAY, _LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)


def clock_of(service_day: date, moment: datetime) -> str:
    """09:30; the end of the day is 24:00."""
    minutes = round((moment - local_instant(service_day, 0)).total_seconds() / 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


_SESSION = (
    Column(
        "day",
        "服务日期",
        day("服务日期", _FIRST_DAY, _LAST_DAY),
        ("日期", "服务时间", "工作日期", "开展日期", "活动日期"),
        needed=True,
        filled=True,
        example="2025-03-01",
    ),
    Column(
        "start",
        "开始时间",
        clock("开始时间"),
        ("开始", "起始时间", "到达时间", "签到时间"),
        needed=True,
        filled=True,
        hint="精确到分钟，24小时制。",
        example="09:00",
        width=10,
    ),
    Column(
        "end",
        "结束时间",
        clock("结束时间"),
        ("结束", "终止时间", "离开时间", "签退时间"),
        needed=True,
        filled=True,
        hint="同一天内，晚于开始时间。",
        example="13:00",
        width=10,
    ),
    choice_column(
        "mode",
        "服务方式",
        Mode.choices,
        words={"现场服务": "on_site", "电话服务": "phone", "微信服务": "wechat"},
        synonyms=("方式", "服务形式"),
        needed=True,
        filled=True,
        width=12,
    ),
    choice_column(
        "purpose",
        "服务事由",
        Purpose.choices,
        words={"坐班": "duty", "调解": "mediation", "讲座": "lecture_only"},
        synonyms=("事由", "来访事由", "服务目的"),
        needed=True,
        filled=True,
        width=12,
    ),
    Column(
        "no_visitors",
        "坐班，无来访",
        yes_no("坐班，无来访"),
        ("无来访", "是否无来访"),
        options=("是", "否"),
        hint="坐班而无人来访的填“是”，事项各列不填；其余不填。",
        width=10,
    ),
    Column("place", "地点", text("地点", 80), ("服务地点",), width=16),
)
_MATTER = (
    choice_column(
        "kind",
        "事项",
        MatterKind.choices,
        words={
            "咨询": "consultation",
            "调解": "mediation",
            "讲座": "lecture",
            "普法宣传": "publicity",
        },
        synonyms=("事项类型", "服务事项", "服务类型", "服务内容类别", "工作类型"),
        width=14,
    ),
    choice_column("topic", "领域", LegalTopic.choices, synonyms=("涉及领域", "法律领域"), width=12),
    Column("focus", "法律重点", text("法律重点", 80), ("重点",), width=14),
    Column(
        "client",
        "服务对象",
        text("服务对象", 50),
        ("咨询人", "当事人", "群众姓名", "来访人", "服务对象姓名"),
        example="王某",
        width=12,
        private=True,
    ),
    Column(
        "phone",
        "联系电话",
        number_text("联系电话", r"[0-9+*()、/,;-]{7,20}", "7至20位的电话号码"),
        ("电话", "手机", "手机号", "手机号码", "联系方式", "电话号码"),
        hint="文本格式。",
        example="13800000000",
        width=15,
        private=True,
    ),
    Column(
        "content",
        "内容",
        text("内容", 1000),
        ("服务内容", "事项内容", "工作内容", "咨询内容", "主要内容", "简述"),
        example="咨询土地承包合同事宜",
        width=36,
        private=True,
    ),
    Column("method", "方法", text("方法", 200), ("服务方法", "处理方式"), width=16, private=True),
    Column(
        "result",
        "结果",
        text("结果", 500),
        ("服务结果", "处理结果", "办理结果"),
        width=20,
        private=True,
    ),
    Column("audience", "人数", whole("人数", 0, 99_999), ("参加人数", "受众人数"), width=8),
)
OWN_COLUMNS = (*_SESSION, *_MATTER)
