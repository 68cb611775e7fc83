"""What is typed at the door and on one's own account."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest

from lawadvisor.accounts.backends import is_password_of
from lawadvisor.accounts.models import User


class LoginForm(AuthenticationForm):
    """Says the same whether the name, the password or the account is wrong."""

    error_messages = {
        "invalid_login": "用户名、手机号或密码不正确，请核对后再试。忘记密码请联系司法局重新设置。",
        "inactive": "用户名、手机号或密码不正确，请核对后再试。忘记密码请联系司法局重新设置。",
    }
    #: What was typed when the session had ended: see sessions.keep.
    kept = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "用户名或手机号"
        missing = {"username": "请填写用户名或手机号。", "password": "请填写密码。"}
        for name, sentence in missing.items():
            field = self.fields[name]
            field.error_messages["required"] = sentence
            field.widget.attrs["required"] = False
        self.fields["password"].widget = forms.PasswordInput(
            attrs={"autocomplete": "current-password"}
        )


class CodeForm(forms.Form):
    """The second step: six digits, or a spare code."""

    code = forms.CharField(
        label="验证码",
        max_length=20,
        error_messages={"required": "请填写验证码。"},
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autofocus": True, "required": False}
        ),
    )
    kept = forms.CharField(required=False, widget=forms.HiddenInput)


class PasswordForm(forms.Form):
    """One's own password: the old one, and a new one twice."""

    old = forms.CharField(
        label="现在的密码",
        strip=False,
        error_messages={"required": "请填写现在的密码。"},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label="新密码",
        strip=False,
        error_messages={"required": "请填写新密码。"},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="再输入一次新密码",
        strip=False,
        error_messages={"required": "请再输入一次新密码。"},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: User, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.request = user, request
        self.use_required_attribute = False

    def clean_new(self) -> str:
        new: str = self.cleaned_data["new"]
        validate_password(new, self.user)
        return new

    def clean(self) -> dict[str, Any]:
        """Raises guard.Locked: the old password is counted like one at the door."""
        found = self.cleaned_data
        if "new" in found and "again" in found and found["new"] != found["again"]:
            self.add_error("again", "两次输入的新密码不一致，请重新输入。")
        # last, so that a slip with the new password costs no try
        if not self.errors and not is_password_of(self.user, found["old"], self.request):
            self.add_error("old", "现在的密码不正确。")
        return found
