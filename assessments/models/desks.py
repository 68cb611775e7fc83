"""Where each township's month stands, and the villages whose closed month is open again."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from assessments.enums import MonthState
from assessments.querysets import MonthDeskQuerySet, ReopeningQuerySet
from lawadvisor.foundation.periods import Period
from villages.models import Township, Village


class MonthDesk(models.Model):
    """One township's month on its way from the office to the bureau.

    Without a row the month is open. ``submitted_at`` is when the office last handed it in, None
    while it has not, with ``submitted_by``, its name. ``for_silent_office``: the bureau handed it
    in, or the close came first, so the figures are the system's and no office has looked at
    them (A48).
    """

    township = models.ForeignKey(
        Township, on_delete=models.PROTECT, related_name="month_desks", verbose_name="镇街"
    )
    month = models.DateField("月份")
    state = models.CharField(
        "状态", max_length=15, choices=MonthState.choices, default=MonthState.OPEN
    )
    reason = models.CharField("退回原因", max_length=200, blank=True)
    submitted_at = models.DateTimeField("报送时间", null=True, blank=True)
    submitted_by = models.CharField("报送人", max_length=50, blank=True)
    for_silent_office = models.BooleanField("由局代办", default=False)
    changed_at = models.DateTimeField("变动时间", auto_now=True)
    changed_by = models.CharField("操作人", max_length=50)

    objects = MonthDeskQuerySet.as_manager()

    class Meta:
        verbose_name = "镇街月度办理"
        verbose_name_plural = "镇街月度办理"
        ordering = ("-month", "township")
        constraints = (
            models.UniqueConstraint(fields=("township", "month"), name="month_desk_once"),
            models.CheckConstraint(name="month_desk_first_day", condition=Q(month__day=1)),
            models.CheckConstraint(
                name="month_desk_state_known", condition=Q(state__in=MonthState.values)
            ),
            models.CheckConstraint(
                name="month_desk_return_has_reason",
                condition=~Q(state=MonthState.RETURNED) | ~Q(reason=""),
                violation_error_message="退回须写明原因。",
            ),
            models.CheckConstraint(
                name="month_desk_signed_when_handed_in",
                condition=~Q(state__in=(MonthState.SUBMITTED, MonthState.ACCEPTED))
                | (Q(submitted_at__isnull=False) & ~Q(submitted_by="")),
                violation_error_message="报送须写明报送人。",
            ),
        )

    def __str__(self) -> str:
        return f"{self.township} {self.period.label}"

    @property
    def period(self) -> Period:
        return Period.month(self.month.year, self.month.month)


class Reopening(models.Model):
    """One village's closed month, open again for a reason until an instant, then shut by itself.

    ``supplements_only``: the judicial office opened it, for records that were not there at the
    close (A16); what the close has judged is only the bureau's to open.
    """

    village = models.ForeignKey(
        Village, on_delete=models.PROTECT, related_name="reopenings", verbose_name="村（社区）"
    )
    month = models.DateField("月份")
    reason = models.CharField("开锁事由", max_length=200)
    supplements_only = models.BooleanField("只准补录", default=False)
    opened_at = models.DateTimeField("开锁时间")
    expires_at = models.DateTimeField("到期时间")
    opened_by = models.CharField("操作人", max_length=50)

    objects = ReopeningQuerySet.as_manager()

    class Meta:
        verbose_name = "开锁"
        verbose_name_plural = "开锁"
        ordering = ("-opened_at", "id")
        constraints = (
            models.CheckConstraint(name="reopening_first_day", condition=Q(month__day=1)),
            models.CheckConstraint(
                name="reopening_has_reason",
                condition=~Q(reason__regex=r"^\s*$"),
                violation_error_message="请填写开锁事由。",
            ),
            models.CheckConstraint(
                name="reopening_ends_after_it_starts",
                condition=Q(expires_at__gt=F("opened_at")),
                violation_error_message="到期时间应晚于开锁时间。",
            ),
        )

    def __str__(self) -> str:
        return f"{self.village} {self.period.label}"

    @property
    def period(self) -> Period:
        return Period.month(self.month.year, self.month.month)
