"""Grave matters, reported at once and acknowledged by each who must know."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from advisors.models import Advisor
from lawadvisor.accounts.models import User
from lawadvisor.foundation.secrets import SecretField
from villages.models import Village
from worklogs.enums import IncidentKind, IncidentLevel, IncidentState, NoteKind, Recipient
from worklogs.querysets import IncidentNoteQuerySet, IncidentNoticeQuerySet, IncidentQuerySet


class Incident(models.Model):
    """One report of a grave matter (重大事项报告).

    A row of its own and no filing: it is owed by the hour and not by a period, its facts are
    sealed, and each recipient's acknowledgement runs on a clock of its own. ``happened_at`` is
    when it happened or was noticed, ``people`` an estimate, None where there is none.
    """

    client_uuid = models.UUIDField("客户端编号", default=uuid.uuid4, unique=True, editable=False)
    village = models.ForeignKey(
        Village, on_delete=models.PROTECT, related_name="incidents", verbose_name="村（社区）"
    )
    advisor = models.ForeignKey(
        Advisor, on_delete=models.PROTECT, related_name="incidents", verbose_name="法律顾问"
    )
    kind = models.CharField("类型", max_length=20, choices=IncidentKind.choices)
    level = models.CharField("程度", max_length=10, choices=IncidentLevel.choices)
    happened_at = models.DateTimeField("发生（发现）时间")
    place = models.CharField("地点", max_length=80)
    people = models.PositiveIntegerField("涉及人数", null=True, blank=True)
    facts = SecretField("情况", max_length=1000)
    submitted_at = models.DateTimeField("报告时间")
    entered_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name="录入人"
    )
    state = models.CharField(
        "状态", max_length=10, choices=IncidentState.choices, default=IncidentState.OPEN
    )

    objects = IncidentQuerySet.as_manager()

    class Meta:
        verbose_name = "重大事项报告"
        verbose_name_plural = "重大事项报告"
        ordering = ("-submitted_at", "-pk")
        constraints = (
            models.CheckConstraint(
                name="incident_choices_known",
                condition=Q(kind__in=IncidentKind.values)
                & Q(level__in=IncidentLevel.values)
                & Q(state__in=IncidentState.values),
            ),
            models.CheckConstraint(
                name="incident_tells_facts",
                condition=~Q(facts="") & ~Q(place=""),
                violation_error_message="请写明地点和情况。",
            ),
            models.CheckConstraint(
                name="incident_reported_after_it_happened",
                condition=Q(submitted_at__gte=F("happened_at")),
                violation_error_message="发生时间不应晚于报告时间。",
            ),
        )

    def __str__(self) -> str:
        return f"{self.village.short_name}：{self.get_kind_display()}"


class IncidentNotice(models.Model):
    """One recipient of one report, and when somebody there had read it; None: nobody yet."""

    incident = models.ForeignKey(
        Incident, on_delete=models.CASCADE, related_name="notices", verbose_name="重大事项报告"
    )
    recipient = models.CharField("报送对象", max_length=10, choices=Recipient.choices)
    due_at = models.DateTimeField("签收期限")
    acknowledged_at = models.DateTimeField("签收时间", null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="签收人",
    )

    objects = IncidentNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "重大事项签收"
        verbose_name_plural = "重大事项签收"
        ordering = ("incident", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("incident", "recipient"),
                name="notice_once_per_recipient",
                violation_error_message="该报告已报送此单位。",
            ),
            models.CheckConstraint(
                name="notice_recipient_known", condition=Q(recipient__in=Recipient.values)
            ),
            models.CheckConstraint(
                name="notice_acknowledged_by_somebody",
                condition=Q(acknowledged_at__isnull=True, acknowledged_by__isnull=True)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.incident}，{self.get_recipient_display()}"


class IncidentNote(models.Model):
    """What was done afterwards, and the legal opinion that was given."""

    incident = models.ForeignKey(
        Incident, on_delete=models.CASCADE, related_name="notes", verbose_name="重大事项报告"
    )
    kind = models.CharField("类型", max_length=20, choices=NoteKind.choices)
    text = SecretField("内容", max_length=1000)
    at = models.DateTimeField("时间")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="填写人")

    objects = IncidentNoteQuerySet.as_manager()

    class Meta:
        verbose_name = "重大事项跟进"
        verbose_name_plural = "重大事项跟进"
        ordering = ("incident", "at", "pk")
        constraints = (
            models.CheckConstraint(name="note_kind_known", condition=Q(kind__in=NoteKind.values)),
            models.CheckConstraint(
                name="note_says_something",
                condition=~Q(text=""),
                violation_error_message="请填写内容。",
            ),
        )

    def __str__(self) -> str:
        return f"{self.incident}，{self.get_kind_display()}"
