from __future__ import annotations

from django.db import models


class Mode(models.TextChoices):
    ON_SITE = "on_site", "现场"
    PHONE = "phone", "电话"
    WECHAT = "wechat", "微信"
    QQ = "qq", "QQ"
    APP = "app", "手机APP"
    OTHER_ONLINE = "other_online", "其他线上"


class Purpose(models.TextChoices):
    """What a stay was for; a stay only for a lecture is no consultation visit (A10)."""

    DUTY = "duty", "坐班咨询"
    MEDIATION = "mediation", "参与调解"
    LECTURE_ONLY = "lecture_only", "仅讲座"
    OTHER = "other", "其他"


class LogState(models.TextChoices):
    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "已提交"
    CONFIRMED = "confirmed", "已确认"
    RETURNED = "returned", "已退回"
    REVIEWED = "reviewed", "已核验"


class MatterKind(models.TextChoices):
    CONSULTATION = "consultation", "法律咨询"
    MEDIATION = "mediation", "参与调解"
    LECTURE = "lecture", "法治讲座"
    TRAINING = "training", "法治培训"
    OPINION = "opinion", "法律意见"
    VILLAGE_RULES = "village_rules", "村规民约"
    DOCUMENT = "document", "代写文书"
    LEGAL_AID = "legal_aid", "法律援助"
    PETITION = "petition", "信访协助"
    PUBLICITY = "publicity", "法治宣传"
    LITIGATION = "litigation", "诉讼服务"
    ELECTION = "election", "换届选举"
    INCIDENT = "incident", "重大事项报告"
    OTHER = "other", "其他"


class LegalTopic(models.TextChoices):
    """The village matters that law publicity turns on (ZX-20), and the rest."""

    LAND_TAKING = "land_taking", "征地拆迁"
    LAND_TITLE = "land_title", "土地权属"
    PROPERTY_SERVICE = "property_service", "物业服务"
    FAMILY = "family", "婚姻家庭"
    SCHOOL_MEDICAL = "school_medical", "入学就医"
    SOCIAL_SECURITY = "social_security", "社会保障"
    ENVIRONMENT = "environment", "环境保护"
    OTHER = "other", "其他"


class FilingKind(models.TextChoices):
    SUGGESTION_REPORT = "suggestion_report", "法治提升建议报告"
    DOSSIER = "dossier", "法治档案"
    JOURNAL = "journal", "工作日志"


class FilingState(models.TextChoices):
    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "已提交"
    RECEIVED = "received", "已接收"
