from __future__ import annotations

from django.contrib import admin
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from lawadvisor.accounts.models import SignIn, User
from lawadvisor.foundation.admin import ReadOnlyAdmin
from lawadvisor.foundation.office.filters import by_month
from lawadvisor.foundation.roles import Thing

# the secrets of the second factor are nobody's to look at
admin.site.unregister((TOTPDevice, StaticDevice))


@admin.register(User)
class UserAdmin(ReadOnlyAdmin[User]):
    """Staff see who holds a post in their bureau; never a password, nor its hash."""

    list_display = ("name", "username", "is_active", "last_login")
    list_filter = ("is_active",)
    search_fields = ("username", "name")
    search_help_text = "姓名、用户名、完整手机号"
    exact_search = ("phone__is",)
    exact_needs = Thing.ACCOUNTS
    facts = (
        *("name", "username", "phone", "is_active", "must_change_password"),
        *("last_login", "password_changed_at", "date_joined"),
    )
    export_columns = ("phone", "date_joined")


@admin.register(SignIn)
class SignInAdmin(ReadOnlyAdmin[SignIn]):
    list_display = ("at", "name", "outcome", "address", "agent")
    list_filter = (by_month("at"), "outcome")
    search_fields = ("name", "address")
    search_help_text = "登录名、来源地址"
    has_history = False
