"""Forms that a superior organ sends blank, what was set to be filled in, and what was filled."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from assessments.models.closes import MonthClose
from assessments.querysets import FormFillingQuerySet, FormTemplateQuerySet, FormVersionQuerySet
from lawadvisor.foundation.periods import Period
from villages.models import Bureau

_SHA256 = "^[0-9a-f]{64}$"


def _written_once(name: str) -> pgtrigger.Trigger:
    return pgtrigger.Protect(name=name, operation=pgtrigger.Update | pgtrigger.Delete)


class FormTemplate(models.Model):
    """One form that a bureau fills again and again, whatever its editions."""

    bureau = models.ForeignKey(
        Bureau, on_delete=models.PROTECT, related_name="forms", verbose_name="司法局"
    )
    name = models.CharField("名称", max_length=80)
    made_at = models.DateTimeField("建立时间", auto_now_add=True)
    made_by = models.CharField("操作人", max_length=50)

    objects = FormTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = "上级报表"
        verbose_name_plural = "上级报表"
        ordering = ("bureau", "name")
        constraints = (
            models.UniqueConstraint(
                fields=("bureau", "name"),
                name="form_once_per_bureau",
                violation_error_message="已有同名的上级报表，请换一个名称。",
            ),
            models.CheckConstraint(
                name="form_has_name",
                condition=~Q(name__regex=r"^\s*$"),
                violation_error_message="请填写报表名称。",
            ),
        )

    def __str__(self) -> str:
        return self.name


class FormVersion(models.Model):
    """A blank workbook and what each of its cells is filled with; written once.

    Every change, of one cell or of the blank, is a new version. ``cells`` are the entries of
    ``filling.labels``; ``notes`` what was found when the blank was taken over from an earlier
    edition. ``checksum`` names the blank below the media folder, and how it looks beside it.
    """

    form = models.ForeignKey(
        FormTemplate, on_delete=models.PROTECT, related_name="versions", verbose_name="上级报表"
    )
    number = models.PositiveIntegerField("版次")
    file_name = models.CharField("文件名", max_length=200)
    checksum = models.CharField("校验值", max_length=64)
    size = models.PositiveIntegerField("字节数")
    cells = models.JSONField("填报设置", default=list)
    notes = models.JSONField("核对结果", default=list)
    made_at = models.DateTimeField("设置时间", auto_now_add=True)
    made_by = models.CharField("操作人", max_length=50)

    objects = FormVersionQuerySet.as_manager()

    class Meta:
        verbose_name = "上级报表设置"
        verbose_name_plural = "上级报表设置"
        ordering = ("form", "-number")
        constraints = (
            models.UniqueConstraint(fields=("form", "number"), name="form_version_once"),
            models.CheckConstraint(
                name="form_version_checksum_is_sha256", condition=Q(checksum__regex=_SHA256)
            ),
        )
        triggers = (_written_once("form_version_append_only"),)

    def __str__(self) -> str:
        return f"{self.form} 第{self.number}版"


class FormFilling(models.Model):
    """A form filled for one month; neither the file nor its figures change any more.

    ``close`` None, or ``is_draft``: some month in it was not closed, and the file says so.
    ``figures`` are one for each filled cell, with the months they rest on. ``number`` counts the
    fillings of one form and month.
    """

    version = models.ForeignKey(
        FormVersion, on_delete=models.PROTECT, related_name="fillings", verbose_name="设置"
    )
    month = models.DateField("月份")
    number = models.PositiveIntegerField("序号")
    close = models.ForeignKey(
        MonthClose, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="关账"
    )
    is_draft = models.BooleanField("未关账")
    figures = models.JSONField("填报依据")
    checksum = models.CharField("校验值", max_length=64)
    size = models.PositiveIntegerField("字节数")
    made_at = models.DateTimeField("填报时间", auto_now_add=True)
    made_by = models.CharField("操作人", max_length=50)

    objects = FormFillingQuerySet.as_manager()

    class Meta:
        verbose_name = "上级报表填报"
        verbose_name_plural = "上级报表填报"
        ordering = ("-month", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("version", "month", "number"), name="filling_once"),
            models.CheckConstraint(name="filling_first_day", condition=Q(month__day=1)),
            models.CheckConstraint(
                name="filling_checksum_is_sha256", condition=Q(checksum__regex=_SHA256)
            ),
            models.CheckConstraint(
                name="filling_open_is_draft", condition=Q(close__isnull=False) | Q(is_draft=True)
            ),
        )
        triggers = (_written_once("filling_append_only"),)

    def __str__(self) -> str:
        return f"{self.version.form} {self.period.label}（{self.number}）"

    @property
    def period(self) -> Period:
        return Period.month(self.month.year, self.month.month)
