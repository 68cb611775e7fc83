"""The office's monthly check of a village, or of one advisor in it (R25)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from assessments.enums import CheckMethod, CheckOutcome
from assessments.querysets import MonthlyCheckQuerySet
from worklogs.models import Filing


class MonthlyCheck(models.Model):
    """What a filing of the kind ``monthly_check`` tells: how was looked, what was found, advised.

    The filing is what the policy counts; its ``advisor`` None: the village as a whole. ``records``
    is how many records were looked through. ``reply`` is the advisor's answer, "" before it.
    """

    filing = models.OneToOneField(
        Filing, on_delete=models.PROTECT, related_name="check_told", verbose_name="文书"
    )
    method = models.CharField("核查方式", max_length=10, choices=CheckMethod.choices)
    outcome = models.CharField("核查结果", max_length=10, choices=CheckOutcome.choices)
    records = models.PositiveSmallIntegerField("查看记录数")
    finding = models.CharField("发现的情况", max_length=500, blank=True)
    advice = models.CharField("意见和建议", max_length=500, blank=True)
    checked_by = models.CharField("核查人", max_length=50)
    reply = models.CharField("顾问答复", max_length=500, blank=True)
    replied_at = models.DateTimeField("答复时间", null=True, blank=True)

    objects = MonthlyCheckQuerySet.as_manager()

    class Meta:
        verbose_name = "核查记录"
        verbose_name_plural = "核查记录"
        ordering = ("filing",)
        constraints = (
            models.CheckConstraint(
                name="check_choices_known",
                condition=Q(method__in=CheckMethod.values) & Q(outcome__in=CheckOutcome.values),
            ),
            models.CheckConstraint(
                name="check_tells_what_was_not_true",
                condition=Q(outcome=CheckOutcome.TRUE) | ~Q(finding__regex=r"^\s*$"),
                violation_error_message="核查结果不全属实的，请写明发现的情况。",
            ),
            models.CheckConstraint(
                name="check_reply_dated",
                condition=Q(reply="", replied_at__isnull=True)
                | (~Q(reply="") & Q(replied_at__isnull=False)),
            ),
        )

    def __str__(self) -> str:
        return str(self.filing)
