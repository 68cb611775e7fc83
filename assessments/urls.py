from django.urls import include, path, register_converter
from django.urls.converters import StringConverter

from assessments import card_views, privacy_pages, views
from assessments.desk import MONTH_CODE
from assessments.enums import ReportKey
from lawadvisor.foundation.periods import Period


class MonthConverter:
    """``2026-10`` in an address, the month itself in the view."""

    regex = MONTH_CODE

    def to_python(self, value: str) -> Period:
        return Period.parse(value)

    def to_url(self, value: Period) -> str:
        return value.code


class ReportConverter:
    regex = "|".join(ReportKey)

    def to_python(self, value: str) -> ReportKey:
        return ReportKey(value)

    def to_url(self, value: ReportKey) -> str:
        return value.value


class PersonConverter(StringConverter):
    """An advisor, with or without an account, or an account of somebody else."""

    regex = "advisor|user"


register_converter(PersonConverter, "person")
register_converter(MonthConverter, "month")
register_converter(ReportConverter, "report")

_BUREAU = "bureau/<slug:code>/<month:month>/"
_TOWNSHIP = "township/<slug:code>/<month:month>/"

urlpatterns = [
    path("", include("assessments.field.urls")),
    path("", include("assessments.review.urls")),
    path("", include("assessments.filling.urls")),
    path("", include("assessments.messages.urls")),
    path("places/", card_views.places, name="places"),
    path("privacy/", privacy_pages.privacy, name="privacy"),
    path("privacy/copy/", privacy_pages.own_copy, name="privacy-own-copy"),
    path("privacy/people/", privacy_pages.people, name="privacy-people"),
    path("privacy/people/<person:kind>/<int:pk>/", privacy_pages.person_copy, name="privacy-copy"),
    path("privacy/client/", privacy_pages.client, name="privacy-client"),
    path("", include("assessments.phone.urls")),
    path("organisation/", card_views.organisation, name="organisation"),
    path("village/<slug:code>/", card_views.village_latest, name="village"),
    path("village/<slug:code>/<month:month>/", card_views.village_month, name="village-month"),
    path("bureau/<slug:code>/", views.bureau_latest, name="bureau"),
    path("bureau/<slug:code>/matrix/", views.bureau_matrix, name="bureau-matrix"),
    path(_BUREAU, views.bureau_month, name="bureau-month"),
    path(f"{_BUREAU}<report:report>/", views.bureau_report, name="bureau-report"),
    path(f"{_BUREAU}<report:report>.json", views.bureau_report_json, name="bureau-report-json"),
    path("township/<slug:code>/", views.township_latest, name="township"),
    path(_TOWNSHIP, views.township_month, name="township-month"),
    path(f"{_TOWNSHIP}<report:report>.json", views.report_json, name="report-json"),
    path("files/<int:pk>/<str:name>", views.download, name="file"),
    path("verdict/<int:pk>/", views.verdict, name="verdict"),
    path("verdict/<int:pk>/annex.pdf", views.verdict_annex, name="verdict-annex"),
    path(
        "running/<slug:code>/<slug:key>/<slug:kind>/<int:pk>/",
        views.running_verdict,
        name="running-verdict",
    ),
]
