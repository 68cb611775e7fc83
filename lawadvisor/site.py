"""The back office: Django's admin under the portal's own door and name."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.http import urlencode
from django.views.generic import RedirectView

from lawadvisor.accounts.views import Logout
from lawadvisor.foundation.requests import viewer_of
from lawadvisor.foundation.roles import Verb


@login_not_required
def _door(request: HttpRequest) -> HttpResponse:
    """Where the admin sends those it lets not in: to the one login page, or to a clear no."""
    if request.user.is_authenticated:
        raise PermissionDenied
    after = request.GET.get("next", reverse("admin:index"))
    return redirect(f"{reverse('login')}?{urlencode({'next': after})}")


class BackOffice(admin.AdminSite):
    """Who enters is a matter of his post; Django's own groups and permissions are not used."""

    site_header = "一村（社区）一法律顾问 · 后台管理"
    site_title = "后台管理"
    index_title = "数据查询"
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        return viewer_of(request).may(Verb.ENTER_BACK_OFFICE)


def urls() -> list[URLPattern | URLResolver]:
    if admin.site.is_registered(Group):
        admin.site.unregister(Group)
    doors = [
        path("admin/login/", _door),
        path("admin/logout/", Logout.as_view()),
        path("admin/password_change/", RedirectView.as_view(pattern_name="account-password")),
    ]
    return [*doors, path("admin/", admin.site.urls)]
