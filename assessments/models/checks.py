"""What was looked at and found: the office's monthly check (R25), and a month's spot checks."""

from __future__ import annotations

from typing import NamedTuple

from django.db import models
from django.db.models import Q

from advisors.models import Appointment
from assessments.models.looks import Look, look_constraints
from assessments.querysets import MonthlyCheckQuerySet, SpotCheckQuerySet, SpotDrawQuerySet
from lawadvisor.foundation.periods import Period
from villages.models import Township
from worklogs.models import Filing


class MonthlyCheck(Look):
    """What a filing of the kind ``monthly_check`` tells.

    The filing is what the policy counts; its ``advisor`` None: the village as a whole.
    """

    filing = models.OneToOneField(
        Filing, on_delete=models.PROTECT, related_name="check_told", verbose_name="文书"
    )

    objects = MonthlyCheckQuerySet.as_manager()

    class Meta:
        verbose_name = "核查记录"
        verbose_name_plural = "核查记录"
        ordering = ("filing",)
        constraints = look_constraints("check")

    def __str__(self) -> str:
        return str(self.filing)

    @property
    def bureau_id(self) -> int:
        return self.filing.bureau_id


class Chosen(NamedTuple):
    """One advisor in one village who is to be looked at; without ``clues`` chance chose him."""

    appointment: int
    clues: tuple[str, ...]

    @property
    def by_chance(self) -> bool:
        return not self.clues


class SpotDraw(models.Model):
    """Whom a township's spot check looks at, drawn once when the month is over.

    ``chosen`` are the appointments with clues, each with them in words, and ``size`` more, drawn
    by ``seed`` out of the ``population`` of those without: ``[[appointment, [clue, …]], …]``.
    """

    township = models.ForeignKey(
        Township, on_delete=models.PROTECT, related_name="spot_draws", verbose_name="镇街"
    )
    month = models.DateField("月份")
    seed = models.PositiveIntegerField("随机种子")
    size = models.PositiveSmallIntegerField("随机抽取数")
    population = models.PositiveIntegerField("可抽取数")
    chosen = models.JSONField("抽查名单", default=list, blank=True)
    drawn_at = models.DateTimeField("抽取时间")
    drawn_by = models.CharField("抽取人", max_length=50)

    objects = SpotDrawQuerySet.as_manager()

    class Meta:
        verbose_name = "抽查名单"
        verbose_name_plural = "抽查名单"
        ordering = ("-month", "township")
        constraints = (
            models.UniqueConstraint(
                fields=("township", "month"),
                name="spot_draw_once",
                violation_error_message="本月的抽查名单已经抽取。",
            ),
            models.CheckConstraint(name="spot_draw_first_day", condition=Q(month__day=1)),
        )

    def __str__(self) -> str:
        return f"{self.township} {self.period.label}"

    @property
    def period(self) -> Period:
        return Period.month(self.month.year, self.month.month)

    @property
    def all_chosen(self) -> tuple[Chosen, ...]:
        return tuple(Chosen(pk, tuple(clues)) for pk, clues in self.chosen)


class SpotCheck(Look):
    """What was found of one whom the draw had chosen; ``clues`` are why, none for chance.

    It tells what a ``MonthlyCheck`` tells, and no policy counts it.
    """

    draw = models.ForeignKey(
        SpotDraw, on_delete=models.PROTECT, related_name="checks", verbose_name="抽查名单"
    )
    appointment = models.ForeignKey(
        Appointment, on_delete=models.PROTECT, related_name="spot_checks", verbose_name="聘任"
    )
    clues = models.JSONField("抽查线索", default=list, blank=True)
    checked_at = models.DateTimeField("核查时间")

    objects = SpotCheckQuerySet.as_manager()

    class Meta:
        verbose_name = "抽查记录"
        verbose_name_plural = "抽查记录"
        ordering = ("-checked_at", "id")
        constraints = (
            *look_constraints("spot"),
            models.UniqueConstraint(
                fields=("draw", "appointment"),
                name="spot_check_once",
                violation_error_message="这一项已有抽查记录。",
            ),
        )

    def __str__(self) -> str:
        return f"{self.appointment} {self.draw.period.label}"

    @property
    def bureau_id(self) -> int:
        return self.draw.township.bureau_id
