"""The months that were closed, and what came out."""

from __future__ import annotations

from functools import reduce
from operator import or_

import pgtrigger
from django.db import models
from django.db.models import F, Q

from advisors.models import Advisor, Appointment, Organisation, ServiceTeam
from assessments.enums import FileFormat, ReportKey, SubjectKind, VerdictStatus
from assessments.models.policies import Policy, Rule
from assessments.querysets import (
    DailyCheckQuerySet,
    GeneratedFileQuerySet,
    MonthCloseQuerySet,
    VerdictQuerySet,
)
from lawadvisor.foundation.periods import Period
from villages.models import Bureau, Township, Village


class MonthClose(models.Model):
    """One closing of one month by one bureau under the policy of its first day.

    ``revision`` 1 is the close itself; a later one re-judges the month for a
    stated ``reason`` and stands beside the earlier. ``closed_at`` None: still
    at work. How far it is, the jobs of ``group`` tell, of which there will be
    ``planned``. ``halted_at``: somebody, ``halted_by``, has stopped the work, and
    nothing goes on before it is resumed; ``left_at``: it was given up for good.
    """

    bureau = models.ForeignKey(
        Bureau, on_delete=models.PROTECT, related_name="closes", verbose_name="司法局"
    )
    policy = models.ForeignKey(
        Policy, on_delete=models.PROTECT, related_name="closes", verbose_name="政策"
    )
    month = models.DateField("月份")
    revision = models.PositiveSmallIntegerField("版次", default=1)
    reason = models.CharField("重新核算事由", max_length=200, blank=True)
    planned = models.PositiveIntegerField("计划任务数")
    opened_at = models.DateTimeField("开始时间", auto_now_add=True)
    opened_by = models.CharField("操作人", max_length=50)
    closed_at = models.DateTimeField("关账时间", null=True, blank=True)
    halted_at = models.DateTimeField("中止时间", null=True, blank=True)
    halted_by = models.CharField("中止人", max_length=50, blank=True)
    left_at = models.DateTimeField("放弃时间", null=True, blank=True)

    objects = MonthCloseQuerySet.as_manager()

    class Meta:
        verbose_name = "月度关账"
        verbose_name_plural = "月度关账"
        ordering = ("-month", "bureau", "-revision")
        constraints = (
            models.UniqueConstraint(
                fields=("bureau", "month", "revision"), name="month_close_once"
            ),
            models.CheckConstraint(name="month_close_first_day", condition=Q(month__day=1)),
            models.CheckConstraint(
                name="month_close_revision_has_reason",
                condition=Q(revision=1) | ~Q(reason=""),
                violation_error_message="重新核算须写明事由。",
            ),
            models.CheckConstraint(
                name="month_close_whole_or_halted",
                condition=Q(closed_at__isnull=True) | Q(halted_at__isnull=True),
            ),
            models.CheckConstraint(
                name="month_close_left_when_halted",
                condition=Q(left_at__isnull=True) | Q(halted_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.bureau} {self.period.label}"

    @property
    def period(self) -> Period:
        return Period.month(self.month.year, self.month.month)

    @property
    def group(self) -> str:
        """The name under which this close's jobs are counted."""
        return f"close:{self.bureau.code}:{self.period.code}:r{self.revision}"


SUBJECT_COLUMNS = ("appointment", "advisor", "village", "team", "organisation", "township")


def _subject_is(kind: SubjectKind) -> Q:
    """The column of this kind is set and the others are not; a bureau has no column."""
    empty = {f"{column}__isnull": column != kind for column in SUBJECT_COLUMNS}
    return Q(subject_kind=kind, **empty)


def _once(kind: SubjectKind) -> models.UniqueConstraint:
    column = (kind.value,) if kind in SUBJECT_COLUMNS else ()
    return models.UniqueConstraint(
        fields=("close", "rule", *column, "period_start"),
        condition=Q(subject_kind=kind),
        name=f"verdict_once_per_{kind.value}",
    )


class Verdict(models.Model):
    """Rule × subject × period as a close found it; appended, never altered.

    Exactly the subject column that ``subject_kind`` names is set.
    ``scope_township`` is the township whose desk the verdict belongs to, None
    for verdicts on an advisor or the whole bureau. ``explanation`` holds the
    engine's evidence: what counted, what was refused and why, what is missing.
    ``required``, ``actual`` and ``missing`` are in the rule's own unit.
    """

    close = models.ForeignKey(
        MonthClose,
        on_delete=models.PROTECT,
        related_name="verdicts",
        verbose_name="关账",
        db_index=False,
    )
    rule = models.ForeignKey(
        Rule,
        on_delete=models.PROTECT,
        related_name="verdicts",
        verbose_name="规则",
        db_index=False,
    )
    subject_kind = models.CharField("对象类型", max_length=15, choices=SubjectKind.choices)
    appointment = models.ForeignKey(
        Appointment, on_delete=models.PROTECT, null=True, verbose_name="聘任"
    )
    advisor = models.ForeignKey(
        Advisor, on_delete=models.PROTECT, null=True, verbose_name="法律顾问"
    )
    village = models.ForeignKey(
        Village, on_delete=models.PROTECT, null=True, verbose_name="村（社区）"
    )
    team = models.ForeignKey(
        ServiceTeam,
        on_delete=models.PROTECT,
        null=True,
        verbose_name="服务团队",
        db_index=False,
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        verbose_name="机构",
        db_index=False,
    )
    township = models.ForeignKey(
        Township,
        on_delete=models.PROTECT,
        null=True,
        related_name="verdicts_on",
        verbose_name="镇街",
        db_index=False,
    )
    scope_township = models.ForeignKey(
        Township,
        on_delete=models.PROTECT,
        null=True,
        related_name="verdicts",
        verbose_name="所属镇街",
        db_index=False,
    )
    period_start = models.DateField("期间起")
    period_end = models.DateField("期间止（不含）")
    status = models.CharField("结论", max_length=15, choices=VerdictStatus.choices)
    required = models.DecimalField("应完成", max_digits=12, decimal_places=2)
    actual = models.DecimalField("已完成", max_digits=12, decimal_places=2)
    missing = models.DecimalField("尚缺", max_digits=12, decimal_places=2)
    explanation = models.JSONField("依据")

    objects = VerdictQuerySet.as_manager()

    class Meta:
        verbose_name = "达标结论"
        verbose_name_plural = "达标结论"
        ordering = ("close", "id")
        indexes = (models.Index(fields=("close", "scope_township"), name="verdict_desk"),)
        constraints = (
            *(_once(kind) for kind in SubjectKind),
            models.CheckConstraint(
                name="verdict_one_subject",
                condition=reduce(or_, map(_subject_is, SubjectKind)),
            ),
            models.CheckConstraint(
                name="verdict_status_known",
                condition=Q(status__in=VerdictStatus.values),
            ),
            models.CheckConstraint(
                name="verdict_period_ordered",
                condition=Q(period_end__gt=F("period_start")),
            ),
        )
        triggers = (
            pgtrigger.Protect(
                name="verdict_append_only",
                operation=pgtrigger.Update | pgtrigger.Delete,
            ),
        )

    def __str__(self) -> str:
        return f"{self.rule} {self.get_status_display()}"

    @property
    def subject_id(self) -> int:
        """Primary key of the subject, in the table that ``subject_kind`` names."""
        if self.subject_kind == SubjectKind.BUREAU:
            return self.close.bureau_id
        return getattr(self, f"{self.subject_kind}_id")


class DailyCheck(models.Model):
    """How the running month stood at the end of a day, for the desk to warn in time.

    ``findings`` lists what is not met, at risk or to be noticed, as
    ``[rule key, subject kind, subject id, status, actual, required]``;
    ``counts`` holds the number of verdicts by status.
    """

    bureau = models.ForeignKey(
        Bureau, on_delete=models.PROTECT, related_name="daily_checks", verbose_name="司法局"
    )
    policy = models.ForeignKey(
        Policy, on_delete=models.PROTECT, related_name="daily_checks", verbose_name="政策"
    )
    day = models.DateField("日期")
    counts = models.JSONField("各结论数")
    findings = models.JSONField("需要关注")

    objects = DailyCheckQuerySet.as_manager()

    class Meta:
        verbose_name = "每日检查"
        verbose_name_plural = "每日检查"
        ordering = ("-day", "bureau")
        constraints = (
            models.UniqueConstraint(fields=("bureau", "day"), name="daily_check_once_a_day"),
        )

    def __str__(self) -> str:
        return f"{self.bureau} {self.day}"


class GeneratedFile(models.Model):
    """A paper that was written once and is never rendered again.

    ``township`` None: the paper covers the whole bureau. ``checksum`` is the
    SHA-256 of the bytes, and names the file below the media folder; ``version``
    counts up when the same paper of the same close is written anew.
    """

    close = models.ForeignKey(
        MonthClose, on_delete=models.PROTECT, related_name="files", verbose_name="关账"
    )
    report = models.CharField("报表", max_length=5, choices=ReportKey.choices)
    township = models.ForeignKey(
        Township, on_delete=models.PROTECT, null=True, blank=True, verbose_name="镇街"
    )
    format = models.CharField("格式", max_length=5, choices=FileFormat.choices)
    version = models.PositiveSmallIntegerField("版本", default=1)
    checksum = models.CharField("校验值", max_length=64)
    size = models.PositiveIntegerField("字节数")
    created_at = models.DateTimeField("生成时间", auto_now_add=True)

    objects = GeneratedFileQuerySet.as_manager()

    class Meta:
        verbose_name = "报表文件"
        verbose_name_plural = "报表文件"
        ordering = ("close", "township", "report", "format", "-version")
        constraints = (
            models.UniqueConstraint(
                fields=("close", "report", "township", "format", "version"),
                condition=Q(township__isnull=False),
                name="file_once_per_township",
            ),
            models.UniqueConstraint(
                fields=("close", "report", "format", "version"),
                condition=Q(township__isnull=True),
                name="file_once_per_bureau",
            ),
            models.CheckConstraint(
                name="file_checksum_is_sha256",
                condition=Q(checksum__regex="^[0-9a-f]{64}$"),
            ),
        )
        triggers = (
            pgtrigger.Protect(
                name="file_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        )

    def __str__(self) -> str:
        return f"{self.close} {self.get_report_display()} {self.get_format_display()}"
