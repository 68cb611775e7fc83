"""The month's paper journal on its way: printed with a number, received and reviewed (JC-47)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from assessments.enums import BookOutcome
from assessments.querysets import MonthlyBookQuerySet
from worklogs.models import Filing


class MonthlyBook(models.Model):
    """One month's journal of an advisor in a village, beside the filing that the policy counts.

    ``number`` stands on the paper; ``checksum`` is the SHA-256 of the records that it was printed
    with, ``records`` how many those were. Until the office has received the paper its filing is a
    draft and counts nothing; the day of receipt is the filing's. ``outcome`` is "" before the
    review.
    """

    filing = models.OneToOneField(
        Filing, on_delete=models.PROTECT, related_name="book", verbose_name="文书"
    )
    number = models.CharField("编号", max_length=40, unique=True)
    checksum = models.CharField("内容校验值", max_length=64)
    records = models.PositiveSmallIntegerField("记录条数")
    issued_at = models.DateTimeField("打印登记时间")
    received_by = models.CharField("签收人", max_length=50, blank=True)
    outcome = models.CharField("审核结果", max_length=10, choices=BookOutcome.choices, blank=True)
    opinion = models.CharField("审核意见", max_length=200, blank=True)
    reviewed_by = models.CharField("审核人", max_length=50, blank=True)
    reviewed_at = models.DateTimeField("审核时间", null=True, blank=True)

    objects = MonthlyBookQuerySet.as_manager()

    class Meta:
        verbose_name = "月末纸质工作日志"
        verbose_name_plural = "月末纸质工作日志"
        ordering = ("filing",)
        constraints = (
            models.CheckConstraint(
                name="book_outcome_known", condition=Q(outcome__in=("", *BookOutcome.values))
            ),
            models.CheckConstraint(
                name="book_return_has_reason",
                condition=~Q(outcome=BookOutcome.RETURNED) | ~Q(opinion__regex=r"^\s*$"),
                violation_error_message="退回须写明原因。",
            ),
            models.CheckConstraint(
                name="book_checksum_is_sha256", condition=Q(checksum__regex="^[0-9a-f]{64}$")
            ),
        )

    def __str__(self) -> str:
        return self.number
