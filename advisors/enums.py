from __future__ import annotations

from django.db import models


class OrganisationKind(models.TextChoices):
    LAW_FIRM = "law_firm", "律师事务所"
    LEGAL_SERVICE_OFFICE = "legal_service_office", "基层法律服务所"
    PUBLIC_BODY = "public_body", "机关单位"


class Category(models.TextChoices):
    """Who may be an advisor; each policy accepts some of these."""

    LAWYER = "lawyer", "律师"
    LEGAL_WORKER = "legal_worker", "基层法律服务工作者"
    BUREAU_STAFF = "bureau_staff", "司法行政工作人员"
    RETIRED_CADRE = "retired_cadre", "退休政法干部"
    RETIRED_JUDGE = "retired_judge", "退休法官"
    RETIRED_PROSECUTOR = "retired_prosecutor", "退休检察官"
    LEGAL_SCHOLAR = "legal_scholar", "法学专家"
    LEGAL_AID_STAFF = "legal_aid_staff", "法律援助人员"
    NOTARY = "notary", "公证人员"


class Education(models.TextChoices):
    """From the lowest; policies name the least that they ask (SH-17)."""

    JUNIOR_COLLEGE = "junior_college", "大专"
    BACHELOR = "bachelor", "本科"
    MASTER = "master", "研究生"


#: Categories that practise under a licence, so that its number is asked for (ZX-22).
LICENSED = (Category.LAWYER, Category.LEGAL_WORKER)


class AppointmentStatus(models.TextChoices):
    PROPOSED = "proposed", "拟任"
    ACTIVE = "active", "在任"
    SUSPENDED = "suspended", "暂停"
    ENDED = "ended", "已结束"
    CANCELLED = "cancelled", "未生效"


#: Appointments that hold a village against the cap: in force, or were for their term (A4).
HOLDING = (
    AppointmentStatus.ACTIVE,
    AppointmentStatus.SUSPENDED,
    AppointmentStatus.ENDED,
)
