"""Two registers that every floor writes to: what was done, and what is to be done."""

from __future__ import annotations

import pgtrigger
from django.db import models

from lawadvisor.foundation.querysets import AuditQuerySet, JobQuerySet

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
