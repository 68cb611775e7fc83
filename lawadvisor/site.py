"""The back office: Django's admin under the portal's own door, in the clerk's own order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.generic import RedirectView

from assessments.home import own_desks
from lawadvisor.accounts.views import Logout
from lawadvisor.foundation.requests import viewer_of
from lawadvisor.foundation.roles import Verb

#: Where a clerk looks for what: headings, each with its lists by ``app.model`` and its pages by
#: their route. What is registered and stands nowhere here comes last, under ``OTHERS``.
PLACES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "顾问和机构",
        ("advisors.advisor", "advisors.organisation", "advisors.serviceteam", "imports"),
    ),
    ("村居", ("villages.village", "villages.township", "villages.bureau", "set-up")),
    ("聘任", ("advisors.appointment", "advisors.absence")),
    ("日志", ("worklogs.servicelog", "worklogs.matter", "worklogs.filing")),
    ("政策", ("assessments.policy", "assessments.policydraft", "assessments.rule")),
    (
        "考核",
        (
            *("assessments.verdict", "assessments.dailycheck"),
            *("assessments.waiver", "assessments.monthclose"),
        ),
    ),
    ("报表", ("assessments.generatedfile",)),
    ("用户", ("accounts.user", "advisors.post", "privacy-people")),
    ("系统", ("foundation.auditentry", "accounts.signin", "foundation.job")),
)
OTHERS = "其他"
#: Pages that are no lists, by the name of their route: what the menu calls them, and for whom.
PAGES: dict[str, tuple[str, Verb]] = {
    "set-up": ("设立司法局", Verb.SET_UP),
    "imports": ("Excel导入导出", Verb.IMPORT),
    "privacy-people": ("个人信息", Verb.ERASE),
}


class BackOffice(admin.AdminSite):
    """Who enters is a matter of his post; Django's own groups and permissions are not used."""

    site_header = "一村（社区）一法律顾问 · 后台管理"
    site_title = "后台管理"
    index_title = "后台首页"
    enable_nav_sidebar = False  # our own menu stands beside every page

    def has_permission(self, request: HttpRequest) -> bool:
        return viewer_of(request).may(Verb.ENTER_BACK_OFFICE)

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[dict[str, Any]]:
        """The menu: ``PLACES`` as far as this viewer may see them."""
        models = {
            f"{app['app_label']}.{model['object_name'].lower()}": model
            for app in self._build_app_dict(request, app_label).values()
            for model in app["models"]
        }
        viewer = viewer_of(request)
        pages = {
            route: {"name": name, "admin_url": reverse(route)}
            for route, (name, verb) in PAGES.items()
            if app_label is None and viewer.may(verb)
        }
        return list(_grouped({**models, **pages}))

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        viewer = viewer_of(request)
        desks = own_desks(viewer=viewer, today=timezone.localdate())
        found = {"desks": desks, "imports": viewer.may(Verb.IMPORT)}
        return super().index(request, {**(extra_context or {}), **found})

    def app_index(  # type: ignore[override]
        self,
        request: HttpRequest,  # noqa: ARG002
        app_label: str,  # noqa: ARG002
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> HttpResponse:
        """Our apps are no place of a clerk's: he is sent to the whole menu."""
        return redirect("admin:index")


def _grouped(models: dict[str, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    named = {label for _, labels in PLACES for label in labels}
    others = tuple(label for label in models if label not in named)
    for number, (heading, labels) in enumerate((*PLACES, (OTHERS, others))):
        found = [models[label] for label in labels if label in models]
        if found:
            yield {
                "name": heading,
                "app_label": f"place-{number}",
                "app_url": reverse("admin:index"),
                "has_module_perms": True,
                "models": found,
            }


@login_not_required
def _door(request: HttpRequest) -> HttpResponse:
    """Where the admin sends those it lets not in: to the one login page, or to a clear no."""
    if request.user.is_authenticated:
        raise PermissionDenied
    after = request.GET.get("next", reverse("admin:index"))
    return redirect(f"{reverse('login')}?{urlencode({'next': after})}")


def urls() -> list[URLPattern | URLResolver]:
    if admin.site.is_registered(Group):
        admin.site.unregister(Group)
    doors = [
        path("admin/login/", _door),
        path("admin/logout/", Logout.as_view()),
        path("admin/password_change/", RedirectView.as_view(pattern_name="account-password")),
    ]
    return [*doors, path("admin/", admin.site.urls)]
