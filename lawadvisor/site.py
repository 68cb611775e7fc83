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


@login_not_required
def _door(request: HttpRequest) -> HttpResponse:
    """Where the admin sends those it lets not in: to the one login page, or to a clear no."""
    if request.user.is_authenticated:
        raise PermissionDenied
    after = request.GET.get("next", reverse("admin:index"))
    return redirect(f"{reverse('login')}?{urlencode({'next': after})}")


def urls() -> list[URLPattern | URLResolver]:
    """The admin without Django's groups: rights come from posts."""
    site = admin.site
    if site.is_registered(Group):
        site.unregister(Group)
    site.site_header = "一村（社区）一法律顾问 · 后台管理"
    site.site_title = "后台管理"
    site.index_title = "数据查询"
    site.enable_nav_sidebar = False
    return [path("admin/login/", _door), path("admin/", site.urls)]
