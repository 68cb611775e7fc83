"""People who sign in. What they may see comes from their posts, a floor above."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac

from lawadvisor.accounts import rules
from lawadvisor.accounts.enums import Outcome
from lawadvisor.accounts.querysets import SignInQuerySet, UserQuerySet
from lawadvisor.foundation.models import append_only
from lawadvisor.foundation.secrets import SecretHash, SecretPhoneField
from lawadvisor.foundation.viewer import Actor


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]
    def named(self, typed: str) -> User | None:
        """Whose user name or phone number was typed at the door; None for nobody's."""
        name = rules.as_typed(typed)
        if not name.isprintable():
            return None
        found: User | None = self.filter(username=name).first()
        if found is None and rules.mobile_in(name):
            found = self.filter(phone__is=name).first()
        return found

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
    phone = SecretPhoneField("手机号", max_length=20, blank=True, validators=[rules.require_mobile])
    is_active = models.BooleanField("可登录", default=True)
    is_demo = models.BooleanField("演示账号", default=False, editable=False)
    date_joined = models.DateTimeField("开通时间", default=timezone.now, editable=False)
    must_change_password = models.BooleanField("须修改密码", default=False, editable=False)
    password_changed_at = models.DateTimeField("密码修改时间", null=True, editable=False)
    session_epoch = models.PositiveIntegerField("登录批次", default=0, editable=False)

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
            models.UniqueConstraint(
                SecretHash("phone"),
                name="user_phone_once",
                condition=~models.Q(phone=""),
                violation_error_message="这个手机号已用于另一个账号，请核对。",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(raw_password)
        self.password_changed_at = timezone.now()

    def get_session_auth_hash(self) -> str:
        """Of password and epoch: when either changes, every session of this user is dead."""
        return self._hash_of_session(settings.SECRET_KEY)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        for key in settings.SECRET_KEY_FALLBACKS:
            yield self._hash_of_session(key)

    def _hash_of_session(self, key: str | bytes) -> str:
        text = f"{self.password} {self.session_epoch}"
        return salted_hmac("lawadvisor.accounts.session", text, secret=key).hexdigest()

    def clean(self) -> None:
        super().clean()
        if rules.mobile_in(self.username):  # else it could bar the number's owner from signing in
            raise ValidationError({"username": "用户名不能是手机号，请填在“手机号”一栏。"})

    def as_actor(self, address: str = "") -> Actor:
        return Actor(user_id=self.pk, name=self.name, address=address)


class PastPassword(models.Model):
    """The hash of a password that a user has or had, so that it is not taken again."""

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="past_passwords", verbose_name="用户"
    )
    password = models.CharField("密码摘要", max_length=128)

    class Meta:
        verbose_name = "曾用密码"
        verbose_name_plural = "曾用密码"
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.user} {self.pk}"


class TryCount(models.Model):
    """How often something was tried of late: see ``guard``. ``until`` None is not locked.

    ``key`` never holds what was typed: an account by its number, a name that is no account's
    by a keyed hash. ``tried_at`` are the newest tries, ``rounds`` the locks in a row.
    """

    key = models.CharField("标识", max_length=100, unique=True)
    tried_at = ArrayField(models.DateTimeField(), verbose_name="尝试时间", default=list)
    rounds = models.PositiveSmallIntegerField("连续暂停次数", default=0)
    until = models.DateTimeField("暂停至", null=True)
    changed_at = models.DateTimeField("最近一次变动", db_index=True)

    class Meta:
        verbose_name = "登录尝试"
        verbose_name_plural = "登录尝试"
        ordering = ("id",)

    def __str__(self) -> str:
        return self.key


class ApiToken(models.Model):
    """A program's way in for a person: see ``tokens``. ``used_at`` None: never yet."""

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="api_tokens", verbose_name="用户"
    )
    name = models.CharField("名称", max_length=50)
    digest = models.CharField("令牌摘要", max_length=64, unique=True)
    session_hash = models.CharField("登录批次摘要", max_length=64)
    created_at = models.DateTimeField("发放时间", auto_now_add=True)
    expires_at = models.DateTimeField("失效时间")
    used_at = models.DateTimeField("最近使用", null=True)

    class Meta:
        verbose_name = "接口令牌"
        verbose_name_plural = "接口令牌"
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name


class SignIn(models.Model):
    """登录日志: one line per try, and per end of a session. Values only, as in AuditEntry.

    ``user_id`` None: what was typed is no account; ``name`` is then masked, for people type
    passwords and phone numbers there.
    """

    at = models.DateTimeField("时间", auto_now_add=True, db_index=True)
    user_id = models.BigIntegerField("用户编号", null=True, db_index=True)
    name = models.CharField("登录名", max_length=50, blank=True)
    outcome = models.CharField("结果", max_length=20, choices=Outcome.choices)
    address = models.CharField("来源地址", max_length=45, blank=True)
    agent = models.CharField("浏览器", max_length=200, blank=True)

    objects = SignInQuerySet.as_manager()

    class Meta:
        verbose_name = "登录日志"
        verbose_name_plural = "登录日志"
        ordering = ("-id",)
        triggers = append_only("sign_in")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.name} {self.get_outcome_display()}"
