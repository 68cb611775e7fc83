"""The posts that give people their desks: the lowest floor that knows all that a post joins."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import cast

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from advisors.models.roster import Organisation
from advisors.querysets import PostQuerySet
from lawadvisor.accounts.models import User
from lawadvisor.foundation.roles import ROLES, Role, Scope, roles_of
from villages.models import Bureau, Township, Village

#: Which of a post's columns says where, by how far its role reaches; None says nothing.
PLACE_OF: Mapping[Scope, str | None] = {
    Scope.ALL: None,
    Scope.AREA: "area",
    Scope.BUREAU: "bureau",
    Scope.TOWNSHIP: "township",
    Scope.VILLAGE: "village",
    Scope.ORGANISATION: "organisation",
}
#: Roles that are given by a post; an advisor's desk comes from his Advisor row.
POST_ROLES = roles_of(*PLACE_OF)
#: The first two digits of a division code are a province, the first four a prefecture.
AREA_DIGITS = r"^[0-9]{2}([0-9]{2})?$"


def _place_fits_role() -> Q:
    """For every role its own place, and no other."""
    empty = {name: Q((f"{name}__isnull", True)) for name in PLACE_OF.values() if name}
    empty["area"] = Q(area="")
    fits = Q()
    for scope, place in PLACE_OF.items():
        one = Q(role__in=[str(role) for role in roles_of(scope)])
        for name, is_empty in empty.items():
            one &= ~is_empty if name == place else is_empty
        fits |= one
    return fits


class Post(models.Model):
    """User × role × place, area or organisation, for a term.

    ``term`` is half-open; its upper bound None is open-ended. ``area`` is the beginning of a
    division code: two digits for a province, four for a prefecture, "" at other posts.
    """

    user = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="posts", verbose_name="用户"
    )
    role = models.CharField("角色", max_length=20, choices=[(r.value, r.label) for r in POST_ROLES])
    bureau = models.ForeignKey(
        Bureau, on_delete=models.PROTECT, null=True, blank=True, verbose_name="司法局"
    )
    township = models.ForeignKey(
        Township, on_delete=models.PROTECT, null=True, blank=True, verbose_name="镇街"
    )
    village = models.ForeignKey(
        Village, on_delete=models.PROTECT, null=True, blank=True, verbose_name="村（社区）"
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="posts",
        verbose_name="机构",
    )
    area = models.CharField("区划代码前几位", max_length=4, blank=True, default="")
    term = DateRangeField("任期")

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = "岗位"
        verbose_name_plural = "岗位"
        ordering = ("user", "id")
        constraints = (
            models.CheckConstraint(
                name="post_place_fits_role",
                condition=_place_fits_role(),
                violation_error_message="岗位的单位应与角色相符：司法局的岗位选司法局，司法所和镇街的"
                "选镇街，村（社区）的选村（社区），机构的选机构，市级以上的填区划代码前几位。",
            ),
            models.CheckConstraint(
                name="post_area_digits",
                condition=Q(area="") | Q(area__regex=AREA_DIGITS),
                violation_error_message="区划代码前几位应为2位（省）或4位（市）数字。",
            ),
            models.CheckConstraint(
                name="post_term_starts",
                condition=Q(term__startswith__isnull=False, term__isempty=False),
                violation_error_message="任期须有起始日，且止日在起始日之后。",
            ),
            ExclusionConstraint(
                name="post_same_desk_once",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    (Coalesce("bureau", 0), RangeOperators.EQUAL),
                    (Coalesce("township", 0), RangeOperators.EQUAL),
                    (Coalesce("village", 0), RangeOperators.EQUAL),
                    (Coalesce("organisation", 0), RangeOperators.EQUAL),
                    ("area", RangeOperators.EQUAL),
                    ("term", RangeOperators.OVERLAPS),
                ],
                violation_error_message="该用户在此任期内已有同一岗位。",
            ),
        )

    def __str__(self) -> str:
        return " ".join(filter(None, (str(self.user), self.get_role_display(), self.place_name)))

    @property
    def scope(self) -> Scope:
        return ROLES[Role(self.role)].scope

    @property
    def place_name(self) -> str:
        """Where the desk stands, as people say it; "" for the whole system."""
        place = PLACE_OF[self.scope]
        if place is None:
            return ""
        if self.role == Role.JUDICIAL_OFFICE:
            return cast(Township, self.township).judicial_office
        return f"区划{self.area}" if place == "area" else str(getattr(self, place))

    @property
    def starts_on(self) -> date:
        return cast(date, self.term.lower)  # post_term_starts

    @property
    def ends_before(self) -> date | None:
        """The first day that is no longer held; None when open-ended."""
        return self.term.upper
