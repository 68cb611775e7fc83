"""What a matter or a filing shows besides its fields."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from worklogs.enums import Mark


def marks_field() -> ArrayField:
    """What a record shows besides its fields, in words of ``Mark``."""
    return ArrayField(
        models.CharField(max_length=20, choices=Mark.choices),
        verbose_name="要素",
        default=list,
        blank=True,
    )


def marks_known(owner: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=f"{owner}_marks_known",
        condition=Q(marks__contained_by=Mark.values),
        violation_error_message="要素不在选项中。",
    )
