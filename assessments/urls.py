from django.urls import include, path, register_converter
from django.urls.converters import StringConverter

from assessments import card_views, paper_pages, privacy_pages, views
from assessments.desk import MONTH_CODE
from assessments.enums import FileFormat, PaperKey, ReportKey
from assessments.reports import DESK_PAPERS, PREVIEWED
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
        return str(value)


class AnyPeriodConverter:
    """``2026-10``, ``2026-Q4``, ``2026-H2`` or ``2026``."""

    regex = rf"{MONTH_CODE}|20[0-9]{{2}}(?:-Q[1-4]|-H[12])?"

    def to_python(self, value: str) -> Period:
        return Period.parse(value)

    def to_url(self, value: Period) -> str:
        return value.code


class AskedConverter:
    """A paper that is made when it is asked for, or one of a close before its time."""

    regex = "|".join((*DESK_PAPERS, *PREVIEWED))

    def to_python(self, value: str) -> PaperKey | ReportKey:
        return PaperKey(value) if value in PaperKey.values else ReportKey(value)

    def to_url(self, value: PaperKey | ReportKey) -> str:
        return str(value)


class FormConverter:
    regex = "|".join((FileFormat.PDF, FileFormat.XLSX))

    def to_python(self, value: str) -> FileFormat:
        return FileFormat(value)

    def to_url(self, value: FileFormat) -> str:
        return str(value)


class PersonConverter(StringConverter):
    """An advisor, with or without an account, or an account of somebody else."""

    regex = "advisor|user"


register_converter(PersonConverter, "person")
register_converter(MonthConverter, "month")
register_converter(ReportConverter, "report")
register_converter(AnyPeriodConverter, "period")
register_converter(AskedConverter, "asked")
register_converter(FormConverter, "form")

_BUREAU = "bureau/<slug:code>/<month:month>/"
_TOWNSHIP = "township/<slug:code>/<month:month>/"
_ASKED = "<period:period>/paper/<asked:key>"

urlpatterns = [
    path("", include("assessments.field.urls")),
    path("", include("assessments.review.urls")),
    path("", include("assessments.journals.urls")),
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
    path(f"{_TOWNSHIP}<report:report>/", views.township_report, name="township-report"),
    path(f"bureau/<slug:code>/{_ASKED}/", paper_pages.bureau_page, name="bureau-paper"),
    path(
        f"bureau/<slug:code>/{_ASKED}.<form:form>",
        paper_pages.bureau_file,
        name="bureau-paper-file",
    ),
    path(f"{_BUREAU}papers.zip", paper_pages.bureau_bundle, name="bureau-bundle"),
    path(f"township/<slug:code>/{_ASKED}/", paper_pages.township_page, name="township-paper"),
    path(
        f"township/<slug:code>/{_ASKED}.<form:form>",
        paper_pages.township_file,
        name="township-paper-file",
    ),
    path("check/<str:code>/", paper_pages.check, name="paper-check"),
    path("files/<int:pk>/<str:name>", views.download, name="file"),
    path("verdict/<int:pk>/", views.verdict, name="verdict"),
    path("verdict/<int:pk>/annex.pdf", views.verdict_annex, name="verdict-annex"),
    path(
        "running/<slug:code>/<slug:key>/<slug:kind>/<int:pk>/",
        views.running_verdict,
        name="running-verdict",
    ),
]
