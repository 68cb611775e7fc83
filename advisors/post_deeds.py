"""Accounts and posts in the back office: opened, closed, given, ended, handed over."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from advisors import post_forms, posting
from lawadvisor.accounts import services as accounts
from lawadvisor.foundation.office.deeds import Deed, ToTell, offer
from lawadvisor.foundation.roles import Role, Verb
from lawadvisor.foundation.viewer import Actor, Viewer

Typed = dict[str, Any]


def _open(by: Actor, _: Any, typed: Typed) -> Model:
    return posting.open_post(by=by, **typed)


def _end(by: Actor, row: Any, typed: Typed) -> Model:
    return posting.end_post(by=by, post=row, **typed)


def _hand_over(by: Actor, row: Any, typed: Typed) -> Model:
    return posting.hand_over(by=by, post=row, **typed)


def _runs(row: Any) -> bool:
    return row.ends_before is None or row.ends_before > timezone.localdate()


def _may_give(viewer: Viewer, row: Any) -> bool:
    return posting.may_give(viewer, Role(row.role), posting.place_of(row))


_POSTS: dict[str, Any] = {"verb": Verb.KEEP_ACCOUNTS, "allows": _may_give}
offer(
    "advisors.post",
    Deed(
        "new", "设置岗位", _open, "已设置岗位：{}。",
        form=post_forms.PostForm, makes=True, **_POSTS,
    ),
    Deed(
        "hand-over", "移交", _hand_over, "已移交，接任岗位：{}。",
        form=post_forms.HandOverForm, fits=_runs, **_POSTS,
    ),
    Deed(
        "end", "结束岗位", _end, "已结束岗位：{}。",
        form=post_forms.EndPostForm, fits=_runs, bulk="结束所选岗位",
        warning="结束后不能撤回，需要时只能重新设置；原有的工作记录不变。", **_POSTS,
    ),
)  # fmt: skip


# ---------------------------------------------------------------- accounts


def _bureau(row: Any) -> int | None:
    """The one bureau that an account belongs to, for the audit; None for several or none."""
    bureaus = posting.bureaus_of(row)
    return bureaus.pop() if len(bureaus) == 1 else None


@transaction.atomic
def _new_user(by: Actor, _: Any, typed: Typed) -> ToTell:
    """The account and its first post, or neither."""
    user, password = accounts.open_account(
        by=by,
        username=typed.pop("username"),
        name=typed.pop("name"),
        phone=typed.pop("phone"),
        bureau_id=posting.bureau_of(typed["place"]),
    )
    posting.open_post(by=by, user=user, **typed)
    return ToTell(user, "初始密码", password)


def _reset(by: Actor, row: Any, typed: Typed) -> ToTell:
    password = accounts.reset_password(by=by, user=row, bureau_id=_bureau(row), **typed)
    return ToTell(row, "新的初始密码", password)


def _phone(by: Actor, row: Any, typed: Typed) -> None:
    accounts.change_phone(by=by, user=row, bureau_id=_bureau(row), **typed)


def _unlock(by: Actor, row: Any, _: Typed) -> None:
    accounts.unlock(by=by, user=row, bureau_id=_bureau(row))


def _sign_out(by: Actor, row: Any, _: Typed) -> None:
    accounts.sign_out_everywhere(by=by, user=row, bureau_id=_bureau(row))


def _close(by: Actor, row: Any, typed: Typed) -> None:
    accounts.set_active(by=by, user=row, active=False, bureau_id=_bureau(row), **typed)


def _reopen(by: Actor, row: Any, typed: Typed) -> None:
    accounts.set_active(by=by, user=row, active=True, bureau_id=_bureau(row), **typed)


def _remove_factor(by: Actor, row: Any, typed: Typed) -> None:
    accounts.remove_second_factor(by=by, user=row, bureau_id=_bureau(row), **typed)


def _is_open(row: Any) -> bool:
    return bool(row.is_active)


def _is_closed(row: Any) -> bool:
    return not row.is_active


_ACCOUNTS: dict[str, Any] = {"verb": Verb.KEEP_ACCOUNTS, "allows": posting.may_keep}
_WHY: dict[str, Any] = {"form": post_forms.WhyForm, **_ACCOUNTS}
offer(
    "accounts.user",
    Deed(
        "new", "开通用户", _new_user, "已开通{}的账号。",
        form=post_forms.NewUserForm, makes=True, **_ACCOUNTS,
    ),
    Deed(
        "reset", "重置密码", _reset, "已重置{}的密码。", fits=_is_open,
        warning="原密码立即失效，该用户在各处的登录都会退出。", **_WHY,
    ),
    Deed(
        "phone", "修改手机号", _phone, "已修改{}的手机号。",
        form=post_forms.PhoneForm, fits=_is_open, **_ACCOUNTS,
    ),
    Deed("unlock", "解除锁定", _unlock, "已解除锁定，{}可以立即登录。", fits=_is_open, **_ACCOUNTS),
    Deed(
        "sign-out", "全部退出登录", _sign_out, "{}在各处的登录都已退出。", fits=_is_open,
        bulk="所选用户全部退出登录", **_ACCOUNTS,
    ),
    Deed(
        "factor", "取消动态验证码", _remove_factor, "已取消{}的动态验证码。",
        fits=_is_open, **_WHY,
    ),
    Deed(
        "close", "停用", _close, "已停用{}的账号。", fits=_is_open, bulk="停用所选账号",
        warning="停用后立即不能登录；岗位和工作记录不变，以后可以重新启用。", **_WHY,
    ),
    Deed("open", "启用", _reopen, "已启用{}的账号。", fits=_is_closed, **_WHY),
)  # fmt: skip
