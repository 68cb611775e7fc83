"""What people are told by the portal itself, by which way, and whether it went out."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from assessments.enums import Channel, DeliveryState, MessageKind
from assessments.querysets import BureauChannelQuerySet, DeliveryQuerySet, MessageQuerySet
from lawadvisor.accounts.models import User
from lawadvisor.foundation.secrets import SecretField
from villages.models import Bureau


class Message(models.Model):
    """What one person is told, or, with ``user`` None, a bureau's group.

    ``key`` says what it is about, so that telling twice is telling once. ``text`` names no
    client and nothing that was said to an advisor; ``link`` is the page on which to act.
    ``read_at`` None: not opened yet.
    """

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, null=True, related_name="told", verbose_name="收件人"
    )
    bureau = models.ForeignKey(
        Bureau, on_delete=models.PROTECT, related_name="told", verbose_name="司法局"
    )
    kind = models.CharField("种类", max_length=15, choices=MessageKind.choices)
    title = models.CharField("标题", max_length=80)
    text = models.TextField("内容")
    link = models.CharField("链接", max_length=200)
    key = models.CharField("标识", max_length=200, unique=True)
    made_at = models.DateTimeField("时间")
    read_at = models.DateTimeField("阅读时间", null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = "消息"
        verbose_name_plural = "消息"
        ordering = ("-made_at", "-pk")
        indexes = (
            models.Index(fields=("user",), name="message_unread", condition=Q(read_at=None)),
        )
        constraints = (
            models.CheckConstraint(
                name="message_kind_known", condition=Q(kind__in=MessageKind.values)
            ),
        )

    def __str__(self) -> str:
        return self.title


class Delivery(models.Model):
    """One message on one way: when, how often it was tried, and what became of it."""

    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, related_name="deliveries", verbose_name="消息"
    )
    channel = models.CharField("渠道", max_length=10, choices=Channel.choices)
    state = models.CharField(
        "状态", max_length=10, choices=DeliveryState.choices, default=DeliveryState.QUEUED
    )
    tries = models.PositiveSmallIntegerField("尝试次数", default=0)
    error = models.CharField("说明", max_length=200, blank=True)
    changed_at = models.DateTimeField("变动时间", auto_now=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = "消息发送"
        verbose_name_plural = "消息发送"
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(fields=("message", "channel"), name="delivery_once"),
            models.CheckConstraint(
                name="delivery_choices_known",
                condition=Q(channel__in=Channel.values) & Q(state__in=DeliveryState.values),
            ),
        )

    def __str__(self) -> str:
        return f"{self.message} {self.get_channel_display()}"


class BureauChannel(models.Model):
    """A way that a bureau has switched on besides the portal's own list.

    ``address`` is the group robot's, "" for e-mail, which has one for each person.
    """

    bureau = models.ForeignKey(
        Bureau, on_delete=models.PROTECT, related_name="channels", verbose_name="司法局"
    )
    channel = models.CharField("渠道", max_length=10, choices=Channel.choices)
    address = SecretField("机器人地址", max_length=300, blank=True)

    objects = BureauChannelQuerySet.as_manager()

    class Meta:
        verbose_name = "消息渠道"
        verbose_name_plural = "消息渠道"
        ordering = ("bureau", "channel")
        constraints = (
            models.UniqueConstraint(fields=("bureau", "channel"), name="channel_once_per_bureau"),
            models.CheckConstraint(name="channel_known", condition=Q(channel__in=Channel.values)),
        )

    def __str__(self) -> str:
        return f"{self.bureau} {self.get_channel_display()}"


class MessageChoice(models.Model):
    """What one person does not want to be told, and where his e-mail goes; "" is nowhere."""

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, related_name="message_choice", verbose_name="用户"
    )
    email = SecretField("电子邮箱", max_length=200, blank=True)
    muted = ArrayField(
        models.CharField(max_length=15, choices=MessageKind.choices),
        verbose_name="不接收的消息",
        default=list,
        blank=True,
    )

    class Meta:
        verbose_name = "消息设置"
        verbose_name_plural = "消息设置"
        ordering = ("user",)

    def __str__(self) -> str:
        return str(self.user)
