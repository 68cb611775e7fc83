"""What villages ask of their advisors, and how long an answer may take."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.db import models
from django.db.models import F, Q

from advisors.models import Advisor, Liaison
from lawadvisor.accounts.models import User
from lawadvisor.foundation.roles import Role
from lawadvisor.foundation.secrets import SecretField
from villages.models import Bureau, Village
from worklogs.enums import LimitKey, RequestKind, RequestState
from worklogs.models.logs import ServiceLog
from worklogs.querysets import BureauLimitQuerySet, ServiceRequestQuerySet


class BureauLimit(models.Model):
    """A bureau's own number where the portal has a default (``worklogs.limits``)."""

    bureau = models.ForeignKey(
        Bureau, on_delete=models.PROTECT, related_name="limits", verbose_name="司法局"
    )
    key = models.CharField("参数", max_length=20, choices=LimitKey.choices)
    amount = models.PositiveSmallIntegerField("数值")

    objects = BureauLimitQuerySet.as_manager()

    class Meta:
        verbose_name = "时限参数"
        verbose_name_plural = "时限参数"
        ordering = ("bureau", "key")
        constraints = (
            models.UniqueConstraint(
                fields=("bureau", "key"),
                name="limit_once_per_bureau",
                violation_error_message="本局已设定此参数。",
            ),
            models.CheckConstraint(name="limit_key_known", condition=Q(key__in=LimitKey.values)),
            models.CheckConstraint(
                name="limit_is_some",
                condition=Q(amount__gte=1),
                violation_error_message="时限至少为1。",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_key_display()}：{self.amount}"


class ServiceRequest(models.Model):
    """A village asks for a visit or an answer (ZX-30, SH-36, SH-37, DG-31).

    Raised by a person with an account or by the village's contact through his link, never both.
    ``due_on`` is the last day in time, fixed when it was raised. ``advisor`` is who took it up,
    None before; ``answered_at`` the first answer, by text, by the log of a service, or both.
    """

    client_uuid = models.UUIDField("客户端编号", default=uuid.uuid4, unique=True, editable=False)
    village = models.ForeignKey(
        Village, on_delete=models.PROTECT, related_name="requests", verbose_name="村（社区）"
    )
    kind = models.CharField("类型", max_length=10, choices=RequestKind.choices)
    text = SecretField("需求", max_length=300, blank=True)
    wanted_on = models.DateField("希望日期", null=True, blank=True)
    raised_as = models.CharField(
        "提出岗位", max_length=20, choices=[(role.value, role.label) for role in Role]
    )
    raised_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="提出人",
    )
    liaison = models.ForeignKey(
        Liaison,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="requests",
        verbose_name="联络员",
    )
    raised_at = models.DateTimeField("提出时间")
    due_on = models.DateField("办理期限")
    state = models.CharField(
        "状态", max_length=10, choices=RequestState.choices, default=RequestState.OPEN
    )
    advisor = models.ForeignKey(
        Advisor,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="requests",
        verbose_name="法律顾问",
    )
    answered_at = models.DateTimeField("首次答复时间", null=True, blank=True)
    answer = SecretField("答复", max_length=500, blank=True)
    log = models.ForeignKey(
        ServiceLog,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="requests",
        verbose_name="服务记录",
    )
    declined_reason = models.CharField("不能办理的原因", max_length=200, blank=True)

    objects = ServiceRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "服务请求"
        verbose_name_plural = "服务请求"
        ordering = ("due_on", "raised_at", "pk")
        indexes = (
            models.Index(
                fields=("village", "due_on"),
                name="request_owed",
                condition=Q(state__in=("open", "accepted")),
            ),
        )
        constraints = (
            models.CheckConstraint(
                name="request_choices_known",
                condition=Q(kind__in=RequestKind.values)
                & Q(state__in=RequestState.values)
                & Q(raised_as__in=Role.values),
            ),
            models.CheckConstraint(
                name="request_raised_by_one",
                condition=Q(raised_by__isnull=False, liaison__isnull=True)
                | Q(raised_by__isnull=True, liaison__isnull=False),
            ),
            models.CheckConstraint(
                name="request_says_what",
                condition=Q(kind=RequestKind.VISIT) | ~Q(text=""),
                violation_error_message="请写明要咨询的问题。",
            ),
            models.CheckConstraint(
                name="request_answered_with_something",
                condition=~Q(state=RequestState.ANSWERED)
                | (Q(answered_at__isnull=False) & (~Q(answer="") | Q(log__isnull=False))),
                violation_error_message="请填写答复，或选择对应的服务记录。",
            ),
            models.CheckConstraint(
                name="request_declined_with_reason",
                condition=~Q(state=RequestState.DECLINED) | ~Q(declined_reason=""),
                violation_error_message="请写明不能办理的原因。",
            ),
            models.CheckConstraint(
                name="request_answered_after_raised",
                condition=Q(answered_at__isnull=True) | Q(answered_at__gte=F("raised_at")),
                violation_error_message="答复时间不应早于提出时间。",
            ),
        )

    def __str__(self) -> str:
        return f"{self.village.short_name}：{self.get_kind_display()}"

    @property
    def response_time(self) -> timedelta | None:
        """From raised to the first answer; None before there is one."""
        return self.answered_at - self.raised_at if self.answered_at else None

    @property
    def response_words(self) -> str:
        """``3天4小时``, ``25分钟``; "" before the first answer."""
        if self.response_time is None:
            return ""
        minutes = int(self.response_time.total_seconds()) // 60
        days, hours = minutes // 1440, minutes // 60 % 24
        if days:
            return f"{days}天{hours}小时" if hours else f"{days}天"
        return f"{hours}小时" if hours else f"{minutes}分钟"
