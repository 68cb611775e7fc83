"""The person in a village who keeps contact with its advisor (联络员、综治专干)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from advisors.querysets import LiaisonQuerySet
from lawadvisor.foundation.secrets import SecretNameField, SecretPhoneField
from villages.models import Village


class Liaison(models.Model):
    """A contact of a village, who needs no account (ZX-65, DG-29).

    ``until`` is the first day on which he is it no longer, None while he is.
    """

    village = models.ForeignKey(
        Village, on_delete=models.PROTECT, related_name="liaisons", verbose_name="村（社区）"
    )
    name = SecretNameField("姓名", max_length=20)
    phone = SecretPhoneField("联系电话", max_length=20, blank=True)
    since = models.DateField("起始日")
    until = models.DateField("止日（不含）", null=True, blank=True)

    objects = LiaisonQuerySet.as_manager()

    class Meta:
        verbose_name = "村（社区）联络员"
        verbose_name_plural = "村（社区）联络员"
        ordering = ("village", "-since", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("village",),
                condition=Q(until__isnull=True),
                name="liaison_one_at_a_time",
                violation_error_message="该村（社区）已有在任的联络员。",
            ),
            models.CheckConstraint(
                name="liaison_term_ordered",
                condition=Q(until__isnull=True) | Q(until__gte=F("since")),
                violation_error_message="止日不应早于起始日。",
            ),
            models.CheckConstraint(
                name="liaison_has_a_name",
                condition=~Q(name=""),
                violation_error_message="请填写联络员姓名。",
            ),
        )

    def __str__(self) -> str:
        return f"{self.village.short_name}联络员"
