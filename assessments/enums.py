from __future__ import annotations

from collections.abc import Mapping

from django.db import models

from lawadvisor.foundation.roles import Thing


class SubjectKind(models.TextChoices):
    """Whom a rule judges."""

    APPOINTMENT = "appointment", "聘任"
    ADVISOR = "advisor", "法律顾问"
    VILLAGE = "village", "村（社区）"
    TEAM = "team", "服务团队"
    ORGANISATION = "organisation", "机构"
    TOWNSHIP = "township", "镇街"
    BUREAU = "bureau", "司法局"


class VerdictStatus(models.TextChoices):
    """As in assessments.quota; a test keeps the two lists equal."""

    MET = "met", "达标"
    NOT_MET = "not_met", "未达标"
    PENDING = "pending", "待确认"
    OPEN = "open", "进行中"
    AT_RISK = "at_risk", "有风险"
    NOT_ASSESSED = "not_assessed", "不足期，不考核"
    NOTICE = "notice", "提示"


class ReportKey(models.TextChoices):
    """The papers that are kept as files, by their number in the catalogue."""

    MONTHLY_SUMMARY = "R1", "月度工作汇总表"
    EXCEPTIONS = "R2", "达标检查与异常清单"
    COVERAGE = "R3", "配备覆盖率表"
    CHECKS = "R25", "核查汇总表"
    STATISTICS = "R33", "服务统计表"


class PaperKey(models.TextChoices):
    """The papers that are made when somebody asks for them, by their number in the catalogue."""

    LEDGER = "R4", "工作台账"
    JOURNAL = "R5", "工作日志"
    LECTURE = "R6", "法治讲座（培训）记录表"
    HALF_YEAR = "R24", "半年工作报告"
    CONTACTS = "R35", "联系人、服务计划和值班表"
    TREND = "B1", "近12个月报送和覆盖情况"


#: What whoever reads a paper must see, besides figures.
THING_OF: Mapping[str, Thing] = {
    **dict.fromkeys(ReportKey, Thing.FIGURES),
    ReportKey.CHECKS: Thing.FILINGS,
    PaperKey.LEDGER: Thing.RECORDS,
    PaperKey.JOURNAL: Thing.RECORDS,
    PaperKey.LECTURE: Thing.RECORDS,
    PaperKey.HALF_YEAR: Thing.FILINGS,
    PaperKey.CONTACTS: Thing.ROSTER,
    PaperKey.TREND: Thing.FIGURES,
}


class FileFormat(models.TextChoices):
    PDF = "pdf", "PDF"
    XLSX = "xlsx", "Excel"
    JSON = "json", "数据"


class VersionState(models.TextChoices):
    """How a version of a policy stands on a day."""

    IN_FORCE = "in_force", "现行"
    TO_COME = "to_come", "尚未生效"
    REPLACED = "replaced", "已被替代"


class CheckMethod(models.TextChoices):
    """How the office looked."""

    VISIT = "visit", "到村走访"
    PHONE = "phone", "电话回访"
    PAPERS = "papers", "查阅记录"


class CheckOutcome(models.TextChoices):
    """Does what was written agree with what was found?"""

    TRUE = "true", "属实"
    PARTLY = "partly", "部分属实"
    UNTRUE = "untrue", "不属实"
    NO_DEMAND = "no_demand", "本月无服务需求"

    @classmethod
    def plain(cls) -> tuple[str, ...]:
        """Those that need no words beside them."""
        return (cls.TRUE, cls.NO_DEMAND)


class MonthState(models.TextChoices):
    """How far a township's month has come on its way from the office to the bureau."""

    OPEN = "open", "未开始"
    UNDER_REVIEW = "under_review", "核验中"
    SUBMITTED = "submitted", "已报送"
    ACCEPTED = "accepted", "已接收"
    RETURNED = "returned", "已退回"
    CLOSED = "closed", "已关账"


class BookOutcome(models.TextChoices):
    """What the office finds of a month's paper journal."""

    PASSED = "passed", "通过"
    RETURNED = "returned", "退回"


class MessageKind(models.TextChoices):
    """What people are told without asking."""

    DIGEST = "digest", "每周摘要"
    RETURNED = "returned", "临近关账的退回"
    INCIDENT = "incident", "重大事项报告"
    TEST = "test", "测试"


class Channel(models.TextChoices):
    IN_APP = "in_app", "站内消息"
    EMAIL = "email", "电子邮件"
    WECOM = "wecom", "企业微信群"
    DINGTALK = "dingtalk", "钉钉群"


class DeliveryState(models.TextChoices):
    """``SENT``: the other side's server took it; whether somebody read it only ``IN_APP`` knows.

    ``UNCLEAR``: handed over, and no answer came; it is not sent again, for it may have arrived.
    """

    QUEUED = "queued", "待发"
    SENDING = "sending", "发送中"
    SENT = "sent", "已发出"
    FAILED = "failed", "未发出"
    UNCLEAR = "unclear", "结果不明"
