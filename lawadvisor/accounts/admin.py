from __future__ import annotations

from django.contrib import admin
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from lawadvisor.accounts.models import SignIn, User
from lawadvisor.foundation.admin import ReadOnlyAdmin

# the secrets of the second factor are nobody's to look at
admin.site.unregister((TOTPDevice, StaticDevice))


@admin.register(User)
class UserAdmin(ReadOnlyAdmin[User]):
    """Staff see who holds a post in their bureau; never a password, nor its hash."""

    list_display = ("username", "name", "is_active", "last_login")
    list_filter = ("is_active",)
    search_fields = ("username", "name")
    fields = ("username", "name", "is_active", "date_joined", "last_login")


@admin.register(SignIn)
class SignInAdmin(ReadOnlyAdmin[SignIn]):
    list_display = ("at", "name", "outcome", "address", "agent")
    list_filter = ("outcome", "at")
    search_fields = ("name", "address")
    date_hierarchy = "at"
