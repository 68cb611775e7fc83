from django.urls import include, path

from lawadvisor import set_up_page, site, views

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("lawadvisor.accounts.urls")),
    path("desks/", views.desks, name="desks"),
    path("feedback/", views.feedback, name="feedback"),
    path("set-up/", set_up_page.set_up, name="set-up"),
    path("api/v1/", include("assessments.api.urls")),
    path("healthz", views.healthz, name="healthz"),
    *site.urls(),
    path("", include("worklogs.urls")),
    path("", include("assessments.urls")),
    path("", include("lawadvisor.import_urls")),
]

handler400 = "lawadvisor.views.bad_request"
handler403 = "lawadvisor.views.refused"
handler404 = "lawadvisor.views.missing"
handler500 = "lawadvisor.views.failed"
