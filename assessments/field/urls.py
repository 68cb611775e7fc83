from django.urls import path

from assessments.field import incidents, liaison, limits, links, requests, trainings

urlpatterns = [
    path("confirm/<str:token>/", liaison.confirm, name="confirm"),
    path("township/<slug:code>/liaisons/", links.liaisons, name="liaisons"),
    path("requests/", requests.requests, name="requests"),
    path("requests/<int:pk>/", requests.one, name="request"),
    path("village/<slug:code>/lectures/", trainings.lectures, name="lectures"),
    path("trainings/", trainings.trainings, name="trainings"),
    path("incidents/", incidents.incidents, name="incidents"),
    path("incidents/new/", incidents.new, name="incident-new"),
    path("incidents/<int:pk>/", incidents.one, name="incident"),
    path("bureau/<slug:code>/limits/", limits.limits, name="limits"),
    path("village/<slug:code>/liaison/", links.liaison, name="liaison"),
]
