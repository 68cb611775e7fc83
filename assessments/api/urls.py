from django.urls import path
from drf_spectacular.views import SpectacularJSONAPIView

from assessments.api import token_views, views
from assessments.api.access import BearerToken, OwnSession, SignedIn
from assessments.field import api as field

app_name = "api"
urlpatterns = [
    path("desk/", views.Home.as_view(), name="desk"),
    path("logs/", views.Logs.as_view(), name="logs"),
    path("logs/batch/", views.Batch.as_view(), name="batch"),
    path("logs/<uuid:number>/", views.OneLog.as_view(), name="log"),
    path("logs/<uuid:number>/withdraw/", views.Withdrawal.as_view(), name="withdraw"),
    path("logs/<uuid:number>/photos/", views.Photos.as_view(), name="photos"),
    path("zero/", views.Zero.as_view(), name="zero"),
    path("requests/", field.Requests.as_view(), name="requests"),
    path("incidents/", field.Incidents.as_view(), name="incidents"),
    path("tokens/", token_views.Tokens.as_view(), name="tokens"),
    path("tokens/<int:pk>/", token_views.OneToken.as_view(), name="token"),
    path(
        "schema/",
        SpectacularJSONAPIView.as_view(
            authentication_classes=(BearerToken, OwnSession), permission_classes=(SignedIn,)
        ),
        name="schema",
    ),
]
