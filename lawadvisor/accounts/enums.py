"""The choices of the register of sign-ins."""

from __future__ import annotations

from django.db import models


class Outcome(models.TextChoices):
    """What became of a try to sign in, or how a session ended."""

    SUCCESS = "success", "登录成功"
    SINGLE_SIGN_ON = "single_sign_on", "统一身份认证登录成功"
    WRONG = "wrong", "登录名或密码不正确"
    WRONG_CODE = "wrong_code", "动态验证码不正确"
    LOCKED = "locked", "尝试过多，暂停登录"
    DISABLED = "disabled", "账号已停用"
    UNKNOWN_PERSON = "unknown_person", "统一身份认证没有对应的账号"
    LOGOUT = "logout", "退出登录"
    LOGOUT_EVERYWHERE = "logout_everywhere", "退出所有设备"
    TIMEOUT = "timeout", "登录超时"


#: Outcomes that let somebody in.
LET_IN = (Outcome.SUCCESS, Outcome.SINGLE_SIGN_ON)
#: Outcomes that are worth a word to the person at his next sign-in.
REFUSED = (Outcome.WRONG, Outcome.WRONG_CODE, Outcome.LOCKED)
