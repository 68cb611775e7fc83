from __future__ import annotations

from django.contrib import admin
from django.db.models import Q, QuerySet

from lawadvisor.accounts.models import Post, User
from lawadvisor.foundation.admin import ReadOnlyAdmin
from lawadvisor.foundation.viewer import Viewer


def _in_bureaus(viewer: Viewer, prefix: str = "") -> Q:
    return Q((f"{prefix}bureau__in", viewer.bureaus)) | Q(
        (f"{prefix}township__bureau__in", viewer.bureaus)
    )


@admin.register(User)
class UserAdmin(ReadOnlyAdmin[User]):
    """Staff see who holds a post in their bureau; never a password, nor its hash."""

    bureau_path = "posts"
    list_display = ("username", "name", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff")
    search_fields = ("username", "name")
    fields = ("username", "name", "is_active", "is_staff", "date_joined", "last_login")

    def of_bureaus(self, found: QuerySet[User], viewer: Viewer) -> QuerySet[User]:
        return found.filter(_in_bureaus(viewer, "posts__")).distinct()


@admin.register(Post)
class PostAdmin(ReadOnlyAdmin[Post]):
    bureau_path = "bureau"
    list_display = ("user", "role", "bureau", "township", "term")
    list_filter = ("role",)
    list_select_related = ("user", "bureau", "township")
    search_fields = ("user__name", "user__username")

    def of_bureaus(self, found: QuerySet[Post], viewer: Viewer) -> QuerySet[Post]:
        return found.filter(_in_bureaus(viewer))
