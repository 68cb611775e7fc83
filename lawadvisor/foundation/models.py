"""Registers that every floor writes to: what was done, what is to be done, what came in."""

from __future__ import annotations

import pgtrigger
from django.db import models

from lawadvisor.foundation.querysets import AuditQuerySet, ImportBatchQuerySet, JobQuerySet

#: What no setting undercuts: a register is kept for half a year at least (网络安全法 21 条).
LEAST_MONTHS_KEPT = 6


def append_only(name: str) -> tuple[pgtrigger.Trigger, pgtrigger.Trigger]:
    """Triggers of a register with an ``at`` column: no row is altered, none deleted before time."""
    young = f"OLD.at > now() - interval '{LEAST_MONTHS_KEPT} months'"
    return (
        pgtrigger.Protect(name=f"{name}_append_only", operation=pgtrigger.Update),
        pgtrigger.Protect(
            name=f"{name}_kept", operation=pgtrigger.Delete, condition=pgtrigger.Condition(young)
        ),
    )


class AuditEntry(models.Model):
    """Who did what to which row, written in the transaction that did it.

    The actor and the subject are kept as plain values, not as foreign keys:
    the register outlives what it names. ``actor_id`` None is the system
    itself; ``bureau_id`` None concerns no single bureau.
    """

    at = models.DateTimeField("时间", auto_now_add=True, db_index=True)
    actor_id = models.BigIntegerField("操作人编号", null=True)
    actor_name = models.CharField("操作人", max_length=50)
    address = models.CharField("来源地址", max_length=45, blank=True)
    verb = models.CharField("操作", max_length=50, db_index=True)
    subject_type = models.CharField("对象类型", max_length=50)
    subject_id = models.BigIntegerField("对象编号", null=True)
    subject_label = models.CharField("对象", max_length=200)
    bureau_id = models.BigIntegerField("司法局编号", null=True)
    before = models.JSONField("变更前", null=True)
    after = models.JSONField("变更后", null=True)
    reason = models.CharField("事由", max_length=500, blank=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = "操作日志"
        verbose_name_plural = "操作日志"
        ordering = ("-id",)
        indexes = (models.Index(fields=("subject_type", "subject_id"), name="audit_subject"),)
        triggers = append_only("audit")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name} {self.verb} {self.subject_label}"


class JobState(models.TextChoices):
    QUEUED = "queued", "待处理"
    DONE = "done", "已完成"
    FAILED = "failed", "失败"
    HALTED = "halted", "已中止"


class Job(models.Model):
    """One piece of work for the worker; the row is the truth, the broker only a bell.

    ``key`` says what the work is, so that asking twice is asking once.
    ``attempts`` counts claims and serves as the token of the one who holds the
    newest claim. ``group`` gathers the jobs of one undertaking for its progress.
    """

    kind = models.CharField("种类", max_length=40)
    key = models.CharField("标识", max_length=200, unique=True)
    group = models.CharField("批次", max_length=120, blank=True, db_index=True)
    payload = models.JSONField("参数", default=dict)
    state = models.CharField(
        "状态", max_length=10, choices=JobState.choices, default=JobState.QUEUED
    )
    attempts = models.PositiveSmallIntegerField("尝试次数", default=0)
    last_error = models.CharField("最近一次错误", max_length=500, blank=True)
    created_at = models.DateTimeField("创建时间", auto_now_add=True)
    rung_at = models.DateTimeField("最近一次通知", auto_now_add=True)
    finished_at = models.DateTimeField("完成时间", null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = "后台任务"
        verbose_name_plural = "后台任务"
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                name="job_finished_when_not_queued",
                condition=models.Q(state=JobState.QUEUED, finished_at__isnull=True)
                | (~models.Q(state=JobState.QUEUED) & models.Q(finished_at__isnull=False)),
            ),
        )
        indexes = (
            models.Index(
                fields=("rung_at",),
                name="job_waiting",
                condition=models.Q(state="queued"),
            ),
        )

    def __str__(self) -> str:
        return f"{self.key}（{self.get_state_display()}）"


class BatchState(models.TextChoices):
    UPLOADED = "uploaded", "正在检查"
    CHECKED = "checked", "待确认"
    REFUSED = "refused", "不能导入"
    WRITING = "writing", "正在写入"
    DONE = "done", "已导入"
    UNDONE = "undone", "已撤销"
    DROPPED = "dropped", "已放弃"


class ImportBatch(models.Model):
    """One uploaded workbook, from the file to what it wrote and whether that was taken back.

    The file itself, and the copy with marked cells, lie in the media folder under their
    SHA-256; ``marked`` is "" without such a copy. ``counts`` are rows by action and bad cells,
    ``findings`` what the page shows of them. ``digest`` stands for what a person confirms.
    ``traces`` say what was written, None before. ``rounds`` counts the jobs that were ordered.
    """

    bureau_id = models.BigIntegerField("司法局编号", db_index=True)
    kind = models.CharField("种类", max_length=20)
    file_name = models.CharField("文件名", max_length=200)
    checksum = models.CharField("校验值", max_length=64)
    size = models.PositiveIntegerField("字节数")
    state = models.CharField(
        "状态", max_length=10, choices=BatchState.choices, default=BatchState.UPLOADED
    )
    counts = models.JSONField("数量", default=dict)
    findings = models.JSONField("检查结果", default=dict)
    digest = models.CharField("核对值", max_length=64, blank=True)
    fixes = models.JSONField("采用的建议值", default=list)
    marked = models.CharField("标注件校验值", max_length=64, blank=True)
    traces = models.JSONField("写入痕迹", null=True)
    note = models.CharField("说明", max_length=1000, blank=True)
    undo_reason = models.CharField("撤销事由", max_length=200, blank=True)
    rounds = models.PositiveSmallIntegerField("处理次数", default=0)
    created_at = models.DateTimeField("上传时间", auto_now_add=True)
    created_by_id = models.BigIntegerField("上传人编号")
    created_by = models.CharField("上传人", max_length=50)
    finished_at = models.DateTimeField("完成时间", null=True)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = "导入批次"
        verbose_name_plural = "导入批次"
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                name="batch_state_known", condition=models.Q(state__in=BatchState.values)
            ),
            models.CheckConstraint(
                name="batch_traced_when_written",
                condition=models.Q(
                    state__in=(BatchState.DONE, BatchState.UNDONE), traces__isnull=False
                )
                | (
                    ~models.Q(state__in=(BatchState.DONE, BatchState.UNDONE))
                    & models.Q(traces__isnull=True)
                ),
            ),
        )

    def __str__(self) -> str:
        return f"{self.file_name}（{self.get_state_display()}）"

    @property
    def group(self) -> str:
        """The name of this batch's jobs."""
        return f"import:{self.pk}"
