"""People who sign in, and the posts that give them a desk."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import (
    AbstractBaseUser,
    BaseUserManager,
    PermissionsMixin,
)
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models.functions import Coalesce
from django.utils import timezone

from lawadvisor.foundation.viewer import Actor, Role
from villages.models import Bureau, Township


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        """A person who can sign in; ``password`` None makes an account that cannot."""
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> User:
        """A system administrator, with the post from today on: without it he would see nothing."""
        with transaction.atomic(using=self._db):
            user = self.create_user(username, password, is_staff=True, is_superuser=True, **fields)
            Post.objects.using(self._db).create(
                user=user, role=Role.SYSTEM_ADMIN, term=DateRange(timezone.localdate(), None)
            )
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person. What he may see comes from his posts, not from this row."""

    username = models.CharField("用户名", max_length=50, unique=True)
    name = models.CharField("姓名", max_length=50)
    is_active = models.BooleanField("可登录", default=True)
    is_staff = models.BooleanField("可进后台", default=False)
    is_demo = models.BooleanField("演示账号", default=False, editable=False)
    date_joined = models.DateTimeField("开通时间", default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ("name",)  # type: ignore[assignment]

    class Meta:
        verbose_name = "用户"
        verbose_name_plural = "用户"
        ordering = ("username",)
        constraints = (
            models.CheckConstraint(
                name="user_name_not_blank",
                condition=~models.Q(name__regex=r"^\s*$"),
                violation_error_message="请填写姓名。",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def as_actor(self, address: str = "") -> Actor:
        return Actor(user_id=self.pk, name=self.name, address=address)


#: Roles that are given by a post; an advisor's desk comes from his Advisor row.
POST_ROLES = (Role.SYSTEM_ADMIN, Role.BUREAU, Role.JUDICIAL_OFFICE, Role.TOWNSHIP)
TOWNSHIP_ROLES = (Role.JUDICIAL_OFFICE, Role.TOWNSHIP)


class Post(models.Model):
    """User × role × place for a term, half-open; ``term.upper`` None is open-ended."""

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
    term = DateRangeField("任期")

    class Meta:
        verbose_name = "岗位"
        verbose_name_plural = "岗位"
        ordering = ("user", "id")
        constraints = (
            models.CheckConstraint(
                name="post_place_fits_role",
                condition=models.Q(
                    role=Role.SYSTEM_ADMIN, bureau__isnull=True, township__isnull=True
                )
                | models.Q(role=Role.BUREAU, bureau__isnull=False, township__isnull=True)
                | models.Q(role__in=TOWNSHIP_ROLES, bureau__isnull=True, township__isnull=False),
                violation_error_message="司法局岗位须选司法局，司法所和镇街岗位须选镇街。",
            ),
            models.CheckConstraint(
                name="post_term_starts",
                condition=models.Q(term__startswith__isnull=False, term__isempty=False),
                violation_error_message="任期须有起始日，且止日在起始日之后。",
            ),
            ExclusionConstraint(
                name="post_same_desk_once",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    (Coalesce("bureau", 0), RangeOperators.EQUAL),
                    (Coalesce("township", 0), RangeOperators.EQUAL),
                    ("term", RangeOperators.OVERLAPS),
                ],
                violation_error_message="该用户在此任期内已有同一岗位。",
            ),
        )

    def __str__(self) -> str:
        place = self.township or self.bureau
        return f"{self.user} {self.get_role_display()}{f' {place}' if place else ''}"
