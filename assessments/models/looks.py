"""What a look at somebody's records tells, whatever made somebody look."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from assessments.enums import CheckMethod, CheckOutcome


class Look(models.Model):
    """Somebody looked at what was written: how, what was found, advised and answered.

    ``records`` is how many records were looked through. ``reply`` is the advisor's answer, ""
    before it.
    """

    method = models.CharField("核查方式", max_length=10, choices=CheckMethod.choices)
    outcome = models.CharField("核查结果", max_length=10, choices=CheckOutcome.choices)
    records = models.PositiveSmallIntegerField("查看记录数")
    finding = models.CharField("发现的情况", max_length=500, blank=True)
    advice = models.CharField("意见和建议", max_length=500, blank=True)
    checked_by = models.CharField("核查人", max_length=50)
    reply = models.CharField("顾问答复", max_length=500, blank=True)
    replied_at = models.DateTimeField("答复时间", null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def bureau_id(self) -> int:
        raise NotImplementedError


def look_constraints(name: str) -> tuple[models.CheckConstraint, ...]:
    """For the ``Meta`` of a model of its own; ``name`` begins their names."""
    return (
        models.CheckConstraint(
            name=f"{name}_choices_known",
            condition=Q(method__in=CheckMethod.values) & Q(outcome__in=CheckOutcome.values),
        ),
        models.CheckConstraint(
            name=f"{name}_tells_what_was_not_true",
            condition=Q(outcome__in=CheckOutcome.plain()) | ~Q(finding__regex=r"^\s*$"),
            violation_error_message="核查结果不全属实的，请写明发现的情况。",
        ),
        models.CheckConstraint(
            name=f"{name}_reply_dated",
            condition=Q(reply="", replied_at__isnull=True)
            | (~Q(reply="") & Q(replied_at__isnull=False)),
        ),
    )
