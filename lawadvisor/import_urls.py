from django.urls import path

from lawadvisor import import_pages as pages

_BATCH = "imports/<int:pk>/"

urlpatterns = [
    path("imports/", pages.overview, name="imports"),
    path("imports/upload/<slug:kind>/", pages.upload, name="import-upload"),
    path("imports/template/<slug:kind>.xlsx", pages.template, name="import-template"),
    path("imports/export/<slug:kind>/", pages.export, name="import-export"),
    path(_BATCH, pages.batch, name="import-batch"),
    path(f"{_BATCH}marked.xlsx", pages.marked, name="import-marked"),
    path(f"{_BATCH}accept/", pages.accept, name="import-accept"),
    path(f"{_BATCH}confirm/", pages.confirm, name="import-confirm"),
    path(f"{_BATCH}drop/", pages.drop, name="import-drop"),
    path(f"{_BATCH}undo/", pages.undo, name="import-undo"),
    path(f"{_BATCH}retry/", pages.retry, name="import-retry"),
]
