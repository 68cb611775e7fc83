"""Documents owed or sent, and the papers that tell of meetings, trainings and checks."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from advisors.models import Advisor
from villages.models import Bureau, Township, Village
from worklogs.enums import ADVISOR_FILINGS, VILLAGE_FILINGS, FilingKind, FilingState
from worklogs.models.marks import marks_field, marks_known
from worklogs.querysets import FilingQuerySet


class Filing(models.Model):
    """A document owed or sent, for one level and a period.

    The level is the village where there is one, else the township, else the bureau;
    ``bureau`` is always set. ``filed_on`` is the day it was handed in, of a meeting,
    training or check the day it took place. ``period_end`` None: valid until further notice.
    """

    kind = models.CharField("文书", max_length=30, choices=FilingKind.choices)
    bureau = models.ForeignKey(
        Bureau, on_delete=models.PROTECT, related_name="filings", verbose_name="司法局"
    )
    township = models.ForeignKey(
        Township,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="filings",
        verbose_name="镇街",
    )
    village = models.ForeignKey(
        Village,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="filings",
        verbose_name="村（社区）",
    )
    advisor = models.ForeignKey(
        Advisor,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="filings",
        verbose_name="法律顾问",
    )
    period_start = models.DateField("所属期起")
    period_end = models.DateField("所属期止（不含）", null=True, blank=True)
    title = models.CharField("标题", max_length=100)
    body = models.TextField("正文", blank=True)
    marks = marks_field()
    state = models.CharField(
        "状态", max_length=10, choices=FilingState.choices, default=FilingState.DRAFT
    )
    filed_on = models.DateField("提交日期", null=True, blank=True)

    objects = FilingQuerySet.as_manager()

    class Meta:
        verbose_name = "文书"
        verbose_name_plural = "文书"
        ordering = ("-period_start", "village", "kind", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("kind", "village", "period_start"),
                condition=Q(kind__in=(FilingKind.SUGGESTION_REPORT, FilingKind.DOSSIER)),
                name="filing_once_per_village",
                violation_error_message="该村（社区）本期已有此文书。",
            ),
            models.UniqueConstraint(
                fields=("kind", "village", "advisor", "period_start"),
                condition=Q(
                    kind__in=(FilingKind.JOURNAL, FilingKind.LOGBOOK, FilingKind.ZERO_REPORT)
                ),
                name="filing_once_per_advisor",
                violation_error_message="该顾问在该村（社区）本期已有此文书。",
            ),
            models.UniqueConstraint(
                fields=("kind", "township", "period_start"),
                condition=Q(kind=FilingKind.MONTHLY_SUMMARY),
                name="filing_once_per_township",
                violation_error_message="该镇街本期已有此文书。",
            ),
            models.UniqueConstraint(
                fields=("kind", "bureau", "period_start"),
                condition=Q(kind=FilingKind.HALF_YEAR_REPORT, township__isnull=True),
                name="filing_once_per_bureau",
                violation_error_message="本期已有此文书。",
            ),
            models.CheckConstraint(
                name="filing_choices_known",
                condition=Q(kind__in=FilingKind.values) & Q(state__in=FilingState.values),
            ),
            models.CheckConstraint(
                name="filing_of_one_level",
                condition=Q(township__isnull=True) | Q(village__isnull=True),
            ),
            models.CheckConstraint(
                name="filing_of_a_village",
                condition=~Q(kind__in=VILLAGE_FILINGS) | Q(village__isnull=False),
                violation_error_message="此文书须写明村（社区）。",
            ),
            models.CheckConstraint(
                name="filing_by_an_advisor",
                condition=~Q(kind__in=ADVISOR_FILINGS) | Q(advisor__isnull=False),
                violation_error_message="此文书须写明法律顾问。",
            ),
            models.CheckConstraint(
                name="filing_period_ordered",
                condition=Q(period_end__isnull=True) | Q(period_end__gt=F("period_start")),
            ),
            models.CheckConstraint(
                name="filing_dated_when_submitted",
                condition=Q(state=FilingState.DRAFT) | Q(filed_on__isnull=False),
                violation_error_message="已提交的文书须有提交日期。",
            ),
            marks_known("filing"),
        )

    def __str__(self) -> str:
        return self.title
