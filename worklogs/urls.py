from django.urls import path

from worklogs import views

urlpatterns = [
    path("matters/<int:pk>/", views.matter, name="matter"),
    path("matters/<int:pk>/unseal/<slug:thing>/", views.open_seal, name="matter-unseal"),
    path("attachments/<int:pk>/", views.attachment, name="attachment"),
    path("attachments/<int:pk>/small/", views.small_photo, name="small-photo"),
]
