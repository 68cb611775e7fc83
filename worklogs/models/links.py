"""The address by which a village's contact answers without an account."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from advisors.models import Liaison
from lawadvisor.accounts.models import User
from worklogs.querysets import LiaisonLinkQuerySet


class LiaisonLink(models.Model):
    """One address given to one contact, and so to one village.

    Of the token in the address only a keyed hash is kept: neither a copy of the database nor
    whoever reads a row can open it. It opens until ``expires_at``, unless ``revoked_at`` is
    set or the contact's term has ended.
    """

    liaison = models.ForeignKey(
        Liaison, on_delete=models.PROTECT, related_name="links", verbose_name="联络员"
    )
    token_hash = models.CharField("链接校验值", max_length=64, unique=True)
    made_at = models.DateTimeField("发出时间")
    made_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name="发出人"
    )
    expires_at = models.DateTimeField("有效期至")
    revoked_at = models.DateTimeField("收回时间", null=True, blank=True)

    objects = LiaisonLinkQuerySet.as_manager()

    class Meta:
        verbose_name = "联络员链接"
        verbose_name_plural = "联络员链接"
        ordering = ("-made_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("liaison",),
                condition=Q(revoked_at__isnull=True),
                name="link_one_at_a_time",
                violation_error_message="该联络员已有一个链接，请先收回。",
            ),
            models.CheckConstraint(
                name="link_expires_later",
                condition=Q(expires_at__gt=F("made_at")),
                violation_error_message="有效期应晚于发出时间。",
            ),
            models.CheckConstraint(
                name="link_hash_is_sha256", condition=Q(("token_hash__regex", "^[0-9a-f]{64}$"))
            ),
        )

    def __str__(self) -> str:
        return f"{self.liaison}链接"
