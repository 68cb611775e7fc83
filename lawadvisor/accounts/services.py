"""What is done to an account, each with its audit row. Who may do it is asked by the caller."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from lawadvisor.accounts import guard, second_factor
from lawadvisor.accounts.models import User
from lawadvisor.accounts.passwords import one_time_password
from lawadvisor.accounts.rules import as_typed, mobile_in
from lawadvisor.foundation import audit
from lawadvisor.foundation.errors import Conflict, DomainError
from lawadvisor.foundation.roles import Role
from lawadvisor.foundation.viewer import Actor


@transaction.atomic
def open_account(
    *, by: Actor, username: str, name: str, phone: str = "", bureau_id: int | None = None
) -> tuple[User, str]:
    """A new account and its one-time password, to be shown once and handed over.

    It opens one page: the one that asks for a password of one's own. ``phone`` "" can sign in by
    user name only. Raises DomainError for a user name or number that is taken, ValidationError
    for what cannot be stored.
    """
    user = User(username=as_typed(username), name=name, phone=mobile_in(phone) or phone)
    if User.objects.filter(username=user.username).exists():
        raise DomainError("已有使用此用户名的账号，请换一个。", field="username")
    _refuse_taken_number(user)
    password = one_time_password(user)
    user.set_password(password)
    user.must_change_password = True
    user.full_clean()
    user.save()
    opened = {"username": user.username, "phone": str(user.phone)}
    audit.record(by=by, verb="user.create", subject=user, bureau_id=bureau_id, after=opened)
    return user, password


@transaction.atomic
def change_phone(*, by: Actor, user: User, phone: str, bureau_id: int | None = None) -> None:
    """The number by which the user may sign in, "" for none; the audit keeps it masked.

    Raises DomainError for a number that is another account's, ValidationError for no number.
    """
    user = _locked(user)
    _refuse_to_touch(by, user)
    before = str(user.phone)
    user.phone = mobile_in(phone) or phone
    _refuse_taken_number(user)
    user.full_clean()
    user.save(update_fields=("phone",))
    audit.record(
        by=by,
        verb="user.change_phone",
        subject=user,
        bureau_id=bureau_id,
        before={"phone": before},
        after={"phone": str(user.phone)},
    )


@transaction.atomic
def reset_password(*, by: Actor, user: User, bureau_id: int | None = None, reason: str = "") -> str:
    """A one-time password in place of the forgotten one; to be shown once and handed over.

    Every session of the user ends, and what was tried at his account is forgotten. Raises
    DomainError where ``by`` may not touch a system administrator.
    """
    user = _locked(user)
    _refuse_to_touch(by, user)
    password = one_time_password(user)
    user.set_password(password)
    user.must_change_password = True
    user.session_epoch += 1
    user.save()
    guard.clear(user.pk)
    audit.record(
        by=by, verb="user.reset_password", subject=user, bureau_id=bureau_id, reason=reason
    )
    return password


@transaction.atomic
def change_password(*, by: Actor, user: User, password: str) -> User:
    """One's own new password, already validated; all other sessions end with the old one."""
    user = _locked(user)
    user.set_password(password)
    user.must_change_password = False
    user.save()
    audit.record(by=by, verb="user.change_password", subject=user)
    return user


@transaction.atomic
def sign_out_everywhere(*, by: Actor, user: User, bureau_id: int | None = None) -> None:
    """End every session of the user, the running one too, and forget his known browsers."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    audit.record(by=by, verb="user.sign_out_everywhere", subject=user, bureau_id=bureau_id)


@transaction.atomic
def set_active(
    *, by: Actor, user: User, active: bool, bureau_id: int | None = None, reason: str = ""
) -> None:
    """Close or reopen an account. Its sessions end at once, and do not come back with it.

    Raises Conflict where nothing would change, DomainError for one's own account and where
    ``by`` may not touch a system administrator.
    """
    user = _locked(user)
    _refuse_to_touch(by, user)
    if user.pk == by.user_id:
        raise DomainError("不能停用或启用自己的账号，请由其他管理员操作。")
    if user.is_active == active:
        raise Conflict(f"{user.name}的账号已经{'启用' if active else '停用'}。")
    user.is_active = active
    user.session_epoch += 1
    user.save(update_fields=("is_active", "session_epoch"))
    audit.record(
        by=by,
        verb="user.open" if active else "user.close",
        subject=user,
        bureau_id=bureau_id,
        before={"is_active": not active},
        after={"is_active": active},
        reason=reason,
    )


@transaction.atomic
def unlock(*, by: Actor, user: User, bureau_id: int | None = None) -> None:
    """Let a locked account be tried again at once, whoever locked it."""
    guard.clear(user.pk)
    audit.record(by=by, verb="user.unlock", subject=user, bureau_id=bureau_id)


@transaction.atomic
def set_up_second_factor(*, by: Actor, user: User, code: str) -> list[str]:
    """Prove the device that was begun; the spare codes, shown once. All sessions end.

    The caller carries his own session over. Raises DomainError for a wrong code.
    """
    codes = second_factor.confirm(user, code)
    if codes is None:
        raise DomainError("验证码不正确，请核对手机时间后，输入新的6位验证码。", field="code")
    _end_sessions(user)
    audit.record(by=by, verb="user.set_up_second_factor", subject=user)
    return codes


@transaction.atomic
def renew_spare_codes(*, by: Actor, user: User) -> list[str]:
    codes = second_factor.new_spare_codes(user)
    audit.record(by=by, verb="user.renew_spare_codes", subject=user)
    return codes


@transaction.atomic
def remove_second_factor(
    *, by: Actor, user: User, bureau_id: int | None = None, reason: str = ""
) -> None:
    """By oneself, or by the bureau for a lost phone. Raises Conflict where none is set up."""
    _refuse_to_touch(by, user)
    if not second_factor.remove(user):
        raise Conflict(f"{user.name}没有启用动态验证码。")
    audit.record(
        by=by, verb="user.remove_second_factor", subject=user, bureau_id=bureau_id, reason=reason
    )


def _refuse_taken_number(user: User) -> None:
    others = User.objects.exclude(pk=user.pk)
    if user.phone and others.filter(phone__is=user.phone.reveal()).exists():
        raise DomainError("这个手机号已用于另一个账号，请核对。", field="phone")


def _locked(user: User) -> User:
    return User.objects.select_for_update().get(pk=user.pk)


def _end_sessions(user: User) -> None:
    user.session_epoch = _locked(user).session_epoch + 1
    user.save(update_fields=("session_epoch",))


def _refuse_to_touch(by: Actor, user: User) -> None:
    """A clerk who resets an administrator's password would be one himself."""
    if by.user_id in (None, user.pk):
        return
    administrators = User.objects.filter(posts__role=Role.SYSTEM_ADMIN)
    if not administrators.filter(pk=user.pk).exists():
        return
    if not administrators.filter(
        pk=by.user_id, posts__term__contains=timezone.localdate()
    ).exists():
        raise DomainError("系统管理员的账号只能由系统管理员处理。")
