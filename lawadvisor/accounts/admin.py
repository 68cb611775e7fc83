from __future__ import annotations

from django.contrib import admin

from lawadvisor.accounts.models import User
from lawadvisor.foundation.admin import ReadOnlyAdmin


@admin.register(User)
class UserAdmin(ReadOnlyAdmin[User]):
    """Staff see who holds a post in their bureau; never a password, nor its hash."""

    list_display = ("username", "name", "is_active", "last_login")
    list_filter = ("is_active",)
    search_fields = ("username", "name")
    fields = ("username", "name", "is_active", "date_joined", "last_login")
