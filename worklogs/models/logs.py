"""What an advisor did: sessions of service, the matters in them, and papers handed in."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.contrib.postgres.fields.ranges import DateTimeRangeField, RangeBoundary
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Extract, Greatest, Least, Mod
from django.db.models.lookups import Exact

from advisors.models import Advisor, Appointment
from lawadvisor.accounts.models import User
from lawadvisor.foundation.secrets import (
    SecretField,
    SecretHash,
    SecretNameField,
    SecretPhoneField,
)
from worklogs.enums import (
    AttachmentKind,
    LegalTopic,
    LogState,
    MatterKind,
    Mode,
    Purpose,
    SpecialGroup,
)
from worklogs.models.marks import marks_field, marks_known
from worklogs.querysets import AttachmentQuerySet, MatterQuerySet, ServiceLogQuerySet


class LocalTimestamp(Func):
    """An instant as the wall clock of Asia/Shanghai shows it; immutable, so it may index."""

    function = "timezone"
    template = "%(function)s('Asia/Shanghai', %(expressions)s)"
    output_field = models.DateTimeField()


def local_day(instant: Combinable) -> Cast:
    """The Shanghai date of an instant."""
    return Cast(LocalTimestamp(instant), models.DateField())


class Epoch(Func):
    template = "EXTRACT(EPOCH FROM %(expressions)s)"
    output_field = models.DecimalField()


def on_the_minute(column: str) -> Q:
    """No seconds: 239 minutes and 30 seconds must not round up to four hours (A11)."""
    return Q(Exact(Mod(Epoch(column), Value(60)), Value(0)))


class InstantRange(Func):
    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


def advisor_lock(advisor_id: int) -> str:
    """The name of the lock (``foundation.locks``) under which an advisor's records are written."""
    return f"advisor:{advisor_id}"


class ServiceLog(models.Model):
    """One session of service (一次一记), holding its matters.

    ``service_date`` is the Shanghai day of the service; ``entered_at`` is when
    the server received the record. Start and end are whole minutes and may be
    missing only in a draft. ``advisor`` repeats the appointment's advisor, held
    equal by a composite foreign key, so that the database itself refuses two
    sessions of one person at one time. ``minutes`` is None without times.

    ``version`` counts what its advisor changed of it, so that nobody overwrites what he has not
    read. ``change_no`` is new with every write, of whatever column: a phone asks for what came
    after the last one it knows. The numbers of one advisor become visible in their order because
    whoever writes his records holds ``advisor_lock`` to the end of the transaction.
    """

    client_uuid = models.UUIDField("客户端编号", default=uuid.uuid4, unique=True, editable=False)
    appointment = models.ForeignKey(
        Appointment,
        on_delete=models.PROTECT,
        related_name="logs",
        verbose_name="聘任",
        db_index=False,
    )
    advisor = models.ForeignKey(
        Advisor,
        on_delete=models.PROTECT,
        related_name="logs",
        verbose_name="法律顾问",
        db_index=False,
    )
    service_date = models.DateField("服务日期")
    started_at = models.DateTimeField("开始时间", null=True, blank=True)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    minutes = models.GeneratedField(
        expression=Cast(
            Extract(F("ended_at") - F("started_at"), "epoch") / 60,
            models.SmallIntegerField(),
        ),
        output_field=models.SmallIntegerField(null=True),
        db_persist=True,
        verbose_name="时长（分钟）",
    )
    mode = models.CharField("方式", max_length=15, choices=Mode.choices)
    purpose = models.CharField("事由", max_length=15, choices=Purpose.choices)
    no_visitors = models.BooleanField("坐班，无来访", default=False)
    place = models.CharField("地点", max_length=80, blank=True)
    state = models.CharField(
        "状态", max_length=10, choices=LogState.choices, default=LogState.DRAFT
    )
    returned_reason = models.CharField("退回原因", max_length=200, blank=True)
    is_supplement = models.BooleanField("补录", default=False)
    version = models.PositiveIntegerField("版次", default=1, editable=False)
    change_no = models.BigIntegerField("变动序号", default=0, editable=False)
    entered_at = models.DateTimeField("录入时间")
    entered_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name="录入人"
    )

    objects = ServiceLogQuerySet.as_manager()

    class Meta:
        verbose_name = "服务记录"
        verbose_name_plural = "服务记录"
        ordering = ("-service_date", "-started_at", "id")
        indexes = (
            # the engine's whole read of a session, without touching the table
            models.Index(
                fields=("appointment", "service_date"),
                include=("minutes", "mode", "purpose", "state"),
                name="log_judged",
            ),
            models.Index(fields=("advisor", "change_no"), name="log_changes"),
        )
        triggers = (
            pgtrigger.Trigger(
                name="log_change_no",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="NEW.change_no := nextval('worklogs_change_no'); RETURN NEW;",
            ),
        )
        constraints = (
            models.CheckConstraint(
                name="log_times_unless_draft",
                condition=Q(started_at__isnull=False, ended_at__isnull=False)
                | Q(state=LogState.DRAFT),
                violation_error_message="请填写开始和结束时间。",
            ),
            models.CheckConstraint(
                name="log_in_whole_minutes",
                condition=Q(started_at__isnull=True)
                | Q(ended_at__isnull=True)
                | (on_the_minute("started_at") & on_the_minute("ended_at")),
                violation_error_message="时间应精确到分钟。",
            ),
            models.CheckConstraint(
                name="log_end_after_start",
                condition=Q(started_at__isnull=True)
                | Q(ended_at__isnull=True)
                | Q(ended_at__gt=F("started_at")),
                violation_error_message="结束时间应晚于开始时间。",
            ),
            models.CheckConstraint(
                name="log_starts_on_its_day",
                condition=Q(started_at__isnull=True)
                | Q(service_date=Cast(LocalTimestamp("started_at"), models.DateField())),
                violation_error_message="开始时间应在服务日期当天。",
            ),
            models.CheckConstraint(
                name="log_not_past_midnight",
                condition=Q(ended_at__isnull=True)
                | Q(service_date=local_day(F("ended_at") - Value(timedelta(microseconds=1)))),
                violation_error_message="一次服务不能跨过零点，请分两天填写。",
            ),
            models.CheckConstraint(name="log_version_from_one", condition=Q(version__gte=1)),
            models.CheckConstraint(
                name="log_return_has_reason",
                condition=~Q(state=LogState.RETURNED) | ~Q(returned_reason=""),
                violation_error_message="退回须写明原因。",
            ),
            models.CheckConstraint(
                name="log_nobody_came_to_a_duty",
                condition=Q(no_visitors=False) | Q(mode=Mode.ON_SITE, purpose=Purpose.DUTY),
                violation_error_message="“坐班，无来访”只用于现场的坐班咨询。",
            ),
            models.CheckConstraint(
                name="log_choices_known",
                condition=Q(mode__in=Mode.values)
                & Q(purpose__in=Purpose.values)
                & Q(state__in=LogState.values),
            ),
            ExclusionConstraint(
                name="log_advisor_one_place_at_a_time",
                expressions=[
                    ("advisor", RangeOperators.EQUAL),
                    (
                        # a backwards pair is for log_end_after_start to refuse, in its words
                        InstantRange(
                            Least("started_at", "ended_at"),
                            Greatest("started_at", "ended_at"),
                            RangeBoundary(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(started_at__isnull=False, ended_at__isnull=False)
                & ~Q(state=LogState.WITHDRAWN),
                violation_error_message="该顾问在这段时间已有另一条服务记录。",
            ),
        )

    def __str__(self) -> str:
        return f"{self.service_date} {self.appointment}"


class Matter(models.Model):
    """One thing done in a session (一事一记). Fields that a kind does not ask for stay empty.

    Who came and what was said is sealed; ``faces`` decides who is shown how much of it.
    """

    log = models.ForeignKey(
        ServiceLog,
        on_delete=models.CASCADE,
        related_name="matters",
        verbose_name="服务记录",
    )
    kind = models.CharField("事项", max_length=20, choices=MatterKind.choices)
    topic = models.CharField("领域", max_length=20, choices=LegalTopic.choices, blank=True)
    focus = models.CharField("法律重点", max_length=80, blank=True)
    client = SecretNameField("服务对象", max_length=50, blank=True)
    phone = SecretPhoneField("联系电话", max_length=20, blank=True)
    special_group = SecretField("特殊群体", choices=SpecialGroup.choices, blank=True)
    content = SecretField("内容", max_length=1000, blank=True)
    method = SecretField("方法", max_length=200, blank=True)
    result = SecretField("结果", max_length=500, blank=True)
    audience = models.PositiveIntegerField("人数", null=True, blank=True)
    succeeded = models.BooleanField("调解成功", null=True, blank=True)
    marks = marks_field()

    objects = MatterQuerySet.as_manager()

    class Meta:
        verbose_name = "事项"
        verbose_name_plural = "事项"
        ordering = ("log", "id")
        # a year's lectures are few among all that was done
        indexes = (
            models.Index(fields=("kind", "log"), name="matter_by_kind"),
            models.Index(SecretHash("client"), name="matter_by_client"),
            models.Index(SecretHash("phone"), name="matter_by_phone"),
        )
        constraints = (
            models.CheckConstraint(
                name="matter_kind_known", condition=Q(kind__in=MatterKind.values)
            ),
            models.CheckConstraint(
                name="matter_outcome_of_mediation",
                condition=Q(succeeded__isnull=True) | Q(kind=MatterKind.MEDIATION),
                violation_error_message="只有调解事项才有“调解成功”。",
            ),
            marks_known("matter"),
        )

    def __str__(self) -> str:
        return self.get_kind_display()


class RemovedLog(models.Model):
    """The number of a record that the undoing of an import took back, for phones that know it.

    Nothing else of it is left. ``change_no`` is of the same sequence as a log's. ``advisor`` is a
    number and no key: it must not keep the undoing of an earlier import from deleting the advisor.
    """

    client_uuid = models.UUIDField("客户端编号")
    advisor = models.BigIntegerField("法律顾问的编号")
    change_no = models.BigIntegerField(
        "变动序号",
        db_default=Func(
            Value("worklogs_change_no"),
            function="nextval",
            output_field=models.BigIntegerField(),
        ),
        editable=False,
    )

    class Meta:
        verbose_name = "撤销的记录"
        verbose_name_plural = "撤销的记录"
        ordering = ("change_no",)
        indexes = (models.Index(fields=("advisor", "change_no"), name="removed_changes"),)

    def __str__(self) -> str:
        return str(self.client_uuid)


class Attachment(models.Model):
    """A picture or sheet that proves a matter; the file is named by its checksum.

    ``checksum`` is the SHA-256 of the bytes as stored, below the media folder. ``likeness`` is
    what a photo looks like in 64 bits (``worklogs.likeness``), None before it was looked at.
    """

    matter = models.ForeignKey(
        Matter, on_delete=models.CASCADE, related_name="attachments", verbose_name="事项"
    )
    kind = models.CharField("类型", max_length=10, choices=AttachmentKind.choices)
    checksum = models.CharField("校验值", max_length=64)
    size = models.PositiveIntegerField("字节数")
    media_type = models.CharField("格式", max_length=40)
    added_at = models.DateTimeField("上传时间")
    likeness = models.BigIntegerField("照片特征", null=True, blank=True, editable=False)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = "附件"
        verbose_name_plural = "附件"
        ordering = ("matter", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("matter", "checksum"),
                name="attachment_once",
                violation_error_message="该事项已有这份附件。",
            ),
            models.CheckConstraint(
                name="attachment_kind_known", condition=Q(kind__in=AttachmentKind.values)
            ),
            models.CheckConstraint(
                name="attachment_checksum_is_sha256",
                condition=Q(checksum__regex="^[0-9a-f]{64}$"),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.matter}"
