"""Organisations, advisors, and who serves which village for which term."""

from __future__ import annotations

from datetime import date
from typing import cast

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Deferrable, F, Q

from advisors.enums import (
    HOLDING,
    LICENSED,
    AppointmentStatus,
    Category,
    Education,
    OrganisationKind,
)
from advisors.querysets import (
    AbsenceQuerySet,
    AdvisorQuerySet,
    AppointmentQuerySet,
    OrganisationQuerySet,
    ServiceTeamQuerySet,
)
from lawadvisor.accounts.models import User
from lawadvisor.foundation.pinyin import PinyinField
from villages.models import Bureau, Village


class Organisation(models.Model):
    """Where an advisor comes from: a firm, a legal service office or a public body."""

    bureau = models.ForeignKey(
        Bureau,
        on_delete=models.PROTECT,
        related_name="organisations",
        verbose_name="司法局",
    )
    name = models.CharField("名称", max_length=80)
    pinyin = PinyinField("拼音")
    kind = models.CharField("性质", max_length=20, choices=OrganisationKind.choices)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = "机构"
        verbose_name_plural = "机构"
        ordering = ("bureau", "name")
        constraints = (
            models.UniqueConstraint(
                fields=("bureau", "name"),
                name="organisation_name_once",
                violation_error_message="该司法局已有同名机构。",
            ),
            models.CheckConstraint(
                name="organisation_name_not_blank",
                condition=~Q(name__regex=r"^\s*$"),
                violation_error_message="请填写机构名称。",
            ),
        )

    def __str__(self) -> str:
        return self.name


class Advisor(models.Model):
    """A person who may be appointed. The licence number is the person (A5)."""

    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="advisors",
        verbose_name="所属机构",
    )
    user = models.OneToOneField(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="advisor",
        verbose_name="登录账号",
    )
    name = models.CharField("姓名", max_length=50)
    pinyin = PinyinField("拼音")
    category = models.CharField("类别", max_length=20, choices=Category.choices)
    licence_no = models.CharField("执业证号", max_length=30, blank=True)
    education = models.CharField("学历", max_length=15, choices=Education.choices, blank=True)
    practice_start = models.DateField("开始执业日期", null=True, blank=True)
    is_volunteer = models.BooleanField("志愿者", default=False)

    objects = AdvisorQuerySet.as_manager()

    class Meta:
        verbose_name = "法律顾问"
        verbose_name_plural = "法律顾问"
        ordering = ("name", "id")
        constraints = (
            models.CheckConstraint(
                name="advisor_name_not_blank",
                condition=~Q(name__regex=r"^\s*$"),
                violation_error_message="请填写姓名。",
            ),
            models.CheckConstraint(
                name="advisor_category_known", condition=Q(category__in=Category.values)
            ),
            models.CheckConstraint(
                name="advisor_education_known",
                condition=Q(education__in=["", *Education.values]),
            ),
            models.CheckConstraint(
                name="advisor_licence_when_practising",
                condition=~Q(category__in=LICENSED) | ~Q(licence_no=""),
                violation_error_message="律师和基层法律服务工作者须填写执业证号。",
            ),
            models.UniqueConstraint(
                fields=("licence_no",),
                condition=~Q(licence_no=""),
                name="advisor_licence_once",
                violation_error_message="该执业证号已登记给另一位法律顾问。",
            ),
        )

    def __str__(self) -> str:
        return self.name


class ServiceTeam(models.Model):
    """Several advisors of one organisation who serve together: a lead and members of a firm."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="teams", verbose_name="机构"
    )
    name = models.CharField("名称", max_length=50)
    lead = models.ForeignKey(
        Advisor,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="teams_led",
        verbose_name="负责人",
    )

    objects = ServiceTeamQuerySet.as_manager()

    class Meta:
        verbose_name = "服务团队"
        verbose_name_plural = "服务团队"
        ordering = ("organisation", "name")
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "name"),
                name="team_name_once",
                violation_error_message="该机构已有同名团队。",
            ),
            models.CheckConstraint(
                name="team_name_not_blank",
                condition=~Q(name__regex=r"^\s*$"),
                violation_error_message="请填写团队名称。",
            ),
        )

    def __str__(self) -> str:
        return self.name


class Appointment(models.Model):
    """Advisor × village × term: caps, quotas, assessments and money hang on it.

    ``term`` is half-open, its upper bound None when open-ended. ``slot`` numbers
    the villages that one advisor holds at the same time (1, 2, 3 …) and
    ``slot_limit`` is the cap of the policy in force when the appointment was
    made, None where no hard cap binds this advisor; where the caps of several
    bureaus cross, it may be the widest of them. A slot beyond the limit needs
    ``cap_exception``, the approved reason. So the cap stands in the
    database: two rows cannot share a slot on one day, and no slot can exceed
    its limit. The services re-number slots so that nobody is refused needlessly.
    """

    advisor = models.ForeignKey(
        Advisor,
        on_delete=models.PROTECT,
        related_name="appointments",
        verbose_name="法律顾问",
    )
    village = models.ForeignKey(
        Village,
        on_delete=models.PROTECT,
        related_name="appointments",
        verbose_name="村（社区）",
    )
    team = models.ForeignKey(
        ServiceTeam,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="appointments",
        verbose_name="服务团队",
    )
    term = DateRangeField("任期")
    status = models.CharField("状态", max_length=10, choices=AppointmentStatus.choices)
    suspended_from = models.DateField("暂停起始日", null=True, blank=True)
    slot = models.PositiveSmallIntegerField("序号", default=1, editable=False)
    slot_limit = models.PositiveSmallIntegerField("上限", null=True, editable=False)
    cap_exception = models.CharField("超限批准事由", max_length=200, blank=True)
    end_reason = models.CharField("结束事由", max_length=200, blank=True)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = "聘任"
        verbose_name_plural = "聘任"
        ordering = ("village", "term")
        constraints = (
            ExclusionConstraint(
                name="appointment_pair_once",
                expressions=[
                    ("advisor", RangeOperators.EQUAL),
                    ("village", RangeOperators.EQUAL),
                    ("term", RangeOperators.OVERLAPS),
                ],
                condition=~Q(status=AppointmentStatus.CANCELLED),
                violation_error_message="该顾问在此任期内已受聘于该村（社区）。",
            ),
            ExclusionConstraint(
                name="appointment_slot_once",
                expressions=[
                    ("advisor", RangeOperators.EQUAL),
                    ("slot", RangeOperators.EQUAL),
                    ("term", RangeOperators.OVERLAPS),
                ],
                condition=Q(status__in=HOLDING),
                # re-numbering swaps slots inside one transaction
                deferrable=Deferrable.DEFERRED,
                violation_error_message="该顾问的村居序号重复。",
            ),
            # what a service log's composite foreign key points at
            models.UniqueConstraint(fields=("id", "advisor"), name="appointment_with_advisor"),
            models.CheckConstraint(name="appointment_slot_from_one", condition=Q(slot__gte=1)),
            models.CheckConstraint(
                name="appointment_within_cap",
                condition=~Q(status__in=HOLDING)
                | Q(slot_limit__isnull=True)
                | Q(slot__lte=F("slot_limit"))
                | ~Q(cap_exception__regex=r"^\s*$"),
                violation_error_message="超过该顾问可担任的村（社区）数上限。",
            ),
            models.CheckConstraint(
                name="appointment_term_starts",
                condition=Q(term__startswith__isnull=False) & Q(term__isempty=False),
                violation_error_message="任期须有起始日，且止日在起始日之后。",
            ),
            models.CheckConstraint(
                name="appointment_suspension_dated",
                condition=Q(status=AppointmentStatus.SUSPENDED, suspended_from__isnull=False)
                | Q(status=AppointmentStatus.ENDED)
                | (
                    ~Q(
                        status__in=(
                            AppointmentStatus.SUSPENDED,
                            AppointmentStatus.ENDED,
                        )
                    )
                    & Q(suspended_from__isnull=True)
                ),
                violation_error_message="暂停须注明起始日。",
            ),
        )

    def __str__(self) -> str:
        return f"{self.advisor}—{self.village}"

    @property
    def starts_on(self) -> date:
        return cast(date, self.term.lower)  # appointment_term_starts

    @property
    def ends_before(self) -> date | None:
        """The first day that is no longer served; None when open-ended."""
        return self.term.upper

    def serves_on(self, day: date) -> bool:
        """As ``AppointmentQuerySet.serving_on`` asks the database."""
        return self.status == AppointmentStatus.ACTIVE and day in self.term


class Absence(models.Model):
    """Days on which an advisor was excused from one appointment; ``days`` is half-open.

    What such days do is the policy's to say. ``substitute`` None: nobody stands in.
    """

    appointment = models.ForeignKey(
        Appointment, on_delete=models.PROTECT, related_name="absences", verbose_name="聘任"
    )
    days = DateRangeField("请假日期")
    reason = models.CharField("事由", max_length=200)
    approved_by = models.CharField("批准人", max_length=50)
    substitute = models.ForeignKey(
        Advisor,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="stands_in",
        verbose_name="代班人",
    )

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = "请假"
        verbose_name_plural = "请假"
        ordering = ("appointment", "days")
        constraints = (
            ExclusionConstraint(
                name="absence_once_a_day",
                expressions=[
                    ("appointment", RangeOperators.EQUAL),
                    ("days", RangeOperators.OVERLAPS),
                ],
                violation_error_message="这些日期已有请假记录。",
            ),
            models.CheckConstraint(
                name="absence_has_days",
                condition=Q(days__isempty=False)
                & Q(days__startswith__isnull=False)
                & Q(days__endswith__isnull=False),
                violation_error_message="请假须有起止日期，且止日在起始日之后。",
            ),
            models.CheckConstraint(
                name="absence_has_reason",
                condition=~Q(reason__regex=r"^\s*$") & ~Q(approved_by__regex=r"^\s*$"),
                violation_error_message="请假须写明事由和批准人。",
            ),
        )

    def __str__(self) -> str:
        return f"{self.appointment} {self.starts_on}"

    @property
    def starts_on(self) -> date:
        return cast(date, self.days.lower)  # absence_has_days
