"""People who sign in. What they may see comes from their posts, a floor above."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone

from lawadvisor.accounts.querysets import UserQuerySet
from lawadvisor.foundation.viewer import Actor


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        """A person who can sign in; ``password`` None makes an account that cannot."""
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person. What he may see and do comes from his posts, and nothing from this row."""

    username = models.CharField("用户名", max_length=50, unique=True)
    name = models.CharField("姓名", max_length=50)
    is_active = models.BooleanField("可登录", default=True)
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
