from django.urls import path

from assessments.filling import filled_pages, pages

_FORM, _FILLING = "forms/<int:pk>/", "forms/fillings/<int:pk>/"

urlpatterns = [
    path("bureau/<slug:code>/forms/", pages.forms, name="forms"),
    path(_FORM, pages.form, name="form"),
    path(f"{_FORM}map/", pages.map_form, name="form-map"),
    path(f"{_FORM}renew/", pages.renew, name="form-renew"),
    path(f"{_FORM}fill/", pages.fill, name="form-fill"),
    path(_FILLING, filled_pages.filling, name="filling"),
    path(f"{_FILLING}cells/<int:number>/", filled_pages.cell, name="filling-cell"),
    path(f"{_FILLING}form.xlsx", filled_pages.download, name="filling-file"),
    path(f"{_FILLING}grounds.xlsx", filled_pages.download_grounds, name="filling-grounds"),
]
