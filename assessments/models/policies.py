"""Policies as dated data, drafts of them, and what a person let pass."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property

from assessments.enums import SubjectKind
from assessments.querysets import PolicyDraftQuerySet, PolicyQuerySet, RuleQuerySet, WaiverQuerySet
from assessments.quota.packs import rule_from_json
from assessments.quota.rules import Rule as EngineRule
from lawadvisor.accounts.models import User
from villages.models import Bureau


class Policy(models.Model):
    """A bureau's document as data, in force from a day until the next one.

    ``settings`` holds the numbers and switches that are no rules (required log
    fields, allowed categories …). ``text`` is the file it was loaded from, with its
    comments, and ``checksum`` that of what the file says. A policy that closed a period is
    never edited: a change is a new policy with a later ``effective_from``.
    """

    bureau = models.ForeignKey(
        Bureau, on_delete=models.PROTECT, related_name="policies", verbose_name="司法局"
    )
    key = models.CharField("代号", max_length=10)
    title = models.CharField("名称", max_length=100)
    source = models.CharField("依据文件", max_length=200)
    effective_from = models.DateField("生效日期")
    checksum = models.CharField("校验值", max_length=64)
    settings = models.JSONField("参数", default=dict)
    text = models.TextField("政策文件", blank=True)

    objects = PolicyQuerySet.as_manager()

    class Meta:
        verbose_name = "政策"
        verbose_name_plural = "政策"
        ordering = ("bureau", "-effective_from")
        constraints = (
            models.UniqueConstraint(
                fields=("bureau", "effective_from"),
                name="policy_one_per_day",
                violation_error_message="该司法局在此日期已有生效的政策版本。",
            ),
        )
        triggers = (pgtrigger.Protect(name="policy_fixed", operation=pgtrigger.Update),)

    def __str__(self) -> str:
        return f"{self.title}（{self.version}）"

    @cached_property
    def engine_rules(self) -> list[EngineRule]:
        """Its rules as the engine reads them; a policy never changes, so they are read once."""
        return [rule_from_json(row.definition) for row in self.rules.all()]

    @property
    def version(self) -> str:
        """What a paper prints as 规则版本: key, first day in force, short checksum."""
        return f"{self.key} {self.effective_from:%Y-%m-%d} {self.checksum[:8]}"


class Rule(models.Model):
    """One rule of a policy; ``definition`` is what the engine reads, word for word."""

    policy = models.ForeignKey(
        Policy, on_delete=models.CASCADE, related_name="rules", verbose_name="政策"
    )
    key = models.CharField("编号", max_length=40)
    title = models.CharField("名称", max_length=80)
    clause = models.CharField("条款", max_length=40)
    phrase = models.CharField("原文", max_length=300)
    definition = models.JSONField("定义")
    position = models.PositiveSmallIntegerField("次序")

    objects = RuleQuerySet.as_manager()

    class Meta:
        verbose_name = "规则"
        verbose_name_plural = "规则"
        ordering = ("policy", "position")
        constraints = (
            models.UniqueConstraint(fields=("policy", "key"), name="rule_key_once"),
            models.CheckConstraint(name="rule_cites_clause", condition=~Q(clause="")),
        )
        triggers = (pgtrigger.Protect(name="rule_fixed", operation=pgtrigger.Update),)

    def __str__(self) -> str:
        return self.title


class PolicyDraft(models.Model):
    """A policy file that somebody is working on; it judges nothing until it is adopted.

    ``text`` need not be right yet. ``based_on`` None: begun from a shipped pack or from nothing.
    """

    bureau = models.ForeignKey(
        Bureau, on_delete=models.PROTECT, related_name="policy_drafts", verbose_name="司法局"
    )
    title = models.CharField("名称", max_length=100)
    text = models.TextField("政策文件")
    based_on = models.ForeignKey(
        Policy, on_delete=models.SET_NULL, null=True, blank=True, verbose_name="依据版本"
    )
    changed_at = models.DateTimeField("修改时间", auto_now=True)
    changed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name="修改人"
    )

    objects = PolicyDraftQuerySet.as_manager()

    class Meta:
        verbose_name = "政策草稿"
        verbose_name_plural = "政策草稿"
        ordering = ("bureau", "-changed_at")
        constraints = (
            models.CheckConstraint(
                name="draft_title_not_blank",
                condition=~Q(title__regex=r"^\s*$"),
                violation_error_message="请填写草稿名称。",
            ),
        )

    def __str__(self) -> str:
        return self.title


class Waiver(models.Model):
    """A named person let a soft rule pass for one subject and period, with a reason (A2).

    ``subject_id`` is the primary key in the table that ``subject_kind`` names. A close
    that was opened before keeps what it found.
    """

    bureau = models.ForeignKey(
        Bureau, on_delete=models.PROTECT, related_name="waivers", verbose_name="司法局"
    )
    rule_key = models.CharField("规则编号", max_length=40)
    subject_kind = models.CharField("对象类型", max_length=15, choices=SubjectKind.choices)
    subject_id = models.BigIntegerField("对象编号")
    period_start = models.DateField("期间起")
    reason = models.CharField("事由", max_length=200)
    approved_by = models.CharField("批准人", max_length=50)

    objects = WaiverQuerySet.as_manager()

    class Meta:
        verbose_name = "例外"
        verbose_name_plural = "例外"
        ordering = ("-period_start", "rule_key", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("bureau", "rule_key", "subject_kind", "subject_id", "period_start"),
                name="waiver_once",
                violation_error_message="该对象本期已有此项例外。",
            ),
            models.CheckConstraint(
                name="waiver_kind_known", condition=Q(subject_kind__in=SubjectKind.values)
            ),
            models.CheckConstraint(
                name="waiver_has_reason",
                condition=~Q(reason__regex=r"^\s*$") & ~Q(approved_by__regex=r"^\s*$"),
                violation_error_message="例外须写明事由和批准人。",
            ),
        )

    def __str__(self) -> str:
        return f"{self.rule_key} {self.period_start}"
